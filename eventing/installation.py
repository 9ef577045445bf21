"""Whose events these are: what every record says of the installation that published it."""

from dataclasses import dataclass

DEVELOPMENT_ORIGIN = "vongtay.localhost"


@dataclass(frozen=True, slots=True)
class Installation:
    """The same for all services of one installation, for ever: it stands in every record.

    `origin` names it, as it names its logs in their checkpoints. `schemas` is the URL under which
    anybody finds the schemas of its events.
    """

    origin: str = DEVELOPMENT_ORIGIN
    schemas: str = f"https://{DEVELOPMENT_ORIGIN}/schemas"

    def source_of(self, service: str) -> str:
        """CloudEvents `source` of a service's log: `//`, and the name that its checkpoints have."""
        return f"//{self.origin}/{service}"

    def schema_of(self, event: str, version: int) -> str:
        """CloudEvents `dataschema` of an event version."""
        return f"{self.schemas}/{event}/{version}"


NOWHERE = Installation()
"""For logs that nobody else reads: tests and measurements. Production refuses its origin."""
