"""The contract with sphinx-gallery's private parts, and what the pages of its galleries show.

If a test of `TestContract` fails, sphinx-gallery has changed: its message names the part of
src/poolcontext/sphinxext/gallery.py that has to follow.
"""

from __future__ import annotations

import importlib.util
import inspect
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from galleries import EXAMPLE
from sphinx.errors import ConfigError
from sphinx_gallery import gen_gallery, gen_rst, py_source_parser, utils

from poolcontext.capture import platform
from poolcontext.sphinxext import gallery
from poolcontext.sphinxext.gallery import Execution, Parts

if TYPE_CHECKING:
    from galleries import Gallery, MakeSite, NewGallery

PATIENCE = 60.0
"""Seconds for what is no build, on a machine that is busy."""


class TestContract:
    """What gallery.py takes for granted of sphinx-gallery."""

    @pytest.mark.parametrize(
        ("function", "parameters", "part"),
        [
            (gallery.original, "script_blocks script_vars gallery_conf file_conf", "replaces it"),
            (gen_rst.handle_exception, "exc_info src_file script_vars gallery_conf", "_report"),
            (gen_rst.executable_script, "src_file gallery_conf", "wants"),
            (gen_rst._get_gallery_header, "dir_ gallery_conf raise_error", "selected"),
            (utils.get_md5sum, "src_file mode", "execute_script, for the .md5"),
            (py_source_parser.remove_ignore_blocks, "code_block", "_shows"),
            (py_source_parser.remove_config_comments, "code_block", "_shows"),
            (py_source_parser.Block, "type content lineno", "_put"),
        ],
    )
    def test_parameters(self, function: Callable[..., Any], parameters: str, part: str) -> None:
        """Each function that is called or replaced takes what it took."""
        assert list(inspect.signature(function).parameters) == parameters.split(), (
            f"look at gallery.py: {part}"
        )

    def test_original(self) -> None:
        """What is fallen back to is the function that was replaced."""
        original = (gallery.original.__module__, gallery.original.__name__)
        assert original == ("sphinx_gallery.gen_rst", "execute_script"), "look at `original`"

    def test_called_by_its_name_in_the_module(
        self, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A page is made by the execute_script of the moment, from what gallery.py reads."""
        app = make_site("one.py")
        conf = app.config.sphinx_gallery_conf
        calls: list[tuple[Any, ...]] = []

        def execute_script(*arguments: Any) -> tuple[list[str], float]:
            calls.append(arguments)
            arguments[1].update(example_globals={}, memory_delta=0.0)
            arguments[0].append(py_source_parser.Block("text", "PUT THERE\n", 9))
            return [f"OUTPUT {number}\n\n" for number, _ in enumerate(arguments[0])], 0.0

        monkeypatch.setattr(gen_rst, "execute_script", execute_script)
        source, target = next(iter(gallery.selected(app).items()))
        gen_rst.generate_file_rst(source.name, target.parent, source.parent, conf)

        assert len(calls) == 1, "look at install: it sets gen_rst.execute_script"
        blocks, script_vars, given, file_conf = calls[0]
        place = "look at execute_script in gallery.py:"
        assert [block.type for block in blocks] == ["text", "code", "text", "code", "text"], (
            f"{place} it finds code by a block's .type"
        )
        assert blocks[1].content.strip() == "print(1)", f"{place} it reads a block's .content"
        assert script_vars["src_file"] == str(source), f"{place} it looks up by src_file"
        assert script_vars["target_file"] == str(target), f"{place} it puts the .md5 beside it"
        assert script_vars["execute_script"] is True, f"{place} it honours execute_script"
        assert given is conf, f"{place} it takes the configuration third"
        assert file_conf == {}, f"{place} it takes the script's configuration last"
        page = target.with_suffix(".rst").read_text(encoding="utf-8")
        assert "OUTPUT 3" in page, f"{place} what it returns is shown"
        assert page.index("print(2)") < page.index("PUT THERE"), "look at _put in gallery.py"

    def test_names_of_its_own_variables_are_read(
        self, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What gallery.py's execute_script notes of a script reaches sphinx-gallery."""
        app = make_site("one.py")
        conf = app.config.sphinx_gallery_conf
        source, target = next(iter(gallery.selected(app).items()))
        monkeypatch.setattr(gen_rst, "execute_script", gen_rst.execute_script)
        monkeypatch.setattr(gallery, "_look_ups", {})
        folders = (source.name, target.parent, source.parent)

        gallery.install({source: lambda: Execution(Parts("SHOWN"), 0.5)})
        *_, (seconds, _), said = gen_rst.generate_file_rst(*folders, conf)
        assert said.get("passing") is True, "look at `passing` in execute_script"
        assert seconds == 0.5, "look at what execute_script returns"
        assert gen_rst.md5sum_is_current(target, mode="t"), "look at the .md5 in execute_script"
        said = gen_rst.generate_file_rst(*folders, conf)[-1]
        assert said.get("stale") == str(target), "look at the .md5 in execute_script"

        gallery.forget(target)
        gallery.install({source: lambda: Execution(Parts("SHOWN"), 0.5, "It failed.")})
        said = gen_rst.generate_file_rst(*folders, conf)[-1]
        assert "It failed." in said["formatted_exception"], "look at _report in gallery.py"
        assert not said.get("passing"), "look at `passing` in execute_script"
        assert not gen_rst.md5sum_is_current(target, mode="t"), "look at forget in gallery.py"

    def test_selected(self, make_site: MakeSite) -> None:
        """Examples, the sources of pages, and what is overlooked are as sphinx-gallery has them."""
        app = make_site("top.py", "a/one.py", "a/__init__.py", "b/two.py")
        scripts = Path(app.srcdir, "../scripts").resolve()
        no_header = scripts / "c" / "three.py"
        no_header.parent.mkdir()
        no_header.write_text(EXAMPLE, encoding="utf-8")
        conf = app.config.sphinx_gallery_conf
        sections = gen_gallery.get_subsections(app.srcdir, scripts, conf)
        theirs = utils._collect_gallery_files([scripts, *map(scripts.joinpath, sections)], conf)
        assert {path.name for path in gallery.selected(app)} == {Path(one).name for one in theirs}
        sources = gallery.page_sources(app)
        assert {page: path.relative_to(scripts).as_posix() for page, path in sources.items()} == {
            "made/index": "GALLERY_HEADER.rst",
            "made/top": "top.py",
            "made/a/index": "a/GALLERY_HEADER.rst",
            "made/a/one": "a/one.py",
            "made/b/index": "b/GALLERY_HEADER.rst",
            "made/b/two": "b/two.py",
        }
        assert gallery.overlooked(app) == [no_header]


class TestCheck:
    """What is refused, in plain words of one line."""

    @pytest.mark.parametrize(
        "function", ["execute_script", "jupyter_notebook", "executable_script"]
    )
    def test_contract(self, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
        """A sphinx-gallery whose function takes something else; it is named, with its version."""
        monkeypatch.setattr("sphinx_gallery.__version__", "99.1.2")
        config: Any = SimpleNamespace(sphinx_gallery_conf={})
        gallery.check(config)
        place = (gallery, "original") if function == "execute_script" else (gen_rst, function)
        monkeypatch.setattr(*place, lambda blocks: blocks)
        with pytest.raises(ConfigError, match=rf"^.* 99\.1\.2 .*\b{function}\b.* 0\.22\.1\.$"):
            gallery.check(config)

    def test_caller(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that does not call what is replaced."""

        def generate_file_rst(fname: Any, target_dir: Any, src_dir: Any, gallery_conf: Any) -> None:
            gallery.execute_script([], {}, {}, {})

        monkeypatch.setattr(gen_rst, "generate_file_rst", generate_file_rst)
        config: Any = SimpleNamespace(sphinx_gallery_conf={})
        with pytest.raises(ConfigError, match=r"\(jupyter_notebook\)"):
            gallery.check(config)

    def test_parallel(self) -> None:
        """sphinx-gallery's own execution side by side, beside processes of ours."""
        app: Any = SimpleNamespace(config=SimpleNamespace(sphinx_gallery_conf={"parallel": 2}))
        with pytest.raises(ConfigError, match=r"^sphinx_gallery_conf\['parallel'\] .*leave it out"):
            gallery.check_settings(app)

    @pytest.mark.parametrize("there", [True, False])
    def test_without_matplotlib(self, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
        """Where there is no Matplotlib, sphinx-gallery is not told to want it."""
        find = {"matplotlib": there}.get
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: find(name) or None)
        config: Any = SimpleNamespace(sphinx_gallery_conf={"reset_modules": ("seaborn",)})
        gallery.check(config)
        assert config.sphinx_gallery_conf.pop("reset_modules") == ("seaborn",)
        assert config.sphinx_gallery_conf == ({} if there else {"image_scrapers": ()})


class TestExecuteScript:
    """What gallery.execute_script does instead of sphinx-gallery's function."""

    def test_unknown_source(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A script that no build of ours knows is left to sphinx-gallery, with all arguments."""
        monkeypatch.setattr(gallery, "original", lambda *arguments: arguments)
        monkeypatch.setattr(gallery, "_look_ups", {"/other.py": pytest.fail})
        arguments: Any = ([], {"src_file": "/one.py"}, {"conf": 1}, {"file_conf": 2})
        assert gallery.execute_script(*arguments) == arguments

    @pytest.mark.parametrize(
        ("executes", "failure", "output", "passing", "reported"),
        [
            (True, "", "", True, ""),
            (True, "It failed.", "one.py printed:\n\noops\n", False, "oops"),
            (True, "It failed.", "one.py printed:\n\n", False, "printed"),
            (True, "It failed.", "", False, ""),
            (False, "", "", False, None),
            (False, "It failed.", "one.py printed:\n\noops\n", False, None),
        ],
    )
    def test_known_source(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        executes: bool,
        failure: str,
        output: str,
        passing: bool,
        reported: str | None,
    ) -> None:
        """What passes is written down, and asked for no more; what fails is reported.

        Its last line, which is the message in a report for machines, says how it ended.
        """
        target = tmp_path / "one.py"
        target.write_text(EXAMPLE, encoding="utf-8")
        monkeypatch.setattr(
            gallery,
            "_look_ups",
            {"/one.py": lambda: Execution(Parts("SHOWN"), 1.5, failure, output)},
        )
        script_vars = {"src_file": "/one.py", "target_file": str(target)}
        script_vars["execute_script"] = executes  # type: ignore[assignment]
        blocks = [py_source_parser.Block("text", "Title", 1)]
        blocks += [py_source_parser.Block("code", "print(1)\n", 2)]
        conf = gen_gallery._fill_gallery_conf_defaults({"image_scrapers": (), "reset_modules": ()})
        conf["src_dir"] = "/"
        outputs, seconds = gallery.execute_script(blocks, script_vars, conf, {})
        assert (outputs, seconds) == (["", "", ""], 1.5)
        assert script_vars.get("passing", False) == passing
        assert gen_rst.md5sum_is_current(target, mode="t") == passing
        said = script_vars.get("formatted_exception", "").splitlines()
        assert said[-1:] == ([failure] if executes and failure else [])
        assert (reported or "") in "".join(said)


MAP = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def square(number):
    return number * number

if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("METHOD")) as pool:
        print("METHOD", list(pool.map(square, range(5))))
"""
WORKER = """
import multiprocessing, os
from concurrent.futures import ProcessPoolExecutor

def write():
    print("printed by METHOD", flush=True)
    os.write(2, b"to descriptor 2 by METHOD\\n")

%%

if __name__ == "__main__":
    print("before METHOD")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("METHOD")) as pool:
        pool.submit(write).result()
    print("after METHOD")
"""
METHODS = ("fork", "spawn", "forkserver")
MARKUP = """\
<script>alert('x')</script> &amp; <b>bold</b>
**x** *y* ``z`` `w`_ |v| :ref:`u` [1]_
..........
Heading
=======
.. note:: text
::

    indented
"""
SHOWN = {
    "order": """
import os, subprocess, sys

print("1 by print")
os.write(2, b"2 to descriptor 2\\n")
sys.stderr.write("3 to stderr\\n")

%%

subprocess.run([sys.executable, "-c", "print('4 by a child')"], check=True)
print("5 by print")
""",
    "blanks": "print('\\n\\n  a\\tb\\fc \\t \\n\\td\\n\\n')",
    "markup": f"print({MARKUP!r}, end='')",
    "escapes": "print('\\x1b[31mred\\x07', end='')",
    "nothing": "number = 1",
    "itself": """
import os, sys

print(__name__, sys.argv, sys.path[0], __file__)
print(os.getcwd() == os.path.dirname(os.path.abspath(__file__)))
""",
    "private": """
import getpass, os

print(os.path.expanduser("~"), getpass.getuser())

%%

print("in", os.path.join(os.path.expanduser("~"), "folder"), "and", os.getcwd())
""",
    "sets_method": """
import multiprocessing

multiprocessing.set_start_method("spawn")
print(multiprocessing.get_start_method(allow_none=True))
""",
    "sets_no_method": """
import multiprocessing

print(multiprocessing.get_start_method(allow_none=True))
""",
    "one_block": "print('one')",
    "two_blocks": "print('two', end=' ')\n%%\nprint('blocks')",
    "comment_last": "import sys\n\nsys.exit('bye')\n%%\n# sphinx_gallery_exit_status = 1",
    "comment_first": "# sphinx_gallery_exit_status = 1\n%%\nimport sys\n\nsys.exit('bye')",
    "comment_only": "# sphinx_gallery_timeout = 30",
    "no_code": "",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, new_gallery: NewGallery) -> Gallery:
    """A gallery that has been built once, with a home and a user that nobody should see."""
    home = tmp_path_factory.mktemp("home") / "annabel"
    home.mkdir()
    names = dict.fromkeys(("LOGNAME", "USER", "USERNAME"), "annabel")
    environ = {"HOME": str(home), "USERPROFILE": str(home), **names}
    made = new_gallery(environ, junit="junit.xml")
    for name, code in SHOWN.items():
        made.add(name, code)
    for method in set(METHODS) & set(multiprocessing.get_all_start_methods()):
        made.add(f"map_{method}", MAP.replace("METHOD", method))
        made.add(f"worker_{method}", WORKER.replace("METHOD", method))
    made.build()
    return made


class TestShown:
    """What the pages of examples show."""

    def test_pool(self, shown: Gallery, method: str) -> None:
        """A function of the script works in a pool of every method, and its workers are heard."""
        assert shown.output(f"map_{method}") == f"{method} [0, 1, 4, 9, 16]\n"
        assert shown.output(f"worker_{method}").splitlines() == [
            f"before {method}",
            f"printed by {method}",
            f"to descriptor 2 by {method}",
            f"after {method}",
        ]

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("blanks", "\n\n  a\tb\fc \t \n\td\n\n\n"),
            ("escapes", "red\\x07\n"),
            ("markup", MARKUP),
            ("one_block", "one\n"),
            ("private", f"<home> <user>\nin {os.path.join('<home>', 'folder')} and <folder>\n"),
            ("sets_method", "spawn\n"),  # and so it is not in the next one
            ("sets_no_method", "None\n"),
            ("two_blocks", "two blocks\n"),
        ],
    )
    def test_output(self, shown: Gallery, name: str, expected: str) -> None:
        """Outputs are shown whole, as text: blanks, markup, escapes; but nothing that is private.

        What one example sets as the default start method does not leak into another.
        """
        assert shown.output(name) == expected
        (outcome,) = shown.outcomes(name)
        assert not outcome.select("script, b, strong, em, .problematic")
        page = (shown.html / "examples" / f"{name}.html").read_text(encoding="utf-8")
        assert "annabel" not in page
        assert str(shown.root) not in page

    def test_order(self, shown: Gallery) -> None:
        """Both streams, and children, stand in the order in which they were written."""
        assert [line[0] for line in shown.output("order").splitlines()] == [*"12345"]

    def test_what_a_script_knows_of_itself(self, shown: Gallery) -> None:
        """Its names, arguments and folder are those of `python NAME.py`, typed in its folder."""
        alone = subprocess.run(
            [sys.executable, "itself.py"],
            cwd=shown.examples,
            env={name: value for name, value in os.environ.items() if name[:6] != "PYTHON"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        expected = alone.stdout
        for folder in (os.path.realpath(shown.examples), str(shown.examples)):
            expected = expected.replace(folder, "<folder>")
        assert shown.output("itself") == expected
        assert "__main__ ['itself.py']" in expected

    @pytest.mark.parametrize("name", sorted(SHOWN))
    def test_every_page(self, shown: Gallery, name: str) -> None:
        """Each has its outcome below all code, whose caption tells all, and no empty code."""
        status = 1 if name in ("comment_last", "comment_first") else 0
        title = re.escape(platform.describe().title)
        facts = rf"{title} · exit status {status} · \d+\.\d\d s · \d{{1,2}} \w+ \d{{4}}"
        assert re.fullmatch(rf"python {name}\.py · {facts}", shown.caption(name))
        (outcome,) = shown.outcomes(name)
        assert ("It printed nothing." in outcome.get_text()) == (not outcome.select("pre"))
        blocks = shown.page(f"examples/{name}").select("div.highlight pre")
        within = [block.find_parent(class_="outcome") is not None for block in blocks]
        assert within == sorted(within)
        assert all(block.get_text().strip() for block in blocks)
        assert bool(blocks) == (name not in ("comment_only", "no_code"))

    def test_report_for_machines(self, shown: Gallery) -> None:
        """sphinx-gallery's file for machines tells of every example, that it passed."""
        root = ElementTree.parse(shown.html / "junit.xml").getroot()
        names = {case.get("classname") for case in root.iter("testcase")}
        assert names == {path.stem for path in shown.examples.glob("*.py")}
        assert root.get("failures") == "0"

    def test_parallel_build(self, shown: Gallery, tmp_path: Path) -> None:
        """With two processes, Sphinx makes the very same pages."""
        copy = shown.copy(tmp_path / "copy")
        shutil.rmtree(copy.html)
        assert copy.build("-j", "2").ran == []
        files = {path.relative_to(shown.html) for path in shown.html.rglob("*")}
        assert {path.relative_to(copy.html) for path in copy.html.rglob("*")} == files
        pages = [path for path in files if path.suffix == ".html"]
        assert len(pages) > len(SHOWN)
        for page in pages:
            assert (copy.html / page).read_bytes() == (shown.html / page).read_bytes(), page


def test_plot_gallery(new_gallery: NewGallery) -> None:
    """With plot_gallery=0 nothing is run and pages are built; the next build runs all."""
    made = new_gallery()
    made.add("marks", "import pathlib\n\npathlib.Path('../mark').touch()\n%%\nprint('ran')")
    assert made.build("-D", "plot_gallery=0").ran == []
    assert not (made.root / "mark").exists()
    assert "Nobody has run this script yet." in made.page("examples/marks").get_text()
    assert made.build().ran == ["marks"]
    assert made.output("marks") == "ran\n"
