import pytest
from aiokafka.admin import NewTopic
from aiokafka.partitioner import murmur2 as kafkas_murmur2
from hypothesis import given
from hypothesis import strategies as st

from eventing.topics import SETTINGS, WrongTopicSettings, ensure_topic, murmur2, topic_of


@given(st.binary(max_size=80))
def test_keys_go_where_kafkas_own_partitioner_sends_them(key):
    assert murmur2(key) == kafkas_murmur2(key) & 0xFFFFFFFF


def test_murmur2_is_that_of_the_java_client():
    # From UtilsTest of Apache Kafka.
    known = {
        b"21": -973932308,
        b"foobar": -790332482,
        b"a-little-bit-long-string": -985981536,
        b"a-little-bit-longer-string": -1486304829,
        b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
        b"abc": 479470107,
    }
    for key, expected in known.items():
        assert murmur2(key) == expected & 0xFFFFFFFF


async def test_a_topic_is_made_once(stack, service):
    for _ in range(2):
        await ensure_topic(stack.kafka, service, 1)
    admin = stack.kafka.admin()
    await admin.start()
    (described,) = await admin.describe_topics([topic_of(service)])
    await admin.close()
    assert len(described["partitions"]) == 12


@pytest.mark.parametrize(
    ("partitions", "changed", "says"),
    [
        (6, {}, "6 partitions instead of 12"),
        (12, {"retention.ms": "604800000"}, "retention.ms=604800000 instead of -1"),
        (12, {"cleanup.policy": "compact"}, "cleanup.policy=compact instead of delete"),
    ],
)
async def test_another_topic_is_refused_and_the_message_says_why(
    stack, service, partitions, changed, says
):
    admin = stack.kafka.admin()
    await admin.start()
    topic = NewTopic(topic_of(service), partitions, 1, None, {**SETTINGS, **changed})
    await admin.create_topics([topic])
    await admin.close()
    with pytest.raises(WrongTopicSettings, match=says):
        await ensure_topic(stack.kafka, service, 1)
