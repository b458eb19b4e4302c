"""The site on paper, and its index on a phone, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_journeys import SEVERAL, Readers
from .test_journeys import readers as readers

if TYPE_CHECKING:
    from .conftest import Site

PAPER = {"width": 718, "height": 1047}
"""What a page of A4 leaves between a browser's margins, at 96 dots an inch."""


def test_paper_is_not_written_over(readers: Readers, address: str) -> None:
    """On paper there is no link to skip with, which would stand on the foot of each page."""
    reader = readers.new(viewport=PAPER)
    reader.goto(f"{address}/{SEVERAL}.html")
    reader.emulate_media(media="print")
    assert not reader.get_by_role("link", name="Skip to content").is_visible()


def test_paper_has_whole_lines(readers: Readers, address: str, site: Site) -> None:
    """On paper, which nobody can scroll, no line of code or output and no table is cut."""
    reader = readers.new(viewport=PAPER)
    reader.emulate_media(media="print")
    cut = {}
    for path in site.pages():
        name = path.relative_to(site.html).as_posix()
        reader.goto(f"{address}/{name}")
        cut[name] = reader.evaluate(
            """Array.from(document.querySelectorAll("article :is(pre, .table-wrapper)"))
                .filter((box) => box.scrollWidth > box.clientWidth).length"""
        )
    assert {name: boxes for name, boxes in cut.items() if boxes} == {}
    assert cut


@pytest.mark.parametrize("name", ["costs", "what-reaches-a-worker", "platforms", "index"])
def test_paper_has_no_controls(readers: Readers, address: str, name: str) -> None:
    """On paper nothing is there to be chosen, on a wide one neither, where the sidebar is."""
    reader = readers.new(viewport={"width": 1047, "height": 718})
    reader.goto(f"{address}/{name}.html")
    reader.emulate_media(media="print")
    assert not reader.get_by_label("My platform").is_visible()


@pytest.mark.parametrize("theme", ["auto", "dark"])
def test_paper_is_white(readers: Readers, address: str, theme: str) -> None:
    """On paper the marks of charts have the colours for a light ground, whatever the screen has."""
    reader = readers.new(color_scheme="light")
    reader.goto(f"{address}/costs.html")
    colour = "getComputedStyle(document.querySelector('article svg .chart-1')).fill"
    wanted = reader.evaluate(colour)
    reader.evaluate("theme => localStorage.setItem('theme', theme)", theme)
    reader.reload()
    reader.emulate_media(media="print", color_scheme="dark")
    assert reader.evaluate(colour) == wanted


def test_phone_and_index(readers: Readers, address: str) -> None:
    """On a phone the index is not to be scrolled sideways; test_phone leaves this page out."""
    reader = readers.new(viewport={"width": 375, "height": 667})
    reader.goto(f"{address}/genindex.html")
    content = reader.locator(".content")
    assert content.evaluate("box => box.scrollWidth - box.clientWidth") == 0
