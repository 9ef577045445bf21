"""What the portal is told by its environment."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from edge import settings


class Settings(settings.Settings):
    """`public_urls` name the services whose keys, digests and parked streams it asks for."""

    service: ClassVar[str] = "portal"

    witness_url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """Where a witness shows what it found (`vongtay audit witness`); unset: none is known."""
    log_urls: dict[str, str] = Field(default_factory=dict)
    """Where anybody reaches the services' `/log/`, as JSON: the page on checking shows it."""

    @property
    def logs_shown_at(self) -> Mapping[str, str]:
        """In development everything is on one machine, so the services' own addresses do."""
        if self.log_urls or self.mode == "production":
            return self.log_urls
        return self.public_urls
