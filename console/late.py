"""Commands that are loaded when they are run: `vongtay --help` waits for none of them."""

import ast
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Late(TyperCommand):
    """A command known by its name and the place of its function, `module:function`.

    What it says of itself in a list is read from the source, so that it is said once.
    """

    def __init__(self, name: str, place: str, *, hidden: bool = False) -> None:
        super().__init__(name, hidden=hidden)
        self._module, _, self._function = place.partition(":")

    @cached_property
    def loaded(self) -> Any:
        function = getattr(import_module(self._module), self._function)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(self.name)(function)
        return typer.main.get_command(alone)

    @property
    def help(self) -> str | None:
        found = find_spec(self._module)
        assert found is not None
        assert found.origin is not None
        for part in ast.parse(Path(found.origin).read_text("utf-8")).body:
            if isinstance(part, ast.FunctionDef) and part.name == self._function:
                return (ast.get_docstring(part) or "").partition("\n\n")[0]
        raise AssertionError(f"{self._module} has no {self._function}")

    @help.setter  # noqa: A003 - the name is the library's
    def help(self, value: str | None) -> None:
        """What it is built on sets none."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - a sentence is whole
        return self.help or ""

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        return self.loaded.make_context(*arguments, **named)

    def get_params(self, ctx: Any) -> Any:
        return self.loaded.get_params(ctx)


def group(places: Mapping[str, str], hidden: frozenset[str] = frozenset()) -> type[TyperGroup]:
    """Return the class of a group that has these commands, beside what is added to it."""

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            for name, place in places.items():
                self.add_command(Late(name, place, hidden=name in hidden))

        def list_commands(self, ctx: Any) -> list[str]:
            return [*places, *(name for name in super().list_commands(ctx) if name not in places)]

    return Group
