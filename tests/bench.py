"""What Pool Context costs, as ratios: each of two things that are timed in turn, in one run.

Called by `make bench`; prints one table. Machines are noisy, so the first row
compares a thing with itself: a ratio is to be read beside that one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
SCRIPT = '"""Title\n=====\n\nWords.\n"""\n\nfor line in range(20):\n    print(line)\n'
"""One that sphinx-gallery can run inside Sphinx as well."""

Timed = Callable[[], float]


def main() -> None:
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        del os.environ[name]  # such as one that forbids to keep what was compiled
    print("| what | ratio | at most | spread |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        processes()
        whole_site(Path(name, "site"))
        galleries(Path(name))
        pools(Path(name))


def row(what: str, pairs: Iterable[tuple[float, float]], most: str = "–") -> None:
    ratios = sorted(first / second for first, second in pairs)
    spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
    print(f"| {what} | {statistics.median(ratios):.3f} | {most} | {spread} |", flush=True)


def in_turn(first: Timed, second: Timed, rounds: int) -> list[tuple[float, float]]:
    first(), second()  # warm up
    return [(first(), second()) for _ in range(rounds)]


def run(*words: str | Path, cwd: Path = ROOT) -> float:
    """The seconds that a process takes from its start to its end."""
    started = time.perf_counter()
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{words}\n{done.stdout}{done.stderr}")
    return seconds


def processes() -> None:
    """The package's import and its shortest command."""
    listing = (
        "from poolcontext import list_start_methods\n"
        "found = list_start_methods()\n"
        "print(', '.join(found.available), found.default, found.chosen)\n"
    )
    plain = lambda: run(sys.executable, "-c", listing)  # noqa: E731
    command = Path(sys.executable).with_name("poolcontext")
    row("noise: `python -c` that lists, over itself", in_turn(plain, plain, 21))
    row("`poolcontext list` over that", in_turn(lambda: run(command, "list"), plain, 21), "1.25")

    def imported(modules: str, before: str = "time") -> float:
        """The seconds that an import takes in a fresh process, less the process's own."""
        clock = "time.perf_counter()"
        code = f"import time, {before}; s = {clock}; import {modules}; print({clock} - s)"
        return float(subprocess.check_output([sys.executable, "-c", code]))

    names, ours = "concurrent.futures.process, multiprocessing.pool", "poolcontext.pools"
    pairs = in_turn(lambda: imported(ours), lambda: imported(names), 21)
    row(f"import of `{ours}`, with `dataclasses`, over `{names}`", pairs, "1.50")
    # Its hooks take microseconds where nobody asks for anything.
    plugin = lambda: imported("poolcontext.pytest_plugin", "pytest")  # noqa: E731
    row(
        "the plugin in pytest, where nobody uses it, over 1 ms",
        in_turn(plugin, lambda: 1e-3, 21),
        "1",
    )


def sphinx(folder: Path, *words: str, clean: bool = True) -> float:
    """The seconds of a build, from nothing or again."""
    if clean:
        for made in ("_build", "examples"):
            shutil.rmtree(folder / "docs" / made, ignore_errors=True)
    folders = ("-d", "docs/_build/doctrees", "docs", "docs/_build/html")
    conf = "." if (folder / "conf.py").exists() else "docs"
    return run(sys.executable, "-m", "sphinx", "-c", conf, *words, *folders, cwd=folder)


def least(file: Path) -> float:
    """The seconds that the scripts of a capture need at least, some of them alone."""
    examples = json.loads(file.read_text("utf-8"))["examples"]
    alone = "\n# sphinx_gallery_parallel = False\n"
    files = (*ROOT.glob("examples/*/*.py"), *ROOT.glob("docs/with_helper/*.py"))
    lonely = {path.stem for path in files if alone in path.read_text("utf-8")}
    others = [one["seconds"] for name, one in examples.items() if name not in lonely]
    own = sum(one["seconds"] for name, one in examples.items() if name in lonely)
    return own + max(sum(others) / CORES, *others)


def whole_site(folder: Path) -> None:
    """The project's own site, and the command `capture`, over what their scripts need at least."""
    made = shutil.ignore_patterns(".*", "_build", "dist", "tests", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=made)
    sphinx(folder)
    pairs = []
    for _ in range(3):
        took = sphinx(folder)
        (own,) = (folder / "docs" / "_build" / "doctrees" / "poolcontext").glob("*/*.json")
        bound = least(own)
        pairs.append((took, sphinx(folder, "-D", "plot_gallery=0") + bound))
    seconds = statistics.median(took for took, _ in pairs)
    row(f"clean build ({seconds:.1f} s) over one without runs, and their least time", pairs, "1.10")

    output = folder / "captured"
    command = (sys.executable, folder / "src" / "poolcontext", "capture", "--output", output)
    run(*command)
    pairs = [(run(*command, "--refresh"), least(next(output.glob("*.json")))) for _ in range(3)]
    seconds = statistics.median(took for took, _ in pairs)
    row(f"`capture` ({seconds:.1f} s) over the least time of its scripts", pairs, "1.10")


CONF = """
project = "Gallery"
extensions = [{extension!r}]
exclude_patterns = ["_build"]
sphinx_gallery_conf = {{
    "examples_dirs": "../examples", "gallery_dirs": "examples", "filename_pattern": ".py$",
    "image_scrapers": (), "reset_modules": (), "remove_config_comments": True,
}}
"""


def gallery(folder: Path, count: int, extension: str = "poolcontext.sphinxext") -> Path:
    """Lay out a stranger's gallery of this many examples."""
    for name, text in (
        ("docs/conf.py", CONF.format(extension=extension)),
        ("docs/index.rst", "Home\n====\n\n.. toctree::\n\n   examples/index\n"),
        ("examples/GALLERY_HEADER.rst", "Examples\n========\n"),
        *((f"examples/list_{n:02}.py", SCRIPT) for n in range(count)),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def galleries(folder: Path) -> None:
    """What the extension adds to a build of sphinx-gallery's, and captures to one of ours."""
    ours = gallery(folder / "ours", 4)
    theirs = gallery(folder / "theirs", 4, "sphinx_gallery.gen_gallery")
    pairs = in_turn(lambda: sphinx(ours), lambda: sphinx(theirs), 9)
    row("clean build of 4 examples over sphinx-gallery's own", pairs)
    pairs = in_turn(lambda: sphinx(ours, clean=False), lambda: sphinx(theirs, clean=False), 15)
    row("rebuild of the same over sphinx-gallery's own", pairs)

    few, many = (captured(folder / f"with {count}", count) for count in (10, 200))
    without = ("-D", "plot_gallery=0")
    pairs = in_turn(lambda: sphinx(many, *without), lambda: sphinx(few, *without), 5)
    row("clean build of 30 examples with 200 captures over that with 10", pairs, "1.50")


def captured(folder: Path, count: int) -> Path:
    """A gallery of 30 examples, and this many captures, with five outcomes an example."""
    gallery(folder, 30)
    with (folder / "docs" / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write('poolcontext_captures = "captures"\n')
    sphinx(folder)
    (own,) = (folder / "docs" / "_build" / "doctrees" / "poolcontext").glob("*/*.json")
    capture = json.loads(own.read_text("utf-8"))
    (folder / "docs" / "captures").mkdir()
    for number in range(count):
        version = f"3.{9 + number % 7}.{number // 7}"
        platform = {"version": version, "python": version, "implementation": "cpython"}
        platform |= {"flags": "", "system": "linux", "machine": "riscv64", "libc": "glibc"}
        name = f"cpython-{version}-linux-riscv64-glibc"
        capture["platform"] = {"id": name, **platform}
        for example in capture["examples"].values():
            example["output"] = [f"line {n} of outcome {number % 5}\n" for n in range(20)]
        (folder / "docs" / "captures" / f"{name}.json").write_text(json.dumps(capture), "utf-8")
    return folder


POOLS = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
from poolcontext import process_pool

def first_result(pool, started):
    pool.submit(abs, -1).result()
    seconds = time.perf_counter() - started
    pool.shutdown()
    return seconds

def ours():
    started = time.perf_counter()
    return first_result(process_pool({method!r}, max_workers=1), started)

def plain():
    started = time.perf_counter()
    context = multiprocessing.get_context({method!r})
    return first_result(ProcessPoolExecutor(1, mp_context=context), started)

if __name__ == "__main__":
    ours(), plain()
    for _ in range(101):
        print(ours(), plain())
"""


def pools(folder: Path) -> None:
    """A pool of ours to its first result, over one of Python's."""
    for method in multiprocessing.get_all_start_methods():
        script = folder / f"{method}.py"
        script.write_text(POOLS.format(method=method), "utf-8")
        lines = subprocess.check_output([sys.executable, script], text=True).splitlines()
        pairs = [(float(first), float(second)) for first, second in map(str.split, lines)]
        row(f"`process_pool({method!r})` to its first result, over Python's own", pairs, "1.05")


if __name__ == "__main__":
    main()
