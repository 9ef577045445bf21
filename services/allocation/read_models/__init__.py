"""The questions that allocation answers from tables of its own."""

from typing import Any

from edge.accounts import accounts
from edge.programmes import programmes
from edge.who_may_where import roles_held, units
from eventing.read_model import ReadModel
from services.allocation.read_models.allocation_lines import allocation_lines
from services.allocation.read_models.allocations import allocations
from services.allocation.read_models.deliveries import deliveries
from services.allocation.read_models.direct_gifts import direct_gifts
from services.allocation.read_models.funds import funds
from services.allocation.read_models.lots import lots
from services.allocation.read_models.matching_runs import matching_runs
from services.allocation.read_models.open_needs import open_needs
from services.allocation.read_models.sponsors import sponsors
from services.allocation.read_models.substitutions import substitutions
from services.allocation.timers import TIMERS

READ_MODELS: list[ReadModel[Any, Any]] = [
    roles_held,
    accounts,
    units,
    programmes,
    funds,
    lots,
    open_needs,
    matching_runs,
    allocations,
    allocation_lines,
    deliveries,
    substitutions,
    direct_gifts,
    sponsors,
    TIMERS.due_list,
]
