"""A witness sees a log over HTTP, as anyone does, and must not be made to cosign two histories."""

import json
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from audit.checkpoint import checkpoint_in
from audit.note import COSIGNATURE, ED25519, NotSigned, Signer, read
from audit.witness import Watched, Witness
from audit.witness_door import shown
from tests.audit.planted import CHANGED, LOG_KEY, a_log, changed
from tests.audit.shown_log import ShownLog

KEY = Signer("witness.example", COSIGNATURE, b"\x05" * 32)
NOON = 1_700_000_000


@contextmanager
def watching(folder, log, key=KEY):
    with log.served() as url:
        yield Witness(key, folder, [Watched((LOG_KEY.verifier,), url)], lambda: NOON)


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
        (*_, (_, _, signature)) = read(witness.cosigned(LOG_KEY.name)).signatures
    assert int.from_bytes(signature[:8], "big") == NOON


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
    with watching(tmp_path, log) as witness, pytest.raises(NotSigned):
        witness.look()


@pytest.mark.parametrize("name", [LOG_KEY.name, "another.example/registry"])
def test_it_refuses_what_the_log_did_not_sign(tmp_path, name):
    log = ShownLog(a_log(5), (5,), Signer(name, ED25519, b"\x09" * 32))
    with watching(tmp_path, log) as witness:
        assert look(witness) == ("not-signed", 0)
        assert witness.cosigned(LOG_KEY.name) is None


def test_it_waits_for_a_log_that_is_silent_or_has_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("audit.remote_log.PAUSE_S", 0)
    with watching(tmp_path, ShownLog(a_log(5), ())) as witness:
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
