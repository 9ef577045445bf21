"""What the portal does by itself: keep its read models, and publish. Wiring alone."""

from collections.abc import Sequence

from edge.checkpoints import newest
from edge.connected import Connected
from edge.serving import settings_of
from edge.supervision import Task
from edge.worker import Work, work
from eventing.leadership import Leadership
from services.portal.publications import PostgresPublications
from services.portal.publishing import Publishing
from services.portal.read_models import READ_MODELS
from services.portal.settings import Settings


def main() -> None:
    settings = settings_of(Settings)

    def parts(it: Connected, leadership: Leadership) -> Sequence[Task]:
        house = it.house
        publishing = Publishing(
            house.rows,
            PostgresPublications(house.rows, it.pool),
            house.clock,
            settings.publication_every,
            lambda: newest(house),
        )
        return [Task("publications", lambda: publishing.run(leadership))]

    work(settings, Work(read_models=READ_MODELS, parts=parts))


if __name__ == "__main__":
    main()
