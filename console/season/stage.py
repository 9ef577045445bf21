"""Where the season is played: its clients, people and children, and which needs are recorded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from console.season.client import ChangedMeanwhile, Client, StepFailed
from console.season.pack import REORGANISED_ON, Commune, Pack
from console.season.people import People
from console.season.register import Child, make_register, season_id

WINTER, BOOKS, SCHOLARSHIPS, SURGERY = "winter", "books", "scholarships", "surgery"
CATEGORY = {
    WINTER: ("warm-clothes", "piece"),
    BOOKS: ("school-supplies", "set"),
    SCHOLARSHIPS: ("scholarship", "dong"),
    SURGERY: ("medical-care", "dong"),
}
"""What a drive collects. What a child needs of it may travel under that code alone."""
NEEDED_OF = {SURGERY: "surgery"}
NEEDED_BY = {
    WINTER: date(2024, 12, 15),
    SCHOLARSHIPS: date(2025, 2, 28),
    SURGERY: date(2025, 5, 31),
    BOOKS: date(2025, 9, 5),
}
SURGERY_AGE = 4
LOOKS_MAX = 5
LOOK_AGAIN_S = 0.2
SCHOLARSHIP_GRADE_MIN = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A need that an officer records for a child."""

    id: UUID
    child: Child
    unit_id: UUID
    body: dict[str, Any]


class Stage:
    """`today` is the day being played; `seed` makes the people and the children.

    Several are played side by side if their seeds and their packs' programmes differ.
    """

    def __init__(self, client: Client, pack: Pack, seed: str | None = None) -> None:
        self.client = client
        self.pack = pack
        self.seed = client.seed if seed is None else seed
        self.people = People(pack, self.seed)
        self.children = make_register(pack, self.seed)
        self.today = date.min
        self.communes_by_code = {commune.code: commune for commune in pack.communes}

    def unit_of(self, commune: Commune, household_id: UUID) -> UUID:
        """Where a household belongs today: its commune, or where it was placed after a split."""
        if self.today < REORGANISED_ON:
            return commune.unit_id
        successors = commune.successor_ids
        return successors[0] if len(successors) == 1 or household_id.int % 4 else successors[1]

    def wanted(self, drive: str) -> list[Wanted]:
        """The needs that officers record for a drive, in the register's order."""
        category, measure = CATEGORY[drive]
        detail = self.pack.season[drive].get("detail")
        quantity = self.pack.season[drive].get("amount", 1)
        return [
            Wanted(
                season_id(self.seed, "need", drive, child.id),
                child,
                self.unit_of(child.household.commune, child.household.id),
                {
                    "programme_id": self.pack.programme_id,
                    "child_id": child.id,
                    "category": NEEDED_OF.get(drive, category),
                    "specification": {},
                    "detail": detail,
                    "quantity": quantity,
                    "measure": measure,
                    "needed_by": NEEDED_BY[drive],
                },
            )
            for child in self._in_need(drive)
        ]

    def _in_need(self, drive: str) -> Sequence[Child]:
        in_hardship = [child for child in self.children if child.circumstance is not None]
        match drive:
            case "winter":
                return in_hardship
            case "surgery":
                return [
                    child for child in in_hardship if child.age_on(date(2025, 3, 10)) == SURGERY_AGE
                ][:1]
            case "books":
                return [child for child in self.of_poor_households() if child.grade_in(2025)]
            case _:
                pupils = [
                    child
                    for child in self.of_poor_households()
                    if (child.grade_in(2024) or 0) >= SCHOLARSHIP_GRADE_MIN
                ]
                wanted = self.pack.season[drive]["needs"]
                return pupils[:: max(1, len(pupils) // wanted)][:wanted]

    def of_poor_households(self) -> list[Child]:
        return [child for child in self.children if child.household.status != "none"]

    def sponsors(self, does: str) -> list[dict[str, Any]]:
        return [sponsor for sponsor in self.pack.season["sponsors"] if does in sponsor]

    def sponsor_id(self, sponsor: dict[str, Any]) -> UUID:
        return season_id(self.seed, "sponsor", sponsor["key"])

    def as_(self, person: UUID) -> "Person":
        return Person(self.client, person)


@dataclass(frozen=True, slots=True)
class Person:
    """Sends commands as one person."""

    client: Client
    id: UUID

    async def put(self, service: str, path: str, **body: Any) -> None:
        await self.client.command(service, "PUT", path, body, by=self.id)

    async def post(self, service: str, path: str, **body: Any) -> None:
        await self.client.command(service, "POST", path, body, by=self.id)

    async def judge(
        self, service: str, reading: str, step: str, *, seen: int | None = None, **body: Any
    ) -> None:
        """A step that rests on a reading: `seen` is its version, if the person knows it already.

        Where it has changed since, they look again.
        """
        for _ in range(LOOKS_MAX):
            if seen is None:
                seen = await self.client.version(service, reading, by=self.id)
            try:
                await self.client.command(
                    service, "POST", f"{reading}/{step}", body, by=self.id, seen=seen
                )
            except ChangedMeanwhile:
                seen = None
                await asyncio.sleep(LOOK_AGAIN_S)
            else:
                return
        raise StepFailed(f"{reading}/{step}: changed at each of {LOOKS_MAX} looks")
