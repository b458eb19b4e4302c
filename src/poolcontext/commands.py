"""What the command line offers: list, check and run."""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

from .methods import start_methods
from .pools import process_pool, start_method

POSIX = os.name == "posix"
LIST = (
    "List the start methods that a pool can use here, and the default. "
    "No process is started and nothing is chosen by the look."
)
CHECK = (
    "Check what a pool uses here if nobody chooses. It is made, and one of its worker "
    "processes says how it was started."
)
RUN = (
    "Run a script with a start method as its default. A file of Python source runs as "
    "`python SCRIPT ARG...` runs it: its exit status, its signals and its standard streams are "
    "its own. "
    "What it chooses itself stands: where it calls set_start_method(), or gives a pool or a "
    "process a context of its own, that is used, and a note on standard error says so."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The words after the program's name; those it was called with if None.

    Returns:
        The exit status: 0, or 1 if what was asked for is not to be had.

    Raises:
        KeyboardInterrupt: It was interrupted; nothing will be reported of that.
        SystemExit: With status 2 for words that mean nothing, after one line on
            standard error; or with that of a script that was run.

    Example:
        >>> from poolcontext.commands import main
        >>> main(["list", "--json"])  # doctest: +ELLIPSIS
        {"available": [...], "listed": [...], "default": ..., "chosen": ...}
        0
    """
    options = _parser().parse_args(arguments)
    if options.command == "run":
        return _run(options)
    if sys.stdout is None:
        return _complain("cannot write: standard output is closed", 1)
    try:
        status = _list(options) if options.command == "list" else _check(options)
        sys.stdout.flush()
    except BrokenPipeError:
        return _ended_by_a_closed_pipe()
    except KeyboardInterrupt:
        # The interpreter cleans up and then ends by the signal; only its report is left out.
        sys.excepthook = _silent
        raise
    except OSError as error:
        _forget_output()
        return _complain(f"cannot write: {error.strerror or error}", 1)
    return status


def _list(options: argparse.Namespace) -> int:
    found = start_methods()
    if options.json:
        return _print_json(found._asdict())
    print("available ", ", ".join(found.available) or "none")
    print("default   ", found.default or "none")
    print("chosen    ", found.chosen or "nothing yet")
    return 0


def _check(options: argparse.Namespace) -> int:
    from concurrent.futures import wait
    from concurrent.futures.process import BrokenProcessPool

    try:
        pool = process_pool(max_workers=1)
        with _kept_from_children("SIGINT"):
            future = pool.submit(describe_worker)
        method = start_method(pool)
        # An interrupt that comes just before a wait begins is noticed only when that ends.
        done: object = None
        while not done:
            done = wait([future], timeout=0.2).done
        worker = future.result()
        pool.shutdown()
    except KeyboardInterrupt:
        # Else the pool would wait for its worker.
        for child in multiprocessing.active_children():
            child.kill()
        raise
    except (BrokenProcessPool, NotImplementedError, OSError) as error:
        return _complain(f"no process pool works here: {error}", 1)
    context = type(multiprocessing.get_context(method)).__name__
    if options.json:
        return _print_json({"start_method": method, "context": context, "worker": worker})
    print("start method ", method)
    print("context      ", context)
    print("worker       ", worker["name"], "was started by", worker["start_method"])
    return 0


def describe_worker() -> dict[str, str]:
    """What a worker process says of itself: its name, and how it was started."""
    name = multiprocessing.current_process().name
    return {"name": name, "start_method": start_method(multiprocessing)}


def _run(options: argparse.Namespace) -> int:
    from . import launching

    try:
        launching.set_default(options.method)
        source = launching.read(options.script)
    except ValueError as error:  # a StartMethodError too
        return _complain(str(error), 2)
    except RuntimeError as error:  # a Python that keeps its default elsewhere
        return _complain(str(error), 1)
    except OSError as error:
        return _complain(f"cannot read {options.script!r}: {error.strerror or error}", 2)
    launching.run_as_main(source, options.script, options.args, options.method, _say)
    return 0


def _print_json(found: dict[str, object]) -> int:
    import json

    print(json.dumps(found))
    return 0


def _complain(message: str, status: int) -> int:
    _say(message)
    return status


def _say(message: str) -> None:
    """Print a line on standard error if that is there; where it cannot be written, go on.

    It is written at once: what is left in a buffer would be tried again at the end.
    """
    if sys.__stderr__ is not None:
        with contextlib.suppress(OSError):
            os.write(2, f"poolcontext: {message}\n".encode(errors="backslashreplace"))


@contextlib.contextmanager
def _kept_from_children(name: str) -> Iterator[None]:
    """Block a signal in processes that are started meanwhile; it reaches us afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {getattr(signal, name)})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forget_output() -> None:
    """Give up what is still to be written, which Python would try again at its end."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _silent(kind: object, error: object, trace: object) -> None:
    """Report nothing."""


def _ended_by_a_closed_pipe() -> int:
    """End as a program that knows nothing of SIGPIPE ends by it."""
    _forget_output()
    if POSIX:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    return 1


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        message = message.replace("SCRIPT, ARG", "SCRIPT")  # of which there may be none
        _say(f"{message}; try {self.prog} --help")
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        "poolcontext",
        description="List, check and set how a process pool starts its processes.",
        epilog="example: poolcontext list",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary, example in (
        ("list", LIST, "poolcontext list --json"),
        ("check", CHECK, "poolcontext check"),
        ("run", RUN, "poolcontext run --method forkserver train.py --epochs 3"),
    ):
        one = commands.add_parser(
            name,
            help=summary.partition(".")[0],
            description=summary,
            epilog=f"example: {example}",
        )
        if name == "run":
            one.add_argument("--method", required=True, metavar="METHOD", help="its name")
            one.add_argument("script", metavar="SCRIPT", help="a file of Python code")
            one.add_argument("args", metavar="ARG", nargs=argparse.REMAINDER, help="for the script")
        else:
            one.add_argument("--json", action="store_true", help="print one JSON object")
    return parser
