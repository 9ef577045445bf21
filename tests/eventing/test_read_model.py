from uuid import UUID, uuid4

import pytest
from msgspec import Struct

from contracts.donations import FundEntryBooked, FundOpened
from contracts.registry import UnitEstablished
from eventing.read_model import NoRow, ReadModel, begins, keyed, on
from eventing.record import Recorded
from tests.eventing.readers import MONDAY, booked, fund, opened


class Row(Struct, frozen=True):
    fund_id: UUID
    paper: str = ""


def begun(of):
    return Row(of.event.fund_id)


def booking(row, of):
    return None if of.event.paper == "gone" else Row(row.fund_id, of.event.paper)


def model(*handlers, **changes):
    handlers = handlers or (begins(FundOpened, begun), on(FundEntryBooked, booking))
    return ReadModel(name="rows", row=Row, key=("fund_id",), handlers=handlers, **changes)


def recorded(*events):
    return [
        Recorded("donations", at, f"fund-{event.fund_id}", at, uuid4(), event, MONDAY, None)
        for at, event in enumerate(events, 1)
    ]


def test_each_event_goes_to_its_handler_and_names_its_row():
    folded = model().fold({}, recorded(opened(1), opened(2), booked(2, "a"), booked(1, "b")))
    assert folded == {fund(1): Row(fund(1), "b"), fund(2): Row(fund(2), "a")}


def test_a_change_finds_no_row_and_makes_none():
    assert model().fold({}, recorded(booked(1), opened(2), booked(2, "gone"), booked(2))) == {
        fund(1): None,
        fund(2): None,
    }


def test_where_rows_are_begun_first_a_change_without_one_is_a_fault():
    with pytest.raises(NoRow):
        model(begun_first=True).fold({}, recorded(booked(1)))


@pytest.mark.parametrize("name", ["open-needs", "Needs", "", "1st", "n" * 41])
def test_its_name_is_a_table_s(name):
    with pytest.raises(TypeError, match="names no table"):
        ReadModel(name=name, row=Row, key=("fund_id",), handlers=())


def test_one_event_has_one_handler():
    with pytest.raises(TypeError, match="two handlers"):
        model(begins(FundOpened, begun), on(FundOpened, booking))


def test_an_event_that_does_not_name_the_row_says_its_keys():
    with pytest.raises(TypeError, match="UnitEstablished has no"):
        model(begins(FundOpened, begun), begins(UnitEstablished, begun))
    of_unit = keyed(UnitEstablished, lambda row, _, __: row, keys=lambda of: [of.event.parent_id])
    assert UnitEstablished in model(begins(FundOpened, begun), of_unit).events


def test_a_fold_is_of_its_types_in_any_order():
    begin, book = begins(FundOpened, begun), on(FundEntryBooked, booking)
    assert model(begin, book).folds == model(book, begin).folds != model(begin).folds
