"""Fixtures of the readers' tests."""

from tests.eventing.readers import database, leadership, service

__all__ = ["database", "leadership", "service"]
