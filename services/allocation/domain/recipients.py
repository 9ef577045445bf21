"""Who was given something, and as what somebody signs for it: a child, some of a group, a unit."""

from uuid import UUID

from contracts.allocation import SignedAs
from eventing.decider import Rejection


class SignatoryDoesNotFit(Rejection):
    code = "signatory-does-not-fit"
    vi = (
        "Dòng {line_id}: cha mẹ, người giám hộ hoặc người nhận thay ký cho trẻ em; người phụ trách"
        " ký cho nhóm trẻ em hoặc đơn vị."
    )
    en = (
        "Line {line_id}: a guardian or proxy signs for a child; somebody responsible signs for a"
        " group or a unit."
    )

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class ChildrenCountedOtherwise(Rejection):
    """`most` is the group's head-count in the need; 0: of this recipient no children are said."""

    code = "children-counted-otherwise"
    vi = (
        "Dòng {line_id}: khi trao cho nhóm, và chỉ khi đó, cần ghi số trẻ em được nhận"
        " (nhiều nhất {most})."
    )
    en = (
        "Line {line_id}: say how many children got it for a group, and for no other (up to {most})."
    )

    def __init__(self, line_id: UUID, most: int) -> None:
        self.line_id = line_id
        self.most = most


def check_signatory(line_id: UUID, child_id: UUID | None, signed_as: SignedAs) -> None:
    """Raises SignatoryDoesNotFit."""
    if (signed_as == "responsible") != (child_id is None):
        raise SignatoryDoesNotFit(line_id)


def children_given(line_id: UUID, group_id: UUID | None, children: int, counted: int | None) -> int:
    """How many children got it: those who were there of a group are counted on the spot.

    `line_id` may be the id of a direct gift. Raises ChildrenCountedOtherwise.
    """
    if group_id is None:
        if counted is not None:
            raise ChildrenCountedOtherwise(line_id, 0)
        return children
    if counted is None or not 0 < counted <= children:
        raise ChildrenCountedOtherwise(line_id, children)
    return counted
