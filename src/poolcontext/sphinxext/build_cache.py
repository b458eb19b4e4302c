"""This build's own snapshots: which examples have a current one, and running those that have not.

They are kept beside the doctrees, in a folder named for what ran them: code and variables.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.cmd.build import get_parser
from sphinx.errors import ConfigError, ExtensionError
from sphinx.util import logging
from sphinx.util.display import status_iterator

from ..capture import storage
from ..capture.interpreter import InterpreterError, ask, own
from ..capture.process import ending_on_signals
from ..capture.redact import printable
from ..capture.runner import code_digest, missing_launcher, run_scripts
from ..capture.script import Script, read_script
from ..capture.snapshot import Capture, Snapshot
from . import figures
from .results import warn

logger = logging.getLogger(__name__)

COMPANION = "poolcontext-companion"
"""The event that asks for a `Companion` of an example, given its `Script` and the time limit."""


UNREADABLE = (SyntaxError, ValueError)
"""What `read_script` raises where a script is of no use."""


class Companion(NamedTuple):
    """A script that is run along with an example, and shown near the end of its page."""

    script: Script
    section: str
    """What shows it, as reStructuredText."""


class BuildCache:
    """The scripts that a build shows, and the snapshot of each that it has or takes."""

    def __init__(
        self,
        app: Sphinx,
        names: Mapping[Path, str],
        environ: Mapping[str, str],
        committed: Mapping[str, Capture],
        others: Iterable[str] = (),
    ) -> None:
        """Find out which are current.

        Args:
            app: What builds their pages.
            names: Their files, each with what it is called in captures.
            environ: Variables that they get beside those of a terminal.
            committed: The captures that are committed, by platform.
            others: What others are called, which this build leaves out: theirs are kept.
        """
        self.config = app.config
        self.others = frozenset(others)
        self.committed = committed
        setting = app.config.poolcontext_python
        try:
            self.interpreter = ask(setting) if setting else own()
        except InterpreterError as error:
            raise ConfigError(f"poolcontext_python: {error}") from None
        platform = self.interpreter.platform
        # With the doctrees, so that whoever removes one removes both.
        what = repr((code_digest(), sorted(environ.items())))
        name = hashlib.sha256(what.encode()).hexdigest()
        folder = Path(app.doctreedir, "poolcontext", name[:12])
        self.environ = environ
        self.file = folder / f"{platform.id}.json"
        self.pictures = folder / platform.id
        self.releases = folder / f"{platform.id}.txt"
        self.capture = Capture(platform, {} if is_refused(app) else self._earlier())
        timeout, launcher = app.config.poolcontext_timeout, app.config.poolcontext_launcher
        self.examples: dict[Path, Script] = {}
        for path, name in names.items():
            try:
                self.examples[path] = read_script(
                    path, timeout=timeout, launcher=launcher, name=name
                )
            except SyntaxError:  # sphinx-gallery says so, or was told to expect it
                continue
            except ValueError as error:
                raise ConfigError(str(error)) from None
        try:
            self.companions = {
                script.name: companion
                for script in self.examples.values()
                if (
                    companion := app.emit_firstresult(
                        COMPANION, script, timeout, allowed_exceptions=UNREADABLE
                    )
                )
            }
        except UNREADABLE as error:
            raise ConfigError(str(error)) from None
        companions = (companion.script for companion in self.companions.values())
        self.scripts = {script.name: script for script in (*self.examples.values(), *companions)}
        # Taken before anything is run: what is edited meanwhile is stale next time.
        self.digests = {name: script.digest() for name, script in self.scripts.items()}
        self.ran: set[str] = set()

    def _earlier(self) -> dict[str, Snapshot]:
        """What an earlier build left for this platform."""
        try:
            if self.releases.read_text(encoding="utf-8") != installed(self.interpreter.command):
                return {}
            return storage.load(self.file, trusted=True).examples
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.info("starting anew, since %s", error)
            return {}

    def of_example(self, script: Script) -> list[Script]:
        """A script, and the one that is shown on the same page, if there is one."""
        companion = self.companions.get(script.name)
        return [script, companion.script] if companion else [script]

    def is_current(self, script: Script) -> bool:
        """Whether a snapshot is there of just this script, which ended as it was meant to."""
        found = self.capture.examples.get(script.name)
        return bool(
            found
            and found.script == self.digests[script.name]
            and not self.failure(script)
            and (not self.has_figures(script) or self.kept(script).is_dir())
        )

    def kept(self, script: Script) -> Path:
        """The folder with the pictures that a script has left."""
        return self.pictures / script.name

    def has_figures(self, script: Script) -> bool:
        """Whether its pictures are kept: it says so, or else conf.py does."""
        default: bool = self.config.poolcontext_figures
        return default if script.figures is None else script.figures

    def _environ(self, script: Script) -> Mapping[str, str]:
        if not self.has_figures(script):
            return self.environ
        scales = [
            float(str(one).rstrip("x")) for one in self.config.sphinx_gallery_conf["image_srcset"]
        ]
        path = self.environ.get("PYTHONPATH", "")
        return {**self.environ, **figures.environ(self.kept(script), scales, path)}

    def _keep(self, script: Script, folder: Path) -> None:
        if self.has_figures(script):
            figures.keep(folder if script.figures else None, self.kept(script))
        else:
            shutil.rmtree(self.kept(script), ignore_errors=True)

    def failure(self, script: Script) -> str:
        """Say in a sentence how a script ended if it was not meant to end so."""
        found = self.capture.examples.get(script.name)
        if found is None:
            return "" if self.is_committed(script) else missing_launcher(script)
        if found.ended in ("exit", "signal") and found.status == script.exit_status:
            return ""
        how = found.ending.replace("ended by ", "").replace("ended at ", "")
        if found.ended == "signal" and found.status:
            how += f" ({_signal(-found.status)})"
        if found.ended == "timeout":
            how = f"its limit of {script.timeout:g} s (sphinx_gallery_timeout in the script, or "
            how += "poolcontext_timeout, sets it)"
        return (
            f"{script.path.name} ended with {how}, after {found.seconds:.1f} s, and was meant to "
            f"end with exit status {script.exit_status}."
        )

    def output(self, script: Script) -> str:
        """What a script printed, if it ended otherwise than it was meant to."""
        found = self.capture.examples.get(script.name)
        return f"{script.path.name} printed:\n\n{printable(found.output)}" if found else ""

    def is_committed(self, script: Script) -> bool:
        """Whether somebody has committed what just this script printed, on any platform."""
        return any(
            found.script == self.digests[script.name]
            for capture in self.committed.values()
            if (found := capture.examples.get(script.name))
        )

    def summary(self) -> str:
        """How many ran and how many were current, and on which platform."""
        ran = [one for one in self.scripts.values() if one.name in self.ran]
        current = [one for one in self.scripts.values() if one not in ran and self.is_current(one)]
        return (
            f"The platform captured is {self.capture.platform.title}.\n"
            f"Examples: {len(ran)} ran, {len(current)} were current."
        )

    def run(self, stale: list[Script], stop_at_failure: bool = False) -> None:
        """Run scripts, as many at once as conf.py says, and those alone that want to be alone.

        One whose launcher is not there has no snapshot afterwards.
        """
        earlier = self.capture.examples
        for script in [one for one in stale if missing_launcher(one)]:
            stale.remove(script)
            earlier.pop(script.name, None)
            if self.is_committed(script):
                logger.info("%s: what is committed is shown", missing_launcher(script))
        running = run_scripts(
            stale,
            self.interpreter,
            self.digests,
            jobs=self.config.poolcontext_jobs or None,
            earlier=dict(earlier),
            environ=self._environ,
            after=self._keep,
        )
        try:
            with ending_on_signals(), contextlib.closing(running):
                for script, snapshot in status_iterator(
                    running,
                    "running examples... ",
                    "brown",
                    len(stale),
                    stringify_func=lambda done: done[0].name,
                ):
                    earlier[script.name] = snapshot
                    self.ran.add(script.name)
                    if stop_at_failure and (failure := self.failure(script)):
                        raise ExtensionError(f"{self.output(script)}\n\n{failure}")
        except OSError as error:
            raise ExtensionError(f"an example cannot be run: {error}") from None
        finally:  # after an interrupt too
            self._save()

    def _save(self) -> None:
        """Write the captures, less those of scripts that are not there any more."""
        names = {*self.scripts, *self.others}
        kept = {name: one for name, one in self.capture.examples.items() if name in names}
        for folder in (*self.file.parents[1].glob("*"), *self.pictures.glob("*")):
            if folder != self.file.parent and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        if kept:
            try:
                storage.save(self.capture._replace(examples=kept), self.file, trusted=True)
                self.releases.write_text(installed(self.interpreter.command), encoding="utf-8")
            except OSError as error:  # a full disk is no reason to lose the pages as well
                warn("cache", "what the examples printed cannot be kept: %s", error)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # this platform has none of this number
        return "unknown here"


@functools.cache
def installed(command: tuple[str, ...]) -> str:
    """What is installed for an interpreter: with another release, an output may be another one."""
    if command == (sys.executable,):
        return repr(_installed())
    code = f"{inspect.getsource(_installed)}\nprint(repr(_installed()))"
    done = subprocess.run(
        [*command, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip()


def _installed() -> list[str]:
    from importlib.metadata import distributions

    return sorted({f"{one.metadata['Name']} {one.version}" for one in distributions()})


def is_refused(app: Sphinx) -> bool:
    """Whether all is asked for anew, by `sphinx-build -E` or `-a`: then no snapshot is current."""
    program = Path(sys.argv[0])
    if program.stem == "sphinx-build" or program.parts[-2:] == ("sphinx", "__main__.py"):
        # Of `-a` an application is told too late; and it is fresh in a moved folder as well.
        with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            asked, _ = get_parser().parse_known_args(sys.argv[1:])
            return bool(asked.force_all or asked.freshenv)
    return bool(app.fresh_env_used and Path(app.doctreedir, ENV_PICKLE_FILENAME).exists())
