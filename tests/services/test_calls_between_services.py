"""Services ask each other, and the provider, straight: whatever proxy or .netrc the machine has.

What they send is a person's token; a proxy would read it, a .netrc would put another in its place.
"""

import ast
from pathlib import Path

PROJECT = Path(__file__).parents[2]
CLIENTS = [
    (str(file.relative_to(PROJECT)), call)
    for folder in ("services", "edge")
    for file in sorted((PROJECT / folder).rglob("*.py"))
    if "Client(" in file.read_text()
    for call in ast.walk(ast.parse(file.read_text()))
    if isinstance(call, ast.Call) and ast.unparse(call.func).endswith((".AsyncClient", ".Client"))
]


def test_the_one_client_takes_nothing_from_the_environment() -> None:
    ((file, call),) = CLIENTS
    assert file == "edge/http_client.py"
    assert "trust_env=False" in [ast.unparse(each) for each in call.keywords]
