"""What a site was built from: the commit, and the Python."""

from __future__ import annotations

import subprocess
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from poolcontext.capture import platform

NOTED = "built_from"
UNKNOWN = "not known: it was built from a copy without its history"


class BuiltFrom(SphinxDirective):
    """``.. poolcontext-built-from::``: what this build of the site was made from."""

    def run(self) -> list[nodes.Node]:
        parts = describe(Path(self.env.srcdir).parent)
        self.env.metadata[self.env.docname][NOTED] = parts
        listed = nodes.definition_list(classes=["built-from"], captured=True)
        for title, text in zip(("Commit", "Python"), parts):
            definition = nodes.definition("", nodes.paragraph("", text))
            listed += nodes.definition_list_item("", nodes.term("", title), definition)
        return [listed]


def describe(root: Path) -> tuple[str, str]:
    """The commit that is checked out, and the Python that runs this."""
    try:
        name = _git(root, "rev-parse", "HEAD")
        changes = _git(root, "status", "--porcelain", "--", ".")
    except (OSError, subprocess.SubprocessError):
        name, changes = UNKNOWN, ""
    commit = f"{name}, with changes that are not committed" if changes else name
    return commit, platform.describe().title


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """The pages that say what another build was made from."""
    noted = {page: env.metadata[page].get(NOTED) for page in env.found_docs}
    now = describe(Path(env.srcdir).parent) if any(noted.values()) else None
    return [page for page, parts in noted.items() if parts and parts != now]


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-built-from", BuiltFrom)
    app.connect("env-get-outdated", outdated)
