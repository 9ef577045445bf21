"""docs/operate.md names every variable that anything reads, as it is read."""

import re
from pathlib import Path

import pytest

from console.settings_table import DOCUMENT, rows, with_table

PROJECT = Path(__file__).parents[2]
VARIABLE = re.compile(r"VONGTAY_[A-Z_]*[A-Z]")
READ_IN = ["*.py", "*.yml", "prepare", "demo", ".env.example", "*.env"]
LEFT_OUT = {"tests", ".venv", ".cache", ".run", ".git", ".hypothesis", "bench"}


def test_the_table_is_what_the_processes_read():
    document = DOCUMENT.read_text(encoding="utf-8")
    assert with_table(document) == document, "make docs writes it again"


def test_no_variable_is_unexplained():
    assert [row.variable for row in rows() if not row.meaning] == []


def test_no_variable_is_left_out():
    named = {
        (path.name, variable)
        for pattern in READ_IN
        for path in PROJECT.rglob(pattern)
        if not LEFT_OUT & set(path.relative_to(PROJECT).parts)
        for variable in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }
    explained = {row.variable for row in rows()}
    assert {(file, variable) for file, variable in named if variable not in explained} == set()


def test_a_document_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="variables"):
        with_table("# Operate\n")
