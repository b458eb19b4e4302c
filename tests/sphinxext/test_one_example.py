"""Galleries that stay sphinx-gallery's own, save the examples that are to run as processes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from poolcontext.sphinxext.terminal import as_shown

if TYPE_CHECKING:
    from galleries import Built, Gallery, NewGallery

STOCK = ("sphinx_gallery.gen_gallery",)
OURS = (*STOCK, "poolcontext.sphinxext")
CONF = """\
project = "Gallery"
extensions = {extensions!r}
html_theme = "basic"
suppress_warnings = ["git"]
html_static_path, templates_path = [], []  # as sphinx-gallery adds to the lists that are there
sphinx_gallery_conf = {{"examples_dirs": "../examples", {more}}}
# They are what differs between two builds.
sphinx_gallery_conf.update(min_reported_time=1e9, write_computation_times=False)
"""
INDEX = "Home\n====\n\n.. toctree::\n\n   auto_examples/index\n"
PROCESS = "# sphinx_gallery_process = True\n"

PLOT = """
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.set_title("First, by hand")
axes.plot([1, 2])
plt.show()
%%
for number in (1, 2):
    plt.figure(figsize=(1, 1))
    plt.suptitle(f"Of two: {number}")
    plt.plot([number])
print("drawn")
"""
MAP = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import matplotlib.pyplot as plt

def square(number):
    plt.figure()  # in the worker: nobody is shown it
    plt.show()
    return number * number

if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        print(list(pool.map(square, range(4))))
    plt.figure(figsize=(2, 1), facecolor="red")
    plt.show()
"""


def others(
    gallery: Gallery, extensions: tuple[str, ...], more: str = "", conf: str = ""
) -> Gallery:
    """Have a gallery as somebody else has it."""
    gallery.write("docs/conf.py", CONF.format(extensions=[*extensions], more=more) + conf)
    gallery.write("docs/index.rst", INDEX)
    return gallery


def files(gallery: Gallery) -> dict[str, bytes]:
    """The files of a site, by their names."""
    return {
        path.relative_to(gallery.html).as_posix(): path.read_bytes()
        for path in gallery.html.rglob("*")
        if path.is_file() and path.suffix != ".zip"  # which holds times
    }


def images(gallery: Gallery, name: str) -> list[tuple[str, str]]:
    """The pictures of an example's page, each with its text, in their order."""
    found = gallery.page(f"auto_examples/{name}").select("img[class^=sphx-glr]")
    folder = gallery.html / "auto_examples"
    assert all((folder / str(one["src"])).is_file() for one in found)
    return [(Path(str(one["src"])).name, str(one["alt"])) for one in found]


def thumbnail(gallery: Gallery, name: str) -> bytes:
    folder = gallery.docs / "auto_examples" / "images" / "thumb"
    return (folder / f"sphx_glr_{name}_thumb.png").read_bytes()


@pytest.fixture(scope="module")
def stock(new_gallery: NewGallery) -> Gallery:
    """A gallery that is built by sphinx-gallery alone."""
    pytest.importorskip("matplotlib")
    gallery = others(new_gallery(), STOCK)
    gallery.add("plot_plain", f"print('plain')\n{PLOT}\n%%\n3 + 4")
    gallery.build()
    return gallery


@pytest.fixture(scope="module")
def mixed(stock: Gallery, new_gallery: NewGallery) -> tuple[Gallery, Built]:
    """The same gallery, with the extension and examples that are run as processes."""
    gallery = others(new_gallery(), OURS, '"image_srcset": ["2x"]')
    gallery.add("plot_plain", f"print('plain')\n{PLOT}\n%%\n3 + 4")
    gallery.add("plot_process", PROCESS + PLOT)
    gallery.add("plot_map", PROCESS + MAP)
    gallery.add("plot_none", f"{PROCESS}# sphinx_gallery_figures = False\n{PLOT}")
    gallery.add("plot_doc", f"{PROCESS}print(__doc__)\nprint('below')")
    return gallery, gallery.build()


def test_no_such_example(stock: Gallery, new_gallery: NewGallery) -> None:
    """A gallery without such an example is built byte for byte as without the extension."""
    gallery = others(new_gallery(), OURS)
    gallery.add("plot_plain", f"print('plain')\n{PLOT}\n%%\n3 + 4")
    log = gallery.build().log
    assert "running examples" not in log
    assert "The platform captured" not in log
    wanted = files(stock)
    assert len(wanted) > 20
    assert files(gallery) == wanted


def test_others_stay(stock: Gallery, mixed: tuple[Gallery, Built]) -> None:
    """Beside such examples, those of sphinx-gallery's own keep all that they have."""
    gallery, built = mixed
    assert built.ran == ["plot_doc", "plot_map", "plot_none", "plot_process"]
    page, wanted = (one.page("auto_examples/plot_plain") for one in (gallery, stock))
    assert len(wanted.select("article, .body")) == 1
    assert not page.select("link[href*=poolcontext], .outcomes")
    texts = [
        one.select_one(".body").get_text().partition("Gallery generated")[0]
        for one in (page, wanted)
    ]
    assert texts[0] == texts[1]
    assert images(gallery, "plot_plain") == images(stock, "plot_plain")
    assert thumbnail(gallery, "plot_plain") == thumbnail(stock, "plot_plain")


class TestFigures:
    """Matplotlib's figures of an example that is run as a process."""

    def test_as_in_stock(self, mixed: tuple[Gallery, Built]) -> None:
        """They are those that sphinx-gallery finds, with their titles, each below its block."""
        gallery, _ = mixed
        named = [
            (name.replace("process", "plain"), alt) for name, alt in images(gallery, "plot_process")
        ]
        assert named == images(gallery, "plot_plain")
        folder = gallery.docs / "auto_examples" / "images"
        for number in ("001", "002", "003", "002_2_00x"):
            one, other = (
                folder / f"sphx_glr_plot_{name}_{number}.png" for name in ("process", "plain")
            )
            assert one.read_bytes() == other.read_bytes()
        assert thumbnail(gallery, "plot_process") == thumbnail(gallery, "plot_plain")
        page = gallery.page("auto_examples/plot_process")
        parts = page.select("div.highlight-Python, img, div.outcomes")
        kinds = [(one.name, (one["class"] or [""])[0][:9]) for one in parts]
        assert [kind for _, kind in kinds if kind != "sphx-glr-"] == [
            "highlight",
            "highlight",
            "outcomes",
        ]
        assert [name for name, _ in kinds] == ["div", "img", "div", "div", "img", "img"]
        assert gallery.page("auto_examples/plot_process").select("img[srcset$='2.00x']")

    def test_workers(self, mixed: tuple[Gallery, Built]) -> None:
        """What a worker draws is not shown, and what its pool gives is."""
        gallery, _ = mixed
        assert images(gallery, "plot_map") == [("sphx_glr_plot_map_001.png", "plot map")]
        outcome = gallery.page("auto_examples/plot_map").select_one("div.outcome pre")
        assert outcome.get_text() == "[0, 1, 4, 9]\n"

    def test_switched_off(self, mixed: tuple[Gallery, Built], new_gallery: NewGallery) -> None:
        """None are there where the script says so, or conf.py."""
        assert images(mixed[0], "plot_none") == []
        gallery = others(new_gallery(), OURS, conf="poolcontext_figures = False\n")
        gallery.add("plot_map", f"{PROCESS}import os\nprint('MPLBACKEND' in os.environ)")
        gallery.build()
        outcome = gallery.page("auto_examples/plot_map").select_one("div.outcome pre")
        assert outcome.get_text() == "False\n"

    def test_files(self, new_gallery: NewGallery) -> None:
        """With its comment, files of any kind and subfolder are shown too, after the figures."""
        pytest.importorskip("matplotlib")
        gallery = others(new_gallery(), OURS)
        code = "# sphinx_gallery_figures = True\nimport os\nimport matplotlib.pyplot as plt\n"
        code += "os.makedirs('sub')\nplt.figure(figsize=(1, 1))\n"
        code += "for name in ('a.PNG', 'sub/b.jpeg', 'c.webp'):\n    plt.savefig(name)\n"
        gallery.add("plot_files", PROCESS + code)
        gallery.build()
        assert images(gallery, "plot_files") == [
            ("sphx_glr_plot_files_001.png", "plot files"),
            ("sphx_glr_plot_files_002.png", "a"),
            ("sphx_glr_plot_files_003.jpg", "b"),
            ("sphx_glr_plot_files_004.webp", "c"),
        ]


def test_docstring(mixed: tuple[Gallery, Built]) -> None:
    """What `print(__doc__)` prints is the page's own text, and is not shown again."""
    (outcome,) = mixed[0].page("auto_examples/plot_doc").select("div.outcome pre")
    assert outcome.get_text() == "below\n"


def test_notebook(mixed: tuple[Gallery, Built]) -> None:
    """The notebook of such an example has its cells, and nothing that was put on the page."""
    gallery, _ = mixed
    cells = {
        name: json.loads((gallery.docs / "auto_examples" / f"{name}.ipynb").read_text())["cells"]
        for name in ("plot_process", "plot_plain")
    }
    text = json.dumps(cells["plot_process"])
    assert "poolcontext" not in text
    assert "file:" not in text
    kinds = [one["cell_type"] for one in cells["plot_process"]]
    assert kinds == ["markdown", "code", "markdown", "code"]


def test_pattern(new_gallery: NewGallery) -> None:
    """A pattern in conf.py chooses examples, and one that says no itself is left out.

    Where sphinx-gallery runs none of them, a warning says so.
    """
    gallery = others(new_gallery(), OURS, conf="poolcontext_process_pattern = 'plot_[ab]'\n")
    gallery.add("plot_a", "print('a')")
    gallery.add("plot_b", "# sphinx_gallery_process = False\nprint('b')")
    gallery.add("plot_c", "print('c')")
    assert gallery.build().ran == ["plot_a"]
    assert not gallery.page("auto_examples/plot_c").select(".outcome")
    built = gallery.build("-D", "sphinx_gallery_conf.filename_pattern=other", strict=False)
    (warning,) = (one for one in built.warnings if "processes" in one)
    assert "1 examples are to run as processes" in warning
    assert "sphinx_gallery_conf['filename_pattern']" in warning


def test_resets(new_gallery: NewGallery) -> None:
    """What a project's own function of reset_modules sets is missing, and a warning says so."""
    conf = "def seed(conf, name):\n    pass\n\n"
    conf += "sphinx_gallery_conf['reset_modules'] = ('matplotlib', seed)\n"
    gallery = others(new_gallery(), OURS, conf=conf)
    gallery.add("plot_a", f"{PROCESS}print('a')")
    found = gallery.build(strict=False).warnings
    (warning,) = (one for one in found if "['reset_modules']" in one)
    assert warning.endswith(": seed")


@pytest.mark.parametrize("how", ["setting", "variable"])
def test_without_times(new_gallery: NewGallery, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Captions have neither seconds nor a day, so that two builds are the same."""
    conf = "poolcontext_times = False\n" if how == "setting" else ""
    if how == "variable":
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    gallery = others(new_gallery(), OURS, conf=conf)
    gallery.add("plot_a", f"{PROCESS}print('a')")
    gallery.build()
    caption = gallery.page("auto_examples/plot_a").select_one(".outcome-caption").get_text()
    assert re.fullmatch(r"python plot_a\.py · [^·]+ · exit status 0", caption)


def test_one_at_a_time(new_gallery: NewGallery) -> None:
    """Two that use one file come one after the other, unless conf.py says how many may not."""
    code = "import os, time\nopen('used', 'x')\ntime.sleep(0.3)\nos.remove('used')\nprint('well')"
    gallery = others(new_gallery(), OURS, conf="poolcontext_process_pattern = '.'\n")
    for name in "abc":
        gallery.add(f"plot_{name}", code)
    gallery.build()
    gallery.configure("poolcontext_jobs = 3\n")
    for name in "abc":
        gallery.add(f"plot_{name}", f"{code}\nprint('again')")
    assert "FileExistsError" in gallery.build(fails=True).log


def test_time_limit_of_a_command_line(new_gallery: NewGallery) -> None:
    """The time limit can be set by `-D`, as any number can."""
    gallery = others(new_gallery(), OURS)
    gallery.add("plot_a", f"{PROCESS}import time\ntime.sleep(60)")
    built = gallery.build("-D", "poolcontext_timeout=1", fails=True)
    assert "its limit of 1 s" in built.log


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n", "plain\n"),
        ("  1 %\r 50 %\r100 %\ndone\n", "100 %\ndone\n"),
        ("\x1b[1;31mred\x1b[0m and \x1b]8;;http://a\x07link\x1b]8;;\x07\n", "red and link\n"),
        ("abc\b\bX\n", "aXc\n"),
        ("long line\rshort\x1b[K\n", "short\n"),
        ("one\ntwo\n\x1b[2A\x1b[2Kthree\n", "three\ntwo\n"),
        ("a\x1b[3Cb\x1b[2D|\n", "a  |b\n"),
        ("a: 1\nb: 1\n\x1b[F\x1b[Fa: 2\x1b[E", "a: 2\nb: 1\n"),
        ("old\n\x1b[2J\x1b[Hnew\n", "new\n"),
        ("abcdef\x1b[3G\x1b[1K\x1b[J", "  "),
        ("\x1b[999999999C.", " " * 1000 + "."),
    ],
)
def test_as_on_a_terminal(text: str, shown: str) -> None:
    """Colours are left out, and what is written over is seen as it is at the end."""
    assert as_shown(text).rstrip(" ") == shown.rstrip(" ")
