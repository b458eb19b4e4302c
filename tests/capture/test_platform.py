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

from poolcontext.capture import platform as platforms
from poolcontext.capture.platform import Platform

LINUX = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
PYPY = LINUX._replace(implementation="pypy", version="7.3.20", python="3.11.13")

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

    def answers(self, system: str, machine: str, libc: str | OSError) -> None:
        def libc_ver() -> tuple[str, str]:
            if isinstance(libc, OSError):
                raise libc
            return libc, "2.41" if libc else ""

        self.monkeypatch.setattr(platform, "system", lambda: system)
        self.monkeypatch.setattr(platform, "machine", lambda: machine)
        self.monkeypatch.setattr(platform, "libc_ver", libc_ver)

    def build(self, settings: dict[str, Any]) -> None:
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
        assert type(found) is Platform
        assert found.implementation == sys.implementation.name
        own = sys.implementation.version
        assert found.version.startswith(f"{own.major}.{own.minor}.{own.micro}")
        assert platform.python_version().rstrip("+") == found.python
        assert found.system == platform.system().lower()
        assert found.machine == platform.machine().lower().replace("-", "_")
        assert bool(found.libc) == sys.platform.startswith("linux")
        assert ("debug" in found.flags) == hasattr(sys, "gettotalrefcount")
        assert platform.python_implementation() in found.title
        assert found.version in found.title

    def test_id_is_a_file_name(self) -> None:
        """The id is safe as a file's name everywhere: no separator, no space, no capital."""
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]+", platforms.describe().id)

    def test_checks_its_own(self) -> None:
        """What it says of this platform is what is taken of a foreign one."""
        found = platforms.describe()
        assert Platform.checked(found._asdict()) == found

    def test_simulated(self, simulated: Simulated) -> None:
        """On the simulated platform that the others depart from, this is what it says."""
        found = platforms.describe()
        assert found == LINUX
        assert found.id == "cpython-3.14.0-linux-x86_64-glibc"
        assert (found.name, found.place) == ("CPython 3.14.0", "Linux x86_64 (glibc)")
        assert found.title == "CPython 3.14.0 on Linux x86_64 (glibc)"

    def test_free_threading_and_debug(self, simulated: Simulated) -> None:
        """A build's departures are flags, in the id and in the title."""
        simulated.build({"Py_GIL_DISABLED": 1})
        assert platforms.describe().flags == "free-threading"
        simulated.sys.gettotalrefcount = int
        found = platforms.describe()
        assert found.flags == "free-threading debug"
        assert found.id == "cpython-3.14.0-free-threading-debug-linux-x86_64-glibc"
        assert found.title == "CPython 3.14.0, free-threading, debug on Linux x86_64 (glibc)"
        simulated.build({"Py_GIL_DISABLED": 0})
        assert platforms.describe().flags == "debug"

    @pytest.mark.parametrize(
        ("level", "text"), [("alpha", "3.15.0a7"), ("beta", "3.15.0b7"), ("candidate", "3.15.0rc7")]
    )
    def test_prerelease(self, simulated: Simulated, level: str, text: str) -> None:
        """A version that is not final says so, as Python writes it."""
        simulated.sys.version_info = version(3, 15, 0, level, 7)
        simulated.sys.implementation.version = simulated.sys.version_info
        found = platforms.describe()
        assert found.version == found.python == text
        assert found.id == f"cpython-{text}-linux-x86_64-glibc"

    def test_pypy(self, simulated: Simulated) -> None:
        """PyPy's releases come for several versions of the language: both are named."""
        simulated.sys.implementation.name = "pypy"
        simulated.sys.implementation.version = version(7, 3, 20, "final", 0)
        simulated.sys.version_info = version(3, 11, 13, "final", 0)
        found = platforms.describe()
        assert (found.version, found.python) == ("7.3.20", "3.11.13")
        assert found.id == "pypy-7.3.20-python3.11.13-linux-x86_64-glibc"
        assert found.title == "PyPy 7.3.20 (Python 3.11.13) on Linux x86_64 (glibc)"

    @pytest.mark.parametrize(
        ("answer", "libc"),
        [
            ("glibc", "glibc"),
            ("", "musl"),
            ("libc", "musl"),
            ("musl", "musl"),
            ("LibC 5/a", "libc_5_a"),
            (OSError("there is no executable"), "musl"),
        ],
        ids=["glibc", "Alpine before 3.14", "Void before 3.14", "musl", "other", "no executable"],
    )
    def test_libc(self, simulated: Simulated, answer: str | OSError, libc: str) -> None:
        """A C library that platform does not name is musl."""
        simulated.answers("Linux", "aarch64", answer)
        found = platforms.describe()
        assert found.libc == libc
        assert found.id == f"cpython-3.14.0-linux-aarch64-{libc}"
        assert found.title == f"CPython 3.14.0 on Linux aarch64 ({libc})"

    @pytest.mark.parametrize("answer", ["", "libc"])
    def test_rare_libc(self, simulated: Simulated, answer: str) -> None:
        """Those of Android and of small devices are not musl, though platform names none."""
        simulated.answers("Linux", "aarch64", answer)
        simulated.build({"HOST_GNU_TYPE": "mips-buildroot-linux-uclibc"})
        assert platforms.describe().libc == "uclibc"
        simulated.sys.getandroidapilevel = int
        assert platforms.describe().libc == "bionic"
        simulated.sys.platform = "android"
        assert platforms.describe().libc == ""

    @pytest.mark.parametrize(
        ("system", "machine", "name", "identity", "title"),
        [
            ("Darwin", "arm64", "darwin", "darwin-arm64", "macOS arm64"),
            ("Windows", "AMD64", "win32", "windows-amd64", "Windows amd64"),
            ("", "wasm32", "emscripten", "emscripten-wasm32", "Emscripten wasm32"),
            ("Old System", "Power Mac", "old", "old_system-power_mac", "Old_system power_mac"),
            ("../x<b>", "a/b", "x", "x_b-a_b", "X_b a_b"),
            ("SunOS\u202e\n", "I86-PC.", "sunos", "sunos-i86_pc", "Sunos i86_pc"),
            ("FreeBSD", "", "freebsd14", "freebsd-unknown", "FreeBSD unknown"),
            ("x" * 99, "y" * 99, "x", "x" * 31 + "-" + "y" * 31, "X" + "x" * 30 + " " + "y" * 31),
        ],
        ids=["macos", "windows", "unnamed", "spaces", "marks", "directions", "freebsd", "long"],
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
        assert found.libc == ""
        assert found.id == "cpython-3.14.0-" + identity
        assert found.title == "CPython 3.14.0 on " + title
        assert Platform.checked(found._asdict()) == found

    @pytest.mark.parametrize(
        ("name", "word", "shown"),
        [
            ("graalpy", "graalpy", "GraalPy 3.14.0"),
            ("rustpython", "rustpython", "Rustpython 3.14.0"),
            ("My-Python 2", "my_python_2", "My_python_2 3.14.0"),
        ],
    )
    def test_other_implementation(
        self, simulated: Simulated, name: str, word: str, shown: str
    ) -> None:
        """An implementation that nobody has told it of is written with a capital."""
        simulated.sys.implementation.name = name
        found = platforms.describe()
        assert (found.implementation, found.name) == (word, shown)
        assert Platform.checked(found._asdict()) == found


class TestFamily:
    """What patch releases share."""

    def test_patch_releases(self) -> None:
        """Patch releases and those before them are of one family, PyPy's of one language, too."""
        for version in ("3.14.1", "3.14.10", "3.14.0rc2"):
            assert LINUX._replace(version=version, python=version).family == LINUX.family
        newer = PYPY._replace(version="8.0.1", python="3.11.17")
        assert newer.family == PYPY.family

    @pytest.mark.parametrize(
        "change",
        [
            {"implementation": "pypy"},
            {"python": "3.15.0"},
            {"python": "3.1.0"},
            {"flags": "free-threading"},
            {"system": "darwin"},
            {"machine": "aarch64"},
            {"libc": "musl"},
        ],
        ids=str,
    )
    def test_others(self, change: dict[str, str]) -> None:
        """Whatever else differs makes another family."""
        assert LINUX._replace(**change).family != LINUX.family


class TestAge:
    """Which of two is newer."""

    def test_order(self) -> None:
        """Numbers are compared as such, and prereleases come before what they lead to."""
        versions = (
            *("3.9.18", "3.10.2", "3.14.0a1", "3.14.0a2", "3.14.0a10", "3.14.0b1", "3.14.0b4"),
            *("3.14.0rc1", "3.14.0rc2", "3.14.0", "3.14.1", "3.14.9", "3.14.10", "3.15.0a1"),
        )
        ages = [LINUX._replace(version=version, python=version).age for version in versions]
        assert ages == sorted(ages)
        assert len(set(ages)) == len(versions)

    def test_language_first(self) -> None:
        """The language's version comes first, then PyPy's own."""
        order = [
            PYPY._replace(version="7.3.20", python="3.10.16"),
            PYPY._replace(version="7.3.9", python="3.11.13"),
            PYPY._replace(version="7.3.20", python="3.11.13"),
            PYPY._replace(version="7.3.19", python="3.11.17"),
        ]
        ages = [one.age for one in order]
        assert ages == sorted(set(ages))


class TestId:
    """The name that is made of all fields."""

    def test_every_field_counts(self) -> None:
        """Two platforms that differ in a field have two ids and two titles."""
        others = [
            LINUX._replace(implementation="pypy"),
            LINUX._replace(version="3.14.1"),
            LINUX._replace(python="3.14.1"),
            LINUX._replace(flags="debug"),
            LINUX._replace(flags="free-threading debug"),
            LINUX._replace(system="darwin"),
            LINUX._replace(machine="aarch64"),
            LINUX._replace(libc=""),
            LINUX,
        ]
        assert len({one.id for one in others}) == len({one.title for one in others}) == len(others)


class TestChecked:
    """Which fields checked takes of somebody else."""

    @pytest.mark.parametrize(
        "good",
        [
            LINUX,
            PYPY,
            LINUX._replace(flags="free-threading debug", libc="", version="3.15.0rc2"),
            LINUX._replace(implementation="x" * 31, system="0", machine="a.b_c"),
        ],
        ids=lambda good: good.id,
    )
    def test_good(self, good: Platform) -> None:
        """What a platform may say makes that platform."""
        assert Platform.checked(good._asdict()) == good

    WRONG = (
        *("../x", "a/b", "<b>", "X", "x\n", "\nx", "x y\u202e", "\x1b", "\ud800", " ", "é", "٣"),
        *("x" * 200, None, 3, True, ["x"], {"x": "y"}),
    )

    @pytest.mark.parametrize("field", Platform._fields)
    @pytest.mark.parametrize("value", WRONG, ids=lambda value: ascii(value)[:20])
    def test_wrong(self, field: str, value: object) -> None:
        """A value of no use is named with its field, in one line without control characters."""
        with pytest.raises(ValueError, match=f"^{field}: (not|it is no text)") as caught:
            Platform.checked({**LINUX._asdict(), field: value})
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 100

    @pytest.mark.parametrize("field", ["implementation", "version", "python", "system", "machine"])
    def test_empty(self, field: str) -> None:
        """Only flags and the C library may be empty."""
        with pytest.raises(ValueError, match=f"^{field}: not ''$"):
            Platform.checked({**LINUX._asdict(), field: ""})
        assert Platform.checked({**LINUX._asdict(), "flags": "", "libc": ""}).id

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("version", "3.14"),
            ("version", "3.14.0.1"),
            ("version", "3.14.0c1"),
            ("version", "3.14.0a"),
            ("python", "3.14.00000"),
            ("python", "v3.14.0"),
            ("flags", "a  b"),
            ("flags", " a"),
            ("flags", "a-b-c-d"),
            ("flags", "a b c d e f"),
            ("system", ".x"),
            ("machine", "_x"),
            ("machine", "a-b"),
            ("libc", "-"),
        ],
    )
    def test_wrong_form(self, field: str, value: str) -> None:
        """Versions, flags and words have each their form."""
        with pytest.raises(ValueError, match=f"^{field}: (not|it is no text)"):
            Platform.checked({**LINUX._asdict(), field: value})

    def test_other_fields(self) -> None:
        """A field that is missing or that nobody knows is named."""
        fields = LINUX._asdict()
        with pytest.raises(ValueError, match=r"^missing or unknown: 'colour'$"):
            Platform.checked({**fields, "colour": "red"})
        del fields["libc"]
        with pytest.raises(ValueError, match=r"^missing or unknown: 'libc'$"):
            Platform.checked(fields)
        with pytest.raises(
            ValueError, match=r"^missing or unknown: 'flags', 'implementation', 'libc'"
        ):
            Platform.checked({})
        with pytest.raises(ValueError, match="missing or unknown") as caught:
            Platform.checked({**fields, "x" * 10_000: ""})
        assert len(str(caught.value)) < 120


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have neither the environment nor the database of users know who runs this."""

    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in ("HOME", "LOGNAME", "USER", "USERNAME", "SUDO_USER"):
        monkeypatch.delenv(name, raising=False)


class TestPlaces:
    """What places() names."""

    def test_this_machine(self) -> None:
        """It names this interpreter's prefixes, home and host; nothing empty, nothing twice."""
        found = platforms.places()
        assert tuple(found) == ("python", "temp", "home", "user", "host", "folder")
        for path in (sys.prefix, sys.base_prefix, os.path.dirname(sys.executable)):
            assert path in found["python"]
            assert os.path.realpath(path) in found["python"]
        assert os.path.expanduser("~") in found["home"]
        assert set(filter(None, [platform.node()])) <= set(found["host"])
        assert os.path.dirname(os.path.abspath(platforms.__file__)) in found["folder"]
        for texts in found.values():
            assert texts == sorted(set(texts))
            assert all(texts)

    @posix
    def test_home_and_temp(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: None
    ) -> None:
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

    @posix
    def test_entry(self, monkeypatch: pytest.MonkeyPatch, nobody: None) -> None:
        """The home and the names of the database of users are there beside the environment's."""
        entry = SimpleNamespace(pw_dir="/users/a1234", pw_name="ann")
        monkeypatch.setattr("pwd.getpwuid", lambda number: entry)
        monkeypatch.setenv("HOME", "/scratch/job7")
        monkeypatch.setenv("SUDO_USER", "boss")
        found = platforms.places()
        assert {"/scratch/job7", "/users/a1234"} <= set(found["home"])
        assert found["user"] == ["a1234", "ann", "boss", "job7"]

    @posix
    @pytest.mark.parametrize("name", ["LOGNAME", "USER", "USERNAME", "SUDO_USER"])
    def test_variables(self, monkeypatch: pytest.MonkeyPatch, nobody: None, name: str) -> None:
        """Each variable that names a user counts, and one that is empty is none."""
        monkeypatch.setenv("HOME", "/")
        monkeypatch.setenv("USER", "")
        monkeypatch.setenv(name, "somebody")
        assert platforms.places()["user"] == ["somebody"]

    def test_host_with_a_domain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A host is named with its domain and without."""
        monkeypatch.setattr("socket.gethostname", lambda: "box.example.org")
        monkeypatch.setattr(platform, "node", lambda: "")
        assert platforms.places()["host"] == ["box", "box.example.org"]

    @posix
    def test_root_for_a_home(self, monkeypatch: pytest.MonkeyPatch, nobody: None) -> None:
        """A home that is the root makes no empty name of a user."""
        monkeypatch.setenv("HOME", "/")
        monkeypatch.setenv("LOGNAME", "somebody")
        assert platforms.places()["user"] == ["somebody"]

    @posix
    def test_home_with_a_tilde(self, monkeypatch: pytest.MonkeyPatch, nobody: None) -> None:
        """A home whose name holds a tilde, as short names do on Windows, is named as it is."""
        monkeypatch.setenv("HOME", "/home/RUNNER~1")
        monkeypatch.setenv("LOGNAME", "somebody")
        found = platforms.places()
        assert "/home/RUNNER~1" in found["home"]
        assert found["user"] == ["RUNNER~1", "somebody"]

    @posix
    def test_user_that_nobody_knows(self, nobody: None) -> None:
        """In a container, a number without an entry has no home and no name to hide."""
        found = platforms.places()
        assert found["home"] == []
        assert found["user"] == []

    def test_no_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is no database of users, as on Windows, the environment is enough."""
        monkeypatch.setitem(sys.modules, "pwd", None)  # what it is after an ImportError
        monkeypatch.setenv("USERNAME", "somebody")
        assert "somebody" in platforms.places()["user"]


def test_runs_alone(tmp_path: Path) -> None:
    """As a single file in an empty folder it prints the same as JSON, but for its own folder."""
    shutil.copy(platforms.__file__, tmp_path / "platform.py")
    command = [sys.executable, "platform.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    said = json.loads(done.stdout)
    assert os.path.realpath(tmp_path) in said["places"]["folder"]
    folder = {"folder": said["places"]["folder"]}
    places = {**platforms.places(), **folder}
    assert said == {"platform": platforms.describe()._asdict(), "places": places}
    assert not done.stderr


@pytest.mark.parametrize("key", ["\x1b[31m", "a\nb", "\u202e", "\ud800"], ids=ascii)
def test_odd_field(key: str) -> None:
    """An unknown field's name is written out in the error."""
    with pytest.raises(ValueError, match="missing or unknown") as caught:
        platforms.Platform.checked({**platforms.describe()._asdict(), key: ""})
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["日本", "???", "-"])
def test_names_without_letters(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A system or a machine without one letter of ASCII still has a word."""
    monkeypatch.setattr("platform.system", lambda: name)
    monkeypatch.setattr("platform.machine", lambda: name)
    found = platforms.describe()
    assert (found.system, found.machine) == ("unknown", "unknown")
    assert platforms.Platform.checked(found._asdict()) == found
