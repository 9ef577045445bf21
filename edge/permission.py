"""Who may do what: one entry per command and query, written beside its route."""

from dataclasses import dataclass

from contracts.roles import MAY_AS_WELL
from edge.openings import NOBODYS, Opens


@dataclass(frozen=True, slots=True)
class May:
    """`roles` None: anyone, signed in or not. Empty: anyone who is signed in.

    With roles the person must hold one of them somewhere; the route says where by `door.within`
    before it executes, unless the entry holds `anywhere`.

    `newcomers`: an account that stands for nobody yet may too. `opens`: for what a query shows what
    is sealed, or names; without it nothing sealed passes its door.
    """

    name: str
    roles: frozenset[str] | None
    anywhere: bool
    newcomers: bool = False
    opens: Opens | None = None

    def __post_init__(self) -> None:
        if self.roles is None and self.opens not in (None, NOBODYS):
            raise ValueError(f"{self.name}: who anyone is cannot be recorded")


def may(name: str, *roles: str, anywhere: bool = False, opens: Opens | None = None) -> May:
    """Those who hold one of the roles, in the unit that the route names (or anywhere).

    So may whoever may as well what one of them may (`contracts.roles.MAY_AS_WELL`).
    """
    if not roles:
        raise ValueError(f"{name}: an entry without roles is `signed_in` or `anyone`")
    as_well = [role for role, other in MAY_AS_WELL.items() if other in roles]
    return May(name, frozenset([*roles, *as_well]), anywhere, opens=opens)


def signed_in(name: str, *, opens: Opens | None = None) -> May:
    """Anyone who is signed in; the route shows them only what is their own."""
    return May(name, frozenset(), anywhere=True, opens=opens)


def newcomer(name: str) -> May:
    """Anyone who is signed in, also whom no keeper has linked to a person yet."""
    return May(name, frozenset(), anywhere=True, newcomers=True)


def anyone(name: str, *, opens: Opens | None = None) -> May:
    """The public."""
    return May(name, None, anywhere=True, opens=opens)
