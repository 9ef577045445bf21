"""A witness sees a log over HTTP, as anyone does, and must not be made to cosign two histories."""

import base64
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from hashlib import sha256
from urllib.request import Request, urlopen

import pytest

from audit.checkpoint import checkpoint_in
from audit.note import COSIGNATURE, ED25519, Signer, read
from audit.witness import FolderInUse, Watched, Witness
from audit.witness_door import shown
from tests.audit.planted import CHANGED, LOG_KEY, a_log, changed, notes_of
from tests.audit.shown_log import ShownLog

OTHER_KEY = Signer("vongtay.example/donations", ED25519, b"\x02" * 32)
KEY = Signer("witness.example", COSIGNATURE, b"\x05" * 32)
NOON = 1_700_000_000


@contextmanager
def watching(folder, *logs, key=KEY, within_s=10.0):
    with ExitStack() as stack:
        watched = [
            Watched((key_of_log.verifier,), stack.enter_context(log.served()))
            for log, key_of_log in zip(logs, (LOG_KEY, OTHER_KEY), strict=False)
        ]
        witness = Witness(key, folder, watched, lambda: NOON, within_s)
        yield stack.enter_context(closing(witness))


def look(witness):
    (seen,) = witness.look()
    return seen.finding, seen.size


def cosigned(witness):
    note = read(witness.cosigned(LOG_KEY.name))
    assert note.signed_by(KEY.verifier)
    assert note.signed_by(LOG_KEY.verifier)
    return checkpoint_in(note.text).size


def test_it_cosigns_a_log_that_grows(tmp_path):
    log = ShownLog(a_log(300), (5,))
    with watching(tmp_path, log) as witness:
        assert look(witness) == ("cosigned", 5)
        for size in (6, 255, 256, 300):
            log.sign(a_log(300), (size,))
            assert look(witness) == ("cosigned", size)
            assert cosigned(witness) == size
    assert len(list(tmp_path.iterdir())) == 1, "one checkpoint a log, whatever was seen"


def test_its_cosignature_says_when(tmp_path):
    with watching(tmp_path, ShownLog(a_log(5), (5,))) as witness:
        look(witness)
        *_, ours = read(witness.cosigned(LOG_KEY.name)).lines
    assert int.from_bytes(ours.signature[:8], "big") == NOON


def test_it_sees_the_same_again(tmp_path):
    with watching(tmp_path, ShownLog(a_log(5), (5,))) as witness:
        assert look(witness) == look(witness) == ("cosigned", 5)


@pytest.mark.parametrize("size", [15, 20])
def test_it_refuses_a_tree_signed_again_after_a_rewrite(tmp_path, size):
    log = ShownLog(a_log(20), (15,))
    with watching(tmp_path, log) as witness:
        look(witness)
        log.sign(changed(a_log(20), 7, CHANGED), (size,))
        assert look(witness) == ("forked", 15)
        assert cosigned(witness) == 15
        (seen,) = witness.seen()
        assert seen.is_alarm
        assert seen.refused == log.notes[-1][1]
        (refused,) = tmp_path.glob("*.refused")
        assert refused.read_text() == seen.refused


def test_it_refuses_a_log_that_went_back(tmp_path):
    log = ShownLog(a_log(20), (15,))
    with watching(tmp_path, log) as witness:
        look(witness)
        log.sign(a_log(20), (10,))
        assert look(witness) == ("went-back", 15)
        log.notes.clear()
        assert look(witness) == ("went-back", 15)
        assert cosigned(witness) == 15


def test_it_remembers_across_a_restart(tmp_path):
    log = ShownLog(a_log(20), (15,))
    with watching(tmp_path, log) as witness:
        look(witness)
    log.sign(changed(a_log(20), 7, CHANGED), (20,))
    with watching(tmp_path, log) as witness:
        assert look(witness) == ("forked", 15)


def test_it_does_not_go_on_from_what_somebody_put_into_its_folder(tmp_path):
    log = ShownLog(a_log(20), (15,))
    with watching(tmp_path, log) as witness:
        look(witness)
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text().replace("\n15\n", "\n16\n"))
    with watching(tmp_path, log) as witness:
        assert look(witness) == ("not-ours", 0)
        assert kept.read_text().split("\n")[1] == "16"


@pytest.mark.parametrize("name", [LOG_KEY.name, "another.example/registry"])
def test_it_refuses_what_the_log_did_not_sign(tmp_path, name):
    log = ShownLog(a_log(5), (5,), Signer(name, ED25519, b"\x09" * 32))
    with watching(tmp_path, log) as witness:
        assert look(witness) == ("not-signed", 0)
        assert witness.cosigned(LOG_KEY.name) is None


def test_it_waits_for_a_log_that_is_silent_or_has_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("audit.remote_log.PAUSE_S", 0)
    with ShownLog(a_log(5), ()).served() as url:
        witness = Witness(KEY, tmp_path, [Watched((LOG_KEY.verifier,), url)], lambda: NOON)
        assert look(witness) == ("nothing-signed", 0)
    assert look(witness) == ("silent", 0)


def test_it_shows_what_it_cosigned_and_what_it_found(tmp_path):
    with (
        watching(tmp_path, ShownLog(a_log(5), (5,))) as witness,
        shown(witness, "127.0.0.1", 0) as port,
    ):
        witness.look()
        with urlopen(f"http://127.0.0.1:{port}/{LOG_KEY.name}/checkpoint", timeout=5) as answer:
            assert answer.read().decode() == witness.cosigned(LOG_KEY.name)
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            (seen,) = json.load(answer)
    assert (seen["origin"], seen["finding"], seen["size"]) == (LOG_KEY.name, "cosigned", 5)


# --- a log that means harm ---


class HarmfulLog(ShownLog):
    """Answers for its checkpoint as it likes: `raw` is all that goes over the wire, in `pieces`."""

    def __init__(self, raw, pause_s=0.0):
        super().__init__(a_log(5), (5,))
        self.raw, self.pause_s = raw, pause_s

    @contextmanager
    def served(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            ended = threading.Event()
            threading.Thread(target=self._serve, args=(server, ended), daemon=True).start()
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
            ended.set()

    def _serve(self, server, ended):
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(65536)
                for at in range(len(self.raw)) if self.pause_s else ():
                    connection.sendall(self.raw[at : at + 1])
                    if ended.wait(self.pause_s):
                        return
                if not self.pause_s:
                    connection.sendall(self.raw)


def answering(body, *headers):
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


NOTE = notes_of(a_log(5), [5])[0][1]


@pytest.mark.parametrize(
    ("harmful", "finding"),
    [
        (HarmfulLog(answering(b"\xff\xfe")), "not-signed"),
        (HarmfulLog(answering(NOTE.encode(), "Content-Encoding: gzip")), "silent"),
        (HarmfulLog(answering(b"x" * 100_000)), "silent"),
        (HarmfulLog(answering(NOTE.encode()), pause_s=0.2), "silent"),
        (HarmfulLog(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000, pause_s=0.2), "silent"),
        (HarmfulLog(b"\x00" * 1_000), "silent"),
        (HarmfulLog(b"HTTP/1.1 301 OK\r\nLocation: x://[\r\n\r\n"), "silent"),
    ],
    ids=["no text", "packed", "long", "drips", "drips before it", "no HTTP", "leads nowhere"],
)
def test_one_log_harms_no_other(tmp_path, monkeypatch, harmful, finding):
    monkeypatch.setattr("audit.remote_log.PAUSE_S", 0)
    good = ShownLog(a_log(20), (15,), OTHER_KEY)
    with watching(tmp_path, harmful, good, within_s=2.0) as witness:
        for size in (15, 20):
            started = time.monotonic()
            seen = {each.origin: (each.finding, each.size) for each in witness.look()}
            assert time.monotonic() - started < 8
            assert seen[OTHER_KEY.name] == ("cosigned", size)
            assert seen[LOG_KEY.name][0] == finding
            good.sign(a_log(20), (20,), OTHER_KEY)


def test_a_line_in_its_own_name_is_not_taken_over(tmp_path):
    log = ShownLog(a_log(20), (5,))
    forged = base64.b64encode(KEY.verifier.key_hash + bytes(72)).decode()
    size, note = log.notes[-1]
    log.notes[-1] = (size, f"{note}— {KEY.name} {forged}\n")
    with watching(tmp_path, log) as witness:
        assert look(witness) == ("cosigned", 5)
        assert cosigned(witness) == 5
        log.sign(a_log(20), (15,))
        assert look(witness) == ("cosigned", 15)


def test_a_state_that_such_a_line_had_poisoned_heals(tmp_path):
    log = ShownLog(a_log(20), (5,))
    with watching(tmp_path, log) as witness:
        look(witness)
        (kept,) = tmp_path.glob("*.note")
        forged = base64.b64encode(KEY.verifier.key_hash + bytes(72)).decode()
        head, _, lines = kept.read_text().partition("\n\n")
        kept.write_text(f"{head}\n\n— {KEY.name} {forged}\n{lines}")
        log.sign(a_log(20), (15,))
        assert look(witness) == ("cosigned", 15)
        assert forged not in kept.read_text()


def test_what_it_keeps_of_one_log_and_cannot_read_stops_no_other(tmp_path):
    one, other = ShownLog(a_log(20), (5,)), ShownLog(a_log(20), (5,), OTHER_KEY)
    with watching(tmp_path, one, other) as witness:
        witness.look()
        path = tmp_path / f"{sha256(LOG_KEY.name.encode()).hexdigest()[:32]}.note"
        path.write_bytes(b"\xff\xfe")
        other.sign(a_log(20), (15,), OTHER_KEY)
        seen = {each.origin: each.finding for each in witness.look()}
        assert seen == {LOG_KEY.name: "not-ours", OTHER_KEY.name: "cosigned"}


def test_two_witnesses_never_use_one_folder(tmp_path):
    with watching(tmp_path, ShownLog(a_log(5), (5,))):
        with pytest.raises(FolderInUse), watching(tmp_path, ShownLog(a_log(5), (5,))):
            pass
        script = "import sys; from audit.witness import *; Witness(None, Path(sys.argv[1]), [])"
        command = [sys.executable, "-c", script, str(tmp_path)]
        other = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own
        assert b"FolderInUse" in other.stderr
    with watching(tmp_path, ShownLog(a_log(5), (5,))) as witness:
        assert look(witness) == ("cosigned", 5)


def test_what_was_being_looked_at_when_it_closed_is_not_cosigned(tmp_path):
    slow = HarmfulLog(answering(NOTE.encode()), pause_s=0.005)
    with watching(tmp_path, slow, within_s=0.1) as witness:
        assert look(witness) == ("silent", 0)
    time.sleep(3)
    assert not list(tmp_path.glob("*.note"))


def test_it_turns_away_more_than_it_can_answer(tmp_path, monkeypatch):
    monkeypatch.setattr("audit.witness_door.ASKING_MAX", 2)
    with (
        watching(tmp_path, ShownLog(a_log(5), (5,))) as witness,
        shown(witness, "127.0.0.1", 0) as port,
    ):
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        time.sleep(0.3)
        with socket.create_connection(("127.0.0.1", port), timeout=5) as third:
            assert third.recv(1) == b""
        for each in slow:
            each.close()
        time.sleep(0.3)
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            assert answer.status == 200


def test_it_answers_head_as_get_without_the_content(tmp_path):
    with (
        watching(tmp_path, ShownLog(a_log(5), (5,))) as witness,
        shown(witness, "127.0.0.1", 0) as port,
    ):
        witness.look()
        for path in ("", f"{LOG_KEY.name}/checkpoint"):
            address = f"http://127.0.0.1:{port}/{path}"
            with (
                urlopen(address, timeout=5) as got,
                urlopen(Request(address, method="HEAD"), timeout=5) as head,
            ):
                assert (head.status, head.read()) == (200, b"")
                assert head.headers["Content-Length"] == str(len(got.read()))


def test_who_asks_a_byte_at_a_time_is_cut_off(tmp_path, monkeypatch):
    """Each byte comes soon enough, and the question never."""
    monkeypatch.setattr("audit.witness_door.ASKED_WITHIN_S", 0.3)
    with (
        watching(tmp_path, ShownLog(a_log(5), (5,))) as witness,
        shown(witness, "127.0.0.1", 0) as port,
        socket.create_connection(("127.0.0.1", port), timeout=5) as slow,
    ):
        slow.settimeout(0.05)
        until = time.monotonic() + 3
        ended = False
        while not ended and time.monotonic() < until:
            try:
                slow.sendall(b"G")
                ended = slow.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended
