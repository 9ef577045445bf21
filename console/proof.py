"""The proof: every open read model, rebuilt from the stream alone, has the live digest."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from console.season.client import Client
from eventing.kafka_source import KafkaSource
from eventing.read_model import ReadModel
from eventing.replay import replay


@dataclass(frozen=True, slots=True)
class Compared:
    """One read model's digest as it is served, and as replayed to the same positions."""

    service: str
    name: str
    live: str
    replayed: str
    positions: dict[str, int]

    @property
    def same(self) -> bool:
        return self.live == self.replayed


def read_models_of(service: str) -> Sequence[ReadModel[Any, Any]]:
    models: Sequence[ReadModel[Any, Any]] = importlib.import_module(
        f"services.{service}.read_models"
    ).READ_MODELS
    return models


async def compare(client: Client, auditor: UUID) -> list[Compared]:
    """Ask each service for its digests and replay its read models from Kafka."""
    kafka = client.addresses.kafka.access
    compared: list[Compared] = []
    for service in client.addresses.services:
        models = [model for model in read_models_of(service) if not model.private]
        live = {
            model.name: await client.query(service, f"/read-models/{model.name}/digest", by=auditor)
            for model in models
        }
        upto = {name: shown["positions"] for name, shown in live.items()}
        replayed = await replay(service, models, lambda source: KafkaSource(source, kafka), upto)
        compared += [
            Compared(service, name, shown["digest"], replayed[name].digest, shown["positions"])
            for name, shown in live.items()
        ]
    return compared


def show_proof(compared: Sequence[Compared], console: Console) -> None:
    table = Table(title="Dựng lại từ luồng công bố · rebuilt from the published stream alone")
    for heading in ("", "SHA-256", "Vị trí · positions", ""):
        table.add_column(heading)
    for each in compared:
        positions = " ".join(f"{name}:{at}" for name, at in sorted(each.positions.items()))
        verdict = "giống · same" if each.same else f"KHÁC · DIFFERS: {each.replayed[:16]}…"
        table.add_row(f"{each.service}.{each.name}", f"{each.live[:16]}…", positions, verdict)
    console.print(table)
