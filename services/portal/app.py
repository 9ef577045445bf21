"""The portal over HTTP. This file wires; nothing else does."""

from fastapi import FastAPI

from edge.connected import Connected
from edge.door import House
from edge.guessing import Guesses
from edge.serving import settings_of
from edge.web import serve, web
from services.portal.desks import DESKS, FORMS, LISTS
from services.portal.desks.design.routes import routes as design
from services.portal.desks.form_pages import answer_forms_of_another_session
from services.portal.desks.services import Services
from services.portal.desks.trouble import answer_trouble
from services.portal.desks.unfinished import (
    MemoryUnfinishedForms,
    PostgresUnfinishedForms,
    UnfinishedForms,
)
from services.portal.desks.what_roles_may import what_roles_may
from services.portal.error_pages import ErrorPages
from services.portal.neighbours import Neighbours
from services.portal.public.routes import ROUTES as PUBLIC
from services.portal.publications import PostgresPublications, Publications
from services.portal.read_models import READ_MODELS
from services.portal.settings import Settings
from services.portal.sign_in.routes import answer_browsers
from services.portal.sign_in.routes import routes as sign_in
from services.portal.sign_in.session_store import PostgresSessionStore
from services.portal.sign_in.signing_in import SigningIn, signing_in
from services.portal.style import routes as style

ROUTES = [*PUBLIC, *(desk.routes for desk in DESKS), design, sign_in, style]


def make_app(
    house: House,
    neighbours: Neighbours | None = None,
    signing_in: SigningIn | None = None,
    publications: Publications | None = None,
    *,
    services: Services | None = None,
    unfinished: UnfinishedForms | None = None,
    shows_design: bool = True,
) -> FastAPI:
    if signing_in is not None:
        house.who_asks = signing_in.who_asks
    app = web(house, ROUTES, title="Vòng Tay")
    app.state.guesses = Guesses()
    app.state.neighbours = neighbours or Neighbours({})
    app.state.signing_in = signing_in
    app.state.publications = publications or PostgresPublications(house.rows)
    app.state.services = services or Services({})
    app.state.unfinished = unfinished or MemoryUnfinishedForms()
    app.state.shows_design = shows_design
    app.state.desks = DESKS
    app.state.forms = {form.path: form for form in FORMS}
    app.state.roles_may = what_roles_may(DESKS, LISTS, FORMS)
    app.state.form_titles = {form.name: form.title for form in FORMS}
    answer_browsers(app)
    answer_trouble(app)
    answer_forms_of_another_session(app)
    app.add_middleware(ErrorPages)
    return app


def main() -> None:
    settings = settings_of(Settings)
    neighbours = Neighbours(settings.public_urls, settings.witness_url, settings.logs_shown_at)

    def app(it: Connected) -> FastAPI:
        return make_app(
            it.house,
            neighbours,
            _signing_in(settings, it),
            services=Services(settings.public_urls),
            unfinished=PostgresUnfinishedForms(it.pool),
            shows_design=settings.mode == "development",
        )

    serve(settings, app, READ_MODELS)


def _signing_in(settings: Settings, it: Connected) -> SigningIn | None:
    if settings.provider is None:
        return None
    return signing_in(
        settings.provider,
        PostgresSessionStore(it.pool),
        settings.key_encryption_key,
        settings.session_limits,
        it.who_asks,
    )


if __name__ == "__main__":
    main()
