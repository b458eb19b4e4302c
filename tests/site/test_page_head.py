"""What is written for those who search: descriptions, a map, and twins of pages in Markdown."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from _ext import page_head

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Gallery, NewGallery, Other

BASE = "https://pools.example/en/latest/"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("One. Two.", "One. Two."),
        ("One. " + "Two words " * 30 + "end.", "One."),
        ("word " * 40, "word " * 31 + "word…"),
        ('See 3.14. "Quoted" ends. ' + "It is long " * 20, 'See 3.14. "Quoted" ends.'),
        ("Short. `x` is e.g. this " + "y" * 150, "Short. `x` is e.g. this…"),
        ("", ""),
    ],
)
def test_shortened(text: str, short: str) -> None:
    """A description ends where a sentence does, or else a word, and is never too long."""
    assert page_head.shortened(text) == short
    assert len(short) <= page_head.LONGEST


@pytest.mark.parametrize(
    ("base", "folder"),
    [("", "/"), (BASE, "/en/latest/"), ("https://pools.example", "/")],
)
def test_absolute(base: str, folder: str) -> None:
    """Links of the page for missing ones lead to the same places from whatever address."""
    config = SimpleNamespace(html_baseurl=base)
    page = '<html data-content_root="./"><a\nhref="x/y.html#z"><form action="s.html"><img src="i">'
    kept = '<a href="#here"><a href="https://x.example/"><a href="/z"><img src="data:image/x">'
    text = page_head.absolute(page + kept, config)  # type: ignore[arg-type]
    assert text.endswith(kept)
    found = re.findall(r'="(.*?)"', text.removesuffix(kept))
    assert found == [folder, f"{folder}x/y.html#z", f"{folder}s.html", f"{folder}i"]
    assert page_head.absolute(text, config) == text  # type: ignore[arg-type]


LONG = "It ends with an *error*, which ``says`` that. " + "It does so again & again. " * 9
MARKUP = """\
:orphan:

A __name__ *x* <y>
------------------

Of ``a`b`` and a_b [1].

- one

  more

  - in

- `two <z.html>`__

==  =====
a   b
==  =====
1   x | y
==  =====

Term
  What it is.
"""
MARKDOWN = """\
# A \\_\\_name\\_\\_ *x* \\<y>

Of `` a`b `` and a_b \\[1\\].

- one

  more

  - in
- [two](z.html)

| a | b |
| --- | --- |
| 1 | x \\| y |

**Term**

- What it is.
"""
EXAMPLE = """\
# Title of first

Words.

```python
import os
```

Some words.

"""


@pytest.fixture(scope="module")
def built(new_gallery: NewGallery, other: Other) -> Gallery:
    """A site with an address, built twice: what changed between is one page more and one less."""
    gallery = new_gallery()
    gallery.configure(f"html_baseurl = {BASE!r}\npoolcontext_card = '_static/card.png'\n")
    gallery.write("examples/section/GALLERY_HEADER.rst", "Section\n=======\n\nWhich one?\n")
    gallery.add("section/below", "print(1)")
    gallery.add("first", "import os\n\n%%\n\nprint('<b>', os.name * 0)")
    gallery.add("gone", "print(2)")
    gallery.commit(other(version="3.9.1"), {"first": "```\n*old*\n"})
    gallery.write(
        "docs/own.rst", ":orphan:\n\n.. meta::\n   :description: Mine.\n\nT\n=\n\nWords.\n"
    )
    gallery.write("docs/none.rst", ":orphan:\n\nOnly a Title\n============\n")
    gallery.write("docs/long.rst", f":orphan:\n\nT\n=\n\n{LONG}\n")
    gallery.write("docs/markup.rst", MARKUP)
    gallery.write("docs/404.rst", ":orphan:\n:nosearch:\n\nT\n=\n")
    gallery.build()
    (gallery.examples / "gone.py").unlink()
    gallery.write("docs/new.rst", ":orphan:\n\nNew\n===\n")
    gallery.build()
    gallery.write("docs/new.rst", ":orphan:\n\nNewer\n=====\n")
    assert gallery.build().read == ["new"]
    return gallery


PUBLIC = [
    *("index", "examples/index", "examples/first", "examples/section/index"),
    *("examples/section/below", "long", "markup", "new", "none", "own"),
]


def twin(gallery: Gallery, page: str) -> str:
    return (gallery.html / f"{page}.html.md").read_text(encoding="utf-8")


def test_descriptions(built: Gallery) -> None:
    """It is what is written, or the first sentences; where these are few, with what is below."""
    found = {
        page: built.page(page).select_one("meta[name=description]")["content"] for page in PUBLIC
    }
    assert found["examples/section/below"] == "Words."
    assert found["examples/section/index"] == "Which one? “Title of section/below”"
    assert found["own"] == "Mine."
    assert found["none"] == "Only a Title"
    start = "It ends with an error, which says that. It does so again & again."
    assert found["long"].startswith(start)
    assert found["long"].endswith("again.")
    assert not built.page("404").select("meta[name=description], link[rel=canonical]")


def test_lists(built: Gallery) -> None:
    """The map and llms.txt list all pages, also those that the latest build left alone."""
    text = (built.html / "sitemap.xml").read_text(encoding="utf-8")
    places = re.findall(rf"<loc>{BASE}(.*?)\.html</loc>", text)
    assert sorted(places) == sorted(PUBLIC)
    assert places[:5] == PUBLIC[:5]
    text = (built.html / "llms.txt").read_text(encoding="utf-8")
    lines = re.findall(r"^(#+ .+|> .+|- \[.+?\))", text, re.M)
    assert lines[:4] == [
        "# Gallery",
        "> Home “Examples”",
        "## Pages",
        f"- [Home]({BASE}index.html.md)",
    ]
    examples = lines.index("## Examples")
    assert lines[examples + 1 : examples + 3] == [
        f"- [Examples]({BASE}examples/index.html.md)",
        f"- [Title of first]({BASE}examples/first.html.md)",
    ]
    assert len(lines) == len(PUBLIC) + 4
    twins = {path.relative_to(built.html).as_posix() for path in built.html.rglob("*.md")}
    assert twins == {f"{page}.html.md" for page in PUBLIC}


def test_twins(built: Gallery) -> None:
    """A twin has the page's titles, words, tables and code, and all outcomes; text stays text."""
    text = twin(built, "examples/first")
    assert text.startswith(EXAMPLE)
    assert "```python\nprint('<b>', os.name * 0)\n```\n" in text
    assert "```\n<b> \n```" in text
    assert "````\n```\n*old*\n````\n" in text
    assert "3.9.1" in text
    assert "sphx-glr" not in text
    assert twin(built, "markup") == MARKDOWN


def test_address(built: Gallery, tmp_path: Path) -> None:
    """What needs the site's address is left out where that is not known, and what is old goes."""
    (url,) = built.page("examples/first").select("meta[property='og:url']")
    assert url["content"] == f"{BASE}examples/first.html"
    (image,) = built.page("examples/first").select("meta[property='og:image']")
    assert image["content"] == f"{BASE}_static/card.png"
    copy = built.copy(tmp_path / "copy")
    copy.build("-D", "html_baseurl=")
    assert not (copy.html / "sitemap.xml").exists()
    assert not copy.page("examples/first").select("meta[property], link[rel=canonical]")


def test_title_of_no_page(new_gallery: NewGallery) -> None:
    """A title for a page that is not there is a warning."""
    gallery = new_gallery()
    gallery.configure('poolcontext_titles = {"index": "A", "gone": "B"}\n')
    gallery.add("first", "print(1)")
    (warning,) = gallery.build(fails=True).warnings
    assert "poolcontext_titles names 'gone'" in warning
