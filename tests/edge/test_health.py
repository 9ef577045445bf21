from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from console import settled
from edge.health import answer_health
from edge.languages import language_of
from edge.metrics import Metrics
from edge.readiness import Consumer, Readiness

NOW = Readiness(
    ready=True,
    service="donations",
    process="worker",
    now=datetime(2024, 10, 7, tzinfo=UTC),
    database=True,
    kafka=True,
    head=12,
    published=10,
    oldest_unpublished_s=1.5,
    consumers=(
        Consumer(name="funds", source="donations", position=9, status="live", lag=3),
        Consumer(name="reaction:reserve", source="registry", position=4, status="live"),
    ),
    parked=2,
    refused=1,
    holes=("funds: hole at 10",),
    ahead=("reaction:reserve of registry: ahead: …",),
)


UNREADY = replace(NOW, ready=False)


@pytest.fixture
def client():
    def made(now=NOW, metrics=None):
        app = FastAPI()

        async def look():
            return now

        answer_health(app, look, metrics or Metrics())
        return TestClient(app)

    return made


def test_alive_is_not_ready(client):
    not_ready = client(UNREADY)
    assert not_ready.get("/healthz").status_code == 200
    assert not_ready.get("/readyz").status_code == 503
    assert client().get("/readyz").status_code == 200


def test_the_season_reads_what_is_told(client):
    said = msgspec.json.decode(client().get("/readyz").content, type=settled.Readiness)
    assert (said.head, said.published, said.parked, said.refused) == (12, 10, 2, 1)
    assert said.consumers[1] == settled.Consumer("reaction:reserve", "registry", 4, "live")
    assert said.holes == NOW.holes


def test_metrics_tell_what_readiness_tells(client):
    metrics = Metrics()
    metrics.request("PUT", "/funds/{fund_id}", 200, 0.02)
    metrics.request("NGUYỄN", "unmatched", 405, 0.02)
    metrics.appended(3, 0.004)
    metrics.restarted("relay")
    text = client(metrics=metrics).get("/metrics").text
    for line in (
        "vongtay_ready 1.0",
        "vongtay_log_head_position 12.0",
        "vongtay_relay_published_position 10.0",
        "vongtay_relay_lag_events 2.0",
        "vongtay_relay_lag_seconds 1.5",
        'vongtay_consumer_position{consumer="reaction:reserve",source="registry"} 4.0',
        'vongtay_consumer_lag_events{consumer="funds",source="donations"} 3.0',
        "vongtay_parked_streams 2.0",
        "vongtay_reactions_refused 1.0",
        "vongtay_log_holes 1.0",
        "vongtay_readers_ahead 1.0",
        'vongtay_part_restarts_total{part="relay"} 1.0',
        "vongtay_append_batch_commands_sum 3.0",
        'vongtay_request_seconds_count{method="PUT",route="/funds/{fund_id}",status="200"} 1.0',
        'vongtay_request_seconds_count{method="other",route="unmatched",status="405"} 1.0',
    ):
        assert line in text
    assert 'consumer_lag_events{consumer="reaction:reserve"' not in text


def test_an_alarm_does_not_end_because_the_database_is_away(client):
    metrics = Metrics()
    client(metrics=metrics).get("/metrics")
    away = Readiness(
        ready=False,
        service="donations",
        process="worker",
        now=NOW.now,
        database=False,
        kafka=True,
    )
    text = client(away, metrics).get("/metrics").text
    assert "vongtay_ready 0.0" in text
    assert "vongtay_log_holes 1.0" in text
    assert "vongtay_log_head_position 12.0" in text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("en;q=0.5, vi", "vi"),
        ("fr, en;q=0.3", "en"),
        ("fr", "vi"),
        ("vi-VN, en", "vi"),
        ("en;q=x", "vi"),
        ("en;q=nan", "vi"),
        ("en;q=0", "vi"),
        ("*", "vi"),
    ],
)
def test_vietnamese_unless_english_is_preferred(header, language):
    assert language_of(header) == language
