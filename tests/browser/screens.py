"""`make screens`: the pictures of the desks that the README shows, in docs/screens.

`test_screens.py` takes them again and compares. Together they are in both languages, on a small and
a large screen, in light and dark.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Error, sync_playwright

from tests.browser.conftest import CHROMIUM, World, an_organisation
from tests.services.portal.desks.conftest import COMMUNE, KEEPER

THERE = Path(__file__).parents[2] / "docs" / "screens"
TODAY, ROLES = "/viec-hom-nay", "/to-chuc/vai-tro?on=1/10/2024"
TRIES = 3
FIGURE = f"/to-chuc/don-vi/{COMMUNE}/so-lieu"


@dataclass(frozen=True, slots=True)
class Picture:
    """Of `FIGURE`: as it comes back when it was filled in wrongly."""

    of: str
    path: str
    language: str
    width: int
    scheme: Literal["light", "dark"]

    @property
    def name(self) -> str:
        return f"{self.of}-{self.language}-{self.width}-{self.scheme}"

    @property
    def file(self) -> Path:
        return THERE / f"{self.name}.png"


PICTURES = (
    Picture("today", TODAY, "vi", 360, "light"),
    Picture("today", TODAY, "en", 1280, "dark"),
    Picture("roles", ROLES, "en", 1280, "light"),
    Picture("roles", ROLES, "vi", 360, "dark"),
    Picture("refused", FIGURE, "vi", 360, "dark"),
    Picture("refused", FIGURE, "en", 1280, "light"),
)


def taken(world: World, browser: Any, picture: Picture, style: str = "") -> bytes:
    context = browser.new_context(
        viewport={"width": picture.width, "height": 640},
        color_scheme=picture.scheme,
        extra_http_headers={"Authorization": f"Bearer {KEEPER}"},
        locale=picture.language,
        bypass_csp=bool(style),
    )
    try:
        page = context.new_page()
        page.goto(world.at + picture.path)
        if picture.path == FIGURE:
            page.fill("#o-as_of", "hôm qua")
            page.fill("#o-children", "1.23")
            page.click("form.asks button")
        if style:
            page.add_style_tag(content=style)
        return _screenshot(page)
    finally:
        context.close()


def _screenshot(page: Any) -> bytes:
    """Chromium sometimes cannot at once, on a machine that is busy."""
    for left in reversed(range(TRIES)):
        try:
            png: bytes = page.screenshot()
        except Error:
            if not left:
                raise
        else:
            return png
    raise AssertionError("unreachable")


def main() -> None:
    THERE.mkdir(exist_ok=True)
    world = World(an_organisation())
    stop = world.serve()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in PICTURES:
            picture.file.write_bytes(taken(world, browser, picture))
        browser.close()
    stop()


if __name__ == "__main__":
    main()
