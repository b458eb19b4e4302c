"""What a site was built from: the commit, the Python, all packages, and the captures."""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from .. import files, platforms
from .naming import day
from .shown import captures_folder

NOTED = "built_from"
UNKNOWN = "not known: it was built from a copy without its history"


class built_from(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """Stands for what the build was made from until the page has been read."""


class BuiltFrom(SphinxDirective):
    """``.. poolcontext-built-from::``: what this build of the site was made from."""

    def run(self) -> list[nodes.Node]:
        return [built_from()]


def resolve(app: Sphinx, doctree: nodes.document) -> None:
    """Say it in the places that wait for it, and note what was said."""
    for node in list(doctree.findall(built_from)):
        parts = describe(app)
        app.env.metadata[app.env.docname][NOTED] = parts
        titles = ("Commit", "Python", "Packages", "Captures")
        node.replace_self(_described(list(zip(titles, map(_shown, parts)))))


def describe(app: Sphinx) -> tuple[object, ...]:
    """The four parts, of text and of rows; equal for equal builds."""
    return (
        commit(Path(app.confdir)),
        platforms.describe().title,
        (("Package", "Version"), *packages(app.extensions)),
        (
            ("Captures", "Latest", "SHA-256"),
            *captures(captures_folder(app)),
        ),
    )


def commit(folder: Path) -> str:
    """The commit that is checked out, and whether that is all."""
    try:
        name = _git(folder, "rev-parse", "HEAD")
        changes = _git(folder, "status", "--porcelain", "--", ".")
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return f"{name}, with changes that are not committed" if changes else name


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def packages(extensions: Iterable[str]) -> list[tuple[str, str]]:
    """The names and versions of the packages of extensions, and of all that they need."""
    owners = importlib.metadata.packages_distributions()
    waiting = [name for one in extensions for name in owners.get(one.partition(".")[0], ())]
    found: dict[str, tuple[str, str]] = {}
    while waiting:
        name = waiting.pop()
        if canonicalize_name(name) in found:
            continue
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:  # for other systems
            continue
        found[canonicalize_name(name)] = (package.name, package.version)
        needs = map(Requirement, package.requires or ())
        waiting += [one.name for one in needs if not one.marker or one.marker.evaluate()]
    return [found[name] for name in sorted(found)]


def captures(folder: Path | None) -> list[tuple[str, str, str]]:
    """Each file of captures, with the day of its latest one and a digest of its bytes."""
    if not folder:
        return []
    found, _ = files.load_folder(folder)
    rows = []
    for one in sorted(found, key=lambda captures: captures.platform.id):
        path = folder / f"{one.platform.id}.json"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append((path.name, day(one.date), digest[:16]))
    return rows


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """The pages that say what another build was made from."""
    noted = {page: env.metadata[page].get(NOTED) for page in env.found_docs}
    now = describe(app) if any(noted.values()) else None
    return [page for page, parts in noted.items() if parts and parts != now]


def _described(parts: list[tuple[str, nodes.Node]]) -> nodes.Node:
    listed = nodes.definition_list(classes=["built-from"])
    for title, shown in parts:
        term, text = nodes.term("", title), nodes.definition("", shown)
        listed += nodes.definition_list_item("", term, text)
    return listed


def _shown(part: object) -> nodes.Node:
    if isinstance(part, str):
        return nodes.paragraph("", part)
    assert isinstance(part, tuple)
    head, *rows = part
    columns = [nodes.colspec(colwidth=1) for _ in head]
    group = nodes.tgroup("", *columns, cols=len(head))
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group, classes=["built-from-table"])


def _row(cells: Iterable[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("poolcontext-built-from", BuiltFrom)
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
