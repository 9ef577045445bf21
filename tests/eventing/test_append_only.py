import asyncpg
import pytest

from eventing.postgres_store import PostgresStore
from tests.eventing.readers import Database
from tests.eventing.store_suite import assert_sound, everything, key, new

CHANGES = [
    "UPDATE events SET type = 'another'",
    "UPDATE events SET record = '\\x00' WHERE position = 1",
    "DELETE FROM events",
    "DELETE FROM events WHERE position = 99",
    "TRUNCATE events",
    "UPDATE commands SET position = 9",
    "DELETE FROM commands",
    "TRUNCATE commands",
]
DEFINITIONS = [
    "ALTER TABLE events DISABLE TRIGGER no_update_events",
    "ALTER TABLE events DROP CONSTRAINT one_event_per_version",
    "ALTER TABLE commands ADD COLUMN more text",
    "DROP TRIGGER no_delete_events ON events",
    "DROP TABLE events",
    "DROP TABLE commands CASCADE",
    "DROP FUNCTION refuse_change CASCADE",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
    "CREATE TABLE public.mine (id int)",
    "CREATE RULE quiet AS ON INSERT TO events DO INSTEAD NOTHING",
    "DELETE FROM head",
    "INSERT INTO head VALUES (1, 1)",
    "UPDATE head SET id = 1",
    "TRUNCATE head",
    "SET session_replication_role = replica",
]


@pytest.fixture
async def unchanged(database: Database) -> None:
    async with PostgresStore("donations", database.dsn) as store:
        await store.append([new("fund-1", count=2), new("fund-2")], key())


@pytest.mark.usefixtures("unchanged")
async def test_the_running_service_can_change_nothing(database: Database) -> None:
    before = await database.pool.fetch("SELECT * FROM events ORDER BY position")
    for statement in CHANGES + DEFINITIONS:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.pool.execute(statement)
    assert await database.pool.fetch("SELECT * FROM events ORDER BY position") == before


@pytest.mark.usefixtures("unchanged")
async def test_not_even_the_owner_changes_an_event_by_mistake(database: Database) -> None:
    owner = await asyncpg.connect(database.owner)
    try:
        for statement in CHANGES:
            with pytest.raises(
                asyncpg.IntegrityConstraintViolationError, match=r"(events|commands) is append-only"
            ):
                await owner.execute(statement)
    finally:
        await owner.close()
    async with PostgresStore("donations", database.dsn) as store:
        assert len(await everything(store)) == 3
        assert_sound(await everything(store))


@pytest.mark.usefixtures("unchanged")
async def test_nobody_can_give_a_leaf_of_their_own(database: Database) -> None:
    with pytest.raises(asyncpg.GeneratedAlwaysError):
        await database.pool.execute(
            "INSERT INTO events (position, event_id, stream, version, type, record, leaf,"
            " recorded_at) VALUES (9, gen_random_uuid(), 's', 1, 't', '\\x00', '\\x00', now())"
        )


async def test_the_running_service_makes_its_read_models_itself(database: Database) -> None:
    await database.pool.execute("CREATE TABLE read_models.needs__v1_1 (id uuid PRIMARY KEY)")
    await database.pool.execute("CREATE UNLOGGED TABLE private.names__v1_1 (id uuid PRIMARY KEY)")
    await database.pool.execute("CREATE VIEW read_models.needs AS TABLE read_models.needs__v1_1")
    await database.pool.execute("DROP TABLE read_models.needs__v1_1 CASCADE")
