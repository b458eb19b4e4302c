"""What a page of the gallery is made from, which its links to edit it, and its date, are about.

sphinx-last-updated-by-git says when a page, or what it depends on, was last changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from poolcontext.sphinxext import gallery


class PageSources:
    """The pages of the galleries in one build, and the file that each is made from."""

    sources: dict[str, Path]

    def find(self, app: Sphinx) -> None:
        self.sources = gallery.page_sources(app)

    def note(self, app: Sphinx, doctree: nodes.document) -> None:
        """Have the page that is being read depend on what it is made from."""
        if source := self.sources.get(app.env.docname):
            app.env.note_dependency(os.path.relpath(source, app.srcdir))

    def correct_links(
        self, app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
    ) -> None:
        """Have the links to view and to edit a page lead to what it is made from."""
        repository = app.config.html_theme_options.get("source_repository")
        if repository and page in self.sources:
            branch = app.config.html_theme_options["source_branch"]
            path = self.sources[page].relative_to(app.confdir).as_posix()
            for action, verb in (("view", "blob"), ("edit", "edit")):
                link = f"{repository.rstrip('/')}/{verb}/{branch}/{path}"
                context[f"theme_source_{action}_link"] = link


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinx_last_updated_by_git")
    pages = PageSources()
    app.connect("builder-inited", pages.find)
    app.connect("doctree-read", pages.note)
    app.connect("html-page-context", pages.correct_links)
