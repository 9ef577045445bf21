"""What can be done with a thing: a link to its form, for those who may send it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.languages import Words
from edge.permission import May
from services.portal.desks.services import filled
from services.portal.desks.visit import Visit

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """The path names fields of the thing, as `/nguoi/{person_id}`; `ids` say where others are.

    There is none `unless` it is still to be done.
    """

    label: Words
    path: str
    unless: Callable[[Item], bool] = lambda _: False
    may: May | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


def within(item: Item, name: str) -> Any:
    """The field, `a.b` one of a field's own; None where there is none."""
    first, _, rest = name.partition(".")
    value = item.get(first)
    if not rest:
        return value
    return within(value, rest) if isinstance(value, Mapping) else None


async def allowed(actions: Sequence[Action], at: Visit) -> list[Action]:
    """Those that the person may take, anywhere."""
    return [each for each in actions if each.may is None or await at.may(each.may)]


def links(actions: Sequence[Action], at: Visit, item: Item) -> list[tuple[str, str]]:
    """Label and path of what can be done with this one."""
    texts = {name: "" if value is None else str(value) for name, value in item.items()}
    texts |= {name: value for name, value in at.request.path_params.items() if name not in texts}
    return [
        (
            each.label.in_(at.language),
            filled(
                each.path, texts | {id_: str(within(item, at_)) for id_, at_ in each.ids.items()}
            ),
        )
        for each in actions
        if not each.unless(item)
    ]
