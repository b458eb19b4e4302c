"""Run many scripts side by side, each as its own process; for a build and for `capture`."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from pathlib import Path

from .digest import digest
from .interpreter import Interpreter, resolve, split
from .process import run_script
from .redact import known_places
from .script import Script
from .snapshot import Snapshot, take

PAUSE = 0.1
"""Seconds after which an interrupt is heard at the latest, once scripts are being ended."""


def code_digest() -> str:
    """A hash of the code that runs and redacts: snapshots that it took are current under it."""
    return digest(sorted(Path(__file__).parent.glob("*.py")))


def cores() -> int:
    """How many processes can run at once here."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def command(script: Script, interpreter: Interpreter) -> list[str]:
    """What runs a script: the interpreter, or what the script wants to start that.

    Raises:
        OSError: There is no such command here.
    """
    launcher = split(script.launcher) if script.launcher else []
    if missing := missing_launcher(script):
        raise OSError(missing)
    return [*(resolve(launcher) if launcher else []), *interpreter.command]


def missing_launcher(script: Script) -> str:
    """Say which command a script wants that is not there, if one."""
    launcher = split(script.launcher) if script.launcher else []
    if not launcher or shutil.which(launcher[0]):
        return ""
    return f"{script.path.name} wants {launcher[0]!r}, and there is no such command"


def run_scripts(
    scripts: Sequence[Script],
    interpreter: Interpreter,
    digests: Mapping[str, str],
    *,
    jobs: int | None = None,
    timeout: float | None = None,
    earlier: Mapping[str, Snapshot] | None = None,
    environ: Callable[[Script], Mapping[str, str]] | None = None,
    after: Callable[[Script, Path], None] | None = None,
) -> Generator[tuple[Script, Snapshot], None, None]:
    """Run scripts, those that want to be alone one after the other and first.

    Close it, or let it come to its end: what runs is then ended, and what waits
    is not begun. It runs its scripts from threads, the caller's code between
    two of its results in the caller's own.

    Args:
        scripts: What is run.
        interpreter: What runs them.
        digests: Their digests by name, taken before anything was run.
        jobs: How many run at once, one a core if None.
        timeout: Seconds that each has, instead of its own limit.
        earlier: Snapshots by name; what took long is begun first.
        environ: Gives the variables that a script gets beside those of a terminal.
        after: Is called in a script's thread once it has ended, with the folder that it ran in.

    Yields:
        A script and its snapshot, as they come to their ends.

    Raises:
        OSError: The interpreter cannot be started, or a script cannot be copied.
    """
    past = earlier or {}
    by_length = sorted(
        scripts, key=lambda one: -past[one.name].seconds if one.name in past else 0.0
    )
    stop = threading.Event()

    def run(script: Script) -> Snapshot:
        with script.placed() as path:
            seconds = timeout or script.timeout
            words = command(script, interpreter)
            given = environ(script) if environ else None
            run = run_script(path, words, timeout=seconds, environ=given, stop=stop)
            if after:
                after(script, path.parent)
            folders = dict.fromkeys((path.parent, script.path.parent))
            places = [one for where in folders for one in known_places(where, interpreter.places)]
            return take(script, digests[script.name], run, places)

    for alone in (True, False):
        batch = [script for script in by_length if script.parallel != alone]
        threads = ThreadPoolExecutor(1 if alone else jobs or cores())
        waiting: dict[Future[Snapshot], Script] = {}
        try:
            waiting.update((threads.submit(run, script), script) for script in batch)
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            _finish(threads, waiting, stop)
        stop.clear()


def _finish(
    threads: ThreadPoolExecutor, futures: Iterable[Future[Snapshot]], stop: threading.Event
) -> None:
    """Wait for the scripts to be ended, also when somebody loses patience meanwhile.

    Not for the threads, which up to Python 3.12 are taken for finished when the wait for them
    is interrupted: https://github.com/python/cpython/issues/90882
    And never for long at a time: an interrupt that comes just before a wait for a lock begins
    is heard only once that wait ends.
    """
    interrupt: BaseException | None = None
    while True:
        try:
            stop.set()
            threads.shutdown(wait=False, cancel_futures=True)
            begun = [future for future in futures if not future.cancelled()]
            while wait(begun, timeout=PAUSE).not_done:
                pass
            break
        except (KeyboardInterrupt, SystemExit) as error:  # one more, from the keyboard
            interrupt = error
    threads.shutdown()
    if interrupt:
        raise interrupt
