import pytest
from typer.testing import CliRunner

from console.__main__ import app
from notary.keys import LogKeys

LOG = "vongtay.test/registry"


@pytest.fixture
def vongtay(tmp_path):
    def run(command, *more):
        return CliRunner().invoke(app, ["notary-key", command, str(tmp_path / "log.key"), *more])

    return run


def test_an_operator_makes_replaces_and_puts_away(vongtay, tmp_path):
    files = tmp_path / "log.key", tmp_path / "log.pub"
    made = vongtay("new", "--log", LOG)
    assert made.exit_code == 0
    assert files[0].stat().st_mode & 0o777 == 0o600
    first = LogKeys.of(LOG, *files)
    assert str(first.verifiers[0]) in made.output
    assert vongtay("rotate").exit_code == 0
    both = LogKeys.of(LOG, *files)
    assert (len(both.signers), both.verifiers[0]) == (2, first.verifiers[0])
    retired = vongtay("retire")
    assert str(first.verifiers[0]) in retired.output
    after = LogKeys.of(LOG, *files)
    assert (after.signers, after.verifiers) == (both.signers[1:], both.verifiers)
    assert "only one key" in vongtay("retire").output


def test_no_output_shows_a_private_key(vongtay, tmp_path):
    said = [vongtay("new", "--log", LOG), vongtay("rotate"), vongtay("retire")]
    assert all("PRIVATE" not in each.output for each in said)


def test_what_cannot_be_is_said_in_one_sentence(vongtay):
    assert vongtay("rotate").exit_code == 1
    assert vongtay("new", "--log", "two words").exit_code == 1
    assert vongtay("new", "--log", LOG).exit_code == 0
    again = vongtay("new", "--log", LOG)
    assert (again.exit_code, again.output) == (1, "log.key is there already\n")
