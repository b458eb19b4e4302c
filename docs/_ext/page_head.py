"""What search engines, and those to whom a page is sent, get to know of it.

A description, a title of its own where a heading alone says too little, the tags of
https://ogp.me, and a map of the site. What needs the site's address is left out as
long as nobody says where the site is: ``html_baseurl``.

By hand, since sphinxext-opengraph 0.13 puts code into descriptions, sphinx-sitemap 2.9 maps the
pages of the last build only and starts a process for it, and sphinx-notfound-page 1.1 leaves the
links of the text, and what scripts take for the root, as they are.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from poolcontext.sphinxext.results import warn

from . import markdown

LONGEST = 160
"""Characters of a description; of more, search engines show no more than the start."""

SHORT = 80
"""Characters below which a page's first words say too little of it."""

MISSING = "404"
"""The page that hosts show in the place of one that is not there, in any folder."""

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=\W{0,9}[A-Z])")
_RELATIVE = re.compile(r'(?<=\s)(href|src|action|data-content_root)="(?![a-z]+:|[/#])(\./)?')


def describe(app: Sphinx, doctree: nodes.document) -> None:
    """Note a page's description: what is written for it, or else its first words."""
    given = [node["content"] for node in doctree.findall(nodes.meta) if _describes(node)]
    first = (node for node in doctree.findall(nodes.paragraph) if _is_prose(node))
    text = " ".join(next(first, nodes.paragraph()).astext().split())
    app.env.metadata[app.env.docname]["description"] = (given or [shortened(text)])[0]


def _describes(meta: nodes.meta) -> bool:
    return bool(meta.get("name") == "description")


def _is_prose(paragraph: nodes.paragraph) -> bool:
    return isinstance(paragraph.parent, nodes.section) and not paragraph["classes"]


def shortened(text: str) -> str:
    """As many whole sentences as are not too long together, or else words.

    Example:
        >>> shortened("You see an error. " + "It is long, as there is much to say. " * 4)[-41:]
        'say. It is long, as there is much to say.'
        >>> shortened("word " * 40)[-6:]
        ' word…'
    """
    sentences = _SENTENCE.split(text.strip())
    while len(sentences) > 1 and len(" ".join(sentences)) > LONGEST:
        sentences.pop()
    short = " ".join(sentences)
    if len(short) > LONGEST:
        short = short[:LONGEST].rpartition(" ")[0].rstrip(",;:") + "…"
    return short


def described(env: BuildEnvironment, page: str) -> str:
    """A page's description; where that is short, with the titles of the pages below it."""
    text = str(env.metadata[page].get("description") or env.titles[page].astext())
    if len(text) < SHORT:
        for child in env.toctree_includes.get(page, []):
            title = env.titles[child].astext()
            longer = f"{text}{',' if text.endswith('”') else ''} “{title}”"
            text = longer if len(longer) <= LONGEST else text
    return text


def is_public(env: BuildEnvironment, page: str) -> bool:
    """Whether people are to find a page by searching; the metadata ``nosearch`` says no."""
    return page in env.found_docs and "nosearch" not in env.metadata[page]


def address(config: Config, target: str = "") -> str:
    """Where something of the site is, as far as that is known."""
    base = config.html_baseurl
    return f"{base.rstrip('/')}/{target}" if base else target


def complete(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page's head what is written for people who search."""
    heading = unescape(re.sub(r"<[^>]*>", "", context.get("title", "")))
    context["head_title"] = app.config.poolcontext_titles.get(page, heading)
    if not is_public(app.env, page):
        context["pageurl"] = None  # there is nothing to be found here
        return
    tags = [context.get("metatags", "")]
    text = described(app.env, page)
    if 'name="description"' not in tags[0]:
        tags.append(f'<meta name="description" content="{escape(text)}" />')
    target = app.builder.get_target_uri(page)
    if app.builder.name == "html":
        twin = f"{target.rpartition('/')[2]}.md"
        tags.append(f'<link rel="alternate" type="text/markdown" href="{escape(twin)}" />')
    if app.config.html_baseurl:
        tags += _open_graph(app.config, target, context["head_title"], text)
    context["metatags"] = "\n".join(tags)


def _open_graph(config: Config, target: str, title: str, text: str) -> list[str]:
    properties = {
        "og:type": "website",
        "og:site_name": config.html_title,
        "og:title": title,
        "og:description": text,
        "og:url": address(config, target),
    }
    if config.poolcontext_card:
        properties["og:image"] = address(config, config.poolcontext_card)
        properties["og:image:alt"] = config.poolcontext_titles.get(config.root_doc, config.project)
        properties["twitter:card"] = "summary_large_image"
    return [
        f'<meta property="{name}" content="{escape(str(value))}" />'
        for name, value in properties.items()
    ]


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of titles that no page has."""
    for page in sorted(app.config.poolcontext_titles):
        if page not in env.found_docs:
            warn("title", "poolcontext_titles names %r, and there is no such page", page)


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write what is about all pages, whichever of them this build has written."""
    if exception is not None or app.builder.name != "html":
        return
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    public = [page for page in markdown.in_order(app.env) if is_public(app.env, page)]
    texts = {page: described(app.env, page) for page in public}
    markdown.finish(app, texts, address(app.config))
    _write_map(app, public)
    missing = Path(app.builder.get_outfilename(MISSING))
    if MISSING in app.env.found_docs:
        text = missing.read_text(encoding="utf-8")
        missing.write_text(absolute(text, app.config), encoding="utf-8", newline="\n")


def _write_map(app: Sphinx, public: list[str]) -> None:
    """Write what https://www.sitemaps.org describes, which wants whole addresses."""
    file = Path(app.outdir, "sitemap.xml")
    if not app.config.html_baseurl:
        file.unlink(missing_ok=True)
        return
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    dates: dict[str, Any] = getattr(app.env, "git_last_updated", {})
    for page in public:
        where = escape(address(app.config, app.builder.get_target_uri(page)))
        seconds, _ = dates.get(page) or ("", False)  # since 1970, as Git has it in bytes
        day = datetime.fromtimestamp(int(seconds), timezone.utc).date() if seconds else ""
        when = f"<lastmod>{day}</lastmod>" if day else ""
        lines.append(f"<url><loc>{where}</loc>{when}</url>")
    text = "\n".join([*lines, "</urlset>", ""])
    file.write_text(text, encoding="utf-8", newline="\n")


def absolute(text: str, config: Config) -> str:
    """A page whose links lead to the same places from whatever address it is shown at.

    Where the site's own address is not known, it is taken to be the root of its host.
    """
    path = re.sub(r"^[a-z]+://[^/]*", "", address(config)) or "/"
    return _RELATIVE.sub(rf'\1="{path}', text)


def setup(app: Sphinx) -> None:
    app.add_config_value("poolcontext_titles", {}, "html", dict)
    app.add_config_value("poolcontext_card", "", "html", str)
    app.connect("doctree-read", describe, priority=450)
    app.connect("env-check-consistency", check)
    app.connect("html-page-context", complete)
    app.connect("build-finished", finish, priority=800)
