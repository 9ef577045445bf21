"""The portal over HTTP. This file wires; nothing else does."""

from fastapi import FastAPI

from edge.door import House
from edge.web import serve, web
from services.portal.read_models import READ_MODELS
from services.portal.routes import ROUTES
from services.portal.settings import Settings
from services.portal.throttle import Throttle


def make_app(house: House) -> FastAPI:
    app = web(house, ROUTES, title="Vòng Tay")
    app.state.throttle = Throttle()
    return app


if __name__ == "__main__":
    serve(Settings(), make_app, READ_MODELS)
