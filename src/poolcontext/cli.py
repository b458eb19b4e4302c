"""The command line: list, check, run, capture and verify."""

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
CAPTURE = (
    "Capture what all examples print on this platform. It is kept in docs/captures, in one file a "
    "platform, which the site shows beside the others; what says the same as before is left as it "
    "is. It needs a checkout of Pool Context, and nothing else. "
    "Its status is 0; or 1 if --check has found a difference; or 2 if something is not possible."
)
VERIFY = (
    "Verify files of captures before they are published. Each is read with bounds on all that it "
    "may hold, is to have its platform's name, and may show no home folder, temporary file or name "
    "of a machine. It says which captures are of older scripts; that is not wrong. "
    "Its status is 0; or 1 if something is wrong; or 2 if a file cannot be read."
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
        >>> from poolcontext.cli import main
        >>> main(["list", "--json"])  # doctest: +ELLIPSIS
        {"available": [...], "listed": [...], "default": ..., "chosen": ...}
        0
    """
    options = parser().parse_args(arguments)
    if options.command == "run":
        return _run(options)
    # 1 is what `capture --check` says of a difference, and `verify` of what is wrong.
    failed = 2 if options.command in ("capture", "verify") else 1
    if sys.stdout is None:
        return complain("cannot write: standard output is closed", failed)
    try:
        status = _COMMANDS[options.command](options)
        sys.stdout.flush()
    except BrokenPipeError:
        return _ended_by_a_closed_pipe()
    except KeyboardInterrupt:
        # The interpreter cleans up and then ends by the signal; only its report is left out.
        sys.excepthook = _silent
        raise
    except OSError as error:
        _forget_output()
        return complain(f"cannot write: {error.strerror or error}", failed)
    return status


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        message = message.replace("SCRIPT, ARG", "SCRIPT")  # of which there may be none
        say(f"{message}; try {self.prog} --help")
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """The words that are understood."""
    whole = Parser(
        "poolcontext",
        description="List, check and set how a process pool starts its processes.",
        epilog="example: poolcontext list",
    )
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary, example, arguments in (
        ("list", LIST, "poolcontext list --json", _add_json),
        ("check", CHECK, "poolcontext check", _add_json),
        ("run", RUN, "poolcontext run --method forkserver train.py --epochs 3", _add_script),
        ("capture", CAPTURE, "poolcontext capture --python python3.14", _add_capture),
        ("verify", VERIFY, "poolcontext verify docs/captures/*.json", _add_files),
    ):
        one = commands.add_parser(
            name,
            help=summary.partition(".")[0],
            description=summary,
            epilog=f"example: {example}",
        )
        arguments(one)
    return whole


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_script(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--method", required=True, metavar="METHOD", help="its name")
    parser.add_argument("script", metavar="SCRIPT", help="a file of Python code")
    parser.add_argument("args", metavar="ARG", nargs=argparse.REMAINDER, help="for the script")


def _add_capture(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--python", metavar="COMMAND", help="run them with this, which runs a script as `python`")
    add("--only", metavar="NAME", action="append", help="this example; may be given again")
    add("--timeout", metavar="S", type=_seconds, help="seconds that each has, instead of its own")
    add("--jobs", metavar="N", type=_count, help="how many run at once, one a core by default")
    add("--output", metavar="DIR", help="where the file is, instead of docs/captures")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--check", action="store_true", help="write nothing, print what differs")
    either.add_argument("--refresh", action="store_true", help="write also what says the same")


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="a file of captures")


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < 1e6:
            return float(text)
    wanted = "number of seconds above zero and below a million"
    raise argparse.ArgumentTypeError(f"{text!r} is no {wanted}")


def _count(text: str) -> int:
    with contextlib.suppress(ValueError):
        if 0 < int(text) < 1000:
            return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 999")


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
        return complain(f"no process pool works here: {error}", 1)
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
    from . import run_with_method

    try:
        run_with_method.set_default(options.method)
        source = run_with_method.read(options.script)
    except ValueError as error:  # a StartMethodError too
        return complain(str(error), 2)
    except RuntimeError as error:  # a Python that keeps its default elsewhere
        return complain(str(error), 1)
    except OSError as error:
        return complain(f"cannot read {options.script!r}: {error.strerror or error}", 2)
    run_with_method.run_as_main(source, options.script, options.args, options.method, say)
    return 0


def _print_json(found: dict[str, object]) -> int:
    import json

    print(json.dumps(found))
    return 0


def _capture(options: argparse.Namespace) -> int:
    from .capture.cli import capture  # which nothing else needs

    return capture(
        say,
        python=options.python,
        only=options.only or (),
        timeout=options.timeout,
        jobs=options.jobs,
        output=options.output,
        check=options.check,
        refresh=options.refresh,
    )


def _verify(options: argparse.Namespace) -> int:
    from .capture.verify import verify

    return verify(say, options.files)


_COMMANDS = {"list": _list, "check": _check, "capture": _capture, "verify": _verify}


def say(message: str) -> None:
    """Print a line on standard error if that is there; where it cannot be written, go on.

    It is written at once: what is left in a buffer would be tried again at the end.
    """
    if sys.__stderr__ is not None:
        # What a terminal would act on is written out, as is the end of a line.
        line = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in message)
        with contextlib.suppress(OSError):
            os.write(2, f"poolcontext: {line}\n".encode(errors="backslashreplace"))


def complain(message: str, status: int) -> int:
    """Say why something cannot be done, and return the exit status."""
    say(message)
    return status


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
    """Report nothing: an exception hook for what ends by a signal."""


def _ended_by_a_closed_pipe() -> int:
    """End as a program that knows nothing of SIGPIPE ends by it."""
    _forget_output()
    if os.name == "posix":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    return 1
