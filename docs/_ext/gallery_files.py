"""The files that sphinx-gallery and Sphinx make, kept equal and free of what is stale."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

from poolcontext.sphinxext import gallery
from poolcontext.sphinxext.results import warn


def remove_pages(app: Sphinx, removed: Iterable[str]) -> None:
    """Remove the pages of documents that are not there any more; Sphinx leaves them."""
    if isinstance(app.builder, StandaloneHTMLBuilder):
        for name in removed:
            Path(app.builder.get_outfilename(name)).unlink(missing_ok=True)


def remove_downloads(app: Sphinx) -> None:
    """Remove downloads that no page offers any more; Sphinx leaves them."""
    folder = Path(app.outdir, "_downloads")
    offered = {folder / destination for _, destination in app.env.dlfiles.values()}
    for file in folder.glob("*/*"):
        if file not in offered:
            file.unlink()
            if not any(file.parent.iterdir()):
                file.parent.rmdir()


# What sphinx-gallery makes of a script, in its target's folder and in images/thumb there.
_MADE = re.compile(r"(?!index\.rst)(.+?)\.(py|py\.md5|rst|zip|ipynb|cost\.json|codeobj\.json)")
_THUMB = re.compile(r"sphx_glr_(.+)_thumb\.\w+")


def _is_archive(file: Path, gallery: Path) -> bool:
    """Whether it is the archive of all examples, which is named for the gallery's folder."""
    return file.parent == gallery and file.stem in (f"{gallery.name}_python", gallery.name)


def prune(app: Sphinx) -> list[Path]:
    """Remove what earlier builds made of examples that are not there any more.

    Left alone, a renamed script would keep its old page and stay in the archive.
    """
    removed = []
    kept = {(target.parent, target.stem) for target in gallery.selected(app).values()}
    for _, target in gallery.galleries(app):
        for file in sorted(target.glob("**/*")):
            thumb = file.parent.name == "thumb"
            made = _THUMB.fullmatch(file.name) if thumb else _MADE.fullmatch(file.name)
            place = file.parents[2] if thumb else file.parent
            if made and (place, made[1]) not in kept and not _is_archive(file, target):
                file.unlink()
                removed.append(file)
        for index in sorted(target.glob("*/index.rst")):
            if not any(folder == index.parent for folder, _ in kept):
                index.unlink()
                removed.append(index)
    return removed


def level_archives(app: Sphinx) -> None:
    """Write the archives of scripts so that equal scripts make equal archives.

    sphinx-gallery puts files in as the disk lists them, with their times.
    """
    for _, target in gallery.galleries(app):
        for path in sorted(target.glob("**/*.zip")):
            with zipfile.ZipFile(path) as archive:
                files = {name: archive.read(name) for name in sorted(archive.namelist())}
            draft = path.with_suffix(".draft")
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in files.items():
                    info = zipfile.ZipInfo(name)  # of 1 January 1980, the earliest day there is
                    info.external_attr = 0o644 << 16
                    info.create_system = 3  # also where it is another
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, content)
            draft.replace(path)
            os.utime(path, (0, 0))  # else Sphinx would read the pages that offer it again


def start(app: Sphinx) -> None:
    """Prepare the galleries, before sphinx-gallery makes their pages."""
    prune(app)
    for example in gallery.overlooked(app):
        warn("script", "%s has no page: its folder has no GALLERY_HEADER.rst", example)


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """All pages if one has come or gone: each links to every other one, if only beside its text."""
    remove_pages(app, removed)
    return sorted(env.found_docs) if added or removed else []


def finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and isinstance(app.builder, StandaloneHTMLBuilder):
        remove_downloads(app)


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", start, priority=50)  # before examples are run
    app.connect("builder-inited", level_archives, priority=600)  # after all of sphinx-gallery's
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", finish)
