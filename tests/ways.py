"""Ways to use processes in an example, and what galleries make of them: `docs/ways.csv`.

    python tests/ways.py

writes the table anew: each is run as `python NAME.py` in a terminal, which is the truth, then by
sphinx-gallery alone, then by the extension. `tests/sphinxext/test_ways.py` compares.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import io
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from galleries import Built, Gallery

from poolcontext.capture.process import run_script
from poolcontext.sphinxext.environ import inherited

TABLE = Path(__file__).parents[1] / "docs" / "ways.csv"
HEAD = ("In the example", "sphinx-gallery alone", "With this extension")
RIGHT = "right"
LIMIT = 10.0
"""Seconds that a build by sphinx-gallery alone has: the others take two."""

PROCESS = "# sphinx_gallery_process = True\n# sphinx_gallery_timeout = 8\n"


class Way(NamedTuple):
    """An example that uses processes."""

    title: str
    code: str

    @property
    def name(self) -> str:
        return "plot_" + "_".join("".join(c if c.isalnum() else " " for c in self.title).split())


def guarded(title: str, functions: str, body: str) -> Way:
    """One whose work stands below the guard."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    imports = "import multiprocessing as mp\nimport os, sys, time\n"
    imports += "from concurrent.futures import ProcessPoolExecutor\n"
    return Way(title, f'{imports}\n{functions}\nif __name__ == "__main__":\n{lines}')


SQUARE = "def square(number):\n    return number * number\n"
SAY = 'def say(word):\n    print("worker says", word, flush=True)\n'
EXECUTOR = (
    'with ProcessPoolExecutor(2, mp_context=mp.get_context("{}")) as pool:\n'
    "    print(list(pool.map(square, range(4))))"
)
PROCESS_SAYS = (
    'one = mp.get_context("{}").Process(target=say, args=("hello",))\none.start()\none.join()'
)
WAYS = (
    *(
        guarded(f"an executor under {m}", SQUARE, EXECUTOR.format(m))
        for m in ("fork", "spawn", "forkserver")
    ),
    *(
        guarded(
            f"a multiprocessing.Pool under {m}",
            SQUARE,
            f'with mp.get_context("{m}").Pool(2) as pool:\n    print(pool.map(square, range(4)))',
        )
        for m in ("fork", "spawn")
    ),
    *(
        guarded(f"a process that prints, under {m}", SAY, PROCESS_SAYS.format(m))
        for m in ("fork", "spawn", "forkserver")
    ),
    guarded(
        "a worker that prints",
        SAY,
        'with ProcessPoolExecutor(1, mp_context=mp.get_context("fork")) as pool:\n'
        '    pool.submit(say, "one").result()\nprint("done")',
    ),
    Way(
        "a program that is started",
        "import subprocess, sys\n\n"
        "subprocess.run([sys.executable, '-c', 'print(\"from a child\")'], check=True)\n"
        "print('done')",
    ),
    Way(
        "os.fork",
        "import os\n\nprint('before', flush=True)\n"
        "if not os.fork():\n    print('child', flush=True)\n"
        "    os._exit(0)\nos.wait()\nprint('after')",
    ),
    guarded(
        "an initializer",
        "def begin(word):\n    global WORD\n    WORD = word\n\ndef told(_):\n    return WORD\n",
        'with ProcessPoolExecutor(1, mp.get_context("spawn"), begin, ("hello",)) as pool:\n'
        "    print(list(pool.map(told, range(2))))",
    ),
    guarded(
        "a global that is set below the guard",
        "VALUE = 1\n\ndef value(_):\n    return VALUE\n",
        'VALUE = 2\nwith ProcessPoolExecutor(1, mp_context=mp.get_context("spawn")) as pool:\n'
        "    print(VALUE, list(pool.map(value, range(2))))",
    ),
    guarded(
        "an exception of a task",
        "def fail():\n    raise ValueError('no')\n",
        'with ProcessPoolExecutor(1, mp_context=mp.get_context("spawn")) as pool:\n'
        "    try:\n        pool.submit(fail).result()\n    except ValueError as error:\n"
        "        print(repr(error), type(error.__cause__).__name__)",
    ),
    guarded(
        "a worker that is killed",
        "def end():\n    os.kill(os.getpid(), 9)\n",
        'with ProcessPoolExecutor(1, mp_context=mp.get_context("spawn")) as pool:\n'
        "    print(type(pool.submit(end).exception()).__name__)",
    ),
    guarded(
        "a shared queue",
        "def put(queue):\n    queue.put('from the worker')\n",
        'context = mp.get_context("spawn")\nqueue = context.Queue()\n'
        "one = context.Process(target=put, args=(queue,))\none.start()\n"
        "print(queue.get(timeout=5))\none.join()",
    ),
    guarded(
        "a manager",
        "def fill(shared):\n    shared['key'] = 'value'\n",
        'context = mp.get_context("spawn")\nwith context.Manager() as manager:\n'
        "    shared = manager.dict()\n    one = context.Process(target=fill, args=(shared,))\n"
        "    one.start()\n    one.join()\n    print(dict(shared))",
    ),
    guarded(
        "asyncio with a pool",
        SQUARE + "\nasync def main():\n    import asyncio\n"
        '    with ProcessPoolExecutor(1, mp_context=mp.get_context("spawn")) as pool:\n'
        "        print(await asyncio.get_running_loop().run_in_executor(pool, square, 3))\n",
        "import asyncio\nasyncio.run(main())",
    ),
    Way(
        "a top level without a guard",
        "import multiprocessing as mp\n\nprint('top level of', __name__, flush=True)\n"
        "if __name__ != '__mp_main__':\n"
        "    one = mp.get_context('spawn').Process(target=print, args=('a task',))\n"
        "    one.start()\n    one.join()",
    ),
    Way(
        "set_start_method",
        "import multiprocessing as mp\n\n"
        "mp.set_start_method('spawn')\nprint(mp.get_start_method())",
    ),
    Way("sys.exit", "import sys\n\nprint('before')\nsys.exit(0)"),
    Way(
        "an exit handler", "import atexit\n\natexit.register(print, 'at the end')\nprint('before')"
    ),
    Way("its own file", "import os\n\nprint(os.path.basename(__file__), __name__)"),
    Way(
        "a child that outlives it",
        "import subprocess, sys\n\ncode = 'import time; time.sleep(0.5); print(\"late\")'\n"
        "subprocess.Popen([sys.executable, '-c', code])\nprint('first')",
    ),
)


def truth(gallery: Gallery, way: Way) -> str:
    """What it prints in a terminal."""
    script = gallery.examples / f"{way.name}.py"
    return run_script(script, timeout=20, environ=inherited()).output


def stock(root: Path, way: Way) -> str:
    """What sphinx-gallery alone makes of it."""
    gallery = Gallery(root / way.name, extensions=("sphinx_gallery.gen_gallery",))
    configure(gallery)
    gallery.add(way.name, way.code)
    wanted = truth(gallery, way)
    build = gallery.start(strict=False)
    try:
        log, _ = build.communicate(timeout=LIMIT)
        built = Built(build.returncode, log)
    except subprocess.TimeoutExpired:
        return "the build hangs"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(build.pid, signal.SIGKILL)
        build.communicate()
    page = gallery.html / "examples" / f"{way.name}.html"
    if not page.exists():
        return f"the build ends without pages, with status {built.status}"
    if built.status:
        (*_, error) = gallery.page(f"examples/{way.name}").select(".highlight-pytb pre")
        name = error.get_text().strip().splitlines()[-1].partition(":")[0]
        return f"fails: {name.rpartition('.')[2]}"
    blocks = gallery.page(f"examples/{way.name}").select(".sphx-glr-script-out pre")
    return compare("".join(one.get_text() for one in blocks), wanted)


def compare(shown: str, wanted: str) -> str:
    """Say how what a page shows differs from the truth."""
    shown_lines, lines = ([one for one in text.splitlines() if one] for text in (shown, wanted))
    if shown_lines == lines:
        return RIGHT
    steps = [*difflib.ndiff(lines, shown_lines)]
    lost = sum(step[:1] == "-" for step in steps)
    if any(step[:1] == "+" for step in steps):
        return "shows something else, without a word"
    return f"loses {lost} of {len(lines)} lines"


def configure(gallery: Gallery) -> None:
    gallery.configure("sphinx_gallery_conf['show_memory'] = False\n")


def extended(root: Path) -> dict[str, str]:
    """What the extension makes of all of them, in one build."""
    gallery = Gallery(root / "all", extensions=("poolcontext.sphinxext",))
    gallery.configure("poolcontext_process_pattern = ''\n")
    for way in WAYS:
        gallery.add(way.name, PROCESS + way.code)
    built = gallery.build(strict=False, alone=True)
    assert len(built.ran) == len(WAYS)
    return {way.title: compare(gallery.output(way.name), truth(gallery, way)) for way in WAYS}


def table(rows: dict[str, tuple[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows((title, *results) for title, results in rows.items())
    return text.getvalue()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        ours = extended(Path(name))
        rows = {way.title: (stock(Path(name), way), ours[way.title]) for way in WAYS}
    TABLE.write_text(table(rows), encoding="utf-8")
    sys.stdout.write(TABLE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
