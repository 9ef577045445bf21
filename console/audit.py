"""`vongtay audit`: what an auditor does on a laptop, with an export and public keys.

Exit codes: 0 all is as it should be, 1 a fault or a difference was found, 2 it could not be told.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from audit import verify as checking
from audit.export import Export
from audit.report import Digest
from audit.report import report as write_report
from console.audit_options import (
    FAULT_EXIT_CODE,
    NO_FILES,
    NONE,
    TROUBLE_EXIT_CODE,
    AsJson,
    Checkpoints,
    ExportPath,
    Kafka,
    KafkaPassword,
    Keys,
    Witnesses,
    as_program_reads,
    explained,
    kafka_access,
    keys_in,
    notes_from,
    place_in,
    told,
)
from console.replay import Proven, from_export, heads, log_keys_of, positions_in
from console.replay import digests as digests_of
from console.shown_verdict import as_json, show_digests, show_verdict
from console.taking_home import from_kafka as from_kafka_home
from console.taking_home import over_http
from eventing.kafka_access import KafkaAccess
from notary.keys import LogKeys

PLACES_SHOWN_MAX = 20


@explained()
def verify(
    export: ExportPath,
    *,
    key: Keys = NONE,
    witness_key: Witnesses = NONE,
    checkpoint: Checkpoints = NO_FILES,
    rebuild: Annotated[
        bool, typer.Option("--replay", help="Rebuild every open read model as well.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="A page to print and sign, HTML.")] = None,
    as_json_: AsJson = False,
) -> None:
    """Check leaf hashes, tree, signatures, order, schemas; name what was altered and where.

    Ends with 2 where no fault was found, but not every log could be held against what was signed.
    """
    outside = notes_from(checkpoint)
    manifest = Export(export).manifest
    with told({log.service: log.size for log in manifest.logs}) as tell:
        verdict = checking.verify(
            export,
            outside=outside,
            keys=keys_in(key),
            witnesses=keys_in(witness_key),
            told=tell,
        )
    digests: list[Digest] = []
    if rebuild and verdict.holds:
        make_source = from_export(Export(export))
        digests = asyncio.run(digests_of(make_source, positions_in(export)))
    if report is not None:
        now = datetime.now(UTC)
        page = write_report(export.name, manifest.exported_at, verdict, digests, now)
        report.write_text(page, "utf-8")
    if as_json_:
        print(as_program_reads(as_json(verdict, digests)))
    else:
        show_verdict(verdict, Console())
        show_digests(digests)
    if not verdict.holds:
        raise typer.Exit(FAULT_EXIT_CODE)
    if not verdict.is_signed:
        raise typer.Exit(TROUBLE_EXIT_CODE)


@explained()
def replay(
    export: Annotated[
        Path | None, typer.Argument(exists=True, help="An export's folder; or else --kafka.")
    ] = None,
    *,
    kafka: Kafka = None,
    kafka_password_file: KafkaPassword = None,
    key: Keys = NONE,
    at: Annotated[
        list[str], typer.Option("--at", help="A position to stop at, as registry:812.")
    ] = NONE,
    as_json_: AsJson = False,
) -> None:
    """Rebuild every open read model in memory, and print each digest with its positions.

    From Kafka, with the logs' keys, up to where a log has signed and nothing else; without them
    what is on the topics is taken as it is. An export is proven by `vongtay audit verify`.
    """
    if (export is None) == (kafka is None):
        raise typer.BadParameter("either an export or --kafka")
    if export is not None and key:
        raise typer.BadParameter("an export is held against keys by `vongtay audit verify`")
    access = kafka_access(kafka, kafka_password_file)
    stops = dict(map(place_in, at))
    altered: dict[str, None] = {}
    if export:
        make_source = from_export(Export(export), altered.setdefault)
        digests = asyncio.run(digests_of(make_source, positions_in(export) | stops))
    else:
        assert access is not None, "one of the two is given"
        digests = asyncio.run(_replayed_from_kafka(access, log_keys_of(keys_in(key)), stops))
    if as_json_:
        print(as_program_reads([asdict(each) for each in digests]))
    else:
        show_digests(digests)
    if altered:
        places = ", ".join(islice(altered, PLACES_SHOWN_MAX))
        places += "…" if len(altered) > PLACES_SHOWN_MAX else ""
        sys.stderr.write(f"✗ {places}: bản ghi bị sửa · altered: `vongtay audit verify`\n")
        raise typer.Exit(FAULT_EXIT_CODE)


def _how_proven(signed: int | None) -> str:
    if signed is None:
        return "không kiểm chữ ký: chưa đưa khóa (--key) · not proven: no key was given (--key)"
    return f"khớp chữ ký đến {signed} · as signed up to {signed}"


async def _replayed_from_kafka(
    access: KafkaAccess, keys: Mapping[str, LogKeys], places: Mapping[str, int]
) -> list[Digest]:
    proven = Proven(access, keys)
    signed = await proven.read_checkpoints() if keys else {}
    positions = await heads(access) | dict(signed) | dict(places)
    for service, position in sorted(positions.items()):
        if position or service in signed:
            sys.stderr.write(f"{service}: {_how_proven(signed.get(service))}\n")
    return await digests_of(proven.make_source(positions), positions)


@explained()
def export(  # noqa: PLR0913 - each is something else that an auditor may want to say
    folder: Annotated[Path, typer.Argument(help="Where to; an export there is gone on with.")],
    *,
    kafka: Kafka = None,
    kafka_password_file: KafkaPassword = None,
    url: Annotated[
        list[str], typer.Option("--url", help="A service's address: registry=http://… Repeat.")
    ] = NONE,
    token_file: Annotated[
        Path | None, typer.Option(exists=True, help="An auditor's token, for records by --url.")
    ] = None,
    origin: Annotated[str | None, typer.Option(help="The logs' origin, if none is signed.")] = None,
    key: Keys = NONE,
    uncompressed: Annotated[bool, typer.Option("--uncompressed", help="Plain files.")] = False,
    as_json_: AsJson = False,
) -> None:
    """Take the logs home: records, checkpoints, keys, tiles. Repeat to go on."""
    if not url and not kafka:
        raise typer.BadParameter("--kafka, or --url, or both: then --url gives keys and tiles")
    access = kafka_access(kafka, kafka_password_file)
    urls = dict(map(_service_url, url))
    token = token_file.read_text("utf-8").strip() if token_file else None
    with told({}) as tell:
        if access:
            coming = from_kafka_home(
                folder, access, origin, keys_in(key), urls, tell, compressed=not uncompressed
            )
            asyncio.run(coming)
        else:
            over_http(folder, urls, token, origin, tell, compressed=not uncompressed)
        sizes = {log.service: log.size for log in Export(folder).manifest.logs}
    if as_json_:
        print(json.dumps(sizes))
        return
    for service, size in sizes.items():
        print(f"{service:<14} {size}")


def _service_url(text: str) -> tuple[str, str]:
    service, separator, url = text.partition("=")
    if not separator or not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"{text} is not such as registry=https://…")
    return service, url
