"""The examples of one build: which are current, and running those that are not."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import FrameType

from sphinx.application import Sphinx
from sphinx.errors import ConfigError, ExtensionError
from sphinx.util import logging
from sphinx.util.display import status_iterator

from .. import captures
from ..captures import Capture, Captures
from ..redaction import printable
from ..running import run_script
from ..scripts import Script, read_script
from . import interpreters

logger = logging.getLogger(__name__)

WITH_HELPER = "_with_helper"
"""Ends the names of scripts that do with the helper what an example does without."""


class Examples:
    """The scripts that a build shows, and what each of them left."""

    def __init__(self, app: Sphinx, sources: list[Path]) -> None:
        self.python = interpreters.chosen(app)
        platform, self.places = interpreters.ask(self.python)
        self.file = Path(app.srcdir, "_build", "captures", platform["id"] + ".json")
        self.captures = Captures(platform, captures.runner(), self._earlier())
        helpers = Path(app.srcdir, "with_helper")
        library = Path(captures.__file__).parents[1]
        try:
            self.scripts = {path: read_script(path) for path in sources}
            self.helpers = {
                script.name: read_script(helper, (library,))
                for script in self.scripts.values()
                if (helper := helpers / f"{script.name}{WITH_HELPER}.py").exists()
            }
        except (SyntaxError, ValueError) as error:
            raise ConfigError(str(error)) from None
        shown = {script.path for script in self.helpers.values()}
        for helper in sorted(set(helpers.glob(f"*{WITH_HELPER}.py")) - shown):
            logger.warning("%s belongs to no example", helper)
        # Taken before anything is run: what is edited meanwhile is stale next time.
        self.digests = {script.name: script.digest() for script in self.all_scripts()}
        self.ran: set[str] = set()

    def _earlier(self) -> dict[str, Capture]:
        """What an earlier build left for this platform, if the same code ran it."""
        try:
            earlier = captures.load(self.file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.info("starting anew, since %s", error)
            return {}
        return earlier.examples if earlier.runner == captures.runner() else {}

    def is_current(self, script: Script) -> bool:
        """Whether a capture is there of just this script, which ended as it was meant to."""
        found = self.captures.examples.get(script.name)
        return bool(
            found and found.source == self.digests[script.name] and not self.failure(script)
        )

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
        lines = [f"The platform captured is {self.captures.platform['title']}."]
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
        affinity = getattr(os, "sched_getaffinity", None)
        cores = len(affinity(0)) if affinity else os.cpu_count() or 1
        with _ending_on_signals():
            for alone in (True, False):
                group = [script for script in stale if script.alone == alone]
                if group:
                    self._run_group(group, 1 if alone else cores, stop_at_failure)

    def _run_group(self, group: list[Script], workers: int, stop_at_failure: bool) -> None:
        stop = threading.Event()
        with ThreadPoolExecutor(workers) as threads:
            try:
                waiting = {threads.submit(self._run, script, stop): script for script in group}
                progress = status_iterator(
                    as_completed(waiting),
                    "running examples... ",
                    "brown",
                    len(waiting),
                    stringify_func=lambda future: waiting[future].name,
                )
                for future in progress:
                    script = waiting[future]
                    self.captures.examples[script.name] = future.result()
                    self.ran.add(script.name)
                    if stop_at_failure and (failure := self.failure(script)):
                        raise ExtensionError(failure)
            finally:  # after an interrupt too: what runs is ended, what waits is not begun
                stop.set()
                threads.shutdown(cancel_futures=True)
                self._save()

    def _save(self) -> None:
        """Write the captures, less those of scripts that are not there any more."""
        known = {script.name for script in self.all_scripts()}
        kept = {name: one for name, one in self.captures.examples.items() if name in known}
        captures.save(self.captures._replace(examples=kept), self.file)

    def _run(self, script: Script, stop: threading.Event) -> Capture:
        environ = {"PYTHONPATH": os.pathsep.join(map(str, script.libraries))}
        try:
            run = run_script(
                script.path,
                self.python,
                timeout=script.timeout,
                environ=environ if script.libraries else None,
                stop=stop,
            )
        except OSError as error:
            raise interpreters.unusable(shlex.join(self.python), error) from None
        return captures.capture(
            script, self.digests[script.name], run, captures.known_places(script, self.places)
        )


@contextlib.contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Turn a request to terminate into an exception, so that no example outlives the build."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), leave) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
