"""No name of a child gets into a log, whichever way it comes in."""

import asyncio
import json
import logging
from uuid import uuid4

import pytest
import structlog

from edge.logs import log, log_lost_errors, set_up_logs, told
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
    before = structlog.get_config()
    set_up_logs("INFO")
    assert server.handlers == []
    assert server.propagate
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
