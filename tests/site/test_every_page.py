"""What holds for every page: it is whole, loads little and only from here, fits phone and paper."""

from __future__ import annotations

import base64
import getpass
import hashlib
import os
import re
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from _ext.page_head import LONGEST

from poolcontext.capture.platform import describe
from poolcontext.symptoms import SYMPTOMS

from .conftest import EXAMPLES, ROOT, THOROUGH, Readers, address_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

    from .conftest import Site

MADE = ("404.html", "genindex.html", "search.html")
"""The pages that nobody is to find by searching elsewhere."""

ADDRESSES = """index.html capture.html choosing.html costs.html glossary.html libraries.html
    moving-to-314.html platforms.html start-methods.html symptoms.html symptoms/pickling.html
    testing.html what-reaches-a-worker.html examples/index.html
    examples/list/list_start_methods.html examples/check/check_pool_context.html
    examples/set/set_pool_context.html examples/set/set_every_method.html
    examples/set/set_missing_method.html"""

MOST = 70_000
"""Bytes over the wire of a page's first visit, less the index of the search."""

MOST_OF_SEARCH = 100_000
"""The same of the search, which knows the messages, causes and cures of all symptoms."""

OTHERS = re.compile(
    r"https://github\.com/(pradyunsg/furo|sphinx-gallery/sphinx-gallery|cloudpipe/cloudpickle|"
    r"dask/distributed|ipython/ipykernel|noxdafox/pebble|pytest-dev/pytest-timeout|"
    r"sybrenjansen/mpire|"
    + "|".join(
        re.escape(found)
        for one in SYMPTOMS
        for found in re.findall(r"https://github\.com/([\w.-]+/[\w.-]+)", repr(one))
    )
    + ")(/|$)"
)
"""The repositories that pages may name: the theme's own, and the sources of facts."""

OURS = (
    "docs/**/*.md",
    "docs/with_helper/*.py",
    "examples/**/*.py",
    "examples/**/*.rst",
    "src/**/*.py",
)
"""The files that the site's words come from."""

USED_WITH = {
    "copybutton.css": "div.highlight",
    "copybutton.js": "div.highlight",
    "sphinx-design.min.css": "[class*='sd-']",
    "design-tabs.js": ".sd-tab-set",
    "sg_gallery.css": "[class*='sphx-glr-']",
    "sg-tags.js": "[data-sgtags]",
    "sg_gallery-binder.css": "[class*='-badge']",
    "sg_gallery-rendered-html.css": ".rendered_html",
}
"""What a page has that uses a file."""


def test_addresses(site: Site) -> None:
    """A page that others link to stays where it is."""
    assert set(ADDRESSES.split()) <= set(site.pages())


def test_head(site: Site) -> None:
    """Each page has a title that names the site, a description that is shown whole, a heading.

    A title says what a page is about where the heading alone does not.
    """
    heads = []
    for name in site.pages():
        page = site.page(name)
        (title,) = (one.get_text() for one in page.select("head > title"))
        assert title.endswith(" - Pool Context"), name
        assert len(title) > 30 or name in MADE or "changelog" in name, title
        (heading,) = page.select("h1")
        assert heading.get_text(strip=True), name
        heads.append(title)
        if name not in MADE:
            (text,) = (str(one["content"]) for one in page.select("meta[name=description]"))
            assert 38 < len(text) <= LONGEST, text
            assert text.endswith((".", "?", "…", "”", '".')), text
            heads.append(text)
    assert len(heads) > 2 * len(EXAMPLES)
    assert len(set(heads)) == len(heads)
    front = site.page("index.html").select("title")[0].get_text()
    assert front.startswith("How does my ProcessPoolExecutor start its processes?")


def test_links_lead_somewhere(site: Site) -> None:
    """What a page links to or loads from the site is there, as is the place; no id is there twice.

    Save one id of sphinx-gallery's own, which nothing links to.
    """
    ids = {}
    for name in site.pages():
        found = [str(tag["id"]) for tag in site.page(name).select("[id]:not(#sg-tag-list)")]
        assert sorted(found) == sorted(set(found)), name
        ids[site.html / name] = set(found)
    broken = []
    count = 0
    for name in site.pages():
        path = site.html / name
        for tag in site.page(name).select("[href], [src]"):
            address = str(tag.get("href") or tag.get("src"))
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or address == "#":
                continue
            count += 1
            # Those of 404.html count from the root of the host.
            folder = site.html if parts.path.startswith("/") else path.parent
            target = folder / unquote(parts.path).lstrip("/") if parts.path else path
            places = ids.get(target.resolve())
            missing = parts.fragment and places and unquote(parts.fragment) not in places
            if missing or not target.is_file():
                broken.append(f"{name}: {address}")
    assert broken == []
    assert count > 100


def test_names_of_places_are_left_out(site: Site) -> None:
    """No file of the site names the folder it was built in, or whoever built it."""
    home = os.path.expanduser("~")
    places = [str(site.root), os.path.realpath(site.root), str(ROOT), home]
    places = [place for place in places if re.search(r"[/\\]\w", place)]
    host = socket.gethostname()
    names = {getpass.getuser(), os.path.basename(home), host, host.partition(".")[0]}
    # A name that the site's own words hold, such as `root`, proves nothing.
    texts = [path.read_text(encoding="utf-8") for one in OURS for path in ROOT.glob(one)]
    texts += [site.page("search.html").get_text(" "), describe().title]
    names -= {"", "root", "localhost", *re.findall(r"\w+", " ".join(texts))}
    for path in [*site.html.rglob("*.html"), *site.html.rglob("*.md"), *site.html.glob("*.[jt]*")]:
        text = path.read_text(encoding="utf-8")
        for place in places:
            assert not re.search(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", text), path
        if path.suffix == ".html":  # names may well be names of CSS classes
            text = site.page(path.relative_to(site.html).as_posix()).get_text(" ")
            for name in names:
                assert not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text), (path, name)


def test_patches(site: Site) -> None:
    """Every page has what the theme and the gallery leave out; their HTML is as it was."""
    for name in site.pages():
        page = site.page(name)
        drawers = page.select("aside.sidebar-drawer, aside.toc-drawer")
        assert [drawer.get("aria-label") for drawer in drawers] == ["Site", "On this page"], name
        toggles = [drawer.select("input")[0]["id"] for drawer in drawers]
        assert toggles == ["__navigation", "__toc"], name
        assert len(page.select(".sidebar-toggle")) == 2
        assert page.select_one("aside.toc-drawer + .content"), name
        assert not page.select("[tooltip]")
        for code in page.select(".highlight > pre"):
            if not code.find_parent(class_="output"):
                assert code["tabindex"] == "0"
                assert str(code["aria-label"]).startswith("Code: ")
                assert "¶" not in code["aria-label"]


def test_no_idle_files(site: Site) -> None:
    """A page links to the files for code, tabs and cards if, and only if, it has some."""
    for name in site.pages():
        page = site.page(name)
        files = page.select("head link[rel=stylesheet], script[src]")
        places = [str(file.get("href") or file["src"]).partition("?")[0] for file in files]
        names = {place.rpartition("/")[2] for place in places}
        assert {"furo.css", "pool-context.css", "furo.js"} <= names
        article = page.select("article")[0]
        for file, marker in USED_WITH.items():
            assert (file in names) == bool(article.select(marker)), (name, file)


def test_policy(site: Site) -> None:
    """The policy lets nothing come from elsewhere, and names each script that is in a page."""
    text = (site.html / "_headers").read_text(encoding="utf-8")
    (said,) = re.findall(r"^  Content-Security-Policy: (.+)$", text, re.M)
    assert said.startswith("default-src 'self'; script-src 'self' 'sha256-")
    assert "style-src 'self' 'unsafe-inline'; img-src 'self' data:;" in said
    assert not re.search(r"https?:|\*|unsafe-eval|script-src[^;]*unsafe", said)
    used = set()
    for name in site.pages():
        for script in site.page(name).select("script:not([src])"):
            digest = hashlib.sha256(str(script.string).encode()).digest()
            used.add(base64.b64encode(digest).decode())
        assert not site.page(name).select("[onclick], [onload], [href^='javascript:']")
    assert used == set(re.findall(r"'sha256-([^']+)'", said))


def test_refusal_is_noticed(readers: Readers, address: str) -> None:
    """A script that the policy does not name is refused, so that the tests of visits can fail."""
    page = readers.new()
    page.goto(f"{address}/index.html")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))"
    )
    assert page.evaluate("typeof x") == "undefined"
    assert "Content Security Policy" in readers.wrong.pop()


class Visit(NamedTuple):
    """What a first visit to a page has shown."""

    wrong: list[str]
    """What was refused, failed, or came from elsewhere."""

    sizes: dict[str, int]
    """Bytes over the wire, by address."""

    too_wide: int
    """Pixels of it that a phone cuts off, whichever of its tabs is open."""

    cut: int
    """How many of its boxes do not fit a sheet of paper."""


# All tabs are opened at once: what one of them cuts off is cut off then too.
TOO_WIDE = """() => {
    document.querySelectorAll(".sd-tab-content").forEach((one) => { one.style.display = "block"; });
    const around = Array.from(document.querySelectorAll(":has(article)"))
        .filter((box) => getComputedStyle(box).overflowX !== "visible");
    return Math.max(...around.map((box) => box.scrollWidth - box.clientWidth));
}"""
CUT = """Array.from(document.querySelectorAll("article :is(pre, .table-wrapper)"))
    .filter((box) => box.scrollWidth > box.clientWidth).length"""


@pytest.fixture(scope="module")
def visits(browser: Browser, site: Site, address: str) -> Iterator[dict[str, Visit]]:
    """Each page, opened by somebody who was never here, on a phone and on paper.

    Of the examples every sixth one; `make audit` visits all.
    """
    readers = Readers(browser, f"{address}/")
    page = readers.new()
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))

    def visit(name: str) -> Visit:
        responses.clear()
        readers.wrong.clear()
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 375, "height": 667})
        page.goto(f"{address}/{name}", wait_until="load")
        sizes = {one.url: one.request.sizes()["responseBodySize"] for one in responses}
        too_wide = page.evaluate(TOO_WIDE)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 718, "height": 1047})  # of A4, less margins, at 96 dpi
        return Visit([*readers.wrong], sizes, too_wide, page.evaluate(CUT))

    seldom = {*map(address_of, EXAMPLES)} - {*map(address_of, EXAMPLES[:: 1 if THOROUGH else 9])}
    yield {name: visit(name) for name in site.pages() if name not in seldom}
    page.context.close()


def test_nothing_is_refused(visits: dict[str, Visit]) -> None:
    """Under the policy pages load without a refusal, and from the site alone."""
    assert {name: visit.wrong for name, visit in visits.items() if visit.wrong} == {}


def test_weight(visits: dict[str, Visit]) -> None:
    """A first visit takes no more than 70 KB over the wire, and no font, whatever the page.

    The search, which has all that the pages of symptoms say in short, may take 100.
    """
    assert len(visits) > len(EXAMPLES) / 2
    for name, visit in visits.items():
        sizes = {url: size for url, size in visit.sizes.items() if "/searchindex.js" not in url}
        assert any("/pool-context.css" in url for url in sizes)
        assert not [url for url in sizes if re.search(r"\.(woff2?|ttf|otf)$", url)]
        most = MOST_OF_SEARCH if name == "search.html" else MOST
        assert sum(sizes.values()) <= most, name


def test_phone(visits: dict[str, Visit]) -> None:
    """On a phone no page has to be scrolled sideways or is cut, whichever of its tabs are open."""
    assert {name: visit.too_wide for name, visit in visits.items() if visit.too_wide > 0} == {}


def test_paper(visits: dict[str, Visit]) -> None:
    """On paper, which nobody can scroll, no line of code or output and no table is cut."""
    assert {name: visit.cut for name, visit in visits.items() if visit.cut} == {}
