import pytest

from audit.checkpoint import Checkpoint, NotACheckpoint, checkpoint_in, opened
from audit.note import (
    COSIGNATURE,
    ED25519,
    NotANote,
    NotSigned,
    Signer,
    read,
    sign,
    signer,
    verifier,
)

LOG = Signer("vongtay.example/registry", ED25519, b"\x01" * 32)
WITNESS = Signer("witness.example", COSIGNATURE, b"\x02" * 32)
CHECKPOINT = Checkpoint("vongtay.example/registry", 812, b"\x03" * 32)


def test_keys_are_written_and_read():
    assert signer(str(LOG)) == LOG
    assert verifier(str(WITNESS.verifier)) == WITNESS.verifier


def test_a_checkpoint_is_signed_and_cosigned():
    note = CHECKPOINT.signed(LOG)
    checkpoint, _ = opened(note, LOG.verifier)
    assert checkpoint == CHECKPOINT
    cosigned = read(note + WITNESS.line(CHECKPOINT.text, 1_700_000_000))
    assert cosigned.signed_by(WITNESS.verifier)
    assert cosigned.signed_by(LOG.verifier)


def test_a_changed_text_is_not_signed():
    note = CHECKPOINT.signed(LOG).replace("812", "813")
    with pytest.raises(NotSigned):
        opened(note, LOG.verifier)


def test_another_key_of_the_same_name_has_not_signed():
    other = Signer(LOG.name, ED25519, b"\x09" * 32)
    with pytest.raises(NotSigned):
        opened(CHECKPOINT.signed(other), LOG.verifier)


def test_a_cosignature_holds_for_its_time_alone():
    line = WITNESS.line(CHECKPOINT.text, 1_700_000_000)
    other = WITNESS.line(CHECKPOINT.text, 1_700_000_001)
    assert line != other


@pytest.mark.parametrize(
    "text", ["", "no signature\n", "text\n\nno dash\n", "text\n\n\u2014 a !!\n"]
)
def test_what_is_no_note_is_said_to_be_none(text):
    with pytest.raises(NotANote):
        read(text)


def test_a_text_without_its_last_newline_is_not_signed():
    with pytest.raises(NotANote):
        sign("text", [LOG])


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AQ==", str(LOG.verifier)[:-4] + "AAA="])
def test_what_is_no_key_is_said_to_be_none(text):
    with pytest.raises(NotANote):
        verifier(text)


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\nb\nAAAA\n", "a\n1\n!\n"]
)
def test_what_is_no_checkpoint_is_said_to_be_none(text):
    with pytest.raises(NotACheckpoint):
        checkpoint_in(text)
