"""Galleries of others: what three lines of conf.py make of them, in a theme that is not ours."""

from __future__ import annotations

import base64
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.dom.minidom
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sphinx_gallery
from galleries import INDEX, PATIENCE

from poolcontext.capture import storage as files
from poolcontext.capture.storage import MAX_BYTES
from poolcontext.sphinxext import METADATA

if TYPE_CHECKING:
    from galleries import Built, Gallery, MakeGallery, NewGallery, Other

PAGE = Path(__file__).parents[2] / "docs" / "extension.md"
TINY = Path(sphinx_gallery.__file__).parent / "tests" / "tinybuild" / "examples"

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'

FIGURES = f"""
# sphinx_gallery_figures = True
from pathlib import Path

import beside

Path("rate_10.svg").write_text({SVG!r})
Path("rate_9.png").write_bytes({PIXEL!r})
print(beside.WORD, Path("data.txt").read_text(), Path("photo.png").stat().st_size)
"""
POOL = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def square(number):
    print("child", number, flush=True)
    return number * number

if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(list(pool.map(square, range(3))))
"""
LAUNCHED = """
# sphinx_gallery_launcher = "LAUNCHER -n 2"
import os
print("rank", os.environ["RANK"])
"""
LAUNCHER = """\
import os, subprocess, sys
assert sys.argv[1:2] == ["-n"]
for rank in range(int(sys.argv[2])):
    subprocess.run(sys.argv[3:], env={**os.environ, "RANK": str(rank)}, check=True)
"""


def lines() -> str:
    """The three lines of conf.py, as the page has them."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", text.partition("## Three lines")[2], re.S)
    assert found
    assert len(found[1].splitlines()) == 3
    return found[1]


def strange(gallery: Gallery, more: str = "") -> Gallery:
    """Have a gallery of which the extension is told nothing but three lines."""
    gallery.write("docs/conf.py", lines() + more)
    gallery.write("docs/index.rst", INDEX.replace("examples/", "auto_examples/"))
    return gallery


def images(gallery: Gallery, name: str) -> list[tuple[str, str]]:
    """The figures of a page, each with its text, in order; all of them are there."""
    found = gallery.page(f"auto_examples/{name}").select("img.poolcontext-figure")
    folder = gallery.html / "auto_examples"
    assert all((folder / str(one["src"])).is_file() for one in found)
    return [(Path(str(one["src"])).name, str(one["alt"])) for one in found]


def said(gallery: Gallery, name: str) -> tuple[str, str]:
    """The caption of a page's only outcome, and what was printed."""
    (one,) = gallery.page(f"auto_examples/{name}").select("div.outcome")
    return one.select_one(".outcome-caption").get_text(), one.select_one("pre").get_text()


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A command that starts another several times, as mpiexec does."""
    script = tmp_path_factory.mktemp("launcher") / "launch.py"
    script.write_text(LAUNCHER, encoding="utf-8")
    return shlex.join([sys.executable, str(script)])


@pytest.fixture(scope="module")
def shown(new_gallery: NewGallery, launcher: str) -> tuple[Gallery, Built]:
    """A gallery of scripts as others have them, built once."""
    gallery = strange(new_gallery())
    gallery.write("examples/beside.py", '"""\nA module\n========\n"""\n\nWORD = "word"\n')
    gallery.write("examples/data.txt", "data")
    (gallery.examples / "photo.png").write_bytes(PIXEL)
    gallery.add("plot_figures", FIGURES)
    gallery.add("plot_pool", POOL)
    gallery.add("plot_status", "# sphinx_gallery_exit_status = 3\nraise SystemExit(3)")
    gallery.add("plot_launched", LAUNCHED.replace("LAUNCHER", launcher))
    return gallery, gallery.build()


class TestPages:
    """What the pages of a stranger's gallery show."""

    def test_children(self, shown: tuple[Gallery, Built]) -> None:
        """What spawned workers print is there, in its place."""
        _, text = said(shown[0], "plot_pool")
        assert text == "child 0\nchild 1\nchild 2\n[0, 1, 4]\n"

    def test_exit_status(self, shown: tuple[Gallery, Built]) -> None:
        """A status that a script says it has is none that fails the build."""
        caption = shown[0].page("auto_examples/plot_status").select_one(".outcome-caption")
        assert " · exit status 3 · " in caption.get_text()

    def test_launcher(self, shown: tuple[Gallery, Built], launcher: str) -> None:
        """What a launcher starts is heard, and the caption has the whole command."""
        caption, text = said(shown[0], "plot_launched")
        assert text == "rank 0\nrank 1\n"
        assert caption.startswith(f"{launcher} -n 2 python plot_launched.py · ")

    def test_figures(self, shown: tuple[Gallery, Built]) -> None:
        """Those that the script has saved are shown in the order of their numbers, as images."""
        gallery, _ = shown
        assert said(gallery, "plot_figures")[1] == f"word data {len(PIXEL)}\n"
        assert images(gallery, "plot_figures") == [
            ("sphx_glr_plot_figures_001.png", "rate 9"),
            ("sphx_glr_plot_figures_002.svg", "rate 10"),
        ]
        made = gallery.docs / "auto_examples" / "images" / "sphx_glr_plot_figures_001.png"
        assert made.read_bytes() == PIXEL

    def test_nothing_is_left_beside_the_scripts(self, shown: tuple[Gallery, Built]) -> None:
        """A script with figures has run in another folder."""
        names = {path.name for path in shown[0].examples.iterdir() if path.suffix != ".py"}
        assert names - {"__pycache__"} == {"GALLERY_HEADER.rst", "data.txt", "photo.png"}

    def test_modules_are_not_run(self, shown: tuple[Gallery, Built]) -> None:
        """What sphinx-gallery's pattern leaves out has no outcome, nor a word about one."""
        gallery, built = shown
        assert built.ran == ["plot_figures", "plot_launched", "plot_pool", "plot_status"]
        page = gallery.page("auto_examples/beside")
        assert "Nobody has run" not in page.get_text()
        assert not page.select(".outcomes")

    def test_the_site_is_not_changed(self, shown: tuple[Gallery, Built]) -> None:
        """Nothing is there that only our own site wants, but the style sheet."""
        gallery, _ = shown
        assert not list(gallery.html.rglob("*.md"))
        for name in ("llms.txt", "sitemap.xml", "_static/platforms.js", "_static/my-platform.js"):
            assert not (gallery.html / name).exists(), name
        page = gallery.page("auto_examples/plot_pool")
        assert not page.select("meta[name=description], .page-dates, .example-parts")
        assert page.select_one("link[href*='alabaster.css']")
        assert page.select_one("link[href*='poolcontext.css']")
        assert (gallery.html / "_static" / "poolcontext.css").is_file()
        assert gallery.page("auto_examples/index").select("img[src*=plot_figures_thumb]")

    def test_last_words(self, shown: tuple[Gallery, Built]) -> None:
        """They count what ran, and do not name commands of our own checkout."""
        words = "\n".join(shown[1].last_words)
        assert "Examples: 4 ran, 0 were current." in words
        assert "src/poolcontext" not in words


def test_figures_of_later_builds(make_gallery: MakeGallery) -> None:
    """A cached build shows them, a new one shows what is new, and what is not made vanishes."""
    gallery = strange(make_gallery())
    code = "# sphinx_gallery_figures = True\nfrom pathlib import Path\n"
    save = "Path('b.svg').write_text({!r})\n"
    first = SVG.replace("9", "8")
    gallery.add("plot_a", code + save.format(first) + "Path('a.svg').write_text('<svg/>')")
    gallery.build()
    assert [alt for _, alt in images(gallery, "plot_a")] == ["a", "b"]
    shutil.rmtree(gallery.html)
    shutil.rmtree(gallery.docs / "auto_examples")
    assert gallery.build().ran == []
    assert [alt for _, alt in images(gallery, "plot_a")] == ["a", "b"]
    gallery.add("plot_a", code + save.format(SVG))
    built = gallery.build()
    assert built.ran == ["plot_a"]
    assert images(gallery, "plot_a") == [("sphx_glr_plot_a_001.svg", "b")]
    assert (gallery.html / "_images" / "sphx_glr_plot_a_001.svg").read_text() == SVG
    folder = gallery.docs / "auto_examples" / "images"
    assert (folder / "thumb" / "sphx_glr_plot_a_thumb.svg").read_text() == SVG
    assert gallery.build().read == []
    gallery.add("plot_a", "print('none')")
    gallery.build()
    assert images(gallery, "plot_a") == []
    assert [path.name for path in folder.glob("*.*")] == []
    assert [path.name for path in folder.glob("thumb/*")] == ["sphx_glr_plot_a_thumb.png"]


def test_too_many_figures(make_gallery: MakeGallery) -> None:
    """Of what is beyond the bounds there is a warning, at every build."""
    gallery = strange(make_gallery())
    gallery.add(
        "plot_many",
        "# sphinx_gallery_figures = True\nfrom pathlib import Path\n"
        f"for number in range(21):\n    Path(f'n{{number}}.svg').write_text({SVG!r})\n"
        "Path('large.svg').write_text(' ' * 5_000_001)",
    )
    for _ in range(2):
        built = gallery.build(strict=False)
        (warning,) = built.warnings
        assert warning.endswith(": large.svg, n20.svg")
    assert len(images(gallery, "plot_many")) == 20


def test_hanging(make_gallery: MakeGallery) -> None:
    """A script is ended at the time limit that conf.py has for all, and fails the build."""
    gallery = strange(make_gallery(), "poolcontext_timeout = 0.5\n")
    gallery.add("plot_hang", "import time\nprint('waiting', flush=True)\ntime.sleep(600)")
    gallery.add("plot_slow", "# sphinx_gallery_timeout = 60\nimport time\ntime.sleep(1)")
    built = gallery.build(fails=True)
    assert "plot_hang.py ended with timeout after 0." in built.log
    assert "plot_slow.py ended" not in built.log
    assert said(gallery, "plot_hang")[1] == "waiting\n"


@pytest.mark.parametrize(
    ("more", "script", "error"),
    [
        ("poolcontext_timeout = 0\n", "", "poolcontext_timeout takes seconds above zero, not 0"),
        ("", '# sphinx_gallery_launcher = "no-such"', "plot_a.py wants 'no-such', and there is no"),
    ],
    ids=["time limit", "launcher"],
)
def test_refused(make_gallery: MakeGallery, more: str, script: str, error: str) -> None:
    """What is of no use is one line that names it."""
    gallery = strange(make_gallery(), more)
    gallery.add("plot_a", f"{script}\nprint(1)")
    assert error in gallery.build(fails=True).error


def test_two_of_one_name(make_gallery: MakeGallery) -> None:
    """Two scripts of one name, of which one's captures would be taken for the other's."""
    gallery = strange(make_gallery())
    gallery.write("examples/more/GALLERY_HEADER.rst", "More\n====\n")
    gallery.add("plot_a", "print(1)")
    gallery.add("more/plot_a", "print(2)")
    assert " have one name: rename one of them" in gallery.build(fails=True, strict=False).error


def test_another_platform(make_gallery: MakeGallery, other: Other) -> None:
    """A file of captures that another build has left is shown beside this one's own."""
    gallery = strange(make_gallery(), 'poolcontext_captures = "captures"\n')
    gallery.add("plot_a", "print('here')")
    gallery.build()
    (file,) = gallery.captures()
    captures = files.load(file)
    examples = {name: one._replace(output="there\n") for name, one in captures.examples.items()}
    there = other(version="3.9.1")
    there_file = gallery.docs / "captures" / f"{there.id}.json"
    files.save(captures._replace(platform=there, examples=examples), there_file)
    gallery.build()
    outcomes = gallery.page("auto_examples/plot_a").select("div.outcome pre")
    assert [one.get_text() for one in outcomes] == ["here\n", "there\n"]


def test_gallery_of_sphinx_gallery(make_gallery: MakeGallery) -> None:
    """Of its own small gallery those that want the standard library alone are as the page says."""
    names = ("plot_log", "plot_no_parallel", "plot_repr", "future/plot_future_imports_broken")
    broken = 'sphinx_gallery_conf["expected_failing_examples"] = ["../examples/{}.py"]\n'
    gallery = strange(make_gallery(), broken.format(names[-1]))
    gallery.write("examples/future/GALLERY_HEADER.rst", "Future\n======\n")
    for name in names:
        shutil.copy(TINY / f"{name}.py", gallery.examples / f"{name}.py")
    for ran in (4, 1):  # what is expected to fail runs at every build
        assert len(gallery.build().ran) == ran
    assert said(gallery, "plot_log")[1] == "is in the same cell\nis not in the same cell\n"
    assert said(gallery, "plot_no_parallel")[1] == "ran serially\n"
    assert "It printed nothing." in gallery.page("auto_examples/plot_repr").get_text()
    caption, text = said(gallery, names[-1])
    assert " · exit status 1 · " in caption
    assert text.startswith("1.5Traceback ")


def test_conf_reaches_examples(make_gallery: MakeGallery) -> None:
    """What conf.py puts into sys.path and os.environ is there for examples, and PYTHONPATH is."""
    gallery = strange(
        make_gallery(),
        "import os, sys\nsys.path.insert(0, os.path.abspath('..'))\n"
        "sys.path.append(os.path.abspath('../last'))\n"
        "os.environ.update(GREETING='hello', PYTHONWARNINGS='ignore')\n"
        "os.environ.update(dict.fromkeys(('PYTHONINSPECT', 'PYTHONUNBUFFERED'), '1'))\n",
    )
    for folder in (".", "last", "given"):
        gallery.write(f"{folder}/ours{folder.strip('.')}.py", f"PLACE = {folder!r}\n")
    gallery.environ = {"PYTHONPATH": str(gallery.root / "given")}
    gallery.add(
        "plot_a",
        "import os, sys, warnings, ours, ourslast, oursgiven\n"
        "print(ours.PLACE, ourslast.PLACE, oursgiven.PLACE)\nwarnings.warn('no')\n"
        "print(os.environ['GREETING'], sys.flags.inspect, 'PYTHONUNBUFFERED' in os.environ)",
    )
    gallery.build()
    assert said(gallery, "plot_a")[1] == ". last given\nhello 0 False\n"
    gallery.environ["PYTHONPATH"] += os.pathsep + str(gallery.root)
    assert gallery.build().ran == ["plot_a"]  # with other variables, another run


def test_own_folders(make_gallery: MakeGallery) -> None:
    """Directives, nodes, captures/ and with_helper/ of a project stay its own, without a word."""
    names = ("outcomes", "with-helper", "messages", "charts", "platform-matrix", "built-from")
    classes = [name.replace("-", "_") for name in names]
    gallery = strange(
        make_gallery(),
        "from docutils import nodes\nfrom sphinx.util.docutils import SphinxDirective\n\n"
        "class Own(SphinxDirective):\n    def run(self):\n"
        "        return [nodes.paragraph('', f'our {self.name}')]\n\n"
        "def setup(app):\n"
        f"    for name, kind in zip({names}, {classes}):\n"
        "        app.add_directive(name, Own)\n"
        "        app.add_node(type(kind, (nodes.Element,), {}))\n",
    )
    index = (gallery.docs / "index.rst").read_text(encoding="utf-8")
    gallery.write("docs/index.rst", index + "\n" + "".join(f".. {name}::\n\n" for name in names))
    gallery.write("docs/page.rst", ":orphan:\n:outcomes: ours\n:proofs: ours\n\nPage\n====\n")
    gallery.write("docs/captures/rubbish.json", "rubbish")
    gallery.write("docs/with_helper/plot_a_with_helper.py", "raise SystemExit('ours')\n")
    gallery.write("docs/with_helper/nobody_with_helper.py", "raise SystemExit('ours')\n")
    gallery.add("plot_a", "print('a')")
    built = gallery.build()
    assert built.ran == ["plot_a"]
    assert built.warnings == []
    text = gallery.page("index").get_text()
    assert [name for name in names if f"our {name}" not in text] == []
    assert gallery.build().warnings == []  # with what the first has noted of pages


@pytest.mark.parametrize(
    ("options", "again"),
    [((), False), (("-E",), True), (("-a",), True), (("-Ea",), True), (("-v",), False)],
    ids=["again", "-E", "-a", "-Ea", "-v"],
)
def test_renewed(two_runs: Gallery, options: tuple[str, ...], again: bool) -> None:
    """What an earlier build kept is used again, unless somebody asks for everything anew."""
    assert bool(two_runs.build(*options).ran) == again


@pytest.fixture(scope="module")
def two_runs(new_gallery: NewGallery) -> Gallery:
    gallery = strange(new_gallery())
    gallery.add("plot_a", "print('a')")
    assert gallery.build().ran == ["plot_a"]
    return gallery


def test_cache_goes_with_the_doctrees(two_runs: Gallery, tmp_path: Path) -> None:
    """Without the output folder and its doctrees there is nothing that was kept."""
    copy = two_runs.copy(tmp_path / "copy")
    assert copy.build().ran == []  # in another place, too
    shutil.rmtree(copy.docs / "_build")
    assert [path.name for path in copy.docs.iterdir() if "capture" in path.name] == []
    assert copy.build().ran == ["plot_a"]


def test_large_gallery(make_gallery: MakeGallery) -> None:
    """A gallery whose outputs are larger than a committed file may be is built, and kept."""
    gallery = strange(make_gallery())
    for number in range(17):  # each byte that is no text is written out, by four characters
        gallery.add(f"plot_{number}", "import os\nos.write(1, b'\\x80' * 65_000)")
    assert len(gallery.build().ran) == 17
    (file,) = gallery.captures()
    assert file.stat().st_size > MAX_BYTES
    assert gallery.build().ran == []


def test_full_disk(make_gallery: MakeGallery) -> None:
    """Where what was printed cannot be kept, the pages are made all the same, with a warning."""
    gallery = strange(make_gallery())
    gallery.add("plot_a", "print('a')")
    gallery.write("docs/_build/doctrees/poolcontext", "a file where a folder is to be")
    built = gallery.build(strict=False)
    (warning,) = built.warnings
    assert "what the examples printed cannot be kept" in warning
    assert said(gallery, "plot_a")[1] == "a\n"


def test_suppressed(make_gallery: MakeGallery, other: Other) -> None:
    """A warning of the extension names its type, by which a project can silence it."""
    gallery = strange(
        make_gallery(),
        'import os\npoolcontext_captures = "captures"\nsuppress_warnings = [os.environ["QUIET"]]\n',
    )
    gallery.add("plot_a", "print('a')")
    gallery.write("docs/captures/rubbish.json", "rubbish")
    gallery.write("docs/odd.rst", ":orphan:\n\nOdd\n===\n\n.. poolcontext-outcomes:: nobody\n")
    for quiet, types in (
        ("none", ["poolcontext.capture", "poolcontext.script"]),
        ("poolcontext.script", ["poolcontext.capture"]),
        ("poolcontext", []),
    ):
        gallery.environ = {"QUIET": quiet}
        built = gallery.build("-E", strict=False)
        assert re.findall(r"WARNING: .*\[([\w.]+)\]$", built.log, re.M) == types


def test_metadata() -> None:
    """Sphinx is told the version of the package, which it shows where it fails."""
    assert METADATA["version"] == importlib.metadata.version("poolcontext")


@pytest.mark.parametrize("builder", ["epub", "text"])
def test_headings_instead_of_tabs(make_gallery: MakeGallery, other: Other, builder: str) -> None:
    """Where there is no browser, each outcome has a heading, and what is XML is well-formed."""
    gallery = strange(
        make_gallery(),
        'poolcontext_captures = "captures"\ncopyright = version = "1"\n'
        'sphinx_gallery_conf["write_computation_times"] = False  # its page is no XML\n',
    )
    gallery.add("plot_a", "print('here\\n\\f')")
    gallery.commit(other(version="3.9.1"), {"plot_a": "there\n"})
    out = gallery.root / builder
    folders = ["-d", str(gallery.root / "doctrees"), str(gallery.docs), str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder, *folders],
        cwd=gallery.root,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for page in out.rglob("*.xhtml"):
        xml.dom.minidom.parseString(page.read_bytes().replace(b"&nbsp;", b" "))
    (page,) = (page for page in out.rglob("plot_a.*") if page.suffix in (".txt", ".xhtml"))
    text = page.read_text(encoding="utf-8")
    assert "<input" not in text
    heading = 'rubric">CPython 3.9' if builder == "epub" else "-[ CPython 3.9"
    first, second = (text.index(words) for words in ("here\n", "there\n"))
    assert first < text.index(heading, first) < second
