"""Who Kafka knows, and what each may do there: services, and subscribers beside them.

A service's own user writes its own topic, its notary's the checkpoints; all read all of ours. A
subscriber reads the topics that it was given, in consumer groups that begin with its name.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from console.addresses import SERVICES
from eventing.kafka_access import ADMINISTRATOR, KafkaAccess
from eventing.topics import topic_of
from notary.checkpoint_topic import LOGS
from notary.checkpoint_topic import TOPIC as CHECKPOINTS

ANSWERS_WITHIN_S = 10.0
LOOKS_EVERY_S = 0.02
ITERATIONS = 8192
PASSWORD_BYTES = 24
BROKER: Final = "broker"
OURS: Final = "vongtay."
"""What the names of our topics begin with."""
A_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,62}")

log = logging.getLogger(__name__)


class NoSubscriber(Exception):
    """The name is none that a subscriber has, or can have. The message says which."""


class NoAnswer(Exception):
    """Kafka did not answer its administrator."""


class Passwords(Protocol):
    def password(self, role: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Subscriber:
    name: str
    topics: Sequence[str]


def password_name(service: str) -> str:
    """Under which its password for Kafka is kept, beside those of its database roles."""
    return f"kafka_{service}"


class KafkaUsers:
    """Connects when it is first asked. Everything raises NoAnswer, KafkaException."""

    def __init__(self, administrator: KafkaAccess) -> None:
        self._administrator = administrator
        encrypted = {"ssl.ca.location": str(administrator.ca_file)} if administrator.ca_file else {}
        self._admin = AdminClient(
            {
                "bootstrap.servers": administrator.brokers,
                "security.protocol": administrator.protocol,
                "sasl.mechanism": administrator.mechanism,
                "sasl.username": administrator.user,
                "sasl.password": administrator.password,
                "socket.timeout.ms": int(ANSWERS_WITHIN_S * 1000),
                **encrypted,
            },
            logger=log,
        )

    def prepare(self, services: Iterable[str], passwords: Passwords) -> None:
        """Make the services' users, give them their passwords and exactly their rights."""
        users = list(services)
        self._set_passwords({user: passwords.password(password_name(user)) for user in users})
        for user in users:
            self._give(user, _rights_of(user))

    def add(self, name: str, services: Iterable[str]) -> str:
        """Make a subscriber of these services' topics and of the checkpoints; return its password.

        Nobody can ask for the password later. Raises NoSubscriber.
        """
        self._may_be(name)
        if name in self._known():
            raise NoSubscriber(f"{name} is a subscriber already: revoke it first")
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        self.put(name, password, services)
        return password

    def put(self, name: str, password: str, services: Iterable[str]) -> None:
        """Make a subscriber with this password, or change one to it. Raises NoSubscriber."""
        self._may_be(name)
        # Rights first: who can come in already finds what was promised.
        self._give(name, _rights_to_read(name, [*map(topic_of, services), CHECKPOINTS]))
        self._set_passwords({name: password})

    def subscribers(self) -> Sequence[Subscriber]:
        found = {name: Subscriber(name, []) for name in sorted(self._known()) if _is_other(name)}
        topics: dict[str, set[str]] = {name: set() for name in found}
        for acl in self._rights(_all_of(None)):
            name = acl.principal.removeprefix("User:")
            if name in topics and acl.restype == ResourceType.TOPIC:
                topics[name].add(acl.name)
        return [Subscriber(name, sorted(topics[name])) for name in found]

    def revoke(self, name: str) -> None:
        """Take a subscriber's rights, at once for connections that are open too, and its user.

        Raises NoSubscriber.
        """
        self._may_be(name)
        if name not in self._known():
            raise NoSubscriber(f"no subscriber is called {name}")
        self._give(name, ())
        answers = self._admin.alter_user_scram_credentials(
            [UserScramCredentialDeletion(name, ScramMechanism.SCRAM_SHA_512)]
        )
        _all_done(answers.values())
        _shows(lambda: name not in self._known())

    def _may_be(self, name: str) -> None:
        if not A_NAME.fullmatch(name) or not _is_other(name):
            raise NoSubscriber(
                f"{name} cannot be a subscriber's name: small letters, digits and dashes, and"
                " none of our own"
            )

    def _known(self) -> set[str]:
        answer = self._admin.describe_user_scram_credentials(None)
        assert isinstance(answer, Future), "asked for all of them, it is one answer"
        return set(_answer(answer))

    def _set_passwords(self, passwords: Mapping[str, str]) -> None:
        kept = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        if not passwords:
            return  # the library takes no empty list
        answers = self._admin.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(user, kept, password.encode())
                for user, password in passwords.items()
            ]
        )
        _all_done(answers.values())
        _shows(lambda: self._known() >= passwords.keys())

    def _give(self, user: str, wanted: Iterable[AclBinding]) -> None:
        """Exactly these: what an older version gave beside them is taken."""
        rights = set(wanted)
        there = set(self._rights(_all_of(user)))
        if new := rights - there:
            _all_done(self._admin.create_acls(list(new)).values())
        if old := there - rights:
            _all_done(self._admin.delete_acls([_only(acl) for acl in old]).values())
        if rights != there:
            _shows(lambda: set(self._rights(_all_of(user))) == rights)

    def _rights(self, of: AclBindingFilter) -> Sequence[AclBinding]:
        found: Sequence[AclBinding] = _answer(self._admin.describe_acls(of))
        return found


def _is_other(name: str) -> bool:
    return name not in {BROKER, ADMINISTRATOR, *SERVICES}


def _right(user: str) -> Callable[..., AclBinding]:
    def right(
        restype: ResourceType,
        name: str,
        operation: AclOperation,
        pattern: ResourcePatternType = ResourcePatternType.LITERAL,
    ) -> AclBinding:
        return AclBinding(
            restype, name, pattern, f"User:{user}", "*", operation, AclPermissionType.ALLOW
        )

    return right


def _rights_of(service: str) -> Sequence[AclBinding]:
    right = _right(service)
    own = [topic_of(service), *([CHECKPOINTS] if service in LOGS else [])]
    return [
        right(ResourceType.TOPIC, OURS, AclOperation.READ, ResourcePatternType.PREFIXED),
        *(
            right(ResourceType.TOPIC, topic, operation)
            for topic in own
            # A topic is made by whoever writes it, and looked at before anything is written.
            for operation in (
                AclOperation.CREATE,
                AclOperation.DESCRIBE_CONFIGS,
                AclOperation.WRITE,
            )
        ),
    ]


def _rights_to_read(name: str, topics: Iterable[str]) -> Sequence[AclBinding]:
    right = _right(name)
    return [
        *(right(ResourceType.TOPIC, topic, AclOperation.READ) for topic in topics),
        right(ResourceType.GROUP, name, AclOperation.READ, ResourcePatternType.PREFIXED),
    ]


def _all_of(user: str | None) -> AclBindingFilter:
    return AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]  # any name: its signature forgets that it may be left out
        ResourcePatternType.ANY,
        None if user is None else f"User:{user}",  # type: ignore[arg-type]  # as above
        None,  # type: ignore[arg-type]  # as above
        AclOperation.ANY,
        AclPermissionType.ANY,
    )


def _only(acl: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        acl.restype,
        acl.name,
        acl.resource_pattern_type,
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
    )


def _all_done(answers: Iterable["Future[Any]"]) -> None:
    for answer in answers:
        _answer(answer)


def _shows(is_so: Callable[[], bool]) -> None:
    """Wait until the broker knows of it: its controller answers before it does (KRaft)."""
    until = time.monotonic() + ANSWERS_WITHIN_S
    while not is_so():
        if time.monotonic() > until:
            raise NoAnswer("Kafka took the change of its users, and still does not show it")
        time.sleep(LOOKS_EVERY_S)


def _answer(answer: "Future[Any]") -> Any:
    try:
        return answer.result(ANSWERS_WITHIN_S)
    except TimeoutError:
        raise NoAnswer(
            "Kafka does not answer its administrator: look at VONGTAY_KAFKA and"
            " VONGTAY_KAFKA_ADMINISTRATOR_PASSWORD"
        ) from None


__all__ = [
    "KafkaException",
    "KafkaUsers",
    "NoAnswer",
    "NoSubscriber",
    "Subscriber",
    "password_name",
]
