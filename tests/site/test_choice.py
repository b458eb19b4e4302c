"""The reader's choice of platforms in a real browser: what it marks, hides and remembers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from _ext import measures

from poolcontext.capture.platform import Platform, describe
from poolcontext.sphinxext.platform_labels import css_class, rank

from .conftest import CAPTURES, THOROUGH, Readers

if TYPE_CHECKING:
    from playwright.sync_api import Page

TABLES = {
    capture.platform: measures.read(capture.examples["what_reaches_a_worker"].output)
    for capture in sorted(CAPTURES, key=lambda capture: rank(capture.platform))
}
WITH_TABLE = [platform for platform, table in TABLES.items() if table]
EVERYONE = list(dict.fromkeys([*WITH_TABLE, describe()]))  # the site has its own, committed or not
NEW, OLD = WITH_TABLE[0], next(one for one in WITH_TABLE if one.version.startswith("3.9."))
PAGE = "/what-reaches-a-worker.html"

# What a reader sees of each row, less the names of platforms.
SHOWN = """Array.from(document.querySelectorAll("table.captured-table tbody tr"), (row) => {
    const [title, ...cells] = Array.from(row.cells);
    const values = cells.map((cell) =>
        Array.from(cell.querySelectorAll(".says"))
            .filter((says) => says.checkVisibility())
            .map((says) => says.firstChild.textContent.trim())
            .join("/"));
    return [title.innerText, values];
})"""


def shown(page: Page) -> dict[str, list[str]]:
    return dict(page.evaluate(SHOWN))


def marked(page: Page) -> list[str]:
    return page.locator("table.captured-table tr.differs td:first-child").all_inner_texts()


def differing(*platforms: Platform) -> list[str]:
    """The rows in which the captures of platforms differ, but for columns that one has no part in.

    Such as that of a method which is not there.
    """
    tables = [TABLES[platform] for platform in platforms]
    said: dict[str, list[set[str]]] = {}
    for row in tables[0]:
        for column in tables[0][row]:
            having = [one for one in tables if any(cells[column] != "-" for cells in one.values())]
            said.setdefault(row, []).append({table[row][column] for table in having})
    return [row for row, values in said.items() if any(len(value) > 1 for value in values)]


def pick(page: Page, *platforms: Platform) -> None:
    for box in page.locator(".platform-comparison input").all():
        label = box.locator("xpath=..").inner_text().strip()
        box.set_checked(label in [platform.title for platform in platforms])


@pytest.mark.parametrize("query", ["", "?compare=%3Cscript%3E,,x"])
def test_all_at_first(page: Page, address: str, query: str) -> None:
    """At first all platforms are compared, and where they differ is marked, as for rubbish."""
    page.goto(address + PAGE + query)
    assert marked(page) == differing(*WITH_TABLE)
    assert marked(page)
    assert page.locator(".platform-comparison input").count() == len(EVERYONE)


def test_one(page: Page, address: str) -> None:
    """With one platform the table is that platform's own, and nothing is marked."""
    page.goto(address + PAGE)
    status = page.locator(".platform-comparison [role=status]")
    pick(page)
    assert "as none is picked" in status.inner_text()
    pick(page, OLD)
    assert status.inner_text() == "0 lines differ"
    assert shown(page) == {row: list(cells.values()) for row, cells in TABLES[OLD].items()}
    assert marked(page) == []


def test_two(page: Page, address: str) -> None:
    """With two the rows are marked in which these two differ; the address says so, to be shared."""
    page.goto(address + PAGE)
    pick(page, NEW, OLD)
    assert marked(page) == differing(NEW, OLD)
    before = shown(page)
    shared = page.url
    assert NEW.id in shared
    page.goto("about:blank")
    page.goto(shared)
    assert shown(page) == before
    pick(page, *EVERYONE)
    assert "compare" not in page.url


def test_mine_among_messages(page: Page, address: str) -> None:
    """The messages of the platform that a reader has chosen are marked."""
    page.goto(f"{address}/symptoms/calling.html?platform={OLD.id}")
    mine = page.locator("tr.mine code").all_inner_texts()
    assert "TypeError: __init__() got an unexpected keyword argument 'max_tasks_per_child'" in mine
    assert not [message for message in mine if "incompatible" in message]


def test_without_scripts(readers: Readers, address: str) -> None:
    """Without JavaScript the table says of each value which platforms have it."""
    page = readers.new(java_script_enabled=False)
    page.goto(address + PAGE)
    text = page.locator("table.captured-table").inner_text()
    assert "no CPython 3.14, 3.15 and 3.13.18" in text
    assert not page.locator(".platform-comparison").is_visible()


SYSTEMS = [
    ("Windows", "", ("windows", "wine")),
    (None, "Win32", ("windows", "wine")),
    ("Linux", "", ("linux",)),
    (None, "Linux x86_64", ("linux",)),
    ("macOS", "MacIntel", ()),
    ("Fuchsia", "Fuchsia", None),
]


@pytest.mark.parametrize(("data", "old", "systems"), SYSTEMS if THOROUGH else SYSTEMS[1::2])
def test_own_system(
    readers: Readers, address: str, data: str | None, old: str, systems: tuple[str, ...] | None
) -> None:
    """Whoever has chosen nothing sees the newest of the own system, or what is documented for it.

    That is no choice: neither the address nor the browser remembers it.
    """
    page = readers.new()
    page.add_init_script(
        f"const say = (name, value) => Object.defineProperty(navigator, name, {{value}});"
        f"say('userAgentData', {json.dumps(data and {'platform': data})});"
        f"say('platform', {json.dumps(old)});"
    )
    page.goto(f"{address}/examples/list/list_start_methods.html")
    chosen = page.get_by_label("My platform").input_value()
    shown = page.locator("article .outcomes").first.locator(".outcome:visible")
    absent = page.locator("article .outcomes").first.locator(".outcome-absent")
    if systems:
        newest = next(one for one in TABLES if one.system in systems)
        assert chosen == newest.id
        assert css_class(newest) in str(shown.get_attribute("class"))
    else:
        assert chosen == ("" if systems is None else "documented-darwin")
        assert css_class(next(iter(TABLES))) in str(shown.get_attribute("class"))
        assert ("spawn" in " ".join(absent.all_inner_texts())) == (systems is not None)
    assert "platform=" not in page.url
    assert page.evaluate("localStorage.length") == 0
    page.goto(f"{address}/platforms.html")
    (mine, *_) = [*page.locator("tr.mine").all_inner_texts(), ""]
    assert bool(mine) == (systems is not None)
    page.get_by_label("My platform").select_option(value=OLD.id)
    page.goto(f"{address}/examples/list/list_start_methods.html")
    assert page.get_by_label("My platform").input_value() == OLD.id
