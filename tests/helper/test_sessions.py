"""The sessions that the site and the README show are what their commands print."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
import sessions

SECTION = "- poolcontext -"


def normalized(text: str) -> str:
    """A session less what differs from run to run, and from version to version."""
    text = re.sub(r"CPython 3\.\d+\.\d+\S* on .+?\)", "CPython", text)
    text = re.sub(r"\b\d+\.\d\d(?!\d)", "N", text)
    if SECTION in text:  # before it there is a traceback, with lines of Python itself
        command, _, _ = text.partition("\n")
        text = f"{command}\n{text.partition(SECTION)[2]}"
    return text


@pytest.mark.skipif(
    sys.platform != "linux"
    or sys.implementation.name != "cpython"
    or not (3, 9) <= sys.version_info < (3, 14),
    reason="they are of a CPython on Linux that takes fork by default",
)
@pytest.mark.parametrize("name", sessions.SESSIONS)
def test_session(name: str) -> None:
    """A session that is committed is what its command prints here, but for times and versions."""
    if not shutil.which("poolcontext", path=str(Path(sys.executable).parent)):
        pytest.skip("the package is not installed beside this interpreter")
    committed = (sessions.FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert normalized(sessions.session(sessions.SESSIONS[name])) == normalized(committed)


def test_readme() -> None:
    """The README shows one of them, as it is."""
    text = (sessions.ROOT / "README.md").read_text(encoding="utf-8")
    committed = (sessions.FOLDER / f"{sessions.IN_README}.txt").read_text(encoding="utf-8")
    assert sessions.in_readme(text) == committed
