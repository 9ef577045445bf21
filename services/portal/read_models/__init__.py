"""All read models of the portal: open ones alone, from the topics of the other services."""

from typing import Any

from edge.accounts import accounts
from edge.programmes import programmes
from edge.who_may_where import roles_held, units
from eventing.read_model import ReadModel
from services.portal.read_models.deliveries import deliveries
from services.portal.read_models.events_seen import events_seen
from services.portal.read_models.exceptions import exceptions
from services.portal.read_models.funds import fund_entries, funds
from services.portal.read_models.gifts import gift_lines, gifts
from services.portal.read_models.lines import lines
from services.portal.read_models.lots import lots
from services.portal.read_models.named import campaigns, sponsors
from services.portal.read_models.needs import needs
from services.portal.read_models.pledges import pledges
from services.portal.read_models.published import published_results, receipts
from services.portal.read_models.support import support

READ_MODELS: list[ReadModel[Any, Any]] = [
    needs,
    pledges,
    gifts,
    gift_lines,
    lots,
    lines,
    deliveries,
    support,
    funds,
    fund_entries,
    programmes,
    campaigns,
    sponsors,
    receipts,
    published_results,
    events_seen,
    exceptions,
    roles_held,
    accounts,
    units,
]
