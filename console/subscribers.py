"""`vongtay subscribers`: whom outside the services Kafka lets read, and what."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from console.addresses import SERVICES
from console.installed import KafkaAdministration
from console.kafka_users import KafkaException, KafkaUsers, NoAnswer, NoSubscriber

Name = Annotated[str, typer.Argument(help="Small letters, digits and dashes.")]
ALL = list(SERVICES)


def add(
    name: Name,
    *,
    of: Annotated[
        list[str], typer.Option("--of", help="A service whose topic it may read. Repeat; all.")
    ] = ALL,
) -> None:
    """Make a user that reads topics, and print its password: this once, it is kept nowhere."""
    if unknown := [service for service in of if service not in SERVICES]:
        raise typer.BadParameter(f"{', '.join(unknown)}: none of {', '.join(SERVICES)}")
    with _users() as users:
        password = users.add(name, of)
    sys.stderr.write("Chỉ hiện một lần · shown this once: SASL SCRAM-SHA-512\n")
    print(password)


def list_() -> None:
    """Show every subscriber, and the topics it may read."""
    with _users() as users:
        for subscriber in users.subscribers():
            print(f"{subscriber.name:<24} {' '.join(subscriber.topics)}")


def revoke(name: Name) -> None:
    """Take a subscriber's rights, at once, and its user."""
    with _users() as users:
        users.revoke(name)
    typer.echo("Đã thu hồi · revoked")


@contextmanager
def _users() -> Iterator[KafkaUsers]:
    try:
        yield KafkaUsers(KafkaAdministration().kafka_access)
    except (KafkaException, NoAnswer, NoSubscriber, ValueError) as error:
        sys.stderr.write(f"{error or type(error).__name__}\n")
        raise typer.Exit(1) from None
