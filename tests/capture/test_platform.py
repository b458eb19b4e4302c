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
from processes import posix

from poolcontext.capture.platform import Platform, describe, places, wine_version

MODULE = "poolcontext.capture.platform"
LINUX = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
PYPY = LINUX._replace(implementation="pypy", version="7.3.20", python="3.11.13")


def simulate(monkeypatch: pytest.MonkeyPatch, **change: Any) -> None:
    """Have `describe` see another platform: CPython 3.14.0 on Linux with glibc, but for changes."""
    seen: dict[str, Any] = {
        "implementation": "cpython",
        "version": (3, 14, 0, "final", 0),
        "python": (3, 14, 0, "final", 0),
        "platform": "linux",
        "system": "Linux",
        "machine": "x86_64",
        "libc": "glibc",
        "build": {},
        "sys": {},
        "wine": b"",
        **change,
    }

    def version(parts: tuple[object, ...]) -> SimpleNamespace:
        return SimpleNamespace(
            **dict(zip(("major", "minor", "micro", "releaselevel", "serial"), parts))
        )

    def libc_ver() -> tuple[str, str]:
        if isinstance(seen["libc"], OSError):
            raise seen["libc"]
        return seen["libc"], ""

    own = SimpleNamespace(name=seen["implementation"], version=version(seen["version"]))
    simulated = SimpleNamespace(
        implementation=own,
        version_info=version(seen["python"]),
        platform=seen["platform"],
        **seen["sys"],
    )
    monkeypatch.setattr(f"{MODULE}.sys", simulated)
    ntdll = SimpleNamespace()
    if seen["wine"]:
        ntdll.wine_get_version = lambda: seen["wine"]
    if seen["platform"] == "win32":
        ctypes = pytest.importorskip("ctypes")  # which not every Python elsewhere has
        monkeypatch.setattr(ctypes, "WinDLL", {"ntdll": ntdll}.__getitem__, raising=False)
    monkeypatch.setattr("platform.system", lambda: seen["system"])
    monkeypatch.setattr("platform.machine", lambda: seen["machine"])
    monkeypatch.setattr("platform.libc_ver", libc_ver)
    monkeypatch.setattr("sysconfig.get_config_var", seen["build"].get)


GIL, UCLIBC = {"Py_GIL_DISABLED": 1}, {"HOST_GNU_TYPE": "mips-buildroot-linux-uclibc"}
DEBUG, ANDROID = {"gettotalrefcount": int}, {"getandroidapilevel": int}
NO_EXECUTABLE = OSError("there is no executable")


def system(name: str, system: str, machine: str) -> dict[str, Any]:
    """What is other on a system without a choice of C libraries."""
    return {"platform": name, "system": system, "machine": machine, "libc": ""}


WINE = {**system("win32", "Windows", "AMD64"), "wine": b"8.0-RC1 (x"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, {}),
        ({"build": GIL}, {"flags": "free-threading"}),
        ({"build": GIL, "sys": DEBUG}, {"flags": "free-threading debug"}),
        ({"build": {"Py_GIL_DISABLED": 0}, "sys": DEBUG}, {"flags": "debug"}),
        ({"python": (3, 15, 0, "alpha", 7)}, {"python": "3.15.0a7"}),
        ({"python": (3, 15, 0, "beta", 7)}, {"python": "3.15.0b7"}),
        ({"python": (3, 15, 0, "candidate", 7)}, {"python": "3.15.0rc7"}),
        ({"version": (7, 3, 20, "final", 0)}, {"version": "7.3.20"}),
        ({"implementation": "pypy"}, {"implementation": "pypy"}),
        ({"implementation": "My-Python 2"}, {"implementation": "my_python_2"}),
        # Of musl it says "libc" or nothing before 3.14.
        ({"libc": ""}, {"libc": "musl"}),
        ({"libc": "libc"}, {"libc": "musl"}),
        ({"libc": "musl"}, {"libc": "musl"}),
        ({"libc": NO_EXECUTABLE}, {"libc": "musl"}),
        ({"libc": "LibC 5/a"}, {"libc": "libc_5_a"}),
        ({"libc": "", "build": UCLIBC}, {"libc": "uclibc"}),
        ({"libc": "libc", "build": UCLIBC, "sys": ANDROID}, {"libc": "bionic"}),
        (system("darwin", "Darwin", "arm64"), {"system": "darwin", "machine": "arm64", "libc": ""}),
        (system("win32", "Windows", "X"), {"system": "windows", "machine": "x", "libc": ""}),
        (WINE, {"system": "wine", "release": "8.0_rc1_x", "machine": "amd64", "libc": ""}),
        (system("android", "Android", "X"), {"system": "android", "machine": "x", "libc": ""}),
        (system("emscripten", "", "X"), {"system": "emscripten", "machine": "x", "libc": ""}),
        (system("x", "../x<b>", ""), {"system": "x_b", "machine": "unknown", "libc": ""}),
        (system("x", "日本", "-a\u202e\n."), {"system": "unknown", "machine": "a", "libc": ""}),
        (system("x", "x" * 99, "?"), {"system": "x" * 31, "machine": "unknown", "libc": ""}),
    ],
    ids=str,
)
def test_simulated(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], found: dict[str, str]
) -> None:
    """What it says of a platform is what is taken of a stranger."""
    simulate(monkeypatch, **change)
    assert describe() == LINUX._replace(**found)
    assert Platform.checked(describe()._asdict()) == describe()


ARM = LINUX._replace(system="darwin", machine="arm64", libc="")
THREADS = LINUX._replace(implementation="graalpy", flags="free-threading debug", libc="musl")


def test_names() -> None:
    """A platform has a name for files and one for people."""
    assert {one.id: one.title for one in (LINUX, PYPY, THREADS, ARM)} == {
        "cpython-3.14.0-linux-x86_64-glibc": "CPython 3.14.0 on Linux x86_64 (glibc)",
        "pypy-7.3.20-python3.11.13-linux-x86_64-glibc": (
            "PyPy 7.3.20 (Python 3.11.13) on Linux x86_64 (glibc)"
        ),
        "graalpy-3.14.0-free-threading-debug-linux-x86_64-musl": (
            "GraalPy 3.14.0, free-threading, debug on Linux x86_64 (musl)"
        ),
        "cpython-3.14.0-darwin-arm64": "CPython 3.14.0 on macOS arm64",
    }
    assert LINUX._replace(system="freebsd").place == "FreeBSD x86_64 (glibc)"
    assert LINUX._replace(implementation="my_python").name == "My_python 3.14.0"


def test_this_platform() -> None:
    """It agrees with what sys and platform say of the running interpreter."""
    found = describe()
    assert type(found) is Platform
    assert found.implementation == sys.implementation.name
    own = sys.implementation.version
    assert found.version.startswith(f"{own.major}.{own.minor}.{own.micro}")
    assert found.python == platform.python_version().rstrip("+")
    assert found.system == ("wine" if wine_version() else platform.system().lower())
    assert bool(found.release) == bool(wine_version())
    assert found.machine == platform.machine().lower().replace("-", "_")
    assert bool(found.libc) == sys.platform.startswith("linux")
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]+", found.id)
    assert Platform.checked(found._asdict()) == found


class TestOrder:
    """Which platforms belong together, which is newer, and that none is taken for another."""

    CHANGES = (
        *({"implementation": "pypy"}, {"python": "3.15.0"}, {"python": "3.1.0"}, {"libc": ""}),
        *({"flags": "free-threading"}, {"system": "darwin"}, {"machine": "aarch64"}),
    )

    def test_family(self) -> None:
        """Patch releases and those before them are one family, and whatever else differs is not."""
        for version in ("3.14.1", "3.14.10", "3.14.0rc2"):
            assert LINUX._replace(version=version, python=version).family == LINUX.family
        assert PYPY._replace(version="8.0.1", python="3.11.17").family == PYPY.family
        assert len({LINUX.family, *(LINUX._replace(**one).family for one in self.CHANGES)}) == 8

    def test_id_and_title(self) -> None:
        """Two platforms that differ in a field have two ids and two titles."""
        changes = (*self.CHANGES, {"version": "3.14.1"}, {"flags": "debug"}, {})
        others = [LINUX._replace(**change) for change in changes]
        assert len({one.id for one in others}) == len({one.title for one in others}) == 10

    def test_age(self) -> None:
        """The language's version comes first, numbers as numbers, prereleases before theirs."""
        order = [
            *("3.9.18", "3.10.2", "3.14.0a1", "3.14.0a2", "3.14.0a10", "3.14.0b1", "3.14.0b4"),
            *("3.14.0rc1", "3.14.0rc2", "3.14.0", "3.14.1", "3.14.9", "3.14.10", "3.15.0a1"),
        ]
        ages = [LINUX._replace(version=version, python=version).age for version in order]
        assert ages == sorted(set(ages))
        pairs = [("7.3.20", "3.10.16"), ("7.3.9", "3.11.13"), ("7.3.20", "3.11.13")]
        ages = [PYPY._replace(version=version, python=python).age for version, python in pairs]
        assert ages == sorted(set(ages))


class TestChecked:
    """Which fields it takes of somebody else."""

    @pytest.mark.parametrize(
        "good",
        [
            LINUX,
            PYPY,
            LINUX._replace(flags="free-threading debug", libc="", version="3.15.0rc2"),
            LINUX._replace(system="wine", machine="amd64", libc="", release="8.0"),
            LINUX._replace(
                implementation="x" * 31, system="0", machine="a.b_c", flags="a-b-c b c d e"
            ),
        ],
        ids=lambda good: good.id,
    )
    def test_good(self, good: Platform) -> None:
        """What a platform may say makes that platform."""
        assert Platform.checked(good._asdict()) == good
        assert not good.release or "on Windows (Wine 8.0) amd64" in good.title

    ANYWHERE = (
        *("../x", "a/b", "<b>", "X", "x\n", "\nx", "x y\u202e", "\x1b", "\ud800", " ", "é", "٣"),
        *("x" * 200, None, 3, True, ["x"], {"x": "y"}),
    )
    WRONG = (
        *((field, value) for value in ANYWHERE for field in Platform._fields),
        *((field, "") for field in Platform._fields if field not in ("flags", "libc", "release")),
        *(("version", value) for value in ("3.14", "3.14.0.1", "3.14.0c1", "3.14.0a", "٣.14.0")),
        *(("python", "3.14.00000"), ("python", "v3.14.0"), ("libc", "-"), ("system", ".x")),
        *(("flags", value) for value in ("a  b", " a", "a-b-c-d", "a b c d e f")),
        *(("machine", "_x"), ("machine", "a-b"), ("machine", "x" * 32)),
        ("release", "8.0"),  # of another system than Wine
    )

    def test_wrong(self) -> None:
        """A value of no use is named with its field, in one line without control characters."""
        for field, value in self.WRONG:
            with pytest.raises(ValueError, match=f"^{field}: (not|it is no text|Wine)") as caught:
                Platform.checked({**LINUX._asdict(), field: value})
            assert str(caught.value).isprintable()
            assert len(str(caught.value)) < 100

    def test_other_fields(self) -> None:
        """Fields that are missing or that nobody knows are named, in one short line."""
        fields = LINUX._asdict()
        for key in ("colour", "\x1b[31m", "a\nb", "\u202e", "\ud800", "x" * 10_000):
            with pytest.raises(ValueError, match=r"^missing or unknown: '") as caught:
                Platform.checked({**fields, key: ""})
            assert ascii(key)[:30] in str(caught.value)
            assert str(caught.value).isprintable()
            assert len(str(caught.value)) < 120
        del fields["libc"]
        with pytest.raises(ValueError, match=r"^missing or unknown: 'libc'$"):
            Platform.checked(fields)


ENTRY = SimpleNamespace(pw_dir="/users/a1234", pw_name="ann")
"""A user in the database of users."""


class TestPlaces:
    """What it names that nobody should see."""

    def test_this_machine(self) -> None:
        """This interpreter's prefixes, home and host; nothing empty, nothing twice."""
        found = places()
        assert tuple(found) == ("python", "temp", "home", "user", "host", "folder")
        for path in (sys.prefix, sys.base_prefix, os.path.dirname(sys.executable)):
            assert {path, os.path.realpath(path)} <= set(found["python"])
        assert os.path.dirname(os.path.realpath(sys.executable)) in found["python"]
        assert os.path.dirname(os.__file__) in found["python"]
        assert os.path.expanduser("~") in found["home"]
        assert set(filter(None, [platform.node()])) <= set(found["host"])
        for texts in found.values():
            assert texts == sorted(set(filter(None, texts)))

    @posix
    @pytest.mark.parametrize(
        ("entry", "environ", "homes", "users"),
        [
            (None, {}, [], []),
            (None, {"HOME": "/", "LOGNAME": "olga"}, ["/"], ["olga"]),
            (None, {"HOME": "/", "USER": "", "USERNAME": "olga"}, ["/"], ["olga"]),
            (None, {"HOME": "/", "USER": "olga"}, ["/"], ["olga"]),
            (None, {"HOME": "/home/RUNNER~1"}, ["/home/RUNNER~1"], ["RUNNER~1"]),
            (
                ENTRY,
                {"HOME": "/scratch/job7", "SUDO_USER": "boss"},
                ["/scratch/job7", "/users/a1234"],
                ["a1234", "ann", "boss", "job7"],
            ),
        ],
        ids=["a number only", "LOGNAME", "USERNAME", "USER", "tilde", "entry and SUDO_USER"],
    )
    def test_user(
        self,
        monkeypatch: pytest.MonkeyPatch,
        entry: object,
        environ: dict[str, str],
        homes: list[str],
        users: list[str],
    ) -> None:
        """Homes and names are those of the environment and of the database of users, if any."""

        def getpwuid(number: int) -> object:
            if entry is None:
                raise KeyError(f"getpwuid(): uid not found: {number}")
            return entry

        monkeypatch.setattr("pwd.getpwuid", getpwuid)
        for name in ("HOME", "LOGNAME", "USER", "USERNAME", "SUDO_USER"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        found = places()
        assert [home for home in found["home"] if home == os.path.abspath(home)] == homes
        assert found["user"] == users

    @posix
    def test_links(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A folder that is reached by a link is there as it is called, and as what it links to."""
        (tmp_path / "real").mkdir()
        (tmp_path / "ann").symlink_to(tmp_path / "real")
        monkeypatch.setenv("HOME", str(tmp_path / "ann"))
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "ann"))
        both = {str(tmp_path / "ann"), os.path.realpath(tmp_path / "real")}
        found = places()
        assert both == set(found["temp"])
        assert both <= set(found["home"])

    def test_host_with_a_domain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A host is named with its domain and without, whoever knows it."""
        monkeypatch.setattr("socket.gethostname", lambda: "box.example.org")
        monkeypatch.setattr("platform.node", lambda: "")
        assert places()["host"] == ["box", "box.example.org"]
        monkeypatch.setattr("platform.node", lambda: "other")
        assert places()["host"] == ["box", "box.example.org", "other"]

    def test_no_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is no database of users, as on Windows, the environment is enough."""
        monkeypatch.setitem(sys.modules, "pwd", None)  # what it is after an ImportError
        monkeypatch.setenv("USERNAME", "somebody")
        assert "somebody" in places()["user"]


@pytest.mark.parametrize(
    "way", ["itself", "copy", *(pytest.param(one, marks=posix) for one in ("link", "folder"))]
)
@pytest.mark.parametrize("flags", [[], ["-I"]], ids=["", "isolated"])
def test_runs_alone(tmp_path: Path, way: str, flags: list[str]) -> None:
    """As a single file it prints the same as JSON, and is not imported in `platform`'s place."""
    file = Path(str(sys.modules[MODULE].__file__))
    if way == "copy":
        file = Path(shutil.copy(file, tmp_path))
    elif way != "itself":
        link = tmp_path / ("platform.py" if way == "link" else "link")
        link.symlink_to(file if way == "link" else file.parent)
        file = link if way == "link" else link / "platform.py"
    command = [sys.executable, *flags, str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    said = json.loads(done.stdout)
    folder = {"folder": said["places"]["folder"]}
    assert os.path.realpath(file.parent) in folder["folder"]
    assert said == {"platform": describe()._asdict(), "places": {**places(), **folder}}
    assert not done.stderr
