"""docs/operate.md names every variable that anything reads, as it is read."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

import console.installed
import console.recovery  # noqa: F401 - all that the commands read
from console.settings_table import DOCUMENT, rows, with_table

PROJECT = Path(__file__).parents[2]
# By our prefix, or as compose files and scripts read any.
VARIABLE = re.compile(r"VONGTAY_[A-Z_]*[A-Z]|(?<=\$\{)[A-Z][A-Z_]*")
DEMANDED = re.compile(r"\$\{([A-Z_]+):\?")
READ_IN = ["*.py", "*.yml", "prepare", "demo", "back-up", "bring-in", ".env.example", "*.env"]
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


def test_no_class_of_settings_is_left_out():
    rest, found = [BaseSettings], set()
    while rest:
        of = rest.pop()
        rest += of.__subclasses__()
        if of.__module__.partition(".")[0] in {"console", "edge", "services"}:
            found |= {
                (f"VONGTAY_{name.upper()}", " ".join((field.description or "").split()))
                for name, field in of.model_fields.items()
            }
    assert found - {(row.variable, row.meaning) for row in rows()} == set()


def test_the_example_gives_whatever_compose_demands():
    files = [PROJECT / "docker-compose.yml", *(PROJECT / "deploy").rglob("*.yml")]
    demanded = {name for file in files for name in DEMANDED.findall(file.read_text("utf-8"))}
    example = (PROJECT / ".env.example").read_text("utf-8")
    given = dict(re.findall(r"^([A-Z_]+)=(.+)$", example, re.MULTILINE))
    assert demanded - given.keys() == set()


def test_a_document_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="variables"):
        with_table("# Operate\n")
