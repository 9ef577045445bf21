"""A tiny service for tests of the door: funds that are opened, renamed by nobody, and listed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import FastAPI
from msgspec import Struct
from pydantic import BaseModel, Field

from contracts.donations import FundEntryBooked, FundOpened
from contracts.every_service import ReactionRefused
from edge.bodies import Strict
from edge.door import Accepted, Door, House, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import anyone, may, signed_in
from edge.refusals import NotFound
from edge.routes import Routes
from edge.web import web
from eventing.decider import Decider, Rejection
from eventing.read_model import ReadModel, begins, on

PROGRAMME = UUID(int=3874)
LONG = "dài " * 1_000


class FundOpenedOtherwise(Rejection):
    code = "fund-opened-otherwise"
    kind = "conflict"
    vi = "Quỹ này đã mở với tên {name}."
    en = "This fund was opened as {name}."

    def __init__(self, name: str) -> None:
        self.name = name


class NameTaken(Rejection):
    code = "name-taken"
    vi = "Tên đã có người dùng."
    en = "The name is taken."


class NeverDeclared(Rejection):
    code = "never-declared"
    kind = "absent"


@dataclass(frozen=True, slots=True)
class OpenFund:
    fund_id: UUID
    name: str
    by: UUID
    happened_at: datetime


def _decide(command: OpenFund, state: str | None) -> list[FundOpened]:
    if command.name == "taken":
        raise NameTaken
    if command.name == "undeclared":
        raise NeverDeclared
    if command.name == "broken":
        raise ZeroDivisionError(command.name)
    if state is not None:
        if state != command.name:
            raise FundOpenedOtherwise(state)
        return []
    return [
        FundOpened(
            fund_id=command.fund_id,
            programme_id=PROGRAMME,
            unit_id=UUID(int=3),
            name=command.name,
            opened_by=command.by,
            happened_at=command.happened_at,
        )
    ]


fund: Decider[OpenFund, str | None, FundOpened] = Decider(
    None, _decide, lambda _, event: event.name
)


def _refuse(command: tuple[UUID, datetime], _: None) -> list[ReactionRefused]:
    event_id, at = command
    return [
        ReactionRefused(
            reaction="note",
            cause_service="registry",
            cause_position=1,
            cause_event_id=event_id,
            target_stream="fund",
            code="name-taken",
            happened_at=at,
        )
    ]


refusal: Decider[tuple[UUID, datetime], None, ReactionRefused] = Decider(
    None, _refuse, lambda _, __: None
)


class FundRow(Struct, frozen=True):
    fund_id: UUID
    name: str
    version: int


funds: ReadModel[UUID, FundRow] = ReadModel(
    name="funds",
    row=FundRow,
    key=("fund_id",),
    handlers=(
        begins(FundOpened, lambda of: FundRow(of.event.fund_id, of.event.name, of.version)),
        on(FundEntryBooked, lambda row, _: row),
    ),
)


class RefusalRow(Struct, frozen=True):
    cause_event_id: UUID
    reaction: str


refusals: ReadModel[UUID, RefusalRow] = ReadModel(
    name="refusals",
    row=RefusalRow,
    key=("cause_event_id",),
    handlers=(
        begins(ReactionRefused, lambda of: RefusalRow(of.event.cause_event_id, of.event.reaction)),
    ),
)


routes = Routes(tag="funds")


class FundToOpen(Strict):
    name: str = Field(max_length=40)
    unit_id: UUID
    target: int = Field(default=1, gt=0)


class FundShown(BaseModel):
    fund_id: UUID
    name: str


@routes.command(
    "PUT",
    "/funds/{fund_id}",
    may=may("funds.open", "accountant"),
    refuses=[FundOpenedOtherwise, NameTaken],
)
async def open_fund(fund_id: UUID, asked: FundToOpen, door: Door) -> Accepted:
    await door.within(asked.unit_id)
    command = OpenFund(fund_id, asked.name, door.person, door.now)
    return await door.execute(fund, f"fund-{fund_id}", command)


@routes.command("PUT", "/careless/{fund_id}", may=may("funds.careless", "accountant"))
async def open_anywhere(fund_id: UUID, asked: FundToOpen, door: Door) -> Accepted:
    command = OpenFund(fund_id, asked.name, door.person, door.now)
    return await door.execute(fund, f"fund-{fund_id}", command)


@routes.command("PUT", "/first/{fund_id}", may=signed_in("funds.first"), refuses=[NameTaken])
async def open_first(fund_id: UUID, door: Door) -> Accepted:
    if await door.rows.get(funds, fund_id):
        raise NameTaken
    return await door.execute(
        fund, f"fund-{fund_id}", OpenFund(fund_id, "first", door.person, door.now)
    )


@routes.command("POST", "/refusals/{event_id}", judges=None, may=signed_in("refusals.note"))
async def note_refusal(event_id: UUID, door: Door) -> Accepted:
    return await door.execute(refusal, f"reaction-refused-{event_id}", (event_id, door.now))


@routes.query("/refusals/{event_id}", may=anyone("refusals.read"))
async def one_refusal(event_id: UUID, door: ReadDoor) -> str:
    await door.fresh(refusals)
    row = await door.rows.get(refusals, event_id)
    if row is None:
        raise NotFound
    return row.reaction


@routes.query("/newest/{service}", may=anyone("newest"))
async def newest_checkpoint(service: str, door: ReadDoor) -> int:
    checkpoint = door.house.checkpoints.of(service)
    if checkpoint is None:
        raise NotFound
    return checkpoint.size


@routes.query("/funds/{fund_id}", may=anyone("funds.read"))
async def one_fund(fund_id: UUID, door: ReadDoor) -> FundShown:
    await door.fresh(funds)
    row = await door.rows.get(funds, fund_id)
    if row is None:
        raise NotFound
    door.version(row.version)
    return FundShown(fund_id=row.fund_id, name=row.name)


@routes.query("/funds", may=signed_in("funds.list"))
async def all_funds(door: ListDoor, name: str | None = None) -> Page[FundShown]:
    equals = {} if name is None else {"name": name}
    return await door.page(
        funds, lambda row: FundShown(fund_id=row.fund_id, name=row.name), **equals
    )


@routes.query("/careless", may=may("funds.peek", "accountant"))
async def peek(door: ReadDoor) -> list[str]:
    return [row.name for row in await door.rows.where(funds, limit=1000)]


@routes.query("/mine", may=may("funds.mine", "accountant"))
async def mine(door: ReadDoor) -> list[UUID]:
    return sorted(await door.area())


@routes.query("/secret", may=anyone("funds.secret"))
async def secret(door: ReadDoor) -> str:
    door.answer.headers["Cache-Control"] = "no-store"
    return LONG


@routes.query("/mine-at-length", may=signed_in("funds.mine-at-length"))
async def mine_at_length(door: ReadDoor) -> str:
    return f"{door.person} {LONG}"


@routes.query("/broken/{name}", may=anyone("broken"))
async def broken(name: str, door: ReadDoor) -> str:
    del door
    raise ZeroDivisionError(f"no luck for {name}")


def make_app(house: House) -> FastAPI:
    return web(house, [routes], title="Notebook")
