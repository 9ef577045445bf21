"""The registry behind its door with a city, communes, officers, a household and a child."""

from datetime import UTC, datetime
from uuid import UUID

from services.registry.app import make_app
from tests.services.registry.samples import (
    CHILD,
    CITY,
    COMMUNE,
    COORDINATOR,
    GRANT,
    HOUSEHOLD,
    KEEPER,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_OFFICER,
    OTHER_SUCCESSOR,
    PRIVACY_OFFICER,
    PROGRAMME,
    PROGRAMME_CODE,
    SPONSOR,
    SUCCESSOR,
    VERIFIER,
)
from tests.support.answers import shown
from tests.support.house import HouseForTests

AFTER_THE_REORGANISATION = datetime(2025, 7, 2, 2, tzinfo=UTC)
SUCCESSOR_OFFICER = UUID(int=26)


def unit_body(name="Ba Vì", code="09703", kind="commune", parent=CITY, **changed):
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "parent_id": str(parent) if parent else None,
        "district_name": None,
        "priority": name == "Ba Vì",
        "valid_from": "2008-08-01",
    } | changed


def household_body(**changed):
    return {"unit_id": str(COMMUNE), "head": "Triệu Văn Sơn", "village": "Yên Sơn"} | changed


def status_body(status="near-poor", **changed):
    return {
        "status": status,
        "standard": "2022-2025",
        "decision": "12/QĐ-UBND",
        "valid_from": "2024-01-01",
        "valid_until": "2025-01-01",
    } | changed


def child_body(**changed):
    return {
        "household_id": str(HOUSEHOLD),
        "name": "Triệu Thị Hoà",
        "birth_date": "2015-03-09",
        "gender": "female",
        "guardian": "Triệu Văn Sơn",
        "ethnicity": "Dao",
    } | changed


def need_body(category="warm-clothes", measure="set", quantity=1, **changed):
    return {
        "programme_id": str(PROGRAMME),
        "child_id": str(CHILD),
        "category": category,
        "quantity": quantity,
        "measure": measure,
        "needed_by": "2024-11-30",
    } | changed


def grant_body(*children, **changed):
    return {
        "person_id": str(SPONSOR),
        "child_ids": [str(child_id) for child_id in children],
        "purpose": "sponsorship",
        "ground": "guardian-and-own-consent",
        "paper": "12/ĐY-2024",
        "valid_until": "2024-11-01",
    } | changed


def succession_body(*successors, ended_on="2025-07-01"):
    return {
        "successor_ids": [str(unit_id) for unit_id in successors],
        "ended_on": ended_on,
        "decision": "1656/NQ-UBTVQH15",
    }


class Registry(HouseForTests):
    """`done` sends a command that must be accepted; `refused` answers status and code."""

    def __init__(self):
        super().__init__("registry", make_app)
        self.grant(KEEPER, "organisation-keeper", CITY)
        for person, role, unit_id in (
            (OFFICER, "commune-officer", COMMUNE),
            (OTHER_OFFICER, "commune-officer", COMMUNE),
            (SUCCESSOR_OFFICER, "commune-officer", SUCCESSOR),
            (VERIFIER, "verifier", CITY),
            (COORDINATOR, "coordinator", CITY),
        ):
            self.grant(person, role, unit_id)

    def done(self, method, path, body=None, *, by, **headers):
        return shown(self.call(method, path, body, by=by, **headers))

    def refused(self, method, path, body=None, *, by, **headers):
        before = len(self.events())
        answer = self.call(method, path, body, by=by, **headers)
        assert len(self.events()) == before
        return answer.status_code, answer.json()["code"]

    def seen(self, path, *, by):
        return shown(self.get(path, by=by))

    # --- what was done before ---

    def with_units(self):
        self.done("PUT", f"/units/{CITY}", unit_body("Hà Nội", "01", "city", None), by=KEEPER)
        self.done("PUT", f"/units/{COMMUNE}", unit_body(), by=KEEPER)
        self.done("PUT", f"/units/{OTHER_COMMUNE}", unit_body("Trần Phú", "10099"), by=KEEPER)
        for unit_id, name in ((SUCCESSOR, "Ba Vì (mới)"), (OTHER_SUCCESSOR, "Bất Bạt")):
            body = unit_body(name, "09700", valid_from="2025-07-01")
            self.done("PUT", f"/units/{unit_id}", body, by=KEEPER)
        return self

    def with_programme(self):
        body = {
            "code": PROGRAMME_CODE,
            "name": "Kế hoạch 3874",
            "starts_on": "2019-09-01",
            "ends_on": "2025-12-31",
            "unit_ids": [str(COMMUNE)],
        }
        self.done("PUT", f"/programmes/{PROGRAMME}", body, by=KEEPER)
        return self

    def with_household(self, household_id=HOUSEHOLD):
        self.done("PUT", f"/households/{household_id}", household_body(), by=OFFICER)
        return self

    def with_child(self, child_id=CHILD, **changed):
        self.done("PUT", f"/children/{child_id}", child_body(**changed), by=OFFICER)
        return self

    def measured(self, height_cm=118, measured_on="2024-09-20"):
        body = {"height_cm": height_cm, "measured_on": measured_on}
        self.done("POST", f"/children/{CHILD}/measures", body, by=OFFICER)
        return self

    def disabled(self):
        body = {"kind": "special", "code": "disability"}
        self.done("POST", f"/children/{CHILD}/circumstances", body, by=OFFICER)
        return self

    def with_need(self, **changed):
        self.done("PUT", f"/needs/{NEED}", need_body(**changed), by=OFFICER)
        return self

    def verified(self):
        self.done("POST", f"/needs/{NEED}/verification", by=VERIFIER)
        return self

    def with_names_opened(self):
        """A sponsor sees the child's name by a grant of the city's privacy officer."""
        self.grant(PRIVACY_OFFICER, "privacy-officer", CITY)
        sponsor = {"kind": "human", "name": "Lê Văn Tài"}
        self.done("PUT", f"/persons/{SPONSOR}", sponsor, by=KEEPER)
        self.done("PUT", f"/disclosures/{GRANT}", grant_body(CHILD), by=PRIVACY_OFFICER)
        self.done("POST", f"/disclosures/{GRANT}/openings", by=SPONSOR)
        return self

    def succeeded_by(self, *successors):
        """From here on it is the day after: nobody records it before."""
        self.now = AFTER_THE_REORGANISATION
        self.done("POST", f"/units/{COMMUNE}/succession", succession_body(*successors), by=KEEPER)
        return self


def registry():
    return Registry().with_units()


def ready_for_needs():
    """A measured child in special circumstances, of a household known to the programme."""
    return registry().with_programme().with_household().with_child().measured().disabled()
