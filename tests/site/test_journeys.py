"""What readers come for, from the first click to the last, on screens and on paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest

from poolcontext.capture.platform import Platform
from poolcontext.sphinxext.platform_labels import css_class

from .conftest import CAPTURES, ROOT, Readers

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .conftest import Site

CHECK = "examples/check/check_pool_context"
SEVERAL = "examples/set/order_of_preference"
WITH_PROMPTS = ("moving-to-314", "helper", "testing")
PHONE = {"width": 375, "height": 667}
CONTROLS = ".my-platform, .platform-filter, .platform-comparison"
"""What is of no use on paper, nor without scripts."""


def open_outcome(page: Page) -> Locator:
    """The outcome that is seen of a page's first ones."""
    return page.locator("article .outcomes").first.locator(".outcome:visible")


def shows(page: Page, platform: Platform) -> bool:
    return css_class(platform) in str(open_outcome(page).get_attribute("class")).split()


def choose(page: Page, start: str, site: Site) -> Platform:
    """Choose a platform whose outcomes are not open at first, and go to another page."""
    first = [site.page(f"{name}.html").select("div.outcome")[0] for name in (CHECK, "index")]
    platforms = [captures.platform for captures in CAPTURES]
    mine = next(
        one for one in platforms if not any(css_class(one) in box["class"] for box in first)
    )
    page.goto(f"{start}/{CHECK}.html")
    assert not shows(page, mine)
    page.get_by_label("My platform").select_option(label=mine.title)
    assert shows(page, mine)
    page.locator("a.sidebar-brand").click()
    page.wait_for_url("**/index.html*")
    assert shows(page, mine)
    return mine


def filter_matrix(page: Page, site: Site, words: str) -> None:
    """Type words into the filter: only rows that hold all are left, and their number is said."""
    page.get_by_label("Filter").fill(words)
    rows = site.page("platforms.html").select(".platform-matrix tbody tr")
    kept = [all(word in row.get_text().lower() for word in words.lower().split()) for row in rows]
    assert [row.is_visible() for row in page.locator(".platform-matrix tbody tr").all()] == kept
    status = page.locator(".platform-filter").get_by_role("status")
    assert status.inner_text() == f"{sum(kept)} of {len(kept)} lines"


def open_every_tab(page: Page, start: str, site: Site) -> None:
    """Click on each tab of a page: just its own outcome is seen."""
    page.goto(f"{start}/{SEVERAL}.html")
    outcomes = site.page(f"{SEVERAL}.html").select(".outcomes")[0].select(".outcome")
    labels = page.locator("article .outcomes").first.locator("label").all()
    assert len(labels) == len(outcomes) > 1
    for label, outcome in zip(labels, outcomes):
        label.click()
        assert open_outcome(page).text_content() == outcome.get_text()


def to_be_pasted(text: str) -> str:
    """What was typed, if the text is of a session; else all of it."""
    typed = re.findall(r"^(?:>>> |\.\.\. |\$ )(.*)", text, flags=re.MULTILINE)
    return "\n".join(typed) if typed else text.removesuffix("\n")


def colours(page: Page) -> tuple[str, str]:
    """Whether the page is light or dark where the system is light, and where it is dark."""

    def seen(system: Literal["light", "dark"]) -> str:
        page.emulate_media(color_scheme=system)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        red, green, blue, *_ = map(int, re.findall(r"\d+", colour))
        return "light" if red + green + blue > 3 * 127 else "dark"

    return seen("light"), seen("dark")


def test_which_method(page: Page, address: str) -> None:
    """From the first page it is one click to how a pool is asked for its method, and the answer."""
    page.goto(f"{address}/index.html")
    page.locator(".sd-card", has_text="Which one does this pool use?").click()
    page.wait_for_url(f"**/{CHECK}.html*")
    page.get_by_role("heading", name="Check the context of a pool").wait_for()
    assert re.search("fork|spawn", open_outcome(page).locator("pre").inner_text())


def test_my_platform(readers: Readers, address: str, site: Site) -> None:
    """A choice holds on other pages and after a reload, and whoever gets the address has it too."""
    reader, other = readers.new(), readers.new()
    mine = choose(reader, address, site)
    reader.reload()
    assert shows(reader, mine)
    other.goto(reader.url)
    assert shows(other, mine)
    assert other.get_by_label("My platform").input_value() == mine.id


def test_filter(page: Page, address: str, site: Site) -> None:
    """The matrix is filtered by words; where nothing has them, it says so; and all comes back."""
    page.goto(f"{address}/platforms.html")
    for words in ("3.14", "PyPy linux", "qwertzuiop", ""):
        filter_matrix(page, site, words)


def test_light_and_dark(page: Page, address: str) -> None:
    """At first colours are the system's; a button leads to light, dark and back, and is kept."""
    page.goto(f"{address}/{CHECK}.html")
    modes = [colours(page)]
    for _ in range(3):
        page.locator(".theme-toggle:visible").click()
        modes.append(colours(page))
        page.reload()
        assert colours(page) == modes[-1]
    assert modes[0] == modes[3] == ("light", "dark")
    assert sorted(modes[1:3]) == [("dark", "dark"), ("light", "light")]


def test_paper(readers: Readers, address: str) -> None:
    """On paper all outcomes of a page are there, but no link to skip with, and no control."""
    reader = readers.new(viewport={"width": 1047, "height": 718})  # where the sidebar is
    reader.goto(f"{address}/{SEVERAL}.html")
    outcomes = reader.locator(".outcome").all()
    assert not all(outcome.is_visible() for outcome in outcomes)
    reader.emulate_media(media="print")
    assert all(outcome.is_visible() for outcome in outcomes)
    assert not reader.get_by_role("link", name="Skip to content").is_visible()
    assert reader.pdf().startswith(b"%PDF")
    for name in ("costs", "what-reaches-a-worker", "platforms", "index"):
        reader.goto(f"{address}/{name}.html")
        assert not reader.locator(CONTROLS).locator("visible=true").count()


@pytest.mark.parametrize("theme", ["auto", "dark"])
def test_paper_is_white(page: Page, address: str, theme: str) -> None:
    """On paper the marks of charts have the colours for a light ground, whatever the screen has."""
    page.emulate_media(color_scheme="light")
    page.goto(f"{address}/costs.html")
    colour = "getComputedStyle(document.querySelector('article svg .chart-1')).fill"
    wanted = page.evaluate(colour)
    page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
    page.reload()
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(colour) != wanted
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(colour) == wanted


@pytest.mark.parametrize("name", [*WITH_PROMPTS, CHECK])
def test_copy(readers: Readers, address: str, site: Site, name: str) -> None:
    """Copied code is whole and has neither prompts nor results; outcomes have no button."""
    reader = readers.new(permissions=["clipboard-read", "clipboard-write"])
    reader.goto(f"{address}/{name}.html")
    reader.locator(".copybtn").first.wait_for()
    copied = []
    for button in reader.locator(".copybtn").all():
        button.click()
        reader.wait_for_function("it => it.matches('.success')", arg=button.element_handle())
        copied.append(reader.evaluate("navigator.clipboard.readText()"))
    blocks = site.page(f"{name}.html").select("article pre")
    code = [block.get_text() for block in blocks if not block.find_parent(class_="outcome")]
    assert copied == [to_be_pasted(text) for text in code]
    assert any("$ " in text for text in code) == (name in WITH_PROMPTS)


def test_from_disk(readers: Readers, site: Site) -> None:
    """On a disk and without a network all works, but for excerpts in what the search finds."""
    reader = readers.new()
    reader.context.set_offline(True)
    start = site.html.as_uri()
    reader.goto(f"{start}/index.html")
    reader.get_by_label("Paste your error").fill("context has already been set")
    reader.keyboard.press("Enter")
    reader.get_by_role("link", name="RuntimeError: context has already been set").click()
    reader.get_by_role("heading", name="Cure").wait_for()
    choose(reader, start, site)
    open_every_tab(reader, start, site)
    reader.goto(f"{start}/platforms.html")
    filter_matrix(reader, site, "PyPy linux")
    readers.wrong[:] = [
        what
        for what in readers.wrong
        if not re.match("Access to fetch|Failed to fetch|Fetch API cannot load", what)
    ]


def test_without_scripts(readers: Readers, address: str, site: Site) -> None:
    """Without JavaScript outcomes, tables, links and downloads work, and no control is dead."""
    reader = readers.new(java_script_enabled=False)
    reader.goto(f"{address}/platforms.html")
    rows = reader.locator(".platform-matrix tbody tr").all()
    assert rows
    assert all(row.is_visible() for row in rows)
    reader.locator("article a[href$='check_pool_context.html']").click()
    with reader.expect_download() as started:
        reader.get_by_role("link", name="Download Python source code").click()
    assert started.value.path().read_bytes() == (ROOT / f"{CHECK}.py").read_bytes()
    open_every_tab(reader, address, site)
    assert colours(reader) == ("light", "dark")
    dead = reader.locator(f".theme-toggle, .copybtn, {CONTROLS}")
    assert not any(control.is_visible() for control in dead.all())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_touch(readers: Readers, address: str, scheme: Literal["light", "dark"]) -> None:
    """Where nothing can hover, code has its button in sight; what looks like a link is one."""
    page = readers.new(viewport=PHONE, is_mobile=True, has_touch=True, color_scheme=scheme)
    page.goto(f"{address}/examples/break/no_main_guard.html")
    button = page.locator("button.copybtn").first
    button.wait_for()
    assert button.evaluate("button => getComputedStyle(button).opacity") == "1"
    button.tap()
    page.locator("button.copybtn.success").first.wait_for()
    underlined = """Array.from(document.querySelectorAll(".highlight span"))
        .filter((one) => getComputedStyle(one).textDecorationLine !== "none" && !one.closest("a"))
        .map((one) => one.textContent)"""
    assert page.evaluate(underlined) == []


def test_place_in_sidebar(readers: Readers, address: str) -> None:
    """The open page is in sight in the sidebar, which begins with its start where that fits."""
    page = readers.new(viewport={"width": 1280, "height": 700})
    inside = """() => {
        const list = document.querySelector(".sidebar-scroll");
        const place = list.querySelector(".current-page > .reference").getBoundingClientRect();
        const box = list.getBoundingClientRect();
        return [place.top >= box.top && place.bottom <= box.bottom, list.scrollTop > 0];
    }"""
    page.goto(f"{address}/choosing.html", wait_until="load")
    assert page.evaluate(inside) == [True, False]
    page.goto(f"{address}/examples/break/no_main_guard.html", wait_until="load")
    assert page.evaluate(inside) == [True, True]
