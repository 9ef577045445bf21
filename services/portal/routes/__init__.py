"""What anyone may ask of the portal: pages, and the same as data under /api."""

from edge.routes import Routes
from services.portal.routes import (
    checking,
    communes,
    deliveries,
    desk,
    events,
    funds,
    gifts,
    receipts,
    reports,
    style,
)

ROUTES: list[Routes] = [
    reports.routes,
    communes.routes,
    gifts.routes,
    deliveries.routes,
    funds.routes,
    receipts.routes,
    events.routes,
    checking.routes,
    desk.routes,
    style.routes,
]
