"""Matching, approval, gift days and what happens on them: what allocation is told."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from console.season.pack import Commune
from console.season.register import season_id
from console.season.stage import BOOKS, CATEGORY, SCHOLARSHIPS, SURGERY, WINTER, Stage

GIFT_DAYS = [date(2024, 12, 1), date(2024, 12, 7), date(2024, 12, 8)]
PLANNED_FOR = {
    SCHOLARSHIPS: date(2025, 1, 20),
    SURGERY: date(2025, 4, 14),
    BOOKS: date(2025, 8, 25),
}


async def match(stage: Stage, drive: str) -> None:
    await stage.as_(stage.people["coordinator"]).put(
        "allocation",
        f"/matching-runs/{season_id(stage.seed, 'run', drive)}",
        programme_id=stage.pack.programme_id,
        category=CATEGORY[drive][0],
    )


async def propose(stage: Stage, drive: str) -> None:
    """One allocation for each commune, of the lines that the run proposed."""
    run_id = season_id(stage.seed, "run", drive)
    run = await stage.client.query(
        "allocation", f"/matching-runs/{run_id}", by=stage.people["coordinator"]
    )
    unit_of = {str(need.id): need.unit_id for need in stage.wanted(drive)}
    lines: defaultdict[UUID, list[str]] = defaultdict(list)
    for line in run["lines"]:
        lines[unit_of[line["need_id"]]].append(line["line_id"])
    await stage.client.together(
        stage.as_(stage.people["coordinator"]).put(
            "allocation",
            f"/allocations/{_allocation(stage, drive, unit)}",
            run_id=run_id,
            line_ids=line_ids,
        )
        for unit, line_ids in lines.items()
    )


def _allocation(stage: Stage, drive: str, unit: UUID) -> UUID:
    return season_id(stage.seed, "allocation", drive, unit)


def _delivery(stage: Stage, drive: str, unit: UUID) -> UUID:
    return season_id(stage.seed, "delivery", drive, unit)


async def _proposed_units(stage: Stage, drive: str) -> dict[UUID, list[dict[str, Any]]]:
    """The units that have an allocation of this drive, each with its lines."""
    run = await stage.client.query(
        "allocation",
        f"/matching-runs/{season_id(stage.seed, 'run', drive)}",
        by=stage.people["coordinator"],
    )
    unit_of = {str(need.id): need.unit_id for need in stage.wanted(drive)}
    units = sorted({unit_of[line["need_id"]] for line in run["lines"]})
    answers = await stage.client.together(
        stage.client.query(
            "allocation",
            f"/allocations/{_allocation(stage, drive, unit)}",
            by=stage.people["coordinator"],
        )
        for unit in units
    )
    return {unit: answer["lines"] for unit, answer in zip(units, answers, strict=True)}


async def approve(stage: Stage, drive: str) -> None:
    await stage.client.together(
        stage.as_(stage.people["approver"]).judge(
            "allocation", f"/allocations/{_allocation(stage, drive, unit)}", "approval"
        )
        for unit in await _proposed_units(stage, drive)
    )


async def plan(stage: Stage, drive: str) -> None:
    for unit, lines in (await _proposed_units(stage, drive)).items():
        approved = [line["line_id"] for line in lines if line["status"] == "approved"]
        if not approved:
            continue
        delivery = f"/deliveries/{_delivery(stage, drive, unit)}"
        await stage.as_(stage.people["coordinator"]).put(
            "allocation",
            delivery,
            unit_id=unit,
            activity=stage.pack.season[drive]["campaign"],
            planned_for=_planned_for(stage, drive, unit),
            line_ids=approved,
        )
        await stage.as_(stage.people["storekeeper"]).judge(
            "allocation",
            delivery,
            "dispatch",
            waybill=f"XK-{stage.today:%Y%m%d}-{str(unit)[:4].upper()}",
        )


def _planned_for(stage: Stage, drive: str, unit: UUID) -> date:
    """Jackets are handed out on three days, each in every third commune."""
    if drive != WINTER:
        return PLANNED_FOR[drive]
    place = next(at for at, each in enumerate(stage.pack.communes) if each.unit_id == unit)
    return GIFT_DAYS[place % len(GIFT_DAYS)]


async def hand_out(stage: Stage, drive: str) -> None:
    units = {need.unit_id for need in stage.wanted(drive)}
    planned = await _proposed_units(stage, drive)
    await stage.client.together(
        _gift_day(stage, drive, unit) for unit in sorted(units) if unit in planned
    )


async def hand_out_jackets(stage: Stage, commune: Commune) -> None:
    if commune.code == stage.pack.season["gift_day"]["commune"]:
        await _eventful_gift_day(stage, commune)
    else:
        await _gift_day(stage, WINTER, commune.unit_id)


async def _gift_day(stage: Stage, drive: str, unit: UUID) -> None:
    lines = await _hand_over(stage, drive, unit)
    await _sign(stage, drive, unit, [{"line_id": line, "signed_as": "guardian"} for line in lines])


async def _hand_over(stage: Stage, drive: str, unit: UUID) -> list[str]:
    """The commune takes the goods over; return the lines to be signed."""
    delivery = f"/deliveries/{_delivery(stage, drive, unit)}"
    taking_over = stage.people.verifier(unit, stage.today)
    await stage.as_(stage.people["storekeeper"]).judge(
        "allocation", delivery, "handover", handed_to=taking_over
    )
    answer = await stage.client.query("allocation", delivery, by=stage.people["coordinator"])
    return sorted(line["line_id"] for line in answer["lines"])


async def _sign(stage: Stage, drive: str, unit: UUID, lines: list[dict[str, Any]]) -> None:
    await stage.as_(stage.people.witness(unit, stage.today)).post(
        "allocation", f"/deliveries/{_delivery(stage, drive, unit)}/signatures", lines=lines
    )


async def _eventful_gift_day(stage: Stage, commune: Commune) -> None:
    """One child absent, one line signed by a proxy, and a sponsor who brings a gift themselves."""
    gift_day = stage.pack.season["gift_day"]
    absent, by_proxy, *others = await _hand_over(stage, WINTER, commune.unit_id)
    await _sign(
        stage,
        WINTER,
        commune.unit_id,
        [
            {
                "line_id": by_proxy,
                "signed_as": "proxy",
                "signatory_name": "Bùi Thị Nhận Thay",
                "signatory_relation": gift_day["proxy_relation"],
            },
            *({"line_id": line, "signed_as": "guardian"} for line in others),
        ],
    )
    await stage.as_(stage.people.witness(commune.unit_id, stage.today)).post(
        "allocation",
        f"/deliveries/{_delivery(stage, WINTER, commune.unit_id)}/absences",
        lines=[{"line_id": absent, "kept_until": gift_day["kept_until"]}],
    )
    await _direct_gift(stage, commune)


async def _direct_gift(stage: Stage, commune: Commune) -> None:
    need = await _first_unmet_jacket(stage, commune)
    if need is None:
        return
    (sponsor,) = stage.sponsors("direct_gift")
    gift = f"/direct-gifts/{season_id(stage.seed, 'direct-gift')}"
    await stage.as_(stage.people.witness(commune.unit_id, stage.today)).put(
        "allocation",
        gift,
        sponsor_id=stage.sponsor_id(sponsor),
        unit_id=commune.unit_id,
        lines=[{"need_id": need, "quantity": 1}],
        minutes="Biên bản trao trực tiếp, có chữ ký của đại diện xã và nhà hảo tâm",
    )
    await stage.as_(stage.people["approver"]).judge("allocation", gift, "ratification")


async def _first_unmet_jacket(stage: Stage, commune: Commune) -> UUID | None:
    """A child of the commune for whom the run found no jacket; of other seeds it may have none."""
    run = await stage.client.query(
        "allocation",
        f"/matching-runs/{season_id(stage.seed, 'run', WINTER)}",
        by=stage.people["coordinator"],
    )
    matched = {line["need_id"] for line in run["lines"]}
    unmet = (
        need.id
        for need in stage.wanted(WINTER)
        if need.unit_id == commune.unit_id and str(need.id) not in matched
    )
    return next(unmet, None)


async def absent_child_comes(stage: Stage) -> None:
    commune = stage.communes_by_code[stage.pack.season["gift_day"]["commune"]]
    delivery = f"/deliveries/{_delivery(stage, WINTER, commune.unit_id)}"
    answer = await stage.client.query("allocation", delivery, by=stage.people["coordinator"])
    waiting = [line["line_id"] for line in answer["lines"] if line["status"] == "absent"]
    await _sign(
        stage,
        WINTER,
        commune.unit_id,
        [{"line_id": line, "signed_as": "guardian"} for line in waiting],
    )
