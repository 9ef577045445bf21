"""A substitution: a gift goes to another child than the listed one, who does not come for good.

It is part of its delivery's stream. The gift is given at once; later somebody who had no part in it
ratifies or refuses it. What was given stays given: a refusal says that it was not right.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.allocation import (
    AllocationLine,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRatified,
    DeliveryLineSubstitutionRefused,
    DeliveryPlanned,
    SignedAs,
)
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed
from contracts.two_persons import Played, TwoPersons, part_against
from eventing.decider import Rejection

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstituteLine:
    """`line`: the listed line with the other child's need in it. `hands_out_for`: as in a plan."""

    line: AllocationLine
    rules: RulesInForce
    hands_out_for: frozenset[UUID]
    reason: Sealed
    signed_as: SignedAs
    signatory: Sealed | None
    substituted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatifySubstitution:
    line_id: UUID
    ratified_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseSubstitution:
    line_id: UUID
    reason: Sealed
    refused_by: UUID
    happened_at: datetime


Command = SubstituteLine | RatifySubstitution | RefuseSubstitution
Judgement = DeliveryLineSubstitutionRatified | DeliveryLineSubstitutionRefused
Event = DeliveryLineSubstituted | Judgement

# --- State ---


@dataclass(frozen=True, slots=True)
class Substitution:
    given: DeliveryLineSubstituted
    judgement: Judgement | None = None


# --- Rejections ---


class OnlyAChildIsSubstituted(Rejection):
    """A group or a unit has nobody in its stead: what it does not take up is given back."""

    code = "only-a-child-is-substituted"
    vi = "Chỉ thay được trẻ em bằng trẻ em khác, không thay nhóm trẻ em hay đơn vị."
    en = "Only a child is replaced, by another child; never a group or a unit."


class SubstituteIsTheListedChild(Rejection):
    code = "substitute-is-the-listed-child"
    vi = "Nhu cầu này là của chính trẻ em có tên trong danh sách."
    en = "This need is of the very child on the list."


class SubstituteOfAnotherUnit(Rejection):
    code = "substitute-of-another-unit"
    vi = "Nhu cầu này là của trẻ em ở đơn vị khác."
    en = "This need is of a child of another unit."


class LineNotSubstituted(Rejection):
    code = "line-not-substituted"
    kind = "absent"
    vi = "Dòng {line_id} không được trao cho trẻ em khác."
    en = "Line {line_id} was not given to another child."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class InvolvedCannotJudge(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-judge"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được xác nhận hay từ chối việc thay này."
    en = "Who had a part in it ({role}) can neither ratify nor refuse this substitution."

    def __init__(self, role: str) -> None:
        self.role = role


class SubstitutionJudgedOtherwise(Rejection):
    """Somebody else ratified or refused it, or the same person did the other."""

    code = "substitution-judged-otherwise"
    kind = "conflict"
    vi = "Việc thay này đã được xác nhận hoặc bị từ chối khác."
    en = "This substitution was ratified or refused otherwise."


# --- Decide ---


def substituted(
    plan: DeliveryPlanned, listed: AllocationLine, command: SubstituteLine
) -> DeliveryLineSubstituted:
    """Raises OnlyAChildIsSubstituted."""
    line = command.line
    if listed.child_id is None or line.child_id is None or line.registered_by is None:
        raise OnlyAChildIsSubstituted
    return DeliveryLineSubstituted(
        delivery_id=plan.delivery_id,
        programme_id=plan.programme_id,
        line_id=line.line_id,
        lot_id=line.lot_id,
        replaced_need_id=listed.need_id,
        replaced_child_id=listed.child_id,
        need_id=line.need_id,
        child_id=line.child_id,
        unit_id=line.unit_id,
        category=line.category,
        quantity=line.quantity,
        measure=line.measure,
        reason=command.reason,
        rules=command.rules,
        need_registered_by=line.registered_by,
        need_recorded_by=line.recorded_by,
        need_verified_by=line.verified_by,
        received_by=line.received_by,
        substituted_by=command.substituted_by,
        happened_at=command.happened_at,
    )


def check_substitute(listed: AllocationLine, command: SubstituteLine) -> None:
    """Raises SubstituteIsTheListedChild, SubstituteOfAnotherUnit."""
    if command.line.child_id == listed.child_id:
        raise SubstituteIsTheListedChild
    if command.line.unit_id not in command.hands_out_for:
        raise SubstituteOfAnotherUnit


def judge(
    command: RatifySubstitution | RefuseSubstitution,
    substitution: Substitution | None,
    before_it: Iterable[Played],
    added: Iterable[TwoPersons],
) -> list[Judgement]:
    """`before_it`: who had a part in the line as it was given, and in its way to the commune."""
    if substitution is None:
        raise LineNotSubstituted(command.line_id)
    judged = judgement(command, substitution.given)
    if before := substitution.judgement:
        if replace(judged, happened_at=before.happened_at) != before:
            raise SubstitutionJudgedOtherwise
        return []
    person = command.ratified_by if isinstance(command, RatifySubstitution) else command.refused_by
    parts = (("acknowledged", substitution.given.substituted_by), *before_it)
    if role := part_against(person, "ratified", parts, added):
        raise InvolvedCannotJudge(role)
    return [judged]


def judgement(
    command: RatifySubstitution | RefuseSubstitution, given: DeliveryLineSubstituted
) -> Judgement:
    if isinstance(command, RatifySubstitution):
        return DeliveryLineSubstitutionRatified(
            delivery_id=given.delivery_id,
            programme_id=given.programme_id,
            line_id=given.line_id,
            need_id=given.need_id,
            unit_id=given.unit_id,
            ratified_by=command.ratified_by,
            happened_at=command.happened_at,
        )
    return DeliveryLineSubstitutionRefused(
        delivery_id=given.delivery_id,
        programme_id=given.programme_id,
        line_id=given.line_id,
        need_id=given.need_id,
        unit_id=given.unit_id,
        reason=command.reason,
        refused_by=command.refused_by,
        happened_at=command.happened_at,
    )
