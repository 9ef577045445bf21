"""A form: what a command asks for, in which words; and the body that what was typed makes."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import uuid4

from contracts.languages import Language, Words
from edge.permission import May, may, signed_in
from edge.words import problem_of_field
from services.portal.desks import typed
from services.portal.desks.action import Action
from services.portal.desks.column import Column, told
from services.portal.desks.command_schema import CommandSchema, Kind, NotInContract, Shape
from services.portal.desks.table import Table
from services.portal.desks.visit import Visit

ROWS_MAX = 200
TICKED = "true"


class Option(NamedTuple):
    value: str
    label: str


Options = Callable[[Visit], Awaitable[Sequence[Option]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A field in the words of those who fill it in. Its kind and bounds are the command's.

    `options` looks up what may be chosen where the contract does not say it; `kind` says what a
    field is of which the contract says nothing. Of several that may be chosen, `all_chosen` are
    ticked until somebody unticks them.

    `rows` are the fields of each row of a list. `row_id` says which row it is: made anew for each,
    or, where there is one for `each_of` a list of what the form reads, that one's; `told` is what
    of it stands beside the row, and `only` which of them have one.
    """

    name: str
    label: Words
    help: Words | None = None
    unit: Words | None = None
    options: Options | None = None
    kind: Kind | None = None
    all_chosen: bool = False
    rows: "tuple[Ask, ...]" = ()
    row_id: str = ""
    each_of: str = ""
    told: tuple[Column, ...] = ()
    only: Callable[[Mapping[str, Any]], bool] = lambda _: True

    def in_(self, schema: CommandSchema, within: str = "") -> Shape:
        """Raises NotInContract."""
        shape = schema.shape(within + self.name)
        return shape if self.kind is None else replace(shape, kind=self.kind)


WHEN = Ask(
    name="happened_at",
    label=Words("Lúc nào", "When"),
    help=Words("Để trống nếu là bây giờ.", "Leave it blank if it is now."),
)
"""For what is recorded after the fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """As the service's contract names it: `PUT`, `/units/{unit_id}`."""

    service: str
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`path` is its page, whose `{ids}` are the command's; `fresh` are made anew for each form.

    `who` are the roles that may send it (none: whoever is signed in): where, the services judge.
    `carries` are fields of the body that the address names.

    `reads` is the service's query of what the command judges or changes, `shows` and `tables` what
    of it stands above the form: who sends the form names the version that they saw, and is shown
    both values where it has changed since. `next_steps` say, by the code of a refusal, what can be
    done, where the words for everybody (`next_steps.py`) do not fit.

    `beside` are further queries, by the name under which columns find their answers. `back` is
    where who gives it up goes to, if that is not where it leads to.

    `adapted` makes the form fit what its address names, as the fields of a kind of support.
    """

    name: str
    path: str
    title: Words
    button: Words
    command: Command
    leads_to: str
    who: tuple[str, ...]
    asks: tuple[Ask, ...] = ()
    fresh: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    reads: str | None = None
    shows: tuple[Column, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    back: str = ""
    intro: Words | None = None
    next_steps: Mapping[str, Words] = field(default_factory=dict)
    adapted: "Callable[[Form, Visit], Awaitable[Form]] | None" = None

    @property
    def may(self) -> May:
        name = f"{self.name}-page"
        return may(name, *self.who, anywhere=True) if self.who else signed_in(name)

    def act(
        self,
        *,
        unless: Callable[[Mapping[str, Any]], bool] = lambda _: False,
        ids: Mapping[str, str] | None = None,
    ) -> Action:
        """The link to it, for a list or a card."""
        return Action(label=self.title, path=self.path, unless=unless, may=self.may, ids=ids or {})

    @property
    def shows_reading(self) -> bool:
        return bool(self.shows or self.tables or any(ask.each_of for ask in self.asks))

    def rests_on_reading(self, schema: CommandSchema) -> bool:
        """Does who sends it say which version they saw? Not of what merely stands beside it."""
        beneath = self.reads is not None and self.command.path.startswith(self.reads)
        return schema.judges or (schema.begins and beneath)

    def check(self, schema: CommandSchema) -> None:
        """Raises NotInContract where the form asks for less or other than the command takes."""
        if schema.judges and self.reads is None:
            raise NotInContract(f"{self.name} does not say what it reads")
        asked = {each.name for each in self.asks} | set(self.carries)
        for each in self.asks:
            asked |= {f"{each.name}.*.{one.name}" for one in each.rows}
            if each.row_id:
                asked.add(f"{each.name}.*.{each.row_id}")
        for name in asked:
            schema.shape(name)
        whole = {name.partition(".")[0] for name in asked}
        if missing := {name for name in schema.required() - asked if name not in whole}:
            raise NotInContract(f"{self.name} does not ask for {sorted(missing)}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with a form, by name: as it was typed."""

    values: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        found = self.values.get(name, ())
        return found[0] if found else ""

    def all(self, name: str) -> list[str]:
        return [value for value in self.values.get(name, ()) if value]

    def rows(self, name: str) -> int:
        """How many rows the page had of a list: a number that we put there."""
        said = self.one(f"_rows.{name}")
        return min(int(said), ROWS_MAX) if re.fullmatch("[0-9]{1,4}", said) else 1


@dataclass(frozen=True, slots=True)
class Said:
    """`body` is what is sent; `wrong` what cannot be understood, by field and in its words.

    `places` leads from a field of the body to that of the page: rows left blank are not sent.
    """

    body: dict[str, Any]
    wrong: dict[str, Words]
    places: dict[str, str]


class _Asked(NamedTuple):
    ask: Ask
    shape: Shape
    place: str


def said(
    form: Form, schema: CommandSchema, given: Typed, today: date, address: Mapping[str, str]
) -> Said:
    """Bounds are the service's to judge: here it is only understood what was typed."""
    found = Said({}, {}, {})
    for name in form.carries:
        _put(found.body, name, address[name])
    for ask in form.asks:
        shape = ask.in_(schema)
        if shape.kind != "rows":
            _take(_Asked(ask, shape, ask.name), ask.name, given, today, found)
            continue
        _put(found.body, ask.name, [])
        found.places[ask.name] = ask.name
        sent = 0
        for at in range(given.rows(ask.name)):
            columns = [
                _Asked(one, one.in_(schema, f"{ask.name}.*."), f"{ask.name}.{at}.{one.name}")
                for one in ask.rows
            ]
            if all(_is_blank(given, each) for each in columns):
                continue
            if ask.row_id:
                id_ = given.one(f"{ask.name}.{at}.{ask.row_id}")
                _put(found.body, f"{ask.name}.{sent}.{ask.row_id}", id_)
                found.places[f"{ask.name}.{sent}.{ask.row_id}"] = columns[0].place
            for each in columns:
                _take(each, f"{ask.name}.{sent}.{each.ask.name}", given, today, found)
            sent += 1
        if sent == 0 and shape.required:
            found.wrong[ask.name] = NO_ROW
    return found


def _is_blank(given: Typed, asked: _Asked) -> bool:
    return asked.shape.kind == "flag" or not any(one.strip() for one in given.all(asked.place))


def _take(asked: _Asked, field: str, given: Typed, today: date, found: Said) -> None:
    _, shape, place = asked
    found.places[field] = place
    if shape.kind == "flag":
        _put(found.body, field, given.one(place) == TICKED)
        return
    if shape.kind == "many":
        if chosen := given.all(place):
            _put(found.body, field, chosen)
        elif shape.required:
            found.wrong[place] = MISSING
        return
    text = given.one(place)
    if not text.strip():
        if shape.required:
            found.wrong[place] = MISSING
        return
    try:
        _put(found.body, field, _understood(shape, text, today))
    except typed.NotUnderstood as error:
        found.wrong[place] = error.words


NO_ROW = Words(vi="Hãy điền ít nhất một dòng.", en="Fill in one row at least.")
MISSING = Words(vi=problem_of_field("missing", {}, "vi"), en=problem_of_field("missing", {}, "en"))


def _understood(shape: Shape, text: str, today: date) -> Any:
    """Raises NotUnderstood."""
    match shape.kind:
        case "number":
            return typed.number(text)
        case "day":
            return typed.day(text, today).isoformat()
        case "instant":
            return typed.instant(text, today).isoformat()
        case _:
            # A browser ends each line of a text with two characters, JSON with one.
            return text.replace("\r\n", "\n")


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    first, _, rest = name.partition(".")
    if not rest:
        body[first] = value
        return
    at, _, within = rest.partition(".")
    if at.isdigit():
        rows = body.setdefault(first, [])
        while len(rows) <= int(at):
            rows.append({})
        _put(rows[int(at)], within, value)
    else:
        _put(body.setdefault(first, {}), rest, value)


def shown_as_typed(shape: Shape, value: Any) -> list[str]:
    """A value of the service's JSON as a person would type it."""
    match shape.kind, value:
        case _, None:
            return []
        case "many", list():
            return [str(one) for one in value]
        case "flag", _:
            return [TICKED] if value else []
        case "number", int():
            return [typed.number_shown(value)]
        case "day", str():
            return [typed.day_shown(date.fromisoformat(value))]
        case _, _:
            return [str(value)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShown:
    """A field as a page draws it. `rows`: of a list, which `grows` by further ones."""

    name: str
    label: str
    help: str
    unit: str
    kind: str
    required: bool
    values: Sequence[str]
    options: Sequence[Option]
    longest: int | None
    error: str = ""
    rows: "Sequence[RowShown]" = ()
    columns: Sequence[str] = ()
    grows: bool = False

    @property
    def id(self) -> str:
        return "o-" + self.name.replace(".", "-")

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    def told(self) -> str:
        """Its value in words, for a page that shows two of them."""
        words = {option.value: option.label for option in self.options}
        return ", ".join(words.get(value, value) for value in self.values) or "—"


@dataclass(frozen=True, slots=True)
class RowShown:
    """`told`: what it is a row of. `id_name` and `id`: which one, as it is sent."""

    told: Sequence[str]
    id_name: str
    id: str
    fields: Sequence[FieldShown]


EXAMPLES: dict[str, Words] = {
    "day": Words(vi="Ví dụ 5/7/2022.", en="Such as 5/7/2022: day, month, year."),
    "instant": Words(vi="Ví dụ 5/7/2022 14:30.", en="Such as 5/7/2022 14:30."),
}


async def fields_shown(
    form: Form,
    schema: CommandSchema,
    visit: Visit,
    given: Typed,
    errors: Mapping[str, str],
    *,
    reading: Mapping[str, Any],
    looks_up: bool = True,
) -> list[FieldShown]:
    """Each field as it was typed, with what is wrong with it. Raises what `options` raise.

    Without `looks_up` only what was chosen can be chosen: a service is silent, and what was typed
    must come back all the same.
    """
    found = []
    for ask in form.asks:
        shape = ask.in_(schema)
        if shape.kind == "rows":
            found.append(
                await _list_shown(ask, schema, visit, given, errors, reading, looks_up=looks_up)
            )
            continue
        options = await _options(ask, shape, visit, _chosen(given, ask.name, looks_up))
        asked = _Asked(ask, shape, ask.name)
        found.append(_shown(asked, options, visit.language, given, errors))
    return found


async def _list_shown(
    ask: Ask,
    schema: CommandSchema,
    visit: Visit,
    given: Typed,
    errors: Mapping[str, str],
    reading: Mapping[str, Any],
    *,
    looks_up: bool,
) -> FieldShown:
    language, shape, numbers = visit.language, ask.in_(schema), range(given.rows(ask.name))
    columns = [(one, one.in_(schema, f"{ask.name}.*.")) for one in ask.rows]
    chosen = [
        await _options(one, each, visit, _chosen_in_rows(given, ask, one, looks_up))
        for one, each in columns
    ]
    beside = {str(each[ask.row_id]): each for each in reading.get(ask.each_of) or ()}
    ids = [given.one(f"{ask.name}.{at}.{ask.row_id}") if ask.row_id else "" for at in numbers]
    said = await told(ask.told, visit, [beside.get(id_, {}) for id_ in ids])
    rows = [
        RowShown(
            said[at],
            f"{ask.name}.{at}.{ask.row_id}" if ask.row_id else "",
            ids[at] or (str(uuid4()) if ask.row_id else ""),
            [
                _shown(
                    _Asked(one, each, f"{ask.name}.{at}.{one.name}"),
                    options,
                    language,
                    given,
                    errors,
                )
                for (one, each), options in zip(columns, chosen, strict=True)
            ],
        )
        for at in numbers
    ]
    return FieldShown(
        name=ask.name,
        label=ask.label.in_(language),
        help=ask.help.in_(language) if ask.help else "",
        unit="",
        kind="rows",
        required=shape.required,
        values=(),
        options=(),
        longest=None,
        error=errors.get(ask.name, ""),
        rows=rows,
        columns=[
            label.in_(language)
            for label in (*(of.label for of in ask.told), *(one.label for one in ask.rows))
        ],
        grows=not ask.each_of,
    )


def rows_of_reading(form: Form, reading: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """As a page would send them: one row for each of what was read."""
    found: dict[str, Sequence[str]] = {}
    for ask in form.asks:
        if ask.each_of:
            items = [each for each in reading.get(ask.each_of) or () if ask.only(each)][:ROWS_MAX]
            found[f"_rows.{ask.name}"] = [str(len(items))]
            for at, item in enumerate(items):
                found[f"{ask.name}.{at}.{ask.row_id}"] = [str(item[ask.row_id])]
    return found


def _chosen_in_rows(given: Typed, ask: Ask, one: Ask, looks_up: bool) -> list[str] | None:  # noqa: FBT001
    if looks_up:
        return None
    places = (f"{ask.name}.{at}.{one.name}" for at in range(given.rows(ask.name)))
    return sorted({value for place in places for value in given.all(place)})


def _chosen(given: Typed, place: str, looks_up: bool) -> list[str] | None:  # noqa: FBT001
    return None if looks_up else given.all(place)


async def _options(
    ask: Ask, shape: Shape, visit: Visit, only: Sequence[str] | None
) -> Sequence[Option]:
    if ask.options is not None:
        if only is None:
            return await ask.options(visit)
        label = visit.write.t("(như đã chọn)", "(as it was chosen)")
        return [Option(value, label) for value in only]
    words = shape.words
    return [
        Option(choice, words[choice].in_(visit.language) if choice in words else choice)
        for choice in shape.choices
    ]


def _shown(
    asked: _Asked,
    options: Sequence[Option],
    language: Language,
    given: Typed,
    errors: Mapping[str, str],
) -> FieldShown:
    ask, shape, place = asked
    values = given.all(place)
    if ask.all_chosen and place not in given.values and not given.values.get("_key"):
        values = [option.value for option in options]
    # Of a row it would say that the row is meant.
    if not values and shape.required and "." not in place and len(options) == 1:
        values = [options[0].value]
    example = EXAMPLES.get(shape.kind)
    helps = [words.in_(language) for words in (ask.help, example) if words]
    kind = "choice" if options and shape.kind == "text" else shape.kind
    return FieldShown(
        name=place,
        label=ask.label.in_(language),
        help=" ".join(helps),
        unit=ask.unit.in_(language) if ask.unit else "",
        kind=kind,
        required=shape.required,
        values=values,
        options=options,
        longest=shape.longest,
        error=errors.get(place, ""),
    )


def flat(fields: Sequence[FieldShown]) -> Iterator[FieldShown]:
    """Every field that takes a value."""
    for each in fields:
        yield each
        for row in each.rows:
            yield from row.fields
