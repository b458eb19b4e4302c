"""The day of the latest capture that a page shows, at its end."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from poolcontext.sphinxext import results
from poolcontext.sphinxext.platform_labels import day
from poolcontext.sphinxext.results import ALL, SHOWN


def latest(app: Sphinx, page: str) -> str:
    """That day, as in a capture, or nothing if the page shows none."""
    found = results.of(app.env)
    names = app.env.metadata[page].get(SHOWN, {}) if page in app.env.found_docs else {}
    dates = [one.snapshot.date for name in names for one in found.of_script(name)]
    if ALL in names:
        dates += [capture.date for capture in found.captures]
    return max(dates, default="")


def add(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    if date := latest(app, page):
        line = f'Latest capture on this page: <time datetime="{date}">{day(date)}</time>'
        context["body"] += f'<p class="page-dates"><small>{line}</small></p>\n'


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add)
