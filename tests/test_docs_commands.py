import os
from pathlib import Path

import pytest

from tests.docs_commands import PROJECT, faults, unlisted


@pytest.fixture
def document():
    # Tests may run side by side: each process has a file of its own.
    path = PROJECT / "docs" / f"planted-fault-for-a-test-{os.getpid()}.md"
    yield path
    path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "text",
    [
        "```\nmake no-such-target\n```",
        "`vongtay no-such-command`",
        "`python -m no_such_module`",
        "[a link](no-such-file.md)",
        "`eventing/no_such_file.py`",
    ],
)
def test_what_does_not_exist_is_found(document, text):
    document.write_text(text, encoding="utf-8")
    assert len(list(faults([document]))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`make demo`",
        "`FRESH=1 make demo`",
        "`vongtay up`",
        "`eventing/record.py`",
        "`services/<name>/app.py`",
    ],
)
def test_what_exists_is_left_alone(document, text):
    document.write_text(text, encoding="utf-8")
    assert list(faults([document])) == []


def test_the_documents_are_there():
    assert (Path(PROJECT) / "ARCHITECTURE.md").exists()


@pytest.mark.parametrize(
    ("listed", "count"),
    [
        ("- [0001: One](0001-one.md)\n- [0002: Two](0002-two.md)\n", 0),
        ("- [0001: One](0001-one.md)\n", 1),
        ("- [0001: One](0001-one.md)\n- [0002: Too](0002-two.md)\n", 1),
    ],
)
def test_a_decision_that_is_not_listed_as_it_is_called_is_found(tmp_path, listed, count):
    (tmp_path / "README.md").write_text(listed, encoding="utf-8")
    (tmp_path / "0001-one.md").write_text("# 0001: One\n", encoding="utf-8")
    (tmp_path / "0002-two.md").write_text("# 0002: Two\n", encoding="utf-8")
    assert len(list(unlisted(tmp_path))) == count
