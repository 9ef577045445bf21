"""At which positions a page stands."""

from typing import Any

from eventing.read_model import ReadModel
from eventing.rows import Rows


async def positions_shown(rows: Rows, *models: ReadModel[Any, Any]) -> dict[str, int]:
    """How far those that a page shows have come together: of each service the least."""
    positions: dict[str, int] = {}
    for model in models:
        for service, at in (await rows.positions(model)).items():
            positions[service] = min(at, positions.get(service, at))
    return dict(sorted(positions.items()))
