"""Says what is wrong with logs, topics and tables after faults. Shares no code with what it checks.

It knows JSON, SHA-256 and UUIDs, and the rules of the domain; it imports nothing of the project.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID, uuid5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a service's log, as the database gives it."""

    position: int
    event_id: UUID
    stream: str
    version: int
    type: str
    record: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a service's topic, in the order of its partition."""

    partition: int
    offset: int
    position: int
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """One command as its client saw it end. `position` is the answer of an acknowledged one."""

    service: str
    principal: UUID
    key: UUID
    outcome: Literal["acknowledged", "refused", "unknown"]
    position: int | None = None


@dataclass(slots=True)
class World:
    """All that is looked at. `answers`: per service, (principal, key) to position, as stored.

    `tables`: per service and read model, its rows as dictionaries.
    """

    logs: dict[str, list[Row]]
    topics: dict[str, list[Message]]
    answers: dict[str, dict[tuple[UUID, UUID], int]]
    journal: list[Sent] = field(default_factory=list)
    tables: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def facts(self, service: str, *types: str) -> Iterator[tuple[Row, dict[str, Any]]]:
        """The events of some types, with their data, in log order."""
        for row in self.logs.get(service, []):
            if row.type in types:
                yield row, json.loads(row.record)["data"]


def violations(world: World) -> list[str]:
    """Everything that is not as promised, in words; nothing when all is well."""
    found: list[str] = []
    for service, log in world.logs.items():
        found += [f"{service}: {says}" for says in _log(service, log)]
        found += [f"{service}: {says}" for says in _topic(log, world.topics.get(service, []))]
    found += _commands(world)
    found += _stock(world)
    found += _covers(world)
    found += _money(world)
    found += _receipts(world)
    found += _reactions(world)
    found += _tables(world)
    return found


# --- the log and the topic ---


def _log(service: str, log: Sequence[Row]) -> Iterator[str]:
    versions: dict[str, int] = {}
    ids: set[UUID] = set()
    for expected, row in enumerate(log, 1):
        if row.position != expected:
            yield f"position {expected} is missing, {row.position} stands there"
            return
        if hashlib.sha256(b"\x00" + row.record).digest() != row.leaf:
            yield f"{row.position}: the leaf is not that of the record"
        said = json.loads(row.record)
        copies = (said["id"], said["subject"], said["streamversion"], said["type"], said["source"])
        columns = (str(row.event_id), row.stream, row.version, row.type, f"/vongtay/{service}")
        if copies != columns:
            yield f"{row.position}: the columns {columns} are no copies of {copies}"
        if row.version != versions.get(row.stream, 0) + 1:
            yield f"{row.position}: {row.stream} jumps to version {row.version}"
        versions[row.stream] = row.version
        if row.event_id in ids:
            yield f"{row.position}: event {row.event_id} stands twice"
        ids.add(row.event_id)


def _topic(log: Sequence[Row], messages: Sequence[Message]) -> Iterator[str]:
    seen: dict[int, Message] = {}
    highest: defaultdict[int, int] = defaultdict(int)
    for message in sorted(messages, key=lambda each: (each.partition, each.offset)):
        if message.position in seen:
            if seen[message.position].value != message.value:
                yield f"Kafka holds two different records at {message.position}"
            continue
        seen[message.position] = message
        if message.position < highest[message.partition]:
            yield f"Kafka: {message.position} first comes after {highest[message.partition]}"
        highest[message.partition] = message.position
    by_key: dict[str, set[int]] = defaultdict(set)
    for row in log:
        message_here = seen.pop(row.position, None)
        if message_here is None:
            yield f"Kafka lacks {row.position}"
        elif message_here.value != row.record or message_here.key != row.stream:
            yield f"Kafka differs from the log at {row.position}"
        else:
            by_key[row.stream].add(message_here.partition)
    yield from (f"Kafka holds {position}, the log does not" for position in sorted(seen))
    yield from (f"{key} lies in several partitions" for key, at in by_key.items() if len(at) > 1)


# --- commands ---


def _commands(world: World) -> Iterator[str]:
    """Each acknowledged command once, no refused one, an unknown one at most once."""
    first_events = {
        service: Counter(row.event_id for row in log) for service, log in world.logs.items()
    }
    for sent in world.journal:
        stored = world.answers.get(sent.service, {}).get((sent.principal, sent.key))
        name = f"{sent.service}: command {sent.key} of {sent.principal}"
        first = uuid5(uuid5(sent.principal, str(sent.key)), "0")
        events = first_events.get(sent.service, Counter())[first]
        if sent.outcome == "acknowledged" and stored is None:
            yield f"{name} was acknowledged and is not there"
        elif sent.outcome == "acknowledged" and stored != sent.position:
            yield f"{name} was answered {sent.position}, stored is {stored}"
        elif sent.outcome == "refused" and (stored is not None or events):
            yield f"{name} was refused and is there"
        if stored is None and events:
            yield f"{name} has events but no answer"
    for service, answers in world.answers.items():
        end = len(world.logs[service])
        beyond = [key for key, position in answers.items() if position > end]
        if beyond:
            yield f"{service}: {len(beyond)} answers lie beyond the log, acknowledged and lost"


# --- rules of the domain ---


def _stock(world: World) -> Iterator[str]:
    """What is reserved or drawn never exceeds what a lot holds."""
    held: dict[str, int] = {}
    reserved: defaultdict[str, dict[str, int]] = defaultdict(dict)
    drawn: defaultdict[str, Counter[str]] = defaultdict(Counter)
    moves = ("lot-opened", "lot-reserved", "lot-released", "lot-drawn")
    for row, data in world.facts("allocation", *moves):
        lot = data["lot_id"]
        match row.type:
            case "lot-opened":
                if lot in held:
                    yield f"lot {lot} is opened twice"
                held[lot] = data["quantity"]
            case "lot-reserved":
                if data["line_id"] in reserved[lot]:
                    yield f"lot {lot}: line {data['line_id']} is reserved twice"
                reserved[lot][data["line_id"]] = data["quantity"]
            case "lot-released":
                if reserved[lot].pop(data["line_id"], None) != data["quantity"]:
                    yield f"lot {lot} releases what line {data['line_id']} had not reserved"
            case "lot-drawn":
                drawn[lot][data["line_id"]] += data["quantity"]
                if drawn[lot][data["line_id"]] > reserved[lot].get(data["line_id"], 0):
                    yield f"lot {lot}: line {data['line_id']} draws more than it reserved"
        if sum(reserved[lot].values()) > held.get(lot, 0):
            yield f"lot {lot} holds {held.get(lot, 0)} and is over-reserved at {row.position}"


def _covers(world: World) -> Iterator[str]:
    """What covers a need never exceeds what it asked for."""
    asked: dict[str, int] = {}
    covered: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row, data in world.facts(
        "allocation", "need-cover-opened", "need-covered", "need-uncovered"
    ):
        need = data["need_id"]
        match row.type:
            case "need-cover-opened":
                if need in asked:
                    yield f"need {need}: its cover is opened twice"
                asked[need] = data["quantity"]
            case "need-covered":
                if data["line_id"] in covered[need]:
                    yield f"need {need} is covered twice by {data['line_id']}"
                covered[need][data["line_id"]] = data["quantity"]
            case _:
                covered[need].pop(data["line_id"], None)
        if sum(covered[need].values()) > asked.get(need, 0):
            yield f"need {need} asked for {asked.get(need, 0)} and is covered beyond it"


def _money(world: World) -> Iterator[str]:
    """Every booking balances, and each paper is booked once."""
    papers: Counter[tuple[str, str]] = Counter()
    for row, data in world.facts("donations", "fund-entry-booked"):
        if sum(line["debit"] for line in data["lines"]) != sum(
            line["credit"] for line in data["lines"]
        ):
            yield f"the booking at donations:{row.position} does not balance"
        papers[data["fund_id"], data["paper"]] += 1
    yield from (f"paper {paper} is booked {n} times" for (_, paper), n in papers.items() if n > 1)


def _receipts(world: World) -> Iterator[str]:
    """Numbers of a book and year run 1, 2, 3 … and each contribution has one."""
    books: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    contributions: Counter[str] = Counter()
    for _, data in world.facts("donations", "receipt-issued"):
        books[data["book"], data["year"]].append(data["number"])
        contributions[data["contribution_id"]] += 1
    for (book, year), numbers in books.items():
        if numbers != list(range(1, len(numbers) + 1)):
            twice = sorted(number for number, n in Counter(numbers).items() if n > 1)
            gaps = [(a, b) for a, b in pairwise(sorted(set(numbers))) if b != a + 1]
            yield f"receipt book {book} {year}: twice {twice}, gaps {gaps}"
    yield from (f"contribution {id_} has {n} receipts" for id_, n in contributions.items() if n > 1)


def _reactions(world: World) -> Iterator[str]:
    """Each effect of an event in another service is there once, and none without its cause."""
    yield from _same(
        "accepted lines and lots",
        (
            line["line_id"]
            for _, data in world.facts("donations", "contribution-accepted")
            for line in data["lines"]
            if line["good"]
        ),
        (data["contribution_line_id"] for _, data in world.facts("allocation", "lot-opened")),
    )
    yield from _same(
        "opened needs and covers",
        (data["need_id"] for _, data in world.facts("registry", "need-opened")),
        (data["need_id"] for _, data in world.facts("allocation", "need-cover-opened")),
    )
    yield from _same(
        "deliveries and needs met",
        [
            *(data["line_id"] for _, data in world.facts("allocation", "delivery-line-signed")),
            *(
                data["direct_gift_id"]
                for _, data in world.facts("allocation", "direct-gift-ratified")
            ),
        ],
        (data["line_id"] for _, data in world.facts("registry", "need-met", "need-partly-met")),
    )
    yield from _same(
        "pledged contributions and counts",
        (
            data["contribution_id"]
            for _, data in world.facts("donations", "contribution-accepted")
            if data["pledge_id"]
        ),
        (data["contribution_id"] for _, data in world.facts("donations", "contribution-counted")),
    )
    yield from _same(
        "money delivered and booked",
        (
            data["line_id"]
            for _, data in world.facts("allocation", "delivery-line-signed")
            if data["measure"] == "dong"
        ),
        (
            data["paper"]
            for _, data in world.facts("donations", "fund-entry-booked")
            if any(line["account"] == "support-delivered" for line in data["lines"])
        ),
    )


def _same(what: str, causes: Iterable[str], effects: Iterable[str]) -> Iterator[str]:
    due, done = Counter(causes), Counter(effects)
    if missing := due - done:
        yield f"{what}: {sum(missing.values())} lack their effect, as {next(iter(missing))}"
    if extra := done - due:
        yield f"{what}: {sum(extra.values())} effects too many, as {next(iter(extra))}"


# --- read models, folded again from the log in another way ---


def _tables(world: World) -> Iterator[str]:
    for service, tables in world.tables.items():
        for name, rows in tables.items():
            if (expected := _expected(world, name)) is None:
                continue
            key, columns = expected
            yield from _rows(f"{service}.{name}", key, columns, rows)


def _rows(
    name: str,
    key: str,
    expected: Mapping[str, Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    actual = {str(row[key]): row for row in rows}
    yield from (f"{name} lacks {missing}" for missing in expected.keys() - actual.keys())
    yield from (f"{name} has {extra} too many" for extra in actual.keys() - expected.keys())
    for row_key in expected.keys() & actual.keys():
        for column, value in expected[row_key].items():
            if actual[row_key][column] != value:
                yield f"{name} {row_key}: {column} is {actual[row_key][column]}, not {value}"


def _expected(world: World, name: str) -> tuple[str, dict[str, dict[str, Any]]] | None:
    match name:
        case "lots":
            return "lot_id", _lots(world)
        case "pledges_outstanding":
            return "pledge_id", _pledges(world)
        case _:
            return None


def _lots(world: World) -> dict[str, dict[str, Any]]:
    lots: dict[str, dict[str, Any]] = {}
    for _, data in world.facts("allocation", "lot-opened"):
        lots[data["lot_id"]] = {"quantity": data["quantity"], "reserved": 0, "drawn": 0}
    for _, data in world.facts("allocation", "lot-reserved"):
        lots[data["lot_id"]]["reserved"] += data["quantity"]
    for _, data in world.facts("allocation", "lot-released"):
        lots[data["lot_id"]]["reserved"] -= data["quantity"]
    for _, data in world.facts("allocation", "lot-drawn"):
        lots[data["lot_id"]]["reserved"] -= data["quantity"]
        lots[data["lot_id"]]["drawn"] += data["quantity"]
    return lots


def _pledges(world: World) -> dict[str, dict[str, Any]]:
    left = {
        data["pledge_id"]: data["quantity"] for _, data in world.facts("donations", "pledge-made")
    }
    for _, data in world.facts("donations", "contribution-counted"):
        left[data["pledge_id"]] -= data["quantity"]
    for _, data in world.facts("donations", "pledge-fulfilled"):
        del left[data["pledge_id"]]
    return {pledge: {"quantity_outstanding": quantity} for pledge, quantity in left.items()}
