"""The processes of a pool as a tree: who started whom, and what of your program is in each.

The script prints, below a line ``Under METHOD:``, a table with a row a process. Its first
column names the process's parent, which has a row above; the others say what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx

from poolcontext.capture.platform import Platform
from poolcontext.sphinxext.directives import ResultsDirective
from poolcontext.sphinxext.platform_labels import labels
from poolcontext.sphinxext.results import Result

from . import measures

SCRIPT = "tree_of_processes"

MOST = 20
"""Processes of a tree, and lines in a box: strangers' files may name 10,000 of both."""

LONGEST = 22
"""Characters that fit into a box."""

WIDTH, LINE, PAD, GAP = 160, 18, 8, 12
"""Pixels of a box, of a line in it, around its text, and between boxes; two fit on a phone."""

STACK = 4
"""Pixels by which a box is seen behind another that says the same."""

DROP = 30
"""Pixels from a box to those of its children."""

# By what a cell says: a shape beside the words, for those who see no difference in colours.
MARKS = {
    "yes": '<path class="tree-yes" d="M-5 0l3.5 4L5-4"/>',
    "no": '<path class="tree-no" d="M-4-4L4 4M4-4L-4 4"/>',
    "ran": '<path class="tree-ran" d="M-4-5L5 0-4 5z"/>',
    "copied": '<path class="tree-copied" d="M-5-5h7v7h-7zM-2 2v3h7v-7h-3"/>',
    "not run": '<path class="tree-no" d="M-4-4L4 4M4-4L-4 4"/>',
}


class Process(NamedTuple):
    """A row: a process, who started it, and what the columns say of it."""

    name: str
    parent: str
    facts: tuple[tuple[str, str], ...]


Tree = tuple[Process, ...]
"""Parents before their children; the first is the root."""


class ProcessTree(ResultsDirective):
    """``.. poolcontext-process-tree:: METHOD``: each distinct tree that was captured under it."""

    required_arguments = 1

    def make_nodes(self) -> list[nodes.Element]:
        (method,) = self.arguments
        found = self.results.of_script(SCRIPT) if SCRIPT in self.results.scripts else []
        grouped = group(found, method)
        if not grouped:
            self.note(SCRIPT, f"no capture of {SCRIPT!r} has a tree under {method!r}", "tree")
            return [nodes.paragraph("", "Nobody has run this script yet.")]
        self.note(SCRIPT)
        names = labels([platforms for platforms, _ in grouped])
        figures = (_figure(method, name, tree) for name, (_, tree) in zip(names, grouped))
        raw = nodes.raw("", "".join(figures), format="html")
        return [nodes.container("", raw, classes=["process-trees"])]


def read(output: str, method: str) -> Tree:
    r"""Read the tree under a method; nothing, where there is none or its rows make no tree.

    Example:
        >>> read("Under fork:\n      child of   file\nyou   -          yes\n", "fork")
        (Process(name='you', parent='-', facts=(('file', 'yes'),)),)
    """
    below = f"\n{output}".partition(f"\nUnder {method}:\n")[2].partition("\nUnder ")[0]
    tree: dict[str, Process] = {}
    for name, cells in list(measures.read(below).items())[:MOST]:
        (_, parent), *facts = cells.items()
        if (parent not in tree) if tree else (parent != "-"):
            return ()
        tree[name] = Process(name, parent, tuple(facts[:MOST]))
    return tuple(tree.values())


def group(found: Sequence[Result], method: str) -> list[tuple[list[Platform], Tree]]:
    """Each distinct tree, and the platforms that have it."""
    grouped: list[tuple[list[Platform], Tree]] = []
    for one in found:
        tree = read(one.snapshot.output, method)
        for number, (platforms, other) in enumerate(grouped):
            if both := _together(other, tree):
                grouped[number] = ([*platforms, one.platform], both)
                break
        else:
            if tree:
                grouped.append(([one.platform], tree))
    return grouped


def _together(one: Tree, other: Tree) -> Tree:
    """What two trees say, or nothing if they differ; from what one cannot say nothing differs."""
    if len(one) != len(other):
        return ()
    both = []
    for left, right in zip(one, other):
        facts = dict(left.facts)
        for name, says in right.facts:
            if facts.get(name, "-") == "-":
                facts[name] = says
        same = Process(right.name, right.parent, tuple(facts.items()))
        if same != left._replace(facts=same.facts) or any(
            says not in ("-", facts[name]) for name, says in right.facts
        ):
            return ()
        both.append(same)
    return tuple(both)


def describe(tree: Tree) -> str:
    """Say in words what the picture shows.

    Example:
        >>> describe((Process("you", "-", ()), Process("worker", "you", (("file", "no"),))))
        'you. worker, child of you: file no.'
    """
    sentences = []
    for process in tree:
        text = process.name if process is tree[0] else f"{process.name}, child of {process.parent}"
        facts = ", ".join(f"{name} {says}" for name, says in process.facts if says != "-")
        sentences.append(f"{text}: {facts}." if facts else f"{text}.")
    return " ".join(sentences)


def _figure(method: str, label: str, tree: Tree) -> str:
    picture = draw(f"The processes of a pool under {method}: {label}", tree)
    return (
        f'<figure class="process-tree">{picture}'
        f"<figcaption>{escape(method)}: {escape(label)}</figcaption></figure>"
    )


class Box(NamedTuple):
    """Processes of one parent that have the same to say, as they are drawn."""

    processes: Sequence[Process]
    depth: int
    middle: float
    below: Sequence[float]
    """The middles of its children's boxes."""

    @property
    def facts(self) -> list[tuple[str, str]]:
        return [fact for fact in self.processes[0].facts if fact[1] != "-"]

    @property
    def height(self) -> int:
        return 2 * PAD + LINE * (1 + len(self.facts)) + STACK * (len(self.processes) > 1)


def draw(title: str, tree: Tree) -> str:
    """Draw a tree as SVG, in the colours of the style sheet: parents above, lines to children."""
    boxes = list(_boxes([tree[0]], tree, 0, iter(range(MOST))))
    tops = [0]
    for depth in range(max(box.depth for box in boxes) + 1):
        tops.append(tops[-1] + max(box.height for box in boxes if box.depth == depth) + DROP)
    width = max(box.middle for box in boxes) + WIDTH / 2 + STACK + 1
    height = tops[-1] - DROP + 1
    parts = [part for box in boxes for part in _box(box, tops)]
    return (
        f'<svg role="img" viewBox="-1 -1 {width + 1:g} {height + 1}" width="{width / 16:g}em">'
        f"<title>{escape(title)}</title><desc>{escape(describe(tree))}</desc>{''.join(parts)}</svg>"
    )


def _boxes(alike: Sequence[Process], tree: Tree, depth: int, columns: Iterator[int]) -> list[Box]:
    """The box of processes that are alike, and then all below it; a column for each leaf."""
    below = [_boxes(children, tree, depth + 1, columns) for children in _alike(alike[0].name, tree)]
    middles = [boxes[0].middle for boxes in below]
    ends = middles or [next(columns) * (WIDTH + GAP) + WIDTH / 2]
    box = Box(alike, depth, (ends[0] + ends[-1]) / 2, middles)
    return [box, *(one for boxes in below for one in boxes)]


def _alike(parent: str, tree: Tree) -> list[list[Process]]:
    """The children of a process; those that differ in their number only are together."""
    parents = {process.parent for process in tree}
    groups: list[list[Process]] = []
    for process in tree[1:]:
        if process.parent != parent:
            continue
        last = groups[-1][-1] if groups else tree[0]
        leaves = parents.isdisjoint((process.name, last.name))
        if leaves and (_kind(last), last.facts) == (_kind(process), process.facts):
            groups[-1].append(process)
        else:
            groups.append([process])
    return groups


def _kind(process: Process) -> str:
    """A process's name without its number."""
    return process.name.rstrip("0123456789")


def _box(box: Box, tops: Sequence[int]) -> Iterator[str]:
    """Its lines to its children, itself, and what is in it."""
    x, y = box.middle - WIDTH / 2, tops[box.depth]
    height = box.height - STACK * (len(box.processes) > 1)
    for middle in box.below:
        end = tops[box.depth + 1]
        yield (
            f'<path class="tree-line" d="M{box.middle:g} {y + height}V{end - DROP / 2:g}'
            f'H{middle:g}V{end - 5}"/>'
            f'<path class="tree-head" d="M{middle:g} {end}l-4-7h8z"/>'
        )
    ran = " tree-box-ran" if "ran" in dict(box.facts).values() else ""
    for offset in (STACK, 0) if len(box.processes) > 1 else (0,):
        yield (
            f'<rect class="tree-box{ran}" x="{x + offset:g}" y="{y + offset}" '
            f'width="{WIDTH}" height="{height}" rx="3"/>'
        )
    line = y + PAD + 13
    yield f'<text class="tree-name" x="{x + PAD:g}" y="{line}">{_text(_names(box))}</text>'
    for name, says in box.facts:
        line += LINE
        mark = MARKS.get(says, "")
        words = name if says in ("yes", "no") else f"{name}: {says}"
        yield (
            f'<g transform="translate({x + PAD + 6:g} {line - 4})">{mark}</g>'
            f'<text x="{x + PAD + 18:g}" y="{line}">{_text(words)}</text>'
        )


def _names(box: Box) -> str:
    first, *others = (process.name for process in box.processes)
    if not others:
        return first
    kind = _kind(box.processes[0])
    return f"{first} {'and' if len(others) == 1 else 'to'} {others[-1].removeprefix(kind)}"


def _text(words: str) -> str:
    return escape(words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…")


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-process-tree", ProcessTree)
