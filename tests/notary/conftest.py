"""Fixtures of the notary's tests."""

from tests.eventing.readers import database
from tests.notary.notarized import log

__all__ = ["database", "log"]
