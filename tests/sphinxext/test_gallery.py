"""Small galleries, built with the extension by a Sphinx of their own: what they show and run."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import psutil
import pytest

from poolcontext.capture import platform as platforms

if TYPE_CHECKING:
    from galleries import Built, Gallery, MakeGallery, NewGallery

PATIENCE = 60.0
"""Seconds for what is no build, on a machine that is busy."""

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")

# Code of examples. A script's own folder is its working directory, so that the
# folder above it can hold the marks that scripts leave.
MARK = "import pathlib\n\npathlib.Path('../{}').touch()\n"
HANG = """
import multiprocessing, os, pathlib, time

def wait():
    pathlib.Path(f"../pid-{os.getpid()}").touch()
    print("waiting", flush=True)
    time.sleep(600)

if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=wait).start()
    wait()
"""


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
    names = {"LOGNAME": "annabel", "USER": "annabel", "USERNAME": "annabel"}
    environ = {"HOME": str(home), "USERPROFILE": str(home), **names}
    gallery = new_gallery(environ, junit="junit.xml")
    for name, code in SHOWN.items():
        gallery.add(name, code)
    for method in set(METHODS) & set(multiprocessing.get_all_start_methods()):
        gallery.add(f"map_{method}", MAP.replace("METHOD", method))
        gallery.add(f"worker_{method}", WORKER.replace("METHOD", method))
    gallery.build()
    return gallery


class TestShown:
    """What the pages of examples show."""

    def test_function_mapped_over_a_pool(self, shown: Gallery, method: str) -> None:
        """A function of the script itself works in a pool of every start method."""
        assert shown.output(f"map_{method}") == f"{method} [0, 1, 4, 9, 16]\n"

    def test_workers_are_heard(self, shown: Gallery, method: str) -> None:
        """What a worker prints, and writes to descriptor 2, stands where it came."""
        assert shown.output(f"worker_{method}").splitlines() == [
            f"before {method}",
            f"printed by {method}",
            f"to descriptor 2 by {method}",
            f"after {method}",
        ]

    def test_order(self, shown: Gallery) -> None:
        """Both streams, and children, stand in the order in which they were written."""
        lines = shown.output("order").splitlines()
        assert [line[0] for line in lines] == ["1", "2", "3", "4", "5"]

    def test_blanks(self, shown: Gallery) -> None:
        """Tabs, form feeds, and blanks at either end of a line or of all are kept."""
        assert shown.output("blanks") == "\n\n  a\tb\fc \t \n\td\n\n\n"

    def test_markup(self, shown: Gallery) -> None:
        """Nothing in an output is taken for HTML or for reStructuredText."""
        assert shown.output("markup") == MARKUP
        (outcome,) = shown.outcomes("markup")
        assert not outcome.select("script, b, strong, em, .problematic")

    def test_escapes(self, shown: Gallery) -> None:
        """What HTML cannot hold is shown by its name."""
        assert shown.output("escapes").rstrip("\n") == r"\x1b[31mred\x07"

    def test_nothing(self, shown: Gallery) -> None:
        """An example that prints nothing has an outcome that says so."""
        (outcome,) = shown.outcomes("nothing")
        assert "It printed nothing." in outcome.get_text()
        assert not outcome.select("pre")

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

    def test_names_of_places_are_left_out(self, shown: Gallery) -> None:
        """The home, the user and the folder are replaced, and stand nowhere on the page."""
        own = os.path.join("<home>", "folder")
        assert shown.output("private") == f"<home> <user>\nin {own} and <folder>\n"
        page = (shown.html / "examples" / "private.html").read_text(encoding="utf-8")
        assert "annabel" not in page
        assert str(shown.root) not in page

    def test_default_start_method_does_not_leak(self, shown: Gallery) -> None:
        """What one example sets as the default is not set in another."""
        assert shown.output("sets_method") == "spawn\n"
        assert shown.output("sets_no_method") == "None\n"

    @pytest.mark.parametrize("name", sorted(SHOWN))
    def test_every_page_has_its_outcome(self, shown: Gallery, name: str) -> None:
        """There is one on each page, whatever its script looks like, and its caption tells all."""
        status = 1 if name in ("comment_last", "comment_first") else 0
        title = re.escape(platforms.describe().title)
        facts = rf"{title} · exit status {status} · \d+\.\d\d s · \d{{1,2}} \w+ \d{{4}}"
        assert re.fullmatch(rf"python {name}\.py · {facts}", shown.caption(name))

    @pytest.mark.parametrize("name", ["one_block", "two_blocks", "comment_last", "comment_first"])
    def test_output_stands_below_the_code(self, shown: Gallery, name: str) -> None:
        """First comes all of the code, then what it printed."""
        *code, last = shown.page(f"examples/{name}").select("div.highlight pre")
        assert code
        assert all(block.find_parent(class_="outcome") is None for block in code)
        assert last.find_parent(class_="outcome") is not None

    @pytest.mark.parametrize("name", ["comment_last", "comment_only", "no_code"])
    def test_no_empty_code(self, shown: Gallery, name: str) -> None:
        """A last part that holds a configuration comment only, or nothing, leaves no empty box."""
        for block in shown.page(f"examples/{name}").select("div.highlight pre"):
            assert block.get_text().strip()

    def test_reports_for_people_and_machines(self, shown: Gallery) -> None:
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


@pytest.fixture(scope="module")
def failing(new_gallery: NewGallery) -> tuple[Gallery, Built, Built]:
    """A gallery in which two examples fail, and what two builds of it said."""
    gallery = new_gallery(junit="junit.xml")
    gallery.add("fails", "print('seen & <heard>')\n%%\nraise SystemExit(4)")
    gallery.add("hangs", "# sphinx_gallery_timeout = 1\nimport time\n%%\ntime.sleep(600)")
    gallery.add("passes", "print('fine')")
    return gallery, gallery.build(fails=True), gallery.build(fails=True)


class TestFailing:
    """What becomes of an example that ends as it was not meant to."""

    def test_exit_status(self, failing: tuple[Gallery, Built, Built]) -> None:
        """The build fails; its log has the status, the one that was meant, and the output."""
        _, first, _ = failing
        message = r"fails\.py ended with exit status 4 after [\d.]+ s, and was meant to end with"
        assert re.search(rf"{message} exit status 0\. It printed:\s+seen & <heard>", first.log)

    def test_time_limit(self, failing: tuple[Gallery, Built, Built]) -> None:
        """One that hangs is ended after the time that it asked for, and the log says so."""
        gallery, first, _ = failing
        found = re.search(
            r"hangs\.py ended with (its )?time(out| limit) after ([\d.]+) s", first.log
        )
        assert found
        assert 1 <= float(found[3]) < 20
        assert "ended at its time limit" in gallery.caption("hangs")

    def test_run_again(self, failing: tuple[Gallery, Built, Built]) -> None:
        """What failed is run by the next build again, and fails it again; the rest is not."""
        _, first, second = failing
        assert first.ran == ["fails", "hangs", "passes"]
        assert second.ran == ["fails", "hangs"]
        assert "seen & <heard>" in second.log

    def test_shown_all_the_same(self, failing: tuple[Gallery, Built, Built]) -> None:
        """With --keep-going the page is there, and shows how it ended."""
        gallery, _, _ = failing
        assert gallery.output("fails") == "seen & <heard>\n"
        assert "exit status 4" in gallery.caption("fails")

    def test_report_for_machines(self, failing: tuple[Gallery, Built, Built]) -> None:
        """sphinx-gallery's file is valid XML and holds the failures with their output."""
        gallery, _, _ = failing
        root = ElementTree.parse(gallery.html / "junit.xml").getroot()
        failures = {
            case.get("classname"): case.findtext("failure") or "" for case in root.iter("testcase")
        }
        assert set(failures) == {"fails", "hangs"}
        assert "seen & <heard>" in failures["fails"]

    def test_report_of_what_xml_cannot_hold(self, make_gallery: MakeGallery) -> None:
        """It is valid also where the output is not what XML can hold."""
        gallery = make_gallery(junit="junit.xml")
        gallery.add("fails", "print('\\x1b[31mred\\x00')\n%%\nraise SystemExit(1)")
        gallery.build(fails=True)
        (failure,) = ElementTree.parse(gallery.html / "junit.xml").getroot().iter("failure")
        assert "red" in (failure.text or "")

    def test_abort_at_the_first(self, make_gallery: MakeGallery) -> None:
        """With abort_on_example_error the build ends there, and begins no other example."""
        gallery = make_gallery()
        gallery.add("a", "# sphinx_gallery_parallel = False\nprint('oh')\n%%\nraise SystemExit(1)")
        wait = "# sphinx_gallery_parallel = False\nimport time\n%%\ntime.sleep(15)\n"
        gallery.add("b", wait + MARK.format("b"))
        gallery.add("c", wait + MARK.format("c"))
        built = gallery.build("-D", "abort_on_example_error=1", fails=True)
        assert re.search(r"a\.py ended with exit status 1 .* It printed:\s+oh", built.log)
        assert "Handler" not in built.log  # what Sphinx says of exceptions that are none of its own
        assert not (gallery.root / "b").exists()
        assert not (gallery.root / "c").exists()


@pytest.fixture(scope="module")
def base(new_gallery: NewGallery) -> Gallery:
    """A gallery that has been built once, for tests to copy and change."""
    gallery = new_gallery()
    gallery.add("alpha", "print('alpha')\n%%\nimport platform\n\nprint(platform.machine())")
    gallery.add("beta", "# sphinx_gallery_exit_status = 3\nprint('beta')\n%%\nraise SystemExit(3)")
    gallery.write(
        "docs/with_helper/alpha_with_helper.py",
        "import poolcontext\n\nprint('with', poolcontext.__name__)\n",
    )
    assert gallery.build().ran == ["alpha", "alpha_with_helper", "beta"]
    return gallery


class TestAgain:
    """What a second build runs, and what it leaves alone."""

    @pytest.fixture
    def gallery(self, base: Gallery, tmp_path: Path) -> Gallery:
        return base.copy(tmp_path / "copy")

    def test_nothing_changed(self, gallery: Gallery) -> None:
        """It runs nothing, not even what is meant to fail, and leaves the captures alone."""
        gallery.build()  # a copy's first
        before = [(path, path.stat().st_mtime_ns) for path in gallery.captures()]
        pages = {path: path.read_bytes() for path in gallery.html.rglob("*.html")}
        built = gallery.build()
        assert built.ran == []
        assert built.read == []
        assert built.counts == (0, 2)
        assert built.executed == (0, 0)
        assert "With the helper: 0 ran, 1 were current." in built.log
        assert [(path, path.stat().st_mtime_ns) for path in gallery.captures()] == before
        assert len(before) == 1
        assert {path: path.read_bytes() for path in gallery.html.rglob("*.html")} == pages

    def test_one_changed(self, gallery: Gallery) -> None:
        """One changed example is run, alone, and its page shows what it prints now."""
        gallery.add("beta", "print('BETA')\n%%\n# The end.")
        built = gallery.build()
        assert built.ran == ["beta"]
        assert built.counts == (1, 1)
        assert built.executed == (1, 1)
        assert gallery.output("beta") == "BETA\n"

    def test_helper_version_changed(self, gallery: Gallery) -> None:
        """A changed version with the helper is run without the example that it belongs to."""
        script = gallery.docs / "with_helper" / "alpha_with_helper.py"
        script.write_text(script.read_text(encoding="utf-8") + "print('more')\n", encoding="utf-8")
        assert gallery.build().ran == ["alpha_with_helper"]
        alone, helped = gallery.outcomes("alpha")
        assert alone.select_one("pre").get_text().startswith("alpha\n")
        assert helped.select_one("pre").get_text() == "with poolcontext\nmore\n"

    def test_helper_version_removed(self, gallery: Gallery) -> None:
        """Without its version with the helper, an example's page shows the example alone."""
        (gallery.docs / "with_helper" / "alpha_with_helper.py").unlink()
        assert "alpha_with_helper" not in gallery.build().ran
        assert gallery.output("alpha").startswith("alpha\n")

    def test_helper_version_added(self, gallery: Gallery) -> None:
        """A version with the helper that is new is run, and shown on its example's page."""
        gallery.write("docs/with_helper/beta_with_helper.py", "print('helped')\n")
        assert gallery.build().ran == ["beta_with_helper"]
        outcomes = gallery.outcomes("beta")
        assert [found.select_one("pre").get_text() for found in outcomes] == ["beta\n", "helped\n"]

    def test_link_to_a_renamed_one(self, gallery: Gallery) -> None:
        """A page that links to an example that has gone is read again, and the link reported."""
        page = ":orphan:\n\nPage\n====\n\n:doc:`examples/beta`\n"
        gallery.write("docs/page.rst", page)
        gallery.build()
        (gallery.examples / "beta.py").rename(gallery.examples / "gamma.py")
        built = gallery.build(fails=True)
        assert re.search(r"page\.rst:6: WARNING: unknown document: '?examples/beta", built.log)

    def test_scripts_that_nobody_shows(self, gallery: Gallery) -> None:
        """What has no page is warned of: in a folder without header, or without an example."""
        gallery.write("examples/extra/lost.py", "print('lost')\n")
        gallery.write("docs/with_helper/nobody_with_helper.py", "print('nobody')\n")
        built = gallery.build(fails=True)
        assert re.search(r"lost\.py has no page: its folder has no GALLERY_HEADER\.rst", built.log)
        assert re.search(r"nobody_with_helper\.py belongs to no example", built.log)

    def test_renamed(self, gallery: Gallery) -> None:
        """The old page, its source and the old file in the archive are gone."""
        gallery.build()  # in the copy, so that Sphinx knows of the old page
        (gallery.examples / "beta.py").rename(gallery.examples / "gamma.py")
        assert gallery.build().ran == ["gamma"]
        assert gallery.output("gamma") == "beta\n"
        assert not (gallery.html / "examples" / "beta.html").exists()
        assert list((gallery.docs / "examples").rglob("*beta*")) == []
        (archive,) = gallery.html.glob("_downloads/*/examples_python.zip")
        with zipfile.ZipFile(archive) as opened:
            names = {Path(name).name for name in opened.namelist()}
        assert names == {"alpha.py", "gamma.py"}
        assert "beta" not in self.names(gallery.html / "_downloads")
        assert "beta" not in gallery.captures()[0].read_text(encoding="utf-8").replace(
            "beta\\n", ""
        )

    @staticmethod
    def names(folder: Path) -> set[str]:
        return {path.stem for path in folder.rglob("*") if path.is_file()}

    def test_new_captures_show(self, gallery: Gallery) -> None:
        """A capture that is another one now is shown, by a build that runs nothing."""
        gallery.build()
        (file,) = gallery.captures()
        data = json.loads(file.read_text(encoding="utf-8"))
        data["examples"]["alpha"]["output"] = ["from the file\n"]
        file.write_text(json.dumps(data), encoding="utf-8")
        assert gallery.build().ran == []
        assert gallery.outcomes("alpha")[0].select_one("pre").get_text() == "from the file\n"

    @pytest.mark.parametrize(
        "rubbish",
        [b"\x00\xff{", b'[{"schema": 1}]', b'{"schema": 99}'],
        ids=["binary", "other-shape", "other-schema"],
    )
    def test_rubbish_for_captures(self, gallery: Gallery, rubbish: bytes) -> None:
        """A file of captures that is none is no obstacle: all is run anew."""
        (file,) = gallery.captures()
        file.write_bytes(rubbish)
        assert gallery.build().ran == ["alpha", "alpha_with_helper", "beta"]
        assert gallery.output("beta") == "beta\n"
        assert set(json.loads(file.read_text(encoding="utf-8"))["examples"]) == {
            "alpha",
            "alpha_with_helper",
            "beta",
        }

    @pytest.mark.parametrize(
        "odd",
        [{"date": "2026-3-1"}, {"output": ["\ud800"]}, {"seconds": -1}],
        ids=["date", "no-character", "seconds"],
    )
    def test_odd_capture(self, gallery: Gallery, odd: dict[str, Any]) -> None:
        """A capture that nothing of ours can have written is not taken over, nor is its file."""
        (file,) = gallery.captures()
        data = json.loads(file.read_text(encoding="utf-8"))
        data["examples"]["alpha"].update(odd)
        file.write_text(json.dumps(data), encoding="utf-8")
        gallery.add("beta", "print('BETA')")
        assert "alpha" in gallery.build().ran
        assert gallery.outcomes("alpha")[0].select_one("pre").get_text().startswith("alpha\n")

    def test_other_code_ran_it(self, gallery: Gallery) -> None:
        """What another version of the code that runs and redacts has left is run anew, and goes."""
        (file,) = gallery.captures()
        file.parent.rename(file.parents[1] / "0123456789ab")
        built = gallery.build()
        assert built.ran == ["alpha", "alpha_with_helper", "beta"]
        assert built.executed == (2, 2)
        assert list(file.parents[1].iterdir()) == [file.parent]
        assert re.fullmatch("[0-9a-f]{12}", file.parent.name)

    def test_date_is_english(self, gallery: Gallery, tmp_path: Path) -> None:
        """The date is written in English, in whatever language the terminal is."""
        locales = tmp_path / "locales"
        locales.mkdir()
        command = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(locales / "de_DE.UTF-8")]
        if not shutil.which("localedef") or subprocess.run(command, check=False).returncode:
            pytest.skip("no locale can be made here")
        (file,) = gallery.captures()
        data = json.loads(file.read_text(encoding="utf-8"))
        for one in data["examples"].values():
            one["date"] = data["date"] = "2026-03-01"
        file.write_text(json.dumps(data), encoding="utf-8")
        gallery.environ = {"LOCPATH": str(locales), "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "en"}
        gallery.build()
        assert gallery.caption("beta").endswith(" · 1 March 2026")


OTHER = """\
import os, platform, runpy, sys

platform.machine = lambda: "test64"
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class TestInterpreter:
    """What the setting poolcontext_python does."""

    def test_another_platform_and_back(self, base: Gallery, tmp_path: Path) -> None:
        """Another interpreter runs all and is named; going back runs nothing, and all changes."""
        gallery = base.copy(tmp_path / "copy")
        other = gallery.write("other.py", OTHER)
        here = platforms.describe()
        there = here._replace(machine="test64").title
        setting = f"poolcontext_python={shlex.join([sys.executable, str(other)])}"

        assert gallery.build("-D", setting).ran == ["alpha", "alpha_with_helper", "beta"]
        assert f"The platform captured is {there}." in gallery.build("-D", setting).log
        alone, helped = gallery.outcomes("alpha")
        assert there in alone.get_text()
        assert there in helped.get_text()
        assert alone.select_one("pre").get_text() == "alpha\ntest64\n"

        built = gallery.build()
        assert built.ran == []
        assert built.counts == (0, 2)
        alone, helped = gallery.outcomes("alpha")
        assert here.title in alone.get_text()
        assert here.title in helped.get_text()
        assert alone.select_one("pre").get_text().lower() == f"alpha\n{here.machine}\n"
        assert len(gallery.captures()) == 2

        assert gallery.build("-D", setting).ran == []
        assert there in gallery.outcomes("alpha")[0].get_text()

    def test_failure_on_another_platform(self, make_gallery: MakeGallery) -> None:
        """What passes here and fails there fails the build that shows the other platform."""
        gallery = make_gallery()
        gallery.add("picky", "import platform\n%%\nassert platform.machine() != 'test64'")
        setting = shlex.join([sys.executable, str(gallery.write("other.py", OTHER))])
        assert gallery.build().executed == (1, 1)
        built = gallery.build("-D", f"poolcontext_python={setting}", fails=True)
        assert "picky.py ended with exit status 1" in built.log

    @pytest.mark.parametrize(
        "command",
        [
            "./no-such-python",
            shlex.join([sys.executable, "-c", "print('hello')"]),
            shlex.join([sys.executable, "-c", "raise SystemExit('sorry')"]),
            shlex.join([sys.executable, "-c", "print(1)"]),
            shlex.join([sys.executable, "-c", "print({})"]),
            "'",
            " ",
        ],
        ids=[
            "missing",
            "prints-words",
            "fails",
            "prints-a-number",
            "prints-a-dict",
            "quote",
            "blank",
        ],
    )
    def test_no_python(self, base: Gallery, tmp_path: Path, command: str) -> None:
        """What is no usable Python is refused in one line that names the setting."""
        gallery = base.copy(tmp_path / "copy")
        built = gallery.build("-D", f"poolcontext_python={command}", fails=True)
        assert built.error.startswith("sphinx.errors.ConfigError: poolcontext_python: ")
        assert re.search(r" is no usable Python: .", built.error)


class TestSettings:
    """What a build makes of sphinx-gallery's own settings, and of the directive on any page."""

    def test_plot_gallery(self, make_gallery: MakeGallery) -> None:
        """With plot_gallery=0 nothing is run and pages are built; the next build runs all."""
        gallery = make_gallery()
        gallery.add("marks", MARK.format("mark") + "%%\nprint('ran')")
        built = gallery.build("-D", "plot_gallery=0")
        assert built.ran == []
        assert not (gallery.root / "mark").exists()
        assert "Nobody has run this script yet." in gallery.page("examples/marks").get_text()
        assert gallery.build().ran == ["marks"]
        assert (gallery.root / "mark").exists()
        assert gallery.output("marks") == "ran\n"

    def test_parallel_is_refused(self, make_gallery: MakeGallery) -> None:
        """sphinx-gallery's own way to run examples side by side is refused in plain words."""
        gallery = make_gallery(parallel=2)
        gallery.add("one", MARK.format("mark"))
        built = gallery.build(fails=True)
        assert "ConfigError: sphinx_gallery_conf['parallel'] cannot be used" in built.error
        assert not (gallery.root / "mark").exists()

    @pytest.mark.parametrize(
        ("code", "named"),
        [
            ("print(", r"bad\.py"),
            ("# sphinx_gallery_timeout = soon\nprint(1)", r"bad\.py:7: sphinx_gallery_timeout"),
        ],
        ids=["syntax", "setting"],
    )
    def test_unreadable_script(self, make_gallery: MakeGallery, code: str, named: str) -> None:
        """A script that is no Python, or whose setting is of no use, is named in plain words."""
        gallery = make_gallery()
        gallery.add("bad", code)
        built = gallery.build(fails=True)
        assert re.search(rf"ConfigError: .*{named}", built.error)

    def test_unknown_name(self, make_gallery: MakeGallery) -> None:
        """A page that wants the outcome of a script that is not there gets a warning."""
        gallery = make_gallery()
        gallery.add("one", "print(1)")
        index = (gallery.docs / "index.rst").read_text(encoding="utf-8")
        gallery.write(
            "docs/index.rst",
            index + "".join(f"\n.. poolcontext-outcomes:: {name}\n" for name in ("one", "two")),
        )
        built = gallery.build(fails=True)
        warnings = [line for line in built.log.splitlines() if "WARNING" in line]
        assert len(warnings) == 1
        assert re.search(r"index\.rst:10: WARNING: there is no script 'two'", warnings[0])
        (outcome,) = gallery.page("index").select("div.outcome")
        assert outcome.select_one("pre").get_text() == "1\n"


# Each waits until the other has begun, so that both pass only side by side.
MEET = """
import pathlib, time

%%

pathlib.Path("../ME").touch()
deadline = time.monotonic() + 20
while not pathlib.Path("../OTHER").exists():
    assert time.monotonic() < deadline, "the other one has not begun"
    time.sleep(0.02)
"""
ALONE = """
# sphinx_gallery_parallel = False
import pathlib, time

%%

began = time.time()
time.sleep(0.4)
pathlib.Path("../NAME.span").write_text(f"{began} {time.time()}")
"""


class TestSideBySide:
    """What runs at the same time, and what must not."""

    def test_alone(self, make_gallery: MakeGallery) -> None:
        """Examples that want to be alone are: no other runs while they do."""
        gallery = make_gallery()
        for name in "abc":
            gallery.add(name, ALONE.replace("NAME", name))
        gallery.add("d", ALONE.replace("NAME", "d").replace("= False", "= True"))
        assert gallery.build().ran == ["a", "b", "c", "d"]
        spans = sorted(
            tuple(map(float, path.read_text().split())) for path in gallery.root.glob("*.span")
        )
        assert len(spans) == 4
        for (_, end), (begin, _) in zip(spans, spans[1:]):
            assert end <= begin

    @pytest.mark.skipif(CORES < 2, reason="there is one core only")
    def test_together(self, make_gallery: MakeGallery) -> None:
        """All others run side by side, one a core."""
        gallery = make_gallery()
        gallery.add("a", MEET.replace("ME", "a.here").replace("OTHER", "b.here"))
        gallery.add("b", MEET.replace("ME", "b.here").replace("OTHER", "a.here"))
        assert gallery.build().ran == ["a", "b"]

    def test_two_builds(self, make_gallery: MakeGallery) -> None:
        """Two builds at once, in folders of their own, do not disturb one another."""
        galleries = [make_gallery(name) for name in ("one", "two")]
        for gallery in galleries:
            gallery.add("same", f"import time\n%%\ntime.sleep(1)\nprint('{gallery.root.name}')")
        builds = [gallery.start() for gallery in galleries]
        for gallery, build in zip(galleries, builds):
            built = gallery.finish(build)
            assert built.status == 0, built.log
            assert gallery.output("same") == f"{gallery.root.name}\n"

    @POSIX_ONLY
    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
    def test_interrupted(self, make_gallery: MakeGallery, name: str) -> None:
        """A build that is ended ends soon, and so does the example it runs, with its child."""
        gallery = make_gallery()
        gallery.add("hangs", HANG)
        build = gallery.start()
        processes: list[psutil.Process] = []
        try:
            deadline = time.monotonic() + PATIENCE
            while len(marks := list(gallery.root.glob("pid-*"))) < 2:
                assert time.monotonic() < deadline
                assert build.poll() is None
                time.sleep(0.05)
            processes += [psutil.Process(int(mark.name.partition("-")[2])) for mark in marks]
            began = time.monotonic()
            # The keyboard interrupts all that is in the foreground, `kill` ends one process.
            send = os.killpg if name == "SIGINT" else os.kill
            send(build.pid, getattr(signal, name))
            built = gallery.finish(build)
            assert time.monotonic() - began < 15
            assert built.status != 0
        finally:
            build.kill()
            build.communicate()
            _, alive = psutil.wait_procs(processes, timeout=5)
            for process in alive:
                process.kill()
        assert alive == []
