"""The questions that registry answers, each from a table of its own."""

from typing import Any

from edge.accounts import accounts
from edge.who_may_where import roles_held, units
from eventing.read_model import ReadModel
from services.registry.read_models.account_requests import account_requests
from services.registry.read_models.children import children
from services.registry.read_models.children_by_name import children_by_name
from services.registry.read_models.disclosures import disclosures
from services.registry.read_models.grants import grants
from services.registry.read_models.groups import groups
from services.registry.read_models.household_standings import household_standings
from services.registry.read_models.households import households
from services.registry.read_models.needs import needs
from services.registry.read_models.persons_by_name import persons_by_name
from services.registry.read_models.reports import reports
from services.registry.read_models.unit_histories import unit_histories
from services.registry.timers import TIMERS

READ_MODELS: list[ReadModel[Any, Any]] = [
    roles_held,
    accounts,
    units,
    unit_histories,
    needs,
    children,
    households,
    groups,
    disclosures,
    reports,
    children_by_name,
    persons_by_name,
    grants,
    household_standings,
    account_requests,
    TIMERS.due_list,
]
