"""The command line: list, check, run, try, explain, capture and verify."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NoReturn

from .methods import list_start_methods


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The words after the program's name; those it was called with if None.

    Returns:
        The exit status: 0, or 1 if what was asked for is not to be had; of `try`, `capture`
        and `verify`, 1 if something differs or is wrong, or 2 if it is not to be had.

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
    options = vars(parser().parse_args(arguments))
    command: Callable[..., int] = options.pop("command")
    if command is _run:  # the output, and whatever is raised, are the script's own
        return _run(**options)
    failed = 2 if command in (_try, _capture, _verify) else 1
    if sys.stdout is None:
        return _fail("cannot write: standard output is closed", failed)
    try:
        status = command(**options)
        sys.stdout.flush()
    except BrokenPipeError:
        return _end_by_sigpipe()
    except KeyboardInterrupt:
        # The interpreter cleans up and then ends by the signal; only its report is left out.
        sys.excepthook = lambda *_: None
        raise
    except OSError as error:
        _discard_output()
        return _fail(f"cannot write: {error.strerror or error}", failed)
    return status


class Parser(argparse.ArgumentParser):
    """Reports an error in one line."""

    def error(self, message: str) -> NoReturn:
        message = message.replace("SCRIPT, ARG", "SCRIPT")  # of which there may be none
        say(f"{message}; try {self.prog} --help")
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """The parser: it finds a command's function, and the arguments of that."""
    whole = Parser(
        "poolcontext",
        description="List, check and set how a process pool starts its processes.",
        epilog="example: poolcontext list",
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)

    def add_command(function: Callable[..., int], example: str, text: str) -> Parser:
        name = function.__name__.strip("_")
        example = f"example: poolcontext {name} {example}".rstrip()
        summary = text.partition(".")[0]
        one: Parser = commands.add_parser(name, help=summary, description=text, epilog=example)
        one.set_defaults(command=function)
        return one

    add = add_command(
        _list,
        "--json",
        "List the start methods that a pool can use here, and the default. "
        "No process is started and nothing is chosen by the look.",
    ).add_argument
    add("--json", dest="as_json", action="store_true", help="print one JSON object")

    add = add_command(
        _check,
        "",
        "Check what a pool uses here if nobody chooses. It is made, and one of its worker "
        "processes says how it was started.",
    ).add_argument
    add("--json", dest="as_json", action="store_true", help="print one JSON object")

    add = add_command(
        _run,
        "--method forkserver train.py --epochs 3",
        "Run a script with a start method as its default. A file of Python source runs as "
        "`python SCRIPT ARG...` runs it: its exit status, its signals and its standard streams "
        "are its own. "
        "What it chooses itself stands: where it calls set_start_method(), or gives a pool or a "
        "process a context of its own, that is used, and a note on standard error says so.",
    ).add_argument
    add("--method", required=True, metavar="METHOD", help="its name")
    add("script", metavar="SCRIPT", help="a file of Python code")
    add("args", metavar="ARG", nargs=argparse.REMAINDER, help="for the script")

    add = add_command(
        _try,
        "train.py --epochs 3",
        "Try a program under each start method. It runs once under each one that is there, as a "
        "process of its own, the interpreter's default first; what ended otherwise, printed "
        "something else, hung or was left behind is listed, with its cause and its cure. "
        "Its status is 0 if it works the same under all; or 1 if something breaks or differs; or "
        "2 if nothing could be tried.",
    ).add_argument
    add("--method", metavar="METHOD", action="append", default=[], help="only this; again for more")
    more = "run it with this, instead of the Python that runs this; again for more"
    add("--python", metavar="COMMAND", action="append", default=[], help=more)
    add("--timeout", metavar="S", type=_seconds, default=60.0, help="seconds that each run has: 60")
    add("--json", dest="as_json", action="store_true", help="print one JSON object")
    add("--keep", metavar="DIR", help="keep what it printed each time in this folder")
    add(
        "-m", dest="module", metavar="MODULE", nargs=argparse.REMAINDER, help="and ARG...: a module"
    )
    add("words", metavar="SCRIPT ARG", nargs=argparse.REMAINDER, help="a file of Python code")

    add = add_command(
        _explain,
        "output.txt",
        "Explain the messages in a traceback or a log. Each one that is known is named, with "
        "its cause, its cure and its page. Its status is 1 if none is known.",
    ).add_argument
    add("file", metavar="FILE", nargs="?", help="where they are, instead of standard input")

    command = add_command(
        _capture,
        "--python python3.14",
        "Capture what all examples print on this platform. It is kept in docs/captures, in one "
        "file a platform, which the site shows beside the others; what says the same as before is "
        "left as it is. It needs a checkout of Pool Context, and nothing else. "
        "Its status is 0; or 1 if --check has found a difference; or 2 if something is not "
        "possible.",
    )
    add = command.add_argument
    add("--python", metavar="COMMAND", help="run them with this, which runs a script as `python`")
    more = "this example; may be given again"
    add("--only", metavar="NAME", action="append", default=[], help=more)
    add("--timeout", metavar="S", type=_seconds, help="seconds that each has, instead of its own")
    add("--jobs", metavar="N", type=_count, help="how many run at once, one a core by default")
    add("--output", metavar="DIR", help="where the file is, instead of docs/captures")
    add = command.add_mutually_exclusive_group().add_argument
    add("--check", action="store_true", help="write nothing, print what differs")
    add("--refresh", action="store_true", help="write also what says the same")

    add = add_command(
        _verify,
        "docs/captures/*.json",
        "Verify files of captures before they are published. Each is read with bounds on all that "
        "it may hold, is to have its platform's name, and may show no home folder, temporary file "
        "or name of a machine. It says which captures are of older scripts; that is not wrong. "
        "Its status is 0; or 1 if something is wrong; or 2 if a file cannot be read.",
    ).add_argument
    add("files", metavar="FILE", nargs="+", help="a file of captures")
    return whole


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


def _list(as_json: bool) -> int:
    found = list_start_methods()
    if as_json:
        _print_json(dataclasses.asdict(found))
    else:
        print("available ", ", ".join(found.available) or "none")
        print("default   ", found.default or "none")
        print("chosen    ", found.chosen or "nothing yet")
    return 0


def _print_json(found: object) -> None:
    import json

    print(json.dumps(found))


def _check(as_json: bool) -> int:
    from concurrent.futures import wait
    from concurrent.futures.process import BrokenProcessPool

    from .pools import process_pool, start_method_of

    pool = None
    try:
        pool = process_pool(max_workers=1)
        with _sigint_blocked():
            future = pool.submit(describe_worker)
        method = start_method_of(pool)
        # An interrupt that comes just before a wait begins is noticed only when that ends.
        done: Collection[object] = ()
        while not done:
            done = wait([future], timeout=0.2).done
        worker = future.result()
        pool.shutdown()
    except KeyboardInterrupt:
        # Else the pool would wait for its worker.
        for child in multiprocessing.active_children():
            child.kill()
        if pool is not None:  # its thread closes what the interpreter's end would write to
            pool.shutdown()
        raise
    except (BrokenProcessPool, NotImplementedError, OSError) as error:
        return _fail(f"no process pool works here: {error}", 1)
    context = type(multiprocessing.get_context(method)).__name__
    if as_json:
        _print_json({"start_method": method, "context": context, "worker": worker})
    else:
        print("start method ", method)
        print("context      ", context)
        print("worker       ", worker["name"], "was started by", worker["start_method"])
    return 0


def describe_worker() -> dict[str, str]:
    """What a worker process says of itself: its name, and how it was started."""
    from .pools import start_method_of

    name = multiprocessing.current_process().name
    return {"name": name, "start_method": start_method_of(multiprocessing)}


@contextlib.contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Block an interrupt in processes that are started meanwhile; it reaches us afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(method: str, script: str, args: Sequence[str]) -> int:
    from . import run_with_method

    try:
        run_with_method.set_default(method)
        source = run_with_method.read(script)
    except ValueError as error:  # a StartMethodError too
        return _fail(str(error), 2)
    except RuntimeError as error:  # a Python that keeps its default elsewhere
        return _fail(str(error), 1)
    except OSError as error:
        return _fail(f"cannot read {script!r}: {error.strerror or error}", 2)
    note = run_with_method.Note(script, method, say)
    try:
        run_with_method.run_as_main(source, script, args, note.started)
    finally:
        note.end()
    return 0


def _try(
    words: list[str],
    module: list[str] | None,
    method: Sequence[str],
    python: Sequence[str],
    timeout: float,
    as_json: bool,
    keep: str | None,
) -> int:
    from .capture.interpreter import InterpreterError, ask, own
    from .capture.process import ending_on_signals
    from .trial import report
    from .trial.session import NotTriedError, try_program

    program = ["-m", *module] if module is not None else words
    try:
        if not program:
            raise NotTriedError("name a script, or -m and a module")
        interpreters = [ask(command) for command in python] or [own()]
        with ending_on_signals():
            found = try_program(program, interpreters, method, timeout=timeout, progress=say)
        if keep:
            report.keep(found, keep)
    except (InterpreterError, NotTriedError, OSError) as error:
        return _fail(str(error), 2)
    print(report.as_json(found) if as_json else report.as_text(found), end="\n" if as_json else "")
    return found.status


def _explain(file: str | None) -> int:
    from .symptoms import find
    from .trial.report import explained

    try:
        if file is None and sys.stdin is None:
            return _fail("cannot read: standard input is closed", 1)
        if file is None:
            data = sys.stdin.buffer.read()
        else:
            with open(file, "rb") as opened:
                data = opened.read()
    except OSError as error:
        return _fail(f"cannot read {file!r}: {error.strerror or error}", 1)
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    found = find(text)
    if not found:
        return _fail("no message in it is known here", 1)
    for one in found:
        print("\n".join(explained(one, text)))
    return 0


def _capture(**options: Any) -> int:
    from .capture.cli import capture  # which nothing else needs

    return _in_checkout(functools.partial(capture, say), **options)


def _verify(files: Sequence[str]) -> int:
    from .capture.verify import verify

    return _in_checkout(functools.partial(verify, say), names=files)


def _in_checkout(command: Callable[..., int], **options: Any) -> int:
    """Have a command work on the checkout that this code is in, or that is around here."""
    from .capture.script import checkout

    try:
        root = checkout()
    except ValueError as error:
        return _fail(str(error), 2)
    return command(root, **options)


def say(message: str) -> None:
    """Print a line on standard error if that is there; where it cannot be written, go on.

    It is written at once: what is left in a buffer would be tried again at the end.
    """
    if sys.__stderr__ is not None:
        # What a terminal would act on is escaped, as is the end of a line.
        line = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in message)
        with contextlib.suppress(OSError):
            os.write(2, f"poolcontext: {line}\n".encode(errors="backslashreplace"))


def _fail(message: str, status: int) -> int:
    """Say why something cannot be done, and return the exit status."""
    say(message)
    return status


def _discard_output() -> None:
    """Give up what is still to be written, which Python would try again at its end."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _end_by_sigpipe() -> int:
    """End as a program that knows nothing of SIGPIPE ends by it; return 1 on Windows."""
    _discard_output()
    if os.name == "posix":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    return 1
