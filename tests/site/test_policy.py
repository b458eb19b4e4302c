"""What a page may load and do, and what it weighs: as the headers for hosts say."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

    from .conftest import Site

MOST = 75_000
"""Bytes over the wire of a page's first visit, less the index of the search."""


def policy(site: Site) -> str:
    (found,) = re.findall(
        r"^  Content-Security-Policy: (.+)$", (site.html / "_headers").read_text(), re.M
    )
    return str(found)


def test_policy(site: Site) -> None:
    """The policy lets nothing come from elsewhere, and names each script that is in a page."""
    said = policy(site)
    assert said.startswith("default-src 'self'; script-src 'self' 'sha256-")
    assert "style-src 'self' 'unsafe-inline'; img-src 'self' data:;" in said
    assert not re.search(r"https?:|\*|unsafe-eval|script-src[^;]*unsafe", said)
    allowed = set(re.findall(r"'sha256-([^']+)'", said))
    used = set()
    for path in site.pages():
        for script in site.page(path).select("script:not([src])"):
            digest = hashlib.sha256(str(script.string).encode()).digest()
            used.add(base64.b64encode(digest).decode())
        assert not site.page(path).select("[onclick], [onload], [href^='javascript:']")
    assert used == allowed


def test_nothing_is_refused(page: Page, site: Site, address: str) -> None:
    """Under the policy every page loads without a refusal, and from the site alone."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in site.pages():
        page.goto(f"{address}/{path.relative_to(site.html).as_posix()}", wait_until="load")
    assert asked
    assert [url for url in asked if not url.startswith((f"{address}/", "data:"))] == []


def test_refusal_is_noticed(browser: Browser, address: str) -> None:
    """A script that the policy does not name is refused, so that the tests above can fail."""
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/index.html")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))"
    )
    assert page.evaluate("typeof x") == "undefined"
    assert any("Content Security Policy" in text for text in said)
    page.close()


def test_no_idle_files(site: Site) -> None:
    """A page links to the files for code, tabs and cards if, and only if, it has some."""
    wanted = {
        "copybutton.css": "div.highlight",
        "copybutton.js": "div.highlight",
        "sphinx-design.min.css": "[class*='sd-']",
        "design-tabs.js": ".sd-tab-set",
        "sg_gallery.css": "[class*='sphx-glr-']",
        "sg-tags.js": "[data-sgtags]",
        "sg_gallery-binder.css": "[class*='-badge']",
        "sg_gallery-rendered-html.css": ".rendered_html",
    }
    for path in site.pages():
        page = site.page(path)
        files = page.select("head link[rel=stylesheet], script[src]")
        names = {
            str(file.get("href") or file["src"]).split("?")[0].split("/")[-1] for file in files
        }
        assert {"furo.css", "pool-context.css", "furo.js"} <= names
        article = page.select_one("article")
        for name, marker in wanted.items():
            used = bool(article and article.select(marker))
            assert (name in names) == used, (path, name)


def test_weight(browser: Browser, site: Site, address: str) -> None:
    """A first visit takes no more than 75 KB over the wire, and no font, whatever the page."""
    heavy = {}
    page = browser.new_page()
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    for path in site.pages():
        responses.clear()
        name = path.relative_to(site.html).as_posix()
        page.goto(f"{address}/{name}", wait_until="load")
        sizes = {
            response.url: response.request.sizes()["responseBodySize"]
            for response in responses
            if "/searchindex.js" not in response.url
        }
        assert any(url.endswith("/pool-context.css") or "furo.css" in url for url in sizes)
        assert not [url for url in sizes if re.search(r"\.(woff2?|ttf|otf)$", url)]
        if sum(sizes.values()) > MOST:
            heavy[name] = sum(sizes.values())
    page.close()
    assert heavy == {}
