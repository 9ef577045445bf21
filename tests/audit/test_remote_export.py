from contextlib import contextmanager

import pytest

from audit.export import Export, ExportWriter
from audit.files import NotAnExport
from audit.remote_export import export_log, newest_of
from audit.remote_log import LogDoesNotAnswer, RemoteLog
from audit.verify import verify
from tests.audit.planted import CHANGED, LOG_KEY, MONDAY, ORIGIN, a_log, changed
from tests.audit.shown_log import TOKEN, ShownLog


@pytest.fixture(autouse=True)
def _nobody_signs_what_is_not_signed_yet(monkeypatch):
    monkeypatch.setattr("audit.remote_export.SIGNED_WITHIN_S", 0)


@contextmanager
def reading(shown, token=TOKEN):
    with shown.served() as url, RemoteLog(url, token) as log:
        yield log


def take_home(path, log, **options):
    writer = ExportWriter(path, ORIGIN, MONDAY, **options)
    export_log(writer, "registry", log, newest_of(log)[1], lambda _service, _records: None)
    return verify(path, keys=[str(LOG_KEY.verifier)])


def test_a_log_is_taken_home_whole(tmp_path):
    with reading(ShownLog(a_log(700), (5, 10, 690))) as log:
        assert newest_of(log) == (LOG_KEY.name, 690)
        verdict = take_home(tmp_path, log, chunk_records=300)
    (found,) = verdict.logs
    assert verdict.holds
    assert (found.size, found.signed_up_to, found.matches, found.has_tiles) == (700, 690, 3, True)


def test_an_export_goes_on_where_it_ended(tmp_path):
    shown = ShownLog(a_log(300), (290,))
    with reading(shown) as log:
        take_home(tmp_path, log, chunk_records=100)
        shown.sign(a_log(600), (590,))
        shown.asked.clear()
        verdict = take_home(tmp_path, log)
    (found,) = verdict.logs
    assert verdict.holds
    assert (found.size, found.signed_up_to, found.checkpoints) == (600, 590, 2)
    assert "/log/tile/0/000" not in shown.asked


def test_what_came_before_an_interruption_is_kept(tmp_path):
    class Interrupted(Exception):
        pass

    writer = ExportWriter(tmp_path, ORIGIN, MONDAY)
    with reading(ShownLog(a_log(20), (20,))) as log:

        def interrupted():
            with writer.log("registry") as lines:
                for position, line in log.records(0):
                    if position == 8:
                        raise Interrupted
                    lines.add(position, line)

        with pytest.raises(Interrupted):
            interrupted()
        assert Export(tmp_path).log("registry").size == 7
        assert take_home(tmp_path, log).logs[0].size == 20


def test_a_log_that_hides_its_signed_tail_is_found_out(tmp_path):
    shown = ShownLog(a_log(20), (10, 20))
    shown.log = shown.log[:15]
    with reading(shown) as log:
        faults = take_home(tmp_path, log).faults
    assert [(fault.kind, fault.first, fault.last) for fault in faults] == [("truncated", 16, 20)]


def test_a_rewritten_record_is_named_by_the_tiles(tmp_path):
    shown = ShownLog(a_log(20), (10, 20))
    with reading(shown) as log:
        take_home(tmp_path, log)
    shown.log = changed(shown.log, 7, CHANGED)
    other = tmp_path / "other"
    with reading(shown) as log:
        writer = ExportWriter(other, ORIGIN, MONDAY)
        with writer.log("registry") as lines:
            for position, line in log.records(0):
                lines.add(position, line)
    for name in ("checkpoints.ndjson", "keys.txt", "registry/tile/0/000.p/20"):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes((tmp_path / name).read_bytes())
    faults = {(fault.kind, fault.first, fault.detail) for fault in verify(other).faults}
    assert ("altered", 7, "not-in-tile") in faults


def test_without_a_token_there_are_no_records(tmp_path):
    with reading(ShownLog(a_log(3), (3,)), token=None) as log, pytest.raises(LogDoesNotAnswer):
        take_home(tmp_path, log)


def test_a_log_with_nothing_signed_yet(tmp_path):
    with reading(ShownLog(a_log(3), ())) as log:
        assert newest_of(log) == ("", 0)
        verdict = take_home(tmp_path, log)
    assert verdict.holds
    assert verdict.logs[0].signed_up_to == 0


def test_a_hole_ends_an_export(tmp_path):
    with ExportWriter(tmp_path, ORIGIN, MONDAY).log("registry") as log:
        log.add(1, b"1\n")
        with pytest.raises(NotAnExport):
            log.add(3, b"3\n")


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(NotAnExport):
        ExportWriter(tmp_path, ORIGIN, MONDAY)
    (tmp_path / "letter.txt").unlink()
    ExportWriter(tmp_path, ORIGIN, MONDAY)
    with pytest.raises(NotAnExport):
        ExportWriter(tmp_path, "another.example", MONDAY)


def test_nobody_answers(tmp_path, monkeypatch):
    monkeypatch.setattr("audit.remote_log.PAUSE_S", 0)
    with RemoteLog("http://127.0.0.1:1") as log, pytest.raises(LogDoesNotAnswer):
        log.checkpoint()


def test_a_log_that_talks_for_ever_is_not_listened_to(monkeypatch):
    monkeypatch.setattr("audit.remote_log.NOTE_BYTES_MAX", 10)
    with reading(ShownLog(a_log(3), (3,))) as log, pytest.raises(LogDoesNotAnswer):
        log.checkpoint()
