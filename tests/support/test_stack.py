import asyncpg
from aiokafka.admin import NewTopic

from tests.support.stack import Stack


async def test_a_fresh_database_is_empty_and_ones_own(fresh_database: str) -> None:
    connection = await asyncpg.connect(fresh_database)
    try:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert await connection.fetchval(tables) == 0
        await connection.execute("CREATE TABLE only_here ()")
    finally:
        await connection.close()


async def test_another_fresh_database_saw_nothing(fresh_database: str) -> None:
    connection = await asyncpg.connect(fresh_database)
    try:
        assert await connection.fetchval("SELECT to_regclass('only_here')") is None
        assert str(await connection.fetchval("SHOW server_version")).startswith("18.")
    finally:
        await connection.close()


async def test_the_broker_takes_records(stack: Stack) -> None:
    admin = stack.kafka.admin()
    await admin.start()
    try:
        await admin.create_topics([NewTopic("taken", num_partitions=12, replication_factor=1)])
    finally:
        await admin.close()
    producer = stack.kafka.producer(enable_idempotence=True, compression_type="gzip")
    await producer.start()
    try:
        stored = await producer.send_and_wait("taken", b"value", key=b"key")
    finally:
        await producer.stop()
    assert stored.offset == 0
