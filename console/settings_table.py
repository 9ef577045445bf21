"""The table of every variable in docs/operate.md, from what the processes themselves read.

`python -m console.settings_table` writes it again.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from console import development_issuer, mail_sink
from console.addresses import SERVICES
from console.installed import InstallationSettings, KafkaAdministration, MigrationSettings
from console.recovery import RecoverySettings
from edge import settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "operate.md"
BEGIN, END = "<!-- variables -->", "<!-- end of variables -->"

EVERY_SERVICE = "every service"
BY_THEMSELVES = {
    "VONGTAY_SECRETS": (
        f"{EVERY_SERVICE}, `vongtay`",
        MigrationSettings.model_fields["secrets"].description or "",
    ),
    "VONGTAY_KEEP_DAYS": (
        "`vongtay backup`",
        "After so many days a set is deleted, by the next backup; unset: none is.",
    ),
    "VONGTAY_OWNER_DATABASE_URL": (
        "`python -m eventing.migrate`",
        "A service's log, as the role that owns its tables.",
    ),
    "VONGTAY_KEYS_OWNER_DATABASE_URL": (
        "`python -m eventing.migrate`",
        "A service's data keys, as the role that owns their table.",
    ),
    "VONGTAY_KAFKA_PASSWORD_FILE": (
        "`vongtay replay`, `audit export`",
        "A file with the password of the user that `--kafka` names.",
    ),
    "VONGTAY_PROGRAM_SECRET": (
        "deploy/identity",
        "The notifications program's secret, told to Keycloak when it imports the realm.",
    ),
    "VONGTAY_PORTAL_INSIDE": (
        "deploy/identity",
        "Where Keycloak reaches the portal, to say that somebody has signed out there.",
    ),
    "VONGTAY_FAIL_AT": (
        "tests",
        "`point:n`: end by SIGKILL the n-th time a named point is passed. Development only.",
    ),
}
"""Read by no Settings class."""

IN_COMPOSE = {
    "VONGTAY_PROJECT": ("vongtay", "The project's name: the first part of container names."),
    "VONGTAY_IMAGE": ("vongtay:latest", "The image of all processes; an upgrade is another one."),
    "VONGTAY_POSTGRES_IMAGE": ("postgres:18", "PostgreSQL's, as from a mirror of yours."),
    "VONGTAY_KAFKA_IMAGE": ("apache/kafka:4.3.1", "Kafka's, likewise."),
    "VONGTAY_PROXY_IMAGE": ("caddy:2.10-alpine", "The proxy's (profile `proxy`), likewise."),
    "VONGTAY_FRONT": (
        "172.30.77.0/24",
        "The network of proxy and web processes: a free one of yours. Believed as a proxy's.",
    ),
    "VONGTAY_PROMETHEUS_IMAGE": ("prom/prometheus:v3.5.0", "Of the profile `monitoring`."),
    "VONGTAY_GRAFANA_IMAGE": ("grafana/grafana:12.1.0", "Of the profile `monitoring`."),
    "VONGTAY_GRAFANA_PORT": ("8120", "The dashboard's, on this machine alone."),
    "VONGTAY_ALERTMANAGER_IMAGE": ("prom/alertmanager:v0.28.1", "Of the profile `monitoring`."),
    "VONGTAY_ALARMS_TO": ("none", "Mail address that alarms go to; unset: to nobody."),
    "VONGTAY_ALARMS_SMTP": ("host.docker.internal:25", "The mail server for them, `host:port`."),
    "VONGTAY_ALARMS_TLS": ("true", "Whether that server must speak TLS (STARTTLS)."),
    "VONGTAY_IDENTITY_IMAGE": (
        "quay.io/keycloak/keycloak:26.5.6",
        "Keycloak's (profile `identity`).",
    ),
    "VONGTAY_IDENTITY_URL": (
        "https://id.${VONGTAY_ORIGIN}",
        "Where browsers and services reach that Keycloak.",
    ),
    "VONGTAY_IDENTITY_PORT": ("8130", "Keycloak's port on this machine."),
    "VONGTAY_SECRETS_FOLDER": ("./secrets", "Where `deploy/compose/prepare` puts the secrets."),
    "VONGTAY_LOG_BACKUPS": ("required", "For deploy/backup/compose.yml: backups of logs."),
    "VONGTAY_KEY_BACKUPS": ("required", "For deploy/backup/compose.yml: of keys, elsewhere."),
    "VONGTAY_PUBLISH": ("127.0.0.1", "The address of this machine where web doors are published."),
    "VONGTAY_PORTAL_PORT": ("8100", "The portal's port there."),
    "VONGTAY_REGISTRY_PORT": ("8101", "The registry's."),
    "VONGTAY_DONATIONS_PORT": ("8102", "Donations'."),
    "VONGTAY_ALLOCATION_PORT": ("8103", "Allocation's."),
    "VONGTAY_NOTIFICATIONS_PORT": ("8104", "Notifications'."),
    "VONGTAY_ISSUER_PORT": ("8110", "Of the development issuer's pages. Development only."),
    "VONGTAY_MAIL_PORT": ("8111", "Of the mail sink's page. Development only."),
}
"""Not told to a process: docker-compose.yml itself reads them from .env."""


@dataclass(frozen=True, slots=True, order=True)
class Row:
    variable: str
    for_whom: str
    default: str
    meaning: str

    def __str__(self) -> str:
        return f"| `{self.variable}` | {self.for_whom} | {self.default} | {self.meaning} |"


def rows() -> list[Row]:
    found = [*_of(settings.Settings, EVERY_SERVICE)]
    for service in SERVICES:
        own = importlib.import_module(f"services.{service}.settings").Settings
        found += _of(own, service, but=settings.Settings)
    found += _of(InstallationSettings, "`vongtay migrate`", but_named={"secrets"})
    found += _of(KafkaAdministration, "`vongtay subscribers`")
    for model, commands in (
        (MigrationSettings, "`vongtay backup`, `restore-keys`, `set-readers-back`"),
        (RecoverySettings, "`vongtay restore`, `restore-machine`, `refill-kafka`"),
    ):
        # Told the mode as well, they do nothing else by it.
        found += _of(model, commands, but_named={"secrets", "mode"})
    found += _of(development_issuer.Settings, "development issuer")
    found += _of(mail_sink.Settings, "mail sink")
    found += [Row(name, who, "", said) for name, (who, said) in BY_THEMSELVES.items()]
    found += [
        Row(name, "docker-compose.yml", f"`{default}`", said)
        for name, (default, said) in IN_COMPOSE.items()
    ]
    return sorted(found)


def table() -> str:
    head = "| variable | read by | default | what it is |\n| --- | --- | --- | --- |"
    return "\n".join([head, *(str(row) for row in rows())])


def with_table(document: str) -> str:
    """The document with the table between its marks. Raises ValueError without them."""
    before, _, rest = document.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the document needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _of(
    model: type[BaseModel],
    for_whom: str,
    *,
    but: type[BaseModel] | None = None,
    but_named: set[str] | None = None,
) -> Iterator[Row]:
    known = set(but.model_fields if but is not None else ()) | (but_named or set())
    for name, field in model.model_fields.items():
        if name in known:
            continue
        if field.is_required():
            default = "required"
        elif field.default is None or field.default is PydanticUndefined:
            default = "none"
        else:
            default = f"`{field.default}`"
        meaning = " ".join((field.description or "").split())
        yield Row(f"VONGTAY_{name.upper()}", for_whom, default, meaning)


def main() -> None:
    said = with_table(DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    main()
