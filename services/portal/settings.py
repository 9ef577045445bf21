"""What the portal is told by its environment."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from edge import settings
from services.portal.sign_in.provider import ProviderSettings
from services.portal.sign_in.sessions import Limits

DAY_H = 24


class Settings(settings.Settings):
    """`public_urls` name the services whose keys, digests and parked streams it asks for."""

    service: ClassVar[str] = "portal"

    witness_url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """Where a witness shows what it found (`vongtay audit witness`); unset: none is known."""
    log_urls: dict[str, str] = Field(default_factory=dict)
    """Where anybody reaches the services' `/log/`, as JSON: the page on checking shows it."""

    portal_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+$")] = "http://127.0.0.1:8100"
    """Where browsers reach the portal, as `https://vongtay.example.vn`. Production needs https."""
    sign_in_client: str = "vongtay-portal"
    """The portal's client id at the provider. It may send browsers back to `/dang-nhap/xong`."""
    sign_in_secret: Annotated[str | None, Field(repr=False)] = None
    """That client's secret. Production needs one."""
    session_idle_min: Annotated[int, Field(ge=1, le=24 * 60)] = 60
    """After so many minutes without use somebody signs in again."""
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    """After so many hours somebody signs in again, whatever they do."""

    @model_validator(mode="after")
    def _signs_people_in_safely(self) -> Self:
        if self.mode == "production":
            if not self.portal_url.startswith("https://"):
                raise ValueError("production is reached by https: set VONGTAY_PORTAL_URL")
            if self.sign_in_secret is None:
                raise ValueError("production signs people in: set VONGTAY_SIGN_IN_SECRET")
            if not (self.asks_provider_at or "").startswith("https://"):
                raise ValueError("production asks its provider by https: set VONGTAY_PROVIDER_URL")
        return self

    @property
    def provider(self) -> ProviderSettings | None:
        """None where nobody can sign in: in development, without a provider."""
        if (url := self.asks_provider_at) is None:
            return None
        return ProviderSettings(
            issuer=self.issuer,
            url=url,
            client=self.sign_in_client,
            secret=self.sign_in_secret,
            signed_in_at=f"{self.portal_url}/dang-nhap/xong",
            signed_out_at=f"{self.portal_url}/",
        )

    @property
    def other_servers(self) -> Mapping[str, str]:
        asked = "VONGTAY_PROVIDER_URL" if self.provider_url else "VONGTAY_ISSUER"
        return {} if self.provider is None else {asked: self.provider.url}

    @property
    def session_limits(self) -> Limits:
        return Limits(
            idle=timedelta(minutes=self.session_idle_min),
            absolute=timedelta(hours=self.session_hours),
        )

    publication_every_h: Annotated[int, Field(ge=1, le=24 * 31)] = 7 * 24
    """Hours from one publication of a programme to the next; 24 at least in production."""

    @property
    def publication_every(self) -> timedelta:
        return timedelta(hours=self.publication_every_h)

    @model_validator(mode="after")
    def _not_too_often(self) -> Self:
        # Who looks every hour sees when each child came; who looks every week does not.
        if self.mode == "production" and self.publication_every_h < DAY_H:
            raise ValueError("VONGTAY_PUBLICATION_EVERY_H is 24 at least in production")
        return self

    @property
    def logs_shown_at(self) -> Mapping[str, str]:
        """In development everything is on one machine, so the services' own addresses do."""
        if self.log_urls or self.mode == "production":
            return self.log_urls
        return self.public_urls
