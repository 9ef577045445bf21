"""What allocation does by itself: publish its log, keep its read models, react. Wiring alone."""

from edge.serving import settings_of
from edge.worker import Work, work
from services.allocation.reactions import REACTIONS
from services.allocation.read_models import READ_MODELS
from services.allocation.settings import Settings
from services.allocation.timers import TIMERS

if __name__ == "__main__":
    work(settings_of(Settings), Work(read_models=READ_MODELS, reactions=REACTIONS, timers=TIMERS))
