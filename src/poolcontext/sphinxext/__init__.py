"""The Sphinx extension: sphinx-gallery's examples, each run as a process of its own.

List it after ``sphinx_gallery.gen_gallery``. Its settings are ``poolcontext_python``:
a command that runs a script as ``python`` does, so that a build can show another
interpreter's output; and ``poolcontext_glossary``: the page to whose words all others
link where they first have them.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import Any

import docutils
import sphinx
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from ..scripts import Script
from . import (
    accessible,
    findable,
    history,
    lean,
    matrix,
    mended,
    messages,
    outcomes,
    pages,
    seam,
    tables,
    terms,
)
from .examples import Examples
from .shown import Shown

logger = logging.getLogger(__name__)

SHOWING = (outcomes, matrix, messages, tables)
"""The modules whose directives show captures."""


class Build:
    """One build of a site: sphinx-gallery's pages with what the examples printed."""

    examples: Examples
    shown: Shown
    sources: dict[str, str]

    def configured(self, app: Sphinx, config: Config) -> None:
        seam.check(app, config)
        # Pages that other versions have read are of no use to this one.
        config.poolcontext_read_with = f"{sys.version} {sphinx.__version__} {docutils.__version__}"

    def start(self, app: Sphinx) -> None:
        """Run what is not current, before sphinx-gallery asks for it."""
        pages.prune(app)
        selected = seam.selected(app)
        for example in seam.overlooked(app):
            logger.warning("%s has no page: its folder has no GALLERY_HEADER.rst", example)
        self.examples = examples = Examples(app, list(selected))
        conf = app.config.sphinx_gallery_conf
        stale: list[Script] = []
        for source, target in selected.items():
            script = examples.scripts[source]
            versions = [script, *filter(None, [examples.helpers.get(script.name)])]
            again = [
                v for v in versions if conf["run_stale_examples"] or not examples.is_current(v)
            ]
            if seam.wants(app, source):
                stale += again
                if again or not seam.shows(target, *self.directives(script)):
                    seam.forget(target)
        if stale:
            examples.run(stale, conf["abort_on_example_error"])
        names = {
            examples.scripts[source].name: target.relative_to(app.srcdir).with_suffix("").as_posix()
            for source, target in selected.items()
        }
        self.shown = Shown(Path(app.srcdir, "captures"), examples, names)
        for error in self.shown.errors:
            logger.warning("%s", error)
        self.sources = seam.page_sources(app)
        look_ups = {source: functools.partial(self.look_up, source) for source in selected}
        seam.install(look_ups)

    def directives(self, script: Script) -> tuple[str, str]:
        """What stands below the code of a script's page, and what near the page's end."""
        helped = script.name in self.examples.helpers
        closing = outcomes.helper_section(script.name) if helped else ""
        return outcomes.directive(script.name), closing

    def look_up(self, source: Path) -> seam.Result:
        """What sphinx-gallery is told of an example instead of executing it."""
        examples, script = self.examples, self.examples.scripts[source]
        helper = examples.helpers.get(script.name)
        found = [v for v in (script, helper) if v and v.name in examples.captures.examples]
        directive, closing = self.directives(script)
        return seam.Result(
            directive,
            sum(examples.captures.examples[version.name].seconds for version in found),
            "\n".join(filter(None, map(examples.failure, found))),
            closing,
        )

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
        return outcomes.outdated(env, self.shown.fingerprint)

    def resolve(self, app: Sphinx, doctree: nodes.document) -> None:
        for kind in (*SHOWING, mended):  # which links to the outcomes
            kind.resolve(app, doctree, self.shown)

    def updated(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        self.sources = history.sources(app, self.sources)
        return history.update(app, self.sources)

    def gathered(self, app: Sphinx) -> None:
        pages.level_archives(app)

    def correct_links(
        self, app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
    ) -> None:
        pages.correct_links(app, page, context, self.sources)
        history.add_dates(app, page, context, self.shown)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Say, as the build's last words, what to open and what was run."""
        if exception is None and isinstance(app.builder, StandaloneHTMLBuilder):
            pages.remove_downloads(app)
            pages.write_static(app, self.shown)
            page = os.path.relpath(Path(app.outdir, "index.html"))
            said = filter(None, [self.examples.summary(), self.shown.summary()])
            text = "\n".join(said) + f"\nThe page to open is {page}."
            app.builder.epilog = text.replace("%", "%%")  # type: ignore[misc]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx; called by it."""
    build = Build()
    app.setup_extension("sphinx_gallery.gen_gallery")
    app.setup_extension("sphinx_design")  # whose tabs show the outcomes
    for kind in SHOWING:
        kind.setup(app)
    terms.setup(app)
    accessible.setup(app)
    findable.setup(app)
    lean.setup(app)
    app.add_config_value("poolcontext_python", "", "", str)
    app.add_config_value("poolcontext_read_with", "", "env", str)
    app.connect("config-inited", build.configured, priority=5)  # before sphinx-gallery's 10
    app.connect("builder-inited", build.start, priority=100)  # between its 10 and 500
    app.connect("builder-inited", build.gathered, priority=600)  # after all of them
    app.connect("env-get-outdated", build.outdated)
    app.connect("env-updated", build.updated)
    app.connect("doctree-read", build.resolve, priority=400)  # before downloads are collected
    app.connect("html-page-context", build.correct_links)
    app.connect("build-finished", build.finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
