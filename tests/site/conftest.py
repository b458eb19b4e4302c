"""The whole site, built once for all tests of it, and a browser to open it in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
import serving
from bs4 import BeautifulSoup, Tag
from galleries import make_site, new_gallery, other  # noqa: F401

from poolcontext.capture.platform import describe
from poolcontext.sphinxext.platform_labels import css_class

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/*.py"))
HOSTING = ("GITHUB_REPOSITORY", "READTHEDOCS_CANONICAL_URL")
"""What tells conf.py where the site will be."""


@pytest.fixture(scope="session")
def extensions() -> tuple[str, ...]:
    """What small galleries are built with, where the site's own extensions are tested."""
    return ("poolcontext.sphinxext", "_ext")


class Site:
    """A built site, and the folder that it was built in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.html = root / "docs" / "_build" / "html"
        self.parsed: dict[Path, BeautifulSoup] = {}

    def pages(self) -> list[Path]:
        return sorted(self.html.rglob("*.html"))

    def page(self, path: Path | str) -> BeautifulSoup:
        path = self.html / path
        if path not in self.parsed:
            text = path.read_text(encoding="utf-8")
            self.parsed[path] = BeautifulSoup(text, "html.parser")
        return self.parsed[path]

    def example(self, example: Path) -> BeautifulSoup:
        return self.page(f"examples/{example.parent.name}/{example.stem}.html")

    def outcomes(self, example: Path) -> Tag:
        """All outcomes of an example itself, below the last block of its code."""
        helped = self.helper_section(example)
        (outcomes,) = (
            found
            for found in self.example(example).select("div.outcomes")
            if helped not in found.parents
        )
        blocks = [
            block
            for block in self.example(example).select("article div.highlight pre")
            if helped not in block.parents
        ]
        assert outcomes in blocks[-1].parents, "no outcome is below the last block of code"
        return outcomes

    def outcome(self, example: Path) -> Tag:
        """The outcome that this build's own platform has, which is open at first."""
        outcomes = self.outcomes(example)
        first = outcomes.select("div.outcome")[0]
        assert css_class(describe()) in first["class"]
        tabs = outcomes.select("input[type=radio]")
        assert [tab.has_attr("checked") for tab in tabs] == [True, *([False] * (len(tabs) - 1))][
            : len(tabs)
        ]
        return first

    def helper_section(self, example: Path) -> Tag | None:
        section = self.example(example).select_one("section#with-the-helper")
        assert (section is not None) == (
            ROOT / "docs" / "with_helper" / f"{example.stem}_with_helper.py"
        ).exists()
        return section

    def downloads(self, page: Path | str, ending: str) -> list[Path]:
        """The files that a page's download links point at."""
        links = self.page(page).select(f"a.download[href$='{ending}']")
        return [(self.html / page).parent / unquote(str(link["href"])) for link in links]

    def download(self, example: Path) -> Path:
        page = f"examples/{example.parent.name}/{example.stem}.html"
        (path,) = self.downloads(page, ".py")
        return path


def copy_project(root: Path) -> None:
    """Put all that the site is built from into a folder, and nothing that a build has made."""
    root.mkdir(exist_ok=True)
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, root)
    made = {str(ROOT / "docs"): ["_build", "examples"]}
    for folder in ("docs", "examples"):
        shutil.copytree(
            ROOT / folder,
            root / folder,
            ignore=lambda path, names: {*made.get(path, []), "__pycache__"},
        )


def build(site: Site, **environ: str) -> str:
    """Build a site as `make html` does, with these variables; give what the build said."""
    strict = ["--builder", "html", "--nitpicky", "--fail-on-warning", "--keep-going"]
    folders = ["--conf-dir", ".", "--doctree-dir", "docs/_build/doctrees", "docs", str(site.html)]
    inherited = {name: value for name, value in os.environ.items() if name not in HOSTING}
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *strict, *folders],
        cwd=site.root,
        env={**inherited, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The project's own site, built in a copy."""
    made = Site(tmp_path_factory.mktemp("project"))
    copy_project(made.root)
    assert f"Examples: {len(EXAMPLES)} ran, 0 were current." in build(made)
    return made


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Where the site is served, as a host would."""
    with serving.serve(site.html) as address:
        yield address


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; where there is none, its tests are skipped, unless it is required."""
    required = os.environ.get("REQUIRE_BROWSER")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        assert not required, "playwright is not installed"
        pytest.skip("playwright is not installed: `make test` does it where it can")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        assert not required, "there is no Chromium"
        pytest.skip("there is no Chromium: on Debian, install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new window that nobody has used; no script may fail in it, nor anything be refused."""
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: "Security" in said.text and errors.append(said.text))
    yield page
    context.close()
    assert errors == []
