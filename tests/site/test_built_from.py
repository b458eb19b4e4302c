"""What a site says that it was built from."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from _ext import built_from as provenance

from poolcontext.capture.platform import describe

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Gallery, MakeGallery, Other

WHO = {"GIT_AUTHOR_NAME": "X", "GIT_AUTHOR_EMAIL": "x@example.org"}
WHO.update({name.replace("AUTHOR", "COMMITTER"): value for name, value in WHO.items()})


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env={**os.environ, **WHO},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One commit of one file."""
    (tmp_path / "file").write_text("1", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "One")
    return tmp_path


def test_commit(repository: Path) -> None:
    """The commit is named, and so is that the files are others, or that there are more."""
    head = git(repository, "rev-parse", "HEAD")
    assert provenance.commit(repository) == head
    (repository / "new").touch()
    assert provenance.commit(repository) == f"{head}, with changes that are not committed"
    (repository / "new").unlink()
    (repository / "file").write_text("2", encoding="utf-8")
    assert provenance.commit(repository) == f"{head}, with changes that are not committed"


def test_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a history, or without git, it says so."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.commit(tmp_path) == provenance.UNKNOWN
    monkeypatch.setenv("PATH", "")
    assert provenance.commit(tmp_path) == provenance.UNKNOWN


def test_packages() -> None:
    """Of an extension it is its own package and all that it needs, and no other."""
    found = dict(provenance.packages(["sphinx_design.shared", "sphinx_design", "no_such"]))
    assert found["Sphinx"] == importlib.metadata.version("sphinx")
    assert {"sphinx_design", "docutils", "Jinja2", "MarkupSafe"} <= found.keys()
    assert not {"furo", "pytest", "colorama", "sphinx-gallery"} & found.keys()
    assert list(found) == sorted(found, key=lambda name: name.lower().replace("_", "-"))


def cells(gallery: Gallery) -> list[str]:
    return [cell.get_text() for cell in gallery.page("from").select("dl.built-from :is(td, dd>p)")]


def test_page(make_gallery: MakeGallery, other: Other) -> None:
    """The page has all four parts, and is read again when one of them has changed, only then."""
    gallery = make_gallery()
    conf = (gallery.docs / "conf.py").read_text(encoding="utf-8")
    name = "poolcontext.sphinxext"
    both = f'"{name}.site", "{name}.provenance"'
    gallery.write("docs/conf.py", conf.replace(f'"{name}.site"', both))
    gallery.write("docs/from.rst", ":orphan:\n\nFrom\n====\n\n.. poolcontext-built-from::\n")
    gallery.add("first", "print(1)")
    path = gallery.commit(other(version="3.9.1"), {"first": "1\n"})
    gallery.build()
    platform = describe().title
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    found = cells(gallery)
    assert platform in found
    assert found[found.index("Sphinx") + 1] == importlib.metadata.version("sphinx")
    assert found[-3:] == [path.name, "1 March 2026", digest]
    assert "from" not in gallery.build().read
    gallery.commit(other(version="3.9.1"), {"first": "2\n"})
    assert "from" in gallery.build().read
    assert cells(gallery)[-1] == hashlib.sha256(path.read_bytes()).hexdigest()[:16] != digest
