"""How is the person called whom a keeper gives roles? Opened, so private.

The rows are rebuilt where the keys are, and hold no name any more of who was erased.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from contracts.registry import PersonKind, PersonRegistered
from eventing.read_model import ReadModel, begins, opens
from eventing.sealing import Sealer
from services.registry.names import search_key
from services.registry.opening import PERSON


class NamedPerson(Struct, frozen=True, kw_only=True):
    """`name_key` is the name without tones. None where erased."""

    person_id: UUID
    kind: PersonKind
    name: str | None
    name_key: str | None
    registered_at: datetime


async def _named(person: PersonRegistered, sealer: Sealer) -> NamedPerson:
    name = await sealer.open(person.person_id, PERSON, "name", person.name)
    return NamedPerson(
        person_id=person.person_id,
        kind=person.kind,
        name=name,
        name_key=None if name is None else search_key(name),
        registered_at=person.happened_at,
    )


persons_by_name: ReadModel[UUID, NamedPerson] = ReadModel(
    name="persons_by_name",
    row=NamedPerson,
    key=("person_id",),
    handlers=(opens(PersonRegistered, _named, begins(NamedPerson, lambda of: of.event)),),
    indexes=(("name_key",),),
    private=True,
)
