"""A service behind its door with jackets in stock and children who need them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from contracts.allocation import (
    AllocationLineGivenUp,
    NeedCoverClosed,
    NeedCoverLapsed,
    NeedCoverRenewed,
)
from contracts.donations import (
    ContributionAccepted,
    ContributionCorrected,
    Earmark,
    FundOpened,
    InspectedLine,
    SponsorRegistered,
)
from contracts.registry import (
    NeedLapsed,
    NeedOpened,
    NeedReconfirmed,
    NeedWithdrawn,
    UnitSucceeded,
)
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed
from eventing.execute import CommandContext, derived_key
from eventing.reactions import given_off
from eventing.record import Why
from services.allocation.app import make_app
from services.allocation.reactions import REACTIONS
from tests.services.allocation.examples import (
    ACCEPTER,
    APPROVER,
    CAMPAIGN,
    CITY,
    COMMUNE,
    COORDINATOR,
    FUND,
    HOLDER,
    INSPECTOR,
    JACKET,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_COORDINATOR,
    PROGRAMME,
    RECEIVER,
    RECORDER,
    SPONSOR,
    STOREKEEPER,
    VERIFIER,
    cover_opened,
    facts,
)
from tests.support.answers import accepted
from tests.support.house import MONDAY, HouseForTests, happened

RULES = RulesInForce(pack="hanoi-3874", version=1, digest="ab" * 32)

AUDITOR, OTHER_OFFICER, STRANGER, LOCAL_COORDINATOR, OTHER_APPROVER = (
    UUID(int=n) for n in range(61, 66)
)
REGISTRY_S_OWN = {
    "birth_month": "2015-03",
    "gender": "female",
    "eligible_under": "special-or-at-risk@1",
    "priority_rule": "priority@1",
    "priority_reasons": Sealed(UUID(int=8), "reasons"),
    "rules": RULES,
}

sponsor_registered = SponsorRegistered(
    sponsor_id=SPONSOR,
    person_id=None,
    kind="enterprise",
    public_name="Công ty May Ba Vì",
    name=Sealed(UUID(int=8), "name"),
    email=None,
    language="vi",
    illustrative=True,
    registered_by=COORDINATOR,
    happened_at=MONDAY,
)


class Season:
    """Commands are sent as somebody; what other services published is reacted to at once."""

    def __init__(self) -> None:
        self.house = HouseForTests("allocation", make_app)
        self.house.programme(PROGRAMME)
        self.house.unit(CITY, name="Hà Nội")
        self.house.unit(COMMUNE, parent=CITY, name="Ba Vì")
        self.house.unit(OTHER_COMMUNE, parent=CITY, name="Khánh Thượng")
        for person, role in (
            (COORDINATOR, "coordinator"),
            (OTHER_COORDINATOR, "coordinator"),
            (APPROVER, "approver"),
            (OTHER_APPROVER, "approver"),
            (STOREKEEPER, "storekeeper"),
            (AUDITOR, "auditor"),
        ):
            self.house.grant(person, role, CITY)
        # Whoever had a part in it may be an approver too: the role is not what stops them.
        for person in (COORDINATOR, RECORDER, VERIFIER, RECEIVER):
            self.house.grant(person, "approver", CITY)
        for person in (OFFICER, RECORDER, HOLDER):
            self.house.grant(person, "commune-officer", COMMUNE)
        self.house.grant(OTHER_OFFICER, "commune-officer", OTHER_COMMUNE)
        self.house.grant(LOCAL_COORDINATOR, "coordinator", OTHER_COMMUNE)
        self.house.rows.feed(happened(sponsor_registered, service="donations"))
        self.fund_kept_in(CITY)

    # --- what happens elsewhere ---

    def fund_kept_in(self, unit_id: UUID) -> None:
        """All that is received here goes to this one fund."""
        opened = FundOpened(
            fund_id=FUND,
            programme_id=PROGRAMME,
            unit_id=unit_id,
            name="Nguồn vận động mùa đông",
            opened_by=ACCEPTER,
            happened_at=MONDAY,
        )
        self.house.rows.feed(happened(opened, service="donations"))

    def published(self, event: Any) -> list[str]:
        """Returns the streams of the commands that it led to."""
        (recorded,) = happened(event)
        given = given_off(REACTIONS, recorded)
        for reaction, give in given:
            key = derived_key(APPROVER, recorded.event_id, reaction.name, give.stream)
            asked = CommandContext(key, Why(actor=APPROVER))
            asyncio.run(self.house.executor.execute(give.decider, give.stream, give.command, asked))
        return [give.stream for _, give in given]

    def received(
        self,
        quantity: int = 10,
        *,
        number: int = 1,
        mendable: int = 0,
        earmark: Earmark | None = None,
        programme_id: UUID = PROGRAMME,
        **changed: Any,
    ) -> UUID:
        """Accept the contribution with this number; give the id of its lot."""
        self.house.programme(programme_id)
        contribution_id, line_id = UUID(int=2000 + number), UUID(int=3000 + number)
        jackets = {"category": "warm-clothes", "specification": JACKET, "measure": "piece"}
        line = InspectedLine(
            line_id=line_id,
            announced=quantity + mendable,
            good=quantity,
            mendable=mendable,
            refused=0,
            **(jackets | changed),
        )
        lot, *_ = self.published(
            ContributionAccepted(
                contribution_id=contribution_id,
                programme_id=programme_id,
                campaign_id=CAMPAIGN,
                fund_id=FUND,
                sponsor_id=SPONSOR,
                pledge_id=None,
                kind="money" if line.measure == "dong" else "goods",
                paid_in="transfer" if line.measure == "dong" else None,
                lines=(line,),
                measure=line.measure,
                good=quantity,
                mendable=mendable,
                refused=0,
                earmark=earmark or Earmark(),
                announced_by=COORDINATOR,
                received_by=RECEIVER,
                inspected_by=(INSPECTOR,),
                accepted_by=ACCEPTER,
                happened_at=MONDAY,
            )
        )
        return UUID(lot.removeprefix("lot-"))

    def corrected(self, good: int, *, number: int = 1) -> None:
        """Of the contribution with this number so many jackets had come, all of them good."""
        self.published(
            ContributionCorrected(
                contribution_id=UUID(int=2000 + number),
                programme_id=PROGRAMME,
                campaign_id=CAMPAIGN,
                fund_id=FUND,
                sponsor_id=SPONSOR,
                pledge_id=None,
                number=1,
                kind="goods",
                paid_in=None,
                lines_before=(self._jackets(number, good=good + 1),),
                lines=(self._jackets(number, good=good),),
                measure="piece",
                good=good,
                mendable=0,
                refused=0,
                earmark=Earmark(),
                reason="miscounted",
                received_by=RECEIVER,
                inspected_by=(INSPECTOR,),
                accepted_by=ACCEPTER,
                proposed_by=RECEIVER,
                confirmed_by=ACCEPTER,
                happened_at=MONDAY,
            )
        )

    @staticmethod
    def _jackets(number: int, *, good: int) -> InspectedLine:
        return InspectedLine(
            line_id=UUID(int=3000 + number),
            category="warm-clothes",
            specification=JACKET,
            measure="piece",
            announced=good,
            good=good,
            mendable=0,
            refused=0,
        )

    def need(self, need_id: UUID = NEED, **changed: object) -> UUID:
        opened = facts(cover_opened) | REGISTRY_S_OWN | {"need_id": need_id} | changed
        self.published(NeedOpened(**opened))
        return need_id

    def needs(self, count: int, **changed: object) -> list[UUID]:
        return [
            self.need(UUID(int=4000 + n), child_id=UUID(int=5000 + n), **changed)
            for n in range(count)
        ]

    def withdrawn(self, need_id: UUID = NEED) -> None:
        """What covered it is given up by what follows from that."""
        reason, since = Sealed(UUID(int=8), "why"), len(self.house.events())
        self.published(
            NeedWithdrawn(
                need_id=need_id,
                programme_id=PROGRAMME,
                withdrawn_by=OFFICER,
                reason=reason,
                happened_at=MONDAY,
            )
        )
        assert isinstance(self.house.events()[since], NeedCoverClosed)
        for event in (own for own in self.house.events(since)):
            if isinstance(event, NeedCoverClosed):
                self.published(event)
        for event in self.house.events(since):
            if isinstance(event, AllocationLineGivenUp):
                self.published(event)

    def lapsed(self, need_id: UUID) -> UUID:
        self.published(
            NeedLapsed(
                need_id=need_id,
                programme_id=PROGRAMME,
                unit_id=COMMUNE,
                lapsed_on=cover_opened.lapses_on,
                happened_at=MONDAY,
            )
        )
        assert isinstance(self.house.events()[-1], NeedCoverLapsed)
        return need_id

    def reconfirmed(self, need_id: UUID) -> None:
        self.published(
            NeedReconfirmed(
                need_id=need_id,
                programme_id=PROGRAMME,
                unit_id=COMMUNE,
                rules=RULES,
                lapses_on=cover_opened.lapses_on + timedelta(days=180),
                reconfirmed_by=OFFICER,
                happened_at=MONDAY,
            )
        )
        assert isinstance(self.house.events()[-1], NeedCoverRenewed)

    def succeeded(self, unit_id: UUID, *successor_ids: UUID) -> None:
        ended = UnitSucceeded(
            unit_id=unit_id,
            successor_ids=successor_ids,
            ended_on=MONDAY.date(),
            decision="1656/NQ-UBTVQH15",
            happened_at=MONDAY,
        )
        self.house.rows.feed(happened(ended))

    # --- what people do here ---

    def put(self, path: str, *, by: UUID, **body: object) -> Any:
        return self.house.call("PUT", path, msgspec.to_builtins(body), by=by)

    def post(self, path: str, *, by: UUID, **body: object) -> Any:
        return self.house.call("POST", path, msgspec.to_builtins(body), by=by)

    def get(self, path: str, *, by: UUID) -> Any:
        return self.house.get(path, by=by)

    def run(self, number: int = 1, *, by: UUID = COORDINATOR, **changed: object) -> Any:
        asked = {"programme_id": PROGRAMME, "category": "warm-clothes"} | changed
        return self.put(f"/matching-runs/{run_id(number)}", by=by, **asked)

    def propose(self, number: int = 1, *, by: UUID = COORDINATOR, **body: object) -> Any:
        return self.put(f"/allocations/{allocation_id(number)}", by=by, **body)

    def propose_by_hand(
        self, lot_id: UUID, need_id: UUID = NEED, number: int = 1, **changed: object
    ) -> Any:
        line = {"line_id": line_id(number), "need_id": need_id, "lot_id": lot_id, "quantity": 1}
        return self.propose(number, lines=[line | changed])

    def direct_gift(self, gift_id: UUID, *need_ids: UUID, quantity: int = 1) -> Any:
        return self.put(
            f"/direct-gifts/{gift_id}",
            by=OFFICER,
            sponsor_id=SPONSOR,
            unit_id=COMMUNE,
            lines=[{"need_id": need_id, "quantity": quantity} for need_id in need_ids],
            minutes="Biên bản",
        )

    def given_directly(self, gift_id: UUID, *need_ids: UUID, quantity: int = 1) -> None:
        """Recorded and ratified."""
        accepted(self.direct_gift(gift_id, *need_ids, quantity=quantity))
        accepted(self.post(f"/direct-gifts/{gift_id}/ratification", by=APPROVER))

    def approve(self, number: int = 1, *, by: UUID = APPROVER) -> Any:
        return self.post(f"/allocations/{allocation_id(number)}/approval", by=by)

    def approved_lines(
        self, count: int = 2, line_ids: list[UUID] | None = None, **need: object
    ) -> list[UUID]:
        """Jackets for so many children, approved as allocation number 1."""
        lot_id = self.received(count)
        ids = line_ids or [line_id(n) for n in range(1, count + 1)]
        lines = [
            {"line_id": id_, "need_id": need_id, "lot_id": lot_id, "quantity": 1}
            for id_, need_id in zip(ids, self.needs(count, **need), strict=True)
        ]
        accepted(self.propose(lines=lines))
        accepted(self.approve())
        return ids

    def plan(self, line_ids: list[UUID], number: int = 1, **changed: object) -> Any:
        body = {
            "unit_id": COMMUNE,
            "activity": "Áo ấm mùa đông",
            "planned_for": "2024-10-12",
            "line_ids": line_ids,
        }
        return self.put(f"/deliveries/{delivery_id(number)}", by=COORDINATOR, **(body | changed))

    def step(self, step: str, *, by: UUID, number: int = 1, **body: object) -> Any:
        return self.post(f"/deliveries/{delivery_id(number)}/{step}", by=by, **body)

    def handed_over(self, count: int = 2, line_ids: list[UUID] | None = None) -> list[UUID]:
        """So many lines, planned as delivery number 1, dispatched and handed over."""
        return self.on_the_way(self.approved_lines(count, line_ids))

    def on_the_way(self, line_ids: list[UUID]) -> list[UUID]:
        accepted(self.plan(line_ids))
        accepted(self.step("dispatch", by=STOREKEEPER, waybill="XK-1"))
        accepted(self.step("handover", by=STOREKEEPER, handed_to=HOLDER))
        return line_ids

    def sign(self, *line_ids: UUID, by: UUID = OFFICER, **changed: object) -> Any:
        lines = [{"line_id": one, "signed_as": "guardian"} | changed for one in line_ids]
        return self.step("signatures", by=by, lines=lines)


def run_id(number: int) -> UUID:
    return UUID(int=6000 + number)


def allocation_id(number: int) -> UUID:
    return UUID(int=7000 + number)


def line_id(number: int) -> UUID:
    return UUID(int=8000 + number)


def delivery_id(number: int) -> UUID:
    return UUID(int=9000 + number)
