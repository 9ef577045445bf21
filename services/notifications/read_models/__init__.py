"""All read models of notifications."""

from typing import Any

from edge.accounts import accounts
from edge.who_may_where import roles_held, units
from eventing.read_model import ReadModel
from services.notifications.read_models.checkpoint_subscriptions import checkpoint_subscriptions
from services.notifications.read_models.inboxes import inboxes
from services.notifications.read_models.messages import messages
from services.notifications.read_models.sponsors import sponsors
from services.notifications.read_models.subscriptions import subscriptions
from services.notifications.timers import TIMERS

READ_MODELS: list[ReadModel[Any, Any]] = [
    messages,
    subscriptions,
    checkpoint_subscriptions,
    sponsors,
    inboxes,
    roles_held,
    accounts,
    units,
    TIMERS.due_list,
]
