"""What docker-compose.yml promises of every container, and what `prepare` makes: read, not run."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from console.__main__ import app
from deploy.embedded import keycloak
from deploy.embedded.kafka import GUARDED, logins
from deploy.embedded.postgres import AS_OPERATED
from edge.settings import Settings
from notary.checkpoint_topic import LOGS
from tests.support.containers import as_variable

PROJECT = Path(__file__).parents[2]
PREPARE = PROJECT / "deploy" / "compose" / "prepare"
SERVICES = ("registry", "donations", "allocation", "notifications", "portal")
PROCESSES = [f"{service}-{kind}" for service in SERVICES for kind in ("web", "worker")]
SERVERS = ["postgres", "kafka"]
IN_PROFILES = {
    "proxy": ["proxy"],
    "prometheus": ["monitoring"],
    "alertmanager": ["monitoring"],
    "grafana": ["monitoring"],
    "identity-database": ["identity"],
    "identity": ["identity"],
}
WRITE_THEIR_OWN_PROGRAMS = {"kafka", "identity"}
GRACE_S_MIN = 20


def load(path):
    return yaml.safe_load(path.read_text())


COMPOSE = load(PROJECT / "docker-compose.yml")
OVERLAY = load(PROJECT / "deploy" / "compose" / "development.yml")
FILES = [
    path
    for path in (PROJECT / "docker-compose.yml", *sorted((PROJECT / "deploy").rglob("*.yml")))
    if "services" in load(path)
]


def test_five_services_have_a_web_and_a_worker_and_one_job_migrates():
    by_themselves = {name: each for name, each in COMPOSE["services"].items() if "profiles" in each}
    assert {name: each["profiles"] for name, each in by_themselves.items()} == IN_PROFILES
    always = COMPOSE["services"].keys() - by_themselves.keys()
    assert sorted(always) == sorted([*PROCESSES, *SERVERS, "migrate"])


@pytest.mark.parametrize("name", [*PROCESSES, *SERVERS, *IN_PROFILES, "migrate"])
def test_every_container_is_confined(name):
    container = COMPOSE["services"][name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["mem_limit"]
    assert container["pids_limit"]
    assert container.get("read_only") is (None if name in WRITE_THEIR_OWN_PROGRAMS else True)
    assert not container.get("privileged")
    assert not any("docker.sock" in str(volume) for volume in container.get("volumes", ()))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)
def test_no_containers_log_fills_the_disk(file):
    # The others go on top of docker-compose.yml: what is there already keeps what is said there.
    containers = {
        name: COMPOSE["services"].get(name, {}) | container
        for name, container in load(file)["services"].items()
    }
    bounded = {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}
    assert [name for name in containers if containers[name].get("logging") != bounded] == []


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)
def test_a_misspelt_image_is_never_built_from_what_lies_here(file):
    assert [name for name, each in load(file)["services"].items() if "build" in each] == []


def mounted(name):
    """Where files of this tree are in a container."""
    for volume in COMPOSE["services"][name]["volumes"]:
        here, there, *_ = volume.split(":")
        if here.startswith("./"):
            yield PROJECT / here, there


def test_what_watches_reaches_all_processes_and_nobody_from_outside_reaches_it():
    prometheus, grafana = COMPOSE["services"]["prometheus"], COMPOSE["services"]["grafana"]
    assert prometheus["networks"] == ["inside"]
    assert "ports" not in prometheus
    assert all(port.startswith("127.0.0.1:") for port in grafana["ports"])
    ((alerts, there),) = mounted("prometheus")
    assert f"--config.file={there}/prometheus.yml" in prometheus["command"]
    scraping = load(alerts / "prometheus.yml")
    (targets,) = scraping["scrape_configs"][0]["static_configs"]
    assert targets["targets"] == [f"{name}:8080" for name in PROCESSES]
    for name in PROCESSES:
        assert "inside" in COMPOSE["services"][name].get("networks", ["inside"])
    for rules in scraping["rule_files"]:
        assert (alerts / rules).exists()


def alarms_go(tmp_path, **settings):
    """Alertmanager's configuration as its container makes it."""
    made = tmp_path / "alertmanager.yml"
    start = PROJECT / "deploy" / "alerting" / "start"
    environment = {"PATH": os.environ["PATH"]} | settings
    subprocess.run(["/bin/sh", str(start), str(made), "true"], env=environment, check=True)
    return load(made)


def test_alarms_go_by_mail_to_whom_the_settings_name(tmp_path):
    alertmanager = COMPOSE["services"]["alertmanager"]
    ((folder, there),) = mounted("alertmanager")
    assert alertmanager["entrypoint"][1] == f"{there}/start"
    assert (folder / "start").exists()
    (watched,) = load(PROJECT / "deploy" / "alerts" / "prometheus.yml")["alerting"]["alertmanagers"]
    assert watched["static_configs"] == [{"targets": ["alertmanager:9093"]}]
    assert "ports" not in alertmanager
    given = {
        "VONGTAY_ALARMS_TO": "truc|ban&co@example.vn",
        "VONGTAY_ALARMS_SMTP": "mail.example.vn:587",
        "VONGTAY_MAIL_FROM": "vongtay@example.vn",
        "VONGTAY_ALARMS_TLS": "false",
    }
    assert alertmanager["environment"].keys() == given.keys()
    made = alarms_go(tmp_path, **given)
    assert made["global"] == {
        "smtp_smarthost": "mail.example.vn:587",
        "smtp_from": "vongtay@example.vn",
        "smtp_require_tls": False,
    }
    assert made["route"]["receiver"] == "mail"
    assert made["receivers"][1]["email_configs"][0]["to"] == "truc|ban&co@example.vn"


def test_without_a_setting_alarms_go_to_nobody(tmp_path):
    made = alarms_go(tmp_path)
    assert made["route"]["receiver"] == "nobody"
    assert made["receivers"][0] == {"name": "nobody"}


def test_the_provider_of_the_profile_is_the_one_that_is_tried_and_its_database_its_own():
    identity, database = COMPOSE["services"]["identity"], COMPOSE["services"]["identity-database"]
    assert identity["image"].endswith(f":{keycloak.VERSION}}}")
    assert database["networks"] == ["identity"]
    assert "ports" not in database
    assert COMPOSE["networks"]["identity"] == {"internal": True}
    on_it = [name for name, each in COMPOSE["services"].items() if "identity" in each["networks"]]
    assert sorted(on_it) == ["identity", "identity-database"]
    ((realm, there),) = mounted("identity")
    assert there == "/opt/keycloak/data/import"
    named = set(re.findall(r"\$\{(\w+)\}", (realm / "vongtay-realm.json").read_text()))
    exported = set(re.findall(r"export (\w+)=", identity["entrypoint"][2]))
    assert named <= exported | identity["environment"].keys()
    assert "replace-placeholders=true" in identity["environment"]["JAVA_OPTS_APPEND"]
    assert identity["healthcheck"]["test"][0] == "CMD"


def test_grafana_finds_prometheus_and_the_dashboard():
    folders = {there: here for here, there in mounted("grafana")}
    provisioned = folders["/etc/grafana/provisioning"]
    (source,) = load(provisioned / "datasources" / "prometheus.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = load(provisioned / "dashboards" / "vongtay.yml")["providers"]
    assert (folders[provider["options"]["path"]] / "vongtay.json").exists()


def test_the_proxy_alone_speaks_for_others_and_leads_to_every_web_process():
    front = {name for name, each in COMPOSE["services"].items() if "front" in each["networks"]}
    assert front == {"proxy", *(name for name in PROCESSES if name.endswith("-web"))}
    (network,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    trusted = COMPOSE["x-environment"]["VONGTAY_TRUSTED_PROXIES"]
    assert network["subnet"] in trusted
    ((caddyfile, _),) = mounted("proxy")
    said = caddyfile.read_text()
    sites = re.findall(r"^(\S*)\{\$VONGTAY_ORIGIN\} \{\n(.*?)^\}", said, re.MULTILINE | re.DOTALL)
    led_to = {
        re.search(r"\{\$\w+:([\w-]+):8080\}", site)[1]: (name, "import door\n" in site)
        for name, site in sites
    }
    assert led_to == {
        f"{service}-web": ("" if service == "portal" else f"{service}.", True)
        for service in SERVICES
    }
    (inner,) = re.findall(r"@inner path (.*)\n\trespond @inner 404", said)
    assert inner.split() == ["/metrics", "/readyz", "/healthz"]


def test_postgresql_runs_with_the_settings_that_are_measured():
    command = COMPOSE["services"]["postgres"]["command"]
    assert {f"{name}={value}" for name, value in AS_OPERATED.items()} <= {*command}


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_waits_for_what_it_needs_and_is_kept_running(name):
    container = COMPOSE["services"][name]
    assert container["restart"] == "unless-stopped"
    assert container["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"},
        "kafka": {"condition": "service_healthy"},
    }
    assert container["healthcheck"]["test"] == ["CMD", "python", "-m", "edge.probe"]
    assert int(container["stop_grace_period"].removesuffix("s")) > GRACE_S_MIN
    assert container["environment"]["VONGTAY_MODE"] == "production"


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_sees_its_own_secrets_alone(name):
    service, kind = name.rsplit("-", 1)
    seen = {secret["source"] for secret in COMPOSE["services"][name]["secrets"]}
    signs = kind == "worker" and service != "portal"
    assert seen == {service, "issuer", "log-keys"} | ({f"{service}-notary"} if signs else set())


@pytest.mark.parametrize("name", PROCESSES)
def test_whoever_has_to_sign_a_log_has_its_key_and_the_others_have_none(name):
    service, kind = name.rsplit("-", 1)
    environment = COMPOSE["services"][name]["environment"]
    key = environment.get("VONGTAY_NOTARY_KEY_FILE") or None
    keys_to_show = environment["VONGTAY_LOG_KEYS_FILE"] or None
    if service not in LOGS:
        assert (key, keys_to_show) == (None, None)
    elif kind == "worker":
        assert (key, keys_to_show) == ("/run/notary/log.key", "/run/notary/log.pub")
    else:
        assert (key, keys_to_show) == (None, "/run/secrets/log.pub")


@pytest.mark.parametrize("name", PROCESSES)
def test_every_setting_that_is_not_a_secret_can_be_given_to_every_process(name):
    given = set(COMPOSE["services"][name]["environment"])
    known = {f"VONGTAY_{field.upper()}" for field in Settings.model_fields}
    of_one_kind = {"VONGTAY_PORT", "VONGTAY_HEALTH_PORT", "VONGTAY_NOTARY_KEY_FILE"}
    assert known - given - of_one_kind == {
        "VONGTAY_CLOCK_FILE",
        "VONGTAY_DATABASE_URL",
        "VONGTAY_KEYS_DATABASE_URL",
        # Each service is known by its own name.
        "VONGTAY_KAFKA_USER",
        "VONGTAY_KAFKA_PASSWORD",
    }


@pytest.mark.parametrize(
    "short", ["superuser", "vt_registry", "vt_portal_owner", "kafka_donations", "administrator"]
)
def test_the_migration_job_refuses_a_short_password_before_it_connects(
    short, tmp_path, monkeypatch
):
    roles = [f"vt_{service}{which}" for service in SERVICES for which in ("", "_owner")]
    for role in [*roles, *(f"kafka_{service}" for service in SERVICES)]:
        (tmp_path / f"{role}.password").write_text("1234" if role == short else "long" * 4)
    password = "1234" if short == "superuser" else "long" * 4
    monkeypatch.setenv("VONGTAY_KAFKA", "127.0.0.1:9")
    monkeypatch.setenv(
        "VONGTAY_KAFKA_ADMINISTRATOR_PASSWORD", "1234" if short == "administrator" else "long" * 4
    )
    # The address answers nobody: were it not refused, it would say so.
    monkeypatch.setenv("VONGTAY_SUPERUSER_URL", f"postgresql://postgres:{password}@127.0.0.1:9/x")
    monkeypatch.setenv("VONGTAY_SECRETS", str(tmp_path))
    monkeypatch.delenv("VONGTAY_MODE", raising=False)
    refused = CliRunner().invoke(app, ["migrate"])
    assert refused.exit_code == 1
    assert "passwords of at least 16 characters" in refused.stderr
    assert "1234" not in refused.output
    monkeypatch.setenv("VONGTAY_MODE", "development")
    assert "passwords" not in CliRunner().invoke(app, ["migrate"]).stderr


def test_kafka_lets_in_as_it_does_in_the_tests_and_the_demo():
    environment = COMPOSE["services"]["kafka"]["environment"]
    given = {name: environment.get(f"KAFKA_{as_variable(name)}") for name in GUARDED}
    assert given == GUARDED
    listeners = {one.partition(":")[0] for one in environment["KAFKA_LISTENERS"].split(",")}
    assert listeners == {"CLIENTS", "CONTROLLER"}
    assert "logins.conf" in environment["KAFKA_OPTS"]
    assert COMPOSE["services"]["kafka"]["secrets"] == [
        {"source": "kafka", "target": "/run/secrets"}
    ]


def test_production_is_the_migration_jobs_mode():
    assert COMPOSE["services"]["migrate"]["environment"]["VONGTAY_MODE"] == "production"
    assert OVERLAY["services"]["migrate"]["environment"]["VONGTAY_MODE"] == "development"


def test_no_password_is_written_anywhere():
    said = "".join(
        path.read_text()
        for path in (
            PROJECT / "docker-compose.yml",
            PROJECT / ".env.example",
            PROJECT / "Dockerfile",
            PROJECT / "deploy" / "compose" / "development.env",
            PROJECT / "deploy" / "compose" / "development.yml",
        )
    )
    for line in said.splitlines():
        if "PASSWORD" in line.upper() and not line.lstrip().startswith("#"):
            assert re.search(r"/run/(secrets|database)/(superuser|admin)\.password", line)


def test_databases_and_broker_are_published_nowhere():
    for name in SERVERS:
        assert "ports" not in COMPOSE["services"][name]
        assert COMPOSE["services"][name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_the_overlay_alone_is_for_development():
    base = (PROJECT / "docker-compose.yml").read_text()
    assert "VONGTAY_CLOCK_FILE" not in base
    assert "development" not in base
    for name in PROCESSES:
        environment = OVERLAY["services"][name]["environment"]
        assert environment["VONGTAY_MODE"] == "development"
        assert environment["VONGTAY_CLOCK_FILE"]


@pytest.fixture
def prepare(tmp_path):
    """Runs `prepare` on a folder whose signing keys are there already: no image is needed."""
    folder = tmp_path / "secrets"
    # Apart from this tree, whose own .env would be read.
    script = tmp_path / "deploy" / "compose" / "prepare"
    script.parent.mkdir(parents=True)
    shutil.copy(PREPARE, script)
    for service in SERVICES[:-1]:
        notary = folder / f"{service}-notary"
        notary.mkdir(parents=True)
        (notary / "log.key").write_text(f"private of {service}")
        (notary / "log.pub").write_text(f"public of {service}")

    def run(**environment):
        return subprocess.run(
            ["/bin/sh", str(script)],
            env={"PATH": os.environ["PATH"], "VONGTAY_SECRETS_FOLDER": str(folder)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.folder = folder
    return run


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_prepared_secrets_are_random_and_only_the_owner_gets_in(prepare):
    done = prepare(VONGTAY_ORIGIN="vongtay.example")
    assert done.returncode == 0, done.stderr
    made = contents(prepare.folder)
    passwords = {name: made[name] for name in made if name.endswith(".password")}
    assert len(set(passwords.values())) == len(passwords) == 3 * len(SERVICES) + 5
    assert {len(password) for password in passwords.values()} == {48}
    keys = [made[name] for name in made if name.endswith(("mac.key", "key-encryption.key"))]
    assert len(set(keys)) == 2 * len(SERVICES)
    assert {len(key) for key in keys} == {32}
    assert {made[f"{service}/code.key"] for service in SERVICES} == {made["code.key"]}
    assert stat.S_IMODE(prepare.folder.stat().st_mode) == 0o700
    assert made["registry/log.pub"] == b"public of registry"
    for service in LOGS:
        assert made[f"log-keys/{service}.pub"] == f"public of {service}".encode()
    assert "registry/log.key" not in made
    for service in SERVICES:
        told = made[f"{service}/vongtay_kafka_password"]
        assert told == passwords[f"migrate/kafka_{service}.password"]
    administrator = made["migrate/vongtay_kafka_administrator_password"].decode()
    assert len(administrator) == 48
    assert made["kafka/logins.conf"].decode() == logins(
        broker=passwords["kafka/broker.password"].decode(), administrator=administrator
    )
    assert made["identity/sign-in-secret"] == made["portal/vongtay_sign_in_secret"]
    assert made["identity/program-secret"] == made["notifications/vongtay_program_secret"]
    url = made["registry/vongtay_database_url"].decode()
    password = passwords["migrate/vt_registry.password"].decode()
    assert url == f"postgresql://vt_registry:{password}@postgres:5432/vt_registry"


def test_prepared_again_nothing_changes_but_what_is_missing(prepare):
    prepare(VONGTAY_ORIGIN="vongtay.example")
    before = contents(prepare.folder)
    (prepare.folder / "donations" / "mac.key").unlink()
    assert prepare(VONGTAY_ORIGIN="vongtay.example").returncode == 0
    after = contents(prepare.folder)
    assert after.keys() == before.keys()
    assert {name for name in before if before[name] != after[name]} == {"donations/mac.key"}


def test_logs_are_named_before_anything_is_made(prepare, tmp_path):
    done = prepare()
    assert done.returncode == 1
    assert "VONGTAY_ORIGIN" in done.stderr
    assert not (prepare.folder / "migrate").exists()


@pytest.mark.parametrize("file", [".env.example", "deploy/compose/development.env"])
def test_what_has_to_be_set_is_set_in_each_example(file):
    wanted = set(re.findall(r"\$\{(\w+):\?", (PROJECT / "docker-compose.yml").read_text()))
    assert wanted
    said = (PROJECT / file).read_text()
    assert wanted - {name for name, _ in re.findall(r"^(\w+)=(.+)$", said, re.MULTILINE)} == set()
