from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from programmes import packs
from services.portal import lateness, map_tiles

PACKS = Path(__file__).parent / "packs"
CACHES = (packs.installed, lateness.lateness, map_tiles.arrangement)


@contextmanager
def two_packs() -> Iterator[None]:
    """The plan's pack and an invented one with other kinds are installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "ROOTS", [packs.FOLDER, PACKS])
        for cache in CACHES:
            cache.cache_clear()
        yield
    for cache in CACHES:
        cache.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def _two_packs():
    with two_packs():
        yield
