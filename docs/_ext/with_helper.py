"""Examples once more with the helper: run along with an example, and shown on its page."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from poolcontext.capture.script import WITH_HELPER, Script, read_script
from poolcontext.sphinxext.build_cache import COMPANION, Companion
from poolcontext.sphinxext.gallery import selected
from poolcontext.sphinxext.results import warn

FOLDER = "with_helper"


class WithHelper(SphinxDirective):
    """``.. poolcontext-with-helper:: NAME``: what does the same with the helper, and its output."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0] + WITH_HELPER
        return self.parse_text_to_nodes(
            f".. literalinclude:: /{FOLDER}/{name}.py\n   :language: python\n\n"
            f".. poolcontext-outcomes:: {name}\n"
        )


def companion(app: Sphinx, script: Script, timeout: float) -> Companion | None:
    """The script that does the same with the helper, if there is one, and its section."""
    path = Path(app.srcdir, FOLDER, f"{script.name}{WITH_HELPER}.py")
    if not path.exists():
        return None
    section = f"With the helper\n{'-' * 15}\n\n.. poolcontext-with-helper:: {script.name}\n"
    return Companion(read_script(path, Path(app.srcdir).parent / "src", timeout), section)


def check(app: Sphinx) -> None:
    """Warn of what belongs to no example."""
    names = {source.stem for source in selected(app)}
    for path in sorted(Path(app.srcdir, FOLDER).glob(f"*{WITH_HELPER}.py")):
        if path.stem.removesuffix(WITH_HELPER) not in names:
            warn("script", "%s belongs to no example", path)


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-with-helper", WithHelper)
    app.connect("builder-inited", check)
    app.connect(COMPANION, companion)
