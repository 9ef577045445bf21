from dataclasses import replace

import pytest

from bench import nation as reckoning
from bench.figures import Measured
from bench.nation import Assumed, lines, nation

SPEEDS = {
    reckoning.SPEEDS["append"]: 9_000.0,
    reckoning.SPEEDS["publish"]: 100_000.0,
    reckoning.SPEEDS["keep a read model level"]: 50_000.0,
    reckoning.REBUILT: 200_000.0,
    reckoning.VERIFIED: 200_000.0,
}
BYTES = {
    **dict.fromkeys(reckoning.ON_DISK, 500.0),
    reckoning.IN_KAFKA: 200.0,
    reckoning.RECORD: 900.0,
}
ALWAYS_AT_THE_PEAK = Assumed(quiet_share=1.0)


def run(**changed: float) -> Measured:
    measured = Measured(began_at="2024-11-11T02:30:00+00:00", quick=False, machine={})
    each = dict.fromkeys(reckoning.NEEDED, 100.0) | SPEEDS | BYTES
    for (part, name), value in each.items():
        measured.add(part, "", {name: [changed.get(part, value)]})
    return measured


def test_the_slowest_step_says_how_many_logs_there_are():
    it = nation(run(), Assumed())
    assert (it.logs, it.slowest) == (3, "append")
    assert nation(run(), Assumed(used_share=1.0)).logs == 2
    it = nation(run(d=1_000.0), Assumed())
    assert (it.logs, it.slowest) == (20, "keep a read model level")


def test_volume_and_hours_are_events_times_bytes_and_over_speed():
    it = nation(run(), ALWAYS_AT_THE_PEAK)
    assert it.events_a_year == it.events_a_child * 1_000_000 == 10_000 * 365 * 86_400
    assert it.database_tb == pytest.approx(it.events_a_year * 1_000 * 2 / 1e12)
    assert it.kafka_tb == pytest.approx(it.events_a_year * 200 * 3 / 1e12)
    assert it.kafka_tb_at_most == pytest.approx(it.kafka_tb * 900 / 200)
    assert it.rebuild_hours == pytest.approx(it.events_a_year / 3 / 200_000 / 3_600)


def test_a_core_has_a_million_microseconds_and_all_who_follow_are_counted():
    alone = replace(ALWAYS_AT_THE_PEAK, used_share=1.0, followers=0, kafka_copies=1)
    # Web and its PostgreSQL, worker, its rows, broker, the relay's reading: six times 100 µs.
    assert nation(run(), alone).cores == 6
    assert nation(run(), replace(alone, followers=1)).cores == 8
    assert nation(run(), replace(alone, used_share=0.5)).cores == 12
    assert nation(run(), alone).web_processes == 1


def test_every_assumption_and_every_result_is_in_the_table():
    table = "\n".join(lines(run()))
    for meaning in (*reckoning.MEANING.values(), *reckoning.MEANING_OF_A_ROW.values()):
        assert meaning in table


def test_a_run_of_some_parts_says_nothing_of_a_nation():
    measured = run()
    measured.figures.pop()
    assert list(lines(measured)) == []
