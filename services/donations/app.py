"""Donations over HTTP. This file wires; nothing else does."""

from fastapi import FastAPI

from edge.door import House
from edge.guessing import Guesses
from edge.serving import settings_of
from edge.web import serve, web
from services.donations.read_models import READ_MODELS
from services.donations.routes import ROUTES
from services.donations.settings import Settings


def make_app(house: House) -> FastAPI:
    app = web(house, ROUTES, title="Donations")
    app.state.guesses = Guesses()
    return app


if __name__ == "__main__":
    serve(settings_of(Settings), lambda it: make_app(it.house), READ_MODELS)
