"""The Sphinx extension: examples of sphinx-gallery's that are run as processes of their own.

They say so themselves, or conf.py does; all others stay sphinx-gallery's. `settings` are those of
a conf.py, `gallery` is the hold on sphinx-gallery, `build_cache` runs what is not current,
`results` lays this build's capture over the committed ones, `directives` shows them.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import itertools
import os
import sys
from pathlib import Path
from typing import Any

import docutils
import sphinx
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from ..capture.script import Script
from . import directives, environ, figures, gallery, results, settings
from .build_cache import COMPANION, BuildCache
from .results import Results, warn

VERSION = 5
"""Raised when what is kept of pages is another thing, so that they are all read anew."""

STYLES = Path(__file__).with_name("styles")


class Build:
    """One build: sphinx-gallery's pages with what the examples printed."""

    examples: dict[Path, Path]
    """The examples that are run as processes: source files and their copies."""

    cache: BuildCache
    results: Results

    def configured(self, app: Sphinx, config: Config) -> None:
        gallery.check(config)
        # Pages that other versions have read are of no use to this one.
        versions = sys.version, sphinx.__version__, docutils.__version__, VERSION
        config.poolcontext_read_with = " ".join(map(str, versions))

    def chosen(self, app: Sphinx, config: Config) -> None:
        """Find the examples that run as processes; without one, nothing of a site is changed."""
        settings.check(config)
        self.examples = gallery.as_processes(app)
        if self.examples:
            gallery.check_settings(app)
            if unused := gallery.unused_resets(app):
                warn("reset", settings.UNUSED_RESETS, ", ".join(unused))
        if config.poolcontext_captures:
            # Its tabs show the outcomes of several platforms.
            app.setup_extension("sphinx_design")

    def start(self, app: Sphinx) -> None:
        """Run what is not current, before sphinx-gallery asks for it."""
        if self.examples:
            # By now the builder has its hash of the settings, which is to name no one's folders.
            app.config.html_static_path = [*app.config.html_static_path, str(STYLES)]
        names = gallery.names(app, self.examples)
        run = [source for source in self.examples if gallery.is_run(app, source)]
        if self.examples and not run:
            warn("selection", settings.NONE_RUN, len(self.examples))
        inherited = environ.inherited() if self.examples and app.config.poolcontext_inherit else {}
        folder = results.captures_folder(app.srcdir, app.config)
        committed = results.load_committed(folder)
        self.cache = cache = BuildCache(
            app,
            {source: names[source] for source in run},
            inherited,
            committed,
            names.values(),
        )
        selected = {source: self.examples[source] for source in cache.examples}
        conf = app.config.sphinx_gallery_conf
        stale: list[Script] = []
        for source, target in selected.items():
            script = cache.examples[source]
            again = [
                one
                for one in cache.of_example(script)
                if conf["run_stale_examples"] or not cache.is_current(one)
            ]
            if gallery.wants(app, source):
                stale += again
                if again or not gallery.shows(target, self.page_parts(app, source)):
                    gallery.forget(target)
        if stale:
            cache.run(stale, conf["abort_on_example_error"])
        self.publish(selected)
        pages = {
            cache.examples[source].name: target.relative_to(app.srcdir).with_suffix("").as_posix()
            for source, target in selected.items()
        }
        self.results = Results(
            cache.capture, cache.scripts, cache.digests, pages, folder, committed
        )
        results.keep(app.env, self.results)
        gallery.install(
            {source: functools.partial(self.look_up, app, source) for source in selected}
        )

    def publish(self, selected: dict[Path, Path]) -> None:
        """Put pictures where they are shown, and have the pages made anew that they are new to."""
        for source, target in selected.items():
            script = self.cache.examples[source]
            kept = self.cache.kept(script)
            if self.cache.has_figures(script) or script.name in self.cache.ran:
                if figures.publish(figures.found(kept), target):
                    gallery.forget(target)
                if names := figures.left_out(kept):
                    most = f"{figures.MOST} pictures, or some above {figures.LARGEST} bytes"
                    warn("figure", "%s left more than %s, not shown: %s", source, most, names)

    def page_parts(self, app: Sphinx, source: Path) -> gallery.Parts:
        """What is put on a script's page."""
        script = self.cache.examples[source]
        companion = self.cache.companions.get(script.name)
        pictures = figures.published(figures.found(self.cache.kept(script)), self.examples[source])
        shown = tuple(
            (line, gallery.figure_rst(app, list(group)))
            for line, group in itertools.groupby(pictures, key=lambda one: one.line)
        )
        directive = directives.directive(script.name)
        return gallery.Parts(directive, companion.section if companion else "", shown)

    def look_up(self, app: Sphinx, source: Path) -> gallery.Execution:
        """What sphinx-gallery is told of an example instead of executing it."""
        cache, script = self.cache, self.cache.examples[source]
        scripts = cache.of_example(script)
        failed = [one for one in scripts if cache.failure(one)]
        return gallery.Execution(
            self.page_parts(app, source),
            sum(
                found.seconds for one in scripts if (found := cache.capture.examples.get(one.name))
            ),
            "\n".join(map(cache.failure, failed)),
            "\n".join(map(cache.output, failed)),
            len(figures.found(cache.kept(script))),
        )

    def outdated(self, app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
        return results.pages_to_read_again(env, self.results.fingerprint)

    def style(self, app: Sphinx, page: str, *args: object) -> None:
        """Have a page that shows outcomes load their style sheet."""
        shown = results.SHOWN in app.env.metadata.get(page, {})
        loaded = [one if isinstance(one, str) else one[0] for one in app.config.html_css_files]
        if shown and "poolcontext.css" not in loaded:
            app.add_css_file("poolcontext.css")

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Say, as the build's last words, what to open and what was run."""
        if not self.examples:
            return
        if exception is None and isinstance(app.builder, StandaloneHTMLBuilder):
            page = os.path.relpath(Path(app.outdir, "index.html"))
            cure = app.config.poolcontext_renewal.format(file=os.path.relpath(self.cache.file))
            said = filter(None, [self.cache.summary(), self.results.summary(cure)])
            text = "\n".join(said) + f"\nThe page to open is {page}."
            app.builder.epilog = text.replace("%", "%%")  # type: ignore[misc]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx; called by it."""
    app.setup_extension("sphinx_gallery.gen_gallery")
    directives.setup(app)
    for name, setting in settings.SETTINGS.items():
        app.add_config_value(name, setting.default, setting.rebuild, setting.types)
    app.add_config_value("poolcontext_read_with", "", "env", str)
    app.add_event(COMPANION)
    build = Build()
    app.connect("config-inited", build.configured, priority=5)  # before sphinx-gallery's 10
    app.connect("config-inited", build.chosen, priority=20)
    app.connect("builder-inited", build.start, priority=100)  # between its 10 and 500
    app.connect("env-get-outdated", build.outdated)
    app.connect("html-page-context", build.style)
    app.connect("build-finished", build.finish, priority=900)
    return {
        "version": _version(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
        # No env_version, which would be in the search index of sites without such an example.
    }


def _version() -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # it is not installed
        return importlib.metadata.version("poolcontext")
    return "unknown version"  # as Sphinx says it
