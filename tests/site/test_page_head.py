"""What is written for those who search: descriptions, maps, twins in Markdown, and dates."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from poolcontext.sphinxext import findable, history

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Gallery, MakeGallery, Other

BASE = "https://pools.example/en/latest/"
DAYS = ("2026-02-03", "2026-02-14", "2026-02-25")


def build(gallery: Gallery, *options: str) -> None:
    """Build with the configuration on top, as the site has it, so that git sees all files."""
    inner = gallery.docs / "conf.py"
    if inner.exists():
        inner.rename(gallery.root / "conf.py")
    gallery.build("-c", str(gallery.root), *options)


def description(gallery: Gallery, page: str) -> str:
    (meta,) = gallery.page(page).select("meta[name=description]")
    return str(meta["content"])


def places(gallery: Gallery) -> list[str]:
    """What the map of the site lists."""
    text = (gallery.html / "sitemap.xml").read_text(encoding="utf-8")
    return [place.removeprefix(BASE) for place in re.findall("<loc>(.*?)</loc>", text)]


def test_description(make_gallery: MakeGallery) -> None:
    """It is what is written, or the first sentences; where these are few, with what is below."""
    gallery = make_gallery()
    gallery.write("examples/section/GALLERY_HEADER.rst", "Section\n=======\n\nWhich one?\n")
    gallery.add("section/first", "print(1)")
    gallery.write(
        "docs/own.rst", ":orphan:\n\n.. meta::\n   :description: Mine.\n\nT\n=\n\nWords.\n"
    )
    gallery.write("docs/none.rst", ":orphan:\n\nOnly a Title\n============\n")
    long = "It ends with an *error*, which ``says`` that. " + "It does so again & again. " * 9
    gallery.write("docs/long.rst", f":orphan:\n\nT\n=\n\n{long}\n")
    gallery.build()
    assert description(gallery, "examples/section/first") == "Words."
    assert description(gallery, "examples/section/index") == "Which one? “Title of section/first”"
    assert description(gallery, "own") == "Mine."
    assert description(gallery, "none") == "Only a Title"
    start = "It ends with an error, which says that. It does so again & again."
    assert description(gallery, "long").startswith(start)
    assert description(gallery, "long").endswith("again.")
    assert len(description(gallery, "long")) <= findable.LONGEST


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
    """It ends where a sentence does, or else a word, and is never longer than allowed."""
    assert findable.shortened(text) == short
    assert len(short) <= findable.LONGEST


@pytest.mark.parametrize(
    ("base", "folder"),
    [("", "/"), (BASE, "/en/latest/"), ("https://pools.example", "/")],
)
def test_absolute(base: str, folder: str) -> None:
    """Links of the page for missing ones lead to the same places from whatever address."""
    config = SimpleNamespace(html_baseurl=base)
    page = '<html data-content_root="./"><a\nhref="x/y.html#z"><form action="s.html"><img src="i">'
    kept = '<a href="#here"><a href="https://x.example/"><a href="/z"><img src="data:image/x">'
    text = findable.absolute(page + kept, config)  # type: ignore[arg-type]
    assert text.endswith(kept)
    found = re.findall(r'="(.*?)"', text.removesuffix(kept))
    assert found == [folder, f"{folder}x/y.html#z", f"{folder}s.html", f"{folder}i"]
    assert findable.absolute(text, config) == text  # type: ignore[arg-type]


def test_map(make_gallery: MakeGallery) -> None:
    """It lists all pages, and not only those that the latest build wrote; it needs an address."""
    gallery = make_gallery()
    gallery.add("first", "print(1)")
    gallery.write("docs/404.rst", ":orphan:\n:nosearch:\n\nT\n=\n")
    gallery.build("-D", f"html_baseurl={BASE}")
    assert places(gallery) == ["index.html", "examples/index.html", "examples/first.html"]
    gallery.write("docs/new.rst", ":orphan:\n\nNew\n===\n")
    built = gallery.build("-D", f"html_baseurl={BASE}")
    assert "new" in built.read
    gallery.write("docs/new.rst", ":orphan:\n\nNewer\n=====\n")
    assert gallery.build("-D", f"html_baseurl={BASE}").read == ["new"]
    assert places(gallery)[-1] == "new.html"
    assert len(places(gallery)) == 4
    assert gallery.page("examples/first").select("meta[property='og:url']")
    gallery.build()
    assert not (gallery.html / "sitemap.xml").exists()
    assert not gallery.page("examples/first").select("meta[property], link[rel=canonical]")


def test_title_of_no_page(make_gallery: MakeGallery) -> None:
    """A title for a page that is not there is a warning."""
    gallery = make_gallery()
    conf = (gallery.docs / "conf.py").read_text(encoding="utf-8")
    gallery.write("docs/conf.py", conf + 'poolcontext_titles = {"index": "A", "gone": "B"}\n')
    gallery.add("first", "print(1)")
    (warning,) = gallery.build(fails=True).warnings
    assert "poolcontext_titles names 'gone'" in warning


class TestTwins:
    """Pages as Markdown."""

    def test_example(self, make_gallery: MakeGallery, other: Other) -> None:
        """An example's has its title, its words, all its code, and all outcomes with platforms."""
        gallery = make_gallery()
        gallery.add("first", "import os\n\n%%\n\nprint('<b>', os.name * 0)")
        gallery.commit(other(version="3.9.1"), {"first": "```\n*old*\n"})
        gallery.build()
        twin = (gallery.html / "examples" / "first.html.md").read_text(encoding="utf-8")
        assert twin.startswith(
            "# Title of first\n\nWords.\n\n```python\nimport os\n```\n\nSome words."
        )
        assert "```python\nprint('<b>', os.name * 0)\n```\n" in twin
        assert "```\n<b> \n```" in twin
        assert "````\n```\n*old*\n````\n" in twin
        assert "3.9.1" in twin
        assert "sphx-glr" not in twin

    def test_markup(self, make_gallery: MakeGallery) -> None:
        """Lists, tables, links and code become Markdown's own; what is text stays text."""
        gallery = make_gallery()
        gallery.add("first", "print(1)")
        gallery.write(
            "docs/words.rst",
            ":orphan:\n\nA __name__ *x* <y>\n------------------\n\n"
            "Of ``a`b`` and a_b [1].\n\n- one\n\n  more\n\n  - in\n\n- `two <z.html>`__\n\n"
            "==  =====\na   b\n==  =====\n1   x | y\n==  =====\n\nTerm\n  What it is.\n",
        )
        gallery.build()
        assert (gallery.html / "words.html.md").read_text(encoding="utf-8") == (
            "# A \\_\\_name\\_\\_ *x* \\<y>\n\n"
            "Of `` a`b `` and a_b \\[1\\].\n\n"
            "- one\n\n  more\n\n  - in\n- [two](z.html)\n\n"
            "| a | b |\n| --- | --- |\n| 1 | x \\| y |\n\n"
            "**Term**\n\n- What it is.\n"
        )

    def test_list(self, make_gallery: MakeGallery) -> None:
        """All are listed, also those that this build left alone; none is left of what is gone."""
        gallery = make_gallery()
        gallery.add("first", "print(1)")
        gallery.add("second", "print(2)")
        gallery.write("docs/404.rst", ":orphan:\n:nosearch:\n\nT\n=\n")
        gallery.build()
        (gallery.examples / "second.py").unlink()
        gallery.build()
        text = (gallery.html / "llms.txt").read_text(encoding="utf-8")
        assert re.findall(r"^(#+ .+|> .+|- \[.+?\))", text, re.M) == [
            "# Gallery",
            "> Home “Examples”",
            "## Pages",
            "- [Home](index.html.md)",
            "## Examples",
            "- [Examples](examples/index.html.md)",
            "- [Title of first](examples/first.html.md)",
        ]
        twins = gallery.html.rglob("*.md")
        assert sorted(path.name for path in twins) == [
            "first.html.md",
            "index.html.md",
            "index.html.md",
        ]


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
class TestDates:
    """When a page was last changed, which git knows, and captured."""

    @staticmethod
    def commit(folder: Path, day: str) -> None:
        """Commit all files, on a day that this computer's clock need not know of."""
        authored = {"GIT_AUTHOR_DATE": "2020-01-01T12:00:00+0000"}
        date = {"GIT_COMMITTER_DATE": f"{day}T12:00:00+0000", **authored}
        names = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=0"]
        for words in (["init", "-q"], ["add", "."], [*names, "commit", "-q", "-m", "Words"]):
            subprocess.run(["git", *words], cwd=folder, env={**os.environ, **date}, check=True)

    @staticmethod
    def dates(gallery: Gallery, page: str) -> list[str]:
        found = gallery.page(page).select("p.page-dates time")
        return [str(time["datetime"]) for time in found]

    def test_changed(self, make_gallery: MakeGallery, tmp_path: Path) -> None:
        """It is the day of the last commit of what a page is made from, and no other's."""
        gallery = make_gallery()
        gallery.write(".gitignore", "docs/_build\ndocs/examples\n")
        gallery.write("NEWS.rst", "News\n====\n\nNone.\n")
        gallery.write("docs/news.rst", ".. include:: ../NEWS.rst\n")
        gallery.write(
            "docs/index.rst", "Home\n====\n\n.. toctree::\n\n   news\n   examples/index\n"
        )
        script = gallery.add("first", "print(1)")
        gallery.add("second", "print(2)")
        build(gallery)
        assert self.dates(gallery, "index") == []  # there is no history yet
        self.commit(gallery.root, DAYS[0])
        script.write_text(script.read_text(encoding="utf-8") + "# A word.\n", encoding="utf-8")
        gallery.write("NEWS.rst", "News\n====\n\nSome.\n")
        build(gallery)
        assert self.dates(gallery, "examples/first")[0] == DAYS[0]
        self.commit(gallery.root, DAYS[1])
        build(gallery, "-D", f"html_baseurl={BASE}")
        changed = {
            page: self.dates(gallery, page)[0]
            for page in ("index", "news", "examples/index", "examples/first", "examples/second")
        }
        assert changed == {
            "index": DAYS[0],
            "news": DAYS[1],
            "examples/index": DAYS[0],
            "examples/first": DAYS[1],
            "examples/second": DAYS[0],
        }
        text = (gallery.html / "sitemap.xml").read_text(encoding="utf-8")
        assert f"news.html</loc><lastmod>{DAYS[1]}</lastmod>" in text

        copy = tmp_path / "copy"
        subprocess.run(
            ["git", "clone", "-q", "--depth=1", f"file://{gallery.root}", str(copy)], check=True
        )
        assert history.last_changes(gallery.root)["NEWS.rst"] == DAYS[1]
        assert history.last_changes(copy) == {}  # all files seem to be of its only commit

    def test_captured(self, make_gallery: MakeGallery, other: Other) -> None:
        """It is the latest day of all captures that the page shows; without any there is none."""
        gallery = make_gallery()
        gallery.add("first", "print(1)")
        gallery.add("second", "print(2)")
        for version, day in zip(("3.9.1", "3.9.2", "3.9.3"), (DAYS[0], "2099-01-02", DAYS[1])):
            first = gallery.capture("first", "1\n", date=day)
            gallery.commit(other(version=version), {"first": first})
        gallery.write("docs/none.rst", ":orphan:\n\nNone\n====\n")
        gallery.build()
        assert self.dates(gallery, "examples/first")[-1] == "2099-01-02"
        assert self.dates(gallery, "examples/second")[-1] < "2099"
        assert self.dates(gallery, "none") == []

    def test_without_git(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is no git, there is no day."""
        monkeypatch.setenv("PATH", str(tmp_path))
        assert history.last_changes(tmp_path) == {}
