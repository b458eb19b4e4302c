"""How an interpreter describes itself, on this platform and on simulated ones."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from poolcontext import platforms

KEYS = ("implementation", "version", "python", "flags", "system", "machine", "libc", "id", "title")

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no database of users")


def version(*parts: Any) -> SimpleNamespace:
    """A version as `sys.version_info` has it."""
    return SimpleNamespace(
        **dict(zip(("major", "minor", "micro", "releaselevel", "serial"), parts))
    )


class Simulated:
    """Makes `describe` see another platform: at first, CPython 3.14.0 on Linux with glibc."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.sys = SimpleNamespace(
            implementation=SimpleNamespace(name="cpython", version=version(3, 14, 0, "final", 0)),
            version_info=version(3, 14, 0, "final", 0),
            platform="linux",
        )
        monkeypatch.setattr(platforms, "sys", self.sys)
        self.answers("Linux", "x86_64", "glibc")
        self.build({})

    def answers(self, system: str, machine: str, libc: str) -> None:
        self.monkeypatch.setattr(platform, "system", lambda: system)
        self.monkeypatch.setattr(platform, "machine", lambda: machine)
        self.monkeypatch.setattr(platform, "libc_ver", lambda: (libc, "2.41" if libc else ""))

    def build(self, settings: dict[str, int]) -> None:
        self.monkeypatch.setattr("sysconfig.get_config_var", settings.get)


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> Simulated:
    """A platform that the test shapes."""
    return Simulated(monkeypatch)


class TestDescribe:
    """What describe() says."""

    def test_this_platform(self) -> None:
        """It agrees with what sys and platform say of the running interpreter."""
        found = platforms.describe()
        assert tuple(found) == KEYS
        assert found["implementation"] == sys.implementation.name
        own = sys.implementation.version
        assert found["version"].startswith(f"{own.major}.{own.minor}.{own.micro}")
        assert platform.python_version().rstrip("+") == found["python"]
        assert found["system"] == platform.system().lower()
        assert found["machine"] == platform.machine().lower()
        assert bool(found["libc"]) == sys.platform.startswith("linux")
        assert ("debug" in found["flags"]) == hasattr(sys, "gettotalrefcount")
        assert platform.python_implementation() in found["title"]
        assert found["version"] in found["title"]

    def test_id_is_a_file_name(self) -> None:
        """The id is safe as a file's name everywhere: no separator, no space, no capital."""
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]+", platforms.describe()["id"])

    def test_simulated(self, simulated: Simulated) -> None:
        """On the simulated platform that the others depart from, this is what it says."""
        found = platforms.describe()
        assert found == {
            "implementation": "cpython",
            "version": "3.14.0",
            "python": "3.14.0",
            "flags": "",
            "system": "linux",
            "machine": "x86_64",
            "libc": "glibc",
            "id": "cpython-3.14.0-linux-x86_64-glibc",
            "title": "CPython 3.14.0 on Linux x86_64 (glibc)",
        }

    def test_free_threading_and_debug(self, simulated: Simulated) -> None:
        """A build's departures are flags, in the id and in the title."""
        simulated.build({"Py_GIL_DISABLED": 1})
        assert platforms.describe()["flags"] == "free-threading"
        simulated.sys.gettotalrefcount = int
        found = platforms.describe()
        assert found["flags"] == "free-threading debug"
        assert found["id"] == "cpython-3.14.0-free-threading-debug-linux-x86_64-glibc"
        assert found["title"] == "CPython 3.14.0, free-threading, debug on Linux x86_64 (glibc)"
        simulated.build({"Py_GIL_DISABLED": 0})
        assert platforms.describe()["flags"] == "debug"

    @pytest.mark.parametrize(
        ("level", "text"), [("alpha", "3.15.0a7"), ("beta", "3.15.0b7"), ("candidate", "3.15.0rc7")]
    )
    def test_prerelease(self, simulated: Simulated, level: str, text: str) -> None:
        """A version that is not final says so, as Python writes it."""
        simulated.sys.version_info = version(3, 15, 0, level, 7)
        simulated.sys.implementation.version = simulated.sys.version_info
        found = platforms.describe()
        assert found["version"] == found["python"] == text
        assert found["id"] == f"cpython-{text}-linux-x86_64-glibc"

    def test_pypy(self, simulated: Simulated) -> None:
        """PyPy's releases come for several versions of the language: both are named."""
        simulated.sys.implementation.name = "pypy"
        simulated.sys.implementation.version = version(7, 3, 20, "final", 0)
        simulated.sys.version_info = version(3, 11, 13, "final", 0)
        found = platforms.describe()
        assert (found["version"], found["python"]) == ("7.3.20", "3.11.13")
        assert found["id"] == "pypy-7.3.20-python3.11.13-linux-x86_64-glibc"
        assert found["title"] == "PyPy 7.3.20 (Python 3.11.13) on Linux x86_64 (glibc)"

    def test_musl(self, simulated: Simulated) -> None:
        """A Linux whose C library has no name known to platform has musl."""
        simulated.answers("Linux", "aarch64", "")
        found = platforms.describe()
        assert found["libc"] == "musl"
        assert found["id"] == "cpython-3.14.0-linux-aarch64-musl"
        assert found["title"] == "CPython 3.14.0 on Linux aarch64 (musl)"

    @pytest.mark.parametrize(
        ("system", "machine", "name", "identity", "title"),
        [
            ("Darwin", "arm64", "darwin", "darwin-arm64", "macOS arm64"),
            ("Windows", "AMD64", "win32", "windows-amd64", "Windows amd64"),
            ("", "wasm32", "emscripten", "emscripten-wasm32", "Emscripten wasm32"),
            ("Old System", "Power Mac", "old", "old-system-power-mac", "Old system power mac"),
        ],
        ids=["macos", "windows", "unnamed", "spaces"],
    )
    def test_other_systems(
        self,
        simulated: Simulated,
        system: str,
        machine: str,
        name: str,
        identity: str,
        title: str,
    ) -> None:
        """Elsewhere there is no choice of C libraries; names are in lower case, without spaces."""
        simulated.sys.platform = name
        simulated.answers(system, machine, "")
        found = platforms.describe()
        assert found["libc"] == ""
        assert found["id"] == "cpython-3.14.0-" + identity
        assert found["title"] == "CPython 3.14.0 on " + title

    def test_other_implementation(self, simulated: Simulated) -> None:
        """An implementation that nobody has told it of is written with a capital."""
        simulated.sys.implementation.name = "graalpy"
        assert platforms.describe()["title"].startswith("Graalpy 3.14.0 on ")


class TestPlaces:
    """What places() names."""

    def test_this_machine(self) -> None:
        """It names this interpreter's prefixes, home and host; nothing empty, nothing twice."""
        found = platforms.places()
        assert tuple(found) == ("python", "temp", "home", "user", "host")
        for path in (sys.prefix, sys.base_prefix, os.path.dirname(sys.executable)):
            assert path in found["python"]
            assert os.path.realpath(path) in found["python"]
        assert os.path.expanduser("~") in found["home"]
        assert set(filter(None, [platform.node()])) <= set(found["host"])
        for texts in found.values():
            assert texts == sorted(set(texts))
            assert all(texts)

    @posix
    def test_home_and_temp(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Home and temporary folder are those of the environment, and what they link to."""
        (tmp_path / "real").mkdir()
        (tmp_path / "ann").symlink_to(tmp_path / "real")
        monkeypatch.setenv("HOME", str(tmp_path / "ann"))
        monkeypatch.setenv("LOGNAME", "somebody")
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "ann"))
        found = platforms.places()
        both = [str(tmp_path / "ann"), os.path.realpath(tmp_path / "real")]
        assert found["home"] == found["temp"] == sorted(both)
        assert found["user"] == ["ann", "somebody"]

    def test_host_with_a_domain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A host is named with its domain and without."""
        monkeypatch.setattr("socket.gethostname", lambda: "box.example.org")
        monkeypatch.setattr(platform, "node", lambda: "")
        assert platforms.places()["host"] == ["box", "box.example.org"]

    @posix
    def test_root_for_a_home(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A home that is the root makes no empty name of a user."""
        monkeypatch.setenv("HOME", "/")
        monkeypatch.setenv("LOGNAME", "somebody")
        assert platforms.places()["user"] == ["somebody"]

    @posix
    def test_home_with_a_tilde(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A home whose name holds a tilde, as short names do on Windows, is named as it is."""
        monkeypatch.setenv("HOME", "/home/RUNNER~1")
        monkeypatch.setenv("LOGNAME", "somebody")
        found = platforms.places()
        assert "/home/RUNNER~1" in found["home"]
        assert found["user"] == ["RUNNER~1", "somebody"]

    @posix
    def test_user_that_nobody_knows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a container, a number without an entry has no home and no name to hide."""

        def unknown(number: int) -> None:
            raise KeyError(f"getpwuid(): uid not found: {number}")

        monkeypatch.setattr("pwd.getpwuid", unknown)
        for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
            monkeypatch.delenv(name, raising=False)
        found = platforms.places()
        assert found["home"] == []
        assert found["user"] == []


def test_runs_alone(tmp_path: Path) -> None:
    """As a single file in an empty folder it prints the same as JSON."""
    shutil.copy(platforms.__file__, tmp_path / "platforms.py")
    command = [sys.executable, "platforms.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    expected = {"platform": platforms.describe(), "places": platforms.places()}
    assert json.loads(done.stdout) == expected
    assert not done.stderr
