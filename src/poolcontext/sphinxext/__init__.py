"""The Sphinx extension: sphinx-gallery's examples, each run as a process of its own.

Its settings are ``poolcontext_python``: a command that runs a script as ``python`` does, so
that a build can show another interpreter's output; ``poolcontext_timeout``: the seconds that
each script has; and ``poolcontext_captures``: the folder, seen from the source folder, of the
committed captures of other platforms. All that only this project's site wants is in `site`.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import docutils
import sphinx
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from ..scripts import TIME_LIMIT, Script
from . import environment, figures, outcomes, seam
from .examples import Examples
from .shown import Shown, captures_folder
from .warning import warn

STYLES = Path(__file__).with_name("styles")


class Build:
    """One build: sphinx-gallery's pages with what the examples printed."""

    showing: tuple[ModuleType, ...] = (outcomes,)
    """The modules whose directives show captures."""

    cure = "To renew one platform's, put a build's own in its place: {file}"
    """How a committed capture is brought up to date."""

    examples: Examples
    shown: Shown

    def configured(self, app: Sphinx, config: Config) -> None:
        seam.check(app, config)
        # Pages that other versions have read are of no use to this one.
        config.poolcontext_read_with = f"{sys.version} {sphinx.__version__} {docutils.__version__}"

    def start(self, app: Sphinx) -> None:
        """Run what is not current, before sphinx-gallery asks for it."""
        selected = {
            source: target
            for source, target in seam.selected(app).items()
            if seam.is_run(app, source)
        }
        environ = self.environ()
        self.examples = examples = Examples(app, list(selected), environ)
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
        self.publish(selected)
        names = {
            examples.scripts[source].name: target.relative_to(app.srcdir).with_suffix("").as_posix()
            for source, target in selected.items()
        }
        self.shown = Shown(captures_folder(app), examples, names)
        for error in self.shown.errors:
            warn("capture", "%s", error)
        look_ups = {source: functools.partial(self.look_up, source) for source in selected}
        seam.install(look_ups)

    def environ(self) -> Mapping[str, str]:
        """What examples get of Sphinx's own environment that a script in a terminal would not."""
        return environment.inherited()

    def publish(self, selected: dict[Path, Path]) -> None:
        """Put pictures where they are shown, and have the pages made anew that they are new to."""
        for source, target in selected.items():
            script = self.examples.scripts[source]
            kept = self.examples.kept(script)
            if script.figures or script.name in self.examples.ran:
                if figures.publish(figures.found(kept), target):
                    seam.forget(target)
                if names := figures.left_out(kept):
                    most = f"{figures.MOST} pictures, or some above {figures.LARGEST} bytes"
                    warn("figure", "%s left more than %s, not shown: %s", source, most, names)

    def directives(self, script: Script) -> tuple[str, str]:
        """What stands below the code of a script's page, and what near the page's end."""
        helped = script.name in self.examples.helpers
        closing = outcomes.helper_section(script.name) if helped else ""
        pictures = figures.found(self.examples.kept(script))
        return outcomes.directive(script.name) + figures.directives(pictures, script.name), closing

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
            len(figures.found(examples.kept(script))),
        )

    def outdated(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        added: set[str],
        changed: set[str],
        removed: set[str],
    ) -> list[str]:
        return outcomes.outdated(env, self.shown.fingerprint)

    def resolve(self, app: Sphinx, doctree: nodes.document) -> None:
        for kind in self.showing:
            kind.resolve(app, doctree, self.shown)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Say, as the build's last words, what to open and what was run."""
        if exception is None and isinstance(app.builder, StandaloneHTMLBuilder):
            page = os.path.relpath(Path(app.outdir, "index.html"))
            cure = self.cure.format(file=os.path.relpath(self.examples.file))
            said = filter(None, [self.examples.summary(), self.shown.summary(cure)])
            text = "\n".join(said) + f"\nThe page to open is {page}."
            app.builder.epilog = text.replace("%", "%%")  # type: ignore[misc]

    def connect(self, app: Sphinx) -> None:
        app.setup_extension("sphinx_gallery.gen_gallery")
        app.setup_extension("sphinx_design")  # whose tabs show the outcomes
        for kind in self.showing:
            kind.setup(app)
        app.add_config_value("poolcontext_python", "", "", str)
        app.add_config_value("poolcontext_timeout", TIME_LIMIT, "", (float, int))
        app.add_config_value("poolcontext_captures", "", "env", str)
        app.add_config_value("poolcontext_with_helper", "", "env", str)
        app.add_config_value("poolcontext_read_with", "", "env", str)
        app.connect("config-inited", self.configured, priority=5)  # before sphinx-gallery's 10
        app.connect("builder-inited", self.start, priority=100)  # between its 10 and 500
        app.connect("env-get-outdated", self.outdated)
        app.connect("doctree-read", self.resolve, priority=400)  # before downloads are collected
        app.connect("build-finished", self.finish, priority=900)


def add_styles(app: Sphinx, config: Config) -> None:
    """Bring the style sheet along, which is made to suit any theme."""
    config.html_static_path.append(str(STYLES))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx; called by it."""
    Build().connect(app)
    app.connect("config-inited", add_styles)
    app.add_css_file("poolcontext.css")
    return METADATA


def _version() -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # it is not installed
        return importlib.metadata.version("poolcontext")
    return "unknown version"  # as Sphinx says it


METADATA = {
    "version": _version(),
    "parallel_read_safe": True,
    "parallel_write_safe": True,
    "env_version": 3,
}
