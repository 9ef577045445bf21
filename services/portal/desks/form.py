"""A form: what a command asks for, in which words; and the body that what was typed makes."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from contracts.languages import Language, Words
from edge.words import problem_of_field
from services.portal.desks import typed
from services.portal.desks.column import Column
from services.portal.desks.command_schema import CommandSchema, NotInContract, Shape
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

    `options` looks up what may be chosen where the contract does not say it; `rows` are the fields
    of each row of a list.
    """

    name: str
    label: Words
    help: Words | None = None
    unit: Words | None = None
    options: Options | None = None
    rows: "tuple[Ask, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """As the service's contract names it: `PUT`, `/units/{unit_id}`."""

    service: str
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`path` is its page, whose `{ids}` are the command's; `fresh` are made anew for each form.

    `reads` is the service's query of what the command judges or changes, `shows` what of it stands
    above the form: who sends the form names the version that they saw, and is shown both values
    where it has changed since. `next_steps` say, by the code of a refusal, what can be done.
    """

    name: str
    path: str
    title: Words
    button: Words
    command: Command
    leads_to: str
    asks: tuple[Ask, ...] = ()
    fresh: tuple[str, ...] = ()
    reads: str | None = None
    shows: tuple[Column, ...] = ()
    intro: Words | None = None
    next_steps: Mapping[str, Words] = field(default_factory=dict)

    def check(self, schema: CommandSchema) -> None:
        """Raises NotInContract where the form asks for less or other than the command takes."""
        if schema.judges and self.reads is None:
            raise NotInContract(f"{self.name} does not say what it reads")
        asked = {each.name for each in self.asks} | {
            f"{each.name}.*.{one.name}" for each in self.asks for one in each.rows
        }
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
        return min(int(said), ROWS_MAX) if said.isascii() and said.isdigit() else 1


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


def said(form: Form, schema: CommandSchema, given: Typed, today: date) -> Said:
    """Bounds are the service's to judge: here it is only understood what was typed."""
    found = Said({}, {}, {})
    for ask in form.asks:
        shape = schema.shape(ask.name)
        if shape.kind != "rows":
            _take(_Asked(ask, shape, ask.name), ask.name, given, today, found)
            continue
        _put(found.body, ask.name, [])
        sent = 0
        for at in range(given.rows(ask.name)):
            columns = [
                _Asked(one, schema.shape(f"{ask.name}.*.{one.name}"), f"{ask.name}.{at}.{one.name}")
                for one in ask.rows
            ]
            if all(_is_blank(given, each) for each in columns):
                continue
            for each in columns:
                _take(each, f"{ask.name}.{sent}.{each.ask.name}", given, today, found)
            sent += 1
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
    """A field as a page draws it. `rows`: of a list, the fields of each row."""

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
    rows: "Sequence[Sequence[FieldShown]]" = ()
    columns: Sequence[str] = ()

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
    looks_up: bool = True,
) -> list[FieldShown]:
    """Each field as it was typed, with what is wrong with it. Raises what `options` raise.

    Without `looks_up` only what was chosen can be chosen: a service is silent, and what was typed
    must come back all the same.
    """
    language = visit.language
    found = []
    for ask in form.asks:
        shape = schema.shape(ask.name)
        if shape.kind != "rows":
            options = await _options(ask, shape, visit, _chosen(given, ask.name, looks_up))
            found.append(_shown(_Asked(ask, shape, ask.name), options, language, given, errors))
            continue
        columns = [(one, schema.shape(f"{ask.name}.*.{one.name}")) for one in ask.rows]
        chosen = [
            await _options(one, each, visit, _chosen(given, f"{ask.name}.0.{one.name}", looks_up))
            for one, each in columns
        ]
        rows = [
            [
                _shown(
                    _Asked(one, each, f"{ask.name}.{at}.{one.name}"), opts, language, given, errors
                )
                for (one, each), opts in zip(columns, chosen, strict=True)
            ]
            for at in range(given.rows(ask.name))
        ]
        found.append(
            FieldShown(
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
                columns=[one.label.in_(language) for one in ask.rows],
            )
        )
    return found


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
        values=given.all(place),
        options=options,
        longest=shape.longest,
        error=errors.get(place, ""),
    )


def flat(fields: Sequence[FieldShown]) -> Iterator[FieldShown]:
    """Every field that takes a value."""
    for each in fields:
        yield each
        for row in each.rows:
            yield from row
