"""What the command line offers: list, check, run, capture and verify."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence

from .arguments import parser
from .console import (
    complain,
    ended_by_a_closed_pipe,
    forget_output,
    kept_from_children,
    say,
    silent,
)
from .methods import start_methods
from .pools import process_pool, start_method


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
        return ended_by_a_closed_pipe()
    except KeyboardInterrupt:
        # The interpreter cleans up and then ends by the signal; only its report is left out.
        sys.excepthook = silent
        raise
    except OSError as error:
        forget_output()
        return complain(f"cannot write: {error.strerror or error}", failed)
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
        with kept_from_children("SIGINT"):
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
    from . import launching

    try:
        launching.set_default(options.method)
        source = launching.read(options.script)
    except ValueError as error:  # a StartMethodError too
        return complain(str(error), 2)
    except RuntimeError as error:  # a Python that keeps its default elsewhere
        return complain(str(error), 1)
    except OSError as error:
        return complain(f"cannot read {options.script!r}: {error.strerror or error}", 2)
    launching.run_as_main(source, options.script, options.args, options.method, say)
    return 0


def _print_json(found: dict[str, object]) -> int:
    import json

    print(json.dumps(found))
    return 0


def _capture(options: argparse.Namespace) -> int:
    from . import capturing  # which nothing else needs

    return capturing.main(options)


def _verify(options: argparse.Namespace) -> int:
    from . import verifying

    return verifying.main(options)


_COMMANDS = {"list": _list, "check": _check, "capture": _capture, "verify": _verify}
