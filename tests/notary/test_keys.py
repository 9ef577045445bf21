import pytest

from audit.checkpoint import Checkpoint
from audit.note import read
from notary.keys import LogKeys, NotOurCheckpoint, NotTheLogsKeys, make, retire, rotate

ORIGIN = "vongtay.test/registry"
CHECKPOINT = Checkpoint(ORIGIN, 812, b"\x03" * 32)


@pytest.fixture
def files(tmp_path):
    private, public = tmp_path / "notary.key", tmp_path / "notary.pub"
    make(private, public, ORIGIN)
    return private, public


def test_only_the_owner_reads_the_private_key(files):
    private, public = files
    rotate(private, public)
    assert private.stat().st_mode & 0o777 == 0o600
    retire(private)
    assert private.stat().st_mode & 0o777 == 0o600
    assert public.stat().st_mode & 0o444 == 0o444
    assert "PRIVATE" in private.read_text()
    assert "PRIVATE" not in public.read_text()
    assert not [*private.parent.glob("*.unfinished")]


def test_a_key_is_never_written_over(files):
    before = [file.read_text() for file in files]
    with pytest.raises(FileExistsError):
        make(*files, ORIGIN)
    files[0].unlink()
    with pytest.raises(FileExistsError):
        make(*files, ORIGIN)
    assert files[1].read_text() == before[1]


@pytest.mark.parametrize("log", ["two words/registry", "a+b/registry", ""])
def test_a_log_needs_a_name_that_a_note_can_carry(tmp_path, log):
    with pytest.raises(NotTheLogsKeys):
        make(tmp_path / "key", tmp_path / "pub", log)
    assert not [*tmp_path.iterdir()]


def test_while_it_is_replaced_both_keys_sign_and_both_are_known_for_ever(files):
    first = LogKeys.of(ORIGIN, *files)
    old = first.verifiers[0]
    new = rotate(*files)
    both = LogKeys.of(ORIGIN, *files)
    assert both.verifiers == (old, new)
    note = read(CHECKPOINT.signed(*both.signers))
    assert note.signed_by(old)
    assert note.signed_by(new)
    assert retire(files[0]) == [old]
    after = LogKeys.of(ORIGIN, *files)
    assert [key.verifier for key in after.signers] == [new]
    assert after.verifiers == (old, new)
    assert after.opened(CHECKPOINT.signed(*first.signers)) == CHECKPOINT


def test_what_the_log_did_not_sign_is_not_its_checkpoint(files, tmp_path):
    keys = LogKeys.of(ORIGIN, *files)
    make(tmp_path / "other.key", tmp_path / "other.pub", ORIGIN)
    other = LogKeys.of(ORIGIN, tmp_path / "other.key", tmp_path / "other.pub")
    elsewhere = Checkpoint("vongtay.test/donations", 812, b"\x03" * 32)
    signed = CHECKPOINT.signed(*keys.signers)
    for note in (
        CHECKPOINT.signed(*other.signers),
        elsewhere.signed(*keys.signers),
        signed.replace("812", "813"),
        "no note at all",
        "",
        "\N{REPLACEMENT CHARACTER}",
    ):
        with pytest.raises(NotOurCheckpoint):
            keys.opened(note)
    assert keys.opened(signed) == CHECKPOINT


def test_keys_that_do_not_belong_together_are_refused(files, tmp_path):
    private, public = files
    with pytest.raises(NotTheLogsKeys, match=r"is not of vongtay\.test/donations"):
        LogKeys.of("vongtay.test/donations", private, public)
    make(tmp_path / "other.key", tmp_path / "other.pub", ORIGIN)
    with pytest.raises(NotTheLogsKeys, match="lacks a key"):
        LogKeys.of(ORIGIN, private, tmp_path / "other.pub")
    private.write_text("")
    with pytest.raises(NotTheLogsKeys, match="holds no key"):
        LogKeys.of(ORIGIN, private, public)
    private.write_text("something else\n")
    with pytest.raises(NotTheLogsKeys, match=r"notary\.key"):
        LogKeys.of(ORIGIN, private, public)
