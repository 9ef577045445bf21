"""A publication: all that the public is told of a programme's children, at one moment.

Pages show the newest one and reckon nothing from rows. Each names the one before it, and is never
changed.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from contracts.field_types import CategoryCode, MeasureCode
from services.portal.report import Report

SHOWN_FROM = 5

Count = Literal[
    "needs_recorded",
    "needs_verified",
    "needs_standing",
    "needs_reserved",
    "needs_sourced",
    "needs_met",
    "lines_allocated",
    "child_times",
    "direct_gifts",
    "children_distinct",
]


class At(NamedTuple):
    """What a figure counts, and where: None is all of them. A kind is a category and a measure."""

    what: Count
    unit_id: UUID | None = None
    category: CategoryCode | None = None
    measure: MeasureCode | None = None
    contribution_id: UUID | None = None
    delivery_id: UUID | None = None
    fund_id: UUID | None = None


class Told(BaseModel):
    """A figure. `since`: the number of the publication that told it anew; it may have grown since.

    `quantity` is in the place's measure, of those that are counted.
    """

    what: Count
    unit_id: UUID | None = None
    category: CategoryCode | None = None
    measure: MeasureCode | None = None
    contribution_id: UUID | None = None
    delivery_id: UUID | None = None
    fund_id: UUID | None = None
    value: int
    quantity: int | None = None
    since: int

    @property
    def at(self) -> At:
        return At(
            self.what,
            self.unit_id,
            self.category,
            self.measure,
            self.contribution_id,
            self.delivery_id,
            self.fund_id,
        )


class Publication(BaseModel):
    """`before` is the SHA-256 of the one before it, as it was given out. What is not in `told` is

    not published: none to four children, or a figure from which such a one would follow.
    """

    programme_id: UUID
    number: int
    made_at: datetime
    next_from: datetime
    as_of: dict[str, int]
    before: str | None
    report: Report
    told: list[Told]

    def by_place(self) -> Mapping[At, Told]:
        return {told.at: told for told in self.told}

    def written(self) -> str:
        return self.model_dump_json(exclude_defaults=False)


def digest_of(written: str) -> bytes:
    return hashlib.sha256(written.encode()).digest()
