"""The site as those see it who search for it, are sent a link, or come to a page that is not there.

It is built once more here, as a host builds it that says where the site is.
"""

from __future__ import annotations

import http.server
import json
import re
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
import serving
from _ext.page_head import LONGEST

from poolcontext import files, platforms
from poolcontext.sphinxext.platform_labels import day

from .conftest import Site, build

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/*.py"))
CAPTURES, _ = files.load_folder(ROOT / "docs" / "captures")
BASE = "https://pools.example/en/latest/"
FOLDER = "/en/latest"
HOSTING = {"READTHEDOCS_CANONICAL_URL": BASE, "GITHUB_REPOSITORY": "someone/pool-context"}
MADE = ("404.html", "genindex.html", "search.html")
"""The pages that nobody is to find by searching elsewhere."""

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def public(site: Site) -> list[Path]:
    return [page for page in site.pages() if page.name not in MADE]


def name(site: Site, page: Path) -> str:
    return page.relative_to(site.html).as_posix()


def content(page: BeautifulSoup, selector: str) -> str:
    """What the one tag of this kind says."""
    (tag,) = page.select(selector)
    return str(tag.get("content") or tag.get("href"))


@pytest.fixture(scope="module")
def hosted(site: Site) -> Site:
    """The same site, built by a host that knows the repository and the address."""
    found = Site(site.root)
    found.html = site.root / "docs" / "_build" / "hosted"
    build(found, **HOSTING)
    return found


class TestSearch:
    """What lists of search results are made of."""

    def test_descriptions(self, site: Site) -> None:
        """Each page has a description of its own, of a length that is shown whole."""
        found = [content(site.page(page), "meta[name=description]") for page in public(site)]
        assert len(found) > len(EXAMPLES)
        assert len(set(found)) == len(found)
        for text in found:
            assert 38 < len(text) <= LONGEST, text
            assert text.endswith((".", "?", "…", "”", '".')), text

    @each_example
    def test_first_words(self, site: Site, example: Path) -> None:
        """An example's are the first sentences of its script, as plain text."""
        words = example.read_text(encoding="utf-8").split('"""')[1].split("\n\n")[1]
        words = re.sub(r":proof:`([^<]+?)\s<[^>]+>`", r"\1", words.replace("``", ""))
        plain = " ".join(words.split())
        text = content(site.example(example), "meta[name=description]")
        assert plain.startswith(text.removesuffix("…"))

    def test_titles(self, site: Site) -> None:
        """Titles say what a page is about where the heading alone does not, and name the site."""
        for page in site.pages():
            title = site.page(page).select("title")[0].get_text()
            assert title.endswith(" - Pool Context"), page
            assert len(title) > 30 or page.name in MADE or "changelog" in page.name, title
        front = site.page("index.html").select("title")[0].get_text()
        assert front.startswith("How does my ProcessPoolExecutor start its processes?")

    def test_addresses(self, hosted: Site) -> None:
        """Each page says what its one address is, and the map lists just these."""
        said = []
        for page in public(hosted):
            address = content(hosted.page(page), "link[rel=canonical]")
            assert address == BASE + name(hosted, page)
            said.append(address)
        tree = ElementTree.parse(hosted.html / "sitemap.xml")
        listed = [place.text for place in tree.iterfind("{*}url/{*}loc")]
        assert sorted(filter(None, listed)) == sorted(said)
        for page in MADE:
            assert not hosted.page(page).select("link[rel=canonical]")

    def test_not_to_be_found(self, site: Site) -> None:
        """Search engines are told to leave out the page for missing ones, and so does our own."""
        for page in ("404.html", "search.html"):
            assert content(site.page(page), "meta[name=robots]") == "noindex"
        text = (site.html / "searchindex.js").read_text(encoding="utf-8")
        index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
        number = index["docnames"].index("404")
        assert index["titles"][number] == ""
        for pages in index["terms"].values():
            assert number not in (pages if isinstance(pages, list) else [pages])

    def test_unknown_address(self, site: Site) -> None:
        """Where nobody says what the address is, nothing is there that would need it."""
        assert not (site.html / "sitemap.xml").exists()
        for page in site.pages():
            assert not site.page(page).select("meta[property]"), page
        for path in (site.html / "llms.txt", *site.html.rglob("*.html.md")):
            assert "pools.example" not in path.read_text(encoding="utf-8")


class TestSent:
    """What is shown of a link in somebody's message."""

    def test_open_graph(self, hosted: Site) -> None:
        """It is the page's title and description, with the card, by whole addresses."""
        for path in public(hosted):
            page = hosted.page(path)
            title = page.select("title")[0].get_text()
            start = content(page, "meta[property='og:title']")
            assert title in (start, f"{start} - Pool Context")
            text = content(page, "meta[name=description]")
            assert content(page, "meta[property='og:description']") == text
            assert content(page, "meta[property='og:url']") == BASE + name(hosted, path)
            assert content(page, "meta[property='og:type']")
            image = content(page, "meta[property='og:image']")
            assert (hosted.html / image.removeprefix(BASE)).is_file()

    def test_card(self, hosted: Site) -> None:
        """The card has the size that is shown uncut, and is light."""
        data = (hosted.html / "_static" / "card.png").read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (1200, 630)
        assert len(data) < 30_000


class TestTwins:
    """Each page as Markdown."""

    def test_list(self, site: Site, hosted: Site) -> None:
        """llms.txt lists each page's twin with its description, and each page leads to its own."""
        for one, base in ((site, ""), (hosted, BASE)):
            text = (one.html / "llms.txt").read_text(encoding="utf-8")
            assert text.startswith("# Pool Context\n\n> How a ProcessPoolExecutor ")
            links = re.findall(r"^- \[.+\]\((\S+)\): (.+)$", text, re.M)
            assert len(links) == text.count("\n- ")
            listed = {place.removeprefix(base): words for place, words in links}
            assert listed.keys() == {f"{name(one, page)}.md" for page in public(one)}
            for twin, words in listed.items():
                page = one.page(twin.removesuffix(".md"))
                plain = re.sub(r"\\(.)", r"\1", words)
                assert plain == content(page, "meta[name=description]")
                link = content(page, "link[rel=alternate][type='text/markdown']")
                assert ((one.html / twin).parent / link).samefile(one.html / twin)
        assert not (site.html / "404.html.md").exists()

    @each_example
    def test_example(self, site: Site, example: Path) -> None:
        """An example's has all blocks of code and all outputs of its page, character by character.

        It has the platforms of each outcome too, and what was captured on this one.
        """
        page = site.example(example)
        path = site.html / "examples" / example.parent.name / f"{example.stem}.html.md"
        twin = path.read_text(encoding="utf-8")
        blocks = [block.get_text().strip("\n") for block in page.select("article pre")]
        assert re.findall(r"^(`{3,})\w*\n(.*?)\n\1$", twin, re.M | re.S) == [
            ("```", block) for block in blocks
        ]
        assert platforms.describe().title in twin
        words = page.select("p.outcome-platforms")
        assert len(words) == len([line for line in words if line.get_text() in plain(twin)])
        titles = [title.get_text().removesuffix("¶") for title in page.select("h1, h2, h3")]
        assert (
            re.findall("^#+ (.+)$", plain(re.sub(r"(?ms)^```.*?^```$", "", twin)), re.M) == titles
        )

    def test_links(self, site: Site) -> None:
        """What twins link to is there."""
        count = 0
        for twin in site.html.rglob("*.html.md"):
            text = re.sub(r"(?ms)^```.*?^```$", "", twin.read_text(encoding="utf-8"))
            for place in re.findall(r"\]\(([^)\s]+)\)", text):
                if not urlsplit(place).scheme:
                    count += 1
                    target = twin.parent / unquote(urlsplit(place).path)
                    assert target.is_file(), (twin, place)
        assert count > 200

    def test_nothing_of_the_machine(self, site: Site) -> None:
        """No file for machines names the folder that it was made in."""
        for path in (site.html / "llms.txt", *site.html.rglob("*.html.md")):
            assert str(site.root) not in path.read_text(encoding="utf-8")


def plain(markdown: str) -> str:
    """The text of Markdown, less most of its marks."""
    text = re.sub(r"(?<!\\)\[((?:\\.|[^\]])*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"\\(.)", r"\1", text).replace("`", "")


class TestSources:
    """Where a page comes from, and when."""

    def test_links(self, hosted: Site) -> None:
        """Each page leads to the file that somebody wrote, to look at it and to change it."""
        start = "https://github.com/someone/pool-context"
        found = {}
        for path in public(hosted):
            edit = content(hosted.page(path), "a[rel=edit]").removeprefix(f"{start}/edit/main/")
            assert (ROOT / edit).is_file(), edit
            assert hosted.page(path).select(f"a[href='{start}/blob/main/{edit}']")
            found[name(hosted, path)] = edit
        assert found["index.html"] == "docs/index.md"
        assert found["changelog.html"] == "CHANGELOG.md"
        assert found["examples/index.html"] == "examples/GALLERY_HEADER.rst"
        assert found["examples/set/index.html"] == "examples/set/GALLERY_HEADER.rst"
        for example in EXAMPLES:
            page = f"examples/{example.parent.name}/{example.stem}.html"
            assert found[page] == example.relative_to(ROOT).as_posix()
        assert len(set(found.values())) == len(found)

    def test_dates(self, site: Site) -> None:
        """Without a history no page claims a last change; those with captures name the latest."""
        latest = max(captures.date for captures in CAPTURES)
        for page in ("platforms.html", "symptoms.html"):
            (line,) = site.page(page).select("p.page-dates")
            assert line.get_text() == f"Latest capture on this page: {day(latest)}"
        for page in ("glossary.html", "404.html", "search.html"):
            assert not site.page(page).select(".page-dates")
        for page in site.pages():
            assert "Last changed" not in site.page(page).get_text()

    @each_example
    def test_captured(self, site: Site, example: Path) -> None:
        """An example's is the latest of the days that its outcomes name."""
        page = site.example(example)
        dates = {captures.examples[example.stem].date for captures in CAPTURES}
        (time,) = page.select("p.page-dates time")
        assert str(time["datetime"]) >= max(dates)
        assert time.get_text() in page.select("article")[0].get_text().partition("Latest")[0]


class TestMissing:
    """The page that a host shows in the place of one that is not there."""

    @pytest.fixture
    def host(self, hosted: Site) -> Iterator[str]:
        """A host that has the site in a folder, and shows that page for all that is missing."""

        class Host(serving.Host):
            def translate_path(self, path: str) -> str:
                inside = path.startswith(f"{FOLDER}/")
                return str(super().translate_path(path.removeprefix(FOLDER) if inside else "/no"))

            def send_error(self, *args: object) -> None:
                data = (hosted.html / "404.html").read_bytes()
                self.send_response(404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def __init__(self, *args: object) -> None:
                super().__init__(*args, directory=str(hosted.html))

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join()

    def test_links(self, hosted: Site) -> None:
        """Whatever address it is shown at, it loads and links to the same files, which exist."""
        page = hosted.page("404.html")
        places = {str(tag.get("href") or tag.get("src")) for tag in page.select("[href], [src]")}
        places |= {str(form["action"]) for form in page.select("form")}
        inside = [place for place in places if not re.match("https?:|#", place)]
        assert len(inside) > 50
        for place in inside:
            assert urljoin("https://a.example/no/such/", place) == f"https://a.example{place}"
            assert (hosted.html / urlsplit(place).path.removeprefix(f"{FOLDER}/")).is_file(), place

    def test_helps(self, site: Site) -> None:
        """It leads to the symptoms, the examples and home, and searches."""
        article = site.page("404.html").select("article")[0]
        links = [str(link["href"]) for link in article.select("li a[href]:first-child")]
        assert links == ["/symptoms.html", "/examples/index.html", "/index.html"]
        assert [str(form["action"]) for form in article.select("form")] == ["/search.html"]

    @pytest.mark.parametrize("place", ["gone.html", "examples/no/such/deep/page.html"])
    def test_in_browser(self, host: str, page: Page, place: str) -> None:
        """At any depth it has its looks, and its links and its search lead on."""
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.on(
            "response",
            lambda response: response.status == 404 and failed.append(response.url),
        )
        missing = f"{host}{FOLDER}/{place}"
        page.goto(missing)
        assert page.locator("h1").inner_text().startswith("This page is not here")
        assert failed == [missing]
        page.get_by_role("main").get_by_role("link", name="Symptoms").click()
        assert page.url == f"{host}{FOLDER}/symptoms.html"
        page.goto(missing)
        page.get_by_label("Paste a line of your error").fill("AF_UNIX path too long")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{host}{FOLDER}/search.html?q=*")
        page.get_by_role("link", name="AF_UNIX path too long").first.wait_for()
        page.wait_for_load_state("networkidle")  # the search is still asking for summaries
