"""The examples of one build: which are current, and running those that are not."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ConfigError, ExtensionError
from sphinx.util import logging
from sphinx.util.display import status_iterator

from .. import files
from ..captures import Capture, Captures, runner
from ..gathering import gather
from ..interpreters import InterpreterError, ask, own
from ..redaction import printable
from ..running import ending_on_signals
from ..scripts import HELPER, WITH_HELPER, Script, read_script
from . import cache, figures
from .warning import warn

logger = logging.getLogger(__name__)


class Examples:
    """The scripts that a build shows, and what each of them left."""

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
        # With the doctrees, so that whoever removes one removes both; and in a folder named for
        # what ran them, code and variables: those of others are of no use.
        what = repr((runner(), sorted(environ.items())))
        name = hashlib.sha256(what.encode("utf-8", "backslashreplace")).hexdigest()
        folder = Path(app.doctreedir, "poolcontext", name[:12])
        self.environ = environ
        self.file = folder / f"{platform.id}.json"
        self.pictures = folder / platform.id
        self.captures = Captures(platform, {} if cache.is_refused(app) else self._earlier())
        timeout = app.config.poolcontext_timeout
        if not 0 < timeout < float("inf"):
            raise ConfigError(f"poolcontext_timeout takes seconds above zero, not {timeout}")
        helpers = _helpers(app)
        try:
            self.scripts = {path: read_script(path, timeout=timeout) for path in sources}
            self.helpers = {
                script.name: read_script(helpers[script.name], HELPER, timeout)
                for script in self.scripts.values()
                if script.name in helpers
            }
        except (SyntaxError, ValueError) as error:
            raise ConfigError(str(error)) from None
        _check_names(self.scripts)
        for name in sorted(helpers.keys() - self.helpers.keys()):
            warn("script", "%s belongs to no example", helpers[name])
        # Taken before anything is run: what is edited meanwhile is stale next time.
        self.digests = {script.name: script.digest() for script in self.all_scripts()}
        self.ran: set[str] = set()

    def _earlier(self) -> dict[str, Capture]:
        """What an earlier build left for this platform."""
        try:
            return files.load(self.file, trusted=True).examples
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.info("starting anew, since %s", error)
            return {}

    def is_current(self, script: Script) -> bool:
        """Whether a capture is there of just this script, which ended as it was meant to."""
        found = self.captures.examples.get(script.name)
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
        found = self.captures.examples[script.name]
        if found.ended in ("exit", "signal") and found.status == script.exit_status:
            return ""
        wanted = f"exit status {script.exit_status}"
        how = f"exit status {found.status}" if found.ended == "exit" else found.ended
        return (
            f"{script.path.name} ended with {how} after {found.seconds} s, and was meant to "
            f"end with {wanted}. It printed:\n\n{printable(found.output)}"
        )

    def all_scripts(self) -> list[Script]:
        return [*self.scripts.values(), *self.helpers.values()]

    def summary(self) -> str:
        """How many ran and how many were current, and on which platform."""
        lines = [f"The platform captured is {self.captures.platform.title}."]
        for title, versions in (("Examples", self.scripts), ("With the helper", self.helpers)):
            ran = sum(script.name in self.ran for script in versions.values())
            current = sum(
                script.name not in self.ran and self.is_current(script)
                for script in versions.values()
            )
            lines.append(f"{title}: {ran} ran, {current} were current.")
        return "\n".join(lines)

    def run(self, stale: list[Script], stop_at_failure: bool = False) -> None:
        """Run scripts, one a core, those that want to be alone one after the other."""
        earlier = self.captures.examples
        gathering = gather(
            stale,
            self.interpreter,
            self.digests,
            earlier=dict(earlier),
            environ=self.environ,
            after=self._keep,
        )
        try:
            with ending_on_signals(), contextlib.closing(gathering):
                for script, capture in status_iterator(
                    gathering,
                    "running examples... ",
                    "brown",
                    len(stale),
                    stringify_func=lambda done: done[0].name,
                ):
                    earlier[script.name] = capture
                    self.ran.add(script.name)
                    if stop_at_failure and (failure := self.failure(script)):
                        raise ExtensionError(failure)
        except OSError as error:
            raise ExtensionError(f"an example cannot be run: {error}") from None
        finally:  # after an interrupt too
            self._save()

    def _save(self) -> None:
        """Write the captures, less those of scripts that are not there any more."""
        known = {script.name for script in self.all_scripts()}
        kept = {name: one for name, one in self.captures.examples.items() if name in known}
        for folder in (*self.file.parents[1].glob("*"), *self.pictures.glob("*")):
            if folder != self.file.parent and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        if kept:
            try:
                files.save(self.captures._replace(examples=kept), self.file, trusted=True)
            except OSError as error:  # a full disk is no reason to lose the pages as well
                warn("cache", "what the examples printed cannot be kept: %s", error)


def _helpers(app: Sphinx) -> dict[str, Path]:
    """The scripts that do with the helper what an example does without, by that one's name."""
    folder = app.config.poolcontext_with_helper
    found = Path(app.srcdir, folder).glob(f"*{WITH_HELPER}.py") if folder else []
    return {path.stem.removesuffix(WITH_HELPER): path for path in found}


def _check_names(scripts: dict[Path, Script]) -> None:
    """Refuse two of one name, as that is what captures are kept by."""
    known: dict[str, Path] = {}
    for path, script in scripts.items():
        if known.setdefault(script.name, path) != path:
            raise ConfigError(f"{path} and {known[script.name]} have one name: rename one of them")
