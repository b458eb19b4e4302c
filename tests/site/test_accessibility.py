"""The site for everybody: axe-core's rules, contrast, narrow screens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import THOROUGH

if TYPE_CHECKING:
    from playwright.sync_api import Page

KINDS = """index.html moving-to-314.html libraries.html testing.html symptoms.html
    symptoms/pickling.html costs.html
    what-reaches-a-worker.html platforms.html helper.html glossary.html examples/index.html
    examples/break/index.html examples/check/ask_worker.html genindex.html 404.html try.html
    examples/cost/time_to_first_result.html search.html?q=cannot+pickle"""
"""One page of each kind."""

if not THOROUGH:  # these have nothing that others have not
    for seldom in ("genindex.html", "glossary.html", "platforms.html", "costs.html"):
        KINDS = KINDS.replace(seldom, "")

VIEWS = [("light", 375), ("dark", 1280)]
"""How it is looked at; thoroughly, in every way."""
if THOROUGH:
    VIEWS += [("light", 1280), ("dark", 375)]

WIDTHS = (1800, 1280, 768, 375, 320) if THOROUGH else (1800, 768, 320)
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {
        "target-size": {"enabled": True},  # of WCAG 2.2, and off unless it is asked for
        "color-contrast": {"enabled": False},  # contrast.js sees more, and sooner
    },
    "resultTypes": ["violations"],
}


def visit(page: Page, url: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(url)
    if "search.html" in url:
        page.locator("#search-results li").first.wait_for()


@pytest.mark.parametrize("kind", KINDS.split())
def test_page(page: Page, address: str, kind: str) -> None:
    """On every kind of page, axe-core finds nothing against WCAG 2.2 AA or best practice.

    Nor has any text too little contrast, that of style sheets and drawings too.
    No page scrolls sideways; what in it does is a stop of the keyboard, and has a name.
    """
    visit(page, f"{address}/{kind}")
    assert broken_rules(page) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert max(page.evaluate(WIDTH)) <= width
        scrolls = page.evaluate(SCROLLS)
        assert [element for element, reached in scrolls if not reached] == []
    if kind == "helper.html":
        assert scrolls, "its code is wider than the narrowest"


def broken_rules(page: Page) -> list[Any]:
    """What is wrong with a page, wide or narrow, light or dark."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[Any] = []
    for scheme, width in VIEWS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        texts = page.evaluate(CONTRAST)
        assert texts
        found += [text for text in texts if text["got"] < text["wanted"]]
        if scheme == "dark":
            continue  # the other rules know no colours
        response = Axe().run(page, options=RULES).response
        assert response["passes"]
        found += [
            f"{rule['id']}: {node['target']}"
            for rule in response["violations"]
            for node in rule["nodes"]
        ]
    return found


def test_contrast_is_measured(page: Page, address: str) -> None:
    """What has too little contrast is noticed: as text, from a style sheet and in a drawing."""
    visit(page, f"{address}/index.html")
    page.evaluate(
        """document.querySelector("article").innerHTML =
        `<style>.made::after { content: "made"; color: #888; }</style>
        <p style="color: #777">grey</p><p style="color: #767676">less</p><p class="made"></p>
        <div style="opacity: 0.5"><p>faint</p></div><input placeholder="field">
        <style>[placeholder=field]::placeholder { color: #aaa; }</style>
        <svg><text y="20" fill="#888">drawn</text></svg>`"""
    )
    poor = [text["text"] for text in page.evaluate(CONTRAST) if text["got"] < text["wanted"]]
    assert poor == ["grey", '::after "made"', "faint", "field", "drawn"]


# How wide a page is, as it is and with headings that go to the very end of a line. The theme cuts
# pages off, and has their text scroll.
WIDTH = """() => {
    const width = () => Math.max(...[document.documentElement, document.querySelector(".content")]
        .map((one) => one.scrollWidth));
    const before = width();
    document.querySelectorAll("h1, h2, h3").forEach((one) => { one.style.textAlign = "right"; });
    return [before, width()];
}"""

SCROLLS = """Array.from(document.querySelectorAll("article *")).filter((element) =>
    element.checkVisibility() && element.scrollWidth > element.clientWidth + 1 &&
    ["auto", "scroll"].includes(getComputedStyle(element).overflowX)
).map((element) => [element.outerHTML.slice(0, 120), element.tabIndex === 0 &&
    element.getAttribute("role") === "group" && Boolean(element.ariaLabel)])"""


def test_headings_take_no_empty_line(page: Page, address: str) -> None:
    """The link beside a heading, which is seen under the mouse only, makes it no higher."""
    for kind in ("choosing.html", "symptoms/pickling.html", "moving-to-314.html"):
        visit(page, f"{address}/{kind}")
        heights = "Array.from(document.querySelectorAll('h1, h2, h3'), (one) => one.offsetHeight)"
        before = page.evaluate(heights)
        page.evaluate("document.querySelectorAll('.headerlink').forEach((one) => one.remove())")
        assert page.evaluate(heights) == before
