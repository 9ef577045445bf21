"""What people may ask of registry over HTTP."""

from edge.routes import Routes
from services.registry.routes import (
    accounts,
    children,
    children_seen,
    corrections,
    disclosures,
    duplicates,
    figures,
    groups,
    histories,
    households,
    lives,
    needs,
    needs_seen,
    persons,
    persons_seen,
    programmes,
    reports,
    units,
)

ROUTES: list[Routes] = [
    programmes.routes,
    units.routes,
    persons.routes,
    persons_seen.routes,
    accounts.routes,
    households.routes,
    children.routes,
    duplicates.routes,
    children_seen.routes,
    corrections.routes,
    lives.routes,
    histories.routes,
    groups.routes,
    disclosures.routes,
    needs.routes,
    needs_seen.routes,
    figures.routes,
    reports.routes,
]
