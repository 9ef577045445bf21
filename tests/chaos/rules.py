"""The rules of the domain that no fault may break, as the checker knows them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from tests.chaos.looked_at import Row, World, mark
from tests.chaos.tables.donations import fulfilled_pledges
from tests.chaos.tables.folding import Data


def broken(world: World) -> list[str]:
    """The rules that do not hold, in words. Those across services hold when all is at rest."""
    within_one = (_stock, _covers, _support, _money, _pledges, _receipts, _carried)
    across = (_reactions, _lot_ids, _letters)
    of = (*within_one, *across) if world.settled else within_one
    return [says for rule in of for says in rule(world)]


@dataclass(slots=True)
class _Lot:
    held: int
    reserved: dict[str, int] = field(default_factory=dict)
    drawn: Counter[str] = field(default_factory=Counter)

    def move(self, type_: str, line: str, quantity: int) -> Iterator[str]:
        match type_:
            case "lot-reserved":
                if line in self.reserved:
                    yield f"line {line} is reserved twice"
                self.reserved[line] = quantity
            case "lot-released":
                if self.reserved.pop(line, None) != quantity:
                    yield f"releases what line {line} had not reserved"
            case _:
                self.drawn[line] += quantity
                if self.drawn[line] > self.reserved.get(line, 0):
                    yield f"line {line} draws more than it reserved"
        if type_ == "lot-reserved" and sum(self.reserved.values()) > self.held:
            yield f"holds {self.held} and is over-reserved"


def _stock(world: World) -> Iterator[str]:
    """What is reserved or drawn never exceeds what a lot holds."""
    lots: dict[str, _Lot] = {}
    for row, data in world.facts("allocation", "lot-opened", "lot-held-apart"):
        if data["lot_id"] in lots:
            yield f"lot {data['lot_id']} is opened twice"
        lots[data["lot_id"]] = _Lot(0 if row.type == "lot-held-apart" else data["quantity"])
    moves = ("lot-corrected", "lot-reserved", "lot-released", "lot-drawn")
    for row, data in world.facts("allocation", *moves):
        lot = lots.setdefault(data["lot_id"], _Lot(0))
        if row.type == "lot-corrected":
            lot.held = data["quantity"]
            continue
        for says in lot.move(row.type, data["line_id"], data["quantity"]):
            yield f"lot {data['lot_id']} at {row.position}: {says}"


def _lot_ids(world: World) -> Iterator[str]:
    """A lot's id is its contribution's, but for a hash of its line."""
    ids: dict[tuple[str, str], str] = {}
    for _, data in world.facts("donations", "contribution-accepted"):
        contribution = UUID(data["contribution_id"]).bytes
        for line in data["lines"]:
            of = contribution + UUID(line["line_id"]).bytes
            for type_, part in (("lot-opened", b"lot"), ("lot-held-apart", b"apart")):
                ids[type_, line["line_id"]] = str(UUID(bytes=contribution[:6] + mark(part + of)))
    for row, data in world.facts("allocation", "lot-opened", "lot-held-apart"):
        expected = ids.get((row.type, data["contribution_line_id"]))
        if data["lot_id"] != expected:
            yield f"lot {data['lot_id']} at {row.position} should be {expected}"


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


def _lines_of_ratified_gifts(world: World) -> Iterator[str]:
    ratified = {
        data["direct_gift_id"] for _, data in world.facts("allocation", "direct-gift-ratified")
    }
    refused = {data["line_id"] for _, data in world.facts("allocation", "direct-gift-line-refused")}
    for _, data in world.facts("allocation", "direct-gift-recorded"):
        if data["direct_gift_id"] in ratified:
            yield from (line["line_id"] for line in data["lines"] if line["line_id"] not in refused)


def _support(world: World) -> Iterator[str]:
    """Each way in which support reaches a child says so once, and no more came than covers."""
    yield from _same(
        "what reached a child and what says so",
        [
            *(data["line_id"] for _, data in world.facts("allocation", "delivery-line-signed")),
            *_lines_of_ratified_gifts(world),
        ],
        (data["line_id"] for _, data in world.facts("allocation", "support-delivered")),
    )
    covers: dict[tuple[str, str], int] = {}
    for row, data in world.facts(
        "allocation", "need-covered", "need-uncovered", "support-delivered"
    ):
        cover = data["need_id"], data["line_id"]
        match row.type:
            case "need-covered":
                covers[cover] = data["quantity"]
            case "need-uncovered":
                covers.pop(cover, None)
            case _:
                kept = covers.get(cover)
                if kept != data["quantity"]:
                    yield f"{data['quantity']} reached need {cover[0]}, {kept} was kept"


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


def _pledges(world: World) -> Iterator[str]:
    """A pledge is fulfilled with the count that reaches it, and not before."""
    pledged = {data["pledge_id"]: data for _, data in world.facts("donations", "pledge-made")}
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for _, data in world.facts("donations", "contribution-counted"):
        counts[data["pledge_id"]][data["contribution_id"]] = data["quantity"]
    counted = {pledge: sum(each.values()) for pledge, each in counts.items()}
    yield from _same(
        "pledges that were reached and fulfilled",
        (pledge for pledge, data in pledged.items() if counted.get(pledge, 0) >= data["quantity"]),
        fulfilled_pledges(world),
    )


def _receipts(world: World) -> Iterator[str]:
    """Numbers of a book and year run 1, 2, 3 … and each contribution has one that stands."""
    books: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    contributions: Counter[str] = Counter()
    for _, data in world.facts("donations", "receipt-issued"):
        books[data["book"], data["year"]].append(data["number"])
        contributions[data["contribution_id"]] += 1
    for _, data in world.facts("donations", "receipt-cancelled"):
        contributions[data["contribution_id"]] -= 1
    for (book, year), numbers in books.items():
        if numbers != list(range(1, len(numbers) + 1)):
            twice = sorted(number for number, n in Counter(numbers).items() if n > 1)
            gaps = [(a, b) for a, b in pairwise(sorted(set(numbers))) if b != a + 1]
            yield f"receipt book {book} {year}: twice {twice}, gaps {gaps}"
    for id_, standing in contributions.items():
        if standing not in {0, 1}:
            yield f"of contribution {id_} {standing} receipts stand"


def _carried(world: World) -> Iterator[str]:
    """What an event says is so after it is what all up to it come to."""
    for service, after in (
        ("allocation", _after_moves),
        ("registry", _after_support),
        ("donations", _after_gifts),
    ):
        for row, data, figures in after(world):
            for name, figure in figures.items():
                if data[name] != figure:
                    yield f"{service}:{row.position} says that {name} is {data[name]}, not {figure}"


Figures = dict[str, int]


def _after_moves(world: World) -> Iterator[tuple[Row, Data, Figures]]:
    moves = {
        "lot-opened": {"quantity_free": 1},
        "lot-reserved": {"quantity_free": -1, "quantity_kept": 1, "quantity_drawn": 0},
        "lot-released": {"quantity_free": 1, "quantity_kept": -1, "quantity_drawn": 0},
        "lot-drawn": {"quantity_free": 0, "quantity_kept": -1, "quantity_drawn": 1},
        "need-cover-opened": {"quantity_open": 1},
        "need-covered": {"quantity_open": -1, "quantity_covered": 1},
        "need-uncovered": {"quantity_open": 1, "quantity_covered": -1},
        "support-delivered": {"quantity_covered": 0, "quantity_delivered": 1},
    }
    sums: Counter[tuple[str, str]] = Counter()
    for row, data in world.facts("allocation", "lot-corrected", *moves):
        figures = {}
        if row.type == "lot-corrected":
            gone = sums[row.stream, "quantity_kept"] + sums[row.stream, "quantity_drawn"]
            if (row.stream, "quantity_free") in sums:
                sums[row.stream, "quantity_free"] = data["quantity"] - gone
            yield row, data, {"quantity_free": sums[row.stream, "quantity_free"]}
            continue
        for name, sign in moves[row.type].items():
            sums[row.stream, name] += sign * data["quantity"]
            if name in data:
                figures[name] = sums[row.stream, name]
        yield row, data, figures
    for row, data in world.facts("allocation", "delivery-line-signed"):
        sums[row.stream, "signed"] += 1
        yield row, data, {"lines_signed": sums[row.stream, "signed"]}


def _after_support(world: World) -> Iterator[tuple[Row, Data, Figures]]:
    """Counted by line: what arrives for one takes nothing of what is kept for another."""
    kept: defaultdict[str, dict[str, int]] = defaultdict(dict)
    met: Counter[str] = Counter()
    for row, data in world.facts(
        "registry", "need-reserved", "need-released", "need-partly-met", "need-met"
    ):
        need, line = data["need_id"], data["line_id"]
        kept[need].pop(line, None)
        match row.type:
            case "need-reserved":
                kept[need][line] = data["quantity"]
            case "need-partly-met" | "need-met":
                met[need] += data["quantity"]
        figures = {"quantity_reserved": sum(kept[need].values()), "quantity_met": met[need]}
        yield row, data, figures


def _after_gifts(world: World) -> Iterator[tuple[Row, Data, Figures]]:
    sums: Counter[tuple[str, str]] = Counter()
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row, data in world.facts("donations", "contribution-counted"):
        counts[data["pledge_id"]][data["contribution_id"]] = data["quantity"]
        yield row, data, {"quantity_counted": sum(counts[data["pledge_id"]].values())}
    for row, data in world.facts("donations", "contribution-line-inspected"):
        figures = {}
        for name in ("good", "mendable", "refused"):
            sums[data["contribution_id"], name] += data["line"][name]
            figures[name] = sums[data["contribution_id"], name]
        yield row, data, figures
    for row, data in world.facts("donations", "contribution-accepted", "contribution-corrected"):
        for name in ("good", "mendable", "refused"):
            yield row, data, {name: sum(line[name] for line in data["lines"])}
    for row, data in world.facts("donations", "fund-entry-booked"):
        for line in data["lines"]:
            for side in ("debit", "credit"):
                sums[f"{data['fund_id']} {line['account']}", side] += line[side]
        for balance in data["balances"]:
            account = f"{data['fund_id']} {balance['account']}"
            yield row, balance, {side: sums[account, side] for side in ("debit", "credit")}


def _reactions(world: World) -> Iterator[str]:
    """Each effect of an event in another service is there once, and none without its cause."""
    gifts = world.facts("donations", "contribution-accepted", "contribution-corrected")
    accepted = [line for _, data in gifts for line in data["lines"]]
    yield from _same(
        "accepted lines and lots",
        {line["line_id"] for line in accepted if line["good"]},
        (data["contribution_line_id"] for _, data in world.facts("allocation", "lot-opened")),
    )
    yield from _same(
        "mendable lines and lots held apart",
        {line["line_id"] for line in accepted if line["mendable"]},
        (data["contribution_line_id"] for _, data in world.facts("allocation", "lot-held-apart")),
    )
    yield from _same(
        "covers and reservations",
        (
            f"{data['need_id']} {data['line_id']}"
            for _, data in world.facts("allocation", "need-covered")
        ),
        (
            f"{data['need_id']} {data['line_id']}"
            for _, data in world.facts("registry", "need-reserved")
        ),
    )
    yield from _same(
        "covers taken back and reservations released",
        (
            f"{data['need_id']} {data['line_id']}"
            for _, data in world.facts("allocation", "need-uncovered")
        ),
        (
            f"{data['need_id']} {data['line_id']}"
            for _, data in world.facts("registry", "need-released")
        ),
    )
    yield from _same(
        "arrivals and what is noted for who gave",
        _arrivals(world),
        (
            f"{data['arrived']['arrival_id']} {data['sponsor_id']}"
            for _, data in world.facts("notifications", "arrival-noted")
        ),
    )
    yield from _same(
        "arrivals of which somebody was told and messages about them",
        (
            news
            for _, data in world.facts("notifications", "arrivals-told")
            for news in data["news_ids"]
            if data["message_id"] is not None
        ),
        (
            told["news_id"]
            for _, data in world.facts("notifications", "message-due")
            for told in (*data["arrivals"], *data["not_taken"])
        ),
    )
    yield from _same(
        "opened needs and covers",
        (data["need_id"] for _, data in world.facts("registry", "need-opened")),
        (data["need_id"] for _, data in world.facts("allocation", "need-cover-opened")),
    )
    opened = {data["need_id"] for _, data in world.facts("registry", "need-opened")}
    yield from _same(
        "withdrawn needs and closed covers",
        # One that was never opened has no cover.
        (
            data["need_id"]
            for _, data in world.facts("registry", "need-withdrawn")
            if data["need_id"] in opened
        ),
        (data["need_id"] for _, data in world.facts("allocation", "need-cover-closed")),
    )
    yield from _same(
        "support delivered and needs met",
        (data["line_id"] for _, data in world.facts("allocation", "support-delivered")),
        (data["line_id"] for _, data in world.facts("registry", "need-met", "need-partly-met")),
    )
    yield from _same(
        "pledged contributions and counts",
        (
            f"{data['contribution_id']} {data.get('number', 0)}"
            for _, data in world.facts(
                "donations", "contribution-accepted", "contribution-corrected"
            )
            if data["pledge_id"]
        ),
        (
            f"{data['contribution_id']} {data['correction']}"
            for _, data in world.facts("donations", "contribution-counted")
        ),
    )
    yield from _same(
        "money delivered and booked",
        (
            data["line_id"]
            for _, data in world.facts("allocation", "support-delivered")
            if data["measure"] == "dong" and data["fund_id"]
        ),
        (
            data["paper"]
            for _, data in world.facts("donations", "fund-entry-booked")
            if any(line["account"] == "support-delivered" for line in data["lines"])
        ),
    )


def _arrivals(world: World) -> Iterator[str]:
    """Each delivery and each of its givers who wants to hear of it."""
    wanted = {
        data["sponsor_id"] for _, data in world.facts("notifications", "subscription-made")
    } - {data["sponsor_id"] for _, data in world.facts("notifications", "subscription-ended")}
    for _, data in world.facts("allocation", "gifts-arrived"):
        for sponsor in {gift["sponsor_id"] for gift in data["gifts"]} & wanted:
            yield f"{data['delivery_id']} {sponsor}"
    for _, data in world.facts("allocation", "direct-gift-ratified"):
        if data["sponsor_id"] in wanted:
            yield f"{data['direct_gift_id']} {data['sponsor_id']}"


def _letters(world: World) -> Iterator[str]:
    """A letter goes out once at most, and what is said to be sent has gone out."""
    sent = {data["message_id"] for _, data in world.facts("notifications", "message-sent")}
    taken = Counter(str(letter) for letter in world.letters)
    again = {
        data["message_id"]
        for _, data in world.facts("notifications", "message-outcome-decided")
        if data["again"]
    }
    yield from (
        f"letter {letter} went out {n} times"
        for letter, n in taken.items()
        if n > 1 and letter not in again
    )
    yield from (f"letter {letter} is said to be sent and was not" for letter in sent - taken.keys())


def _same(what: str, causes: Iterable[str], effects: Iterable[str]) -> Iterator[str]:
    due, done = Counter(causes), Counter(effects)
    if missing := due - done:
        yield f"{what}: {sum(missing.values())} lack their effect, as {next(iter(missing))}"
    if extra := done - due:
        yield f"{what}: {sum(extra.values())} effects too many, as {next(iter(extra))}"
