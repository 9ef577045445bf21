"""Every service, by its name, as tests make it."""

from services.allocation.app import make_app as allocation
from services.donations.app import make_app as donations
from services.notifications.app import make_app as notifications
from services.portal.app import make_app as portal
from services.registry.app import make_app as registry

SERVICES = {
    "allocation": allocation,
    "donations": donations,
    "notifications": notifications,
    "portal": portal,
    "registry": registry,
}
