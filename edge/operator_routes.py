"""What every service answers to those who run and check it: parked, refused, read models.

For operators and auditors; nothing here opens personal data.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from edge.door import Accepted, Door, House, ReadDoor
from edge.operations import Operations, RefusedShown, StreamToRetry, StreamToSkip
from edge.permission import may
from edge.refusals import NotFound
from edge.routes import Routes
from eventing.parked import NothingIsParked

ModelName = Annotated[str, Path(max_length=100)]

SHOWN_MAX = 200
OPERATOR, AUDITOR = "operator", "auditor"


class ParkedShown(BaseModel):
    """`error` is that of the first record; the others of the stream wait behind it."""

    consumer: str
    source: str
    stream: str
    first_position: int
    last_position: int
    records: int
    error: str
    attempts: int
    parked_at: datetime


class ReadModelShown(BaseModel):
    """`positions`: how far it has come in each service's log."""

    name: str
    version: int
    private: bool
    positions: dict[str, int]


class DigestShown(BaseModel):
    """SHA-256, hex, over the rows in key order, as they are at exactly these positions."""

    name: str
    version: int
    digest: str
    positions: dict[str, int]


def operator_routes(house: House, operations: Operations) -> Routes:
    routes = Routes(tag="operating", waits=False)
    models = {model.name: model for model in house.read_models}

    @routes.query("/parked", may=may("operating.parked", OPERATOR, AUDITOR, anywhere=True))
    async def show_parked(door: ReadDoor) -> list[ParkedShown]:
        """Streams that a consumer could not go on with, and why."""
        del door
        return [ParkedShown(**asdict(stream)) for stream in await operations.parked()]

    @routes.command(
        "POST",
        "/parked/retry",
        judges=None,
        may=may("operating.retry", OPERATOR, anywhere=True),
        refuses=[NothingIsParked],
    )
    async def retry(body: StreamToRetry, door: Door) -> Accepted:
        """Give a parked stream to its consumer again."""
        return _accepted(house, await operations.retry(body, door.context))

    @routes.command(
        "POST",
        "/parked/skip",
        judges=None,
        may=may("operating.skip", OPERATOR, anywhere=True),
        refuses=[NothingIsParked],
    )
    async def skip(body: StreamToSkip, door: Door) -> Accepted:
        """Leave records out of a consumer, with a reason that stays; go on behind them."""
        return _accepted(house, await operations.skip(body, door.context))

    @routes.query("/refused", may=may("operating.refused", OPERATOR, AUDITOR, anywhere=True))
    async def show_refused(door: ReadDoor) -> list[RefusedShown]:
        """Reactions that a rule refused, newest first: each waits for a person."""
        del door
        return list(await operations.refused(SHOWN_MAX))

    @routes.query(
        "/read-models", may=may("operating.read-models", OPERATOR, AUDITOR, anywhere=True)
    )
    async def show_read_models(door: ReadDoor) -> list[ReadModelShown]:
        return [
            ReadModelShown(
                name=model.name,
                version=model.version,
                private=model.private,
                positions=dict(await door.rows.positions(model)),
            )
            for model in models.values()
        ]

    @routes.query(
        "/read-models/{name}/digest",
        may=may("operating.digest", AUDITOR, anywhere=True),
        waits=True,
    )
    async def show_digest(
        name: Annotated[str, Path(max_length=100)], door: ReadDoor
    ) -> DigestShown:
        """The digest that a replay of the published stream to the same positions must give.

        Private models have none: what they hold is opened, and may differ where keys are gone.
        """
        model = models.get(name)
        if model is None or model.private:
            raise NotFound
        await door.fresh(model)
        digest, positions = await operations.digest(model)
        return DigestShown(
            name=name, version=model.version, digest=digest, positions=dict(positions)
        )

    return routes


def _accepted(house: House, position: int) -> Accepted:
    return Accepted(positions={house.service: position})
