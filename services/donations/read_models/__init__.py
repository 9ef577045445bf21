"""The questions that donations answers from tables of its own."""

from typing import Any

from edge.accounts import accounts
from edge.programmes import programmes
from edge.who_may_where import roles_held, units
from eventing.read_model import ReadModel
from services.donations.read_models.campaigns import campaigns
from services.donations.read_models.contributions import contributions
from services.donations.read_models.fund_balances import fund_balances
from services.donations.read_models.funds import funds
from services.donations.read_models.payments import payments
from services.donations.read_models.pledges import pledges
from services.donations.read_models.published_results import published_results
from services.donations.read_models.receipts import receipts
from services.donations.read_models.sponsors import sponsors

READ_MODELS: list[ReadModel[Any, Any]] = [
    roles_held,
    accounts,
    units,
    programmes,
    sponsors,
    funds,
    fund_balances,
    campaigns,
    pledges,
    contributions,
    payments,
    receipts,
    published_results,
]
