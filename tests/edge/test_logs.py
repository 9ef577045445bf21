"""No name of a child gets into a log, whichever way it comes in."""

import asyncio
import json
import logging
from uuid import uuid4

import pytest
import structlog

from edge.logs import (
    LIBRARY_LINES_MAX,
    REPEATED_WITHIN_S,
    SAME_LINES_MAX,
    Repeated,
    log,
    log_lost_errors,
    set_up_logs,
    told,
)
from tests.edge.conftest import BA_VI

CHILD = "Nguyễn Thị Hoa Mai"
QUOTED = "Nguy%E1%BB%85n"


@pytest.fixture
def lines(capsys):
    before = (structlog.get_config(), logging.root.handlers[:], logging.root.level)
    logging.root.handlers.clear()
    set_up_logs("DEBUG", service="donations", process="web")

    def said():
        text = capsys.readouterr().out
        for name in ("Nguy", "Hoa", "Mai", QUOTED):
            assert name not in text
        return [json.loads(line) for line in text.splitlines()]

    yield said
    structlog.configure(**before[0])
    vars(log).pop("bind", None)  # a logger remembers how it was set up at its first line
    logging.root.handlers, logging.root.level = before[1], before[2]
    logging.captureWarnings(capture=False)


def test_a_request_is_logged_by_its_template(lines, lenient, open_fund):
    answer = open_fund()
    (line,) = lines()
    assert line["message"] == "request"
    assert line["route"] == "/funds/{fund_id}"
    assert (line["method"], line["status"]) == ("PUT", 200)
    assert line["correlation"] == answer.headers["Correlation-Id"]
    assert line["trace"] in answer.headers["traceparent"]
    assert (line["service"], line["process"]) == ("donations", "web")


def test_a_name_in_a_body_a_path_a_query_or_a_header_is_not_logged(lines, lenient, accountant):
    body = {"name": CHILD, "unit_id": str(BA_VI)}
    lenient.call("PUT", f"/funds/{uuid4()}", body, by=accountant)
    lenient.call("PUT", f"/funds/{uuid4()}", body | {"target": CHILD}, by=accountant)
    lenient.call("PUT", f"/funds/{CHILD}", body, by=accountant)
    lenient.get(f"/{CHILD}", by=None)
    lenient.get(f"/funds?name={CHILD}", by=accountant)
    lenient.get("/funds", by=None, accept_language=QUOTED, traceparent=QUOTED, cursor=QUOTED)
    lenient.client.request(QUOTED, "/funds")
    said = lines()
    assert len(said) == 7
    assert {line["route"] for line in said} == {"/funds/{fund_id}", "/funds", "unmatched"}


def test_a_name_in_an_error_is_not_logged(lines, lenient):
    assert lenient.get(f"/broken/{CHILD}", by=None).status_code == 500
    error, request = lines()
    assert error["message"] == "unexpected error"
    assert error["error"] == ["builtins.ZeroDivisionError"]
    assert error["at"][-1].startswith("tests/edge/notebook.py:")
    assert error["correlation"] == request["correlation"]


async def test_a_name_in_an_error_that_nobody_awaited_is_not_logged(lines):
    log_lost_errors(asyncio.get_running_loop())

    async def fail():
        raise ValueError(CHILD)

    # Kept by nobody: that is the point.
    task = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    del task
    await asyncio.sleep(0)
    as_asyncio_says = "Task exception was never retrieved\nfuture: " + CHILD
    logging.getLogger("asyncio").error(as_asyncio_says)
    said = lines()
    assert [line["message"] for line in said] == [
        "error nobody awaited",
        "Task exception was never retrieved",
    ]
    assert said[0]["error"] == ["builtins.ValueError"]


def test_a_librarys_error_is_told_by_its_types(lines):
    names: dict[str, str] = {}
    try:
        try:
            names[CHILD]
        except KeyError as error:
            raise ValueError(CHILD) from error
    except ValueError:
        logging.getLogger("_granian").exception("Exception in %s", "application")
    (line,) = lines()
    assert line["message"] == "Exception in application"
    assert line["error"] == ["builtins.ValueError", "builtins.KeyError"]


def test_a_servers_own_handlers_are_taken_away(capsys):
    server = logging.getLogger("_granian")
    server.addHandler(logging.StreamHandler())
    server.propagate = False
    server.setLevel(logging.CRITICAL + 1)
    before = structlog.get_config()
    set_up_logs("INFO")
    assert server.handlers == []
    assert server.propagate
    assert server.isEnabledFor(logging.ERROR)
    structlog.configure(**before)
    logging.captureWarnings(capture=False)


def test_of_a_group_of_errors_the_first_is_told():
    said = told(ExceptionGroup("parts", [KeyError(CHILD), ValueError(CHILD)]))
    assert said["error"] == ["builtins.ExceptionGroup", "builtins.KeyError"]


def test_libraries_say_nothing_below_warning(lines):
    logging.getLogger("aiokafka").debug("record %s", CHILD)
    logging.getLogger("httpx").info("GET %s", CHILD)
    log.debug("ours may")
    logging.getLogger("eventing.relay").info("so may this")
    assert [line["message"] for line in lines()] == ["ours may", "so may this"]


def test_a_library_that_says_the_same_again_and_again_is_kept_short(lines):
    noisy = logging.getLogger("aiokafka.client")
    for number in range(10_000):
        noisy.error("Unable to connect to node %d", number)
    noisy.error("something else")
    for number in range(20):
        logging.getLogger("eventing.relay").warning("ours %d", number)
    said = [line["message"] for line in lines()]
    assert len([line for line in said if line.startswith("Unable")]) == SAME_LINES_MAX
    assert "something else" in said
    assert len([line for line in said if line.startswith("ours")]) == 20


def test_what_was_kept_back_is_told_in_the_next_minute(lines):
    now = [0.0]
    repeated = Repeated(lambda: now[0])

    def record(line):
        return logging.LogRecord("aiokafka", logging.ERROR, __file__, line, "gone", (), None)

    passed = [repeated.filter(record(7)) for _ in range(1_000)]
    assert passed.count(True) == SAME_LINES_MAX
    # From many places at once there is a bound as well.
    assert [repeated.filter(record(line)) for line in range(1_000)].count(True) < LIBRARY_LINES_MAX
    now[0] += REPEATED_WITHIN_S + 1
    assert repeated.filter(record(7))
    (told_of,) = [line for line in lines() if line["message"] == "lines kept back"]
    assert told_of["logger"] == "aiokafka"
    assert told_of["lines"] > 900
