"""What a site says that it was built from, and when its pages were changed and captured."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from _ext import built_from

from poolcontext.capture.platform import describe

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Gallery, NewGallery, Other

DAYS = ("2026-02-03", "2026-02-14", "2026-02-25")

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


def git(folder: Path, *words: str, day: str = DAYS[0]) -> str:
    """Call git, with a date of commits that this computer's clock need not know of."""
    names = ("-c", "user.name=X", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=0")
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{day}T12:00:00Z")
    done = subprocess.run(
        ["git", *names, *words],
        cwd=folder,
        env={**os.environ, **dates},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, day: str) -> str:
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Words"]):
        git(folder, *words, day=day)
    return git(folder, "rev-parse", "HEAD")


def test_describe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit is named, and that files are others, or more; without a history it says so."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert built_from.describe(tmp_path) == (built_from.UNKNOWN, describe().title)
    (tmp_path / "file").write_text("1", encoding="utf-8")
    head = commit(tmp_path, DAYS[0])
    assert built_from.describe(tmp_path) == (head, describe().title)
    for name in ("new", "file"):
        (tmp_path / name).write_text("2", encoding="utf-8")
        said, _ = built_from.describe(tmp_path)
        assert said == f"{head}, with changes that are not committed"
        git(tmp_path, "clean", "-q", "-f")
    monkeypatch.setenv("PATH", "")
    assert built_from.describe(tmp_path)[0] == built_from.UNKNOWN


@pytest.fixture
def gallery(new_gallery: NewGallery) -> Gallery:
    """A checkout: with the configuration on top, as the site has it, and with an included file."""
    made = new_gallery()
    made.write("conf.py", (made.docs / "conf.py").read_text(encoding="utf-8"))
    (made.docs / "conf.py").unlink()
    made.write(".gitignore", "docs/_build\ndocs/examples\n")
    made.write("NEWS.rst", "News\n====\n\nNone.\n")
    made.write("docs/news.rst", ".. include:: ../NEWS.rst\n")
    made.write("docs/from.rst", ":orphan:\n\nFrom\n====\n\n.. poolcontext-built-from::\n")
    made.write("docs/index.rst", "Home\n====\n\n.. toctree::\n\n   news\n   examples/index\n")
    made.add("first", "print(1)")
    made.add("second", "print(2)")
    return made


def test_pages(gallery: Gallery) -> None:
    """A page has the day of the last commit of what it is made from, and no other's.

    What the site was built from is said anew for another commit.
    """
    script = gallery.examples / "first.py"
    heads = [commit(gallery.root, DAYS[0])]
    script.write_text(script.read_text(encoding="utf-8") + "# A word.\n", encoding="utf-8")
    gallery.write("NEWS.rst", "News\n====\n\nSome.\n")
    heads.append(commit(gallery.root, DAYS[1]))
    base = "https://pools.example/"
    options = ("-c", str(gallery.root), "-D", f"html_baseurl={base}")
    gallery.build(*options)
    text = (gallery.html / "sitemap.xml").read_text(encoding="utf-8")
    assert dict(re.findall(rf"<loc>{base}(\S+?)\.html</loc><lastmod>(\S+?)<", text)) == {
        "index": DAYS[0],
        "news": DAYS[1],
        "from": DAYS[0],
        "examples/index": DAYS[0],
        "examples/first": DAYS[1],
        "examples/second": DAYS[0],
    }
    said = [one.get_text() for one in gallery.page("from").select("dl.built-from dd p")]
    assert said == [heads[1], describe().title]
    assert gallery.build(*options).read == []
    gallery.write("README", "New.")
    heads.append(commit(gallery.root, DAYS[2]))
    assert gallery.build(*options).read == ["from"]
    assert heads[2] in gallery.page("from").get_text()


def test_captured(gallery: Gallery, other: Other) -> None:
    """The day at the end is the latest of the snapshots that a page shows, if it shows any."""
    for version, day in zip(("3.9.1", "3.9.2", "3.9.3"), (DAYS[0], "2099-01-02", DAYS[1])):
        gallery.commit(other(version=version), {"first": gallery.capture("first", "1\n", date=day)})
    gallery.build("-c", str(gallery.root))
    times = {
        page: [one["datetime"] for one in gallery.page(page).select("p.page-dates time")]
        for page in ("examples/first", "examples/second", "news")
    }
    assert times["examples/first"] == ["2099-01-02"]
    assert times["examples/second"][0] < "2099"
    assert times["news"] == []
