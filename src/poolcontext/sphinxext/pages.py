"""What the pages need beside their outcomes: true links, nothing stale, and their own files."""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from . import seam
from .shown import Shown, key


def correct_links(app: Sphinx, page: str, context: dict[str, Any], sources: dict[str, str]) -> None:
    """Have the links to view and to edit a generated page lead to what it is made from.

    The sources are relative to the repository.
    """
    repository = app.config.html_theme_options.get("source_repository")
    if repository and page in sources:
        branch = app.config.html_theme_options["source_branch"]
        for action, verb in (("view", "blob"), ("edit", "edit")):
            link = f"{repository.rstrip('/')}/{verb}/{branch}/{sources[page]}"
            context[f"theme_source_{action}_link"] = link


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


SCRIPT = "my-platform.js"

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
    kept = {(target.parent, target.stem) for target in seam.selected(app).values()}
    for _, target in seam.galleries(app):
        for file in sorted(target.glob("**/*")):
            thumb = file.parent.name == "thumb"
            made = (_THUMB if thumb else _MADE).fullmatch(file.name)
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
    for _, target in seam.galleries(app):
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


def write_static(app: Sphinx, shown: Shown) -> None:
    """Give the pages the list of all platforms, and the script that lets a reader choose one."""
    platforms = [
        {"id": one.platform.id, "title": one.platform.title, "key": key(one.platform)}
        for one in shown.captures
    ]
    text = f"window.poolContextPlatforms = {json.dumps(platforms, indent=0)};\n"
    folder = Path(app.outdir, "_static")
    folder.mkdir(exist_ok=True)
    (folder / "platforms.js").write_text(text, encoding="utf-8", newline="\n")
    shutil.copyfile(Path(__file__).with_name("static") / SCRIPT, folder / SCRIPT)
