"""How an organisation begins: an operator's command appoints its two keepers, or puts it right."""

from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.event import declarations
from contracts.registry import KeeperPlace, UnitEstablished
from edge.tokens import Identity
from eventing.execute import CommandContext, Executor, derived_key
from eventing.record import Why, decode_envelope
from eventing.sealing import Sealer
from services.registry.domain.organisation import (
    STREAM,
    AppointFoundingKeeper,
    organisation,
)
from services.registry.opening import ACCOUNT, PERSON

OPERATOR = uuid5(NAMESPACE_URL, "urn:vongtay:operator")
READ_AT_ONCE = 1_000


async def appoint_founding_keeper(
    executor: Executor,
    sealer: Sealer,
    place: KeeperPlace,
    person_id: UUID,
    name: str,
    unit_id: UUID,
    identity: Identity,
) -> int:
    """Return the position at which the keeper can be read. The same again changes nothing.

    Raises UnitNotEstablished when there are units, and not this one;
    FoundingKeeperAppointedAlready when somebody else was, or elsewhere, and has acted;
    TheFirstComesFirst; OnePersonIsNotTwo.
    """
    state = await executor.state(organisation, STREAM)
    appointed = state.keepers.get(place)
    has_units, has_acted = await _seen(executor, appointed.person_id if appointed else None)
    account_id = identity.account_id
    command = AppointFoundingKeeper(
        place=place,
        person_id=person_id,
        name=await sealer.seal(person_id, PERSON, "name", name),
        unit_id=unit_id,
        account_id=account_id,
        identity=await sealer.seal(account_id, ACCOUNT, "identity", identity.text),
        appointed_by=OPERATOR,
        has_units=has_units,
        has_acted=has_acted,
        happened_at=executor.clock(),
    )
    instead_of = str(appointed.grant_id) if appointed else ""
    named = (place, str(unit_id), str(account_id), instead_of)
    context = CommandContext(
        derived_key(OPERATOR, person_id, "appoint-founding-keeper", *named), Why(actor=OPERATOR)
    )
    return await executor.execute(organisation, STREAM, command, context)


async def _seen(executor: Executor, keeper: UUID | None) -> tuple[bool, bool]:
    """Has the log a unit, and a record of the keeper's? Before that, little else is in it."""
    established, position = declarations[UnitEstablished].name, 0
    has_units = False
    while records := await executor.store.log(position, READ_AT_ONCE):
        for stored in records:
            envelope = decode_envelope(stored.record)
            has_units = has_units or envelope.type == established
            if keeper is not None and envelope.actor == keeper:
                return has_units, True
        if has_units and keeper is None:
            break
        position = records[-1].position
    return has_units, False
