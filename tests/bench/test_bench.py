import sys
from asyncio import create_subprocess_exec
from importlib.util import find_spec

import msgspec
import pytest

from bench.figures import Figure, Goal, Measured, quantile
from bench.results import BEGIN, END, lines, show_in, write
from console.run_folder import PROJECT

MEASURED = Measured(
    began_at="2024-11-11T02:30:00+00:00",
    quick=False,
    machine={"cores": "2"},
    figures=[
        Figure(part="a", name="ours", unit="commands/s", values=(9_000.0, 10_000.0, 8_000.0)),
        Figure(part="a", name="theirs", unit="commands/s", values=(3_000.0,)),
    ],
)


def test_a_goal_is_a_ratio_of_medians_of_one_run():
    measured = msgspec.structs.replace(MEASURED, goals=[])
    measured.ratio("a", "ours", "theirs", at_least=3.5)
    assert (measured.goals[0].reached, measured.goals[0].met) == (3.0, False)
    assert any("**missed**" in line for line in lines(measured, ""))


@pytest.mark.parametrize(("reached", "met"), [(1.15, True), (1.16, False)])
def test_a_goal_may_be_an_upper_bound(reached, met):
    goal = Goal(part="g", what="growth", reached=reached, unit="×", at_most=1.15)
    assert goal.met is met


def test_quantiles_are_values_that_occurred():
    values = [float(each) for each in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (50, 99, 7)
    with pytest.raises(ValueError, match="nothing was measured"):
        quantile([], 0.5)


def test_a_document_shows_the_tables_between_its_marks_and_keeps_the_rest(tmp_path):
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    show_in(document, MEASURED, tmp_path / "results")
    shown = document.read_text(encoding="utf-8")
    assert shown.startswith("before\n")
    assert shown.endswith("\nafter\n")
    assert "old" not in shown
    assert "| ours | 9,000 commands/s | 8,000 | 10,000 |" in shown
    assert "| theirs | 3,000 commands/s |  |  |" in shown, "of one trial there is no spread"
    assert "](results/a-commands-per-s.svg)" in shown
    write(MEASURED, tmp_path / "results")
    assert (tmp_path / "results" / "a-commands-per-s.svg").is_file()
    document.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="no marks"):
        show_in(document, MEASURED, tmp_path)


@pytest.mark.stack
@pytest.mark.timeout(900)
@pytest.mark.skipif(find_spec("eventsourcing") is None, reason="needs requirements/bench.lock")
async def test_every_part_runs(tmp_path):
    process = await create_subprocess_exec(
        sys.executable, "-m", "bench", "--quick", "--results", str(tmp_path), cwd=PROJECT
    )
    assert await process.wait() == 0
    measured = msgspec.json.decode((tmp_path / "latest.json").read_bytes(), type=Measured)
    assert {figure.part for figure in measured.figures} == set("abcdefghij")
    assert {goal.what: goal.met for goal in measured.goals}[
        "live and replayed digests that differ, 10,000 events"
    ]
    # The kernel counts CPU in hundredths of a second: in half a second it may be none.
    of_cpu = ("CPU", "of a core")
    timed = [each for each in measured.figures if not any(it in each.unit for it in of_cpu)]
    assert all(value > 0 for figure in timed for value in figure.values)
    assert (tmp_path / "latest.md").read_text(encoding="utf-8").startswith("# What")
