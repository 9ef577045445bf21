"""`make screens`: the pictures of the desks that the README shows, in docs/screens."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, World, an_organisation
from tests.services.portal.desks.conftest import COMMUNE, KEEPER

THERE = Path(__file__).parents[2] / "docs" / "screens"
FIGURE = f"/to-chuc/don-vi/{COMMUNE}/so-lieu"
PICTURES: tuple[tuple[str, str, str, int, Literal["light", "dark"]], ...] = (
    ("today-vi-360-light", "/viec-hom-nay", "vi", 360, "light"),
    ("roles-en-1280-light", "/to-chuc/vai-tro?on=1/10/2024", "en", 1280, "light"),
    ("refused-vi-360-dark", FIGURE, "vi", 360, "dark"),
)


def main() -> None:
    THERE.mkdir(exist_ok=True)
    world = World(an_organisation())
    stop = world.serve()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path, language, width, scheme in PICTURES:
            context = browser.new_context(
                viewport={"width": width, "height": 640},
                color_scheme=scheme,
                extra_http_headers={"Authorization": f"Bearer {KEEPER}"},
                locale=language,
            )
            page = context.new_page()
            page.goto(world.at + path)
            if path == FIGURE:
                page.fill("#o-as_of", "hôm qua")
                page.fill("#o-children", "1.23")
                page.click("form.asks button")
            page.screenshot(path=THERE / f"{name}.png")
            context.close()
        browser.close()
    stop()


if __name__ == "__main__":
    main()
