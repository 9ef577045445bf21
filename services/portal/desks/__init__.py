"""Where people work who are signed in: one folder for each desk."""

from edge.routes import Routes
from services.portal.desks.auditor.routes import routes as auditor

ROUTES: list[Routes] = [auditor]
