"""The portal over HTTP. This file wires; nothing else does."""

from fastapi import FastAPI

from edge.door import House
from edge.guessing import Guesses
from edge.serving import settings_of
from edge.web import serve, web
from services.portal.desks import ROUTES as DESKS
from services.portal.neighbours import Neighbours
from services.portal.public.routes import ROUTES as PUBLIC
from services.portal.read_models import READ_MODELS
from services.portal.settings import Settings
from services.portal.style import routes as style


def make_app(house: House, neighbours: Neighbours | None = None) -> FastAPI:
    app = web(house, [*PUBLIC, *DESKS, style], title="Vòng Tay")
    app.state.guesses = Guesses()
    app.state.neighbours = neighbours or Neighbours({})
    return app


def main() -> None:
    settings = settings_of(Settings)
    neighbours = Neighbours(settings.public_urls, settings.witness_url, settings.logs_shown_at)
    serve(settings, lambda house: make_app(house, neighbours), READ_MODELS)


if __name__ == "__main__":
    main()
