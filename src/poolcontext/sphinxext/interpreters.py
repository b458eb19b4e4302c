"""Whose output a build shows: a command that runs scripts, and what it says of itself."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from .. import platforms
from ..running import resolve_command


def chosen(app: Sphinx) -> list[str]:
    """The command of the setting `poolcontext_python`, else the interpreter that builds."""
    setting = app.config.poolcontext_python
    if not setting:
        return [sys.executable]
    try:
        return resolve_command(shlex.split(setting))
    except (IndexError, ValueError) as error:
        raise unusable(setting, error) from None


def ask(python: list[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Have an interpreter say which platform it is, and which places are its own."""
    if python == [sys.executable]:
        return platforms.describe(), platforms.places()
    command = [*python, str(Path(platforms.__file__))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        answer = json.loads(done.stdout)
        platform, places = answer["platform"], answer["places"]
        if (
            platform.keys() != platforms.describe().keys()
            or places.keys() != platforms.places().keys()
        ):
            raise ValueError("it does not say which platform it is")
        return platform, places
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().rpartition("\n")[2] or str(error)
        raise unusable(shlex.join(python), reason) from None
    except (
        OSError,
        subprocess.TimeoutExpired,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise unusable(shlex.join(python), error) from None


def unusable(setting: str, reason: object) -> ConfigError:
    """The error that says why a command cannot be used, in one line."""
    return ConfigError(f"poolcontext_python {setting!r} is no usable Python: {reason}")
