"""What people may ask of donations over HTTP."""

from edge.routes import Routes
from services.donations.routes import (
    campaigns,
    contributions,
    corrections,
    funds,
    payments,
    pledges,
    published_results,
    receipts,
    sponsors,
)

ROUTES: list[Routes] = [
    sponsors.routes,
    funds.routes,
    payments.routes,
    campaigns.routes,
    pledges.routes,
    contributions.routes,
    corrections.routes,
    receipts.routes,
    published_results.routes,
]
