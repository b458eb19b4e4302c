"""The command `capture`: run the examples on a platform, and keep or compare what they print."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import sys
from collections.abc import Mapping
from pathlib import Path

from . import files, interpreters
from .captures import Capture
from .console import Progress, complain, say
from .gathering import gather
from .running import ending_on_signals
from .scripts import WITH_HELPER, Script, find_scripts
from .verdicts import IMPOSSIBLE, Job, check, keep, shown


def main(options: argparse.Namespace) -> int:
    """Do what the command's options say.

    Returns:
        The exit status: 0; 1 if a comparison has found a difference; 2 if
        something is not possible, after one line on standard error.
    """
    if hasattr(sys.stdout, "reconfigure"):  # scripts may print what this terminal cannot
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        job = _planned(options)
        if not options.check:
            job.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = _run(job, options)
    except (OSError, SyntaxError, ValueError) as error:
        return complain(str(error), IMPOSSIBLE)
    if options.check:
        return check(job, fresh)
    return keep(job, fresh, options.refresh)


def _planned(options: argparse.Namespace) -> Job:
    root = checkout()
    scripts = {script.name: script for script in find_scripts(root)}
    if not scripts:
        raise ValueError(f"there are no examples in {root}")
    chosen = _chosen(scripts, options.only)
    folder = root / "docs" / "captures" if options.output is None else Path(options.output)
    if options.output == "" or (folder.exists() and not folder.is_dir()):
        raise ValueError(f"{shown(folder) if options.output else '--output'} is no folder")
    asked = options.python is not None
    interpreter = interpreters.ask(options.python) if asked else interpreters.own()
    file = Path(shown(folder / f"{interpreter.platform.id}.json"))
    try:
        before = files.load(file).examples
    except FileNotFoundError:
        if options.check:
            title = interpreter.platform.title
            raise ValueError(f"there is no capture of {title} to compare with: {file}") from None
        before = {}
    return Job(scripts, chosen, not options.only, interpreter, file, before)


def checkout() -> Path:
    """The folder of the checkout that this code is in, else the nearest one above here.

    Raises:
        ValueError: There is none.
    """
    folders = [Path(__file__).resolve().parents[2]]
    with contextlib.suppress(OSError):  # the current one may be gone
        folders += [Path.cwd(), *Path.cwd().parents]
    for root in folders:
        if (root / "examples").is_dir() and (root / "src" / "poolcontext").is_dir():
            return root
    raise ValueError("there is no checkout of Pool Context here, whose scripts could be run")


def _chosen(scripts: Mapping[str, Script], only: list[str] | None) -> list[Script]:
    """The scripts of these names, each with the one that does the same with the helper."""
    chosen = []
    for name in only or scripts:
        name = Path(name).stem if name.endswith(".py") else name
        if name not in scripts:
            close = difflib.get_close_matches(name, scripts, n=1)
            hint = f"; did you mean {close[0]}?" if close else f": there are {', '.join(scripts)}"
            raise ValueError(f"there is no example {name!r}{hint}")
        chosen += [name, *({name + WITH_HELPER} & scripts.keys())]
    return [scripts[name] for name in dict.fromkeys(chosen)]


def _run(job: Job, options: argparse.Namespace) -> dict[str, Capture]:
    say(f"capturing {job.interpreter.platform.title}")
    digests = {script.name: script.digest() for script in job.chosen}
    progress = Progress(len(job.chosen))
    found = {}
    gathering = gather(
        job.chosen,
        job.interpreter,
        digests,
        jobs=options.jobs,
        timeout=options.timeout,
        earlier=job.before,
    )
    with ending_on_signals(), contextlib.closing(gathering), progress:
        for script, capture in gathering:
            found[script.name] = capture
            progress.step(script.name, f"{capture.ending}, {capture.seconds:.2f} s")
    return found
