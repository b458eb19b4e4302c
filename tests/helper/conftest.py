"""What the tests of the helper share."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture(scope="module")
def published() -> Iterator[None]:
    """Errors end with a page's address, as they do where the package was installed with one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("poolcontext.errors._site", lambda: "https://x.example/")
        yield


@pytest.fixture(scope="session")
def fresh() -> Callable[[str], None]:
    """Run code in a process in which nothing has touched multiprocessing yet."""

    def run(code: str) -> None:
        command = [sys.executable, "-c", textwrap.dedent(code)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr

    return run
