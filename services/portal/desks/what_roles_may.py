"""What somebody who holds a role may look up and send: read off the desks themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.languages import Words
from services.portal.desks.desk import Desk
from services.portal.desks.form import Form
from services.portal.desks.listing import Listing


@dataclass(slots=True)
class RoleMay:
    """By title. `sees` are lists and desks, with where they are; `sends` are forms."""

    sees: dict[str, Words] = field(default_factory=dict)
    sends: list[Words] = field(default_factory=list)


def what_roles_may(
    desks: Sequence[Desk], lists: Sequence[Listing], forms: Sequence[Form]
) -> Mapping[str, RoleMay]:
    """By role. What a role may only where something is so, the services judge."""
    found: dict[str, RoleMay] = {}
    for desk in desks:
        for role in (desk.may and desk.may.roles) or ():
            found.setdefault(role, RoleMay()).sees[desk.path] = desk.title
    for each in lists:
        for role in each.who:
            found.setdefault(role, RoleMay()).sees[each.path] = each.title
    for form in forms:
        for role in form.who:
            sends = found.setdefault(role, RoleMay()).sends
            if form.title not in sends:
                sends.append(form.title)
    return found
