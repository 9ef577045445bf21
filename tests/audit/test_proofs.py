import base64

import pytest

from audit.export import Export
from audit.merkle import ProofFails
from audit.note import ED25519, NotSigned, Signer
from audit.proofs import CannotBeProved, NotAProof, check_proof, proof_in, prove
from audit.signed import keys_from, signed_checkpoints
from tests.audit.planted import CHANGED, LOG_KEY, SIZES, Planted, a_log, changed


def proved(path, position):
    export = Export(path)
    keys = keys_from(export.keys(), [], [])
    notes = [(note, False) for note in export.notes()]
    signed, _ = signed_checkpoints("registry", LOG_KEY.name, notes, keys)
    return prove(export, "registry", position, signed)


@pytest.mark.parametrize("position", range(1, SIZES[-1] + 1))
def test_each_record_proves_itself_without_the_export(tmp_path, position):
    text = proved(Planted(tmp_path).path, position).text
    read = proof_in(text)
    assert read.text == text
    checkpoint = check_proof(read, LOG_KEY.verifier)
    assert (checkpoint.size, read.index + 1) == (20, position)
    assert read.record == a_log()[position - 1]


def test_a_changed_record_does_not(tmp_path):
    text = proved(Planted(tmp_path).path, 7).text
    other = text.replace(base64.b64encode(a_log()[6]).decode(), base64.b64encode(CHANGED).decode())
    assert other != text
    with pytest.raises(ProofFails):
        check_proof(proof_in(other), LOG_KEY.verifier)


def test_a_proof_at_another_place_does_not(tmp_path):
    text = proved(Planted(tmp_path).path, 7).text.replace("index 6", "index 5")
    with pytest.raises(ProofFails):
        check_proof(proof_in(text), LOG_KEY.verifier)


def test_a_proof_that_another_key_signed_does_not(tmp_path):
    other = Signer(LOG_KEY.name, ED25519, b"\x09" * 32)
    with pytest.raises(NotSigned):
        check_proof(proved(Planted(tmp_path).path, 7), other.verifier)


@pytest.mark.parametrize("position", [0, 21, 22, 99])
def test_what_no_checkpoint_covers_cannot_be_proved(tmp_path, position):
    with pytest.raises(CannotBeProved):
        proved(Planted(tmp_path).path, position)


def test_a_log_that_is_not_what_was_signed_proves_nothing(tmp_path):
    planted = Planted(tmp_path)
    planted.rewrite(changed(a_log(), 3, CHANGED))
    with pytest.raises(CannotBeProved):
        proved(planted.path, 7)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("extra ", "more "),
        ("extra ", "extra !"),
        ("index 6", "index 06"),
        ("index 6", "index -6"),
        ("index 6", "indeed 6"),
        ("\n\n", "\n"),
        ("index 6\n", "index 6\nAAAA\n"),
    ],
)
def test_what_is_no_proof_is_said_to_be_none(tmp_path, old, new):
    text = proved(Planted(tmp_path).path, 7).text
    with pytest.raises(NotAProof):
        proof_in(text.replace(old, new))
