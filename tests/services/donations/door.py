"""Requests to donations with bodies that are right, so that a test says only what differs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.services.donations.examples import (
    ACCOUNTANT,
    CAMPAIGN,
    CASHIER,
    CONTRIBUTION,
    COORDINATOR,
    FUND,
    GIVER,
    LINE,
    PLEDGE,
    PROGRAMME,
    SPONSOR,
    STOREKEEPER,
)
from tests.support.answers import accepted
from tests.support.house import HouseForTests

CITY, READER, AUDITOR, STRANGER = (UUID(int=n) for n in range(51, 55))

JACKETS = {
    "line_id": str(LINE),
    "category": "warm-clothes",
    "specification": {"size": "H120", "gender": "female"},
    "quantity": 1000,
    "measure": "piece",
}
DONG = {
    "line_id": str(LINE),
    "category": "warm-clothes",
    "specification": {},
    "quantity": 2_000_000,
    "measure": "dong",
}
SIGNED = {
    "issuer": "Trần Thị Ngọc, kế toán",
    "receiver": "Bùi Văn Kho, thủ kho",
    "accepter": "Lê Thu Hà, điều phối viên",
}
MONEY = {"kind": "money", "lines": [DONG], "pledge_id": None}


class DonationsDoor:
    def __init__(self, house: HouseForTests) -> None:
        self.house = house
        house.unit(CITY, name="Hà Nội")
        house.programme(PROGRAMME)
        for person, role in (
            (COORDINATOR, "coordinator"),
            (STOREKEEPER, "storekeeper"),
            (CASHIER, "cashier"),
            (ACCOUNTANT, "accountant"),
            (READER, "contact-reader"),
            (AUDITOR, "auditor"),
        ):
            house.grant(person, role, CITY)

    def events(self) -> Sequence[Any]:
        return self.house.events()

    def get(self, path: str, *, by: UUID | None = COORDINATOR, **headers: Any) -> Any:
        return self.house.call("GET", path, by=by, **headers)

    def put(self, path: str, body: Any, *, by: UUID | None, **more: Any) -> Any:
        return self.house.call("PUT", path, body, by=by, **more)

    def post(self, path: str, body: Any = None, *, by: UUID | None, **more: Any) -> Any:
        return self.house.call("POST", path, body, by=by, **more)

    def register_sponsor(
        self, sponsor: UUID = SPONSOR, *, by: UUID | None = COORDINATOR, **changes: Any
    ) -> Any:
        body = {
            "person_id": str(GIVER),
            "kind": "enterprise",
            "public_name": "Công ty May Việt Ngọc",
            "name": "Công ty cổ phần May Việt Ngọc",
            "email": "lien-he@vietngoc.invalid",
            "illustrative": True,
        }
        return self.put(f"/sponsors/{sponsor}", body | changes, by=by)

    def open_fund(self, *, by: UUID | None = ACCOUNTANT, **changes: Any) -> Any:
        body = {
            "programme_id": str(PROGRAMME),
            "unit_id": str(CITY),
            "name": "Nguồn vận động mùa đông",
        }
        return self.put(f"/funds/{FUND}", body | changes, by=by)

    def open_campaign(self, *, by: UUID | None = COORDINATOR, **changes: Any) -> Any:
        body = {
            "programme_id": str(PROGRAMME),
            "fund_id": str(FUND),
            "name": "Áo ấm mùa đông 2024",
            "category": "warm-clothes",
            "target": 1000,
            "measure": "piece",
            "starts_on": "2024-10-01",
            "ends_on": "2024-12-15",
            "illustrative": True,
        }
        return self.put(f"/campaigns/{CAMPAIGN}", body | changes, by=by)

    def make_pledge(self, *, by: UUID | None = COORDINATOR, **changes: Any) -> Any:
        body = {
            "campaign_id": str(CAMPAIGN),
            "sponsor_id": str(SPONSOR),
            "kind": "goods",
            "category": "warm-clothes",
            "quantity": 1000,
            "measure": "piece",
            "earmark": {"unit_id": None, "need_id": None},
        }
        return self.put(f"/pledges/{PLEDGE}", body | changes, by=by)

    def announce(
        self,
        contribution: UUID = CONTRIBUTION,
        *,
        by: UUID | None = COORDINATOR,
        **changes: Any,
    ) -> Any:
        body = {
            "campaign_id": str(CAMPAIGN),
            "sponsor_id": str(SPONSOR),
            "pledge_id": str(PLEDGE),
            "kind": "goods",
            "lines": [JACKETS],
            "earmark": {"unit_id": None, "need_id": None},
        }
        return self.put(f"/contributions/{contribution}", body | changes, by=by)

    def receive(
        self,
        contribution: UUID = CONTRIBUTION,
        *,
        by: UUID | None = STOREKEEPER,
        body: Any = None,
    ) -> Any:
        """Money by the cashier, to whom it came by transfer if nothing else is said."""
        if body is None and by == CASHIER:
            body = {"paid_in": "transfer"}
        return self.post(f"/contributions/{contribution}/reception", body, by=by)

    def inspect(
        self,
        contribution: UUID = CONTRIBUTION,
        *lines: dict[str, Any],
        by: UUID | None = STOREKEEPER,
    ) -> Any:
        found = lines or (self.found(),)
        return self.post(f"/contributions/{contribution}/inspection", {"lines": found}, by=by)

    @staticmethod
    def found(
        good: int = 800, mendable: int = 150, refused: int = 50, line: UUID = LINE
    ) -> dict[str, Any]:
        return {"line_id": str(line), "good": good, "mendable": mendable, "refused": refused}

    def accept(self, contribution: UUID = CONTRIBUTION, *, by: UUID | None = ACCOUNTANT) -> Any:
        return self.post(f"/contributions/{contribution}/acceptance", by=by)

    def refuse(
        self,
        contribution: UUID = CONTRIBUTION,
        *,
        by: UUID | None = ACCOUNTANT,
        reason: str = "nothing-usable",
        **more: Any,
    ) -> Any:
        path = f"/contributions/{contribution}/refusal"
        return self.post(path, {"reason": reason}, by=by, **more)

    def receipt(
        self,
        contribution: UUID = CONTRIBUTION,
        *,
        by: UUID | None = ACCOUNTANT,
        book: str = "HANG",
        replaces: dict[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        body = SIGNED | {"book": book} | ({} if replaces is None else {"replaces": replaces})
        return self.post(f"/contributions/{contribution}/receipt", body, by=by, **more)

    def cancel_receipt(
        self,
        contribution: UUID = CONTRIBUTION,
        *,
        by: UUID | None = ACCOUNTANT,
        **changes: Any,
    ) -> Any:
        body = {"book": "HANG", "year": 2024, "number": 1, "reason": "wrong-giver"}
        path = f"/contributions/{contribution}/receipt/cancellation"
        return self.post(path, body | changes, by=by)

    def paper(self, contribution: UUID = CONTRIBUTION, *, by: UUID | None = ACCOUNTANT) -> Any:
        return self.get(f"/contributions/{contribution}/receipt/paper", by=by)

    def code(self) -> str:
        """What stands on the newest paper."""
        code: str = self.paper().json()["code"]
        return code

    def look_up(self, code: str, **headers: str) -> Any:
        return self.house.client.post("/receipts/look-up", json={"code": code}, headers=headers)

    def propose_correction(
        self, *lines: dict[str, Any], by: UUID | None = ACCOUNTANT, **more: Any
    ) -> Any:
        body = {"lines": lines or (self.found(good=700),), "reason": "miscounted"}
        return self.post(f"/contributions/{CONTRIBUTION}/corrections", body | more, by=by)

    def judge_correction(
        self, judgement: str = "confirmation", *, number: int = 1, by: UUID | None = COORDINATOR
    ) -> Any:
        path = f"/contributions/{CONTRIBUTION}/corrections/{number}/{judgement}"
        return self.post(path, by=by)

    def given_a_campaign(self) -> None:
        for answer in (self.register_sponsor(), self.open_fund(), self.open_campaign()):
            accepted(answer)

    def given_accepted(self, contribution: UUID = CONTRIBUTION, **changes: Any) -> None:
        """A contribution without a pledge, through all its steps, in a campaign that is there."""
        money = changes.get("kind") == "money"
        changes = {"pledge_id": None} | changes
        lines = (self.found(2_000_000, 0, 0),) if money else ()
        for answer in (
            self.announce(contribution, **changes),
            self.receive(contribution, by=CASHIER if money else STOREKEEPER),
            self.inspect(contribution, *lines),
            self.accept(contribution),
        ):
            accepted(answer)
