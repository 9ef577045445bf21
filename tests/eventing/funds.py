"""A read model of two services, to be kept, rebuilt, parked and compared."""

import dataclasses
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import FundEntryBooked, FundOpened
from contracts.registry import UnitEstablished
from eventing.read_model import ReadModel, keyed


class FundRow(Struct, frozen=True):
    """`units` and `unit_since` come from the registry, all else from donations."""

    fund_id: UUID
    name: str | None
    state: Literal["heard-of", "open"]
    opened_at: datetime | None
    papers: tuple[str, ...]
    counts: dict[str, int]
    units: tuple[UUID, ...]


Spoilt = ("spoils the fold", "spoils the row")


def the_unit_above(recorded):
    return [recorded.event.parent_id]


def apply(row, key, recorded):
    row = row or FundRow(key, None, "heard-of", None, (), {}, ())
    match recorded.event:
        case FundOpened() as fund:
            if fund.name == "closed":
                return None
            return replace(row, name=fund.name, state="open", opened_at=fund.happened_at)
        case FundEntryBooked() as entry:
            if entry.paper == "spoils the fold":
                raise KeyError(entry.paper)
            paper = "\x00" if entry.paper == "spoils the row" else entry.paper
            counts = row.counts | {paper[:1]: row.counts.get(paper[:1], 0) + 1}
            return replace(row, papers=(*row.papers, paper), counts=counts)
        case UnitEstablished() as unit:
            return replace(row, units=(*row.units, unit.unit_id))
    raise AssertionError(recorded)


def handlers(*events, fold=apply):
    return tuple(
        keyed(event, fold, keys=the_unit_above if event is UnitEstablished else None)
        for event in events
    )


def funds_model(**changes):
    model = ReadModel(
        name="funds",
        row=FundRow,
        key=("fund_id",),
        handlers=handlers(FundOpened, FundEntryBooked),
        indexes=(("state",),),
    )
    return dataclasses.replace(model, **changes)


class PaperRow(Struct, frozen=True):
    fund_id: UUID
    paper: str
    times: int


def count_paper(row, key, recorded):
    fund_id, paper = key
    return PaperRow(fund_id, paper, (row.times if row else 0) + 1)


papers_model = ReadModel(
    name="papers",
    row=PaperRow,
    key=("fund_id", "paper"),
    handlers=(keyed(FundEntryBooked, count_paper),),
)
