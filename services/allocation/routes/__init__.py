"""What people may ask of allocation over HTTP."""

from edge.routes import Routes
from services.allocation.routes import (
    allocations,
    deliveries,
    direct_gifts,
    lots,
    matching_runs,
    open_needs,
    substitutions,
)

ROUTES: list[Routes] = [
    lots.routes,
    open_needs.routes,
    matching_runs.routes,
    allocations.routes,
    deliveries.routes,
    substitutions.routes,
    direct_gifts.routes,
]
