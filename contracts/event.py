"""What every event on the wire has: a kebab-case name, a version, when it happened, its programme.

An event class is the newest version of its name. Older versions keep no class, only an upcaster
from dict to dict; every version ever published keeps a golden file.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, dataclass_transform

from contracts.languages import Words

T = TypeVar("T")
Data = dict[str, Any]
Upcaster = Callable[[Data], Data]


@dataclass(frozen=True, slots=True)
class Declaration:
    """`service` is None for the few events that every service publishes about itself."""

    name: str
    called: Words
    version: int
    service: str | None
    cls: type


declared: dict[str, Declaration] = {}
declarations: dict[type, Declaration] = {}
upcasters: dict[tuple[str, int], Upcaster] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(
    name: str, *, vi: str, en: str, version: int = 1, programme: bool = True
) -> Callable[[type[T]], type[T]]:
    """Declare an event. `name` is kebab-case and in the past tense; it is never reused.

    `vi` and `en` are what a person reads in its place, on a page or in a history.

    Every event has `happened_at`: when the fact was true, which may be long before it was recorded.
    It has `programme_id` too, unless it says that it is of no `programme`: who a person is, where
    a unit lies, what a service says of its own running.
    """

    def declare(cls: type[T]) -> type[T]:
        if name in declared:
            raise ValueError(f"{name} is declared twice")
        fact = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        names = {field.name for field in fields(fact)}  # type: ignore[arg-type]
        if "happened_at" not in names:
            raise TypeError(f"{name} does not say when it happened")
        if programme and "programme_id" not in names:
            raise TypeError(f"{name} does not say of which programme it is")
        if not programme and "programme_id" in names:
            raise TypeError(f"{name} is of no programme, and names one")
        module = cls.__module__.rpartition(".")[2]
        service = None if module == "every_service" else module
        declaration = Declaration(name, Words(vi=vi, en=en), version, service, fact)
        declared[name] = declarations[fact] = declaration
        return fact

    return declare


def upcast(name: str, *, from_version: int) -> Callable[[Upcaster], Upcaster]:
    """Declare how the data of an older version becomes that of the next one."""

    def declare(upcaster: Upcaster) -> Upcaster:
        if (name, from_version) in upcasters:
            raise ValueError(f"{name} v{from_version} is upcast twice")
        upcasters[name, from_version] = upcaster
        return upcaster

    return declare
