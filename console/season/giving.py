"""Campaigns, pledges and contributions: what donations is told."""

from datetime import date
from typing import Any
from uuid import UUID

from console.season.register import season_id
from console.season.stage import BOOKS, CATEGORY, SCHOLARSHIPS, SURGERY, WINTER, Stage


async def published_result(stage: Stage) -> None:
    result = stage.pack.season["published_result"]
    await stage.as_(stage.people["accountant"]).put(
        "donations",
        f"/published-results/{season_id(stage.seed, 'published-result')}",
        unit_id=stage.pack.city_id,
        title=result["title"],
        source=result["source"],
        as_of=result["as_of"],
        lines=result["lines"],
    )


async def open_winter(stage: Stage) -> None:
    await _open_campaign(stage, WINTER, date(2025, 1, 1), 1000)
    sponsors = stage.sponsors("winter_jackets") + stage.sponsors("direct_gift")
    await stage.client.together(_welcome(stage, sponsor) for sponsor in sponsors)
    await _pledge(stage, WINTER, stage.sponsors("winter_jackets")[0], "goods", 1000)


async def open_books(stage: Stage) -> None:
    target = stage.pack.season[BOOKS]["target"]
    await _open_campaign(stage, BOOKS, date(2025, 9, 1), target)
    (sponsor,) = stage.sponsors("book_sets")
    await _welcome(stage, sponsor)
    await _pledge(stage, BOOKS, sponsor, "goods", target)
    await stage.client.together(
        stage.as_(
            stage.people.officer(
                stage.unit_of(child.household.commune, child.household.id), stage.today
            )
        ).post(
            "registry",
            f"/children/{child.id}/enrolments",
            school_year="2025-2026",
            grade=child.grade_in(2025),
        )
        for child in stage.of_poor_households()
        if child.grade_in(2025)
    )


async def open_scholarships(stage: Stage) -> None:
    sponsors = stage.sponsors(SCHOLARSHIPS)
    target = sum(sponsor[SCHOLARSHIPS]["promises"] for sponsor in sponsors)
    await _open_campaign(stage, SCHOLARSHIPS, date(2025, 3, 1), target)
    await _promised_money(stage, SCHOLARSHIPS)


async def open_surgery(stage: Stage) -> None:
    target = stage.pack.season[SURGERY]["amount"]
    await _open_campaign(stage, SURGERY, date(2025, 6, 1), target)
    await _promised_money(stage, SURGERY)


async def _promised_money(stage: Stage, drive: str) -> None:
    for sponsor in stage.sponsors(drive):
        await _welcome(stage, sponsor)
        await _pledge(stage, drive, sponsor, "money", sponsor[drive]["promises"])


async def receive_jackets(stage: Stage) -> None:
    (sponsor,) = stage.sponsors("winter_jackets")
    found = [
        (
            {"size": line["size"], "gender": line["gender"]},
            line["good"],
            line["mendable"],
            line["refused"],
        )
        for line in stage.pack.season[WINTER]["jackets"]
    ]
    await _receive(stage, WINTER, sponsor, "goods", found, stage.people["storekeeper"])


async def receive_books(stage: Stage) -> None:
    (sponsor,) = stage.sponsors("book_sets")
    books = stage.pack.season[BOOKS]
    found = [
        (
            {"grade": int(grade)},
            count - (int(grade) == 1) * books["refused"],
            0,
            (int(grade) == 1) * books["refused"],
        )
        for grade, count in books["sets"].items()
    ]
    await _receive(stage, BOOKS, sponsor, "goods", found, stage.people["storekeeper"])


async def receive_money(stage: Stage, drive: str) -> None:
    for sponsor in stage.sponsors(drive):
        found: list[tuple[dict[str, Any], int, int, int]] = [({}, sponsor[drive]["brings"], 0, 0)]
        await _receive(stage, drive, sponsor, "money", found, stage.people["cashier"])


def _earmark(stage: Stage, drive: str) -> dict[str, Any]:
    need_id = stage.wanted(SURGERY)[0].id if drive == SURGERY else None
    return {"unit_id": None, "need_id": need_id}


async def _open_campaign(stage: Stage, drive: str, ends_on: date, target: int) -> None:
    season = stage.pack.season[drive]
    category, measure = CATEGORY[drive]
    fund = season_id(stage.seed, "fund", drive)
    await stage.as_(stage.people["accountant"]).put(
        "donations",
        f"/funds/{fund}",
        programme_id=stage.pack.programme_id,
        unit_id=stage.pack.city_id,
        name=season["campaign"],
    )
    await stage.as_(stage.people["coordinator"]).put(
        "donations",
        f"/campaigns/{season_id(stage.seed, 'campaign', drive)}",
        programme_id=stage.pack.programme_id,
        fund_id=fund,
        name=season["campaign"],
        category=category,
        target=target,
        measure=measure,
        starts_on=stage.today,
        ends_on=ends_on,
        illustrative=True,
    )


async def _welcome(stage: Stage, sponsor: dict[str, Any]) -> None:
    """Register the sponsor, and their wish to hear of what arrives."""
    sponsor_id = stage.sponsor_id(sponsor)
    coordinator = stage.as_(stage.people["coordinator"])
    await coordinator.put(
        "donations",
        f"/sponsors/{sponsor_id}",
        person_id=season_id(stage.seed, "person", sponsor["key"]),
        kind=sponsor["kind"],
        public_name=sponsor.get("public_name"),
        name=sponsor.get("public_name", "Nhà hảo tâm (minh hoạ)"),
        address="Số 1 phố Minh Hoạ, Hà Nội (minh hoạ)",
        email=f"{sponsor['key']}@vongtay.invalid",
        illustrative=True,
    )
    await coordinator.put(
        "notifications",
        f"/subscriptions/{season_id(stage.seed, 'subscription', sponsor['key'])}",
        sponsor_id=sponsor_id,
        occasion="gift-arrived",
        channels=["email", "inbox"],
        language="vi",
    )


async def _pledge(
    stage: Stage, drive: str, sponsor: dict[str, Any], kind: str, quantity: int
) -> None:
    category, measure = CATEGORY[drive]
    await stage.as_(stage.people["coordinator"]).put(
        "donations",
        f"/pledges/{season_id(stage.seed, 'pledge', drive, sponsor['key'])}",
        campaign_id=season_id(stage.seed, "campaign", drive),
        sponsor_id=stage.sponsor_id(sponsor),
        kind=kind,
        category=category,
        quantity=quantity,
        measure=measure,
        earmark=_earmark(stage, drive),
    )


async def _receive(
    stage: Stage,
    drive: str,
    sponsor: dict[str, Any],
    kind: str,
    found: list[tuple[dict[str, Any], int, int, int]],
    receiver: UUID,
) -> None:
    """Announced, received, inspected line by line, accepted by another, receipted."""
    category, measure = CATEGORY[drive]
    contribution = season_id(stage.seed, "contribution", drive, sponsor["key"])
    path = f"/contributions/{contribution}"
    lines = [season_id(stage.seed, contribution, number) for number in range(len(found))]
    await stage.as_(stage.people["coordinator"]).put(
        "donations",
        path,
        campaign_id=season_id(stage.seed, "campaign", drive),
        sponsor_id=stage.sponsor_id(sponsor),
        pledge_id=season_id(stage.seed, "pledge", drive, sponsor["key"]),
        kind=kind,
        lines=[
            {
                "line_id": line,
                "category": category,
                "specification": specification,
                "quantity": good + mendable + refused,
                "measure": measure,
            }
            for line, (specification, good, mendable, refused) in zip(lines, found, strict=True)
        ],
        earmark=_earmark(stage, drive),
    )
    receiving = stage.as_(receiver)
    came = {"paid_in": sponsor[drive].get("paid_in", "transfer")} if kind == "money" else {}
    await receiving.post("donations", f"{path}/reception", **came)
    await receiving.post(
        "donations",
        f"{path}/inspection",
        lines=[
            {"line_id": line, "good": good, "mendable": mendable, "refused": refused}
            for line, (_, good, mendable, refused) in zip(lines, found, strict=True)
        ],
    )
    accountant = stage.as_(stage.people["accountant"])
    await accountant.judge("donations", path, "acceptance")
    book = "TIEN" if kind == "money" else "HANG"
    signs = stage.pack.season["signatories"]
    await accountant.judge(
        "donations",
        path,
        "receipt",
        book=book,
        issuer=signs["accountant"],
        receiver=signs["cashier" if kind == "money" else "storekeeper"],
        accepter=signs["accountant"],
    )
