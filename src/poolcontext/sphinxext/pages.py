"""What sphinx-gallery's pages need beside their outcomes: true links, and nothing stale."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder


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
