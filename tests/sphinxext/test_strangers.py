"""Galleries of others: what the conf.py of the page makes of them, in a theme that is not ours."""

from __future__ import annotations

import base64
import importlib.metadata
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sphinx_gallery
from galleries import INDEX

import poolcontext.sphinxext
from poolcontext.capture import storage

if TYPE_CHECKING:
    from galleries import Built, Gallery, NewGallery, Other

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
    """The whole conf.py, as the page has it."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```", text.partition("## What it does not do")[0], re.S)
    assert len(found[-1].splitlines()) == 3
    return found[-1]


def strange(gallery: Gallery, more: str = "") -> Gallery:
    """Have a gallery of which the extension is told nothing but these lines."""
    gallery.write("docs/conf.py", lines() + more)
    gallery.write("docs/index.rst", INDEX.replace("examples/", "auto_examples/"))
    return gallery


def images(gallery: Gallery, name: str) -> list[tuple[str, str]]:
    """The figures of a page, each with its text, in order; all of them are there."""
    found = gallery.page(f"auto_examples/{name}").select(
        "img.sphx-glr-single-img, img.sphx-glr-multi-img"
    )
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
    gallery = strange(new_gallery(), "sphinx_gallery_conf['filename_pattern'] = '/plot_'\n")
    gallery.write("examples/beside.py", '"""\nA module\n========\n"""\n\nWORD = "word"\n')
    gallery.write("examples/data.txt", "data")
    (gallery.examples / "photo.png").write_bytes(PIXEL)
    gallery.add("plot_figures", FIGURES)
    gallery.add("plot_status", "# sphinx_gallery_exit_status = 3\nraise SystemExit(3)")
    gallery.add("plot_launched", LAUNCHED.replace("LAUNCHER", launcher))
    return gallery, gallery.build()


class TestPages:
    """What the pages of a stranger's gallery show."""

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
        assert built.ran == ["plot_figures", "plot_launched", "plot_status"]
        page = gallery.page("auto_examples/beside")
        assert "Nobody has run" not in page.get_text()
        assert not page.select(".outcomes")

    def test_the_site_is_not_changed(self, shown: tuple[Gallery, Built]) -> None:
        """Nothing is there that only our own site wants, but the style sheet."""
        gallery, _ = shown
        assert not list(gallery.html.rglob("*.md"))
        for name in ("llms.txt", "sitemap.xml", "_static/platforms.js", "_static/my-platform.js"):
            assert not (gallery.html / name).exists(), name
        page = gallery.page("auto_examples/plot_status")
        assert not page.select("meta[name=description], .page-dates, .example-parts")
        assert page.select_one("link[href*='alabaster.css']")
        assert page.select_one("link[href*='poolcontext.css']")
        assert (gallery.html / "_static" / "poolcontext.css").is_file()
        assert gallery.page("auto_examples/index").select("img[src*=plot_figures_thumb]")

    def test_last_words(self, shown: tuple[Gallery, Built]) -> None:
        """They count what ran, and do not name commands of our own checkout."""
        words = "\n".join(shown[1].last_words)
        assert "Examples: 3 ran, 0 were current." in words
        assert "src/poolcontext" not in words


def test_figures_of_later_builds(new_gallery: NewGallery) -> None:
    """A cached build shows them, a new one shows what is new, and what is not made vanishes."""
    gallery = strange(new_gallery())
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


def test_too_many_figures(new_gallery: NewGallery) -> None:
    """Of what is beyond the bounds there is a warning, at every build."""
    gallery = strange(new_gallery())
    gallery.add(
        "plot_many",
        "# sphinx_gallery_figures = True\nfrom pathlib import Path\n"
        f"for number in range(101):\n    Path(f'n{{number}}.svg').write_text({SVG!r})\n"
        "Path('large.svg').write_text(' ' * 5_000_001)",
    )
    for _ in range(2):
        built = gallery.build(strict=False)
        (warning,) = built.warnings
        assert warning.endswith(": large.svg, n100.svg")
    assert len(images(gallery, "plot_many")) == 100


def test_another_platform(new_gallery: NewGallery, other: Other) -> None:
    """A file of snapshots that another build has left is shown beside this one's own.

    The last words say how it is renewed once its script is another one.
    """
    conf = 'poolcontext_captures = "captures"\npoolcontext_renewal = "Copy {file}!"\n'
    gallery = strange(new_gallery(), conf)
    gallery.add("plot_a", "print('here')")
    gallery.build()
    (file,) = gallery.captures()
    capture = storage.load(file)
    examples = {name: one._replace(output="there\n") for name, one in capture.examples.items()}
    gallery.commit(other(version="3.9.1"), examples)
    assert "Copy" not in gallery.build().log
    outcomes = gallery.page("auto_examples/plot_a").select("div.outcome pre")
    assert [one.get_text() for one in outcomes] == ["here\n", "there\n"]
    gallery.add("plot_a", "print('still here')")
    assert gallery.build().last_words[-2] == f"Copy {file.relative_to(gallery.root)}!"


def test_gallery_of_sphinx_gallery(new_gallery: NewGallery) -> None:
    """Of its own small gallery those that want the standard library alone are as the page says."""
    names = ("plot_log", "plot_no_parallel", "plot_repr", "future/plot_future_imports_broken")
    broken = 'sphinx_gallery_conf["expected_failing_examples"] = ["../examples/{}.py"]\n'
    gallery = strange(new_gallery(), broken.format(names[-1]))
    gallery.write("examples/future/GALLERY_HEADER.rst", "Future\n======\n")
    if not all((TINY / f"{name}.py").exists() for name in names):
        pytest.skip("this sphinx-gallery has other examples of its own")
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


@pytest.mark.usefixtures("measured_subprocesses")
def test_conf_reaches_examples(new_gallery: NewGallery) -> None:
    """What conf.py puts into sys.path and os.environ is there for examples, and PYTHONPATH is.

    It is not where conf.py says so.
    """
    gallery = strange(
        new_gallery(),
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
    gallery.configure("poolcontext_inherit = False\n")
    gallery.build(fails=True)
    assert "No module named 'ours" in said(gallery, "plot_a")[1]


def test_own_folders(new_gallery: NewGallery) -> None:
    """Directives, captures/ and with_helper/ of a project stay its own, without a word."""
    names = ("outcomes", "with-helper", "messages", "charts", "platform-matrix", "built-from")
    gallery = strange(
        new_gallery(),
        "from docutils import nodes\nfrom sphinx.util.docutils import SphinxDirective\n\n"
        "class Own(SphinxDirective):\n    def run(self):\n"
        "        return [nodes.paragraph('', f'our {self.name}')]\n\n"
        "def setup(app):\n"
        f"    for name in {names}:\n        app.add_directive(name, Own)\n",
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


def test_suppressed(new_gallery: NewGallery) -> None:
    """A warning of the extension names its type, by which a project can silence it."""
    gallery = strange(new_gallery(), 'poolcontext_captures = "captures"\n')
    gallery.add("plot_a", "print('a')")
    gallery.write("docs/captures/rubbish.json", "rubbish")
    gallery.write("docs/odd.rst", ":orphan:\n\nOdd\n===\n\n.. poolcontext-outcomes:: nobody\n")
    for quiet, types in (
        ("none", ["poolcontext.capture", "poolcontext.script"]),
        ("poolcontext.script", ["poolcontext.capture"]),
        ("poolcontext", []),
    ):
        built = gallery.build("-D", f"suppress_warnings={quiet}", strict=False)
        assert re.findall(r"WARNING: .*\[([\w.]+)\]$", built.log, re.M) == types


def test_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sphinx is told the version of the package, which it shows where it fails."""
    version = poolcontext.sphinxext._version
    assert version() == importlib.metadata.version("poolcontext")
    monkeypatch.setattr(sys, "path", [])
    assert version() == "unknown version"
