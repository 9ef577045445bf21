from typing import ClassVar

import pytest
from pydantic import ValidationError

from edge import settings
from edge.connected import clock_of
from eventing.clock import SettableClock, system_clock

PRODUCTION = {
    "MODE": "production",
    "ISSUER": "https://id.example",
    "ORIGIN": "vongtay.example",
    "LOG_KEYS": "/run/log-keys",
}


class Settings(settings.Settings):
    service: ClassVar[str] = "notebook"


@pytest.fixture
def environment(tmp_path, monkeypatch):
    (tmp_path / "key").write_bytes(b" " + b"k" * 30 + b"\n")
    given = {
        "MODE": "development",
        "DATABASE_URL": "postgresql://localhost/log",
        "KEYS_DATABASE_URL": "postgresql://localhost/keys",
        "KAFKA": "localhost:9092",
        "KAFKA_PASSWORD": "long" * 4,
        "ISSUER_JWKS": str(tmp_path / "jwks.json"),
        "MAC_KEY_FILE": str(tmp_path / "key"),
        "CODE_KEY_FILE": str(tmp_path / "key"),
        "KEY_ENCRYPTION_KEY_FILE": str(tmp_path / "key"),
        "PUBLIC_URLS": '{"donations": "http://localhost:8081"}',
        "LOG_LEVEL": "info",
    }

    def with_(**changed):
        for name, value in (given | changed).items():
            monkeypatch.setenv(f"VONGTAY_{name}", value)
        return Settings()

    return with_


def test_variables_become_types(environment):
    read = environment(PORT="8081")
    assert (read.port, read.log_level) == (8081, "INFO")
    assert read.public_urls == {"donations": "http://localhost:8081"}


def test_a_key_is_its_bytes_whatever_they_are(environment):
    assert environment().mac_key == b" " + b"k" * 30 + b"\n"


def test_a_key_that_is_too_short_is_refused(environment, tmp_path):
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        _ = environment().mac_key


def test_secrets_may_lie_in_a_folder(environment, tmp_path, monkeypatch):
    (tmp_path / "vongtay_database_url").write_text("postgresql://vt:hush@db/log\n")
    monkeypatch.setenv("VONGTAY_SECRETS", str(tmp_path))
    environment()
    monkeypatch.delenv("VONGTAY_DATABASE_URL")
    read = Settings()
    assert read.database_url == "postgresql://vt:hush@db/log"
    assert "hush" not in repr(read)


def test_an_error_shows_no_password(environment):
    with pytest.raises(ValidationError) as caught:
        environment(MODE="production", DATABASE_URL="postgresql://vt:hush@db/log")
    assert "hush" not in str(caught.value)


def test_an_empty_variable_is_none(environment):
    assert environment(CLOCK_FILE="").clock_file is None


def test_development_may_set_the_clock(environment, tmp_path):
    assert isinstance(clock_of(environment(CLOCK_FILE=str(tmp_path / "clock"))), SettableClock)


def test_without_a_file_time_is_real(environment):
    assert clock_of(environment()) is system_clock


def test_production_refuses_the_settable_clock(environment, tmp_path):
    with pytest.raises(ValidationError, match="CLOCK_FILE"):
        environment(**PRODUCTION, CLOCK_FILE=str(tmp_path / "c"))


def test_production_refuses_the_development_issuer(environment):
    with pytest.raises(ValidationError, match="real issuer"):
        environment(MODE="production", ORIGIN="vongtay.example")
    assert environment(**PRODUCTION).mode == "production"


def test_production_names_its_logs_itself(environment):
    with pytest.raises(ValidationError, match="VONGTAY_ORIGIN"):
        environment(**PRODUCTION | {"ORIGIN": ""})


@pytest.mark.parametrize("variable", ["DATABASE_URL", "KEYS_DATABASE_URL"])
def test_production_refuses_the_password_of_a_laptop(environment, variable):
    with pytest.raises(ValidationError, match="passwords of at least 16") as caught:
        environment(**PRODUCTION, **{variable: "postgresql://vt:postgres@db/log"})
    assert "vt:postgres" not in str(caught.value)
    assert environment(**PRODUCTION, **{variable: f"postgresql://vt:{'4f' * 24}@db/log"})
    assert environment(MODE="development", **{variable: "postgresql://vt:postgres@db/log"})


def test_production_believes_no_log_unproven(environment):
    with pytest.raises(ValidationError, match="VONGTAY_LOG_KEYS"):
        environment(**PRODUCTION | {"LOG_KEYS": ""})
    assert environment(LOG_KEYS="").log_keys is None


def test_kafka_knows_a_service_by_its_name_and_password(environment):
    access = environment().kafka_access
    assert (access.user, access.mechanism) == ("notebook", "SCRAM-SHA-512")
    assert "long" not in repr(access)
    assert environment(KAFKA_USER="ours").kafka_access.user == "ours"
    with pytest.raises(ValidationError, match="kafka_password"):
        environment(KAFKA_PASSWORD="")


def test_production_sends_no_short_password_to_kafka_and_none_in_clear(environment):
    with pytest.raises(ValidationError, match="Kafka passwords of at least 16"):
        environment(**PRODUCTION, KAFKA_PASSWORD="short")
    with pytest.raises(ValidationError, match="KAFKA_CA_FILE"):
        environment(**PRODUCTION, KAFKA_MECHANISM="PLAIN")
    assert environment(**PRODUCTION, KAFKA_MECHANISM="PLAIN", KAFKA_CA_FILE="/ca.pem")


@pytest.mark.parametrize("wrong", [{"MODE": "test"}, {"PORT": "70000"}, {"TOPIC_REPLICATION": "0"}])
def test_what_makes_no_sense_is_refused(environment, wrong):
    with pytest.raises(ValidationError):
        environment(**wrong)
