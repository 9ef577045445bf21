"""The words of a message: what arrived, where, for how many children; never which child.

Templates are `templates/<occasion>.<language>.txt`: the subject, an empty line, the body.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from contracts.languages import Language
from contracts.notifications import Arrived, ArrivedPart, NotTaken, SignedCheckpoint
from contracts.vocabulary import called
from programmes import packs

CHILDREN_NAMED_FROM = 5


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    body: str


def word(
    occasion: str,
    language: Language,
    *,
    arrivals: Sequence[Arrived] = (),
    not_taken: Sequence[NotTaken] = (),
    unit_names: Mapping[UUID, str] | None = None,
    checkpoints: Sequence[SignedCheckpoint] = (),
    name: str | None = None,
) -> Wording:
    """`name` is the sponsor's, known only at the moment of sending."""
    text = _template(occasion, language).render(
        name=name,
        checkpoints=[
            {"size": amount(each.size, language), "service": each.service, "note": each.note}
            for each in checkpoints
        ],
        units=len({arrival.unit_id for arrival in arrivals}),
        arrivals=[
            {
                "unit_name": (unit_names or {}).get(arrival.unit_id),
                "direct": arrival.direct,
                "parts": [_told(part, language) for part in arrival.parts],
            }
            for arrival in arrivals
        ],
        not_taken=[
            {
                "quantity": amount(gift.quantity, language) if gift.quantity else "",
                "measure": in_a_sentence(
                    packs.installed().called("measure", gift.measure, language)
                ),
                "reason": in_a_sentence(called("refusal-reason", gift.reason, language)),
            }
            for gift in not_taken
        ],
    )
    subject, _, body = text.partition("\n\n")
    return Wording(subject.strip(), body.strip() + "\n")


def _told(part: ArrivedPart, language: Language) -> Mapping[str, str]:
    by_pack = packs.installed().called
    return {
        "gift": in_a_sentence(by_pack("category", part.category, language)),
        "quantity": amount(part.quantity, language),
        "measure": in_a_sentence(by_pack("measure", part.measure, language)),
        "children": children(part.children, language),
    }


def in_a_sentence(word: str) -> str:
    """As it is written in the middle of one."""
    return word[:1].lower() + word[1:]


def children(count: int, language: Language) -> str:
    """Fewer than five could be recognised, so their number is not said; of a unit nobody is."""
    if count == 0:
        return ""
    if count < CHILDREN_NAMED_FROM:
        return "dưới 5 trẻ em" if language == "vi" else "fewer than 5 children"
    words = "trẻ em" if language == "vi" else "children"
    return f"{amount(count, language)} {words}"


def amount(number: int, language: Language) -> str:
    digits = f"{number:,}"
    return digits.replace(",", ".") if language == "vi" else digits


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(occasion: str, language: Language) -> Template:
    return _environment().get_template(f"{occasion}.{language}.txt")
