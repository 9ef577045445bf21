"""Where people work who are signed in: one folder for each desk."""

from services.portal.desks.allocation.forms import FORMS as OF_ALLOCATION
from services.portal.desks.allocation.lists import LISTS as LISTS_OF_ALLOCATION
from services.portal.desks.allocation.routes import DESK as ALLOCATION
from services.portal.desks.auditor.routes import DESK as AUDITOR
from services.portal.desks.desk import Desk
from services.portal.desks.donations.forms import FORMS as OF_DONATIONS
from services.portal.desks.donations.lists import LISTS as LISTS_OF_DONATIONS
from services.portal.desks.donations.routes import DESK as DONATIONS
from services.portal.desks.inbox.routes import DESK as INBOX
from services.portal.desks.keeper.forms import FORMS as OF_KEEPER
from services.portal.desks.keeper.lists import LISTS as LISTS_OF_KEEPER
from services.portal.desks.keeper.routes import DESK as KEEPER
from services.portal.desks.registry.forms import FORMS as OF_REGISTRY
from services.portal.desks.registry.lists import LISTS as LISTS_OF_REGISTRY
from services.portal.desks.registry.routes import DESK as REGISTRY
from services.portal.desks.sponsor.forms import FORMS as OF_SPONSOR
from services.portal.desks.sponsor.routes import DESK as SPONSOR
from services.portal.desks.today.routes import DESK as TODAY

DESKS: list[Desk] = [TODAY, REGISTRY, DONATIONS, ALLOCATION, SPONSOR, KEEPER, AUDITOR, INBOX]
FORMS = (*OF_REGISTRY, *OF_DONATIONS, *OF_ALLOCATION, *OF_SPONSOR, *OF_KEEPER)
LISTS = (*LISTS_OF_REGISTRY, *LISTS_OF_DONATIONS, *LISTS_OF_ALLOCATION, *LISTS_OF_KEEPER)
