import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import FundEntryBooked, FundOpened
from contracts.every_service import ParkedStreamSkipped
from contracts.registry import UnitEstablished
from eventing.log_source import LogSource
from eventing.memory_rows import MemoryRows
from eventing.memory_store import MemoryStore
from eventing.record import decode
from eventing.replay import NotThatFar, replay
from tests.eventing.funds import funds_model, handlers, papers_model
from tests.eventing.readers import KEEPER, MONDAY, Writer, booked, fund, opened, recorded
from tests.eventing.test_read_model_runner import some_facts, unit
from tests.support.interleaving import interleavings

both = funds_model(handlers=handlers(FundOpened, FundEntryBooked, UnitEstablished))


@pytest.fixture(autouse=True)
def waits_little(monkeypatch):
    monkeypatch.setattr("eventing.replay.WAIT_S", 0.01)


async def two_logs():
    donations, registry = MemoryStore("donations"), MemoryStore("registry")
    await Writer(donations).write(*some_facts(3, 400))
    registrar = Writer(registry)
    for number in range(50):
        await registrar.write(unit(number % 7), stream=f"unit-{number}")
    return {"donations": donations, "registry": registry}


async def test_a_replay_gives_what_a_fold_of_the_log_gives():
    logs = await two_logs()
    rows = await MemoryRows(*logs.values()).where(both, limit=1000)
    upto = {"funds": {"donations": 400, "registry": 50}, "papers": {"donations": 200}}
    models = [both, papers_model]
    of_logs = await replay("donations", models, lambda name: LogSource(logs[name]), upto)
    assert of_logs["funds"].digest == both.digest(rows)
    assert of_logs["funds"].positions == upto["funds"]
    earlier = upto | {"funds": {"donations": 399, "registry": 50}}
    assert (await replay("donations", models, lambda name: LogSource(logs[name]), earlier))[
        "funds"
    ] != of_logs["funds"]


@given(st.data())
def test_the_order_across_services_does_not_matter(data):
    donations = [decode(one) for one in recorded("donations", some_facts(5, 12))]
    units = [unit(number % 3, unit_id=fund(100 + number)) for number in range(5)]
    registry = [decode(one) for one in recorded("registry", units)]
    order = data.draw(interleavings([donations, registry]))
    straight = both.fold({}, donations + registry)
    shuffled = both.fold({}, order)
    assert both.digest(straight.values()) == both.digest(shuffled.values())


async def test_what_was_skipped_is_left_out_of_a_replay_as_it_was(tmp_path):
    facts = [opened(1), booked(1, "spoils the row"), booked(1, "x"), booked(1, "y"), booked(2)]
    store = MemoryStore("donations")
    writer = Writer(store)
    for fact in facts:
        await writer.write(fact)
    upto = {"funds": {"donations": 5}}
    models = [funds_model()]
    parked = await replay("donations", models, lambda _name: LogSource(store), upto)
    assert parked["funds"].parked == 3
    await writer.write(
        ParkedStreamSkipped(
            consumer="funds",
            source_service="donations",
            parked_stream=f"fund-{fund(1)}",
            up_to_position=3,
            skipped_by=KEEPER,
            reason="record-is-wrong",
            happened_at=MONDAY,
        ),
        stream="parked",
    )
    skipped = await replay("donations", models, lambda _name: LogSource(store), upto)
    expected = funds_model().fold(
        {}, [decode(one) for one in await store.log(0, 5) if one.position not in (2, 3)]
    )
    assert skipped["funds"].digest == funds_model().digest(expected.values())
    assert skipped["funds"].parked == 0


async def test_a_replay_never_pretends_to_have_come_so_far(tmp_path, monkeypatch):
    logs = await two_logs()
    monkeypatch.setattr("eventing.replay.SILENT_FOR_S_MAX", 0.1)
    with pytest.raises(NotThatFar, match="position 400 of 401"):
        await replay(
            "donations",
            [papers_model],
            lambda name: LogSource(logs[name]),
            {"papers": {"donations": 401}},
        )
