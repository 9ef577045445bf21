"""The tables of the registry's roles and units, which every service keeps."""

from collections import defaultdict

from tests.chaos.looked_at import World
from tests.chaos.tables.folding import Data, Expected, Tables, copied, copies, stories


def _roles_held(world: World) -> Expected:
    return {
        key: {
            **copied(story.began, "role", "valid_from", "valid_until"),
            "unit_id": story.last("role-granted", "role-passed")["unit_id"],
            "revoked": story.has("role-revoked"),
            "position": [each for each in story.events if each.type != "role-revoked"][-1].position,
        }
        for key, story in stories(
            world,
            "registry",
            ("person_id", "grant_id"),
            "role-granted",
            "role-revoked",
            "role-passed",
        ).items()
    }


def _accounts(world: World) -> Expected:
    return {
        key: {
            "person_id": story.began["person_id"],
            "unlinked": story.has("account-unlinked"),
            "position": story.events[0].position,
        }
        for key, story in stories(
            world, "registry", "account_id", "account-linked", "account-unlinked"
        ).items()
    }


def _units(world: World) -> Expected:
    found = stories(
        world,
        "registry",
        "unit_id",
        "unit-established",
        "unit-succeeded",
        "unit-figure-declared",
    )
    newest = {
        key: max(
            reversed(story.all("unit-figure-declared")), key=lambda one: one["as_of"], default={}
        )
        for key, story in found.items()
    }
    former: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for _, data in world.facts("registry", "unit-succeeded"):
        for successor in data["successor_ids"]:
            former[successor,].append(data["unit_id"])
    return {
        key: {
            **copied(unit(story.began), "code", "name", "kind", "parent_id", "valid_from"),
            **copied(unit(story.began), "district_name", "priority"),
            "ended_on": story.last("unit-succeeded").get("ended_on"),
            "successor_ids": story.last("unit-succeeded").get("successor_ids", []),
            "children": newest[key].get("children"),
            "children_as_of": newest[key].get("as_of"),
            "version": story.version,
            "former_ids": former[key],
        }
        for key, story in found.items()
    }


def unit(data: Data) -> Data:
    """A unit's facts; in its first version the event named two of them as the plan's table did."""
    if "region" not in data:
        return data
    kept = {name: value for name, value in data.items() if name not in ("region", "district")}
    return kept | {"district_name": data["district"], "priority": data["region"] == "II"}


PROGRAMME = copies(
    "registry",
    "programme-started",
    "programme_id",
    "code",
    "name",
    "starts_on",
    "ends_on",
    "unit_ids",
)
"""What each service that needs a programme's rules, or its name, keeps of it."""

TABLES: Tables = {
    "roles_held": (("person_id", "grant_id"), _roles_held),
    "accounts": (("account_id",), _accounts),
    "units": (("unit_id",), _units),
}
