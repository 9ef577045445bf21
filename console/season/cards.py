"""Whom one may sign in as on a laptop: one person of the season for each role, as cards."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from console.season.pack import Pack
from console.season.people import KEEPER, Actor, People
from console.season.play import SEED

AFTERWARDS = date.max
"""The season is over when somebody looks around: the communes are those of after July 2025."""

MORNINGS = {
    "organisation-keeper": (
        "xem ai giữ vai trò nào, ở đâu; nhận tài khoản mới; trao và thu hồi vai trò",
        "looks who holds which role where; accepts new accounts; gives and takes roles",
    ),
    "coordinator": (
        "mở đợt ghép, đề xuất phân bổ, lên lịch trao",
        "opens matching runs, proposes allocations, plans deliveries",
    ),
    "storekeeper": (
        "kiểm nhận hiện vật, xuất kho theo phiếu",
        "inspects and takes in goods, hands them out against waybills",
    ),
    "accountant": (
        "ghi nhận khoản tiếp nhận, lập biên nhận, đối chiếu quỹ",
        "accepts gifts, issues receipts, balances the funds",
    ),
    "cashier": ("nhận và chi tiền của quỹ", "receives and pays the fund's money"),
    "approver": (
        "duyệt đề xuất phân bổ đang chờ",
        "approves the allocations that wait",
    ),
    "planner": ("xem số liệu, lập kế hoạch đợt sau", "reads the figures, plans the next drive"),
    "auditor": (
        "xem mốc ký, ngoại lệ mới và đối chiếu các bảng",
        "looks at checkpoints, new exceptions and digests",
    ),
    "officer": (
        "ghi hộ, trẻ và nhu cầu của xã",
        "records the commune's households, children and needs",
    ),
    "verifier": (
        "xác minh nhu cầu, nhận hàng trao cho xã",
        "verifies needs, takes deliveries over for the commune",
    ),
    "witness": ("xác nhận việc ký nhận", "acknowledges who signed for what"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """`morning`: what they do this morning, in Vietnamese and in English."""

    person: UUID
    name: str
    roles: tuple[str, ...]
    unit: str
    morning: tuple[str, str]


def cards(seed: str = SEED) -> list[Card]:
    pack = Pack()
    people = People(pack, seed)
    city: str = pack.programme["above"][0]["name"]
    keeper = Card(
        KEEPER,
        "Người quản trị đầu tiên (minh hoạ)",
        ("organisation-keeper",),
        city,
        MORNINGS["organisation-keeper"],
    )
    commune = pack.successors[0]
    of_commune = {
        "officer": people.officer(commune.unit_id, AFTERWARDS),
        "verifier": people.verifier(commune.unit_id, AFTERWARDS),
        "witness": people.witness(commune.unit_id, AFTERWARDS),
    }
    known = {actor.id: actor for actor in people.appointed(AFTERWARDS)}
    return [
        keeper,
        *(_card(actor, city, MORNINGS[role]) for role, actor in people.city.items()),
        *(
            _card(known[person], commune.name, MORNINGS[part])
            for part, person in of_commune.items()
        ),
    ]


def _card(actor: Actor, unit: str, morning: tuple[str, str]) -> Card:
    return Card(actor.id, actor.name, actor.roles, unit, morning)
