"""The drawings of a pool's processes: which trees there are, and what is in a drawing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from _ext import process_tree
from _ext.process_tree import STACK
from bs4 import BeautifulSoup, Tag
from galleries import BuiltGallery

from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Snapshot
from poolcontext.sphinxext.results import Result

if TYPE_CHECKING:
    from galleries import NewGallery, Other

FORK = """\
Under fork:
              child of      top level  file
your process  -             ran        yes
worker 1      your process  copied     yes
worker 2      your process  copied     yes
"""
SERVER = """\
Under forkserver:
              child of      top level  file
your process  -             ran        yes
tracker       your process  not run    -
fork server   your process  ran        no
worker 1      fork server   copied     no
worker 2      fork server   copied     no
"""
OLDER = SERVER.replace("ran        no", "not run    no").replace("copied", "ran   ")
EVIL = "\x1b[31m<b>&lt;</desc>"


def results(*outputs: str) -> list[Result]:
    """From CPython 3.15 on, each of the version before."""
    found = []
    for number, output in enumerate(outputs):
        version = f"3.{15 - number}.0"
        platform = Platform("cpython", version, version, "", "linux", "x86_64", "glibc")
        snapshot = Snapshot("0" * 64, "2026-11-22", "exit", 0, 1.0, output)
        found.append(Result(platform, snapshot, True))
    return found


def minors(outputs: list[str], method: str) -> list[list[int]]:
    """The minor versions that have the same tree."""
    grouped = process_tree.group(results(*outputs), method)
    return [[one.age[0][1] for one in platforms] for platforms, _ in grouped]


def drawn(tree: process_tree.Tree) -> Tag:
    """A drawing, read as the page's HTML is read."""
    return BeautifulSoup(process_tree.draw("Title", tree), "html.parser").svg


def boxes(svg: Tag) -> list[tuple[float, float]]:
    """The places of the boxes, less those that are seen behind another."""
    places = [(float(box["x"]), float(box["y"])) for box in svg.select("rect")]
    return [one for one in places if (one[0] - STACK, one[1] - STACK) not in places]


def words(svg: Tag) -> list[str]:
    return [text.get_text() for text in svg.select("text")]


def test_drawing() -> None:
    """A box for each process that has something else to say, lines from parents to children.

    What cannot be said of a process is not in its box.
    """
    svg = drawn(process_tree.read(FORK + SERVER, "forkserver"))
    assert words(svg) == [
        *("your process", "top level: ran", "file"),
        *("tracker", "top level: not run"),
        *("fork server", "top level: ran", "file"),
        *("worker 1 and 2", "top level: copied", "file"),
    ]
    root, tracker, server, worker = boxes(svg)
    assert len(svg.select("rect")) == 5  # the second worker is seen behind the first
    assert root[1] < tracker[1] == server[1] < worker[1]
    assert root[0] == (tracker[0] + server[0]) / 2
    assert worker[0] == server[0]
    assert len(svg.select("path.tree-line")) == 3
    marks = [one["class"] for one in svg.select("g path")]
    assert [name.removeprefix("tree-") for (name,) in marks] == [
        *("ran", "yes", "no", "ran", "no", "copied", "no")
    ]
    assert [len(svg.select(f"rect.tree-box{more}")) for more in ("", "-ran")] == [5, 2]


def test_everything_is_inside() -> None:
    """Nothing is drawn outside of the picture, which is not wider than a phone for two boxes."""
    svg = drawn(process_tree.read(SERVER, "forkserver"))
    left, top, width, height = map(float, svg["viewbox"].split())
    assert width <= 343
    for box in svg.select("rect"):
        x, y, wide, high = (float(box[name]) for name in ("x", "y", "width", "height"))
        assert left < x < x + wide < left + width
        assert top < y < y + high < top + height


def test_description() -> None:
    """What is drawn is said in words: a title, and a sentence for each process."""
    svg = drawn(process_tree.read(SERVER, "forkserver"))
    assert svg["role"] == "img"
    assert svg.title.get_text() == "Title"
    assert svg.desc.get_text() == (
        "your process: top level ran, file yes. "
        "tracker, child of your process: top level not run. "
        "fork server, child of your process: top level ran, file no. "
        "worker 1, child of fork server: top level copied, file no. "
        "worker 2, child of fork server: top level copied, file no."
    )


@pytest.mark.parametrize(
    ("outputs", "grouped"),
    [
        pytest.param([SERVER, SERVER], [[15, 14]], id="agree"),
        pytest.param([SERVER, OLDER, SERVER], [[15, 13], [14]], id="differ"),
        pytest.param([SERVER, SERVER.replace("worker 2", "worker x")], [[15], [14]], id="names"),
        pytest.param([SERVER, SERVER.partition("worker 2")[0]], [[15], [14]], id="fewer"),
        pytest.param(
            [SERVER, re.sub("(worker . +)fork server ", r"\1your process", SERVER)],
            [[15], [14]],
            id="parents",
        ),
        pytest.param([SERVER, SERVER.replace("no\n", "-\n")], [[15, 14]], id="cannot say"),
        pytest.param([SERVER.replace("no\n", "-\n"), SERVER], [[15, 14]], id="said later"),
        pytest.param(["", FORK, SERVER, "Error: none\n"], [[13]], id="without"),
        pytest.param([FORK, f"{FORK}forkserver is not there on this platform.\n"], [], id="none"),
    ],
)
def test_groups(outputs: list[str], grouped: list[list[int]]) -> None:
    """Platforms with the same tree are together; who cannot say something says nothing else."""
    assert minors(outputs, "forkserver") == grouped


def test_together() -> None:
    """What one platform cannot say, another one of the same tree does."""
    outputs = SERVER.replace("no\n", "-\n"), SERVER.replace("yes", "-")
    ((_, tree),) = process_tree.group(results(*outputs), "forkserver")
    assert tree == process_tree.read(SERVER, "forkserver")


@pytest.mark.parametrize(
    "output",
    [
        pytest.param("", id="nothing"),
        pytest.param("Under fork:\n", id="no table"),
        pytest.param("Under fork:\n     a  b\n", id="no row"),
        pytest.param("Under fork:\n     a  b\nc  d  e\n", id="no root"),
        pytest.param(FORK.replace("-  ", "worker 1"), id="a circle"),
        pytest.param(FORK.replace("worker 2      your process", "x  nobody"), id="a stranger's"),
        pytest.param(FORK.replace("worker 2      your process", "x  -"), id="two roots"),
        pytest.param(FORK.replace("worker 1      your process", "x  x"), id="its own"),
        pytest.param(f"  {FORK}", id="not at the start"),
    ],
)
def test_rubbish(output: str) -> None:
    """What is no tree is taken for none."""
    assert process_tree.read(output, "fork") == ()
    assert process_tree.group(results(output), "fork") == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([f"p{n}  {f'p{n - 1}' if n else '-'}  a" for n in range(9_999)], id="deep"),
        pytest.param([f"p{n}  {'p0' if n else '-'}  {n}" for n in range(9_999)], id="wide"),
    ],
)
def test_many(rows: list[str]) -> None:
    """Of thousands of processes in a stranger's file the first are drawn."""
    tree = process_tree.read("\n".join(["Under fork:", "   of  x", *rows]), "fork")
    assert len(tree) == process_tree.MOST
    assert len(boxes(drawn(tree))) == process_tree.MOST


def test_many_columns() -> None:
    """Of thousands of columns the first are in a box."""
    head = "".join(f"  c{n}" for n in range(5_000))
    tree = process_tree.read(f"Under fork:\n{head}\nyou  -{'  x' * 4_999}\n", "fork")
    assert len(words(drawn(tree))) == process_tree.MOST + 1


def test_long_words() -> None:
    """What does not fit into a box is cut; the description has all of it."""
    svg = drawn(process_tree.read(FORK.replace("worker 2", "worker of a long name"), "fork"))
    long = svg.desc.get_text()
    assert "worker of a long name" in long
    assert max(map(len, words(svg))) <= process_tree.LONGEST


PAGES = {
    "fork": "fork",
    "server": "forkserver",
    "evil": "evil",
    "none": "spawn",
    "markup": "<b>",
}


@pytest.fixture(scope="module")
def built(new_gallery: NewGallery, other: Other) -> BuiltGallery:
    """Built once, with this platform's capture and two others'."""
    gallery = new_gallery()
    gallery.add(process_tree.SCRIPT, f"print({FORK + SERVER!r}, end='')")
    for name, method in PAGES.items():
        text = f":orphan:\n\nTitle\n=====\n\n.. poolcontext-process-tree:: {method}\n"
        gallery.write(f"docs/{name}.rst", text)
    platforms = {"old": other(version="3.9.1"), "none": other(version="3.8.1")}
    evil = f"Under evil:\n   of  {EVIL}\nyou  -  {EVIL}\n"
    gallery.commit(platforms["old"], {process_tree.SCRIPT: FORK + OLDER + evil})
    gallery.commit(platforms["none"], {process_tree.SCRIPT: "Error: none\n"})
    return BuiltGallery(gallery, gallery.build(fails=True), platforms)


def figures(built: BuiltGallery, page: str) -> list[Tag]:
    return list(built.gallery.page(page).select("div.process-trees > figure.process-tree"))


def test_page(built: BuiltGallery) -> None:
    """There is a drawing for each distinct tree, with the platforms that have it."""
    (one,) = figures(built, "fork")
    assert one.figcaption.get_text().startswith("fork: CPython 3.")
    assert one.svg.title.get_text() == f"The processes of a pool under {one.figcaption.get_text()}"
    captions = [each.figcaption.get_text() for each in figures(built, "server")]
    assert len(captions) == 2
    assert [text for text in captions if "3.9" in text] == ["forkserver: CPython 3.9"]
    assert built.gallery.noted("server") == {process_tree.SCRIPT}


def test_twin(built: BuiltGallery) -> None:
    """The page's twin, which has no pictures, has their titles and what they show."""
    (one,) = figures(built, "fork")
    twin = (built.gallery.html / "fork.html.md").read_text(encoding="utf-8")
    assert twin == f"# Title\n\n{one.title.get_text()}\n\n{one.desc.get_text()}\n"


def test_text_stays_text(built: BuiltGallery) -> None:
    """What a stranger's file says is no markup."""
    (one,) = figures(built, "evil")
    assert not one.select("b")
    assert r"\x1b[31m<b>&lt;</desc>" in one.desc.get_text()


def test_no_tree(built: BuiltGallery) -> None:
    """A method without a tree is told of where a page names it."""
    assert len(built.built.warnings) == 2
    for page, method in (("none", "spawn"), ("markup", "<b>")):
        pattern = rf"{page}\.rst:6: WARNING: no capture of '\w+' has a tree under '{method}'"
        assert [line for line in built.built.warnings if re.search(pattern, line)]
        assert not figures(built, page)
        assert "Nobody has run this script yet." in built.gallery.page(page).get_text()


def test_no_script(new_gallery: NewGallery) -> None:
    """So is a gallery that lacks the script."""
    gallery = new_gallery()
    gallery.add("other", "print('Hello')")
    gallery.write("docs/page.rst", ":orphan:\n\nT\n=\n\n.. poolcontext-process-tree:: fork\n")
    (warning,) = gallery.build(fails=True).warnings
    assert warning.endswith("no capture of 'tree_of_processes' has a tree under 'fork'")
