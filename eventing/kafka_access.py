"""How Kafka is reached: its brokers, and as whom. Nobody is anonymous there.

Everything that talks to Kafka is made here, so that nothing can forget who it is.
"""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

ADMINISTRATOR = "administrator"
PORTS = 65_536

Mechanism = Literal["SCRAM-SHA-512", "PLAIN"]


def brokers(text: str) -> str:
    """The brokers as they are given. Raises ValueError unless each is `host:port`."""
    for each in text.split(","):
        host, _, port = each.strip().rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < PORTS:
            raise ValueError("each broker is host:port, such as kafka:9092, separated by commas")
    return text


@dataclass(frozen=True)
class KafkaAccess:
    """`brokers`: `host:port`, separated by commas.

    Users are kept by Kafka itself (SCRAM). The administrator, who makes them, must be known before
    the first of them is, and so comes from the broker's own file (PLAIN).
    `ca_file`: who vouches for the brokers; then connections are encrypted.
    """

    brokers: str
    user: str
    password: str = field(repr=False)
    mechanism: Mechanism = "SCRAM-SHA-512"
    ca_file: Path | None = None

    @classmethod
    def administrator(
        cls, brokers: str, password: str, ca_file: Path | None = None
    ) -> "KafkaAccess":
        return cls(brokers, ADMINISTRATOR, password, "PLAIN", ca_file)

    @property
    def protocol(self) -> Literal["SASL_PLAINTEXT", "SASL_SSL"]:
        return "SASL_PLAINTEXT" if self.ca_file is None else "SASL_SSL"

    @cached_property
    def _options(self) -> dict[str, Any]:
        encrypted = (
            {"ssl_context": ssl.create_default_context(cafile=str(self.ca_file))}
            if self.ca_file is not None
            else {}
        )
        return {
            "bootstrap_servers": self.brokers,
            "security_protocol": self.protocol,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
            **encrypted,
        }

    def consumer(self, **more: Any) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(**self._options, **more)

    def producer(self, **more: Any) -> AIOKafkaProducer:
        return AIOKafkaProducer(**self._options, **more)

    def admin(self, **more: Any) -> AIOKafkaAdminClient:
        return AIOKafkaAdminClient(**self._options, **more)
