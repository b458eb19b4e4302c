"""The reader's choice of platforms in a real browser: what it marks, hides and remembers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _ext import measures

from poolcontext.capture import storage as files
from poolcontext.capture.platform import describe
from poolcontext.sphinxext.results import rank

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
CAPTURES, _ = files.load_folder(ROOT / "docs" / "captures")
TABLES = {
    captures.platform: measures.read(captures.examples["what_reaches_a_worker"].output)
    for captures in sorted(CAPTURES, key=lambda captures: rank(captures.platform))
}
WITH_TABLE = [platform for platform, table in TABLES.items() if table]
EVERYONE = list(dict.fromkeys([*WITH_TABLE, describe()]))  # the site has its own, committed or not
NEW, OLD = WITH_TABLE[0], next(one for one in WITH_TABLE if one.version.startswith("3.9."))


def shown(page: Page) -> dict[str, list[str]]:
    """What a reader sees of each row, less the names of platforms."""
    return dict(
        page.evaluate(
            """Array.from(document.querySelectorAll("table.captured-table tbody tr"), (row) => {
                const [title, ...cells] = Array.from(row.cells);
                const values = cells.map((cell) =>
                    Array.from(cell.querySelectorAll(".says"))
                        .filter((says) => says.checkVisibility())
                        .map((says) => says.firstChild.textContent.trim())
                        .join("/"));
                return [title.innerText, values];
            })"""
        )
    )


def marked(page: Page) -> list[str]:
    rows = page.locator("table.captured-table tr.differs td:first-child")
    return rows.all_inner_texts()


def differing(*platforms: object) -> list[str]:
    """The rows in which the captures of platforms differ."""
    tables = [TABLES[platform] for platform in platforms]  # type: ignore[index]
    return [row for row in tables[0] if any(table[row] != tables[0][row] for table in tables)]


def pick(page: Page, *platforms: object) -> None:
    for box in page.locator(".platform-comparison input").all():
        label = box.locator("xpath=..").inner_text().strip()
        box.set_checked(label in [platform.title for platform in platforms])  # type: ignore[attr-defined]


def test_all_at_first(page: Page, address: str) -> None:
    """At first all platforms are compared, and the rows in which they differ are marked."""
    page.goto(address + "/what-reaches-a-worker.html")
    assert marked(page) == differing(*WITH_TABLE)
    assert marked(page)
    assert page.locator(".platform-comparison input").count() == len(EVERYONE)


def test_one(page: Page, address: str) -> None:
    """With one platform the table is that platform's own, and nothing is marked."""
    page.goto(address + "/what-reaches-a-worker.html")
    pick(page)
    assert "as none is picked" in page.locator(".platform-comparison [role=status]").inner_text()
    pick(page, OLD)
    assert page.locator(".platform-comparison [role=status]").inner_text() == "0 lines differ"
    assert shown(page) == {row: list(cells.values()) for row, cells in TABLES[OLD].items()}
    assert marked(page) == []


def test_two(page: Page, address: str) -> None:
    """With two the rows are marked in which these two differ; the address says so, to be shared."""
    page.goto(address + "/what-reaches-a-worker.html")
    pick(page, NEW, OLD)
    assert marked(page) == differing(NEW, OLD)
    before = shown(page)
    address = page.url
    assert NEW.id in address
    page.goto("about:blank")
    page.goto(address)
    assert shown(page) == before
    pick(page, *EVERYONE)
    assert "compare" not in page.url


def test_rubbish(page: Page, address: str) -> None:
    """An address that names no platform compares all."""
    page.goto(address + "/what-reaches-a-worker.html" + "?compare=%3Cscript%3E,,x")
    assert marked(page) == differing(*WITH_TABLE)


def test_mine_among_messages(page: Page, address: str) -> None:
    """The messages of the platform that a reader has chosen are marked."""
    page.goto(address + "/symptoms.html" + f"?platform={OLD.id}")
    mine = page.locator("tr.mine code").all_inner_texts()
    assert "TypeError: __init__() got an unexpected keyword argument 'max_tasks_per_child'" in mine
    assert not [message for message in mine if "multi-threaded" in message]


def test_without_scripts(address: str, browser: object) -> None:
    """Without JavaScript the table says of each value which platforms have it."""
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(address + "/what-reaches-a-worker.html")
    text = page.locator("table.captured-table").inner_text()
    assert "no CPython 3.14, 3.15 and 3.13.18" in text
    assert not page.locator(".platform-comparison").is_visible()
    context.close()
