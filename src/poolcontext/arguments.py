"""What the command line takes, and what it says of itself."""

from __future__ import annotations

import argparse
import contextlib
from typing import NoReturn

from .console import say

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
