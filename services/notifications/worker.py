"""What notifications does by itself: publish, keep read models, react, send. Wiring alone."""

from collections.abc import Sequence

from edge.connected import Connected
from edge.http_client import http_client
from edge.program_token import ProgramToken
from edge.serving import settings_of
from edge.supervision import Task
from edge.worker import Work, work
from eventing.leadership import Leadership
from eventing.reactions import principal_of
from services.notifications.checkpoint_digest import CheckpointDigest
from services.notifications.contacts import DonationsContacts
from services.notifications.mail import SmtpServer
from services.notifications.reactions import REACTIONS
from services.notifications.read_models import READ_MODELS
from services.notifications.sender import Sender
from services.notifications.sending import Sending
from services.notifications.settings import Settings
from services.notifications.timers import TIMERS


def sending(settings: Settings, opened: Connected, leadership: Leadership) -> Task:
    client = http_client()
    principal = principal_of(settings.service)
    house = opened.house
    sender = Sender(
        executor=house.executor,
        rows=house.rows,
        sealer=house.sealer,
        clock=house.clock,
        principal=principal,
        mail_from=settings.mail_from,
        ask_contact=DonationsContacts(
            client, settings.public_urls["donations"], ProgramToken(settings.program)
        ),
        send_mail=SmtpServer(settings.smtp_url),
    )
    return Task("sender", Sending(sender, house.rows, opened.pool, leadership).run)


def checkpoints(settings: Settings, opened: Connected, leadership: Leadership) -> Sequence[Task]:
    house = opened.house
    digest = CheckpointDigest(
        executor=house.executor,
        rows=house.rows,
        clock=house.clock,
        principal=principal_of(settings.service),
        newest=house.checkpoints,
    )
    return [
        Task("checkpoint digest", lambda: digest.run(leadership)),
    ]


def main() -> None:
    settings = settings_of(Settings)

    def parts(opened: Connected, leadership: Leadership) -> Sequence[Task]:
        return [
            sending(settings, opened, leadership),
            *checkpoints(settings, opened, leadership),
        ]

    work(
        settings,
        Work(
            read_models=READ_MODELS,
            reactions=REACTIONS,
            timers=TIMERS,
            has_outside_effects=True,
            parts=parts,
        ),
    )


if __name__ == "__main__":
    main()
