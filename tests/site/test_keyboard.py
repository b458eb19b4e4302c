"""The site by keyboard alone: every place that it leads to is seen, and does what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import THOROUGH

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import Readers

WIDE, NARROW = 1280, 375


def visit(page: Page, url: str, width: int = WIDE) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url)
    if "search.html" in url:
        page.locator("#search-results li").first.wait_for()
        page.wait_for_load_state("networkidle")  # the words of each result come by and by


# What has the focus, and where it is to be seen: a card for its link, a tab for its field.
FOCUS = """() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const stops = window.poolContextStops = window.poolContextStops || new Set();
    const again = stops.has(element);
    stops.add(element);
    const place = element.closest(".sd-card, .sphx-glr-thumbcontainer") ||
        (element.matches(".sd-tab-set > input") ? element.nextElementSibling : element);
    const style = getComputedStyle(place);
    const framed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
    const [box] = place.getClientRects(); // of its first line
    place.style.pointerEvents = "auto"; // or it would not count as being on top
    const on = (x, y) => place.contains(
        document.elementFromPoint(box.left + x * box.width, box.top + y * box.height));
    const parts = [0.1, 0.5, 0.9];
    const seen = parts.some((x) => parts.some((y) => on(x, y))) &&
        place.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    place.style.pointerEvents = "";
    return { name: element.outerHTML.slice(0, 120), again, framed, seen };
}"""


def walk(page: Page) -> list[dict[str, Any]]:
    """Every place that the Tab key leads to, until it leaves the page."""
    stops: list[dict[str, Any]] = []
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or stop["again"]:
            return stops
        stops.append(stop)
    raise AssertionError("the Tab key does not come to an end")


WALKS = [
    ("index.html", WIDE),
    ("what-reaches-a-worker.html", NARROW),
    ("helper.html", WIDE),
    ("examples/break/index.html", NARROW),
    ("examples/check/ask_worker.html", WIDE),
    ("search.html?q=cannot+pickle", NARROW),
]
"""Pages, each as wide as one reader's window; thoroughly, as another one's too."""
if THOROUGH:
    WALKS += [(kind, WIDE + NARROW - width) for kind, width in WALKS]


@pytest.mark.parametrize(("kind", "width"), WALKS)
def test_focus_is_seen(page: Page, address: str, kind: str, width: int) -> None:
    """Wherever the Tab key leads, there is something to see, and a frame around it."""
    visit(page, f"{address}/{kind}", width)
    stops = walk(page)
    assert len(stops) > 10
    assert 'class="skip-to-content' in stops[0]["name"]
    assert [stop for stop in stops if not (stop["framed"] and stop["seen"])] == []


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.outerHTML"))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the first of what a selector finds has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the Tab key does not lead to {selector}")


def test_skip_link(page: Page, address: str) -> None:
    """The first stop leads past the navigation, into the text."""
    visit(page, f"{address}/index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null"), focused(page)


def test_search(page: Page, address: str) -> None:
    """A search needs no mouse, from its field to the page that it finds."""
    visit(page, f"{address}/index.html")
    tab_to(page, ".sidebar-search")
    page.keyboard.type("cannot pickle")
    page.keyboard.press("Enter")
    page.locator("#search-results li").first.wait_for()
    tab_to(page, "#search-results a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/symptoms/*.html#*")


def test_platform(page: Page, address: str) -> None:
    """A platform is chosen without a mouse."""
    visit(page, f"{address}/index.html")
    tab_to(page, "#my-platform-choice")
    page.keyboard.press("ArrowDown")
    assert "platform=" in page.url


def test_tabs(page: Page, address: str) -> None:
    """The arrow keys go from outcome to outcome, and back to the first after the last."""
    visit(page, f"{address}/index.html")
    tab_to(page, ".sd-tab-set > input")
    assert page.locator("[role=group][aria-label=Outcomes]").count() == 1
    tabs = page.locator(".sd-tab-set > input")
    for number in [*range(1, tabs.count()), 0]:
        page.keyboard.press("ArrowRight")
        assert tabs.nth(number).is_checked()
        panels = page.locator(".sd-tab-content")
        assert [panel.is_visible() for panel in panels.all()].index(True) == number


def test_expander(page: Page, address: str) -> None:
    """A part of the sidebar is folded, and unfolded, without a mouse."""
    visit(page, f"{address}/examples/index.html")
    topics = page.locator(".toctree-l2 > a").first
    assert topics.is_visible()
    tab_to(page, ".toctree-checkbox")
    page.keyboard.press("Space")
    assert not topics.is_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.locator(".toctree-l2 > a:focus").count() == 1


@pytest.mark.parametrize(
    ("kind", "card"),
    [
        ("index.html", ".sd-card a"),
        ("examples/break/index.html", ".sphx-glr-thumbcontainer a"),
    ],
)
def test_cards(page: Page, address: str, kind: str, card: str) -> None:
    """A card is reached and opened by keyboard."""
    visit(page, f"{address}/{kind}")
    tab_to(page, card)
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("toggle", "inside"), [("#__navigation", ".sidebar-brand"), ("#__toc", ".toc-tree a")]
)
def test_drawers(readers: Readers, address: str, toggle: str, inside: str, scripts: bool) -> None:
    """On a phone, a drawer opens by keyboard and is next; closed, it is out of the way."""
    page = readers.new(java_script_enabled=scripts)
    visit(page, f"{address}/index.html", NARROW)
    place = page.locator(inside).locator("visible=true")
    assert place.count() == 0
    page.locator(toggle).focus()
    page.keyboard.press("Space")
    place.first.wait_for()
    page.keyboard.press("Tab")
    assert page.locator(f"{inside}:focus").count() == 1
    if scripts:
        page.keyboard.press("Escape")
    else:
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Space")
    assert page.locator(f"{toggle}:focus").count() == 1
    page.locator(inside).locator("visible=true").first.wait_for(state="detached")


def test_drawer_makes_way(page: Page, address: str) -> None:
    """An open drawer closes when a link in it is followed, and when the focus goes elsewhere."""
    visit(page, f"{address}/index.html", NARROW)
    toggle = page.locator("#__toc")
    for leave in (
        page.locator(".toc-tree li li a").first.click,
        lambda: page.keyboard.press("Shift+Tab"),
    ):
        toggle.focus()
        page.keyboard.press("Space")
        assert toggle.is_checked()
        leave()
        assert not toggle.is_checked()
