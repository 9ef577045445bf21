"""How an organisation begins: an operator's one-time command appoints the first keeper."""

from uuid import NAMESPACE_URL, UUID, uuid5

from eventing.execute import CommandContext, Executor, derived_key
from eventing.record import Why
from eventing.sealing import Sealer
from services.registry.domain.organisation import STREAM, AppointFirstKeeper, organisation

OPERATOR = uuid5(NAMESPACE_URL, "urn:vongtay:operator")


async def appoint_first_keeper(
    executor: Executor, sealer: Sealer, person_id: UUID, name: str, unit_id: UUID
) -> int:
    """Return the position at which the keeper can be read. The same person again changes nothing.

    Raises FirstKeeperAppointedAlready when somebody else was.
    """
    command = AppointFirstKeeper(
        person_id=person_id,
        name=await sealer.seal(person_id, "person", "name", name),
        unit_id=unit_id,
        appointed_by=OPERATOR,
        happened_at=executor.clock(),
    )
    asked = CommandContext(
        derived_key(OPERATOR, person_id, "appoint-first-keeper"), Why(actor=OPERATOR)
    )
    return await executor.execute(organisation, STREAM, command, asked)
