"""Units, people, households, children and needs: what the registry is told."""

from datetime import date
from uuid import UUID

from console.season.pack import REORGANISED_ON, Commune, unit_id
from console.season.people import KEEPER, NOTIFICATIONS, SECOND_KEEPER
from console.season.register import MEASURED_ON, Child, season_id
from console.season.stage import Person, Stage
from edge.settings import DEVELOPMENT_ISSUER
from edge.tokens import Identity

NEW = 1
"""The version of what was just registered, and nobody else has touched."""


async def set_up(stage: Stage) -> None:
    programme = stage.pack.programme
    await stage.as_(KEEPER).put(
        "registry",
        f"/programmes/{stage.pack.programme_id}",
        code=programme["code"],
        name=programme["name"],
        starts_on=programme["starts_on"],
        ends_on=programme["ends_on"],
        unit_ids=[commune.unit_id for commune in stage.pack.communes],
    )
    await _register_person(stage, NOTIFICATIONS, "program", "notifications")
    await _grant(stage, NOTIFICATIONS, "contact-reader", stage.pack.city_id, date(2024, 9, 1), None)
    await _appoint(stage, before=REORGANISED_ON)


async def _appoint(stage: Stage, before: date, since: date = date.min) -> None:
    actors = [actor for actor in stage.people.appointed(before) if actor.valid_from >= since]
    await stage.client.together(
        _register_person(stage, actor.id, "human", actor.name) for actor in actors
    )
    await stage.client.together(
        _grant(stage, actor.id, role, actor.unit_id, actor.valid_from, actor.valid_until)
        for actor in actors
        for role in actor.roles
    )


async def _register_person(stage: Stage, person: UUID, kind: str, name: str) -> None:
    await stage.as_(KEEPER).put("registry", f"/persons/{person}", kind=kind, name=name)
    # The development issuer calls everybody by the id that they have here.
    identity = Identity(DEVELOPMENT_ISSUER, str(person))
    await stage.as_(SECOND_KEEPER).post(
        "registry",
        f"/accounts/{identity.account_id}/acceptance",
        person_id=person,
        identity={"issuer": identity.issuer, "subject": identity.subject},
    )


async def _grant(
    stage: Stage, person: UUID, role: str, unit: UUID, valid_from: date, valid_until: date | None
) -> None:
    grant = season_id(stage.seed, "grant", person, role)
    await stage.as_(KEEPER).put(
        "registry",
        f"/persons/{person}/roles/{grant}",
        role=role,
        unit_id=unit,
        valid_from=valid_from,
        valid_until=valid_until,
    )


async def register(stage: Stage, commune: Commune) -> None:
    officer = stage.as_(stage.people.officer(commune.unit_id, stage.today))
    await officer.judge(
        "registry",
        f"/units/{commune.unit_id}",
        "figures",
        as_of=date(2024, 9, 1),
        children=stage.pack.figures[commune.code].children,
        source="UBND xã, số liệu minh hoạ",
    )
    children = [child for child in stage.children if child.household.commune == commune]
    households = {child.household.id: child.household for child in children}
    await stage.client.together(
        officer.put(
            "registry",
            f"/households/{household.id}",
            unit_id=commune.unit_id,
            head=household.head,
            village=household.village,
        )
        for household in households.values()
    )
    await stage.client.together(
        officer.judge(
            "registry",
            f"/households/{household.id}",
            "status",
            seen=NEW,
            status=household.status,
            standard="2022-2025",
            decision=f"QĐ hộ nghèo, cận nghèo {commune.name} 2024",
            valid_from=date(2024, 1, 1),
            valid_until=date(2026, 1, 1),
        )
        for household in households.values()
    )
    await stage.client.together(_register_child(stage, officer, child) for child in children)


async def _register_child(stage: Stage, officer: Person, child: Child) -> None:
    await officer.put(
        "registry",
        f"/children/{child.id}",
        household_id=child.household.id,
        name=child.name,
        birth_date=child.birth_date,
        gender=child.gender,
        guardian=child.guardian,
        ethnicity=child.ethnicity,
    )
    if child.circumstance is not None:
        kind, code = child.circumstance
        await officer.judge(
            "registry", f"/children/{child.id}", "circumstances", seen=NEW, kind=kind, code=code
        )
        await officer.post(
            "registry",
            f"/children/{child.id}/measures",
            height_cm=child.height_cm,
            measured_on=min(MEASURED_ON, stage.today),
        )


async def department_succeeded(stage: Stage) -> None:
    old = stage.pack.programme["above"][1]
    new = stage.pack.programme["department_successor"][0]
    successor = unit_id(new["code"], new["valid_from"])
    await _establish(stage, successor, new["code"], new["name"], new["kind"], new["valid_from"])
    await _succeed(
        stage,
        unit_id(old["code"], old["valid_from"]),
        [successor],
        new["valid_from"],
        new["decision"],
    )


async def reorganise(stage: Stage) -> None:
    await stage.client.together(
        _establish(
            stage, commune.unit_id, commune.code, commune.name, "commune", commune.valid_from
        )
        for commune in stage.pack.successors
    )
    await stage.client.together(
        _succeed(
            stage,
            commune.unit_id,
            commune.successor_ids,
            REORGANISED_ON,
            "1656/NQ-UBTVQH15",
        )
        for commune in stage.pack.communes
    )
    await _appoint(stage, before=date.max, since=REORGANISED_ON)


async def _establish(
    stage: Stage, unit: UUID, code: str, name: str, kind: str, valid_from: date
) -> None:
    await stage.as_(KEEPER).put(
        "registry",
        f"/units/{unit}",
        code=code,
        name=name,
        kind=kind,
        parent_id=stage.pack.city_id,
        district_name=None,
        priority=False,
        valid_from=valid_from,
    )


async def _succeed(
    stage: Stage, unit: UUID, successors: list[UUID], ended_on: date, decision: str
) -> None:
    await stage.as_(KEEPER).judge(
        "registry",
        f"/units/{unit}",
        "succession",
        successor_ids=successors,
        ended_on=ended_on,
        decision=decision,
    )


async def place_households(stage: Stage) -> None:
    """Households of a commune that was split: a person decides for each where it belongs."""
    households = {child.household.id: child.household for child in stage.children}
    await stage.client.together(
        stage.as_(stage.people["coordinator"]).post(
            "registry",
            f"/households/{household.id}/placement",
            unit_id=stage.unit_of(household.commune, household.id),
            decision="QĐ xếp hộ theo thôn",
        )
        for household in households.values()
        if len(household.commune.successor_ids) > 1
    )


async def record(stage: Stage, drive: str) -> None:
    await stage.client.together(
        stage.as_(stage.people.officer(need.unit_id, stage.today)).put(
            "registry", f"/needs/{need.id}", **need.body
        )
        for need in stage.wanted(drive)
    )


async def verify(stage: Stage, drive: str) -> None:
    """Each verifier looks at the needs of their commune, as they were recorded."""
    wanted = stage.wanted(drive)
    seen: dict[str, int] = {}
    for unit in sorted({need.unit_id for need in wanted}):
        verifier = stage.people.verifier(unit, stage.today)
        listed = await stage.client.listed("registry", "/needs", by=verifier, unit_id=str(unit))
        seen |= {need["need_id"]: need["version"] for need in listed}
    await stage.client.together(
        stage.as_(stage.people.verifier(need.unit_id, stage.today)).judge(
            "registry", f"/needs/{need.id}", "verification", seen=seen.get(str(need.id))
        )
        for need in wanted
    )
