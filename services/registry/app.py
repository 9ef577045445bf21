"""Registry over HTTP. This file wires; nothing else does."""

from fastapi import FastAPI

from edge.door import House
from edge.serving import settings_of
from edge.web import serve, web
from services.registry.read_models import READ_MODELS
from services.registry.routes import ROUTES
from services.registry.settings import Settings


def make_app(house: House) -> FastAPI:
    return web(house, ROUTES, title="Registry")


if __name__ == "__main__":
    serve(settings_of(Settings), lambda it: make_app(it.house), READ_MODELS)
