"""Services ask each other, and the provider, straight: whatever proxy or .netrc the machine has.

What they send is a person's token; a proxy would read it, a .netrc would put another in its place.
"""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CLIENTS = [
    pytest.param(call, id=f"{file.relative_to(PROJECT)}:{call.lineno}")
    for folder in ("services", "edge")
    for file in sorted((PROJECT / folder).rglob("*.py"))
    if "Client(" in file.read_text()
    for call in ast.walk(ast.parse(file.read_text()))
    if isinstance(call, ast.Call) and ast.unparse(call.func).endswith((".AsyncClient", ".Client"))
]


@pytest.mark.parametrize("call", CLIENTS)
def test_a_client_takes_nothing_from_the_environment(call: ast.Call) -> None:
    assert "trust_env=False" in [ast.unparse(each) for each in call.keywords]


def test_there_are_such_clients() -> None:
    assert len(CLIENTS) >= 4
