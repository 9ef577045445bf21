import json
import os

import pytest

from eventing.kept_file import KeptFile, NothingHeld


@pytest.fixture
def path(tmp_path):
    return tmp_path / "numbers.json"


def kept(path):
    return KeptFile(path, json.loads, look_again_s=0.0)


def test_what_never_held_anything_says_so(path):
    file = kept(path)
    with pytest.raises(NothingHeld, match=r"numbers\.json: No such file"):
        file.current()
    assert not file.is_held
    path.write_text("[1]")
    assert file.current() == [1]
    assert file.is_held


def test_an_unchanged_file_is_one_object(path):
    path.write_text("[1]")
    file = kept(path)
    assert file.current() is file.current()


@pytest.mark.parametrize("harm", ["half", "none", "directory"])
def test_what_it_last_held_well_is_kept_and_it_is_told_until_it_is_well_again(path, harm):
    path.write_text("[1]")
    file = kept(path)
    assert file.current() == [1]
    match harm:
        case "half":
            path.write_text("[1, 2")
        case "none":
            path.unlink()
        case "directory":
            path.unlink()
            path.mkdir()
    assert file.current() == [1]
    assert file.trouble().startswith("numbers.json: ")
    assert "2" not in file.trouble().removeprefix("numbers.json: ")
    if harm == "directory":
        path.rmdir()
    path.write_text("[1, 2, 3]")
    assert file.trouble() is None
    assert file.current() == [1, 2, 3]


def test_half_a_file_that_was_finished_within_the_same_tick_of_its_clock_is_read_again(path):
    path.write_text("[1]")
    file = kept(path)
    assert file.current() == [1]
    for content, held in (("[2, ", [1]), ("[2,3", [1]), ("[23]", [23])):
        path.write_text(content)
        os.utime(path, ns=(7, 7))
        assert file.current() == held


def test_a_file_of_the_same_size_and_time_under_another_inode_is_another(path):
    path.write_text("[1]")
    os.utime(path, ns=(7, 7))
    file = kept(path)
    assert file.current() == [1]
    beside = path.with_name("beside")
    beside.write_text("[2]")
    os.utime(beside, ns=(7, 7))
    beside.rename(path)
    assert file.current() == [2]
