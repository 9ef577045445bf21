"""What notifications is told by its environment."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.languages import Words
from edge import settings
from edge.fault import Fault
from edge.mail_address import mail_address
from edge.program_token import NoToken, ProgramAtProvider, ProgramToken
from edge.readiness import Process

_AWAY = Words(
    vi="sửa lại biến này, hoặc khởi động nhà cung cấp",
    en="correct this variable, or start the provider",
)
_REGISTER = Words(
    vi="đăng ký chương trình này ở nhà cung cấp với đúng mã và khóa bí mật đó (docs/operate.md)",
    en="register this client at the provider with this very id and secret (docs/operate.md)",
)


def _is_mail_address(text: str) -> str:
    mail_address(text)
    return text


class Settings(settings.Settings):
    """`public_urls` must name `donations`, where a contact is asked for."""

    service: ClassVar[str] = "notifications"

    smtp_url: str = "smtp://127.0.0.1:25"
    """The mail server that letters are given to."""
    mail_from: Annotated[str, AfterValidator(_is_mail_address)] = "khong-tra-loi@vongtay.example"
    """The sender's address on letters."""
    program_client: str = "vongtay-notifications"
    """This program's client id at the provider, which gives it tokens (client credentials)."""
    program_secret: Annotated[str | None, Field(repr=False)] = None
    """That client's secret. Production needs one."""

    @property
    def other_servers(self) -> Mapping[str, str]:
        return {"VONGTAY_SMTP_URL": self.smtp_url}

    @property
    def program(self) -> ProgramAtProvider:
        assert self.asks_provider_at is not None, "settings ask for it"
        return ProgramAtProvider(
            self.issuer, self.asks_provider_at, self.program_client, self.program_secret
        )

    async def faults_beside(self, process: Process) -> Sequence[Fault]:
        """Whether the provider gives this program a token, as its worker will ask for one."""
        if process == "web":
            return []
        try:
            await ProgramToken(self.program)()
        except NoToken as error:
            where = "VONGTAY_PROVIDER_URL" if error.away else "VONGTAY_PROGRAM_SECRET"
            says = Words(
                vi=f"nhà cung cấp không cấp thẻ cho {self.program_client}: {error.why}",
                en=f"the provider gives {self.program_client} no token: {error.why}",
            )
            return [Fault(where, says, _AWAY if error.away else _REGISTER)]
        return []

    @model_validator(mode="after")
    def _names_what_it_asks(self) -> Self:
        if "donations" not in self.public_urls:
            raise ValueError("VONGTAY_PUBLIC_URLS must name donations")
        if self.asks_provider_at is None:
            raise ValueError("who gives tokens to this program? Set VONGTAY_PROVIDER_URL")
        if self.mode == "production":
            if self.program_secret is None:
                raise ValueError("production asks for tokens: set VONGTAY_PROGRAM_SECRET")
            if not self.asks_provider_at.startswith("https://"):
                raise ValueError("production asks its provider by https: set VONGTAY_PROVIDER_URL")
        return self
