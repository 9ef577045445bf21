"""What people may ask of notifications over HTTP."""

from edge.routes import Routes
from services.notifications.routes import checkpoints, messages, own_inbox, subscriptions

ROUTES: list[Routes] = [
    subscriptions.routes,
    messages.routes,
    checkpoints.routes,
    own_inbox.routes,
]
