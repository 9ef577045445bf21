"""What the portal is told by its environment."""

from typing import ClassVar

from edge import settings


class Settings(settings.Settings):
    service: ClassVar[str] = "portal"
