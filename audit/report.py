"""A verification as a page that an auditor prints and signs; it needs nothing from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from audit.plain_text import visible
from audit.verify import Verdict
from contracts.vietnamese_day import in_vietnam

FAULTS_SHOWN_MAX = 500
TEMPLATE = Path(__file__).parent / "templates" / "report.html"


@dataclass(frozen=True, slots=True)
class Digest:
    """A read model that was rebuilt from the export alone; `positions` are up to where."""

    service: str
    read_model: str
    digest: str
    positions: dict[str, int]
    parked: int


def report(
    name: str,
    exported_at: datetime,
    verdict: Verdict,
    digests: Sequence[Digest],
    made_at: datetime,
) -> str:
    """HTML. Times are shown in Vietnam's."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(TEMPLATE.read_text("utf-8")).render(
        name=visible(name),
        exported_at=in_vietnam(exported_at),
        made_at=in_vietnam(made_at),
        verdict=verdict,
        all_signed=verdict.is_signed,
        digests=digests,
        faults_shown_max=FAULTS_SHOWN_MAX,
        witness_shown=witness_shown,
        visible=visible,
    )


def witness_shown(witness: str) -> str:
    """A name, or a name and the time at which it signed."""
    name, _, seconds = witness.partition("@")
    if not seconds:
        return visible(name)
    try:
        at = in_vietnam(datetime.fromtimestamp(int(seconds), UTC))
    except (OverflowError, OSError, ValueError):
        return visible(witness)
    return visible(f"{name} {at:%d/%m/%Y %H:%M}")
