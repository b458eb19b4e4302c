"""Patch the theme: names for screen readers, stops for the keyboard, no file loaded in vain.

The theme, the gallery and Pygments leave no place to say it in: so docs/_templates/page.html hands
each page's body to `patched`; a part that is not found is left as it is.
"""

from __future__ import annotations

import html
import os
import re
from typing import Any

from sphinx.application import Sphinx

_TWICE = re.compile(r'(<div class="table-wrapper [^>]* id="([^"]+)"[^>]*>\s*<table [^>]*?) id="\2"')
"""A table whose id the theme has given to what it has put around it, too."""


def patched(page: str) -> str:
    """The body of a page, which can be used without a mouse, and without seeing it."""
    # Some pages have a second search, for an error.
    search = 'class="sidebar-search-container"'
    page = page.replace(search, f'{search} aria-label="Site"', 1)
    # The name of the site stands beside its mark.
    page = page.replace('alt="Logo"', 'alt="" width="32" height="32"', 1)
    # A heading, which would want a level, above the heading of the page.
    page = page.replace('<p class="caption" role="heading">', '<p class="caption">')
    # On the page of a site whose repository is known it holds links, which belong to some part.
    icons = '<div class="content-icon-container"'
    page = page.replace(icons, f'{icons} role="navigation" aria-label="This page"', 1)
    page = _TWICE.sub(r"\1", page)
    return _name_what_scrolls(_describe_cards(_name_tabs(_move_drawers(page))))


_TOGGLE = r'<input type="checkbox" class="sidebar-toggle" name="{name}"[^>]*>\s*'
_DRAWERS = {
    "__navigation": ('<aside class="sidebar-drawer"', "Site"),
    "__toc": ('<aside class="toc-drawer', "On this page"),
}
_CONTENT = re.compile(r'(<div class="content">.*)(<aside class="toc-drawer.*?</aside>\s*)', re.S)


def _move_drawers(page: str) -> str:
    """Have each drawer say what it is, and begin with what opens it.

    The theme has the two checkboxes above all else and the contents below the text:
    who opens a drawer by keyboard would have the whole page to cross on the way to it.
    """
    page = _CONTENT.sub(r"\2\1", page)
    for name, (start, label) in _DRAWERS.items():
        toggle = re.search(_TOGGLE.format(name=name), page)
        if toggle and start in page:
            page = page.replace(toggle[0], "", 1)
            drawer = re.compile(f"({start}[^>]*)>")
            page = drawer.sub(rf'\1 aria-label="{label}">{toggle[0].strip()}', page, count=1)
    return page


_TABS = re.compile(
    r'(<div class="outcomes [^>]*?(?P<beside> id="outcome")?)(>(?:\s*<h2.*?</h2>)?\s*'
    r'<div class="sd-tab-set docutils")'
)


def _name_tabs(page: str) -> str:
    """Have tabs say what there is to choose from, and be scrolled where they stand beside code."""

    def named(tabs: re.Match[str]) -> str:
        reached = ' tabindex="0"' if tabs["beside"] else ""
        return f'{tabs[1]}{reached} role="group" aria-label="Outcomes"{tabs[3]}'

    return _TABS.sub(named, page)


_CARD = re.compile(
    r'(<div class="sphx-glr-thumbcontainer") tooltip="([^"]*)"(>.*?'
    r'<div class="sphx-glr-thumbnail-title">.*?</div>)',
    re.S,
)


def _describe_cards(page: str) -> str:
    """Have cards hold their text, which the gallery has in an attribute that HTML does not know.

    What a style sheet makes of that can be neither found nor copied, and not all hear it.
    """
    return _CARD.sub(r'\1\3\n  <div class="sphx-glr-thumbnail-text">\2</div>', page)


_PARTS = re.compile(
    r"<h[1-6][^>]*>(?P<heading>.*?)</h[1-6]>"
    r'|(?P<table><div class="table-wrapper (?!messages-table)[^>]*)>'
    r'|(?P<output><div class="output [^>]*>)?<div class="highlight"><pre(?=>)',
    re.S,
)
_NO_TEXT = re.compile(r'<a class="headerlink".*?</a>|<[^>]*>', re.S)


def _name_what_scrolls(page: str) -> str:
    """Have the keyboard reach, with a name, what may be too wide for its place.

    Which is so depends on the screen; outputs wrap, but for those that hold measures.
    """
    wrapped = "measures docutils container" not in page
    heading = ""

    def named(part: re.Match[str]) -> str:
        nonlocal heading
        if part["heading"] is not None:
            heading = html.unescape(_NO_TEXT.sub("", part["heading"])).strip()
            return part[0]
        if part["output"] and wrapped:
            return part[0]
        kind = "Table" if part["table"] else "Output" if part["output"] else "Code"
        name = html.escape(f"{kind}: {heading}" if heading else kind)
        attributes = f' tabindex="0" role="group" aria-label="{name}"'
        return f"{part['table']}{attributes}>" if part["table"] else part[0] + attributes

    return _PARTS.sub(named, page)


USED_WITH = {
    "sphinx-design.min.css": "sd-",
    "design-tabs.js": "sd-tab-",
    "sg_gallery.css": "sphx-glr-",
    "sg_gallery-binder.css": "-badge",
    "sg_gallery-dataframe.css": "dataframe",
    "sg_gallery-rendered-html.css": "rendered_html",
    "sg-tags.js": "data-sgtags",
    "copybutton.css": "highlight",
    "clipboard.min.js": "highlight",
    "copybutton.js": "highlight",
    "symptom-place.js": "symptom-list",
}
"""What the text of a page has that uses a file: extensions put theirs on every page."""


def patch(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Patch a page, and keep of the files only those that it uses, or that are not known here."""
    context["patched"] = patched
    body = context.get("body") or ""
    for kind in ("css_files", "script_files"):
        context[kind] = [one for one in context[kind] if _marker(one) in body]


def _marker(file: object) -> str:
    name = os.path.basename(str(getattr(file, "filename", file)))
    return USED_WITH.get(name, "")


def fold(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Have the sidebar list the examples of the page's own group only.

    The theme asks for all of them, folded, on every page: a third of its weight.
    """
    whole = context.get("toctree")
    if whole:
        context["toctree"] = lambda **options: whole(**{**options, "collapse": True})


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", fold, priority=400)  # before the theme
    app.connect("html-page-context", patch)
