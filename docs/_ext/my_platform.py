"""The choice of the reader's own platform: the list of all, and the script that lets one choose."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from poolcontext.sphinxext import results
from poolcontext.sphinxext.platform_labels import css_class

from .platform_table import DOCUMENTED

SCRIPT = Path(__file__).with_name("static") / "my-platform.js"


def write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    found = [one.platform for one in results.of(app.env).captures]
    platforms = [
        {"id": one.id, "title": one.title, "key": css_class(one), "system": one.system}
        for one in found
    ]
    for metadata in app.env.metadata.values():
        platforms += metadata.get(DOCUMENTED, [])
    text = f"window.poolContextPlatforms = {json.dumps(platforms, indent=0)};\n"
    folder = Path(app.outdir, "_static")
    folder.mkdir(exist_ok=True)
    (folder / "platforms.js").write_text(text, encoding="utf-8", newline="\n")
    shutil.copyfile(SCRIPT, folder / SCRIPT.name)


def setup(app: Sphinx) -> None:
    app.connect("build-finished", write)
