"""What is patched of the theme's pages, for a keyboard and a screen reader."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from _ext import theme

NAVIGATION = '<input type="checkbox" class="sidebar-toggle" name="__navigation" id="n">'
CONTENTS = '<input type="checkbox" class="sidebar-toggle" name="__toc" id="t">'
PRE = '<div class="highlight"><pre>'


def named(kind: str) -> str:
    return f' tabindex="0" role="group" aria-label="{kind}"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '<form class="sidebar-search-container"><form class="sidebar-search-container">',
            '<form class="sidebar-search-container" aria-label="Site">'
            '<form class="sidebar-search-container">',
            id="first search",
        ),
        pytest.param(
            '<img alt="Logo"> <img alt="Logo">',
            '<img alt="" width="32" height="32"> <img alt="Logo">',
            id="mark",
        ),
        pytest.param(
            '<div class="content-icon-container"><a>',
            '<div class="content-icon-container" role="navigation" aria-label="This page"><a>',
            id="links beside the page",
        ),
        pytest.param(
            '<p class="caption" role="heading">C</p>', '<p class="caption">C</p>', id="no heading"
        ),
        pytest.param(
            '<div class="table-wrapper messages-table" id="a">\n<table class="b" id="a">',
            '<div class="table-wrapper messages-table" id="a">\n<table class="b">',
            id="one id",
        ),
        pytest.param(
            f'{NAVIGATION}\n{CONTENTS}\n<aside class="sidebar-drawer">S</aside>'
            '<div class="content">T</div><aside class="toc-drawer no-toc">C</aside>',
            f'<aside class="sidebar-drawer" aria-label="Site">{NAVIGATION}S</aside>'
            f'<aside class="toc-drawer no-toc" aria-label="On this page">{CONTENTS}C</aside>'
            '<div class="content">T</div>',
            id="drawers",
        ),
        pytest.param(
            '<div class="outcomes docutils container" id="outcome"><h2>O</h2>\n'
            '<div class="sd-tab-set docutils">',
            f'<div class="outcomes docutils container" id="outcome"{named("Outcomes")}><h2>O</h2>\n'
            '<div class="sd-tab-set docutils">',
            id="tabs beside code",
        ),
        pytest.param(
            '<div class="outcomes docutils container"><div class="sd-tab-set docutils">',
            '<div class="outcomes docutils container" role="group" aria-label="Outcomes">'
            '<div class="sd-tab-set docutils">',
            id="tabs",
        ),
        pytest.param(
            '<div class="sphx-glr-thumbcontainer" tooltip="A &amp; b">\n<img>'
            '<div class="sphx-glr-thumbnail-title">T</div>',
            '<div class="sphx-glr-thumbcontainer">\n<img>'
            '<div class="sphx-glr-thumbnail-title">T</div>\n'
            '  <div class="sphx-glr-thumbnail-text">A &amp; b</div>',
            id="card",
        ),
        pytest.param(
            f'{PRE}a</pre><h2>A &amp; <em>b</em><a class="headerlink" href="#a">¶</a></h2>{PRE}c',
            f'<div class="highlight"><pre{named("Code")}>a</pre>'
            '<h2>A &amp; <em>b</em><a class="headerlink" href="#a">¶</a></h2>'
            f'<div class="highlight"><pre{named("Code: A &amp; b")}>c',
            id="code",
        ),
        pytest.param(
            '<h3>T</h3><div class="table-wrapper docutils container">',
            f'<h3>T</h3><div class="table-wrapper docutils container"{named("Table: T")}>',
            id="table",
        ),
        pytest.param(f'<div class="output x">{PRE}o', f'<div class="output x">{PRE}o', id="wraps"),
        pytest.param(
            f'<div class="measures docutils container"><div class="output x">{PRE}o',
            '<div class="measures docutils container"><div class="output x">'
            f'<div class="highlight"><pre{named("Output")}>o',
            id="output of measures",
        ),
        pytest.param("<p>Nothing.</p>", "<p>Nothing.</p>", id="nothing"),
    ],
)
def test_patched(before: str, after: str) -> None:
    """What the theme has no place for is put where the keyboard and screen readers find it."""
    assert theme.patched(before) == after


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("", ["furo.css", "theirs.css"]),
        ('<div class="sd-card">', ["furo.css", "theirs.css", "sphinx-design.min.css"]),
        ('<div class="highlight">', ["furo.css", "theirs.css", "copybutton.css"]),
    ],
)
def test_patch(body: str, kept: list[str]) -> None:
    """A page loads what it uses, and what nobody here knows the use of."""
    files: list[Any] = [SimpleNamespace(filename=f"_static/{kept[0]}"), "_static/theirs.css"]
    files += [f"_static/{name}" for name in ("sphinx-design.min.css", "copybutton.css")]
    context: dict[str, Any] = {"body": body, "css_files": files, "script_files": []}
    app: Any = None
    theme.patch(app, "page", "page.html", context, None)
    names = [
        str(getattr(file, "filename", file)).rpartition("/")[2] for file in context["css_files"]
    ]
    assert names == kept
    assert context["patched"] is theme.patched
