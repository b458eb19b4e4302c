"""The site as those see it who search for it, are sent a link, or come to a page not there."""

from __future__ import annotations

import json
import re
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
import serving

from poolcontext.capture.platform import describe
from poolcontext.sphinxext.platform_labels import day

from .conftest import (
    BASE,
    CAPTURES,
    EXAMPLES,
    NOWHERE,
    REPOSITORY,
    ROOT,
    Site,
    address_of,
    each_example,
    snapshots,
)
from .test_every_page import MADE, OTHERS

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from playwright.sync_api import Browser

EDITED = {
    "index.html": "docs/index.md",
    "changelog.html": "docs/changelog.md",
    "examples/index.html": "examples/GALLERY_HEADER.rst",
    "examples/set/index.html": "examples/set/GALLERY_HEADER.rst",
    **{address_of(example): example.relative_to(ROOT).as_posix() for example in EXAMPLES},
}
"""What pages are made from, of each kind."""


def public(site: Site) -> list[str]:
    return [name for name in site.pages() if name not in MADE]


def content(page: BeautifulSoup, selector: str) -> str:
    """What the one tag of this kind says."""
    (tag,) = page.select(selector)
    return str(tag.get("content") or tag.get("href"))


def description(page: BeautifulSoup) -> str:
    return content(page, "meta[name=description]")


def test_pages(site: Site) -> None:
    """Each page says what its one address is, what is shown of a link, and where it comes from.

    The map lists just these addresses.
    """
    edited = {}
    for name in public(site):
        page = site.page(name)
        assert content(page, "link[rel=canonical]") == BASE + name
        title = page.select("title")[0].get_text()
        start = content(page, "meta[property='og:title']")
        assert title in (start, f"{start} - Pool Context")
        assert content(page, "meta[property='og:description']") == description(page)
        assert content(page, "meta[property='og:url']") == BASE + name
        assert content(page, "meta[property='og:type']")
        image = content(page, "meta[property='og:image']")
        assert (site.html / image.removeprefix(BASE)).is_file()
        edited[name] = content(page, "a[rel=edit]").removeprefix(f"{REPOSITORY}/edit/main/")
        assert (ROOT / edited[name]).is_file(), edited[name]
        assert page.select(f"a[href^='{REPOSITORY}/blob/main/{edited[name]}']")
    assert {name: edited[name] for name in EDITED} == EDITED
    assert len(set(edited.values())) == len(edited)
    tree = ElementTree.parse(site.html / "sitemap.xml")
    listed = [str(place.text) for place in tree.iterfind("{*}url/{*}loc")]
    assert sorted(listed) == sorted(BASE + name for name in edited)
    for name in MADE:
        assert not site.page(name).select("link[rel=canonical]")


def test_card(site: Site) -> None:
    """The picture of a link has the size that is shown uncut, and is light."""
    data = (site.html / "_static" / "card.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (1200, 630)
    assert len(data) < 30_000


@each_example
def test_first_words(site: Site, example: Path) -> None:
    """An example's description are the first sentences of its script, as plain text."""
    words = example.read_text(encoding="utf-8").split('"""')[1].split("\n\n")[1]
    words = re.sub(r":proof:`([^<]+?)\s<[^>]+>`", r"\1", words.replace("``", ""))
    text = description(site.page(address_of(example)))
    assert " ".join(words.split()).startswith(text.removesuffix("…"))


def test_not_to_be_found(site: Site) -> None:
    """Search engines are told to leave out the page for missing ones, and so does our own."""
    for page in ("404.html", "search.html"):
        assert content(site.page(page), "meta[name=robots]") == "noindex"
    text = (site.html / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    number = index["docnames"].index("404")
    assert index["titles"][number] == ""
    for pages in index["terms"].values():
        assert number not in (pages if isinstance(pages, list) else [pages])


class TestMarkdown:
    """Each page as Markdown."""

    def test_list(self, site: Site) -> None:
        """llms.txt lists each page's twin with its description, and each page leads to its own."""
        text = (site.html / "llms.txt").read_text(encoding="utf-8")
        assert text.startswith("# Pool Context\n\n> How a ProcessPoolExecutor ")
        links = re.findall(r"^- \[.+\]\((\S+)\): (.+)$", text, re.M)
        assert len(links) == text.count("\n- ")
        listed = {place.removeprefix(BASE): words for place, words in links}
        assert listed.keys() == {f"{name}.md" for name in public(site)}
        for twin, words in listed.items():
            page = site.page(twin.removesuffix(".md"))
            assert re.sub(r"\\(.)", r"\1", words) == description(page)
            link = content(page, "link[rel=alternate][type='text/markdown']")
            assert ((site.html / twin).parent / link).samefile(site.html / twin)
        assert not (site.html / "404.html.md").exists()

    @each_example
    def test_example(self, site: Site, example: Path) -> None:
        """An example's has all blocks of code and all outputs of its page, character by character.

        It has the platforms of each outcome too, and what was captured on this one.
        """
        page = site.example(example)
        twin = (site.html / f"{address_of(example)}.md").read_text(encoding="utf-8")
        blocks = [block.get_text().strip("\n") for block in page.select("pre")]
        assert re.findall(r"^(`{3,})\w*\n(.*?)\n\1$", twin, re.M | re.S) == [
            ("```", block) for block in blocks
        ]
        assert describe().version in twin
        said = plain(twin)
        assert all(one.get_text() in said for one in page.select("p.outcome-platforms"))
        titles = [title.get_text().removesuffix("¶") for title in page.select("h1, h2, h3")]
        assert re.findall("^#+ (.+)$", plain(without_code(twin)), re.M) == titles

    def test_links(self, site: Site) -> None:
        """What twins link to is there."""
        count = 0
        for twin in site.html.rglob("*.html.md"):
            text = without_code(twin.read_text(encoding="utf-8"))
            for place in re.findall(r"\]\(([^)\s]+)\)", text):
                if not urlsplit(place).scheme:
                    count += 1
                    target = twin.parent / unquote(urlsplit(place).path)
                    assert target.is_file(), (twin, place)
        assert count > 200


def without_code(markdown: str) -> str:
    return re.sub(r"(?ms)^```.*?^```$", "", markdown)


def plain(markdown: str) -> str:
    """The text of Markdown, less most of its marks."""
    text = re.sub(r"(?<!\\)\[((?:\\.|[^\]])*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"\\(.)", r"\1", text).replace("`", "")


def test_dates(site: Site) -> None:
    """Without a history no page claims a last change; those with captures name the latest.

    That may be what this build itself found, on a platform that nobody has captured.
    An example's is the latest of the days that its outcomes name.
    """
    for name in site.pages():
        assert "Last updated on" not in site.page(name).get_text()
    shown = [*CAPTURES]
    if describe() not in [capture.platform for capture in CAPTURES]:
        shown.append(site.own_capture())
    latest = max(capture.date for capture in shown)
    for name in ("platforms.html", "symptoms.html"):
        (line,) = site.page(name).select("p.page-dates")
        assert line.get_text() == f"Latest capture on this page: {day(latest)}"
    for name in ("glossary.html", "404.html", "search.html"):
        assert not site.page(name).select(".page-dates")
    for example in EXAMPLES:
        page = site.example(example)
        (time,) = page.select("p.page-dates time")
        assert str(time["datetime"]) >= max(one.date for one in snapshots(example.stem))
        assert time.get_text() in page.get_text().partition("Latest")[0]


def test_unknown_host(site: Site) -> None:
    """Where nobody says where the site is, it has no address and no repository of its own.

    Of each kind of page one is built so.
    """
    found = Site(site.root, "nowhere")
    examples = ("examples/index.rst", "examples/check/ask_worker.rst")
    sources = ("404.md", "index.md", "symptoms.md", *examples)
    found.html.mkdir()
    shutil.copy(site.html / "searchindex.js", found.html)  # as that of all pages is not made
    found.build(*(str(Path("docs", source)) for source in sources), **NOWHERE)
    assert len(found.pages()) >= len(sources) + 2
    assert not (found.html / "sitemap.xml").exists()
    assert "pools.example" not in (found.html / "llms.txt").read_text(encoding="utf-8")
    for name in found.pages():
        page = found.page(name)
        assert not page.select("meta[property], link[rel=canonical], a[rel=edit]"), name
        assert not page.select("[data-propose]"), name
        for link in page.select("a[href*='//github.com/']"):
            assert OTHERS.match(str(link["href"])), name
    assert site.page("search.html").select("[data-propose]")


class TestMissing:
    """The page that a host shows in the place of one that is not there."""

    def test_links(self, site: Site) -> None:
        """Whatever address it is shown at, it loads and links to the same files, which exist."""
        page = site.page("404.html")
        places = {str(tag.get("href") or tag.get("src")) for tag in page.select("[href], [src]")}
        places |= {str(form["action"]) for form in page.select("form")}
        inside = [place for place in places if not re.match("https?:|#", place)]
        assert len(inside) > 30
        for place in inside:
            assert urljoin("https://a.example/no/such/", place) == f"https://a.example{place}"
            assert (site.html / urlsplit(place).path.lstrip("/")).is_file(), place

    def test_helps(self, site: Site) -> None:
        """It leads to the symptoms, the examples and home, and searches."""
        article = site.page("404.html").select("article")[0]
        links = [str(link["href"]) for link in article.select("li a[href]:first-child")]
        assert links == ["/symptoms.html", "/examples/index.html", "/index.html"]
        assert [str(form["action"]) for form in article.select("form")] == ["/search.html"]

    @pytest.fixture(scope="class")
    @classmethod
    def host(cls, site: Site) -> Iterator[str]:
        """A host that shows that page for all that is missing."""

        class Host(serving.Host):
            def send_error(self, *args: object) -> None:
                data = (site.html / "404.html").read_bytes()
                self.send_response(404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def __init__(self, *args: object) -> None:
                super().__init__(*args, directory=str(site.html))

        with serving.serving(Host) as address:
            yield address

    @pytest.mark.parametrize("place", ["gone.html", "examples/no/such/deep/page.html"])
    def test_in_browser(self, host: str, browser: Browser, place: str) -> None:
        """At any depth it has its looks, and its links and its search lead on."""
        with browser.new_context() as context:
            page = context.new_page()
            failed: list[str] = []
            page.on("requestfailed", lambda request: failed.append(request.url))
            page.on("response", lambda it: it.status == 404 and failed.append(it.url))
            missing = f"{host}/{place}"
            page.goto(missing)
            assert page.locator("h1").inner_text().startswith("This page is not here")
            assert failed == [missing]
            page.get_by_role("main").get_by_role("link", name="Symptoms").click()
            assert page.url == f"{host}/symptoms.html"
            page.goto(missing)
            page.get_by_label("Paste your error").fill("AF_UNIX path too long")
            page.keyboard.press("Enter")
            page.wait_for_url(f"{host}/search.html?q=*")
            page.get_by_role("link", name="AF_UNIX path too long").first.wait_for()
            page.wait_for_load_state("networkidle")  # the search is still asking for summaries
