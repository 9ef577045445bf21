import subprocess
import sys

import pytest
import typer

from console.__main__ import app
from console.late import Late

ASKED_FOR_HELP = """
import sys
from console.__main__ import app
try:
    app(["--help"], prog_name="vongtay")
finally:
    print(*sys.modules, file=sys.stderr)
"""
NEEDED = {"console", "typer"}
"""Of all that is installed: what `--help` waits for."""


def commands(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(commands(typer.main.get_command(app)))


def test_asked_for_help_it_loads_nothing_that_a_command_needs():
    asked = subprocess.run(
        [sys.executable, "-c", ASKED_FOR_HELP], capture_output=True, text=True, check=True
    )
    assert "vongtay [OPTIONS] COMMAND" in asked.stdout
    loaded = {name.partition(".")[0] for name in asked.stderr.split()}
    assert loaded >= NEEDED
    ours = {"audit", "contracts", "deploy", "edge", "eventing", "notary", "programmes", "services"}
    heavy = {"aiokafka", "asyncpg", "fastapi", "httpx", "msgspec", "pydantic", "requests", "rich"}
    assert loaded & (ours | heavy) == set()
    assert len(asked.stderr.split()) < 400


@pytest.mark.parametrize("name", ALL)
def test_each_command_is_where_it_is_said_to_be_and_says_the_same_in_a_list(name):
    command = ALL[name]
    assert isinstance(command, Late)
    assert (command.loaded.help or "").startswith(command.help)
    assert command.help.endswith(".")
    assert command.name == name.rpartition(" ")[2]
