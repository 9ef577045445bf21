"""What is answered when a service refuses what a desk's page needs, or does not answer itself."""

from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request, Response

from contracts.languages import Words
from edge.logs import log
from edge.problems import MEDIA_TYPE, failure, problem
from services.portal.desks.command_schema import NotInContract
from services.portal.desks.visit import NotAnswered
from services.portal.neighbours import Silent

DOES_NOT_FIT = Words(
    "Trang này chưa khớp với phiên bản đang chạy. Hãy báo cho người vận hành.",
    "This page does not fit the version that runs. Please tell the operator.",
)


def answer_trouble(app: FastAPI) -> None:
    app.add_exception_handler(Silent, _silent)
    app.add_exception_handler(NotAnswered, _refused)
    app.add_exception_handler(NotInContract, _does_not_fit)


async def _silent(request: Request, _: Exception) -> Response:
    return failure(request.scope, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")


async def _does_not_fit(request: Request, error: Exception) -> Response:
    log.error("a form does not fit its command", why=str(error))
    code = "form-does-not-fit"
    return problem(request.scope, HTTPStatus.SERVICE_UNAVAILABLE, code, DOES_NOT_FIT)


async def _refused(request: Request, error: Exception) -> Response:
    """As the service says it; what it cannot answer is none of the person's doing."""
    assert isinstance(error, NotAnswered)
    answer = error.answer
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or not answer.code:
        log.warning("a service answers with trouble", why=str(error))
        return await _silent(request, error)
    return Response(msgspec.json.encode(answer.body), answer.status, media_type=MEDIA_TYPE)
