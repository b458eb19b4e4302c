"""What this project's site wants beside processes for its examples.

It is an extension that takes the place of `poolcontext.sphinxext`, and is of use with the
theme and the templates of the site only. Its own settings are ``poolcontext_glossary``: the
page to whose words all others link where they first have them; ``poolcontext_titles`` and
``poolcontext_card``, which are in `findable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.search.en import SearchEnglish

from . import (
    METADATA,
    Build,
    accessible,
    findable,
    history,
    lean,
    matrix,
    mended,
    messages,
    outcomes,
    pages,
    proofs,
    seam,
    tables,
    terms,
)
from .warning import warn


class ShortWords(SearchEnglish):
    """Stems no word that nobody types: of an output's, the time goes with the square of length."""

    def stem(self, word: str) -> str:
        return super().stem(word) if len(word) <= LONGEST else word


LONGEST = 100
"""Characters of a word that is looked for."""


class Site(Build):
    """One build of the site."""

    showing = (proofs, outcomes, matrix, messages, tables)
    cure = "`python src/poolcontext capture` renews one platform's."
    sources: dict[str, str]

    def start(self, app: Sphinx) -> None:
        pages.prune(app)
        for example in seam.overlooked(app):
            warn("script", "%s has no page: its folder has no GALLERY_HEADER.rst", example)
        super().start(app)
        self.sources = seam.page_sources(app)

    def environ(self) -> Mapping[str, str]:
        """Nothing: what is shown here is what `python NAME.py` prints in a terminal."""
        return {}

    def gathered(self, app: Sphinx) -> None:
        pages.level_archives(app)

    def outdated(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        added: set[str],
        changed: set[str],
        removed: set[str],
    ) -> list[str]:
        pages.remove_pages(app, removed)
        if added or removed:  # every page links to every other one, if only beside its text
            return sorted(env.found_docs)
        return super().outdated(app, env, added, changed, removed)

    def resolve(self, app: Sphinx, doctree: nodes.document) -> None:
        super().resolve(app, doctree)
        mended.resolve(app, doctree, self.shown)  # which links to the outcomes

    def updated(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        self.sources = history.sources(app, self.sources)
        return history.update(app, self.sources)

    def correct_links(
        self, app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
    ) -> None:
        pages.correct_links(app, page, context, self.sources)
        history.add_dates(app, page, context, self.shown)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        if exception is None and isinstance(app.builder, StandaloneHTMLBuilder):
            pages.remove_downloads(app)
            pages.write_static(app, self.shown)
        super().finish(app, exception)

    def connect(self, app: Sphinx) -> None:
        super().connect(app)
        app.add_search_language(ShortWords)
        for part in (terms, accessible, findable, lean):
            part.setup(app)
        app.connect("builder-inited", self.gathered, priority=600)  # after all of sphinx-gallery's
        app.connect("env-updated", self.updated)
        app.connect("html-page-context", self.correct_links)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx; called by it."""
    Site().connect(app)
    return METADATA
