"""Pages rendered on the server: no script, no call to anywhere, both languages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from contracts.event import declared
from contracts.languages import Language
from contracts.vietnamese_day import in_vietnam
from contracts.vocabulary import called
from programmes import packs
from services.portal.adding_up import differences
from services.portal.sign_in.browser import FORM_KEY, signed_in
from services.portal.sign_in.sessions import SignedIn

HERE = Path(__file__).parent
ROOMS = ("templates", "public/templates", "sign_in/templates", "desks")
"""Where templates are: of all rooms; and of each. A desk's is named `auditor/desk.html`."""
SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
    "Cache-Control": "no-cache",
}
OWN = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
"""Of a page that somebody sees who is signed in: it is in no cache."""
AGES = (
    (86_400, "ngày", "days"),
    (3_600, "giờ", "hours"),
    (60, "phút", "minutes"),
    (1, "giây", "seconds"),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """How a page says things in one language. `chosen`: by the address, so links keep it."""

    language: Language
    chosen: bool

    def t(self, vi: str, en: str) -> str:
        return vi if self.language == "vi" else en

    def say(self, kind: str, name: str) -> str:
        """Raises KeyError for no kind of word, and for no event."""
        match kind:
            case "category" | "measure" | "role":
                return packs.installed().called(kind, name, self.language)
            case "event":
                return declared[name].called.in_(self.language)
            case _:
                return called(kind, name, self.language)

    def few(self, children: int | None) -> str:
        """A number of children; None is one to four of them."""
        return self.t("dưới 5", "fewer than 5") if children is None else self.n(children)

    def n(self, number: int | None) -> str:
        """A number with its groups; None is one that is kept back, whatever it is."""
        if number is None:
            return self.t("không công bố", "not published")
        digits = f"{number:,}"
        return digits.replace(",", ".") if self.language == "vi" else digits

    def ago(self, seconds: int) -> str:
        """How long something has lasted, in the largest unit that tells it."""
        for length, vi, en in AGES:
            if seconds >= length:
                return f"{self.n(seconds // length)} {self.t(vi, en)}"
        return self.t("vừa xong", "just now")

    @staticmethod
    def day(at: date | datetime) -> str:
        local = in_vietnam(at) if isinstance(at, datetime) else at
        return f"{local:%d/%m/%Y}"

    @staticmethod
    def moment(at: datetime) -> str:
        return f"{in_vietnam(at):%d/%m/%Y %H:%M:%S}"

    def href(self, path: str, **query: object) -> str:
        asked = {name: str(value) for name, value in query.items() if value not in (None, "")}
        if self.chosen:
            asked.setdefault("lang", self.language)
        return f"{path}?{urlencode(asked)}" if asked else path


class Reader(Protocol):
    """Whoever a page is for."""

    @property
    def language(self) -> Language: ...


def writer(request: Request, reader: Reader) -> Writer:
    asked = request.query_params.get("lang")
    if asked == "vi":
        return Writer("vi", chosen=True)
    if asked == "en":
        return Writer("en", chosen=True)
    return Writer(reader.language, chosen=False)


def page(
    request: Request,
    reader: Reader,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **shown: object,
) -> HTMLResponse:
    write = writer(request, reader)
    helpers: dict[str, Callable[..., str]] = {
        name: getattr(write, name)
        for name in ("t", "say", "n", "few", "ago", "day", "moment", "href")
    }
    other: Language = "en" if write.language == "vi" else "vi"
    session = signed_in(request)
    body = (
        _environment()
        .get_template(template)
        .render(
            **helpers,
            language=write.language,
            other_language=f"{request.url.path}?{_in(other, request)}",
            here=request.url.path,
            back_here=f"{request.url.path}?{request.url.query}".rstrip("?"),
            signed_in=session,
            form_key=_form_key(session),
            differences=differences,
            may_sign_in=request.app.state.signing_in is not None,
            **shown,
        )
    )
    own = {} if session is None else OWN
    said = {"Content-Language": write.language, **(headers or {})}
    return HTMLResponse(body, int(status), {**SAFE, **own, **said})


def _form_key(session: SignedIn | None) -> Markup:
    """What each form that is posted holds, so that nobody else's page can post it."""
    if session is None:
        return Markup()
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_KEY, session.form_key)


def not_found(request: Request, reader: Reader) -> HTMLResponse:
    return page(request, reader, "not_found.html", status=404, as_of={})


def _in(language: Language, request: Request) -> str:
    kept = {name: value for name, value in request.query_params.items() if name != "lang"}
    return urlencode(kept | {"lang": language})


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader([HERE / room for room in ROOMS]),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
