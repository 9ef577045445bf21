"""What the portal does by itself: keep its read models. Wiring alone."""

from edge.serving import settings_of
from edge.worker import Work, work
from services.portal.read_models import READ_MODELS
from services.portal.settings import Settings

if __name__ == "__main__":
    work(settings_of(Settings), Work(read_models=READ_MODELS))
