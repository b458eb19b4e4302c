"""The Sphinx extension: sphinx-gallery's examples, each run as a process of its own.

`gallery` is the hold on sphinx-gallery, `build_cache` runs what is not current, `results` lays
this build's capture over the committed ones, `directives` shows them.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
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

from ..capture.script import TIME_LIMIT, Script
from . import directives, environ, figures, gallery, results
from .build_cache import COMPANION, BuildCache
from .results import Results, warn

STYLES = Path(__file__).with_name("styles")


class Build:
    """One build: sphinx-gallery's pages with what the examples printed."""

    cache: BuildCache
    results: Results

    def configured(self, app: Sphinx, config: Config) -> None:
        gallery.check(app, config)
        # Pages that other versions have read are of no use to this one.
        config.poolcontext_read_with = f"{sys.version} {sphinx.__version__} {docutils.__version__}"

    def start(self, app: Sphinx) -> None:
        """Run what is not current, before sphinx-gallery asks for it."""
        # By now the builder has made its hash of the settings, which is to name no one's folders.
        app.config.html_static_path = [*app.config.html_static_path, str(STYLES)]
        selected = {
            source: target
            for source, target in gallery.selected(app).items()
            if gallery.is_run(app, source)
        }
        inherited = environ.inherited() if app.config.poolcontext_inherit else {}
        self.cache = cache = BuildCache(app, list(selected), inherited)
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
                if again or not gallery.shows(target, *self.page_parts(script)):
                    gallery.forget(target)
        if stale:
            cache.run(stale, conf["abort_on_example_error"])
        self.publish(selected)
        pages = {
            cache.examples[source].name: target.relative_to(app.srcdir).with_suffix("").as_posix()
            for source, target in selected.items()
        }
        folder = results.captures_folder(app.srcdir, app.config)
        self.results = Results(cache.capture, cache.scripts, cache.digests, pages, folder)
        results.keep(app.env, self.results)
        gallery.install({source: functools.partial(self.look_up, source) for source in selected})

    def publish(self, selected: dict[Path, Path]) -> None:
        """Put pictures where they are shown, and have the pages made anew that they are new to."""
        for source, target in selected.items():
            script = self.cache.examples[source]
            kept = self.cache.kept(script)
            if script.figures or script.name in self.cache.ran:
                if figures.publish(figures.found(kept), target):
                    gallery.forget(target)
                if names := figures.left_out(kept):
                    most = f"{figures.MOST} pictures, or some above {figures.LARGEST} bytes"
                    warn("figure", "%s left more than %s, not shown: %s", source, most, names)

    def page_parts(self, script: Script) -> tuple[str, str]:
        """What stands below the code of a script's page, and what near the page's end."""
        companion = self.cache.companions.get(script.name)
        pictures = figures.found(self.cache.kept(script))
        below = directives.directive(script.name) + figures.directives(pictures, script.name)
        return below, companion.section if companion else ""

    def look_up(self, source: Path) -> gallery.Execution:
        """What sphinx-gallery is told of an example instead of executing it."""
        cache, script = self.cache, self.cache.examples[source]
        found = [one for one in cache.of_example(script) if one.name in cache.capture.examples]
        below, closing = self.page_parts(script)
        return gallery.Execution(
            below,
            sum(cache.capture.examples[one.name].seconds for one in found),
            "\n".join(filter(None, map(cache.failure, found))),
            closing,
            len(figures.found(cache.kept(script))),
        )

    def outdated(self, app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
        return results.pages_to_read_again(env, self.results.fingerprint)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Say, as the build's last words, what to open and what was run."""
        if exception is None and isinstance(app.builder, StandaloneHTMLBuilder):
            page = os.path.relpath(Path(app.outdir, "index.html"))
            cure = app.config.poolcontext_renewal.format(file=os.path.relpath(self.cache.file))
            said = filter(None, [self.cache.summary(), self.results.summary(cure)])
            text = "\n".join(said) + f"\nThe page to open is {page}."
            app.builder.epilog = text.replace("%", "%%")  # type: ignore[misc]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx; called by it."""
    app.setup_extension("sphinx_gallery.gen_gallery")
    app.setup_extension("sphinx_design")  # whose tabs show the outcomes
    directives.setup(app)
    # A command that runs a script as `python` does: so a build shows another interpreter's output.
    app.add_config_value("poolcontext_python", "", "", str)
    # The seconds that each script has.
    app.add_config_value("poolcontext_timeout", TIME_LIMIT, "", (float, int))
    # The folder of the committed captures of other platforms, seen from the source folder.
    app.add_config_value("poolcontext_captures", "", "env", str)
    # Whether scripts get Python's variables, and the folders that conf.py adds to `sys.path`.
    app.add_config_value("poolcontext_inherit", True, "", bool)
    # How committed captures of older scripts are renewed, for the build's last words.
    app.add_config_value(
        "poolcontext_renewal",
        "To renew one platform's, put a build's own in its place: {file}",
        "",
        str,
    )
    app.add_config_value("poolcontext_read_with", "", "env", str)
    app.add_event(COMPANION)
    build = Build()
    app.connect("config-inited", build.configured, priority=5)  # before sphinx-gallery's 10
    app.connect("builder-inited", build.start, priority=100)  # between its 10 and 500
    app.connect("env-get-outdated", build.outdated)
    app.connect("build-finished", build.finish, priority=900)
    app.add_css_file("poolcontext.css")
    return {
        "version": _version(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
        "env_version": 4,
    }


def _version() -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # it is not installed
        return importlib.metadata.version("poolcontext")
    return "unknown version"  # as Sphinx says it
