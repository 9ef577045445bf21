"""What more than one desk chooses from: programmes, kinds of support, sponsors, campaigns."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from contracts.languages import Words
from contracts.vocabulary import VOCABULARY
from edge.programmes import programmes
from edge.who_may_where import units
from eventing.all_rows import all_rows, each_row
from programmes.rules import Category
from services.portal.answers import today
from services.portal.desks.form import Ask, Form, Option, Options
from services.portal.desks.specification import (
    BAND,
    categories,
    choices,
    fields,
    measures,
)
from services.portal.desks.visit import Visit
from services.portal.read_models.funds import funds
from services.portal.read_models.named import sponsors

FROM_RECORD = Words(
    "Để trống thì lấy theo hồ sơ trẻ em.", "Left blank, it is taken from the child's record."
)


async def programmes_running(at: Visit) -> Sequence[Option]:
    on = today(at.door)
    known = sorted(await all_rows(at.door.rows, programmes), key=lambda row: row.starts_on)
    return [Option(str(row.programme_id), row.name) for row in reversed(known) if row.ends_on >= on]


async def kinds_of_support(at: Visit) -> Sequence[Option]:
    return [
        Option(each.code, Words(each.vi, each.en).in_(at.language))
        for each in categories(today(at.door))
    ]


async def kinds_of_gifts(at: Visit) -> Sequence[Option]:
    """Under the codes by which they are spoken of outside."""
    return [
        Option(each.code, Words(each.vi, each.en).in_(at.language))
        for each in categories(today(at.door))
        if each.travels_as is None
    ]


async def measures_of_packs(at: Visit) -> Sequence[Option]:
    return [Option(code, said.in_(at.language)) for code, said in measures(today(at.door))]


async def units_in_force(at: Visit) -> Sequence[Option]:
    known = [row async for row in each_row(at.door.rows, units) if row.ended_on is None]
    return [Option(str(row.unit_id), row.name) for row in sorted(known, key=lambda row: row.name)]


async def sponsors_known(at: Visit) -> Sequence[Option]:
    """By their public names; who is not named stands by the end of their id."""
    unnamed = at.write.t("nhà hảo tâm không nêu tên", "a giver who is not named")
    known = await all_rows(at.door.rows, sponsors)
    named = [
        Option(str(row.sponsor_id), row.public_name or f"{unnamed} ({str(row.sponsor_id)[-6:]})")
        for row in known
    ]
    return sorted(named, key=lambda option: option.label)


async def funds_known(at: Visit) -> Sequence[Option]:
    known = await all_rows(at.door.rows, funds)
    return [Option(str(row.fund_id), row.name) for row in sorted(known, key=lambda row: row.name)]


def of_vocabulary(table: str) -> Options:
    async def options(at: Visit) -> Sequence[Option]:
        words = VOCABULARY[table]
        return [Option(code, said.in_(at.language)) for code, said in words.items()]

    return options


def specification_asks(
    kinds: Sequence[Category], on: date, *, gives: bool = False, help_: Words | None = None
) -> tuple[Ask, ...]:
    """A field for each by which one of the kinds is told apart; of what is `given`, bands too."""
    found = []
    for name, (field, of) in fields(kinds).items():
        offered = choices(field, on, anyone=gives)
        kinds_named = Words(", ".join(each.vi for each in of), ", ".join(each.en for each in of))
        label = Words(field.vi, field.en)
        if len(kinds) > 1:
            label = Words(f"{field.vi} ({kinds_named.vi})", f"{field.en} ({kinds_named.en})")
        names = [(name, label)]
        if gives and field.match is not None and field.match.how == "in-band":
            names += [
                (name + end, Words(f"{label.vi}, {said.vi}", f"{label.en}, {said.en}"))
                for end, said in BAND.items()
            ]
        found += [
            Ask(
                name=f"specification.{each}",
                label=said,
                help=help_,
                kind="number" if field.kind == "number" else "text",
                options=_chosen_from(offered) if offered else None,
            )
            for each, said in names
        ]
    return tuple(found)


def _chosen_from(offered: Sequence[tuple[str, Words]]) -> Options:
    async def options(at: Visit) -> Sequence[Option]:
        return [Option(code, said.in_(at.language)) for code, said in offered]

    return options


async def with_specification(form: Form, at: Visit) -> Form:
    """After the kind of support, the fields by which kinds are told apart."""
    on = today(at.door)
    further = specification_asks(categories(on), on, help_=FROM_RECORD)
    after = next(place for place, ask in enumerate(form.asks, 1) if ask.name == "category")
    return replace(form, asks=(*form.asks[:after], *further, *form.asks[after:]))
