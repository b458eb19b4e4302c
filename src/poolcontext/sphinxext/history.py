"""What each page is made from, when that was last changed, and when its outputs were captured."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from . import outcomes
from .naming import day
from .shown import ALL, Shown

_INCLUDE = re.compile(
    r"(?:---\n(?:.{0,80}\n){0,3}---\s*)?(?:```\{include\}|\.\. include::) +(\S+)(?:\n```)?\s*"
)


def sources(app: Sphinx, generated: Mapping[str, str]) -> dict[str, str]:
    """The file that each page is made from, relative to the configuration.

    For a generated page that is what somebody wrote; for one that is nothing but an
    include, below what it says of itself, what it includes.
    """
    found = {}
    for page in app.env.found_docs:
        path = Path(app.env.doc2path(page))
        if page not in generated and path.stat().st_size < 200:
            included = _INCLUDE.fullmatch(path.read_text(encoding="utf-8"))
            path = path.parent / included[1] if included else path
        found[page] = generated.get(page) or Path(os.path.relpath(path, app.confdir)).as_posix()
    return found


def last_changes(folder: Path) -> dict[str, str]:
    """The day of the last commit of each file below a folder, as far as git knows it."""
    options = ["--relative", "--no-renames", "--name-only", "--decorate", "--format=%x01%cs %D"]
    try:
        log = subprocess.run(
            ["git", "-c", "core.quotePath=false", "log", *options, "--", "."],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    found: dict[str, str] = {}
    for commit in log.split("\1")[1:]:
        head, *names = commit.splitlines()
        date, _, references = head.partition(" ")
        # Where a copy of the history was cut off, all files seem to be new.
        if "grafted" not in references.split(", "):
            for name in filter(None, names):
                found.setdefault(name, date)
    return found


def update(app: Sphinx, sources: Mapping[str, str]) -> list[str]:
    """Note when each page was last changed; those of which that is news are to be written."""
    changes = last_changes(Path(app.confdir))
    news = []
    for page, source in sources.items():
        noted = app.env.metadata[page]
        if noted.get("changed", "") != changes.get(source, ""):
            noted["changed"] = changes.get(source, "")
            news.append(page)
    return sorted(news)


def captured(app: Sphinx, page: str, shown: Shown) -> str:
    """The day of the latest capture that a page shows, if it shows any."""
    names = app.env.metadata[page].get(outcomes.SHOWN, {})
    dates = [one.capture.date for name in names for one in shown.seen(name)]
    if ALL in names:
        dates += [captures.date for captures in shown.captures]
    return max(dates, default="")


def add_dates(app: Sphinx, page: str, context: dict[str, Any], shown: Shown) -> None:
    """Have a page end with its dates."""
    if page in app.env.found_docs and "nosearch" not in app.env.metadata[page]:
        dates = {
            "Last changed on": app.env.metadata[page].get("changed", ""),
            "Latest capture on this page:": captured(app, page, shown),
        }
        words = [
            f'{label} <time datetime="{date}">{day(date)}</time>'
            for label, date in dates.items()
            if date
        ]
        if words:
            line = " · ".join(words)
            context["body"] += f'<p class="page-dates"><small>{line}</small></p>\n'
