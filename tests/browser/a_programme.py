"""A programme in mid-season: something has arrived, and each role has something left to do."""

from uuid import UUID

from edge.tokens import Identity
from tests.programmes.played import (
    CITY,
    COMMUNE,
    FUND,
    PERSONS,
    RECEIPT,
    SPONSOR,
    Given,
    Played,
    named,
    person,
)

PROGRAMME, CODE = UUID(int=3874), "3874/KH-LĐTB&XH"
MORE_PERSONS = {
    "teacher": ("teacher", COMMUNE),
    "partner": ("partner", COMMUNE),
    "leader": ("leader", CITY),
    "inspector": ("inspector", CITY),
    "child-protection-officer": ("child-protection-officer", COMMUNE),
    "collaborator": ("collaborator", COMMUNE),
    "planner": ("planner", CITY),
    "privacy-officer": ("privacy-officer", CITY),
    "second-accountant": ("accountant", CITY),
    "second-keeper": ("organisation-keeper", CITY),
    "sponsor": ("sponsor", CITY),
    "giver": ("sponsor", CITY),
}
EVERYBODY = [*PERSONS, *MORE_PERSONS, "stranger"]
COATS = Given(
    category="warm-clothes",
    measure="piece",
    quantity=1,
    asked={"size": "H120", "gender": "female"},
    held={"size": "H120", "gender": "unisex"},
)
BOOKS = Given(
    category="school-supplies",
    measure="set",
    quantity=1,
    asked={"grade": 4},
    held={"grade_from": 1, "grade_to": 5},
)

MONEY = Given(category="scholarship", measure="dong", quantity=1_000_000, money=True)


class MidSeason(Played):
    """`children` have their coats; books are being handed out, and more of both is on its way."""

    def __init__(self) -> None:
        super().__init__(PROGRAMME, CODE, children=6)
        for name, (role, unit_id) in MORE_PERSONS.items():
            self.all.grant(person(name), role, unit_id)
        self.organisation()
        self.play(COATS)
        self.books_on_their_way()
        self.gifts_half_way()
        self.needs_half_way()
        self.lives()
        self.money()

    def subject(self, kind, number):
        subject = super().subject(kind, number)
        path = f"/children/{subject['child_id']}"
        lost = {"kind": "special", "code": "both-parents-lost"}
        self.do("registry", "POST", f"{path}/circumstances", lost, by="registrar")
        measure = {"height_cm": 118, "measured_on": "2024-10-01"}
        self.do("registry", "POST", f"{path}/measures", measure, by="registrar")
        grade = {"school_year": "2024-2025", "grade": 4}
        self.do("registry", "POST", f"{path}/enrolments", grade, by="registrar")
        poor = {"status": "poor", "standard": "2022-2025", "decision": "1/QĐ-UBND"}
        poor |= {"valid_from": "2024-01-01", "valid_until": "2024-12-31"}
        home = f"/households/{named('home', number)}"
        self.do("registry", "POST", f"{home}/status", poor, by="registrar")
        return subject

    def organisation(self):
        lan, mine = named("lan"), Identity("tests", "nobody Lan")
        self.do("registry", "PUT", f"/persons/{lan}", {"name": "Bùi Thị Lan"}, by="keeper")
        role = {"role": "verifier", "unit_id": str(COMMUNE), "valid_from": "2024-09-01"}
        path = f"/persons/{lan}/roles/{named('role of lan')}"
        self.do("registry", "PUT", path, role | {"valid_until": "2024-10-20"}, by="keeper")
        for name in ("Lan", "Mai"):
            said = {"name": name}
            self.all.done("registry", "PUT", "/accounts/mine", said, by=f"nobody {name}")
        linked = f"/accounts/{mine.account_id}/acceptance"
        self.do("registry", "POST", linked, {"person_id": str(lan)}, by="second-keeper")
        group = {"unit_id": str(COMMUNE), "children": 30, "description": "Lớp 3A"}
        self.do("registry", "PUT", f"/groups/{named('group')}", group, by="registrar")
        giver = {"person_id": str(person("giver")), "kind": "individual", "name": "Bà Mai"}
        path = f"/sponsors/{named('giver')}"
        self.do("donations", "PUT", path, giver, by="coordinator")
        named_so = {"public_name": "Bà Mai"}
        self.do("donations", "PUT", f"{path}/public-name", named_so, by="giver")

    def books_on_their_way(self):
        """Five deliveries: planned, dispatched, handed over, closed in part; one set is left."""
        self.needs(BOOKS)
        self.gift(BOOKS)
        steps = (
            (),
            (self.dispatched,),
            (self.dispatched, self.handed_over),
            (self.dispatched, self.closed),
        )
        for line_id, done in zip(self.allocation(BOOKS), steps, strict=False):
            delivery = named("books", line_id)
            plan = {
                "unit_id": str(COMMUNE),
                "activity": "Buổi trao sách",
                "planned_for": "2024-10-12",
                "line_ids": [line_id],
            }
            self.do("allocation", "PUT", f"/deliveries/{delivery}", plan, by="coordinator")
            for step in done:
                step(f"/deliveries/{delivery}", line_id)

    def dispatched(self, path, _):
        self.do("allocation", "POST", f"{path}/dispatch", {"waybill": "XK-2"}, by="storekeeper")

    def handed_over(self, path, _):
        handed = {"handed_to": str(person("holder"))}
        self.do("allocation", "POST", f"{path}/handover", handed, by="storekeeper")

    def closed(self, path, line_id):
        why = {"line_ids": [line_id], "reason": "delivery-cancelled"}
        self.do("allocation", "POST", f"{path}/closings", why, by="coordinator")

    def gifts_half_way(self):
        """Of goods: announced, received, inspected, accepted, corrected, with a void receipt."""
        ways = (
            (),
            ("reception",),
            ("reception", "inspection"),
            ("reception", "inspection", "acceptance"),
            ("reception", "inspection", "acceptance", "corrections"),
            ("reception", "inspection", "acceptance", "receipt", "receipt/cancellation"),
        )
        for number, steps in enumerate(ways):
            line = str(named("line half way", number))
            path = self.announced(COATS, number, line, 3)
            found = {"line_id": line, "good": 2, "mendable": 1, "refused": 0}
            right = {"lines": [found | {"good": 3, "mendable": 0}], "reason": "miscounted"}
            bodies = {
                "reception": (None, "receiver"),
                "inspection": ({"lines": [found]}, "receiver"),
                "acceptance": (None, "accountant"),
                "corrections": (right, "accountant"),
                "receipt": (RECEIPT, "accountant"),
            }
            for step in steps:
                body, by = bodies.get(step, (None, "accountant"))
                if step == "receipt/cancellation":
                    number_of = self.all.seen("donations", path, by=person("accountant")).json()
                    paper = number_of["receipt"]
                    body = {name: paper[name] for name in ("book", "year", "number")}
                    body["reason"] = "spoilt"
                self.do("donations", "POST", f"{path}/{step}", body, by=by)

    def announced(self, kind, number, line, quantity):
        path = f"/contributions/{named('half way', kind.code, number)}"
        announced = {
            "campaign_id": str(named("campaign", kind.code)),
            "sponsor_id": str(SPONSOR),
            "kind": "money" if kind.money else "goods",
            "lines": [
                {
                    "line_id": line,
                    "category": kind.code,
                    "specification": kind.held,
                    "quantity": quantity,
                    "measure": kind.measure,
                }
            ],
        }
        self.do("donations", "PUT", path, announced, by="coordinator")
        return path

    def needs_half_way(self):
        """Recorded, returned, open; proposed, and given from hand to hand."""
        for number, name in enumerate(("recorded", "returned", "open", "by hand")):
            child = self.subject(COATS, 10 + number)["child_id"]
            need = {
                "programme_id": str(PROGRAMME),
                "child_id": child,
                "category": COATS.category,
                "quantity": 1,
                "measure": "piece",
                "needed_by": "2024-12-31",
            }
            path = f"/needs/{named('need', name)}"
            self.do("registry", "PUT", path, need, by="recorder")
            if name == "returned":
                why = {"reason": "Cỡ áo chưa rõ."}
                self.do("registry", "POST", f"{path}/return", why, by="verifier")
            elif name != "recorded":
                self.do("registry", "POST", f"{path}/verification", by="verifier")
        run = named("run half way")
        asked = {"programme_id": str(PROGRAMME), "category": COATS.code}
        self.do("allocation", "PUT", f"/matching-runs/{run}", asked, by="coordinator")
        proposed = f"/allocations/{named('allocation half way')}"
        self.do("allocation", "PUT", proposed, {"run_id": str(run)}, by="coordinator")
        by_hand = {
            "sponsor_id": str(SPONSOR),
            "unit_id": str(COMMUNE),
            "lines": [{"need_id": str(named("need", "by hand")), "quantity": 1}],
            "minutes": "Trao tại nhà.",
        }
        self.do("allocation", "PUT", f"/direct-gifts/{named('by hand')}", by_hand, by="witness")

    def lives(self):
        """One child and one household have left; of two pairs of records one is merged."""
        for name in ("left", "twin", "merged"):
            home = {"unit_id": str(COMMUNE), "head": f"Bàn Văn {name.title()}"}
            self.do("registry", "PUT", f"/households/{named(name)}", home, by="registrar")
        note = {"note": "Theo lời trưởng thôn."}
        left = f"/households/{named('left')}/leaving"
        self.do("registry", "POST", left, note, by="registrar")
        for name, home in (
            ("gone", "twin"),
            ("twin", "twin"),
            ("other twin", "twin"),
            ("merged", "merged"),
            ("into", "merged"),
        ):
            called = "Bàn Thị Mùi" if home == "twin" and "twin" in name else "Bàn Thị Sao"
            child = {
                "household_id": str(named(home)),
                "name": "Bàn Văn Đi" if name == "gone" else called,
                "birth_date": "2016-05-04",
                "gender": "female",
                "guardian": "Bàn Văn Sơn",
                "ethnicity": "Dao",
            }
            self.do("registry", "PUT", f"/children/{named(name)}", child, by="registrar")
        gone = f"/children/{named('gone')}/leaving"
        self.do("registry", "POST", gone, note | {"how": "moved-away"}, by="registrar")
        merging = f"/children/{named('merged')}/merging"
        into = note | {"into_child_id": str(named("into"))}
        self.do("registry", "POST", merging, into, by="registrar")

    def money(self):
        """A gift that is expected, one that came, and payments: prepared, authorised, advanced."""
        self.gift(MONEY)
        self.announced(MONEY, 0, str(named("money line")), 500_000)
        to_partner = {"purpose": "partner", "partner": "Bệnh viện huyện"}
        to_hand_out = {"purpose": "advance", "person_id": str(person("holder"))}
        ways = ((to_partner, ()), (to_partner, ("authorisation",)))
        for number, (whom, steps) in enumerate((*ways, (to_hand_out, ("authorisation", "making")))):
            path = f"/payments/{named('payment', number)}"
            payment = {"fund_id": str(FUND), "amount": 1_500_000, "due_on": "2024-10-31", **whom}
            self.do("donations", "PUT", path, payment, by="accountant")
            made = {"paid_in": "transfer", "reference": "FT-1"}
            bodies = {"authorisation": (None, "approver"), "making": (made, "cashier")}
            for step in steps:
                body, by = bodies[step]
                self.do("donations", "POST", f"{path}/{step}", body, by=by)
