"""This build's own snapshots: which examples have a current one, and running those that have not.

They are kept beside the doctrees, in a folder named for what ran them: code and variables.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import sys
from collections.abc import Mapping
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
from ..capture.runner import code_digest, run_scripts
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

    def __init__(self, app: Sphinx, sources: list[Path], environ: Mapping[str, str]) -> None:
        """Find out which are current.

        Args:
            app: What builds their pages.
            sources: Their files.
            environ: Variables that they get beside those of a terminal.
        """
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
        self.capture = Capture(platform, {} if is_refused(app) else self._earlier())
        timeout = app.config.poolcontext_timeout
        if not 0 < timeout < float("inf"):
            raise ConfigError(f"poolcontext_timeout takes seconds above zero, not {timeout}")
        try:
            self.examples = {path: read_script(path, timeout=timeout) for path in sources}
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
        _check_names(self.examples)
        companions = (companion.script for companion in self.companions.values())
        self.scripts = {script.name: script for script in (*self.examples.values(), *companions)}
        # Taken before anything is run: what is edited meanwhile is stale next time.
        self.digests = {name: script.digest() for name, script in self.scripts.items()}
        self.ran: set[str] = set()

    def _earlier(self) -> dict[str, Snapshot]:
        """What an earlier build left for this platform."""
        try:
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
            and (not script.figures or self.kept(script).is_dir())
        )

    def kept(self, script: Script) -> Path:
        """The folder with the pictures that a script has left."""
        return self.pictures / script.name

    def _keep(self, script: Script, folder: Path) -> None:
        if script.figures:
            figures.keep(folder, self.kept(script))
        else:
            shutil.rmtree(self.kept(script), ignore_errors=True)

    def failure(self, script: Script) -> str:
        """Say how a script ended if it was not meant to end so, with its output."""
        found = self.capture.examples[script.name]
        if found.ended in ("exit", "signal") and found.status == script.exit_status:
            return ""
        wanted = f"exit status {script.exit_status}"
        how = f"exit status {found.status}" if found.ended == "exit" else found.ended
        return (
            f"{script.path.name} ended with {how} after {found.seconds} s, and was meant to "
            f"end with {wanted}. It printed:\n\n{printable(found.output)}"
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
        """Run scripts, one a core, those that want to be alone one after the other."""
        earlier = self.capture.examples
        running = run_scripts(
            stale,
            self.interpreter,
            self.digests,
            earlier=dict(earlier),
            environ=self.environ,
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
                        raise ExtensionError(failure)
        except OSError as error:
            raise ExtensionError(f"an example cannot be run: {error}") from None
        finally:  # after an interrupt too
            self._save()

    def _save(self) -> None:
        """Write the captures, less those of scripts that are not there any more."""
        kept = {name: one for name, one in self.capture.examples.items() if name in self.scripts}
        for folder in (*self.file.parents[1].glob("*"), *self.pictures.glob("*")):
            if folder != self.file.parent and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        if kept:
            try:
                storage.save(self.capture._replace(examples=kept), self.file, trusted=True)
            except OSError as error:  # a full disk is no reason to lose the pages as well
                warn("cache", "what the examples printed cannot be kept: %s", error)


def _check_names(scripts: dict[Path, Script]) -> None:
    """Refuse two of one name, as that is what captures are kept by."""
    known: dict[str, Path] = {}
    for path, script in scripts.items():
        if known.setdefault(script.name, path) != path:
            raise ConfigError(f"{path} and {known[script.name]} have one name: rename one of them")


def is_refused(app: Sphinx) -> bool:
    """Whether all is asked for anew, by `sphinx-build -E` or `-a`: then no snapshot is current."""
    program = Path(sys.argv[0])
    if program.stem == "sphinx-build" or program.parts[-2:] == ("sphinx", "__main__.py"):
        # Of `-a` an application is told too late; and it is fresh in a moved folder as well.
        with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            asked, _ = get_parser().parse_known_args(sys.argv[1:])
            return bool(asked.force_all or asked.freshenv)
    return bool(app.fresh_env_used and Path(app.doctreedir, ENV_PICKLE_FILENAME).exists())
