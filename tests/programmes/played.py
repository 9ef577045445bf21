"""Programmes of the invented packs, played through all doors from a need to what arrived."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid5

from tests.support.all_services import AllServices

RECEIPT = {
    "book": "TH",
    "issuer": "Trần Thị Ngọc, kế toán",
    "receiver": "Bùi Văn Kho, thủ kho",
    "accepter": "Trần Thị Ngọc, kế toán",
}
NAMES = UUID("00000000-2024-4000-8000-00000000c0de")


def named(*words: object) -> UUID:
    return uuid5(NAMES, "/".join(map(str, words)))


CITY, COMMUNE, SPONSOR, FUND = (named(each) for each in ("city", "commune", "sponsor", "fund"))
PERSONS: dict[str, tuple[str, str]] = {
    "keeper": ("organisation-keeper", "city"),
    "registrar": ("commune-officer", "commune"),
    "recorder": ("commune-officer", "commune"),
    "verifier": ("verifier", "city"),
    "coordinator": ("coordinator", "city"),
    "receiver": ("storekeeper", "city"),
    "cashier": ("cashier", "city"),
    "accountant": ("accountant", "city"),
    "approver": ("approver", "city"),
    "storekeeper": ("storekeeper", "city"),
    "holder": ("commune-officer", "commune"),
    "witness": ("commune-officer", "commune"),
    "auditor": ("auditor", "city"),
}


@dataclass(frozen=True, kw_only=True)
class Given:
    """A kind of support: for whom, how much for each, what of it is asked and what is held."""

    category: str
    measure: str
    quantity: int
    subject: Literal["child", "group", "unit"] = "child"
    travels_as: str | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)
    detail: str | None = None
    money: bool = False

    @property
    def code(self) -> str:
        return self.travels_as or self.category


def person(name: str) -> UUID:
    return named("person", name)


class Played:
    """A programme with its commune, and so many children, or one group, or the unit, for a kind.

    `refused_at_dispatch` try to send each delivery off, and by the pack they must not.
    """

    def __init__(
        self, programme: UUID, code: str, children: int = 5, refused_at_dispatch: Sequence[str] = ()
    ) -> None:
        self.all = AllServices()
        self.refused_at_dispatch = refused_at_dispatch
        self.programme = programme
        self.children = children
        for name, (role, unit) in PERSONS.items():
            self.all.grant(person(name), role, {"city": CITY, "commune": COMMUNE}[unit])
        for unit_id, kind, parent in ((CITY, "city", None), (COMMUNE, "commune", CITY)):
            about = {
                "code": "01" if parent is None else "09703",
                "name": "Hà Nội" if parent is None else "Ba Vì",
                "kind": kind,
                "parent_id": str(parent) if parent else None,
                "district_name": None,
                "priority": False,
                "valid_from": "2008-08-01",
            }
            self.do("registry", "PUT", f"/units/{unit_id}", about, by="keeper")
        started = {
            "code": code,
            "name": "Chương trình (minh hoạ)",
            "starts_on": "2024-01-01",
            "ends_on": "2026-12-31",
            "unit_ids": [str(COMMUNE)],
        }
        self.do("registry", "PUT", f"/programmes/{programme}", started, by="keeper")
        sponsor = {
            "person_id": str(person("sponsor")),
            "kind": "enterprise",
            "public_name": "Công ty Đường Xa (minh hoạ)",
            "name": "Công ty Đường Xa",
        }
        self.do("donations", "PUT", f"/sponsors/{SPONSOR}", sponsor, by="coordinator")
        fund = {
            "programme_id": str(programme),
            "unit_id": str(CITY),
            "name": "Nguồn vận động (minh hoạ)",
        }
        self.do("donations", "PUT", f"/funds/{FUND}", fund, by="accountant")
        news = {"sponsor_id": str(SPONSOR), "channels": ["inbox"]}
        path = f"/subscriptions/{named('subscription')}"
        self.do("notifications", "PUT", path, news, by="sponsor")

    def do(self, service: str, method: str, path: str, body: Any = None, *, by: str) -> Any:
        return self.all.done(service, method, path, body, by=person(by))

    def play(self, kind: Given) -> None:
        """From the needs to the last signature."""
        self.needs(kind)
        self.gift(kind)
        lines = self.allocation(kind)
        self.delivery(kind, lines)

    # --- registry ---

    def needs(self, kind: Given) -> None:
        for number in range(self.children if kind.subject == "child" else 1):
            need = {
                "programme_id": str(self.programme),
                **self.subject(kind, number),
                "category": kind.category,
                "specification": kind.asked,
                "detail": kind.detail,
                "quantity": kind.quantity,
                "measure": kind.measure,
                "needed_by": "2024-12-31",
            }
            path = f"/needs/{named('need', kind.category, number)}"
            self.do("registry", "PUT", path, need, by="recorder")
            self.do("registry", "POST", f"{path}/verification", by="verifier")

    def subject(self, kind: Given, number: int) -> dict[str, str]:
        if kind.subject == "unit":
            return {"unit_id": str(COMMUNE)}
        if kind.subject == "group":
            group_id = named("group", kind.category)
            group = {"unit_id": str(COMMUNE), "children": 30, "description": "Lớp 3A"}
            self.do("registry", "PUT", f"/groups/{group_id}", group, by="registrar")
            return {"group_id": str(group_id)}
        home, child_id = named("home", number), named("child", number)
        household = {"unit_id": str(COMMUNE), "head": "Triệu Văn Sơn"}
        self.do("registry", "PUT", f"/households/{home}", household, by="registrar")
        child = {
            "household_id": str(home),
            "name": f"Triệu Thị Hoà {number}",
            "birth_date": "2015-03-09",
            "gender": "female",
            "guardian": "Triệu Văn Sơn",
            "ethnicity": "Dao",
        }
        self.do("registry", "PUT", f"/children/{child_id}", child, by="registrar")
        return {"child_id": str(child_id)}

    # --- donations ---

    def gift(self, kind: Given) -> None:
        quantity = kind.quantity * (self.children if kind.subject == "child" else 1)
        campaign_id, gift = named("campaign", kind.code), self.contribution(kind)
        campaign = {
            "programme_id": str(self.programme),
            "fund_id": str(FUND),
            "name": f"Đợt vận động {kind.code} (minh hoạ)",
            "category": kind.code,
            "target": quantity,
            "measure": kind.measure,
            "starts_on": "2024-10-01",
            "ends_on": "2024-12-15",
        }
        self.do("donations", "PUT", f"/campaigns/{campaign_id}", campaign, by="coordinator")
        pledge_id, form = named("pledge", kind.category), "money" if kind.money else "goods"
        promised = {
            "campaign_id": str(campaign_id),
            "sponsor_id": str(SPONSOR),
            "kind": form,
            "category": kind.code,
            "quantity": quantity,
            "measure": kind.measure,
        }
        self.do("donations", "PUT", f"/pledges/{pledge_id}", promised, by="coordinator")
        line = {
            "line_id": str(named("line", kind.category)),
            "category": kind.code,
            "specification": kind.held,
            "quantity": quantity,
            "measure": kind.measure,
        }
        announced = {
            "campaign_id": str(campaign_id),
            "sponsor_id": str(SPONSOR),
            "pledge_id": str(pledge_id),
            "kind": form,
            "lines": [line],
        }
        path = f"/contributions/{gift}"
        self.do("donations", "PUT", path, announced, by="coordinator")
        came = {"paid_in": "transfer"} if kind.money else None
        receiver = "cashier" if kind.money else "receiver"
        self.do("donations", "POST", f"{path}/reception", came, by=receiver)
        found = {"line_id": line["line_id"], "good": quantity, "mendable": 0, "refused": 0}
        self.do("donations", "POST", f"{path}/inspection", {"lines": [found]}, by="receiver")
        self.do("donations", "POST", f"{path}/acceptance", by="accountant")
        self.do("donations", "POST", f"{path}/receipt", RECEIPT, by="accountant")

    @staticmethod
    def contribution(kind: Given) -> UUID:
        return named("contribution", kind.category)

    # --- allocation ---

    def allocation(self, kind: Given) -> list[str]:
        """The lines that a run proposes and somebody else approves."""
        run, allocation = named("run", kind.category), named("allocation", kind.category)
        asked = {"programme_id": str(self.programme), "category": kind.code}
        self.do("allocation", "PUT", f"/matching-runs/{run}", asked, by="coordinator")
        path = f"/allocations/{allocation}"
        self.do("allocation", "PUT", path, {"run_id": str(run)}, by="coordinator")
        self.do("allocation", "POST", f"{path}/approval", by="approver")
        shown = self.all.seen("allocation", path, by=person("approver")).json()
        assert {line["status"] for line in shown["lines"]} == {"approved"}
        return [line["line_id"] for line in shown["lines"]]

    def delivery(self, kind: Given, line_ids: Sequence[str]) -> None:
        path = f"/deliveries/{self.delivered(kind)}"
        plan = {
            "unit_id": str(COMMUNE),
            "activity": "Buổi trao",
            "planned_for": "2024-10-12",
            "line_ids": list(line_ids),
        }
        self.do("allocation", "PUT", path, plan, by="coordinator")
        for who in self.refused_at_dispatch:
            house = self.all.houses["allocation"]
            answer = house.call("POST", f"{path}/dispatch", {"waybill": "XK-1"}, by=person(who))
            refusal = answer.json()
            assert (answer.status_code, refusal["code"]) == (403, "involved-cannot-dispatch")
        self.do("allocation", "POST", f"{path}/dispatch", {"waybill": "XK-1"}, by="storekeeper")
        handed = {"handed_to": str(person("holder"))}
        self.do("allocation", "POST", f"{path}/handover", handed, by="storekeeper")
        lines = [{"line_id": line_id, **self.signature(kind)} for line_id in line_ids]
        self.do("allocation", "POST", f"{path}/signatures", {"lines": lines}, by="witness")

    @staticmethod
    def delivered(kind: Given) -> UUID:
        return named("delivery", kind.category)

    @staticmethod
    def signature(kind: Given) -> dict[str, Any]:
        if kind.subject == "child":
            return {"signed_as": "guardian"}
        signed: dict[str, Any] = {
            "signed_as": "responsible",
            "signatory_name": "Bùi Thị Phụ Trách",
            "signatory_relation": "người phụ trách",
        }
        return signed | ({"children": 28} if kind.subject == "group" else {})
