"""What of a page is not for everybody: WCAG 2.2 A and AA, as far as a program can tell."""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def wrong_for_some(page, rules=None):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as the browser itself

    found = Axe().run(page, options=rules or RULES).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in found]


def is_cut(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
