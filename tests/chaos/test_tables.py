"""Each open read model is folded twice; whatever a table says otherwise, or not, is found."""

from datetime import date, datetime, timedelta

import pytest

from contracts.event import declarations
from tests.chaos.full_logs import LOGS
from tests.chaos.looked_at import World
from tests.chaos.small_world import MODELS, folded, recorded, tables_of
from tests.chaos.tables import OF_SERVICE, compared, differ

TABLES = [(service, model.name) for service, models in MODELS.items() for model in models]
MODEL = {(service, model.name): model for service, models in MODELS.items() for model in models}
WHOLE = {service: log().rows for service, log in LOGS.items()}
ALL_SAID = tables_of(WHOLE)
RECORDED = [each for service, log in WHOLE.items() for each in recorded(service, log)]
WORLD = World(logs=WHOLE, topics={}, answers={}, tables=ALL_SAID)
NOT_SAID = [f"{service}.{name}" for service, name in TABLES if name not in OF_SERVICE[service]]
assert not NOT_SAID, f"tests/chaos/tables says nothing of {', '.join(NOT_SAID)}"
EXPECTED = {(service, name): OF_SERVICE[service][name][1](WORLD) for service, name in TABLES}


def differences(service, name, rows):
    return list(compared(name, MODEL[service, name].key, EXPECTED[service, name], rows))


def test_both_folds_agree():
    assert list(differ(WORLD)) == []


def test_all_that_a_read_model_folds_happens_in_these_logs():
    """So an agreement says something of each step."""
    happened = {row.type for log in WHOLE.values() for row in log}
    folded_types = {
        declarations[cls].name
        for model in MODEL.values()
        for cls in model.events
        if declarations[cls].service in (*MODELS, None)
    }
    assert folded_types - happened == set()


@pytest.mark.parametrize(
    ("service", "name"), [each for each in TABLES if "position" not in MODEL[each].key]
)
def test_a_step_that_a_table_has_not_seen(service, name):
    """Whichever it is, the table says something else without it."""
    model = MODEL[service, name]
    for step in model.events:
        others = [each for each in RECORDED if not isinstance(each.event, step)]
        assert differences(service, name, folded(model, others)), declarations[step].name


@pytest.mark.parametrize(("service", "name"), TABLES)
def test_a_row_that_is_gone(service, name):
    first, *rest = ALL_SAID[service][name]
    (said,) = differences(service, name, rest)
    key = tuple(str(first[column]) for column in MODEL[service, name].key)
    assert said == f"{name} lacks {key}"


@pytest.mark.parametrize(("service", "name"), TABLES)
def test_a_row_too_many(service, name):
    rows, key = ALL_SAID[service][name], MODEL[service, name].key
    (said,) = differences(service, name, [*rows, rows[0] | {key[-1]: "nobody's"}])
    assert said.startswith(f"{name} has")
    assert "nobody's" in said


@pytest.mark.parametrize(("service", "name"), TABLES)
def test_a_row_that_says_something_else(service, name):
    """In whichever row and column, and however deep in it."""
    key, expected = MODEL[service, name].key, EXPECTED[service, name]
    for row in ALL_SAID[service][name]:
        row_key = tuple(str(row[column]) for column in key)
        due = {row_key: expected[row_key]}
        for column in row.keys() - set(key):
            for altered in alterations(row[column]):
                (said,) = compared(name, key, due, [row | {column: altered}])
                assert said.startswith(f"{name} {row_key}: {column} is ")


@pytest.mark.parametrize(("service", "name"), TABLES)
def test_a_column_that_is_gone_and_one_that_nobody_knows(service, name):
    key, (first, *rest) = MODEL[service, name].key, ALL_SAID[service][name]
    lost = max(first.keys() - set(key))
    others = {of: value for of, value in first.items() if of != lost} | {"more": 1}
    unknown, gone = differences(service, name, [others, *rest])
    assert unknown.endswith(": more is not known")
    assert gone.endswith(f": there is no {lost}")


def alterations(value):
    """Values that differ from it in one place."""
    match value:
        case dict():
            yield value | {"more": 1}
            for name, each in value.items():
                yield {other: of for other, of in value.items() if other != name}
                yield from (value | {name: altered} for altered in alterations(each))
        case list():
            yield [*value, "more"]
            for at, each in enumerate(value):
                yield value[:at] + value[at + 1 :]
                yield from ([*value[:at], new, *value[at + 1 :]] for new in alterations(each))
        case _:
            yield another(value)


def another(value):
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case datetime():
            return value + timedelta(microseconds=1)
        case date():
            return value + timedelta(days=1)
        case _:
            return f"{value}'"
