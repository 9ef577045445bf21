"""The portal over HTTP. This file wires; nothing else does."""

from fastapi import FastAPI

from edge.connected import Connected
from edge.door import House
from edge.guessing import Guesses
from edge.serving import settings_of
from edge.web import serve, web
from services.portal.desks import ROUTES as DESKS
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


def make_app(
    house: House,
    neighbours: Neighbours | None = None,
    signing_in: SigningIn | None = None,
    publications: Publications | None = None,
) -> FastAPI:
    if signing_in is not None:
        house.who_asks = signing_in.who_asks
    app = web(house, [*PUBLIC, *DESKS, sign_in, style], title="Vòng Tay")
    app.state.guesses = Guesses()
    app.state.neighbours = neighbours or Neighbours({})
    app.state.signing_in = signing_in
    app.state.publications = publications or PostgresPublications(house.rows)
    answer_browsers(app)
    app.add_middleware(ErrorPages)
    return app


def main() -> None:
    settings = settings_of(Settings)
    neighbours = Neighbours(settings.public_urls, settings.witness_url, settings.logs_shown_at)

    def app(it: Connected) -> FastAPI:
        return make_app(it.house, neighbours, _signing_in(settings, it))

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
