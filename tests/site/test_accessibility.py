"""The site for everybody: axe-core's rules, contrast, narrow screens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import Site

KINDS = (
    "index.html",
    "moving-to-314.html",
    "libraries.html",
    "testing.html",
    "symptoms.html",
    "what-reaches-a-worker.html",
    "costs.html",
    "platforms.html",
    "helper.html",
    "glossary.html",
    "examples/index.html",
    "examples/break/index.html",
    "examples/check/ask_worker.html",
    "examples/cost/time_to_first_result.html",
    "search.html?q=cannot+pickle",
    "genindex.html",
    "404.html",
)
"""One page of each kind."""

WIDE, NARROW = 1280, 375
SCHEMES = ("light", "dark")
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2, and off unless it is asked for
    "resultTypes": ["violations"],
}


def visit(page: Page, url: str, width: int = WIDE, scheme: str = "light") -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url)
    if "search.html" in url:
        page.locator("#search-results li").first.wait_for()


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe(page: Page, address: str, scheme: str, width: int) -> None:
    """On every kind of page, axe-core finds nothing against WCAG 2.2 AA or best practice."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[str] = []
    for kind in KINDS:
        visit(page, f"{address}/{kind}", width, scheme)
        response = Axe().run(page, options=RULES).response
        assert response["passes"]
        found += [
            f"{kind}: {rule['id']}: {node['target']}"
            for rule in response["violations"]
            for node in rule["nodes"]
        ]
    assert found == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_contrast(page: Page, address: str, scheme: str) -> None:
    """Every text has the contrast of WCAG 2.2 AA, that of style sheets and drawings too."""
    texts: list[dict[str, Any]] = []
    for kind in KINDS:
        visit(page, f"{address}/{kind}", scheme=scheme)
        on_page = page.evaluate(CONTRAST)
        assert on_page, kind
        texts += on_page
    # A field's own words and the numbers of a chart are among them.
    assert {"Search", "0"} <= {text["text"] for text in texts}
    assert [text for text in texts if text["got"] < text["wanted"]] == []


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
WIDTHS = """() => {
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


@pytest.mark.parametrize("width", [1800, WIDE, 768, NARROW, 320])
def test_width(page: Page, address: str, width: int) -> None:
    """No page scrolls sideways; what in it does is a stop of the keyboard, and has a name."""
    scrolls = []
    for kind in KINDS:
        visit(page, f"{address}/{kind}", width)
        page.wait_for_load_state("load")
        got = page.evaluate(WIDTHS)
        assert max(got) <= width, f"{kind} is {got} wide"
        scrolls += page.evaluate(SCROLLS)
    assert scrolls
    assert [element for element, reached in scrolls if not reached] == []


def test_headings_take_no_empty_line(page: Page, address: str) -> None:
    """The link beside a heading, which is seen under the mouse only, makes it no higher."""
    for kind in ("choosing.html", "symptoms.html", "moving-to-314.html"):
        visit(page, f"{address}/{kind}")
        heights = "Array.from(document.querySelectorAll('h1, h2, h3'), (one) => one.offsetHeight)"
        before = page.evaluate(heights)
        page.evaluate("document.querySelectorAll('.headerlink').forEach((one) => one.remove())")
        assert page.evaluate(heights) == before


def test_pages_are_mended(site: Site) -> None:
    """Every page has what the theme and the gallery leave out; their HTML is as it was."""
    for path in site.pages():
        page = site.page(path)
        drawers = page.select("aside.sidebar-drawer, aside.toc-drawer")
        assert [drawer.get("aria-label") for drawer in drawers] == ["Site", "On this page"], path
        assert [drawer.select_one("input")["id"] for drawer in drawers] == [  # type: ignore[index]
            "__navigation",
            "__toc",
        ]
        assert len(page.select(".sidebar-toggle")) == 2
        assert page.select_one("aside.toc-drawer + .content"), path
        assert not page.select("[tooltip]")
        for code in page.select(".highlight > pre"):
            if not code.find_parent(class_="output"):
                assert code["tabindex"] == "0"
                assert str(code["aria-label"]).startswith("Code: ")
                assert "¶" not in code["aria-label"]


def test_cards_hold_their_text(site: Site) -> None:
    """What a card says can be found and copied: it is in the page, and not in a style sheet."""
    for path in (site.html / "examples").glob("*/index.html"):
        for card in site.page(path).select(".sphx-glr-thumbcontainer"):
            text = card.select_one(".sphx-glr-thumbnail-text")
            assert text is not None
            assert len(text.get_text()) > 20
