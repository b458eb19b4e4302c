"""What readers take away with them: code that they copy, and scripts that they download."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from poolcontext.capture.script import read_script

from .test_journeys import CHECK, open_outcome
from .test_site import run_in_terminal, without_chance

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import Readers, Site

WITH_PROMPTS = ("moving-to-314", "helper", "testing")
FROM_ARCHIVE = ("list/list_start_methods", "set/set_every_method", "break/function_not_in_main")


def to_be_pasted(text: str) -> str:
    """What was typed, if the text is of a session; else all of it."""
    typed = re.findall(r"^(?:>>> |\.\.\. |\$ )(.*)", text, flags=re.MULTILINE)
    return "\n".join(typed) if typed else text.removesuffix("\n")


def runs_as_shown(page: Page, script: Path) -> None:
    """Run a script: it prints what is seen of its page."""
    printed, status = run_in_terminal(script)
    assert status == read_script(script).exit_status
    shown = open_outcome(page).locator("pre").text_content() or ""
    assert without_chance(shown) == without_chance(printed)
    assert printed.strip()


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


def test_download(page: Page, address: str, tmp_path: Path) -> None:
    """A script that is downloaded by a click prints, in an empty folder, what its page shows."""
    page.goto(f"{address}/{CHECK}.html")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download Python source code").click()
    script = tmp_path / started.value.suggested_filename
    started.value.save_as(script)
    assert script.name == f"{Path(CHECK).name}.py"
    runs_as_shown(page, script)


def test_archive(page: Page, address: str, tmp_path: Path) -> None:
    """Scripts of the archive of all print, unpacked to an empty folder, what their pages show."""
    page.goto(f"{address}/examples/index.html")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download all examples in Python").click()
    with zipfile.ZipFile(started.value.path()) as archive:
        archive.extractall(tmp_path)
    for name in FROM_ARCHIVE:
        page.goto(f"{address}/examples/{name}.html")
        runs_as_shown(page, tmp_path / f"{name}.py")
