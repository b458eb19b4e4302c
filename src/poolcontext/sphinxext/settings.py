"""The settings of the extension in a conf.py: each with its default, and what it takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from sphinx.config import Config
from sphinx.errors import ConfigError

NONE_RUN = (
    "%d examples are to run as processes, and sphinx-gallery runs none of them: "
    "sphinx_gallery_conf['filename_pattern'] says which it runs"
)


UNUSED_RESETS = (
    "functions of sphinx_gallery_conf['reset_modules'] are not called for examples that run as "
    "processes, which set by themselves what they need: %s"
)


class Setting(NamedTuple):
    """A setting."""

    default: Any
    wanted: str
    """What it takes, in words."""

    fits: Callable[[Any], bool]
    rebuild: Literal["", "env"] = ""
    """What a change of it has Sphinx do."""

    @property
    def types(self) -> tuple[type, ...]:
        """For Sphinx, which makes a value of the default's type of what `-D` says."""
        return (int, float) if type(self.default) is int else (type(self.default),)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (TypeError, re.error):
        return False
    return isinstance(value, str)


def _is_command(value: Any) -> bool:
    try:
        return isinstance(value, str) and (not value or bool(shlex.split(value)))
    except ValueError:  # a quote is not closed
        return False


_TRUTH = ("True or False", lambda value: value in (True, False))
_TEXT = ("a string", lambda value: isinstance(value, str))

SETTINGS = {
    # Which examples run as processes of their own, beside those that say so.
    "poolcontext_process_pattern": Setting("", "a regular expression, as a string", _is_pattern),
    # A command that runs a script as `python` does: so a build shows another interpreter's output.
    "poolcontext_python": Setting("", *_TEXT),
    # A command that starts the interpreter.
    "poolcontext_launcher": Setting("", "a command, as a string", _is_command),
    # The seconds that each script has. A whole number, or Sphinx would not take one from `-D`.
    "poolcontext_timeout": Setting(
        60,
        "seconds above zero",
        lambda value: type(value) in (int, float) and 0 < value < float("inf"),
    ),
    # How many run at once; 0 is one a core.
    "poolcontext_jobs": Setting(
        1, "a whole number, 0 for one a core", lambda value: type(value) is int and value >= 0
    ),
    # Whether Matplotlib's figures are shown.
    "poolcontext_figures": Setting(True, *_TRUTH),
    # Whether captions have the seconds and the day.
    "poolcontext_times": Setting(True, *_TRUTH, "env"),
    # The folder of the committed captures of other platforms, seen from the source folder.
    "poolcontext_captures": Setting("", *_TEXT, "env"),
    # Whether scripts get Python's variables, and the folders that conf.py adds to `sys.path`.
    "poolcontext_inherit": Setting(True, *_TRUTH),
    # How committed captures of older scripts are renewed, for the build's last words.
    "poolcontext_renewal": Setting(
        "To renew one platform's, put a build's own in its place: {file}", *_TEXT
    ),
}


def check(config: Config) -> None:
    """Refuse a value that is of no use.

    Raises:
        ConfigError: There is one.
    """
    for name, setting in SETTINGS.items():
        value = config[name]
        if not setting.fits(value):
            raise ConfigError(f"{name} takes {setting.wanted}, not {value!r}")
