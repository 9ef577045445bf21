"""The rules that a programme goes by on a day, whichever service asks.

A service knows a programme by its id from the registry's events; its pack is found by its code.
"""

from datetime import date
from uuid import UUID

from msgspec import Struct

from contracts.registry import ProgrammeStarted
from eventing.decider import Rejection
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded
from eventing.rows import Rows
from programmes import packs
from programmes.rules import Rules


class ProgrammeRow(Struct, frozen=True):
    programme_id: UUID
    code: str
    name: str
    starts_on: date
    ends_on: date
    unit_ids: tuple[UUID, ...]


def _started(of: Recorded[ProgrammeStarted]) -> ProgrammeRow:
    event = of.event
    return ProgrammeRow(
        event.programme_id,
        event.code,
        event.name,
        event.starts_on,
        event.ends_on,
        event.unit_ids,
    )


programmes: ReadModel[UUID, ProgrammeRow] = ReadModel(
    name="programmes",
    row=ProgrammeRow,
    key=("programme_id",),
    handlers=(begins(ProgrammeStarted, _started),),
)


class ProgrammeNotKnown(Rejection):
    """It was never started, or this service has not heard of it yet."""

    code = "programme-not-known"
    kind = "absent"
    vi = "Chưa biết chương trình này. Nếu vừa được mở, hãy thử lại sau giây lát."
    en = "This programme is not known. If it has just been started, try again in a moment."


class NoRulesInForce(Rejection):
    """No pack is installed for it, or its first version was not yet in force."""

    code = "no-rules-in-force"
    vi = "Ngày {on} chưa có bộ quy tắc nào có hiệu lực."
    en = "No rules are in force on {on}."

    def __init__(self, on: date) -> None:
        self.on = on


class ProgrammeNotRunning(Rejection):
    """On that day it has not begun, or is over."""

    code = "programme-not-running"
    kind = "conflict"
    vi = "Ngày {on} nằm ngoài thời gian của chương trình ({starts_on} – {ends_on})."
    en = "The programme does not run on {on}: it goes from {starts_on} to {ends_on}."

    def __init__(self, on: date, starts_on: date, ends_on: date) -> None:
        self.on = on
        self.starts_on = starts_on
        self.ends_on = ends_on


def rules_of(programme_code: str, on: date) -> Rules:
    """Raises NoRulesInForce."""
    return _in_force(packs.installed().of_programme(programme_code), on)


def register_rules(on: date) -> Rules:
    """What the register of children and roles goes by, whatever the programme.

    Raises NoRulesInForce.
    """
    return _in_force(packs.installed().of_the_register, on)


def _in_force(pack: packs.Pack | None, on: date) -> Rules:
    rules = pack.on(on) if pack else None
    if rules is None:
        raise NoRulesInForce(on)
    return rules


async def programme_rules(rows: Rows, programme_id: UUID, on: date) -> Rules:
    """Raises ProgrammeNotKnown, NoRulesInForce."""
    row = await rows.get(programmes, programme_id)
    if row is None:
        raise ProgrammeNotKnown
    return rules_of(row.code, on)


async def check_running(rows: Rows, programme_id: UUID, on: date) -> None:
    """Raises ProgrammeNotKnown, ProgrammeNotRunning."""
    row = await rows.get(programmes, programme_id)
    if row is None:
        raise ProgrammeNotKnown
    if not row.starts_on <= on <= row.ends_on:
        raise ProgrammeNotRunning(on, row.starts_on, row.ends_on)
