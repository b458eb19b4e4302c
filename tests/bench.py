"""What Pool Context costs, as ratios: each of two things that are timed in turn, in one run.

Called by `make bench`; prints one table. Machines are noisy, so the first row
compares a thing with itself: a ratio is to be read beside that one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from poolcontext.capture import storage as files
from poolcontext.capture.platform import Platform
from poolcontext.capture.script import find_scripts, read_script
from poolcontext.capture.snapshot import Capture, Snapshot

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 9
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# What sphinx-gallery can run inside Sphinx: no spawned workers, and nothing that the default
# which the one before has fixed would make fail.
IN_PROCESS = ("list_start_methods", "check_pool_context")

ALONE = [script.name for script in find_scripts(ROOT) if script.alone]
"""The scripts beside which no other runs."""

Timed = Callable[[], float]
Row = tuple[str, str, str, str]


def main() -> None:
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        del os.environ[name]  # such as one that forbids to keep what was compiled
    print("| | what | measured | at most | spread |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in (processes(), builds(Path(folder)), captures(Path(folder)), pools()):
            for mark, what, figures, most in rows:
                print(f"| {mark} | {what} | {figures} | {most} |", flush=True)


def compare(first: Timed, second: Timed, most: str, rounds: int = ROUNDS) -> tuple[str, str]:
    """Time two things in turn: the ratio of their medians, and the spread of the pairs' ratios."""
    first(), second()  # warm up
    pairs = [(first(), second()) for _ in range(rounds)]
    ratio = statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)
    ratios = sorted(a / b for a, b in pairs)
    return f"{ratio:.3f}", f"{most} | {ratios[0]:.2f} to {ratios[-1]:.2f}"


def process(*words: str) -> Timed:
    """The seconds that a process takes from its start to its end."""

    def timed() -> float:
        started = time.perf_counter()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    return timed


def imported(modules: str) -> Timed:
    """The seconds that an import takes in a fresh process, less the process's own."""
    code = f"import time; s = time.perf_counter(); import {modules}; print(time.perf_counter() - s)"

    def timed() -> float:
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        return float(done.stdout)

    return timed


def processes() -> Iterator[Row]:
    listing = (
        "from poolcontext import start_methods\n"
        "found = start_methods()\n"
        "print('available ', ', '.join(found.available))\n"
        "print('default   ', found.default)\n"
        "print('chosen    ', found.chosen or 'nothing yet')\n"
    )
    plain = process(sys.executable, "-c", listing)
    command = process(str(Path(sys.executable).with_name("poolcontext")), "list")
    yield ("noise", "`python -c` that lists, over itself", *compare(plain, plain, "–", 21))
    names = "multiprocessing, concurrent.futures"
    figures = compare(imported("poolcontext"), imported(names), "1.10", 21)
    yield ("e", f"import of `poolcontext` over `{names}`", *figures)
    yield (
        "g",
        "`poolcontext list` over `python -c` that prints the same",
        *compare(command, plain, "1.25", 21),
    )


class Site:
    """A copy of the project's site, to be built again and again."""

    def __init__(self, folder: Path, extension: bool = True, only: tuple[str, ...] = ()) -> None:
        self.folder = folder
        for name in ("conf.py", "CHANGELOG.md", "docs", "examples"):
            source, target = ROOT / name, folder / name
            if source.is_file():
                folder.mkdir(exist_ok=True)
                shutil.copy(source, target)
            else:
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("_build"))
        shutil.rmtree(folder / "docs" / "examples", ignore_errors=True)
        if only:
            self._reduce(extension, only)

    def _reduce(self, extension: bool, only: tuple[str, ...]) -> None:
        """Leave the examples that are named, and no page that shows the outcome of another."""
        for page in (self.folder / "docs").glob("*.md"):
            text = page.read_text(encoding="utf-8")
            text = re.sub(r"```\{(outcomes|platform-matrix)\}.*?```", "", text, flags=re.S)
            page.write_text(re.sub(r"\]\(examples/\w+/", "](", text), "utf-8")
        shutil.rmtree(self.folder / "docs" / "with_helper")
        for script in (self.folder / "examples").glob("*/*.py"):
            if script.stem not in only:
                script.unlink()
        if not extension:
            conf = self.folder / "conf.py"
            text = conf.read_text(encoding="utf-8")
            text = text.replace('    "poolcontext.sphinxext.site",\n', "")
            conf.write_text(text, encoding="utf-8")

    def clean(self) -> None:
        shutil.rmtree(self.folder / "docs" / "_build", ignore_errors=True)
        shutil.rmtree(self.folder / "docs" / "examples", ignore_errors=True)

    def build(self, *words: str) -> float:
        """Build, and return the seconds; what was printed is kept."""
        command = [sys.executable, "-m", "sphinx", "-c", ".", "-d", "docs/_build/doctrees", *words]
        started = time.perf_counter()
        done = subprocess.run(
            [*command, "docs", "docs/_build/html"],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - started
        self.log = done.stdout
        return seconds

    def clean_build(self) -> float:
        self.clean()
        return self.build()

    def seconds(self) -> dict[str, float]:
        """How long each script of the last build ran."""
        (file,) = (self.folder / "docs" / "_build" / "doctrees" / "poolcontext").glob("*/*.json")
        return seconds_of(file)

    def ran(self) -> int:
        return sum(int(count) for count in re.findall(r"(\d+) ran, ", self.log))


def builds(folder: Path) -> Iterator[Row]:
    whole = Site(folder / "whole")
    floor = Site(folder / "floor")

    whole.clean_build(), floor.clean_build()  # warm up
    pairs = []
    for _ in range(5):
        took = whole.clean_build()
        floor.clean()
        pairs.append((took, floor.build("-D", "plot_gallery=0"), whole.seconds()))
    for what, least in (("its floor", shared_floor), ("its floor with those alone", least_time)):
        ratios = [took / (bare + least(seconds)) for took, bare, seconds in pairs]
        yield (
            "a",
            f"clean build over {what}, {statistics.median(pair[0] for pair in pairs):.1f} s",
            f"{statistics.median(ratios):.3f}",
            f"1.10 | {min(ratios):.2f} to {max(ratios):.2f}",
        )

    example = folder / "whole" / "examples" / "list" / "list_start_methods.py"
    with example.open("a", encoding="utf-8") as file:
        file.write("    print('changed')\n")
    whole.build()
    yield ("c", "runs after one example has changed", str(whole.ran()), "exactly 1 | –")

    ours = Site(folder / "ours", only=IN_PROCESS)
    theirs = Site(folder / "theirs", extension=False, only=IN_PROCESS)
    yield (
        "d",
        f"clean build over sphinx-gallery's own, {len(IN_PROCESS)} scripts",
        *compare(ours.clean_build, theirs.clean_build, "1.05"),
    )
    figures = compare(ours.build, theirs.build, "1.10, 0 run", 25)
    yield ("b", f"rebuild over the same without the extension, {ours.ran()} run", *figures)


def captures(folder: Path) -> Iterator[Row]:
    """The command `capture` over its floor; and a site of many captures over one of few."""
    checkout = folder / "checkout"
    for name in ("src", "examples", "docs/with_helper"):
        shutil.copytree(ROOT / name, checkout / name)
    yield from overhead(checkout)

    few, many = Many(folder / "few", 10), Many(folder / "many", 200)
    build = ("-D", "plot_gallery=0")

    def timed(site: Site) -> Timed:
        return lambda: (site.clean(), site.build(*build))[1]

    figures = compare(timed(many), timed(few), "1.50", 5)
    yield ("i", "clean build with 200 captures of 30 examples over that with 10", *figures)
    heavier = max(
        page.stat().st_size - (few.pages() / page.name).stat().st_size
        for page in many.pages().glob("list_*.html")
    )
    yield ("j", "KB that an example's page is heavier with 200", f"{heavier / 1000:.1f}", "20 | –")


def overhead(checkout: Path) -> Iterator[Row]:
    """What `capture` takes over the time that its scripts need at least."""
    command = [sys.executable, str(checkout / "src" / "poolcontext"), "capture", "--refresh"]
    subprocess.run(command, check=True, capture_output=True)  # warm up
    took, measured = [], []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        took.append(time.perf_counter() - started)
        (file,) = (checkout / "docs" / "captures").glob("*.json")
        measured.append(seconds_of(file))
    for what, least in (("its floor", shared_floor), ("its floor with those alone", least_time)):
        floors = [least(one) for one in measured]
        ratios = [one / bound for one, bound in zip(took, floors)]
        surplus = statistics.median(one - bound for one, bound in zip(took, floors))
        yield (
            "h",
            f"`capture` over {what}, {len(measured[0])} scripts ({surplus:.2f} s more than that)",
            f"{statistics.median(ratios):.3f}",
            f"1.10 | {min(ratios):.2f} to {max(ratios):.2f}",
        )


def seconds_of(file: Path) -> dict[str, float]:
    """How long each script ran of which a file has captures."""
    examples = json.loads(file.read_text(encoding="utf-8"))["examples"]
    return {name: example["seconds"] for name, example in examples.items()}


def shared_floor(seconds: Mapping[str, float]) -> float:
    """What scripts need at least if each of them may run beside any other."""
    return max(sum(seconds.values()) / CORES, *seconds.values())


def least_time(seconds: Mapping[str, float]) -> float:
    """What they need at least, some of them alone on the machine."""
    alone = sum(seconds[name] for name in ALONE)
    return alone + shared_floor({n: s for n, s in seconds.items() if n not in ALONE})


class Many(Site):
    """A site of 30 examples, and made captures with five outcomes an example."""

    def __init__(self, folder: Path, count: int) -> None:
        super().__init__(folder, only=IN_PROCESS[:1])
        (script,) = (folder / "examples" / "list").glob("*.py")
        scripts = [script.with_name(f"{script.stem}_{number:02}.py") for number in range(30)]
        for copy in scripts:
            shutil.copy(script, copy)
        script.unlink()
        for file in (folder / "docs" / "captures").glob("*.json"):
            file.unlink()
        places = [
            (system, machine, libc)
            for system, libc in (("linux", "glibc"), ("linux", "musl"), ("darwin", ""))
            for machine in ("x86_64", "aarch64", "riscv64", "ppc64le")
        ]
        for number in range(count):
            patch, place = divmod(number, len(places))
            version = f"3.{9 + number % 7}.{patch}"
            platform = Platform("cpython", version, version, "", *places[place])
            self._save(platform, scripts, number % 5)

    def _save(self, platform: Platform, scripts: list[Path], which: int) -> None:
        examples = {
            script.stem: Snapshot(
                script=read_script(script).digest(),
                date="2026-11-22",
                ended="exit",
                status=0,
                seconds=0.5,
                output="".join(f"line {line} of outcome {which}\n" for line in range(20)),
            )
            for script in scripts
        }
        file = self.folder / "docs" / "captures" / f"{platform.id}.json"
        files.save(Capture(platform, examples), file)

    def pages(self) -> Path:
        return self.folder / "docs" / "_build" / "html" / "examples" / "list"


POOLS = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
from poolcontext import process_pool

def first_result(make):
    started = time.perf_counter()
    pool = make()
    pool.submit(abs, -1).result()
    seconds = time.perf_counter() - started
    pool.shutdown()
    return seconds

def ours():
    return process_pool({method!r}, max_workers=1)

def plain():
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context({method!r}))

if __name__ == "__main__":
    for line in sys.stdin:
        print(first_result(ours if line == "ours\\n" else plain), flush=True)
"""


def pools() -> Iterator[Row]:
    import multiprocessing

    with tempfile.TemporaryDirectory() as folder:
        for method in multiprocessing.get_all_start_methods():
            script = Path(folder, f"{method}.py")
            script.write_text(POOLS.format(method=method), encoding="utf-8")
            with subprocess.Popen(
                [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as asked:

                def timed(which: str, asked: subprocess.Popen[str] = asked) -> float:
                    assert asked.stdin
                    assert asked.stdout
                    asked.stdin.write(which + "\n")
                    asked.stdin.flush()
                    return float(asked.stdout.readline())

                figures = compare(lambda: timed("ours"), lambda: timed("plain"), "1.05", 101)
                yield ("f", f"`process_pool({method!r})` to its first result", *figures)
                assert asked.stdin
                asked.stdin.close()


if __name__ == "__main__":
    main()
