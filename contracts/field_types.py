"""The named types of fields: what each may hold, and who may read it. Standard library only.

The form is checked where a command comes in and told in the JSON Schema; a record that is read is
never refused for it. What a code stands for is programme data.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

Openness = Literal["open", "pseudonymous", "sealed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """`pattern` is a regular expression of ECMA-262, which Python reads alike."""

    openness: Openness
    description: str
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    examples: tuple[str | int, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """So that a body whose field has the type is refused when it has not the form."""
        schema = dict(handler(source))
        asked = {
            "pattern": self.pattern,
            "max_length": self.max_length,
            "ge": self.minimum,
            "le": self.maximum,
        }
        return schema | {rule: value for rule, value in asked.items() if value is not None}


CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""Small letters and digits with hyphens between: no room for a name or a sentence."""
CODE_LENGTH_MAX = 60
DOCUMENT_NUMBER = r"^[0-9A-ZĐ./&-]*[0-9][0-9A-ZĐ./&-]*$"
DOCUMENT_NUMBER_LENGTH_MAX = 40


def _code(description: str, *examples: str) -> FieldType:
    return FieldType(
        openness="open",
        description=description,
        pattern=CODE,
        max_length=CODE_LENGTH_MAX,
        examples=examples,
    )


def _number(description: str, *examples: str) -> FieldType:
    return FieldType(
        openness="open",
        description=description,
        pattern=DOCUMENT_NUMBER,
        max_length=DOCUMENT_NUMBER_LENGTH_MAX,
        examples=examples,
    )


# --- codes: what they stand for is programme data or a list of the service's ---

CategoryCode = Annotated[
    str,
    _code(
        "A kind of support, as the programme's pack names it; one that would tell of a child's"
        " health travels under the neutral code that the pack says.",
        "warm-clothes",
        "medical-care",
    ),
]
MeasureCode = Annotated[str, _code("What is counted in, as the pack names it.", "piece", "dong")]
RoleCode = Annotated[str, _code("A role; what it may is code, its words are data.", "verifier")]
StandardCode = Annotated[str, _code("A poverty standard, as the pack names it.", "2022-2025")]
ReasonCode = Annotated[str, _code("Why, as a code that programs may rely on.", "size-exact")]
RejectionCode = Annotated[str, _code("The code of the rule that said no.", "need-is-withdrawn")]
PackCode = Annotated[str, _code("A programme pack: the name of its folder.", "hanoi-3874")]
PackVersion = Annotated[
    int,
    FieldType(
        openness="open",
        description="A version of a pack: from 1, one more each time, and never changed.",
        minimum=0,
        maximum=100_000,
        examples=(1,),
    ),
]
ConsumerName = Annotated[
    str,
    FieldType(
        openness="open",
        description="A read model or a reaction, by its name in the code.",
        pattern=r"^[a-z0-9]+([-_/.:][a-z0-9]+)*$",
        max_length=200,
        examples=("open-lots",),
    ),
]
QueryPath = Annotated[
    str,
    FieldType(
        openness="open",
        description="A query, by its path as the service's contract writes it.",
        pattern=r"^(/[a-z0-9{}_-]+)+$",
        max_length=120,
        examples=("/persons",),
    ),
]
ServiceName = Annotated[str, _code("A service.", "registry")]
StreamName = Annotated[
    str,
    FieldType(
        openness="pseudonymous",
        description="A stream, by its kind and its id.",
        max_length=200,
        examples=("need-0b0f5b0e-8f7c-4f0e-9d53-0c4f0e5b8a11",),
    ),
]
SizeLabel = Annotated[
    str,
    FieldType(
        openness="open",
        description='A size of the pack\'s, such as "H120".',
        pattern=r"^[0-9A-Za-z]+(-[0-9A-Za-z]+)*$",
        max_length=20,
        examples=("H120",),
    ),
]
RuleName = Annotated[
    str,
    FieldType(
        openness="open",
        description='A rule and its version, "name@version".',
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]*$",
        max_length=80,
        examples=("special-or-at-risk@1",),
    ),
]

# --- numbers and dates with a form of their own ---

DocumentNumber = Annotated[
    str, _number("The number of a paper: capitals, digits and signs, no words.", "12/QĐ-2024")
]
WaybillNumber = Annotated[str, _number("The number of a waybill.", "XK-20241203-0A1B")]
BookName = Annotated[
    str,
    FieldType(
        openness="open",
        description="A receipt book.",
        pattern=r"^[A-Z0-9][A-Z0-9-]{0,19}$",
        max_length=20,
        examples=("TM-2024",),
    ),
]
BirthMonth = Annotated[
    str,
    FieldType(
        openness="pseudonymous",
        description="Year and month of birth; the year alone where the month is not known.",
        pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$",
        max_length=7,
        examples=("2015-03",),
    ),
]
SchoolYear = Annotated[
    str,
    FieldType(
        openness="open",
        description="A school year.",
        pattern=r"^[0-9]{4}-[0-9]{4}$",
        max_length=9,
        examples=("2024-2025",),
    ),
]
Digest = Annotated[
    str,
    FieldType(
        openness="open",
        description="SHA-256, hex.",
        pattern=r"^[0-9a-f]{64}$",
        max_length=64,
        examples=("ab" * 32,),
    ),
]
PaperId = Annotated[
    str,
    FieldType(
        openness="open",
        description="The id of what a booking rests on.",
        pattern=r"^[0-9A-Za-z/-]+$",
        max_length=80,
        examples=("0b0f5b0e-8f7c-4f0e-9d53-0c4f0e5b8a11",),
    ),
]
CodeHash = Annotated[
    str,
    FieldType(
        openness="open",
        description="A receipt's secret code, as a hash under the installation's key.",
        pattern=r"^[0-9a-f]{64}$",
        max_length=64,
        examples=("5e" * 32,),
    ),
]
SignedNote = Annotated[
    str, FieldType(openness="open", description="A signed note, exactly as it was published.")
]
UnitCode = Annotated[
    str,
    FieldType(
        openness="open",
        description="The code of a unit in the register of units, unique with its first day.",
        pattern=r"^[0-9A-Z]+([-.][0-9A-Z]+)*$",
        max_length=40,
        examples=("09694",),
    ),
]

# --- words that are public ---

OfficialName = Annotated[
    str,
    FieldType(
        openness="open",
        description="The official name or title of something public: a unit, a programme, a fund,"
        " a campaign, an organisation, a form, a published source. Never of a person or a case.",
        max_length=300,
        examples=("Xã Ba Vì",),
    ),
]
ProgrammeCode = Annotated[
    str,
    FieldType(
        openness="open",
        description="The number of the plan that made the programme, as its pack says it.",
        max_length=80,
        examples=("3874/KH-LĐTB&XH",),
    ),
]
