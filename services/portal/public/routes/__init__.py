"""What anyone may ask: pages, and the same as data under /api."""

from edge.routes import Routes
from services.portal.public.routes import (
    checking,
    communes,
    deliveries,
    events,
    figures,
    funds,
    gifts,
    receipts,
    reports,
)

ROUTES: list[Routes] = [
    reports.routes,
    communes.routes,
    gifts.routes,
    deliveries.routes,
    funds.routes,
    receipts.routes,
    events.routes,
    figures.routes,
    checking.routes,
]
