"""What stands around the project: its version, its forms, and the renewing of its locks."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from poolcontext.arguments import parser

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements.txt", "tests/requirements.txt", "one/more/requirements.txt"]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
TEXTS = [ROOT / "SECURITY.md", ROOT / ".github" / "pull_request_template.md", *FORMS]


def named(file: str, pattern: str) -> str:
    match = re.search(pattern, (ROOT / file).read_text(encoding="utf-8"), re.M)
    assert match, file
    return match[1]


def test_one_version() -> None:
    """Whoever cites the project and whoever installs it have the same version."""
    assert named("CITATION.cff", r"^version: (.+)$") == named(
        "pyproject.toml", r'^version = "(.+)"$'
    )


def test_version_is_that_of_the_changelog() -> None:
    """The latest release that CHANGELOG.md has, where it has one, is this version."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[?(\d[^\]\s]*)", text, re.M)
    assert released[:1] in ([], [named("pyproject.toml", r'^version = "(.+)"$')])


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.stem)
def test_commands_are_there(file: Path) -> None:
    """Each `python src/poolcontext …` that a form or SECURITY.md asks for is a command."""
    commands = re.findall(r"`python src/poolcontext ([^`]+)`", file.read_text(encoding="utf-8"))
    assert commands or file.stem in ("config", "new-symptom")
    for words in commands:
        parser().parse_args(shlex.split(words))


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.stem)
def test_files_are_there(file: Path) -> None:
    """Each file that a form or SECURITY.md names is in the repository."""
    text = file.read_text(encoding="utf-8")
    for name in re.findall(r"[\w./-]*\w\.(?:md|py)\b", re.sub(r"https?://\S+", "", text)):
        assert name == "NAME.py" or (ROOT / name).is_file(), name


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_forms_warn(file: Path) -> None:
    """A form that wants text asks first to look for names in it."""
    text = file.read_text(encoding="utf-8")
    if "type: textarea" in text:
        assert re.search("hold names|Names of people", text)
        assert text.index("type: markdown") < text.index("type: textarea")


@pytest.mark.parametrize("file", [*TEXTS, ROOT / "CITATION.cff"], ids=lambda file: file.stem)
def test_no_address_is_invented(file: Path) -> None:
    """No mail address, and no repository, since the project knows neither."""
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"[\w.]+@[\w.]+\w|//github\.com/\S*", text) == []


MAKE = """#!/bin/sh
echo "make $*" >>"$CALLS"
case $1 in
lock) for lock in $NEWER; do echo newer >>"$lock"; done ;;
esac
[ "$FAILS" != "make $1" ]
"""
RUN = """#!/bin/sh
echo .ci/run >>"$CALLS"
if [ "$FAILS" = slow ]; then sleep 100; fi
[ "$FAILS" != .ci/run ]
"""


class Checkout:
    """A folder with locks, `.ci/renew`, and stand-ins for `make` and `.ci/run`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.calls_file = folder / "calls"
        for name, text in {
            "checkout/.ci/renew": (ROOT / ".ci" / "renew").read_text(encoding="utf-8"),
            "checkout/.ci/run": RUN,
            "bin/make": MAKE,
            **{f"checkout/{lock}": f"old {lock}, with no end of line" for lock in LOCKS},
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o755)
        for words in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *words], cwd=self.root, check=True)
        self.path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.before = self.locks()

    def locks(self) -> list[bytes]:
        return [(self.root / lock).read_bytes() for lock in LOCKS]

    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []

    def start(self, fails: str = "", newer: str = " ".join(LOCKS)) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.root / ".ci" / "renew")],
            env={
                **os.environ,
                "PATH": self.path,
                "CALLS": str(self.calls_file),
                "FAILS": fails,
                "NEWER": newer,
                "TMPDIR": str(self.root.parent),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if os.name == "nt" or not (shutil.which("bash") and shutil.which("git")):
        pytest.skip("it is a script for bash, and wants git")
    return Checkout(tmp_path)


def test_good_locks_stay(checkout: Checkout) -> None:
    """New locks with which all checks pass are left for a commit."""
    renew = checkout.start()
    said = renew.communicate(timeout=60)[0]
    assert renew.returncode == 0, said
    assert all(lock.endswith(b"newer\n") for lock in checkout.locks())
    assert [call.split(" PYTEST")[0] for call in checkout.calls()] == [
        "make lock",
        ".ci/run",
        "make test-all",
    ]


@pytest.mark.parametrize("fails", ["make lock", ".ci/run", "make test-all"])
def test_bad_locks_go(checkout: Checkout, fails: str) -> None:
    """Where anything fails, the old locks are back byte for byte, and it says what failed."""
    renew = checkout.start(fails)
    said = renew.communicate(timeout=60)[0]
    assert renew.returncode == 1
    assert f"since this failed: {fails}" in said
    assert checkout.locks() == checkout.before
    # Newer than what was installed meanwhile, so that `make` installs them again.
    last = checkout.calls_file.stat().st_mtime_ns
    assert all((checkout.root / lock).stat().st_mtime_ns >= last for lock in LOCKS)
    assert sorted(path.name for path in checkout.root.parent.iterdir()) == [
        "bin",
        "calls",
        "checkout",
    ]


def test_an_interrupt_puts_the_locks_back(checkout: Checkout) -> None:
    """Locks that nobody has checked to the end do not stay."""
    renew = checkout.start("slow")
    while ".ci/run" not in checkout.calls():
        time.sleep(0.05)
    assert checkout.locks() != checkout.before
    os.killpg(renew.pid, signal.SIGTERM)
    said = renew.communicate(timeout=60)[0]
    assert renew.returncode != 0
    assert "since this failed: .ci/run" in said
    assert checkout.locks() == checkout.before


def test_nothing_newer(checkout: Checkout) -> None:
    """Where the locks come out as they were, nothing is checked."""
    renew = checkout.start(newer="")
    assert "nothing newer" in renew.communicate(timeout=60)[0]
    assert renew.returncode == 0
    assert checkout.calls() == ["make lock"]


@pytest.mark.parametrize("lock", LOCKS)
def test_one_newer_is_enough(checkout: Checkout, lock: str) -> None:
    """Whichever of the locks has changed, the checks decide on it."""
    renew = checkout.start(".ci/run", newer=lock)
    renew.communicate(timeout=60)
    assert ".ci/run" in checkout.calls()
    assert checkout.locks() == checkout.before
