"""The whole site, built once for all tests of it, and a browser to open it in."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
import serving
from bs4 import BeautifulSoup, Tag
from galleries import PLAIN, make_site, new_gallery, other  # noqa: F401

from examples import EXAMPLES, ROOT, THOROUGH
from poolcontext.capture import storage
from poolcontext.capture.platform import describe
from poolcontext.capture.script import find_scripts
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.sphinxext.platform_labels import css_class

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

SCRIPTS = find_scripts(ROOT)
CAPTURES, CAPTURE_ERRORS = storage.load_folder(ROOT / "docs" / "captures")
BASE = "https://pools.example/"
REPOSITORY = "https://github.com/someone/pool-context"
HOSTING = {"READTHEDOCS_CANONICAL_URL": BASE, "GITHUB_REPOSITORY": "someone/pool-context"}
"""What tells conf.py where the site will be."""
NOWHERE = dict.fromkeys(HOSTING, "")

OUTPUTS = Path("docs", "_build", "doctrees", "poolcontext")
"""Where a build keeps what the scripts printed, below the folder of the project."""

PATIENCE = 400
"""Seconds for a build, which takes 30 on a machine that has nothing else to do."""

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the build's own limit hold for the build, not that of the test which asks first.

    And measure no coverage where pages are looked at that a process of its own has built.
    One file that asks for the build is the first, all others are the last, so that what needs no
    site is tested meanwhile.
    """
    items.sort(key=_turn)
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(func_only=True))
            item.add_marker("no_cover")


def _turn(item: pytest.Item) -> int:
    if item.path.name == "test_site.py":
        return 0
    return 2 if item.path.parent == Path(__file__).parent else 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Measure no coverage in fixtures either: for the mark, it pauses in the test itself only."""
    measuring = item.get_closest_marker("no_cover") and "coverage" in sys.modules
    coverage = sys.modules["coverage"].Coverage.current() if measuring else None
    if coverage:
        coverage.stop()
    yield
    if coverage:
        coverage.start()


@pytest.fixture(scope="session")
def extensions() -> tuple[str, ...]:
    """What small galleries are built with, where the site's own extensions are tested."""
    return ("poolcontext.sphinxext", "_ext")


class Site:
    """A built site, and the folder that it was built in."""

    def __init__(self, root: Path, html: str = "html") -> None:
        self.root = root
        self.html = root / "docs" / "_build" / html
        self.log = ""
        """What its build said."""

    def pages(self) -> list[str]:
        """The addresses of all pages."""
        return sorted(path.relative_to(self.html).as_posix() for path in self.html.rglob("*.html"))

    @functools.cache  # noqa: B019
    def page(self, name: str) -> BeautifulSoup:
        page = BeautifulSoup((self.html / name).read_text(encoding="utf-8"), "html.parser")
        gc.freeze()  # else all pages, which are kept, are walked by each collection of garbage
        return page

    @functools.cache  # noqa: B019
    def example(self, example: Path) -> Tag:
        """The text of an example's page."""
        (article,) = self.page(address_of(example)).select("article")
        return article

    @functools.cache  # noqa: B019
    def outcomes(self, example: Path) -> Tag:
        """All outcomes of an example itself, below the last block of its code."""
        helped = self.helper_section(example)
        outcomes, blocks = (
            [one for one in self.example(example).select(kind) if helped not in one.parents]
            for kind in ("div.outcomes", "div.highlight pre")
        )
        assert len(outcomes) == 1
        if example.parent.name == "break":  # the script stands below what explains it
            (script,) = self.example(example).select("section#script")
            within = [script, outcomes[0], *self.example(example).select(".at-a-glance")]
            assert [one for one in blocks if not any(box in one.parents for box in within)] == []
        else:
            assert outcomes[0] in blocks[-1].parents, "no outcome is below the last block of code"
        return outcomes[0]

    def outcome(self, example: Path) -> Tag:
        """The outcome that this build's own platform has, else the first, which is open."""
        outcomes = self.outcomes(example)
        tabs = outcomes.select("input[type=radio]")
        assert [tab for tab in tabs if tab.has_attr("checked")] == tabs[:1]
        found = outcomes.select("div.outcome")
        return next((one for one in found if css_class(describe()) in one["class"]), found[0])

    def helper_section(self, example: Path) -> Tag | None:
        section = self.example(example).select_one("section#with-the-helper")
        assert (section is not None) == helper_version(example).exists()
        return section

    def downloads(self, page: str, ending: str) -> list[Path]:
        """The files that a page's download links point at."""
        links = self.page(page).select(f"a.download[href$='{ending}']")
        return [(self.html / page).parent / unquote(str(link["href"])) for link in links]

    def download(self, example: Path) -> Path:
        (path,) = self.downloads(address_of(example), ".py")
        return path

    def own_capture(self) -> Capture:
        """What the build itself found its scripts to print."""
        (file,) = (self.root / OUTPUTS).glob("*/*.json")
        return storage.load(file)

    def build(self, *files: str, **environ: str) -> str:
        """Build it, or the pages of these sources, as a host does, with these variables.

        Give what the build said.
        """
        strict = ["--builder", "html", "--nitpicky", "--fail-on-warning", "--keep-going"]
        places = ["--conf-dir", ".", "--doctree-dir", "docs/_build/doctrees", "docs"]
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", *strict, *places, str(self.html), *files],
            cwd=self.root,
            env={
                **os.environ,
                **PLAIN,
                **HOSTING,
                "PYTHONPATH": str(self.root / "src"),
                **environ,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"the site cannot be built:\n{done.stdout}", pytrace=False)
        return done.stdout

    def build_once(self, *files: str, **environ: str) -> None:
        """Build it, unless another process of this test run has done that."""
        name = f"{self.root.name}-{self.html.name}"
        lock, log = (self.root.with_name(f"{name}.{kind}") for kind in ("lock", "log"))
        with only_one(lock) as first:
            if first:
                if not self.root.exists():
                    copy_project(self.root)
                    if (ROOT / OUTPUTS).is_dir() and not THOROUGH:
                        # What `make html` has just run, and is current, need not run once more.
                        shutil.copytree(ROOT / OUTPUTS, self.root / OUTPUTS)
                log.write_text(self.build(*files, **environ), encoding="utf-8")
        if not log.exists():
            pytest.skip("it failed in another process of this test run, which says why")
        self.log = log.read_text(encoding="utf-8")


def address_of(example: Path) -> str:
    return f"examples/{example.parent.name}/{example.stem}.html"


def snapshots(name: str, platform: str = "") -> list[Snapshot]:
    """The committed ones of a script, of all platforms that have it or of the one of this title."""
    files = [one for one in CAPTURES if platform in ("", one.platform.title)]
    return [one.examples[name] for one in files if name in one.examples]


def helper_version(example: Path) -> Path:
    """The script that does the same with the helper, which not every example has."""
    return ROOT / "docs" / "with_helper" / f"{example.stem}_with_helper.py"


def copy_project(root: Path) -> None:
    """Put all that the site is built from into a folder, and nothing that a build has made."""
    root.mkdir(exist_ok=True)
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, root)
    made = {str(ROOT / "docs"): ["_build", "examples"]}
    for folder in ("docs", "examples", "src"):
        shutil.copytree(
            ROOT / folder,
            root / folder,
            ignore=lambda path, names: {*made.get(path, []), "__pycache__"},
        )


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[bool]:
    """Have the processes of a test run come one after the other; whether this is the first."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield True
        return
    import fcntl

    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        first = not os.fstat(file.fileno()).st_size
        file.write("taken")
        file.flush()
        yield first


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The project's own site, built in a copy, once for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    shared = "PYTEST_XDIST_WORKER" in os.environ
    made = Site((base.parent if shared else base) / "project")
    made.build_once()
    return made


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Where the site is served, as a host would."""
    with serving.serve(site.html) as address:
        yield address


# The first is the same without windows, and takes two thirds of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
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
        pytest.skip("there is no Chromium: on Debian, install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Readers:
    """People who have never been here before, and what goes wrong for any of them."""

    def __init__(self, browser: Browser, *ours: str) -> None:
        self.browser = browser
        self.ours = (*ours, "data:")
        self.contexts: list[BrowserContext] = []
        self.wrong: list[str] = []

    def new(self, **options: Any) -> Page:
        """Open a window for another one."""
        context = self.browser.new_context(**options)
        context.set_default_timeout(60_000)
        context.on("request", lambda it: self.note(not it.url.startswith(self.ours), it.url))
        context.on("response", lambda it: self.note(it.status >= 400, f"{it.status} {it.url}"))
        context.on("weberror", lambda it: self.note(True, str(it.error)))
        context.on("console", self.hear)
        self.contexts.append(context)
        return context.new_page()

    def note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.wrong.append(what)

    def hear(self, message: ConsoleMessage) -> None:
        missing = message.text.startswith("Failed to load resource")  # noted as a response
        self.note(message.type in ("error", "warning") and not missing, message.text)

    def leave(self) -> None:
        """End with nothing that went wrong."""
        for context in self.contexts:
            context.close()
        wrong, self.wrong[:] = [*self.wrong], []
        assert wrong == []


@pytest.fixture
def readers(browser: Browser, site: Site, address: str) -> Iterator[Readers]:
    """Readers for whom nothing may go wrong, and whose windows ask no other host."""
    readers = Readers(browser, f"{address}/", f"{site.html.as_uri()}/")
    yield readers
    readers.leave()


@pytest.fixture(scope="session")
def window(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """A window for one reader after the other, as a new one takes a while; and what goes wrong."""
    readers = Readers(browser, f"{address}/", "about:")
    yield readers.new(), readers.wrong
    readers.leave()


@pytest.fixture
def page(window: tuple[Page, list[str]], address: str) -> Iterator[Page]:
    """The window of somebody who has never been here, for whom nothing may go wrong."""
    page, wrong = window
    wrong.clear()
    page.emulate_media(media="screen", color_scheme="light", reduced_motion="no-preference")
    page.set_viewport_size({"width": 1280, "height": 720})
    yield page
    page.unroute_all()
    page.goto("about:blank")
    forget = {"origin": address, "storageTypes": "all"}
    page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", forget)
    assert wrong == []
