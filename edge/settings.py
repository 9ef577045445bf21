"""What a process is told by its environment: read once, checked at once, alike in every service.

Variables carry the prefix `VONGTAY_`. Keys come as files, and any other secret may: each file of
the folder that VONGTAY_SECRETS names is a variable, as `vongtay_database_url`. What is for
development alone refuses production.
"""

import os
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from edge.fault import Fault
from edge.readiness import Process
from eventing.installation import DEVELOPMENT_ORIGIN, Installation
from eventing.kafka_access import KafkaAccess, Mechanism, brokers

DEVELOPMENT_ISSUER = "vongtay-development"
SECRET_BYTES_MIN = 32
PASSWORD_CHARACTERS_MIN = 16

Mode = Literal["development", "production"]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def addresses(said: str) -> str:
    """Raises ValueError where one is neither an address nor a network."""
    return ",".join(str(ip_network(one.strip())) for one in said.split(",") if one.strip())


class Settings(BaseSettings):
    """Services subclass it, name themselves, and add what only they need."""

    # An error that showed its input would put passwords into the log.
    model_config = SettingsConfigDict(
        env_prefix="VONGTAY_",
        # A variable that a compose file passes on without a value is not set.
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    service: ClassVar[str]

    mode: Mode
    """`production` refuses what is for development: its issuer, origin, clock, short passwords."""
    database_url: Annotated[str, Field(repr=False)]
    """The service's log, as the role that runs: `postgresql://vt_registry:…@host/vt_registry`."""
    keys_database_url: Annotated[str, Field(repr=False)]
    """The service's data keys, in a database of their own."""
    kafka: Annotated[str, AfterValidator(brokers)]
    """Brokers, `host:port`, separated by commas."""
    kafka_user: str | None = None
    """Whom Kafka knows this service as; unset: by its own name."""
    kafka_password: Annotated[str, Field(repr=False)]
    """Of that user. Nobody is anonymous in Kafka."""
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    """How the user is known. `PLAIN` (only with a CA file) is for brokers that are not yours."""
    kafka_ca_file: Path | None = None
    """Certificates of who vouches for the brokers; then connections to them are encrypted."""
    host: str = "127.0.0.1"
    """The address to listen at; `0.0.0.0` in a container."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Of a web process. 0: any that is free, told in the log."""
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Of a worker, for `/healthz`, `/readyz` and `/metrics`. 0: any that is free."""
    issuer: str = DEVELOPMENT_ISSUER
    """`iss` of the tokens: your OpenID Connect provider's."""
    audience: str = "vongtay"
    """`aud` of the tokens."""
    provider_url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """Where the OpenID Connect provider is asked about itself, when that is not its issuer."""
    issuer_jwks: Path | None = None
    """A file with the provider's public keys (JSON Web Key Set), read again when it changes. Unset:
    the provider is asked for them, and again when a token names a new one."""
    clock_file: Path | None = None
    """A file that says what time it is. Development only."""
    mac_key_file: Path
    """At least 32 random bytes: by them a repeated command is known. Never change it."""
    code_key_file: Path
    """At least 32 random bytes, the same for every service: codes on paper are hashed by them."""
    key_encryption_key_file: Path
    """32 random bytes that wrap the data keys. Back it up apart from the databases."""
    origin: Annotated[str, Field(pattern=r"^[^\s+/]+$")] = DEVELOPMENT_ORIGIN
    """Names this installation for ever, in every event and checkpoint: a domain name of yours."""
    schemas_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+[^\s?#/]$")] | None = None
    """Where anybody finds the events' schemas, for ever. Unset: `https://`, origin, `/schemas`."""
    notary_key_file: Path | None = None
    """Private keys that sign checkpoints: made by `vongtay notary-key new`, for workers alone."""
    log_keys_file: Path | None = None
    """The public keys of the log, old and new: the file that the same command writes beside."""
    log_keys: Path | None = None
    """A folder with the public keys of every log, `registry.pub` and so on: what is read is held
    against what they signed. Production needs it."""
    notary_interval_s: Annotated[float, Field(gt=0, le=60)] = 2.5
    """How long a record waits to be signed at most."""
    roles_heard_within_s: Annotated[float, Field(ge=10, le=3600)] = 60.0
    """So old may be what is known of who may what; older, it gives nobody a right."""
    trusted_proxies: Annotated[str, AfterValidator(addresses)] = ""
    """Whose `X-Forwarded-For` is believed: addresses or networks, separated by commas."""
    public_urls: dict[str, str] = Field(default_factory=dict)
    """Where services answer, as JSON: `{"donations": "http://donations:8080"}`."""
    read_from_elsewhere: bool = False
    """Pages of any other site may read what is public (CORS), never with anybody's credentials."""
    log_level: Annotated[Level, BeforeValidator(str.upper)] = "INFO"
    """`debug`, `info`, `warning` or `error`."""
    topic_replication: Annotated[int, Field(ge=1, le=9)] = 1
    """Copies of each topic in Kafka; 3 where there are three brokers."""

    def __init__(self, **given: Any) -> None:
        super().__init__(_secrets_dir=os.environ.get("VONGTAY_SECRETS"), **given)

    @model_validator(mode="after")
    def _production_is_no_playground(self) -> Self:
        if self.mode == "production":
            if self.clock_file is not None:
                raise ValueError("production keeps real time: unset VONGTAY_CLOCK_FILE")
            if self.issuer == DEVELOPMENT_ISSUER:
                raise ValueError("production needs a real issuer: set VONGTAY_ISSUER")
            if self.origin.endswith(DEVELOPMENT_ORIGIN):
                raise ValueError("production names its logs for ever: set VONGTAY_ORIGIN")
            if self.log_keys is None:
                raise ValueError("production believes no log unproven: set VONGTAY_LOG_KEYS")
            for url in (self.database_url, self.keys_database_url):
                refuse_short_password(url)
            refuse_short(self.kafka_password, "Kafka")
            if self.kafka_mechanism == "PLAIN" and self.kafka_ca_file is None:
                raise ValueError("PLAIN shows the password: set VONGTAY_KAFKA_CA_FILE")
        return self

    @model_validator(mode="after")
    def _knows_the_providers_keys(self) -> Self:
        if self.issuer_jwks is None:
            if self.asks_provider_at is None:
                raise ValueError(
                    "who signs tokens? Set VONGTAY_PROVIDER_URL or VONGTAY_ISSUER_JWKS"
                )
            if self.mode == "production" and not self.asks_provider_at.startswith("https://"):
                raise ValueError("production asks its provider by https: set VONGTAY_PROVIDER_URL")
        return self

    @property
    def asks_provider_at(self) -> str | None:
        """None where there is none to ask: in development, without a provider."""
        url = self.provider_url or self.issuer
        return url if url.startswith(("http://", "https://")) else None

    @property
    def kafka_access(self) -> KafkaAccess:
        user = self.kafka_user or self.service
        return KafkaAccess(
            self.kafka, user, self.kafka_password, self.kafka_mechanism, self.kafka_ca_file
        )

    @property
    def installation(self) -> Installation:
        return Installation(self.origin, self.schemas_url or f"https://{self.origin}/schemas")

    @property
    def other_servers(self) -> Mapping[str, str]:
        """Addresses of servers beside databases and Kafka, by variable: looked at by a check."""
        return {}

    async def faults_beside(self, process: Process) -> Sequence[Fault]:
        """What else of a service is tried by a check, beside files, databases and servers."""
        del process
        return []

    @property
    def mac_key(self) -> bytes:
        """Raises ValueError when the file holds less than 32 bytes."""
        return secret(self.mac_key_file)

    @property
    def code_key(self) -> bytes:
        """Raises ValueError as `mac_key`."""
        return secret(self.code_key_file)

    @property
    def key_encryption_key(self) -> bytes:
        """Raises ValueError as `mac_key`."""
        return secret(self.key_encryption_key_file)


def refuse_short_password(url: str) -> None:
    """Raises ValueError. A URL may have no password: the server then asks for another proof."""
    if (password := urlsplit(url).password) is not None:
        refuse_short(password, "database")


def refuse_short(password: str, where: str) -> None:
    """Raises ValueError."""
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise ValueError(
            f"production needs {where} passwords of at least {PASSWORD_CHARACTERS_MIN} characters"
        )


def secret(path: Path) -> bytes:
    """The bytes of a secret file. Raises ValueError when there are fewer than 32."""
    found = path.read_bytes()
    if len(found) < SECRET_BYTES_MIN:
        raise ValueError(f"{path.name} holds fewer than {SECRET_BYTES_MIN} bytes")
    return found
