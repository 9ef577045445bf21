"""The page of each form, and the same as data for programs that run in the same browser.

A command has one key from the page on which its form was drawn: pressed again, sent again after
an answer that never came, or sent by hand from the data, it happens once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qs, urlencode
from uuid import UUID, uuid4

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from contracts.languages import Words
from contracts.vietnamese_day import vietnamese_day
from edge.door import House, QueryDoor, ReadDoor
from edge.permission import anyone
from edge.refusals import CursorNotValid, FormOfAnother, NotSignedIn
from edge.routes import Routes
from eventing.decider import Rejection
from eventing.ids import by_time
from services.portal.answers import NothingHere
from services.portal.desks.column import told
from services.portal.desks.command_schema import CommandSchema, command_schema
from services.portal.desks.desk import DONE, desk_page
from services.portal.desks.form import (
    FieldShown,
    Form,
    Said,
    Typed,
    fields_shown,
    flat,
    rows_of_reading,
    said,
    shown_as_typed,
)
from services.portal.desks.next_steps import next_step_of
from services.portal.desks.services import Answer, filled
from services.portal.desks.table import tables_shown
from services.portal.desks.unfinished import KEPT_FOR, Unfinished, UnfinishedForms
from services.portal.desks.visit import NotAnswered, Visit, beside, visit
from services.portal.neighbours import Silent
from services.portal.sign_in.browser import signed_in, to_sign_in
from services.portal.sign_in.sealed import NotOpenable, Seal

Answerer = Callable[[Request, Exception], Awaitable[Response]]

FIELDS_MAX = 4_000
KEY, WHOSE, ETAG, FRESH, ROWS, UNFINISHED = "_key", "_whose", "_etag", "_id.", "_rows.", "_kept"
MORE = "_more"
"""Pressed for one more row: the page comes again, and nothing is sent."""
CHANGED_SINCE = frozenset({"changed-since", "if-match-missing"})

NEXT: dict[int, Words] = {
    403: Words(
        vi="Nếu việc này thuộc phần của bạn, hãy nhờ người quản trị tổ chức giao vai trò.",
        en="If this is yours to do, ask the keeper of your organisation for the role.",
    ),
    404: Words(
        vi="Có thể điều này vừa thay đổi: hãy mở lại danh sách rồi tìm lại.",
        en="It may just have changed: open the list again and look for it.",
    ),
    409: Words(
        vi="Điều bạn đã nhập vẫn còn ở dưới. Xem điều đang được ghi, rồi sửa và gửi lại.",
        en="What you typed is still below. Look at what is recorded, then change and send it.",
    ),
    422: Words(
        vi="Điều bạn đã nhập vẫn còn ở dưới: sửa rồi gửi lại.",
        en="What you typed is still below: change it and send again.",
    ),
    429: Words(vi="Hãy chờ vài phút rồi gửi lại.", en="Wait some minutes, then send again."),
    503: Words(
        vi="Nhấn “Gửi lại”: gửi bao nhiêu lần cũng chỉ ghi một lần.",
        en="Press “Send again”: however often it is sent, it is recorded once.",
    ),
}
NOT_KNOWN = Words(
    vi="Chưa biết đã ghi được hay chưa.", en="It is not known whether it was recorded."
)
USED_DIFFERENTLY = Words(
    vi="Lần gửi trước đã được ghi với nội dung khác. Hãy xem lại danh sách trước khi ghi thêm.",
    en="What you sent before was recorded with other content. Look at the list before you go on.",
)
TYPED_WRONG = Words(
    vi="Có chỗ chưa đúng. Chưa có gì được ghi.", en="Parts are not right. Nothing was recorded."
)
CHANGED = Words(
    vi="Trong lúc bạn nhập, người khác đã thay đổi điều này. Chưa có gì của bạn được ghi.",
    en="Somebody else changed this while you were typing. Nothing of yours was recorded.",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as it stands in a browser: what was typed, and what binds it to one command."""

    key: UUID
    fresh: Mapping[str, str]
    etag: str | None
    typed: Typed
    unfinished: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a form came back. `again`: it may be sent as it is; `theirs`: what stands now."""

    status: int
    says: str
    next_step: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Sequence[str] = ()
    theirs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    again: bool = False


def add_form(routes: Routes, form: Form) -> None:
    """The form's page and what it sends, and both as data under /api."""
    may = form.may

    @routes.query(form.path, may=may, include_in_schema=False, refuses=[NothingHere])
    async def draw(request: Request, door: ReadDoor) -> Response:
        at = visit(request, door)
        return await _draw(await _adapted(form, at), at)

    # Of anyone: a session may have ended while somebody typed, and that must not be lost.
    @routes.form(form.path, may=anyone(f"send-{form.name}"), refuses=[NothingHere, NotSignedIn])
    async def take(request: Request, door: ReadDoor) -> Response:
        given = await _posted(request)
        if door.principal is None:
            return await _keep(form, request, given)
        return await _take(form, visit(request, door), given)

    @routes.query("/api/forms" + form.path, may=may, include_in_schema=False, refuses=[NothingHere])
    async def contract(request: Request, door: ReadDoor) -> Response:
        at = visit(request, door)
        return await _contract(await _adapted(form, at), at)

    @routes.form("/api/forms" + form.path, may=may, refuses=[NothingHere])
    async def take_data(request: Request, door: ReadDoor) -> Response:
        return await _take_data(form, visit(request, door))


# --- drawing ---


async def _adapted(form: Form, at: Visit) -> Form:
    """Raises Silent, NotAnswered."""
    return form if form.adapted is None else await form.adapted(form, at)


async def _draw(form: Form, at: Visit) -> Response:
    schema = await _schema(form, at)
    if (kept := await _kept(at)) is not None:
        return await _page(form, schema, at, kept)
    return await _page(form, schema, at, await _blank(form, schema, at))


async def _blank(form: Form, schema: CommandSchema, at: Visit) -> Sheet:
    """With what is recorded, and what the address says already. Raises Silent, NotAnswered."""
    fresh = {name: str(uuid4()) for name in form.fresh}
    values: dict[str, Sequence[str]] = {}
    etag, reading = None, {}
    if form.reads is not None:
        found = await _reading(form, at)
        reading = found.body
        etag = found.etag if form.rests_on_reading(schema) else None
        if form.rests_on_reading(schema):
            values |= _as_typed(form, schema, reading)
        values |= rows_of_reading(form, reading)
    asked = {ask.name for ask in form.asks}
    query = at.request.query_params
    values |= {name: query.getlist(name) for name in query if name in asked}
    return Sheet(by_time(), fresh, etag, Typed(values), "", reading)


async def _page(
    form: Form, schema: CommandSchema, at: Visit, sheet: Sheet, trouble: Trouble | None = None
) -> Response:
    errors = trouble.errors if trouble else {}
    reading = sheet.reading
    try:
        if form.shows_reading and not reading:
            reading = (await _reading(form, at)).body
        if form.shows_reading:
            reading = await beside(at, form.command.service, form.beside, reading)
        fields = await fields_shown(form, schema, at, sheet.typed, errors, reading=reading)
        tables = await tables_shown(form.tables, at, reading)
    except (Silent, NotAnswered):
        if trouble is None:
            raise
        fields = await fields_shown(
            form, schema, at, sheet.typed, errors, reading=reading, looks_up=False
        )
        tables = []
    shown = form.shows if reading else ()
    (facts,) = await told(shown, at, [reading])
    hidden = {
        KEY: str(sheet.key),
        WHOSE: at.door.house.cursors.seal(_whose(form), [str(at.person), _until(at.door)]),
        **{FRESH + name: value for name, value in sheet.fresh.items()},
        **{ROWS + each.name: str(len(each.rows)) for each in fields if each.kind == "rows"},
        **({ETAG: sheet.etag} if sheet.etag else {}),
        **({UNFINISHED: sheet.unfinished} if sheet.unfinished else {}),
    }
    return await desk_page(
        at,
        "form.html",
        status=trouble.status if trouble else HTTPStatus.OK,
        headers={"Cache-Control": "no-store"},
        form=form,
        fields=fields,
        hidden=hidden,
        shows=[
            (each.label.in_(at.language), fact) for each, fact in zip(shown, facts, strict=True)
        ],
        tables=tables,
        trouble=trouble,
        wrong=[each for each in flat(fields) if each.error],
        both=_both(fields, trouble),
        brought_back=bool(sheet.unfinished) and trouble is None,
        back=filled(form.back or form.leads_to, at.request.path_params),
    )


def _both(
    fields: Sequence[FieldShown], trouble: Trouble | None
) -> list[tuple[FieldShown, str, str]]:
    """Where what stands now is not what was typed: the field, theirs and yours."""
    if trouble is None or not trouble.theirs:
        return []
    found = []
    for each in fields:
        theirs = FieldShown(
            **{
                **{name: getattr(each, name) for name in FieldShown.__dataclass_fields__},
                "values": list(trouble.theirs.get(each.name, ())),
            }
        )
        if each.kind != "rows" and theirs.told() != each.told():
            found.append((each, theirs.told(), each.told()))
    return found


async def _contract(form: Form, at: Visit) -> Response:
    """What the page asks, as data: for a page that works without a connection."""
    schema = await _schema(form, at)
    blank = await _blank(form, schema, at)
    fields = await fields_shown(form, schema, at, blank.typed, {}, reading=blank.reading)
    language = at.language
    session = signed_in(at.request)
    return JSONResponse(
        {
            "title": form.title.in_(language),
            "button": form.button.in_(language),
            "key": str(blank.key),
            "ids": blank.fresh,
            "etag": blank.etag,
            "form_key": session.form_key if session else None,
            "fields": [_as_data(each) for each in fields],
        },
        headers={"Cache-Control": "no-store"},
    )


def _as_data(shown: FieldShown) -> dict[str, Any]:
    return {
        "name": shown.name,
        "label": shown.label,
        "help": shown.help,
        "unit": shown.unit,
        "kind": shown.kind,
        "required": shown.required,
        "longest": shown.longest,
        "choices": [{"value": each.value, "label": each.label} for each in shown.options],
        "rows": [_as_data(each) for row in shown.rows[:1] for each in row.fields],
        "of": [
            {"id": row.id, "told": dict(zip(shown.columns, row.told, strict=False))}
            for row in shown.rows
            if not shown.grows
        ],
    }


# --- sending ---


async def _take(form: Form, at: Visit, given: Typed) -> Response:
    try:
        form = await _adapted(form, at)
        schema = await _schema(form, at)
    except Silent:
        return _back_to(at.request, await _put_aside(form, at.request, given))
    sheet = _sheet(form, given)
    if more := given.one(MORE):
        rows = {ROWS + more: [str(given.rows(more) + 1)]}
        return await _page(form, schema, at, _with(sheet, Typed({**given.values, **rows})))
    today, address = vietnamese_day(at.door.now), at.request.path_params
    understood = said(form, schema, given, today, address)
    if understood.wrong:
        errors = {name: words.in_(at.language) for name, words in understood.wrong.items()}
        says, next_step = TYPED_WRONG.in_(at.language), NEXT[422].in_(at.language)
        trouble = Trouble(status=422, says=says, next_step=next_step, errors=errors)
        return await _page(form, schema, at, sheet, trouble)
    return await _send(form, schema, at, sheet, understood)


async def _send(
    form: Form, schema: CommandSchema, at: Visit, sheet: Sheet, understood: Said
) -> Response:
    try:
        answer = await _tell(form, at, sheet, understood.body if schema.takes_body else None)
    except Silent:
        trouble = Trouble(
            status=503,
            says=NOT_KNOWN.in_(at.language),
            next_step=NEXT[503].in_(at.language),
            again=True,
        )
        return await _page(form, schema, at, sheet, trouble)
    if answer.ok:
        if kept := _uuid(sheet.unfinished):
            await _unfinished(at.request).forget(kept, at.person)
        return _done(form, at, sheet, answer)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return await _keep(form, at.request, sheet.typed)
    return await _refused(form, schema, at, sheet, answer, understood)


async def _tell(form: Form, at: Visit, sheet: Sheet, body: Any) -> Answer:
    """Raises Silent."""
    command = form.command
    ids = {**at.request.path_params, **sheet.fresh}
    return await at.services.tell(
        command.service,
        command.method,
        filled(command.path, ids),
        at.asker,
        key=sheet.key,
        body=body,
        etag=sheet.etag,
    )


def _done(form: Form, at: Visit, sheet: Sheet, answer: Answer) -> Response:
    """To a page that waits until it shows what was written."""
    written = [f"{name}:{at_}" for name, at_ in answer.body.get("positions", {}).items()]
    path = filled(form.leads_to, {**at.request.path_params, **sheet.fresh})
    leads_to = at.write.href(path, **{DONE: form.name, "min_position": ",".join(written[:1])})
    return RedirectResponse(leads_to, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


async def _refused(
    form: Form,
    schema: CommandSchema,
    at: Visit,
    sheet: Sheet,
    answer: Answer,
    understood: Said,
) -> Response:
    language, status = at.language, answer.status
    problem = answer.body if isinstance(answer.body, dict) else {}
    detail = str(problem.get("detail") or NOT_KNOWN.in_(language))
    own = form.next_steps.get(answer.code) or next_step_of(answer.code)
    next_step = (own or NEXT.get(status) or NEXT[503 if _is_unknown(status) else 422]).in_(language)
    if form.reads is not None and (
        status == HTTPStatus.PRECONDITION_FAILED or answer.code in CHANGED_SINCE
    ):
        reading = await _reading(form, at)
        trouble = Trouble(
            status=409,
            says=CHANGED.in_(language),
            next_step=(own or NEXT[409]).in_(language),
            theirs=_as_typed(form, schema, reading.body),
        )
        # Sent once more it is another command: of who has seen what stands now.
        seen = Sheet(
            by_time(), sheet.fresh, reading.etag, sheet.typed, sheet.unfinished, reading.body
        )
        return await _page(form, schema, at, seen, trouble)
    if answer.code == "key-used-differently":
        trouble = Trouble(status=409, says=detail, next_step=USED_DIFFERENTLY.in_(language))
        anew = Sheet(by_time(), sheet.fresh, sheet.etag, sheet.typed, sheet.unfinished)
        return await _page(form, schema, at, anew, trouble)
    errors: dict[str, str] = {}
    elsewhere: list[str] = []
    if (place := _row_of(understood, problem.get("fields", {}))) is not None:
        errors[place] = detail
    for one in problem.get("problems", ()):
        place = understood.places.get(str(one["field"]).removeprefix("body."))
        if place is None:
            elsewhere.append(f"{one['field']}: {one['problem']}")
        else:
            errors[place] = str(one["problem"])
    trouble = Trouble(
        status=min(status, 503),
        says=detail,
        next_step=next_step,
        errors=errors,
        elsewhere=elsewhere,
        again=_is_unknown(status),
    )
    return await _page(form, schema, at, sheet, trouble)


def _row_of(understood: Said, fields: Mapping[str, Any]) -> str | None:
    """Where the row stands of which a refusal speaks by its id."""
    named = {str(value) for value in fields.values()}
    for field_, place in understood.places.items():
        name, _, within = field_.rpartition(".")
        list_, _, number = name.rpartition(".")
        if number.isdigit() and within.endswith("_id"):
            rows = understood.body.get(list_, ())
            if int(number) < len(rows) and rows[int(number)].get(within) in named:
                return place
    return None


def _is_unknown(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR


async def _take_data(form: Form, at: Visit) -> Response:
    """The same command from data; answered with what the service answers."""
    sent = await at.request.body()
    try:
        given = msgspec.json.decode(sent, type=_SentData)
    except msgspec.MsgspecError:
        return JSONResponse({"code": "request-not-valid"}, HTTPStatus.BAD_REQUEST)
    fresh = {name: str(given.ids.get(name, "")) for name in form.fresh}
    sheet = Sheet(given.key, fresh, given.etag, Typed({}))
    try:
        answer = await _tell(form, at, sheet, given.body)
    except Silent:
        return JSONResponse(
            {"code": "outcome-unknown", "detail": NOT_KNOWN.in_(at.language)},
            HTTPStatus.SERVICE_UNAVAILABLE,
            {"Retry-After": "1"},
        )
    return Response(msgspec.json.encode(answer.body), answer.status, media_type=answer.kind or None)


class _SentData(msgspec.Struct):
    key: UUID
    ids: dict[str, UUID] = {}
    etag: str | None = None
    body: dict[str, Any] | None = None


# --- what a browser brings ---


async def _posted(request: Request) -> Typed:
    """How long it may be, the doorstep has judged."""
    sent = await request.body()
    try:
        fields = parse_qs(
            sent.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX
        )
    except ValueError:
        return Typed({})
    return Typed(fields)


def _sheet(form: Form, given: Typed) -> Sheet:
    return Sheet(
        key=_uuid(given.one(KEY)) or by_time(),
        fresh={name: str(_uuid(given.one(FRESH + name)) or uuid4()) for name in form.fresh},
        etag=given.one(ETAG) or None,
        typed=given,
        unfinished=given.one(UNFINISHED),
    )


def _with(sheet: Sheet, typed: Typed) -> Sheet:
    return Sheet(sheet.key, sheet.fresh, sheet.etag, typed, sheet.unfinished)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _schema(form: Form, at: Visit) -> CommandSchema:
    """Raises Silent, NotInContract."""
    contract = await at.services.contract(form.command.service)
    schema = command_schema(contract, form.command.method, form.command.path)
    form.check(schema)
    return schema


async def _reading(form: Form, at: Visit) -> Answer:
    """What the command judges, as it stands. Raises Silent, NotAnswered."""
    assert form.reads is not None
    path = filled(form.reads, at.request.path_params)
    answer = await at.services.ask(form.command.service, path, at.asker)
    if not answer.ok:
        raise NotAnswered(answer)
    return answer


def _as_typed(form: Form, schema: CommandSchema, body: Any) -> dict[str, Sequence[str]]:
    if not isinstance(body, dict):
        return {}
    return {
        ask.name: shown_as_typed(schema.shape(ask.name), body[ask.name])
        for ask in form.asks
        if ask.name in body and schema.shape(ask.name).kind != "rows"
    }


# --- over a session that ended ---


async def _keep(form: Form, request: Request, given: Typed) -> Response:
    """Keep what was typed for the person whose page it was; then to sign in, and back to it.

    Raises NotSignedIn.
    """
    kept = await _put_aside(form, request, given)
    return to_sign_in(request, **{UNFINISHED: str(kept)})


async def _put_aside(form: Form, request: Request, given: Typed) -> UUID:
    """Raises NotSignedIn."""
    house: House = request.app.state.house
    now = house.clock()
    person = _person_of(form, house, given)
    if person is None:
        raise NotSignedIn
    unfinished = _unfinished(request)
    await unfinished.forget_expired(now)
    kept = Unfinished(
        id=uuid4(),
        person=person,
        until=now + KEPT_FOR,
        sealed=_seal(house, person).close(msgspec.json.encode(given.values)),
    )
    await unfinished.keep(kept)
    return kept.id


def answer_forms_of_another_session(app: FastAPI) -> None:
    """Who signed in anew while a form was open sends it with an old key: it comes back, unsent."""
    as_problem = cast("Answerer", app.exception_handlers[Rejection])

    async def answer(request: Request, error: Exception) -> Response:
        form = request.app.state.forms.get(getattr(request.scope.get("route"), "path", ""))
        if form is None:
            return await as_problem(request, error)
        try:
            kept = await _put_aside(form, request, await _posted(request))
        except NotSignedIn:
            return await as_problem(request, error)
        return _back_to(request, kept)

    app.add_exception_handler(FormOfAnother, answer)


def _back_to(request: Request, kept: UUID) -> Response:
    back = f"{request.url.path}?{urlencode({UNFINISHED: str(kept)})}"
    return RedirectResponse(back, HTTPStatus.SEE_OTHER)


async def _kept(at: Visit) -> Sheet | None:
    """What was typed before the session ended, if the address names it and it is this person's."""
    id_ = _uuid(at.request.query_params.get(UNFINISHED, ""))
    found = id_ and await _unfinished(at.request).find(id_, at.person, at.door.now)
    if not found:
        return None
    try:
        plain = _seal(at.door.house, at.person).open(found.sealed)
    except NotOpenable:
        return None
    given = Typed(msgspec.json.decode(plain, type=dict[str, list[str]]))
    return Sheet(
        key=_uuid(given.one(KEY)) or by_time(),
        fresh={
            name.removeprefix(FRESH): values[0]
            for name, values in given.values.items()
            if name.startswith(FRESH) and values
        },
        etag=given.one(ETAG) or None,
        typed=given,
        unfinished=str(found.id),
    )


def _person_of(form: Form, house: House, given: Typed) -> UUID | None:
    """For whom the form was drawn; None: not by us, for another form, or too long ago."""
    try:
        person, until = house.cursors.open(_whose(form), given.one(WHOSE), tuple[UUID, datetime])
    except CursorNotValid:
        return None
    return person if house.clock() < until else None


def _whose(form: Form) -> str:
    return f"form {form.name}"


def _until(door: QueryDoor) -> datetime:
    return door.now + KEPT_FOR


def _seal(house: House, person: UUID) -> Seal:
    return Seal(house.mac_key, b"unfinished form", person.bytes)


def _unfinished(request: Request) -> UnfinishedForms:
    kept: UnfinishedForms = request.app.state.unfinished
    return kept
