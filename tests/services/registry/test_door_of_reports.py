"""Reports through the HTTP door: each command, each refusal, and who sees which issue."""

from uuid import UUID

import pytest

from contracts.registry import (
    ReportAccepted,
    ReportDrafted,
    ReportReissued,
    ReportReturned,
    ReportSent,
    ReportSigned,
)
from tests.services.registry.commune_house import registry
from tests.services.registry.samples import CITY, COMMUNE, OFFICER, OTHER_COMMUNE, PROGRAMME
from tests.services.registry.test_report import (
    CITY_LEADER,
    LEADER,
    OTHER_LEADER,
    OTHER_PLANNER,
    PLANNER,
    REPORT,
)

AUDITOR, STRANGER = UUID(int=66), UUID(int=67)
NOWHERE = UUID(int=404)
PATH = f"/reports/{REPORT}"
NAME = "Trẻ em được nhận áo ấm"


def said(children=72, times=80):
    return [
        {"name": NAME, "measure": "child", "value": children},
        {"name": NAME, "measure": "child-time", "value": times},
    ]


def body(**changed):
    return {
        "programme_id": str(PROGRAMME),
        "form": "Báo cáo 6 tháng, biểu 01",
        "unit_id": str(COMMUNE),
        "period_from": "2023-12-15",
        "period_to": "2024-06-14",
        "due_on": "2024-06-20",
        "figures": said(),
        "taken_up_to": {"registry": 812, "allocation": 300},
    } | changed


def reissue_body(figures=None, **changed):
    return {
        "figures": figures or said(73),
        "taken_up_to": {"registry": 900},
        "reason": "late-fact",
    } | changed


TO_CITY = {"addressee_id": str(CITY)}
WRONG = {"reason": "figure-wrong"}


class Reporting:
    """A commune's planner and leaders, the city's leader, and a report between them."""

    def __init__(self, house=None):
        self.house = house or registry().with_programme()
        for person, role, unit_id in (
            (PLANNER, "planner", COMMUNE),
            (OTHER_PLANNER, "planner", OTHER_COMMUNE),
            (LEADER, "leader", COMMUNE),
            (OTHER_LEADER, "approver", COMMUNE),
            (CITY_LEADER, "leader", CITY),
            (AUDITOR, "auditor", CITY),
        ):
            self.house.grant(person, role, unit_id)

    def drafted(self, by=PLANNER, **changed):
        self.house.done("PUT", PATH, body(**changed), by=by)
        return self

    def signed(self, issue=1, by=LEADER):
        self.house.done("POST", f"{PATH}/issues/{issue}/signature", by=by)
        return self

    def sent(self, issue=1, by=PLANNER):
        self.house.done("POST", f"{PATH}/issues/{issue}/sending", TO_CITY, by=by)
        return self

    def returned(self, issue=1):
        self.house.done("POST", f"{PATH}/issues/{issue}/return", WRONG, by=CITY_LEADER)
        return self

    def accepted(self, issue=1):
        self.house.done("POST", f"{PATH}/issues/{issue}/acceptance", by=CITY_LEADER)
        return self

    def reissued(self, figures=None):
        self.house.done("POST", f"{PATH}/reissue", reissue_body(figures), by=PLANNER)
        return self

    def refused(self, method, path, sent=None, *, by=PLANNER):
        return self.house.refused(method, PATH + path, sent, by=by)

    def seen(self, issue=1, by=LEADER):
        return self.house.seen(f"{PATH}/issues/{issue}", by=by)


def sent():
    return Reporting().drafted().signed().sent()


def test_a_report_goes_its_way_and_is_issued_anew():
    story = sent().returned().reissued().signed(2).sent(2).accepted(2)
    assert [type(event) for event in story.house.events()[-8:]] == [
        ReportDrafted,
        ReportSigned,
        ReportSent,
        ReportReturned,
        ReportReissued,
        ReportSigned,
        ReportSent,
        ReportAccepted,
    ]
    first, second = story.seen(1), story.seen(2)
    assert (first["status"], first["return_reason"]) == ("returned", "figure-wrong")
    assert (first["figures"], first["followed_by"]) == (said(72), 2)
    assert (second["status"], second["figures"]) == ("accepted", said(73))
    assert second["changes"] == [{"name": NAME, "measure": "child", "old": 72, "new": 73}]
    assert (second["reissue_reason"], second["followed_by"]) == ("late-fact", None)
    assert second["taken_up_to"] == {"registry": 900}
    assert (second["drafted_by"], second["signed_by"]) == (str(PLANNER), str(LEADER))
    assert (second["addressee_id"], second["answered_by"]) == (str(CITY), str(CITY_LEADER))


def test_the_same_again_is_the_same_in_whatever_order_positions_are_said():
    story = Reporting().drafted()
    before = len(story.house.events())
    story.drafted(taken_up_to={"allocation": 300, "registry": 812})
    assert len(story.house.events()) == before


def test_an_approver_signs_too():
    assert Reporting().drafted().signed(by=OTHER_LEADER).seen()["status"] == "signed"


def test_the_changes_are_found_and_not_said():
    story = sent()
    changes = [{"name": NAME, "measure": "child", "old": 1, "new": 2}]
    answer = story.house.call("POST", f"{PATH}/reissue", reissue_body(changes=changes), by=PLANNER)
    assert answer.status_code == 422


# --- refused ---


def test_who_may_not():
    story = sent()
    assert story.refused("PUT", "", body(), by=OFFICER) == (403, "not-allowed")
    elsewhere = (403, "outside-your-unit")
    assert story.refused("PUT", "", body(), by=OTHER_PLANNER) == elsewhere
    assert story.refused("POST", "/reissue", reissue_body(), by=OTHER_PLANNER) == elsewhere
    assert story.refused("POST", "/issues/1/sending", TO_CITY, by=OTHER_PLANNER) == elsewhere
    assert story.refused("POST", "/issues/1/signature", by=PLANNER) == (403, "not-allowed")
    # The addressee is the city: nobody of the commune answers in its place.
    assert story.refused("POST", "/issues/1/acceptance", by=OTHER_LEADER) == elsewhere
    assert story.refused("POST", "/issues/1/return", WRONG, by=OTHER_LEADER) == elsewhere


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"programme_id": str(NOWHERE)}, (404, "programme-not-started")),
        ({"period_to": "2023-12-14"}, (422, "period-ends-before-it-begins")),
        ({"figures": [*said(), *said()]}, (422, "figure-named-twice")),
    ],
    ids=["no programme", "backwards", "twice"],
)
def test_a_report_that_cannot_be_drafted(changed, refusal):
    assert Reporting().refused("PUT", "", body(**changed)) == refusal


def test_a_report_of_a_unit_that_is_not_established():
    story = Reporting()
    story.house.grant(PLANNER, "planner", NOWHERE)
    unknown = body(unit_id=str(NOWHERE))
    assert story.refused("PUT", "", unknown) == (404, "unit-not-established")


@pytest.mark.parametrize(
    "changed",
    [
        {"figures": []},
        {"taken_up_to": {}},
        {"taken_up_to": {"nowhere": 1}},
        {"figures": [{"name": NAME, "measure": "child", "value": -1}]},
        {"figures": [{"name": NAME, "measure": "đầu trẻ", "value": 1}]},
        {"figures": [{"name": f"{n}", "measure": "child", "value": n} for n in range(201)]},
    ],
)
def test_what_no_report_says(changed):
    story = Reporting()
    assert story.house.call("PUT", PATH, body(**changed), by=PLANNER).status_code == 422


def test_an_id_means_one_report_and_what_was_sent_is_not_drafted_again():
    story = sent()
    other = (409, "report-drafted-otherwise")
    assert story.refused("PUT", "", body(due_on="2024-07-01")) == other
    assert story.refused("PUT", "", body(figures=said(73))) == (409, "report-sent-already")


def test_nobody_signs_their_own_draft():
    story = Reporting().drafted(by=LEADER)
    own = story.refused("POST", "/issues/1/signature", by=LEADER)
    assert own == (403, "drafter-cannot-sign")


def test_one_person_signs():
    story = Reporting().drafted().signed()
    again = story.refused("POST", "/issues/1/signature", by=OTHER_LEADER)
    assert again == (409, "report-signed-already")


def test_a_report_that_cannot_be_sent():
    story = Reporting().drafted()
    path = "/issues/1/sending"
    assert story.refused("POST", path, TO_CITY) == (409, "report-not-signed")
    story.signed()
    own, nowhere = {"addressee_id": str(COMMUNE)}, {"addressee_id": str(NOWHERE)}
    assert story.refused("POST", path, own) == (422, "report-sent-to-its-own-unit")
    assert story.refused("POST", path, nowhere) == (404, "unit-not-established")
    story.sent()
    other = {"addressee_id": str(OTHER_COMMUNE)}
    assert story.refused("POST", path, other) == (409, "report-sent-already")


@pytest.mark.parametrize(("path", "sent_body"), [("acceptance", None), ("return", WRONG)])
def test_a_report_that_cannot_be_answered(path, sent_body):
    story, path = Reporting().drafted().signed(by=CITY_LEADER), f"/issues/1/{path}"
    not_sent = story.refused("POST", path, sent_body, by=CITY_LEADER)
    assert not_sent == (409, "report-not-sent")
    story.sent()
    own = story.refused("POST", path, sent_body, by=CITY_LEADER)
    assert own == (403, "cannot-answer-own-report")


def test_a_report_is_answered_once():
    again = (409, "report-answered-already")
    assert sent().accepted().refused("POST", "/issues/1/return", WRONG, by=CITY_LEADER) == again
    assert sent().returned().refused("POST", "/issues/1/acceptance", by=CITY_LEADER) == again


def test_a_report_that_cannot_be_issued_anew():
    story = Reporting().drafted().signed()
    assert story.refused("POST", "/reissue", reissue_body()) == (409, "report-not-sent")
    story.sent()
    same, twice = reissue_body(said()), reissue_body([*said(), *said()])
    assert story.refused("POST", "/reissue", same) == (422, "no-figure-changed")
    assert story.refused("POST", "/reissue", twice) == (422, "figure-named-twice")


def test_what_was_meant_for_one_issue_is_not_done_to_another():
    story = sent().reissued()
    other = (409, "report-not-of-that-issue")
    assert story.refused("POST", "/issues/1/signature", by=LEADER) == other
    assert story.refused("POST", "/issues/1/sending", TO_CITY) == other
    story.signed(2).sent(2)
    assert story.refused("POST", "/issues/1/acceptance", by=CITY_LEADER) == other
    assert story.refused("POST", "/issues/1/return", WRONG, by=CITY_LEADER) == other


@pytest.mark.parametrize(
    ("path", "sent_body", "by"),
    [
        ("/reissue", reissue_body(), PLANNER),
        ("/issues/1/signature", None, LEADER),
        ("/issues/1/sending", TO_CITY, PLANNER),
        ("/issues/1/acceptance", None, CITY_LEADER),
        ("/issues/1/return", WRONG, CITY_LEADER),
    ],
)
def test_what_was_not_drafted(path, sent_body, by):
    missing = (404, "report-not-drafted")
    assert Reporting().refused("POST", path, sent_body, by=by) == missing


# --- seen ---


def issues(story, query, by):
    return [row["issue"] for row in story.house.seen(f"/reports{query}", by=by)["items"]]


def test_each_issue_is_listed_in_ones_area_and_to_the_addressee():
    story = sent().reissued()
    for query in ("", f"?unit_id={COMMUNE}", f"?report_id={REPORT}"):
        for by in (PLANNER, LEADER, CITY_LEADER, AUDITOR):
            assert issues(story, query, by) == [1, 2]
    assert issues(story, "?status=sent", AUDITOR) == [1]
    assert issues(story, f"?addressee_id={CITY}", CITY_LEADER) == [1]
    assert issues(story, "", OTHER_PLANNER) == []


def test_nothing_of_another_unit_is_seen():
    story = sent()
    elsewhere = (403, "outside-your-unit")
    assert story.refused("GET", "/issues/1", by=OTHER_PLANNER) == elsewhere
    for query in (f"?unit_id={COMMUNE}", f"?addressee_id={CITY}"):
        got = story.house.refused("GET", f"/reports{query}", by=OTHER_PLANNER)
        assert got == elsewhere
    assert story.refused("GET", "/issues/1", by=STRANGER) == (403, "not-allowed")


def test_an_addressee_beside_the_unit_sees_what_was_sent_there_alone():
    story = Reporting().drafted().signed()
    assert story.refused("GET", "/issues/1", by=OTHER_PLANNER) == (403, "outside-your-unit")
    there = {"addressee_id": str(OTHER_COMMUNE)}
    story.house.done("POST", f"{PATH}/issues/1/sending", there, by=PLANNER)
    assert story.seen(by=OTHER_PLANNER)["status"] == "sent"
    assert issues(story, f"?addressee_id={OTHER_COMMUNE}", OTHER_PLANNER) == [1]


def test_no_issue_that_is_not_there():
    missing = (404, "report-not-drafted")
    assert sent().refused("GET", "/issues/2", by=LEADER) == missing


def test_the_version_seen_is_the_one_changed():
    story = Reporting().drafted()
    seen = story.house.get(f"{PATH}/issues/1", by=LEADER)
    story.drafted(figures=said(73))
    path = f"{PATH}/issues/1/signature"
    late = story.house.call("POST", path, by=LEADER, If_Match=seen.headers["ETag"])
    assert late.status_code == 412


def test_a_signature_lands_on_the_figures_that_were_read_and_on_no_others():
    story = Reporting()
    story.drafted(figures=said(0, 0))
    seen = story.house.get(PATH, by=LEADER).headers["ETag"]
    story.drafted(figures=said(999_999, 0))
    path = f"{PATH}/issues/1/signature"
    answer = story.house.call("POST", path, by=LEADER, if_match=seen)
    assert (answer.status_code, answer.json()["code"]) == (412, "changed-since")
    fields = answer.json()["fields"]
    assert (fields["seen_version"], fields["version"]) == (1, 2)
    both = [one for one in fields["changed"] if one["field"].endswith("figures.0.value")]
    assert [(one["seen"], one["now"]) for one in both] == [(0, 999_999)]
    unseen = story.house.call("POST", path, by=LEADER, if_match=None)
    assert (unseen.status_code, unseen.json()["code"]) == (428, "if-match-missing")
    assert not any(isinstance(event, ReportSigned) for event in story.house.events())


def test_two_planners_do_not_overwrite_each_other():
    story = Reporting()
    story.drafted()
    blind = story.house.call("PUT", PATH, body(figures=said(5)), by=PLANNER, if_match=None)
    assert (blind.status_code, blind.json()["code"]) == (412, "changed-since")


def test_the_newest_issue_is_what_is_judged_next():
    story = sent()
    story.reissued()
    newest = story.house.get(PATH, by=LEADER)
    assert newest.json()["issue"] == 2
    assert newest.headers["ETag"].startswith(f'"{newest.json()["version"]}.')
    assert story.house.refused("GET", f"/reports/{NOWHERE}", by=LEADER) == (
        404,
        "report-not-drafted",
    )
