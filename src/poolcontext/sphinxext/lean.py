"""Style sheets and scripts that a page has no use for, which it then does not load.

Extensions put theirs on every page; which of them a page links to is in the context of
its template: https://www.sphinx-doc.org/en/master/extdev/event_callbacks.html#event-html-page-context
"""

from __future__ import annotations

import os
from typing import Any

from sphinx.application import Sphinx

USED_WITH = {
    "sphinx-design.min.css": "sd-",
    "design-tabs.js": "sd-tab-",
    "sg_gallery.css": "sphx-glr-",
    "sg_gallery-binder.css": "-badge",
    "sg_gallery-dataframe.css": "dataframe",
    "sg_gallery-rendered-html.css": "rendered_html",
    "sg-tags.js": "data-sgtags",
    "copybutton.css": "highlight",
    "clipboard.min.js": "highlight",
    "copybutton.js": "highlight",
}
"""What the text of a page has that uses a file."""


def choose(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Keep of the files only those that the page uses, and those that are not known here."""
    body = context.get("body") or ""
    for kind in ("css_files", "script_files"):
        context[kind] = [one for one in context[kind] if _marker(one) in body]


def _marker(file: object) -> str:
    name = os.path.basename(str(getattr(file, "filename", file)))
    return USED_WITH.get(name, "")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", choose)
