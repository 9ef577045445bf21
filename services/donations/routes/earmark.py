"""What a giver wants a gift for, as it is said."""

from uuid import UUID

from contracts.donations import Earmark
from edge.bodies import Strict


class EarmarkWanted(Strict):
    unit_id: UUID | None = None
    need_id: UUID | None = None

    def earmark(self) -> Earmark:
        return Earmark(unit_id=self.unit_id, need_id=self.need_id)
