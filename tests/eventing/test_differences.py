from dataclasses import dataclass, field
from uuid import UUID

from contracts.registry import Figure
from contracts.sealed import Sealed
from eventing.differences import DIFFERENCES_TOLD_MAX, Difference, differences

SECRET = Sealed(UUID(int=1), "c2VjcmV0")


@dataclass(frozen=True)
class Drafted:
    figures: tuple[Figure, ...] = ()
    signed_by: UUID | None = None
    reason: Sealed | None = None
    lines: dict[UUID, int] = field(default_factory=dict)
    refused: frozenset[UUID] = frozenset()


def figure(value: int) -> Figure:
    return Figure(name="Trẻ em", measure="child", value=value)


def test_the_same_differs_in_nothing() -> None:
    one = Drafted(figures=(figure(0),), reason=SECRET)
    assert differences(one, one) == ()


def test_both_values_are_told_where_they_differ() -> None:
    seen = Drafted(figures=(figure(0), figure(7)), lines={UUID(int=3): 1})
    now = Drafted(figures=(figure(999_999), figure(7)), signed_by=UUID(int=9))
    assert differences(seen, now) == (
        Difference("figures.0.value", 0, 999_999),
        Difference(f"lines.{UUID(int=3)}", 1, None),
        Difference("signed_by", None, UUID(int=9)),
    )


def test_what_is_in_a_set_is_told_in_order() -> None:
    (told,) = differences(Drafted(), Drafted(refused=frozenset({UUID(int=2), UUID(int=1)})))
    assert told == Difference("refused", [], [str(UUID(int=1)), str(UUID(int=2))])


def test_what_is_sealed_stays_so() -> None:
    other = Sealed(UUID(int=1), "b3RoZXI=")
    assert differences(Drafted(reason=SECRET), Drafted(reason=other)) == (
        Difference("reason", "sealed", "sealed"),
    )


def test_another_kind_of_state_and_a_plain_one() -> None:
    told = differences(None, Drafted(signed_by=UUID(int=9)))
    assert told == (Difference("signed_by", None, UUID(int=9)), Difference("refused", None, []))
    assert differences("Quỹ", "Quỹ áo") == (Difference("", "Quỹ", "Quỹ áo"),)


def test_so_many_are_told_and_no_more() -> None:
    many = Drafted(figures=tuple(figure(n) for n in range(100)))
    assert len(differences(Drafted(), many)) == DIFFERENCES_TOLD_MAX
