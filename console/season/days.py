"""The days of the season, in order: what happens on each, as calls that people would make.

A day asks the services for whatever an earlier day made, so the season can go on after any day.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from console.season.client import Client
from console.season.pack import REORGANISED_ON, Commune, Pack, unit_id
from console.season.people import KEEPER, NOTIFICATIONS, People
from console.season.register import MEASURED_ON, Child, make_register, season_id

Step = Callable[[], Awaitable[None]]
WINTER, BOOKS, SCHOLARSHIPS, SURGERY = "winter", "books", "scholarships", "surgery"
CATEGORY = {
    WINTER: ("warm-clothes", "piece"),
    BOOKS: ("school-supplies", "set"),
    SCHOLARSHIPS: ("scholarship", "dong"),
    SURGERY: ("surgery", "dong"),
}
GIFT_DAYS = [date(2024, 12, 1), date(2024, 12, 7), date(2024, 12, 8)]


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    title: str
    step: Step


@dataclass(frozen=True, slots=True)
class Wanted:
    """A need that an officer records for a child."""

    id: UUID
    child: Child
    unit_id: UUID
    body: dict[str, Any]


class Season:
    """`days` are to be played in order; `today` is the day being played."""

    def __init__(self, client: Client, pack: Pack, scale: int = 1) -> None:
        self.client = client
        self.pack = pack
        self.seed = client.seed
        self.people = People(pack, self.seed)
        self.children = make_register(pack, self.seed, scale)
        self.scale = scale
        self.today = date.min
        self._communes = {commune.code: commune for commune in pack.communes}

    @property
    def days(self) -> list[Day]:
        quarters = [self.pack.communes[start::4] for start in range(4)]
        days = [Day(date(2024, 9, 3), "Lập chương trình, giao vai trò", self.set_up)]
        days += [
            Day(date(2024, 9, 9 + number), "Rà soát trẻ em", self._for(quarter, self.register))
            for number, quarter in enumerate(quarters)
        ]
        days += [
            Day(date(2024, 9, 17), "Ghi kết quả Trung thu đã công bố", self.published_result),
            Day(date(2024, 10, 1), "Mở đợt vận động áo ấm", self.open_winter),
            Day(date(2024, 10, 7), "Lập nhu cầu áo ấm", lambda: self.record(WINTER)),
            Day(date(2024, 10, 14), "Xác minh nhu cầu áo ấm", lambda: self.verify(WINTER)),
            Day(date(2024, 11, 4), "Nhận 1.000 áo, kiểm nhận từng dòng", self.receive_jackets),
            Day(date(2024, 11, 18), "Lập phương án phân bổ áo", lambda: self.match(WINTER)),
            Day(date(2024, 11, 20), "Trình danh sách", lambda: self.propose(WINTER)),
            Day(date(2024, 11, 21), "Phê duyệt danh sách", lambda: self.approve(WINTER)),
            Day(date(2024, 11, 25), "Chuẩn bị buổi trao", lambda: self.plan(WINTER)),
        ]
        days += [
            Day(on, "Trao áo ấm", self._for(self.pack.communes[start::3], self.hand_out_jackets))
            for start, on in enumerate(GIFT_DAYS)
        ]
        days += [
            Day(date(2024, 12, 20), "Em vắng mặt nhận áo", self.absent_child_comes),
            Day(date(2025, 1, 3), "Mở đợt vận động học bổng", self.open_scholarships),
            Day(date(2025, 1, 6), "Lập nhu cầu học bổng", lambda: self.record(SCHOLARSHIPS)),
            Day(date(2025, 1, 8), "Xác minh học bổng", lambda: self.verify(SCHOLARSHIPS)),
            Day(date(2025, 1, 10), "Nhận tiền học bổng", lambda: self.receive_money(SCHOLARSHIPS)),
            Day(date(2025, 1, 13), "Phân bổ học bổng", lambda: self.match(SCHOLARSHIPS)),
            Day(date(2025, 1, 14), "Trình học bổng", lambda: self.propose(SCHOLARSHIPS)),
            Day(date(2025, 1, 15), "Duyệt học bổng", lambda: self.approve(SCHOLARSHIPS)),
            Day(date(2025, 1, 16), "Chuẩn bị trao học bổng", lambda: self.plan(SCHOLARSHIPS)),
            Day(date(2025, 1, 20), "Trao học bổng", lambda: self.hand_out(SCHOLARSHIPS)),
            Day(date(2025, 3, 1), "Sở Y tế tiếp nhận công tác trẻ em", self.department_succeeded),
            Day(date(2025, 3, 10), "Lập hồ sơ phẫu thuật", lambda: self.record(SURGERY)),
            Day(date(2025, 3, 12), "Xác minh hồ sơ phẫu thuật", lambda: self.verify(SURGERY)),
            Day(date(2025, 3, 14), "Mở đợt vận động phẫu thuật", self.open_surgery),
            Day(
                date(2025, 3, 20),
                "Hai nhà tài trợ chuyển tiền",
                lambda: self.receive_money(SURGERY),
            ),
            Day(date(2025, 3, 24), "Phân bổ chi phí phẫu thuật", lambda: self.match(SURGERY)),
            Day(date(2025, 3, 25), "Trình chi phí phẫu thuật", lambda: self.propose(SURGERY)),
            Day(date(2025, 3, 26), "Duyệt chi phí phẫu thuật", lambda: self.approve(SURGERY)),
            Day(date(2025, 4, 10), "Hẹn ngày phẫu thuật", lambda: self.plan(SURGERY)),
            Day(date(2025, 4, 14), "Em được phẫu thuật", lambda: self.hand_out(SURGERY)),
            Day(REORGANISED_ON, "Sắp xếp đơn vị hành chính", self.reorganise),
            Day(date(2025, 7, 10), "Xếp hộ của xã bị chia tách", self.place_households),
            Day(date(2025, 8, 4), "Mở đợt vận động sách vở, xếp lớp mới", self.open_books),
            Day(date(2025, 8, 6), "Lập nhu cầu sách vở", lambda: self.record(BOOKS)),
            Day(date(2025, 8, 8), "Xác minh nhu cầu sách vở", lambda: self.verify(BOOKS)),
            Day(date(2025, 8, 11), "Nhận sách vở", self.receive_books),
            Day(date(2025, 8, 13), "Phân bổ sách vở", lambda: self.match(BOOKS)),
            Day(date(2025, 8, 14), "Trình danh sách sách vở", lambda: self.propose(BOOKS)),
            Day(date(2025, 8, 15), "Duyệt danh sách sách vở", lambda: self.approve(BOOKS)),
            Day(date(2025, 8, 18), "Chuẩn bị trao sách vở", lambda: self.plan(BOOKS)),
            Day(date(2025, 8, 25), "Trao sách vở", lambda: self.hand_out(BOOKS)),
        ]
        return days

    # --- units, people, register ---

    async def set_up(self) -> None:
        programme = self.pack.programme
        await self._as(KEEPER).put(
            "registry",
            f"/programmes/{self.pack.programme_id}",
            code=programme["code"],
            name=programme["name"],
            starts_on=programme["starts_on"],
            ends_on=programme["ends_on"],
            unit_ids=[commune.unit_id for commune in self.pack.communes],
        )
        await self._register_person(NOTIFICATIONS, "program", "notifications")
        await self._grant(
            NOTIFICATIONS, "contact-reader", self.pack.city_id, date(2024, 9, 1), None
        )
        await self._appoint(before=REORGANISED_ON)

    async def _appoint(self, before: date, since: date = date.min) -> None:
        actors = [actor for actor in self.people.appointed(before) if actor.valid_from >= since]
        await self.client.together(
            self._register_person(actor.id, "human", actor.name) for actor in actors
        )
        await self.client.together(
            self._grant(actor.id, role, actor.unit_id, actor.valid_from, actor.valid_until)
            for actor in actors
            for role in actor.roles
        )

    async def _register_person(self, person: UUID, kind: str, name: str) -> None:
        await self._as(KEEPER).put("registry", f"/persons/{person}", kind=kind, name=name)

    async def _grant(
        self, person: UUID, role: str, unit: UUID, valid_from: date, valid_until: date | None
    ) -> None:
        grant = season_id(self.seed, "grant", person, role)
        await self._as(KEEPER).put(
            "registry",
            f"/persons/{person}/roles/{grant}",
            role=role,
            unit_id=unit,
            valid_from=valid_from,
            valid_until=valid_until,
        )

    async def register(self, commune: Commune) -> None:
        officer = self._as(self.people.officer(commune.unit_id, self.today))
        await officer.post(
            "registry",
            f"/units/{commune.unit_id}/figures",
            as_of=date(2024, 9, 1),
            children=self.pack.figures[commune.code].children,
            source="UBND xã, số liệu minh hoạ",
        )
        children = [child for child in self.children if child.household.commune == commune]
        households = {child.household.id: child.household for child in children}
        await self.client.together(
            officer.put(
                "registry",
                f"/households/{household.id}",
                unit_id=commune.unit_id,
                head=household.head,
                village=household.village,
            )
            for household in households.values()
        )
        await self.client.together(
            officer.post(
                "registry",
                f"/households/{household.id}/status",
                status=household.status,
                standard="2022-2025",
                decision=f"QĐ hộ nghèo, cận nghèo {commune.name} 2024",
                valid_from=date(2024, 1, 1),
                valid_until=date(2026, 1, 1),
            )
            for household in households.values()
        )
        await self.client.together(self._register_child(officer, child) for child in children)

    async def _register_child(self, officer: "Person", child: Child) -> None:
        await officer.put(
            "registry",
            f"/children/{child.id}",
            household_id=child.household.id,
            name=child.name,
            birth_date=child.birth_date,
            gender=child.gender,
            guardian=child.guardian,
            ethnicity=child.ethnicity,
        )
        if child.circumstance is not None:
            kind, code = child.circumstance
            await officer.post(
                "registry", f"/children/{child.id}/circumstances", kind=kind, code=code
            )
            await officer.post(
                "registry",
                f"/children/{child.id}/measures",
                height_cm=child.height_cm,
                measured_on=min(MEASURED_ON, self.today),
            )

    async def department_succeeded(self) -> None:
        old = self.pack.programme["above"][1]
        new = self.pack.programme["department_successor"][0]
        successor = unit_id(new["code"], new["valid_from"])
        await self._establish(successor, new["code"], new["name"], new["kind"], new["valid_from"])
        await self._succeed(
            unit_id(old["code"], old["valid_from"]), [successor], new["valid_from"], new["decision"]
        )

    async def reorganise(self) -> None:
        await self.client.together(
            self._establish(
                commune.unit_id, commune.code, commune.name, "commune", commune.valid_from
            )
            for commune in self.pack.successors
        )
        await self.client.together(
            self._succeed(
                commune.unit_id,
                commune.successor_ids,
                REORGANISED_ON,
                "1656/NQ-UBTVQH15",
            )
            for commune in self.pack.communes
        )
        await self._appoint(before=date.max, since=REORGANISED_ON)

    async def _establish(
        self, unit: UUID, code: str, name: str, kind: str, valid_from: date
    ) -> None:
        await self._as(KEEPER).put(
            "registry",
            f"/units/{unit}",
            code=code,
            name=name,
            kind=kind,
            parent_id=self.pack.city_id,
            district_name=None,
            priority=False,
            valid_from=valid_from,
        )

    async def _succeed(
        self, unit: UUID, successors: list[UUID], ended_on: date, decision: str
    ) -> None:
        await self._as(KEEPER).post(
            "registry",
            f"/units/{unit}/succession",
            successor_ids=successors,
            ended_on=ended_on,
            decision=decision,
        )

    async def place_households(self) -> None:
        """Households of a commune that was split: a person decides for each where it belongs."""
        households = {child.household.id: child.household for child in self.children}
        await self.client.together(
            self._as(self.people["coordinator"]).post(
                "registry",
                f"/households/{household.id}/placement",
                unit_id=self.unit_of(household.commune, household.id),
                decision="QĐ xếp hộ theo thôn",
            )
            for household in households.values()
            if len(household.commune.successor_ids) > 1
        )

    def unit_of(self, commune: Commune, household_id: UUID) -> UUID:
        """Where a household is recorded today: its commune, or where it was placed after a split."""
        successors = commune.successor_ids
        if self.today <= REORGANISED_ON or len(successors) == 1:
            return commune.unit_id
        return successors[0] if household_id.int % 4 else successors[1]

    async def published_result(self) -> None:
        result = self.pack.season["published_result"]
        await self._as(self.people["accountant"]).put(
            "donations",
            f"/published-results/{season_id(self.seed, 'published-result')}",
            title=result["title"],
            source=result["source"],
            as_of=result["as_of"],
            lines=result["lines"],
        )

    # --- needs ---

    def wanted(self, drive: str) -> list[Wanted]:
        """The needs that officers record for a drive, in the register's order."""
        category, measure = CATEGORY[drive]
        quantity, detail, needed_by = 1, None, date(2024, 12, 15)
        children = [child for child in self.children if child.circumstance is not None]
        if drive == BOOKS:
            needed_by = date(2025, 9, 5)
            children = [child for child in self._of_poor_households() if child.grade_in(2025)]
        elif drive == SCHOLARSHIPS:
            needed_by, quantity = date(2025, 2, 28), self.pack.season[drive]["amount"]
            pupils = [
                child for child in self._of_poor_households() if (child.grade_in(2024) or 0) > 2
            ]
            children = pupils[
                :: max(1, len(pupils) // (self.pack.season[drive]["needs"] * self.scale))
            ]
            children = children[: self.pack.season[drive]["needs"] * self.scale]
        elif drive == SURGERY:
            needed_by, quantity = date(2025, 5, 31), self.pack.season[drive]["amount"]
            detail = "Tim bẩm sinh, bệnh viện dự toán phần còn thiếu sau bảo hiểm y tế"
            children = [child for child in children if child.age_on(date(2025, 3, 10)) == 4][:1]  # noqa: PLR2004
        return [
            Wanted(
                season_id(self.seed, "need", drive, child.id),
                child,
                self.unit_of(child.household.commune, child.household.id),
                {
                    "programme_id": self.pack.programme_id,
                    "child_id": child.id,
                    "category": category,
                    "specification": {},
                    "detail": detail,
                    "quantity": quantity,
                    "measure": measure,
                    "needed_by": needed_by,
                },
            )
            for child in children
        ]

    def _of_poor_households(self) -> list[Child]:
        return [child for child in self.children if child.household.status != "none"]

    async def record(self, drive: str) -> None:
        await self.client.together(
            self._as(self.people.officer(need.unit_id, self.today)).put(
                "registry", f"/needs/{need.id}", **need.body
            )
            for need in self.wanted(drive)
        )

    async def verify(self, drive: str) -> None:
        await self.client.together(
            self._as(self.people.verifier(need.unit_id, self.today)).post(
                "registry", f"/needs/{need.id}/verification"
            )
            for need in self.wanted(drive)
        )

    # --- campaigns and contributions ---

    async def open_winter(self) -> None:
        await self._open_campaign(WINTER, date(2025, 1, 1), 1000 * self.scale)
        sponsors = self._sponsors("winter_jackets") + self._sponsors("direct_gift")
        await self.client.together(self._welcome(sponsor) for sponsor in sponsors)
        await self._pledge(WINTER, self._sponsors("winter_jackets")[0], "goods", 1000 * self.scale)

    async def open_books(self) -> None:
        target = self.pack.season[BOOKS]["target"] * self.scale
        await self._open_campaign(BOOKS, date(2025, 9, 1), target)
        (sponsor,) = self._sponsors("book_sets")
        await self._welcome(sponsor)
        await self._pledge(BOOKS, sponsor, "goods", target)
        await self.client.together(
            self._as(
                self.people.officer(
                    self.unit_of(child.household.commune, child.household.id), self.today
                )
            ).post(
                "registry",
                f"/children/{child.id}/enrolments",
                school_year="2025-2026",
                grade=child.grade_in(2025),
            )
            for child in self._of_poor_households()
            if child.grade_in(2025)
        )

    async def open_scholarships(self) -> None:
        sponsors = self._sponsors(SCHOLARSHIPS)
        target = sum(sponsor[SCHOLARSHIPS]["promises"] for sponsor in sponsors) * self.scale
        await self._open_campaign(SCHOLARSHIPS, date(2025, 3, 1), target)
        await self._promised_money(SCHOLARSHIPS)

    async def open_surgery(self) -> None:
        target = self.pack.season[SURGERY]["amount"]
        await self._open_campaign(SURGERY, date(2025, 6, 1), target)
        await self._promised_money(SURGERY)

    async def _promised_money(self, drive: str) -> None:
        for sponsor in self._sponsors(drive):
            await self._welcome(sponsor)
            promised = sponsor[drive]["promises"] * self._money_scale(drive)
            await self._pledge(drive, sponsor, "money", promised)

    async def receive_jackets(self) -> None:
        (sponsor,) = self._sponsors("winter_jackets")
        found = [
            (
                {"size": line["size"], "gender": line["gender"]},
                line["good"] * self.scale,
                line["mendable"] * self.scale,
                line["refused"] * self.scale,
            )
            for line in self.pack.season[WINTER]["jackets"]
        ]
        await self._receive(WINTER, sponsor, "goods", found, self.people["storekeeper"])

    async def receive_books(self) -> None:
        (sponsor,) = self._sponsors("book_sets")
        books = self.pack.season[BOOKS]
        found = [
            (
                {"grade": int(grade)},
                count * self.scale - (int(grade) == 1) * books["refused"],
                0,
                (int(grade) == 1) * books["refused"],
            )
            for grade, count in books["sets"].items()
        ]
        await self._receive(BOOKS, sponsor, "goods", found, self.people["storekeeper"])

    async def receive_money(self, drive: str) -> None:
        for sponsor in self._sponsors(drive):
            found = [({}, sponsor[drive]["brings"] * self._money_scale(drive), 0, 0)]
            await self._receive(drive, sponsor, "money", found, self.people["cashier"])

    def _money_scale(self, drive: str) -> int:
        return 1 if drive == SURGERY else self.scale

    def _earmark(self, drive: str) -> dict[str, Any]:
        need_id = self.wanted(SURGERY)[0].id if drive == SURGERY else None
        return {"unit_id": None, "need_id": need_id}

    async def _open_campaign(self, drive: str, ends_on: date, target: int) -> None:
        season = self.pack.season[drive]
        category, measure = CATEGORY[drive]
        fund = season_id(self.seed, "fund", drive)
        await self._as(self.people["accountant"]).put(
            "donations",
            f"/funds/{fund}",
            programme_id=self.pack.programme_id,
            name=season["campaign"],
        )
        await self._as(self.people["coordinator"]).put(
            "donations",
            f"/campaigns/{season_id(self.seed, 'campaign', drive)}",
            programme_id=self.pack.programme_id,
            fund_id=fund,
            name=season["campaign"],
            category=category,
            target=target,
            measure=measure,
            starts_on=self.today,
            ends_on=ends_on,
            illustrative=True,
        )

    async def _welcome(self, sponsor: dict[str, Any]) -> None:
        """Register the sponsor, and their wish to hear of what arrives."""
        sponsor_id = self._sponsor_id(sponsor)
        coordinator = self._as(self.people["coordinator"])
        await coordinator.put(
            "donations",
            f"/sponsors/{sponsor_id}",
            person_id=season_id(self.seed, "person", sponsor["key"]),
            kind=sponsor["kind"],
            public_name=sponsor.get("public_name"),
            name=sponsor.get("public_name", "Nhà hảo tâm (minh hoạ)"),
            email=f"{sponsor['key']}@vongtay.invalid",
            illustrative=True,
        )
        await coordinator.put(
            "notifications",
            f"/subscriptions/{season_id(self.seed, 'subscription', sponsor['key'])}",
            sponsor_id=sponsor_id,
            occasion="gift-arrived",
            channels=["email", "inbox"],
            language="vi",
        )

    async def _pledge(self, drive: str, sponsor: dict[str, Any], kind: str, quantity: int) -> None:
        category, measure = CATEGORY[drive]
        await self._as(self.people["coordinator"]).put(
            "donations",
            f"/pledges/{season_id(self.seed, 'pledge', drive, sponsor['key'])}",
            campaign_id=season_id(self.seed, "campaign", drive),
            sponsor_id=self._sponsor_id(sponsor),
            kind=kind,
            category=category,
            quantity=quantity,
            measure=measure,
            earmark=self._earmark(drive),
        )

    async def _receive(
        self,
        drive: str,
        sponsor: dict[str, Any],
        kind: str,
        found: list[tuple[dict[str, Any], int, int, int]],
        receiver: UUID,
    ) -> None:
        """Announced, received, inspected line by line, accepted by another, receipted."""
        category, measure = CATEGORY[drive]
        contribution = season_id(self.seed, "contribution", drive, sponsor["key"])
        path = f"/contributions/{contribution}"
        lines = [season_id(self.seed, contribution, number) for number in range(len(found))]
        await self._as(self.people["coordinator"]).put(
            "donations",
            path,
            campaign_id=season_id(self.seed, "campaign", drive),
            sponsor_id=self._sponsor_id(sponsor),
            pledge_id=season_id(self.seed, "pledge", drive, sponsor["key"]),
            kind=kind,
            lines=[
                {
                    "line_id": line,
                    "category": category,
                    "specification": specification,
                    "quantity": good + mendable + refused,
                    "measure": measure,
                }
                for line, (specification, good, mendable, refused) in zip(lines, found, strict=True)
            ],
            earmark=self._earmark(drive),
        )
        receiving = self._as(receiver)
        await receiving.post("donations", f"{path}/reception")
        await receiving.post(
            "donations",
            f"{path}/inspection",
            lines=[
                {"line_id": line, "good": good, "mendable": mendable, "refused": refused}
                for line, (_, good, mendable, refused) in zip(lines, found, strict=True)
            ],
        )
        accountant = self._as(self.people["accountant"])
        await accountant.post("donations", f"{path}/acceptance")
        book = "TIEN" if kind == "money" else "HANG"
        await accountant.post("donations", f"{path}/receipt", book=book)

    def _sponsors(self, does: str) -> list[dict[str, Any]]:
        return [sponsor for sponsor in self.pack.season["sponsors"] if does in sponsor]

    def _sponsor_id(self, sponsor: dict[str, Any]) -> UUID:
        return season_id(self.seed, "sponsor", sponsor["key"])

    # --- allocation and delivery ---

    async def match(self, drive: str) -> None:
        await self._as(self.people["coordinator"]).put(
            "allocation",
            f"/matching-runs/{season_id(self.seed, 'run', drive)}",
            programme_id=self.pack.programme_id,
            category=CATEGORY[drive][0],
        )

    async def propose(self, drive: str) -> None:
        """One allocation for each commune, of the lines that the run proposed."""
        run_id = season_id(self.seed, "run", drive)
        run = await self.client.query(
            "allocation", f"/matching-runs/{run_id}", by=self.people["coordinator"]
        )
        unit_of = {str(need.id): need.unit_id for need in self.wanted(drive)}
        lines: defaultdict[UUID, list[str]] = defaultdict(list)
        for line in run["lines"]:
            lines[unit_of[line["need_id"]]].append(line["line_id"])
        await self.client.together(
            self._as(self.people["coordinator"]).put(
                "allocation",
                f"/allocations/{self._allocation(drive, unit)}",
                run_id=run_id,
                line_ids=line_ids,
            )
            for unit, line_ids in lines.items()
        )

    def _allocation(self, drive: str, unit: UUID) -> UUID:
        return season_id(self.seed, "allocation", drive, unit)

    def _delivery(self, drive: str, unit: UUID) -> UUID:
        return season_id(self.seed, "delivery", drive, unit)

    async def _proposed_units(self, drive: str) -> dict[UUID, list[dict[str, Any]]]:
        """The units that have an allocation of this drive, each with its lines."""
        run = await self.client.query(
            "allocation",
            f"/matching-runs/{season_id(self.seed, 'run', drive)}",
            by=self.people["coordinator"],
        )
        unit_of = {str(need.id): need.unit_id for need in self.wanted(drive)}
        units = sorted({unit_of[line["need_id"]] for line in run["lines"]})
        answers = await self.client.together(
            self.client.query(
                "allocation",
                f"/allocations/{self._allocation(drive, unit)}",
                by=self.people["coordinator"],
            )
            for unit in units
        )
        return {unit: answer["lines"] for unit, answer in zip(units, answers, strict=True)}

    async def approve(self, drive: str) -> None:
        await self.client.together(
            self._as(self.people["approver"]).post(
                "allocation", f"/allocations/{self._allocation(drive, unit)}/approval"
            )
            for unit in await self._proposed_units(drive)
        )

    async def plan(self, drive: str) -> None:
        planned_for = {
            WINTER: GIFT_DAYS[1],
            SCHOLARSHIPS: date(2025, 1, 20),
            SURGERY: date(2025, 4, 14),
            BOOKS: date(2025, 8, 25),
        }[drive]
        for unit, lines in (await self._proposed_units(drive)).items():
            approved = [line["line_id"] for line in lines if line["status"] == "approved"]
            if not approved:
                continue
            delivery = f"/deliveries/{self._delivery(drive, unit)}"
            await self._as(self.people["coordinator"]).put(
                "allocation",
                delivery,
                unit_id=unit,
                activity=self.pack.season[drive]["campaign"],
                planned_for=planned_for,
                line_ids=approved,
            )
            await self._as(self.people["storekeeper"]).post(
                "allocation",
                f"{delivery}/dispatch",
                waybill=f"XK-{self.today:%Y%m%d}-{str(unit)[:4]}",
            )

    async def hand_out(self, drive: str) -> None:
        units = {need.unit_id for need in self.wanted(drive)}
        planned = await self._proposed_units(drive)
        await self.client.together(
            self._gift_day(drive, unit) for unit in sorted(units) if unit in planned
        )

    async def hand_out_jackets(self, commune: Commune) -> None:
        if commune.code == self.pack.season["gift_day"]["commune"]:
            await self._eventful_gift_day(commune)
        else:
            await self._gift_day(WINTER, commune.unit_id)

    async def _gift_day(self, drive: str, unit: UUID) -> None:
        lines = await self._hand_over(drive, unit)
        await self._sign(
            drive, unit, [{"line_id": line, "signed_as": "guardian"} for line in lines]
        )

    async def _hand_over(self, drive: str, unit: UUID) -> list[str]:
        """The commune takes the goods over; return the lines to be signed."""
        delivery = f"/deliveries/{self._delivery(drive, unit)}"
        officer = self.people.verifier(unit, self.today)
        await self._as(self.people["storekeeper"]).post(
            "allocation", f"{delivery}/handover", handed_to=officer
        )
        answer = await self.client.query("allocation", delivery, by=self.people["coordinator"])
        return sorted(line["line_id"] for line in answer["lines"])

    async def _sign(self, drive: str, unit: UUID, lines: list[dict[str, Any]]) -> None:
        await self._as(self.people.verifier(unit, self.today)).post(
            "allocation", f"/deliveries/{self._delivery(drive, unit)}/signatures", lines=lines
        )

    async def _eventful_gift_day(self, commune: Commune) -> None:
        """One child absent, one line signed by a proxy, and a sponsor who brings a gift himself."""
        gift_day = self.pack.season["gift_day"]
        absent, by_proxy, *others = await self._hand_over(WINTER, commune.unit_id)
        await self._sign(
            WINTER,
            commune.unit_id,
            [
                {
                    "line_id": by_proxy,
                    "signed_as": "proxy",
                    "proxy_name": "Bùi Thị Nhận Thay",
                    "proxy_relation": gift_day["proxy_relation"],
                },
                *({"line_id": line, "signed_as": "guardian"} for line in others),
            ],
        )
        await self._as(self.people.verifier(commune.unit_id, self.today)).post(
            "allocation",
            f"/deliveries/{self._delivery(WINTER, commune.unit_id)}/absences",
            lines=[{"line_id": absent, "kept_until": gift_day["kept_until"]}],
        )
        await self._direct_gift(commune)

    async def _direct_gift(self, commune: Commune) -> None:
        need = await self._first_unmet_jacket(commune)
        (sponsor,) = self._sponsors("direct_gift")
        gift = f"/direct-gifts/{season_id(self.seed, 'direct-gift')}"
        await self._as(self.people.verifier(commune.unit_id, self.today)).put(
            "allocation",
            gift,
            sponsor_id=self._sponsor_id(sponsor),
            need_id=need,
            quantity=1,
            minutes="Biên bản trao trực tiếp, có chữ ký của đại diện xã và nhà hảo tâm",
        )
        await self._as(self.people["approver"]).post("allocation", f"{gift}/ratification")

    async def _first_unmet_jacket(self, commune: Commune) -> UUID:
        """A child of the commune for whom the run found no jacket."""
        run = await self.client.query(
            "allocation",
            f"/matching-runs/{season_id(self.seed, 'run', WINTER)}",
            by=self.people["coordinator"],
        )
        matched = {line["need_id"] for line in run["lines"]}
        return next(
            need.id
            for need in self.wanted(WINTER)
            if need.unit_id == commune.unit_id and str(need.id) not in matched
        )

    async def absent_child_comes(self) -> None:
        commune = self._communes[self.pack.season["gift_day"]["commune"]]
        delivery = f"/deliveries/{self._delivery(WINTER, commune.unit_id)}"
        answer = await self.client.query("allocation", delivery, by=self.people["coordinator"])
        waiting = [line["line_id"] for line in answer["lines"] if line["status"] == "absent"]
        await self._sign(
            WINTER,
            commune.unit_id,
            [{"line_id": line, "signed_as": "guardian"} for line in waiting],
        )

    # --- how a day is played ---

    def _for(self, communes: Iterable[Commune], step: Callable[[Commune], Awaitable[None]]) -> Step:
        async def all_of_them() -> None:
            await self.client.together(step(commune) for commune in communes)

        return all_of_them

    def _as(self, person: UUID) -> "Person":
        return Person(self.client, person)


@dataclass(frozen=True, slots=True)
class Person:
    """Sends commands as one person."""

    client: Client
    id: UUID

    async def put(self, service: str, path: str, **body: Any) -> None:
        await self.client.command(service, "PUT", path, body, by=self.id)

    async def post(self, service: str, path: str, **body: Any) -> None:
        await self.client.command(service, "POST", path, body, by=self.id)
