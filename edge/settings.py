"""What a process is told by its environment: read once, checked at once, alike in every service.

Variables carry the prefix `VONGTAY_`. Keys come as files, and any other secret may: each file of
the folder that VONGTAY_SECRETS names is a variable, as `vongtay_database_url`. What is for
development alone refuses production.
"""

import os
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_ISSUER = "vongtay-development"
SECRET_BYTES_MIN = 32

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(BaseSettings):
    """Services subclass it, name themselves, and add what only they need."""

    # An error that showed its input would put passwords into the log.
    model_config = SettingsConfigDict(env_prefix="VONGTAY_", frozen=True, hide_input_in_errors=True)

    service: ClassVar[str]

    mode: Literal["development", "production"]
    database_url: Annotated[str, Field(repr=False)]
    keys_database_url: Annotated[str, Field(repr=False)]
    kafka: str
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    issuer: str = DEVELOPMENT_ISSUER
    audience: str = "vongtay"
    issuer_jwks: Path
    clock_file: Path | None = None
    mac_key_file: Path
    key_encryption_key_file: Path
    public_urls: dict[str, str] = Field(default_factory=dict)
    log_level: Annotated[Level, BeforeValidator(str.upper)] = "INFO"
    topic_replication: Annotated[int, Field(ge=1, le=9)] = 1

    def __init__(self, **given: Any) -> None:
        super().__init__(_secrets_dir=os.environ.get("VONGTAY_SECRETS"), **given)

    @model_validator(mode="after")
    def _production_is_no_playground(self) -> Self:
        if self.mode == "production":
            if self.clock_file is not None:
                raise ValueError("production keeps real time: unset VONGTAY_CLOCK_FILE")
            if self.issuer == DEVELOPMENT_ISSUER:
                raise ValueError("production needs a real issuer: set VONGTAY_ISSUER")
        return self

    @property
    def mac_key(self) -> bytes:
        """Raises ValueError when the file holds less than 32 bytes."""
        return secret(self.mac_key_file)

    @property
    def key_encryption_key(self) -> bytes:
        """Raises ValueError as `mac_key`."""
        return secret(self.key_encryption_key_file)


def secret(path: Path) -> bytes:
    """The bytes of a secret file. Raises ValueError when there are fewer than 32."""
    found = path.read_bytes()
    if len(found) < SECRET_BYTES_MIN:
        raise ValueError(f"{path.name} holds fewer than {SECRET_BYTES_MIN} bytes")
    return found
