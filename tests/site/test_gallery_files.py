"""What is made beside and on the pages of examples, and what is removed of earlier builds."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _ext import gallery_files, page_sources

if TYPE_CHECKING:
    from galleries import Gallery, MakeSite, NewGallery

MADE = (
    "STEM.py",
    "STEM.py.md5",
    "STEM.rst",
    "STEM.zip",
    "STEM.cost.json",
    "STEM.codeobj.json",
    "images/thumb/sphx_glr_STEM_thumb.svg",
)
"""What sphinx-gallery makes of a script STEM.py, beside the folder's own files."""


def fill(folder: Path, stem: str) -> set[Path]:
    files = {folder / name.replace("STEM", stem) for name in MADE}
    for file in files | {folder / "index.rst"}:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return files


@pytest.mark.parametrize(
    ("scripts", "gone"),
    [
        (["a/new.py", "a/newer.py", "top.py"], ["a/old"]),
        (["a/moved.py"], ["moved"]),
        (["a/new.v2.py"], []),
        (["a/new.py"], ["b/old"]),
    ],
    ids=["gone", "moved into a section", "a dot in the name", "a whole section"],
)
@pytest.mark.parametrize("many", [False, True], ids=["one folder", "list of folders"])
def test_prune(make_site: MakeSite, scripts: list[str], gone: list[str], many: bool) -> None:
    """What was made of a script that is gone goes, with an empty section; all else stays."""
    settings = {"examples_dirs": ["../scripts"], "gallery_dirs": ["made"]} if many else {}
    app = make_site(*scripts, **settings)
    made = Path(app.srcdir, "made")
    archive = made / "made_python.zip"
    archive.touch()
    stay = {archive, made / "index.rst"}
    go = fill(made, "older")
    for script in scripts:
        path = made / script
        stay |= {*fill(path.parent, path.stem), path.parent / "index.rst"}
    for name in gone:
        path = made / name
        go |= fill(path.parent, path.name)
        if path.parent / "index.rst" not in stay:
            go.add(path.parent / "index.rst")
    assert set(gallery_files.prune(app)) == go
    assert {path for path in made.rglob("*") if path.is_file()} == stay
    assert gallery_files.prune(app) == []


def test_links_to_sources(make_site: MakeSite) -> None:
    """The links to view and to edit an example's page lead to its script."""
    app: Any = make_site("a/one.py")
    repository = "https://code.example/r"
    app.config.html_theme_options = {"source_repository": f"{repository}/", "source_branch": "b"}
    context: dict[str, Any] = {}
    pages = page_sources.PageSources()
    pages.find(app)
    pages.correct_links(app, "made/a/one", "", context, None)
    assert context == {
        f"theme_source_{action}_link": f"{repository}/{verb}/b/scripts/a/one.py"
        for action, verb in (("view", "blob"), ("edit", "edit"))
    }


CONTENT = {"a/z.py": b"print(1)\n" * 100, "a/b.py": b"", "b.py": "print('ä')".encode()}


def put(app: Any, names: list[str], day: int) -> Path:
    """Write an archive as sphinx-gallery might have, on another day and in another order."""
    path = Path(app.srcdir, "made", "a", "made_python.zip")
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name, (2026, 1, day, 1, 2, 4))
            info.external_attr = (0o600 + day) << 16
            archive.writestr(info, CONTENT[name])
    return path


def test_level_archives(make_site: MakeSite) -> None:
    """Equal files make equal archives, sorted, whatever their order, times and modes were."""
    app = make_site("a/one.py")
    made = []
    for names in (sorted(CONTENT), sorted(CONTENT, reverse=True)):
        path = put(app, names, len(made) + 1)
        gallery_files.level_archives(app)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(CONTENT)
        assert {name: archive.read(name) for name in archive.namelist()} == CONTENT
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}


@pytest.fixture(scope="module")
def base(new_gallery: NewGallery) -> Gallery:
    """A gallery with an example that has a version with the helper, and with one that has none."""
    gallery = new_gallery()
    gallery.add("alpha", "print('alpha')")
    gallery.add("beta", "print('beta')")
    gallery.write("examples/words.py", '"""\nOf <b> &amp; so\n===============\n\nWords.\n"""\n')
    gallery.write(
        "docs/with_helper/alpha_with_helper.py",
        "import poolcontext\n\nprint('with', poolcontext.__name__)\n",
    )
    gallery.write("src/poolcontext.py", "print('this one')\n")
    gallery.write("docs/pixel.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    page = ":orphan:\n\nPage\n====\n\n:doc:`examples/beta`\n\n.. image:: pixel.svg\n"
    gallery.write("docs/page.rst", page)
    assert gallery.build().ran == ["alpha", "alpha_with_helper", "beta", "words"]
    return gallery


def test_with_helper(base: Gallery) -> None:
    """The version with the helper is on its example's page: its code, and what it printed."""
    section = base.page("examples/alpha").select_one("section#with-the-helper")
    code, output = section.select("pre")
    assert code.get_text().startswith("import poolcontext\n")
    assert output.get_text() == "this one\nwith poolcontext\n"
    first, second = base.outcomes("alpha")
    assert section not in first.parents
    assert second.select_one("code").get_text() == "python alpha_with_helper.py"
    assert not base.page("examples/beta").select("section#with-the-helper")
    assert base.noted("examples/alpha") == {"alpha", "alpha_with_helper"}


def test_cards(base: Gallery) -> None:
    """An example's card has its outcome for a picture, and its title as text; others stay."""
    cards = base.page("examples/index").select(".sphx-glr-thumbcontainer")
    titles = {card.select_one(".sphx-glr-thumbnail-title").get_text(): card for card in cards}
    assert set(titles) == {"Title of alpha", "Title of beta", "Of <b> & so"}
    assert all(card.select_one("svg.card-picture") for card in cards)
    assert base.noted("examples/index") == {"alpha", "beta", "words"}
    assert base.page("page").select("img[src$='pixel.svg']")


def test_links_to_parts(base: Gallery) -> None:
    """Above an example's code stand links to its parts: outcome, sections, download."""
    (line,) = base.page("examples/alpha").select("p.example-parts")
    links = [(link.get_text(), link["href"].rpartition("#")[2]) for link in line.select("a")]
    assert links[:2] == [("Outcome", "outcome"), ("With the helper", "with-the-helper")]
    assert links[2][0] == "Download"
    assert base.page("examples/alpha").select_one("div.outcomes#outcome > h2").get_text()
    assert not base.page("examples/alpha").select(".sphx-glr-download-link-note")
    assert not base.page("examples/words").select("p.example-parts")


def test_renamed(base: Gallery, tmp_path: Path) -> None:
    """Of a renamed script nothing is left, and the pages that linked to it are read again."""
    gallery = base.copy(tmp_path / "copy")
    gallery.build()  # in the copy, so that Sphinx knows of the old page
    (gallery.examples / "beta.py").rename(gallery.examples / "gamma.py")
    built = gallery.build(fails=True)
    assert re.search(r"page\.rst:6: WARNING: unknown document: '?examples/beta", built.log)
    assert built.ran == ["gamma"]
    assert gallery.output("gamma") == "beta\n"
    assert not (gallery.html / "examples" / "beta.html").exists()
    for folder in (gallery.docs / "examples", gallery.html / "_downloads"):
        assert list(folder.rglob("*beta*")) == []
    (archive,) = gallery.html.glob("_downloads/*/examples_python.zip")
    with zipfile.ZipFile(archive) as opened:
        assert {Path(name).name for name in opened.namelist()} == {
            "alpha.py",
            "gamma.py",
            "words.py",
        }
    assert '"beta"' not in gallery.captures()[0].read_text(encoding="utf-8")


def test_scripts_that_nobody_shows(base: Gallery, tmp_path: Path) -> None:
    """What has no page is warned of: in a folder without header, or without an example."""
    gallery = base.copy(tmp_path / "copy")
    gallery.write("examples/extra/lost.py", "print('lost')\n")
    gallery.write("docs/with_helper/nobody_with_helper.py", "print('nobody')\n")
    built = gallery.build(fails=True)
    assert re.search(r"lost\.py has no page: its folder has no GALLERY_HEADER\.rst", built.log)
    assert re.search(r"nobody_with_helper\.py belongs to no example", built.log)


def test_platforms(base: Gallery) -> None:
    """Beside the pages are a list of all platforms and the script that lets a reader choose."""
    (own,) = base.platforms()
    assert set(own) == {"id", "title", "key", "system"}
    (outcome,) = base.outcomes("beta")
    assert own["key"] in outcome["class"]
    assert own["title"] in outcome.get_text()
    script = Path(gallery_files.__file__).with_name("static") / "my-platform.js"
    assert (base.html / "_static" / script.name).read_bytes() == script.read_bytes()


def test_no_browser(base: Gallery, tmp_path: Path) -> None:
    """Where no browser reads the pages, there is nothing beside them."""
    copy = base.copy(tmp_path / "copy")
    shutil.rmtree(copy.html)
    copy.build("-b", "text")
    assert {path.suffix for path in copy.html.rglob("*.*") if path.is_file()} == {".txt"}
