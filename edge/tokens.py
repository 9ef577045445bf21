"""Who asks: a token says who, never what they may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """`person` is the subject; `program` is the client they use."""

    person: UUID
    program: str


WhoAsks = Callable[[str | None], Awaitable[Principal | None]]
"""From the Authorization header to who asks; None when there is none. Raises NotSignedIn."""
