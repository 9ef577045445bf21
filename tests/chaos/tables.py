"""Read models that are folded again from the logs, in another way: by sums over whole logs.

Those with arithmetic, several sources or a course of steps. The others (`ONLY_REPLAYED`) must be
there, and are compared by replaying the stream, with the folds of the services themselves.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.chaos.looked_at import World

Key = tuple[str, ...]
Expected = dict[Key, dict[str, Any]]
Found = Sequence[Mapping[str, Any]]


def differ(world: World) -> Iterator[str]:
    """Each table that is to be there is, none is there that nobody knows, and all say the same."""
    if not world.has_tables:
        return
    for service in sorted(SERVICES | world.tables.keys()):
        tables = world.tables.get(service, {})
        known = _known(service)
        yield from (f"{service}.{name} is not there" for name in sorted(known - tables.keys()))
        yield from (f"{service}.{name} is not known" for name in sorted(tables.keys() - known))
        for name in sorted(tables.keys() & known - ONLY_REPLAYED.get(service, set())):
            key, expected = _BY_NAME.get((service, name)) or _BY_NAME["*", name]
            yield from _rows(f"{service}.{name}", key, expected(world), tables[name])


def _known(service: str) -> set[str]:
    """The open read models of a service; of a service that nobody knows, none."""
    if service not in SERVICES:
        return set()
    folded = {name for where, name in _BY_NAME if where in (service, "*")}
    return folded | ONLY_REPLAYED.get(service, set())


def _rows(
    name: str,
    key: Key,
    expected: Mapping[Key, Mapping[str, Any]],
    rows: Found,
) -> Iterator[str]:
    actual = {tuple(str(row[column]) for column in key): row for row in rows}
    if len(actual) != len(rows):
        yield f"{name} has a row twice"
    yield from (f"{name} lacks {missing}" for missing in expected.keys() - actual.keys())
    yield from (f"{name} has {extra} too many" for extra in actual.keys() - expected.keys())
    for row_key in expected.keys() & actual.keys():
        for column, value in expected[row_key].items():
            if column not in actual[row_key]:
                yield f"{name} {row_key}: there is no {column}"
            elif actual[row_key][column] != value:
                yield f"{name} {row_key}: {column} is {actual[row_key][column]}, not {value}"


def _sums(world: World, service: str, kind: str, by: str, of: str = "quantity") -> Counter[str]:
    sums: Counter[str] = Counter()
    for _, data in world.facts(service, kind):
        sums[data[by]] += data[of]
    return sums


def _lots(world: World) -> Expected:
    reserved = _sums(world, "allocation", "lot-reserved", "lot_id")
    released = _sums(world, "allocation", "lot-released", "lot_id")
    drawn = _sums(world, "allocation", "lot-drawn", "lot_id")
    lots: Expected = {}
    for row, data in world.facts("allocation", "lot-opened", "lot-held-apart"):
        lot, apart = data["lot_id"], row.type == "lot-held-apart"
        free = 0 if apart else data["quantity"] - reserved[lot] + released[lot]
        lots[lot,] = {
            "quantity": data["quantity"],
            "quantity_free": free,
            "quantity_reserved": reserved[lot] - released[lot] - drawn[lot],
            "quantity_drawn": drawn[lot],
            "held_apart": apart,
            "available": free > 0,
        }
    return lots


def _open_needs(world: World) -> Expected:
    covered = _sums(world, "allocation", "need-covered", "need_id")
    uncovered = _sums(world, "allocation", "need-uncovered", "need_id")
    closed = {data["need_id"] for _, data in world.facts("allocation", "need-cover-closed")}
    needs: Expected = {}
    for _, data in world.facts("allocation", "need-cover-opened"):
        need = data["need_id"]
        left = data["quantity"] - covered[need] + uncovered[need]
        needs[need,] = {
            "quantity_open": left,
            "withdrawn": need in closed,
            "open": left > 0 and need not in closed,
        }
    return needs


def _needs(world: World) -> Expected:
    """Of the registry: what has arrived for each, and at which version its stream ends."""
    met = _sums(world, "registry", "need-met", "need_id")
    met += _sums(world, "registry", "need-partly-met", "need_id")
    versions = {row.stream: row.version for row in world.logs.get("registry", [])}
    return {
        (data["need_id"],): {"met": met[data["need_id"]], "version": versions[row.stream]}
        for row, data in world.facts("registry", "need-recorded")
    }


def _pledges(world: World) -> Expected:
    counted = _sums(world, "donations", "contribution-counted", "pledge_id")
    fulfilled = {data["pledge_id"] for _, data in world.facts("donations", "pledge-fulfilled")}
    return {
        (data["pledge_id"],): {
            "quantity": data["quantity"],
            "quantity_counted": counted[data["pledge_id"]],
            "fulfilled": data["pledge_id"] in fulfilled,
        }
        for _, data in world.facts("donations", "pledge-made")
    }


def _fund_balances(world: World) -> Expected:
    accounts: defaultdict[Key, dict[str, Any]] = defaultdict(
        lambda: {"debit": 0, "credit": 0, "entries": 0}
    )
    for _, data in world.facts("donations", "fund-entry-booked"):
        for line in data["lines"]:
            accounts[data["fund_id"], line["account"]]["debit"] += line["debit"]
            accounts[data["fund_id"], line["account"]]["credit"] += line["credit"]
        for account in {line["account"] for line in data["lines"]}:
            accounts[data["fund_id"], account]["entries"] += 1
    return dict(accounts)


def _receipts(world: World) -> Expected:
    return {
        (data["look_up_code"],): {
            "book": data["book"],
            "number": data["number"],
            "quantity": data["quantity"],
        }
        for _, data in world.facts("donations", "receipt-issued")
    }


def _roles_held(world: World) -> Expected:
    revoked = {data["grant_id"] for _, data in world.facts("registry", "role-revoked")}
    return {
        (data["grant_id"],): {"role": data["role"], "revoked": data["grant_id"] in revoked}
        for _, data in world.facts("registry", "role-granted")
    }


def _households(world: World) -> Expected:
    last = {data["household_id"]: data["unit_id"] for _, data in _places(world)}
    return {(household,): {"unit_id": unit} for household, unit in last.items()}


def _places(world: World) -> Iterator[tuple[Any, dict[str, Any]]]:
    return world.facts("registry", "household-registered", "household-placed")


def _last(world: World, service: str, by: str, says: Mapping[str, str]) -> dict[str, str]:
    """What the last event of each thing makes of it."""
    return {data[by]: says[row.type] for row, data in world.facts(service, *says)}


def _proposed(world: World) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for _, data in world.facts("allocation", "allocation-proposed"):
        for line in data["lines"]:
            yield data, line


def _planned(world: World) -> dict[str, str]:
    """The delivery that each line belongs to."""
    return {
        line["line_id"]: data["delivery_id"]
        for _, data in world.facts("allocation", "delivery-planned")
        for line in data["lines"]
    }


def _came_to(line: str, steps: Sequence[tuple[str, set[str]]]) -> str:
    return next((status for status, lines in steps if line in lines), "proposed")


def _lines_of(world: World, kind: str) -> set[str]:
    return {data["line_id"] for _, data in world.facts("allocation", kind)}


def _steps(world: World, approved: str) -> list[tuple[str, set[str]]]:
    """What may come of a line, the furthest first: a step never comes after a further one."""
    return [
        ("signed", _lines_of(world, "delivery-line-signed")),
        ("absent", _lines_of(world, "delivery-line-absent")),
        ("planned", set(_planned(world))),
        ("released", _lines_of(world, "allocation-line-released")),
        ("refused", _lines_of(world, "allocation-line-refused")),
        (approved, _lines_of(world, "lot-reserved")),
    ]


def _allocation_lines(world: World) -> Expected:
    steps, planned = _steps(world, "approved"), _planned(world)
    return {
        (line["line_id"],): {
            "allocation_id": data["allocation_id"],
            "need_id": line["need_id"],
            "status": _came_to(line["line_id"], steps),
            "delivery_id": planned.get(line["line_id"]),
        }
        # An id belongs to the allocation that used it first.
        for data, line in reversed(list(_proposed(world)))
    }


def _portal_lines(world: World) -> Expected:
    steps, planned = _steps(world, "reserved"), _planned(world)
    signed = {
        data["line_id"]: data["quantity"]
        for _, data in world.facts("allocation", "delivery-line-signed")
    }
    return {
        (line["line_id"],): {
            "lot_id": line["lot_id"],
            "contribution_id": line["contribution_id"],
            "quantity": signed.get(line["line_id"], line["quantity"]),
            "status": _came_to(line["line_id"], steps),
            "delivery_id": planned.get(line["line_id"]),
        }
        for _, line in _proposed(world)
    }


def _deliveries(world: World) -> Expected:
    signed = Counter(
        data["delivery_id"] for _, data in world.facts("allocation", "delivery-line-signed")
    )
    says = {
        "delivery-planned": "planned",
        "delivery-dispatched": "dispatched",
        "delivery-handed-over": "handed-over",
        "delivery-completed": "completed",
    }
    status = _last(world, "allocation", "delivery_id", says)
    return {
        (data["delivery_id"],): {
            "line_count": len(data["lines"]),
            "signed_count": signed[data["delivery_id"]],
            "status": status[data["delivery_id"]],
        }
        for _, data in world.facts("allocation", "delivery-planned")
    }


def _messages(world: World) -> Expected:
    says = {
        "message-due": "due",
        "checkpoint-message-due": "due",
        "message-sending": "sending",
        "message-sent": "sent",
        "message-failed": "failed",
        "message-outcome-unknown": "unknown",
        "message-outcome-decided": "due",
        "message-given-up": "given-up",
    }
    status = _last(world, "notifications", "message_id", says)
    attempts = Counter(
        data["message_id"] for _, data in world.facts("notifications", "message-sending")
    )
    return {
        (data["message_id"],): {
            "status": status[data["message_id"]],
            "attempts": attempts[data["message_id"]],
        }
        for _, data in world.facts("notifications", "message-due", "checkpoint-message-due")
    }


def _portal_funds(world: World) -> Expected:
    return {
        (data["fund_id"],): {"name": data["name"], "programme_id": data["programme_id"]}
        for _, data in world.facts("donations", "fund-opened")
    }


def _portal_fund_entries(world: World) -> Expected:
    return {
        (data["fund_id"], data["entry_id"]): {"paper": data["paper"]}
        for _, data in world.facts("donations", "fund-entry-booked")
    }


_BY_NAME: dict[tuple[str, str], tuple[Key, Callable[[World], Expected]]] = {
    ("allocation", "lots"): (("lot_id",), _lots),
    ("allocation", "open_needs"): (("need_id",), _open_needs),
    ("registry", "needs"): (("need_id",), _needs),
    ("registry", "households"): (("household_id",), _households),
    ("donations", "pledges"): (("pledge_id",), _pledges),
    ("donations", "fund_balances"): (("fund_id", "account"), _fund_balances),
    ("donations", "receipts"): (("look_up_code",), _receipts),
    ("allocation", "allocation_lines"): (("line_id",), _allocation_lines),
    ("allocation", "deliveries"): (("delivery_id",), _deliveries),
    ("notifications", "messages"): (("message_id",), _messages),
    ("portal", "lines"): (("line_id",), _portal_lines),
    ("portal", "funds"): (("fund_id",), _portal_funds),
    ("portal", "fund_entries"): (("fund_id", "entry_id"), _portal_fund_entries),
    ("*", "roles_held"): (("grant_id",), _roles_held),
}
SERVICES = {"registry", "donations", "allocation", "notifications", "portal"}
ONLY_REPLAYED: dict[str, set[str]] = {
    "registry": {"children", "disclosures", "reports", "units"},
    "donations": {"campaigns", "contributions", "funds", "published_results", "sponsors", "units"},
    "allocation": {"allocations", "direct_gifts", "matching_runs", "substitutions", "units"},
    "notifications": {"checkpoint_subscriptions", "sponsors", "subscriptions", "units"},
    "portal": {
        "campaigns",
        "deliveries",
        "direct_gifts",
        "events_seen",
        "exceptions",
        "gift_lines",
        "gifts",
        "lots",
        "needs",
        "pledges",
        "programmes",
        "published_results",
        "receipts",
        "sponsors",
        "units",
    },
}
"""Open read models without a second fold. One that is neither here nor above is a violation."""
