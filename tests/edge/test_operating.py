"""What operators and auditors ask of the real tables, through the door."""

from uuid import UUID, uuid4

import httpx
import pytest

from edge.operations import PostgresOperations
from eventing.execute import Executor
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from tests.edge.conftest import BA_VI
from tests.edge.notebook import make_app, refusals
from tests.eventing.readers import database, leadership, service
from tests.support.house import HouseForTests
from tests.support.tasks import running

__all__ = ["database", "leadership", "service"]

OPERATOR, AUDITOR, NOBODY = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
async def ask(database, service, leadership: Leadership):
    house = HouseForTests(service, make_app)
    house.unit(BA_VI)
    house.grant(OPERATOR, "operator", BA_VI)
    house.grant(AUDITOR, "auditor", BA_VI)
    async with PostgresStore(service, database.dsn) as store:
        executor = Executor(store, lambda: house.now)
        inside = house.house
        inside.executor = executor
        inside.read_models = [refusals]
        inside.operations = PostgresOperations(service, database.pool, executor)
        directory_rows, inside.rows = inside.rows, PostgresRows(database.pool)
        assert inside.directory._rows is directory_rows
        runner = ReadModelRunner(
            service, [refusals], database.pool, leadership, lambda _: LogSource(store)
        )
        transport = httpx.ASGITransport(make_app(inside))
        async with (
            running(runner.run()),
            httpx.AsyncClient(transport=transport, base_url="http://door") as client,
        ):

            async def asked(method, path, body=None, *, by):
                headers = {"Authorization": f"Bearer {by}"}
                if method != "GET":
                    headers["Idempotency-Key"] = str(uuid4())
                return await client.request(method, path, json=body, headers=headers)

            yield asked


async def park(database, service, stream="need-1"):
    await database.pool.execute(
        "INSERT INTO parked (consumer, source, stream, position, record, error)"
        " VALUES ('refusals', $1, $2, 7, '', 'UnknownType'), ('refusals', $1, $2, 9, '', 'waits')",
        service,
        stream,
    )
    return {"consumer": "refusals", "source": service, "stream": stream, "reason": "code-mended"}


async def test_what_is_parked_is_shown_and_retried(ask, database, service):
    asked_for = await park(database, service)
    (shown,) = (await ask("GET", "/parked", by=AUDITOR)).json()
    assert (shown["first_position"], shown["last_position"], shown["records"]) == (7, 9, 2)
    assert shown["error"] == "UnknownType"
    answer = await ask("POST", "/parked/retry", asked_for, by=OPERATOR)
    assert answer.json() == {"positions": {service: 1}}


async def test_what_is_skipped_keeps_its_reason(ask, database, service):
    wrong = {"up_to_position": 7, "reason": "record-is-wrong"}
    asked_for = await park(database, service) | wrong
    assert (await ask("POST", "/parked/skip", asked_for, by=OPERATOR)).status_code == 200
    record = await database.pool.fetchval("SELECT record FROM events WHERE position = 1")
    assert b'"reason":"record-is-wrong"' in record


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("retry", {"reason": "Cháu Lan đã chuyển đi"}),
        ("retry", {"reason": "record-is-wrong"}),
        ("skip", {"reason": "code-mended", "up_to_position": 7}),
    ],
)
async def test_a_reason_is_a_code_that_names_nobody(ask, database, service, path, more):
    asked_for = await park(database, service)
    answer = await ask("POST", f"/parked/{path}", asked_for | more, by=OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (422, "request-not-valid")
    assert await database.pool.fetchval("SELECT count(*) FROM events") == 0


async def test_what_is_not_parked_cannot_be_retried(ask, service):
    asked_for = {"consumer": "refusals", "source": service, "stream": "x"}
    skipped = {"reason": "done-by-hand", "up_to_position": 1}
    for path, more in (("retry", {"reason": "fault-passed"}), ("skip", skipped)):
        answer = await ask("POST", f"/parked/{path}", asked_for | more, by=OPERATOR)
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing-is-parked")


async def test_an_auditor_looks_and_changes_nothing(ask, database, service):
    asked_for = await park(database, service)
    assert (await ask("POST", "/parked/retry", asked_for, by=AUDITOR)).status_code == 403
    for path in ("/parked", "/refused", "/read-models", "/read-models/refusals/digest"):
        assert (await ask("GET", path, by=NOBODY)).status_code == 403


async def test_refused_reactions_are_shown_newest_first(ask, service):
    events = [uuid4(), uuid4()]
    for event_id in events:
        await ask("POST", f"/refusals/{event_id}", by=NOBODY)
    shown = (await ask("GET", "/refused", by=OPERATOR)).json()
    assert [one["cause_event_id"] for one in shown] == [str(event_id) for event_id in events[::-1]]
    assert [one["position"] for one in shown] == [2, 1]


async def test_a_read_model_states_its_digest_with_its_positions(ask, service):
    event_id = uuid4()
    await ask("POST", f"/refusals/{event_id}", by=NOBODY)
    asked = f"/read-models/refusals/digest?min_position={service}:1"
    said = (await ask("GET", asked, by=AUDITOR)).json()
    row = refusals.row(event_id, "note")
    assert said == {
        "name": "refusals",
        "version": 1,
        "digest": refusals.digest([row]),
        "positions": {service: 1},
    }
    (model,) = (await ask("GET", "/read-models", by=AUDITOR)).json()
    assert model == {
        "name": "refusals",
        "version": 1,
        "private": False,
        "positions": {service: 1},
    }
    unknown = await ask("GET", "/read-models/no-such/digest", by=AUDITOR)
    assert unknown.json()["code"] == "not-found"
