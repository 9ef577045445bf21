"""Every command that a document shows exists, and every file that it names or links to.

The list of decisions names each decision, by its title.

`python -m tests.docs_commands` says what does not. It reads code blocks and inline code.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from console.__main__ import app

PROJECT = Path(__file__).parents[1]
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
# `services/<name>/app.py` names no one file, `docs/*.md` names many.
PLACEHOLDER = re.compile(r"[<>*{}…]|\.\.\.")
FILE = re.compile(r"^[\w.-]+(/[\w.-]+)*/?$")


def faults(documents: list[Path], project: Path = PROJECT) -> Iterator[str]:
    targets = set(TARGET.findall((project / "Makefile").read_text(encoding="utf-8")))
    commands = _commands(typer.main.get_command(app))
    for document in documents:
        text = document.read_text(encoding="utf-8")
        name = document.relative_to(project)
        for link in LINK.findall(text):
            if "://" not in link and not (document.parent / link).exists():
                yield f"{name}: the link {link} leads nowhere"
        for block, inline in CODE.findall(text):
            for line in (block or inline).splitlines():
                if wrong := _wrong(line.strip(), targets, commands, project, document.parent):
                    yield f"{name}: {wrong}"


def unlisted(decisions: Path) -> Iterator[str]:
    """Decisions that the README of their folder does not list as they are called."""
    listed = (decisions / "README.md").read_text(encoding="utf-8").splitlines()
    for decision in sorted(decisions.glob("[0-9]*.md")):
        title = decision.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        if f"- [{title}]({decision.name})" not in listed:
            yield f"{decisions.name}/README.md does not list {title!r} ({decision.name})"


def _commands(command: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = {path}
    for name, sub in getattr(command, "commands", {}).items():
        found |= _commands(sub, (*path, name))
    return found


def _wrong(
    line: str, targets: set[str], commands: set[tuple[str, ...]], project: Path, folder: Path
) -> str | None:
    words = line.removeprefix("$ ").split()
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    match words:
        case ["make", target, *_] if re.fullmatch(r"[a-z-]+", target) and target not in targets:
            return f"there is no `make {target}`"
        case ["vongtay", first, *_] if re.fullmatch(r"[a-z-]+", first):
            second = words[2] if len(words) > 2 else ""
            if (first,) not in commands or (
                any(path[:1] == (first,) and len(path) > 1 for path in commands)
                and re.fullmatch(r"[a-z-]+", second)
                and (first, second) not in commands
            ):
                return f"there is no `{line}`"
        case ["python", "-m", module, *_] if not PLACEHOLDER.search(module):
            if find_spec(module) is None:
                return f"there is no module {module}"
        case [word] if "/" in word and FILE.match(word) and word.split("/")[0] in TOP:
            if not (project / word).exists() and not (folder / word).exists():
                return f"there is no {word}"
    return None


TOP = {path.name for path in PROJECT.iterdir() if path.is_dir() and not path.name.startswith(".")}


def documents_of(project: Path) -> list[Path]:
    """What git would keep: tracked files and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"],  # noqa: S607
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listed.splitlines() if (path := project / name).exists()]


def main() -> int:
    found = sorted({*faults(documents_of(PROJECT)), *unlisted(PROJECT / "docs" / "decisions")})
    for fault in found:
        print(fault, file=sys.stderr)  # noqa: T201
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
