"""Reads the rules of every programme pack, once. A pack that says nonsense stops the start."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from services.registry.domain.rules import Rules

RULES_FILE = "rules.toml"


class PackNotValid(Exception):
    """The packs cannot be served; the message says which and why."""


@cache
def installed() -> tuple[Rules, ...]:
    """The rules of all packs. Raises PackNotValid."""
    packs = sorted(files("programmes").iterdir(), key=lambda pack: pack.name)
    found = tuple(_read(pack / RULES_FILE) for pack in packs if (pack / RULES_FILE).is_file())
    if sum(rules.register for rules in found) != 1:
        raise PackNotValid("exactly one pack must say `register = true`")
    return found


def register_rules() -> Rules:
    """What the register of children and roles goes by, whatever the programme."""
    return next(rules for rules in installed() if rules.register)


def rules_of(programme_code: str) -> Rules | None:
    """The rules of the programme with this code; None when no pack has it."""
    return next((rules for rules in installed() if rules.programme == programme_code), None)


def _read(file: Traversable) -> Rules:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Rules)
    except msgspec.MsgspecError as error:
        raise PackNotValid(f"{file}: {error}") from error
