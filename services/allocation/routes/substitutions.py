"""Substitutions: a gift given to another child than the listed one, ratified by another person."""

from typing import Any
from uuid import UUID

from contracts.allocation import AllocationLine
from contracts.subjects import sealed_under
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Dated, LongText
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.programmes import NoRulesInForce, ProgrammeNotKnown
from edge.routes import Routes
from services.allocation.domain.delivery import (
    DeliveryNotHandedOver,
    DeliveryNotPlanned,
    HandedOver,
    InvolvedCannotAcknowledge,
    LineNotInTheDelivery,
    LineSignedOtherwise,
    delivery,
    stream,
)
from services.allocation.domain.ending import LineIsClosed
from services.allocation.domain.line import LotDoesNotFitTheNeed, given_instead
from services.allocation.domain.matching import Rule
from services.allocation.domain.need_cover import (
    NeedCoveredAlready,
    NeedCoveredOtherwise,
    NeedHasLapsed,
    NeedIsWithdrawn,
    NeedNotOpen,
)
from services.allocation.domain.recipients import SignatoryDoesNotFit
from services.allocation.domain.substitution import (
    InvolvedCannotJudge,
    LineNotSubstituted,
    OnlyAChildIsSubstituted,
    RatifySubstitution,
    RefuseSubstitution,
    SubstituteIsTheListedChild,
    SubstituteLine,
    SubstituteOfAnotherUnit,
    SubstitutionJudgedOtherwise,
)
from services.allocation.read_models.lots import lots
from services.allocation.read_models.open_needs import open_needs
from services.allocation.read_models.substitutions import SubstitutionStatus, substitutions
from services.allocation.routes.deliveries import (
    LineToSign,
    planned,
    signature,
)
from services.allocation.routes.rule import hands_out_for, rule_of
from services.allocation.routes.shown import SubstitutionListed, SubstitutionShown

PURPOSE = "substitution"

routes = Routes(tag="substitutions")


class LineToSubstitute(LineToSign, Dated):
    """`need_id`: the need of the child who is given the gift, and for whom somebody signs."""

    need_id: UUID
    reason: LongText


class Refusal(Dated):
    reason: LongText


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/substitutions",
    judges=None,
    may=may("substitute-delivery-line", "commune-officer"),
    refuses=[
        ProgrammeNotKnown,
        NoRulesInForce,
        DeliveryNotPlanned,
        DeliveryNotHandedOver,
        LineNotInTheDelivery,
        LineSignedOtherwise,
        LineIsClosed,
        InvolvedCannotAcknowledge,
        OnlyAChildIsSubstituted,
        SignatoryDoesNotFit,
        SubstituteIsTheListedChild,
        SubstituteOfAnotherUnit,
        LotDoesNotFitTheNeed,
        NeedNotOpen,
        NeedCoveredAlready,
        NeedCoveredOtherwise,
        NeedIsWithdrawn,
        NeedHasLapsed,
    ],
)
async def substitute(delivery_id: UUID, body: LineToSubstitute, door: Door) -> Accepted:
    """The need that is replaced is open again; the other one is covered and signed for at once."""
    plan = await planned(delivery_id, door)
    listed = next((line for line in plan.lines if line.line_id == body.line_id), None)
    if listed is None:
        raise LineNotInTheDelivery(body.line_id)
    happened_at = door.happened(body.happened_at)
    rule = await rule_of(door.rows, plan.programme_id, vietnamese_day(happened_at))
    line = await for_another(listed, body.need_id, rule, door)
    signed = await signature(body, line, door)
    command = SubstituteLine(
        line=line,
        rules=rule.rules.named,
        hands_out_for=await hands_out_for(plan.unit_id, door.rows, vietnamese_day(door.now)),
        reason=await door.seal(sealed_under(listed), PURPOSE, "reason", body.reason),
        signed_as=signed.signed_as,
        signatory=signed.signatory,
        substituted_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(delivery, stream(delivery_id), command)


async def for_another(
    listed: AllocationLine, need_id: UUID, rule: Rule, door: Door
) -> AllocationLine:
    """Raises NeedNotOpen, LotDoesNotFitTheNeed."""
    need = await door.rows.get(open_needs, need_id)
    if need is None:
        raise NeedNotOpen
    lot = await door.rows.get(lots, listed.lot_id)
    assert lot is not None, "a line in a delivery has its part of a lot"
    return given_instead(listed, need, lot, rule)


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/substitutions/{line_id}/ratification",
    judges=None,
    may=may("ratify-substitution", "coordinator"),
    refuses=[
        DeliveryNotPlanned,
        DeliveryNotHandedOver,
        LineNotSubstituted,
        SubstitutionJudgedOtherwise,
        InvolvedCannotJudge,
    ],
)
async def ratify(delivery_id: UUID, line_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    await planned(delivery_id, door)
    command = RatifySubstitution(
        line_id=line_id,
        ratified_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(delivery, stream(delivery_id), command)


@routes.command(
    "POST",
    "/deliveries/{delivery_id}/substitutions/{line_id}/refusal",
    judges=None,
    may=may("refuse-substitution", "coordinator"),
    refuses=[
        DeliveryNotPlanned,
        DeliveryNotHandedOver,
        LineNotSubstituted,
        SubstitutionJudgedOtherwise,
        InvolvedCannotJudge,
    ],
)
async def refuse(delivery_id: UUID, line_id: UUID, body: Refusal, door: Door) -> Accepted:
    """The gift stays where it is; that it was not right to give it is recorded with the reason."""
    await planned(delivery_id, door)
    state = await door.state(delivery, stream(delivery_id))
    if not isinstance(state, HandedOver):
        raise DeliveryNotHandedOver
    substitution = state.given_to_another.get(line_id)
    if substitution is None:
        raise LineNotSubstituted(line_id)
    child_id = substitution.given.child_id
    command = RefuseSubstitution(
        line_id=line_id,
        reason=await door.seal(child_id, PURPOSE, "refusal", body.reason),
        refused_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(delivery, stream(delivery_id), command)


@routes.query(
    "/substitutions",
    may=may("see-substitutions", "coordinator", "commune-officer", "approver", "auditor"),
)
async def listed(
    door: ListDoor, *, status: SubstitutionStatus | None = None
) -> Page[SubstitutionListed]:
    wanted: dict[str, Any] = {} if status is None else {"status": status}
    wanted["unit_id"] = sorted(await door.area())
    return await door.page(substitutions, SubstitutionListed.of, **wanted)


@routes.query(
    "/substitutions/{line_id}",
    may=may(
        "read-substitution-reason", "commune-officer", "coordinator", opens="judge-substitution"
    ),
    refuses=[LineNotSubstituted],
)
async def see(line_id: UUID, door: ReadDoor) -> SubstitutionShown:
    """With the reasons, opened for whoever ratifies or refuses it or works in the unit."""
    await door.fresh(substitutions)
    row = await door.rows.get(substitutions, line_id)
    if row is None:
        raise LineNotSubstituted(line_id)
    await door.within(row.unit_id)
    reason = await door.open(row.replaced_child_id, PURPOSE, "reason", row.reason)
    refusal = row.refusal and await door.open(row.child_id, PURPOSE, "refusal", row.refusal)
    return SubstitutionShown(
        **SubstitutionListed.of(row).model_dump(), reason=reason, refusal=refusal
    )
