"""Who acts in the season: the city's people, and three in each commune, old and new."""

from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from console.season.pack import REORGANISED_ON, Commune, Pack
from console.season.register import season_id
from eventing.reactions import principal_of

KEEPER = uuid5(NAMESPACE_URL, "urn:vongtay:season:first-keeper")
SECOND_KEEPER = uuid5(NAMESPACE_URL, "urn:vongtay:season:second-keeper")
"""Links the accounts of those to whom the first gives roles."""
NOTIFICATIONS = principal_of("notifications")

CITY_ROLES = {
    "coordinator": "Điều phối viên",
    "storekeeper": "Thủ kho",
    "accountant": "Kế toán",
    "cashier": "Thủ quỹ",
    "approver": "Người duyệt",
    "planner": "Người lập kế hoạch",
    "auditor": "Kiểm toán viên",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """One person of the season with the roles they hold in one unit."""

    id: UUID
    name: str
    roles: tuple[str, ...]
    unit_id: UUID
    valid_from: date
    valid_until: date | None = None


class People:
    """`officer` records, `verifier` verifies and takes gifts over, `witness` acknowledges."""

    def __init__(self, pack: Pack, seed: str) -> None:
        start = date(2024, 9, 1)
        self.city = {
            role: Actor(season_id(seed, "person", role), name, (role,), pack.city_id, start)
            for role, name in CITY_ROLES.items()
        }
        self._of: dict[UUID, tuple[Actor, Actor, Actor]] = {}
        for commune in pack.communes:
            self._appoint(seed, commune, start, REORGANISED_ON)
        for commune in pack.successors:
            self._appoint(seed, commune, REORGANISED_ON, None)
        self._successor = {
            commune.unit_id: commune.successor_ids[0]
            for commune in pack.communes
            if len(commune.successor_ids) == 1
        }

    def __getitem__(self, role: str) -> UUID:
        """The id of the city's person with this role."""
        return self.city[role].id

    def officer(self, unit_id: UUID, day: date) -> UUID:
        return self._of[self._in_charge(unit_id, day)][0].id

    def verifier(self, unit_id: UUID, day: date) -> UUID:
        return self._of[self._in_charge(unit_id, day)][1].id

    def witness(self, unit_id: UUID, day: date) -> UUID:
        return self._of[self._in_charge(unit_id, day)][2].id

    def appointed(self, before: date) -> list[Actor]:
        """All whose roles begin before a day."""
        everybody = [
            *self.city.values(),
            *(actor for those in self._of.values() for actor in those),
        ]
        return [actor for actor in everybody if actor.valid_from < before]

    def _in_charge(self, unit_id: UUID, day: date) -> UUID:
        return self._successor.get(unit_id, unit_id) if day >= REORGANISED_ON else unit_id

    def _appoint(self, seed: str, commune: Commune, start: date, until: date | None) -> None:
        ids = [
            season_id(seed, "person", commune.unit_id, place)
            for place in ("officer", "verifier", "witness")
        ]
        officer = Actor(
            ids[0], f"Cán bộ xã {commune.name}", ("commune-officer",), commune.unit_id, start, until
        )
        verifier = Actor(
            ids[1],
            f"Người xác minh xã {commune.name}",
            ("verifier", "commune-officer"),
            commune.unit_id,
            start,
            until,
        )
        witness = Actor(
            ids[2],
            f"Người xác nhận ký nhận xã {commune.name}",
            ("commune-officer",),
            commune.unit_id,
            start,
            until,
        )
        self._of[commune.unit_id] = (officer, verifier, witness)
