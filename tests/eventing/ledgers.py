"""A service that writes down what donations says, and would write it twice if told twice."""

from dataclasses import dataclass
from uuid import UUID

from contracts.donations import FundEntryBooked, FundOpened
from eventing.decider import CommandFor, Decider, Rejection
from eventing.reactions import Reaction


class NoSuchLedger(Rejection):
    code = "no-such-ledger"
    kind = "absent"


class PaperRefused(Rejection):
    code = "paper-refused"


@dataclass(frozen=True, slots=True)
class OpenLedger:
    opened: FundOpened


@dataclass(frozen=True, slots=True)
class Note:
    entry: FundEntryBooked


def decide(command, is_open):
    match command:
        case OpenLedger(opened):
            return [opened]
        case Note(entry) if entry.paper == "refuse":
            raise PaperRefused
        case Note(entry) if entry.paper == "fault":
            raise ZeroDivisionError
        case Note(entry):
            if not is_open:
                raise NoSuchLedger
            return [entry]


ledger = Decider(initial=False, decide=decide, evolve=lambda _open, _event: True)


def ledger_of(fund_id: UUID) -> str:
    return f"ledger-{fund_id}"


def open_ledger(event, _recorded):
    yield CommandFor(ledger, ledger_of(event.fund_id), OpenLedger(event))


def note(event, _recorded):
    yield CommandFor(ledger, ledger_of(event.fund_id), Note(event))
    if event.paper == "twice":
        yield CommandFor(ledger, ledger_of(event.fund_id), Note(event))


REACTIONS = [
    Reaction("open-ledger", FundOpened, open_ledger, begins="first"),
    Reaction("note", FundEntryBooked, note, begins="first"),
]
