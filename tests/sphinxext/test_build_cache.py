"""Which examples a build runs, side by side or alone, and what it keeps of them for the next."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import psutil
import pytest
from sphinx.application import ENV_PICKLE_FILENAME

from poolcontext.capture import storage
from poolcontext.capture.platform import describe
from poolcontext.capture.script import read_script
from poolcontext.sphinxext import build_cache

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Built, Gallery, NewGallery

PATIENCE = 60.0
"""Seconds for what is no build, on a machine that is busy."""

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")

# A script's own folder is its working directory, so that the folder above it can hold the marks
# that scripts leave.
MARK = "import pathlib\n\npathlib.Path('../{}').touch()\n"


@pytest.fixture(scope="module")
def failing(new_gallery: NewGallery) -> tuple[Gallery, Built, Built]:
    """A gallery in which three examples fail, and what two builds of it said."""
    gallery = new_gallery(junit="junit.xml")
    gallery.configure("poolcontext_timeout = 1\n")
    long = "# sphinx_gallery_timeout = 60\n"
    gallery.add("fails", f"{long}print('seen & <heard>')\n%%\nraise SystemExit(4)")
    gallery.add("hangs", "# sphinx_gallery_timeout = 0.5\nimport time\n%%\ntime.sleep(600)")
    gallery.add("hangs_too", "import time\nprint('waiting', flush=True)\ntime.sleep(600)")
    gallery.add("odd", f"{long}print('\\x1b[31mred\\x00')\n%%\nraise SystemExit(1)")
    gallery.add("slow", f"{long}import time\n%%\ntime.sleep(1.1)")
    return gallery, gallery.build(fails=True), gallery.build(fails=True)


def test_failing(failing: tuple[Gallery, Built, Built]) -> None:
    """A build fails that has run what ends otherwise than it was meant to; its log has why.

    The next build runs that again, and no more.
    """
    gallery, first, second = failing
    message = r"fails\.py ended with exit status 4, after [\d.]+ s, and was meant to end with"
    for built in (first, second):
        assert len(re.findall(rf"{message} exit status 0\.$", built.log, re.M)) == 2
        assert len(re.findall(r"fails\.py printed:\s+seen & <heard>", built.log)) == 1
        limit = (
            r"its limit of [\d.]+ s \(sphinx_gallery_timeout in the script, or poolcontext_timeout"
        )
        seconds = dict(
            re.findall(rf"(\w+)\.py ended with {limit}, sets it\), after ([\d.]+) s", built.log)
        )
        assert set(seconds) == {"hangs", "hangs_too"}
        assert 0.5 <= float(seconds["hangs"]) < 20
        assert 1 <= float(seconds["hangs_too"]) < 20
    assert first.ran == ["fails", "hangs", "hangs_too", "odd", "slow"]
    assert second.ran == ["fails", "hangs", "hangs_too", "odd"]
    assert gallery.output("fails") == "seen & <heard>\n"
    assert "exit status 4" in gallery.caption("fails")
    assert gallery.output("hangs_too") == "waiting\n"
    assert "ended at its time limit" in gallery.caption("hangs")


@pytest.mark.skipif(sys.platform != "linux", reason="others have other numbers")
@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (36, "unknown here")])
def test_ended_by_a_signal(new_gallery: NewGallery, number: int, name: str) -> None:
    """Which signal has ended a script is told by its number and its name."""
    gallery = new_gallery()
    gallery.add("one", f"import os\nos.kill(os.getpid(), {number})")
    assert f"one.py ended with signal {number} ({name}), after" in gallery.build(fails=True).log


def test_report_for_machines(failing: tuple[Gallery, Built, Built]) -> None:
    """sphinx-gallery's file is valid XML, whatever was printed, and holds the failures with it."""
    root = ElementTree.parse(failing[0].html / "junit.xml").getroot()
    cases = {case.get("classname"): case.findtext("failure") for case in root.iter("testcase")}
    failures = {name: text for name, text in cases.items() if text}
    assert set(failures) == {"fails", "hangs", "hangs_too", "odd"}
    assert "seen & <heard>" in failures["fails"]
    assert "red" in failures["odd"]


def test_abort_at_the_first(new_gallery: NewGallery) -> None:
    """With abort_on_example_error the build ends there, and lets no other example do its work."""
    gallery = new_gallery()
    alone = "# sphinx_gallery_parallel = False\n"
    gallery.add("a", f"{alone}print('oh')\n%%\nraise SystemExit(1)")
    for name in "bc":
        gallery.add(name, f"{alone}import time\ntime.sleep(20)\n{MARK.format(name)}")
    built = gallery.build("-D", "abort_on_example_error=1", fails=True)
    assert re.search(r"a\.py printed:\s+oh\s+a\.py ended with exit status 1, ", built.log)
    assert "Handler" not in built.log  # what Sphinx says of exceptions that are none of its own
    assert not (gallery.root / "b").exists()
    assert not (gallery.root / "c").exists()


COMPANIONS = """
from pathlib import Path

from poolcontext.capture.script import read_script
from poolcontext.sphinxext.build_cache import Companion

def companion(app, script, timeout):
    path = Path(app.srcdir, "more", f"{script.name}_more.py")
    if path.exists():
        section = f"More\\n----\\n\\n.. poolcontext-outcomes:: {path.stem}\\n"
        return Companion(read_script(path, timeout=timeout), section)

def setup(app):
    app.connect("poolcontext-companion", companion)
"""
ALL = ["alpha", "alpha_more", "beta"]


@pytest.fixture(scope="module")
def base(new_gallery: NewGallery) -> Gallery:
    """A gallery that has been built once, for tests to copy and change."""
    gallery = new_gallery()
    gallery.configure(COMPANIONS)
    gallery.add("alpha", "print('alpha')\n%%\nimport platform\n\nprint(platform.machine())")
    gallery.add("beta", "# sphinx_gallery_exit_status = 3\nprint('beta')\n%%\nraise SystemExit(3)")
    gallery.write("docs/more/alpha_more.py", "print('more')\n")
    assert gallery.build().ran == ALL
    return gallery


@pytest.fixture
def gallery(base: Gallery, tmp_path: Path) -> Gallery:
    return base.copy(tmp_path / "copy")


def printed(gallery: Gallery, name: str) -> list[str]:
    return [one.select_one("pre").get_text() for one in gallery.outcomes(name)]


def test_nothing_changed(gallery: Gallery) -> None:
    """A second build runs nothing, not even what is meant to fail, and leaves the files alone."""
    gallery.build()  # a copy's first
    before = [(path, path.stat().st_mtime_ns) for path in gallery.captures()]
    pages = {path: path.read_bytes() for path in gallery.html.rglob("*.html")}
    built = gallery.build()
    assert (built.ran, built.read, built.counts, built.executed) == ([], [], (0, 3), (0, 0))
    assert [(path, path.stat().st_mtime_ns) for path in gallery.captures()] == before
    assert len(before) == 1
    assert {path: path.read_bytes() for path in gallery.html.rglob("*.html")} == pages


def test_one_changed(gallery: Gallery) -> None:
    """One changed example is run, alone, and its page shows what it prints now."""
    gallery.add("beta", "print('BETA')\n%%\n# The end.")
    built = gallery.build()
    assert (built.ran, built.counts, built.executed) == (["beta"], (1, 2), (1, 1))
    assert gallery.output("beta") == "BETA\n"


def test_companion(gallery: Gallery) -> None:
    """A companion is run without its example, and shown on its page as long as it is there."""
    gallery.write("docs/more/alpha_more.py", "print('much more')\n")
    gallery.write("docs/more/beta_more.py", "print('and beta')\n")
    assert gallery.build().ran == ["alpha_more", "beta_more"]
    assert printed(gallery, "beta") == ["beta\n", "and beta\n"]
    first, second = printed(gallery, "alpha")
    assert second == "much more\n"
    (gallery.docs / "more" / "alpha_more.py").unlink()
    gallery.write("docs/more/beta_more.py", "print('and more')\n")
    assert gallery.build().ran == ["beta_more"]
    assert printed(gallery, "alpha") == [first]
    assert "alpha_more" not in gallery.captures()[0].read_text(encoding="utf-8")
    gallery.write("docs/more/beta_more.py", "print(\n")
    assert re.search(r"ConfigError: .*beta_more\.py", gallery.build(fails=True).error)


def test_kept_ones_show(gallery: Gallery) -> None:
    """What is kept is what is shown, by a build that runs nothing."""
    gallery.build()
    (file,) = gallery.captures()
    data = json.loads(file.read_text(encoding="utf-8"))
    data["examples"]["alpha"]["output"] = ["from the file\n"]
    file.write_text(json.dumps(data), encoding="utf-8")
    assert gallery.build().ran == []
    assert printed(gallery, "alpha")[0] == "from the file\n"


def changed(**fields: Any) -> Callable[[bytes], bytes]:
    """Change a snapshot to one that nothing of ours can have written."""

    def change(content: bytes) -> bytes:
        data = json.loads(content)
        data["examples"]["alpha"].update(fields)
        return json.dumps(data).encode()

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"\x00\xff{",
        lambda content: b'[{"schema": 1}]',
        lambda content: b'{"schema": 99}',
        changed(date="2026-3-1"),
        changed(output=["\ud800"]),
        changed(seconds=-1),
    ],
    ids=["binary", "other shape", "other schema", "date", "no character", "seconds"],
)
def test_rubbish_is_kept(gallery: Gallery, change: Callable[[bytes], bytes]) -> None:
    """A file of snapshots that is none is no obstacle: all is run anew."""
    (file,) = gallery.captures()
    file.write_bytes(change(file.read_bytes()))
    assert gallery.build().ran == ALL
    assert gallery.output("beta") == "beta\n"
    assert sorted(json.loads(file.read_text(encoding="utf-8"))["examples"]) == ALL


def test_other_code_ran_it(gallery: Gallery) -> None:
    """What another version of the code that runs and redacts has left is run anew, and goes."""
    (file,) = gallery.captures()
    file.parent.rename(file.parents[1] / "0123456789ab")
    built = gallery.build()
    assert built.ran == ALL
    assert built.executed == (2, 2)
    assert list(file.parents[1].iterdir()) == [file.parent]
    assert re.fullmatch("[0-9a-f]{12}", file.parent.name)


@pytest.mark.parametrize(
    ("options", "again"),
    [("-v", False), ("-E", True), ("-a", True), ("-Ea", True)],
)
def test_asked_for_anew(gallery: Gallery, options: str, again: bool) -> None:
    """What was kept is used again, unless somebody asks for everything anew."""
    assert bool(gallery.build(options).ran) == again
    assert gallery.build().ran == []


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("kept", [False, True])
def test_asked_for_anew_by_a_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh: bool, kept: bool
) -> None:
    """So it is where no command line of Sphinx's asks for a fresh environment in an old place."""
    monkeypatch.setattr(sys, "argv", ["program", "-E"])
    if kept:
        (tmp_path / ENV_PICKLE_FILENAME).touch()
    app: Any = SimpleNamespace(fresh_env_used=fresh, doctreedir=tmp_path)
    assert build_cache.is_refused(app) == (fresh and kept)


def test_moved_and_removed(gallery: Gallery) -> None:
    """What was kept goes with the doctrees, beside which nothing is left."""
    assert gallery.build().ran == []  # in another place than the first build's
    shutil.rmtree(gallery.docs / "_build")
    assert [path.name for path in gallery.docs.iterdir() if "capture" in path.name] == []
    assert gallery.build().ran == ALL


def test_large(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a committed file may hold is kept as well."""
    monkeypatch.setattr(storage, "MAX_BYTES", 100)
    monkeypatch.setattr(storage, "MAX_EXAMPLES", 1)
    assert gallery.build("-E").ran == ALL
    assert gallery.build().ran == []


def test_full_disk(new_gallery: NewGallery) -> None:
    """Where what was printed cannot be kept, the pages are made all the same, with a warning."""
    gallery = new_gallery()
    gallery.add("first", "print('a')")
    gallery.write("docs/_build/doctrees/poolcontext", "a file where a folder is to be")
    (warning,) = gallery.build(strict=False).warnings
    assert "what the examples printed cannot be kept" in warning
    assert gallery.output("first") == "a\n"


OTHER = """\
import os, platform, runpy, sys

platform.machine = lambda: "test64"
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_another_interpreter(gallery: Gallery) -> None:
    """Another interpreter runs all and is named; going back runs nothing, and all changes.

    What passes here and fails there fails the build that shows the other platform.
    """
    script = gallery.write("other.py", OTHER)
    setting = f"poolcontext_python={shlex.join([sys.executable, str(script)])}"
    here = describe()
    there = here._replace(machine="test64")
    built = gallery.build("-D", setting)
    assert built.ran == ALL
    assert built.last_words[0] == f"The platform captured is {there.title}."
    assert all(there.title in one.get_text() for one in gallery.outcomes("alpha"))
    assert printed(gallery, "alpha")[0] == "alpha\ntest64\n"

    built = gallery.build()
    assert (built.ran, built.counts) == ([], (0, 3))
    assert all(here.title in one.get_text() for one in gallery.outcomes("alpha"))
    assert printed(gallery, "alpha")[0].lower() == f"alpha\n{here.machine}\n"
    assert len(gallery.captures()) == 2
    assert gallery.build("-D", setting).ran == []
    assert there.title in gallery.outcomes("alpha")[0].get_text()

    gallery.add("picky", "import platform\n%%\nassert platform.machine() != 'test64'")
    assert gallery.build().ran == ["picky"]
    built = gallery.build("-D", setting, fails=True)
    assert "picky.py ended with exit status 1" in built.log


@pytest.mark.parametrize(
    "command",
    [
        "./no-such-python",
        *(
            shlex.join([sys.executable, "-c", code])
            for code in ("print('words')", "raise SystemExit('no')", "print(1)", "print({})")
        ),
        "'",
        " ",
    ],
    ids=["missing", "prints words", "fails", "prints a number", "prints a dict", "quote", "blank"],
)
def test_no_python(base: Gallery, command: str) -> None:
    """What is no usable Python is refused in one line that names the setting."""
    built = base.build("-D", f"poolcontext_python={command}", fails=True)
    assert built.error.startswith("sphinx.errors.ConfigError: poolcontext_python: ")
    assert re.search(r" is no usable Python: .", built.error)


@pytest.mark.parametrize(
    ("conf", "code", "error"),
    [
        ("poolcontext_timeout = 0", "print(1)", "poolcontext_timeout takes seconds above zero"),
        ("poolcontext_timeout = '60'", "print(1)", "poolcontext_timeout takes .* not '60'"),
        ("poolcontext_jobs = -1", "print(1)", "poolcontext_jobs takes .*, not -1"),
        ('poolcontext_launcher = "\'"', "print(1)", "poolcontext_launcher takes a command"),
        ("poolcontext_process_pattern = '('", "print(1)", "poolcontext_process_pattern takes"),
        ("", "# sphinx_gallery_timeout = soon\nprint(1)", r"bad\.py:7: sphinx_gallery_timeout"),
        (
            "",
            "# sphinx_gallery_time_out = 9\nprint(1)",
            "time_out, is sphinx_gallery_timeout meant",
        ),
    ],
    ids=["time limit", "text", "jobs", "launcher", "pattern", "setting", "mistyped"],
)
def test_refused(new_gallery: NewGallery, conf: str, code: str, error: str) -> None:
    """What is of no use, in conf.py or in a script, is named in one line."""
    gallery = new_gallery()
    gallery.configure(f"{conf}\n")
    gallery.add("bad", code)
    assert re.search(error, gallery.build(fails=True).error)


def test_two_of_one_name(new_gallery: NewGallery) -> None:
    """Two scripts of one name, and one whose name no capture can hold, each have their own output.

    A build of one of them keeps what is known of the others.
    """
    gallery = new_gallery()
    gallery.configure('suppress_warnings = ["sphinx_gallery"]\n')
    gallery.write("examples/more/GALLERY_HEADER.rst", "More\n====\n")
    names = ("same", "more/same", "é b", "other")
    for name in names:
        gallery.add(name, f"print('this is {name}')")
    assert gallery.build(strict=False).ran == ["_e9__20_b", "more.same", "other", "same"]
    assert [gallery.output(name) for name in names] == [f"this is {name}\n" for name in names]
    gallery.add("other", "print('changed')")
    one = ("-D", "sphinx_gallery_conf.filename_pattern=other")
    assert gallery.build(*one, strict=False).ran == ["other"]
    assert gallery.build(strict=False).ran == []


def test_syntax_error(new_gallery: NewGallery) -> None:
    """A script that is no Python is sphinx-gallery's to report, as one that was to be expected."""
    gallery = new_gallery(expected_failing_examples=["../examples/bad.py"])
    gallery.add("bad", "print(")
    gallery.add("good", "print('good')")
    built = gallery.build()
    assert built.ran == ["good"]
    assert "bad.py failed leaving traceback" in built.log
    assert "SyntaxError" in gallery.page("examples/bad").get_text()


def test_missing_launcher(new_gallery: NewGallery) -> None:
    """A script fails whose launcher is not there, unless its output has been committed.

    With `poolcontext_launcher` all have one; the caption says so.
    """
    gallery = new_gallery()
    gallery.add("one", "# sphinx_gallery_launcher = 'no-such -n 2'\nprint(1)")
    gallery.add("two", "print(2)")
    built = gallery.build(fails=True)
    assert built.ran == ["two"]
    assert "one.py wants 'no-such', and there is no such command" in built.log
    (script,) = gallery.examples.glob("one.py")
    digest = read_script(script).digest()
    snapshot = gallery.capture("two", "from there\n")._replace(script=digest)
    gallery.commit(describe()._replace(machine="test64"), {"one": snapshot})
    assert "what is committed is shown" in gallery.build().log
    assert gallery.output("one") == "from there\n"
    assert gallery.caption("one").startswith("no-such -n 2 python one.py · ")
    launcher = shlex.join(
        [sys.executable, "-c", "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"]
    )
    gallery.add("two", "print(3)")
    gallery.build("-D", f"poolcontext_launcher={launcher}")
    assert gallery.output("two") == "3\n"
    assert gallery.caption("two").startswith(f"{launcher} python two.py · ")


def test_other_release(new_gallery: NewGallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script runs anew with another release of what is installed, or another module beside it."""
    gallery = new_gallery()
    gallery.write("examples/beside.py", "WORD = 1\n")
    gallery.configure("sphinx_gallery_conf['ignore_pattern'] = 'beside'\n")
    gallery.add("one", "import beside\nprint(beside.WORD)")
    assert gallery.build().ran == ["one"]
    assert gallery.build().ran == []
    gallery.write("examples/beside.py", "WORD = 22\n")
    assert gallery.build().ran == ["one"]
    assert gallery.output("one") == "22\n"
    monkeypatch.setattr(build_cache, "installed", lambda command: "other")
    assert gallery.build().ran == ["one"]
    assert gallery.build().ran == []


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
time.sleep(0.3)
pathlib.Path("../NAME.span").write_text(f"{began} {time.time()}")
"""


@pytest.mark.skipif(CORES < 2, reason="there is one core only")
def test_together(new_gallery: NewGallery) -> None:
    """Examples run side by side, one a core."""
    gallery = new_gallery()
    gallery.add("a", MEET.replace("ME", "a.here").replace("OTHER", "b.here"))
    gallery.add("b", MEET.replace("ME", "b.here").replace("OTHER", "a.here"))
    assert gallery.build().ran == ["a", "b"]


def test_alone(new_gallery: NewGallery) -> None:
    """Examples that want to be alone are: no other runs while they do."""
    gallery = new_gallery()
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


def test_two_builds(new_gallery: NewGallery) -> None:
    """Two builds at once, in folders of their own, do not disturb one another."""
    galleries = {name: new_gallery() for name in ("one", "two")}
    for name, gallery in galleries.items():
        gallery.add("same", f"import time\n%%\ntime.sleep(1)\nprint('{name}')")
    builds = {name: gallery.start() for name, gallery in galleries.items()}
    for name, gallery in galleries.items():
        built = gallery.finish(builds[name])
        assert built.status == 0, built.log
        assert gallery.output("same") == f"{name}\n"


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


@POSIX_ONLY
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupted(new_gallery: NewGallery, name: str) -> None:
    """A build that is ended ends soon, and so does the example it runs, with its child."""
    gallery = new_gallery()
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
        # The keyboard interrupts all that is in the foreground, `kill` ends one process.
        send = os.killpg if name == "SIGINT" else os.kill
        send(build.pid, getattr(signal, name))
        build.communicate(timeout=PATIENCE)
        assert build.returncode != 0
    finally:
        build.kill()
        build.communicate()
        _, alive = psutil.wait_procs(processes, timeout=5)
        for process in alive:
            process.kill()
    assert alive == []
