"""Which platform this is: an interpreter and the system below it.

Runs alone as well, as a single file, and then prints what `describe` and
`places` return, as JSON: so one interpreter learns what another one is.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # Else this file would be imported in the place of the standard library's.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) != here]

import contextlib
import json
import platform
import re
import sysconfig
from collections.abc import Mapping
from typing import Any, NamedTuple

_VERSION = r"\d{1,4}\.\d{1,4}\.\d{1,4}((a|b|rc)\d{1,4})?"
_WORD = r"[a-z0-9][a-z0-9._]{0,30}"
_FLAG = rf"{_WORD}(-{_WORD}){{0,2}}"


class Platform(NamedTuple):
    """An interpreter and the system below it, each name in lower case."""

    implementation: str
    version: str
    """The full version of the implementation."""

    python: str
    """The language's, which differs from the implementation's on PyPy."""

    flags: str
    """A build's departures, such as ``free-threading``, with spaces between them."""

    system: str
    machine: str
    libc: str
    """The C library's name where there is a choice of one, else nothing."""

    release: str = ""
    """The version of Wine, the system that runs programs for Windows elsewhere, else nothing."""

    @property
    def id(self) -> str:
        """A name made of all these, which serves as a file's name."""
        parts = [self.implementation, self.version]
        if self.python != self.version:  # one release of PyPy comes for several
            parts.append("python" + self.python)
        parts += [self.flags, self.system, self.machine, self.libc]
        return "-".join(part.replace(" ", "-") for part in parts if part)

    @property
    def family(self) -> tuple[str, ...]:
        """What it shares with its other patch releases."""
        minor = self.python.rpartition(".")[0]
        return (self.implementation, minor, self.flags, self.system, self.machine, self.libc)

    @property
    def age(self) -> tuple[tuple[int, ...], ...]:
        """Grows with the version of the language, then of the implementation."""
        return _parts(self.python), _parts(self.version)

    @property
    def name(self) -> str:
        """The implementation as people write it, with its version."""
        known = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}
        name = f"{known.get(self.implementation, self.implementation.capitalize())} {self.version}"
        if self.python != self.version:
            name += f" (Python {self.python})"
        return name + (", " + self.flags.replace(" ", ", ") if self.flags else "")

    @property
    def on(self) -> str:
        """The system as people write it; Wine is named as what it stands for, and as itself."""
        known = {"darwin": "macOS", "freebsd": "FreeBSD", "wine": "Windows"}
        name = known.get(self.system, self.system.capitalize())
        return f"{name} (Wine {self.release})" if self.system == "wine" else name

    @property
    def place(self) -> str:
        """The system, the machine and the C library as people write them."""
        return f"{self.on} {self.machine}" + (f" ({self.libc})" if self.libc else "")

    @property
    def title(self) -> str:
        """The whole, for people."""
        return f"{self.name} on {self.place}"

    @classmethod
    def checked(cls, fields: Mapping[str, Any]) -> Platform:
        """Make one of fields that somebody else has written.

        Raises:
            ValueError: A field is missing, unknown or of no use; the message names it.
        """
        wanted = {
            "implementation": _WORD,
            "version": _VERSION,
            "python": _VERSION,
            "flags": rf"({_FLAG}( {_FLAG}){{0,4}})?",
            "system": _WORD,
            "machine": _WORD,
            "libc": rf"({_WORD})?",
            "release": rf"({_WORD})?",
        }
        given = {"release": "", **fields}
        if given.keys() != wanted.keys():
            names = ", ".join(sorted(map(ascii, given.keys() ^ wanted.keys())))
            raise ValueError(f"missing or unknown: {names:.80}")
        for name, pattern in wanted.items():
            value = given[name]
            if not isinstance(value, str):
                raise ValueError(f"{name}: it is no text")
            if not re.fullmatch(pattern, value, re.ASCII):
                raise ValueError(f"{name}: not {value!a:.60}")
        if bool(given["release"]) != (given["system"] == "wine"):
            raise ValueError("release: Wine has one, and no other system")
        return cls(**given)


def describe() -> Platform:
    """Describe the running interpreter and the system below it.

    Example:
        >>> from poolcontext.capture.platform import describe
        >>> describe().title  # doctest: +SKIP
        'CPython 3.14.10 on Linux x86_64 (glibc)'
    """
    return Platform(
        implementation=_word(sys.implementation.name),
        version=_version(sys.implementation.version),
        python=_version(sys.version_info),
        flags=" ".join(_flags()),
        system="wine" if wine_version() else _word(platform.system() or sys.platform),
        machine=_word(platform.machine()),
        libc=_libc(),
        release=wine_version(),
    )


def wine_version() -> str:
    """The version of Wine where that stands for Windows, else nothing.

    https://gitlab.winehq.org/wine/wine/-/wikis/Developer-FAQ#how-can-i-detect-wine
    """
    if sys.platform != "win32":
        return ""
    import ctypes

    try:
        ask = ctypes.WinDLL("ntdll").wine_get_version
    except AttributeError:  # it is Windows
        return ""
    ask.restype = ctypes.c_char_p
    return re.sub(r"[^a-z0-9.]+", "_", ask().decode("ascii", "replace").lower())


def _word(text: str) -> str:
    """The text in lower case, as one word that may be part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:31] or "unknown"


def places() -> dict[str, list[str]]:
    """Name the paths, user and host that an output may hold and nobody should see.

    Returns:
        Lists of text under ``python`` (where this interpreter lives), ``temp``,
        ``home``, ``user`` and ``host``, and ``folder``, where this file is in the
        eyes of this interpreter. They serve redaction and are never saved.
    """
    import socket
    import tempfile

    paths = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    paths += sysconfig.get_paths().values()
    paths += [os.path.dirname(getattr(os, "__file__", "") or "")]  # an archive under WebAssembly
    paths += [os.path.dirname(sys.executable), os.path.dirname(os.path.realpath(sys.executable))]
    home = os.path.expanduser("~")
    if home == "~":  # nobody knows the user
        home = ""
    homes, names = [home], [os.path.basename(home)]
    names += [os.environ.get(name, "") for name in ("LOGNAME", "USER", "USERNAME", "SUDO_USER")]
    with contextlib.suppress(ImportError, KeyError, OSError):  # no such entry or database
        import pwd

        entry = pwd.getpwuid(os.getuid())
        homes.append(entry.pw_dir)
        names += [entry.pw_name, os.path.basename(entry.pw_dir)]
    hosts = [socket.gethostname(), platform.node()]
    hosts += [host.partition(".")[0] for host in hosts]
    return {
        "python": _distinct(paths),
        "temp": _distinct([tempfile.gettempdir()]),
        "home": _distinct(homes),
        "user": sorted(set(filter(None, names))),
        "host": sorted(set(filter(None, hosts))),
        "folder": _distinct([os.path.dirname(os.path.abspath(__file__))]),
    }


def _distinct(paths: list[str]) -> list[str]:
    """The paths as they are and with symbolic links followed, none twice."""
    return sorted({form for path in paths if path for form in (path, os.path.realpath(path))})


def _version(info: sys._version_info) -> str:
    suffix = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(info.releaselevel)
    version = f"{info.major}.{info.minor}.{info.micro}"
    return version + (f"{suffix}{info.serial}" if suffix else "")


def _parts(version: str) -> tuple[int, ...]:
    """A version's numbers; one that is not final comes before the one that is."""
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    level = 3 if len(numbers) == 3 else "abr".index(re.sub(r"[\d.]", "", version)[0])
    return (*numbers[:3], level, *numbers[3:])


def _flags() -> list[str]:
    flags = []
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        flags.append("free-threading")
    if hasattr(sys, "gettotalrefcount"):
        flags.append("debug")
    return flags


def _libc() -> str:
    """The C library's name where there is a choice of one, else nothing."""
    if not sys.platform.startswith("linux"):
        return ""
    name = ""
    with contextlib.suppress(OSError):  # it may want to read an executable that is not there
        name = platform.libc_ver()[0]
    if name not in ("", "libc"):
        return _word(name)
    # It knows glibc always. Of musl it says "libc" or nothing before 3.14, and later too in places:
    # https://github.com/python/cpython/issues/87414
    # https://github.com/python/cpython/issues/141600
    if hasattr(sys, "getandroidapilevel"):  # whose system is Linux before 3.13
        return "bionic"
    return "uclibc" if "uclibc" in str(sysconfig.get_config_var("HOST_GNU_TYPE")) else "musl"


if __name__ == "__main__":
    print(json.dumps({"platform": describe()._asdict(), "places": places()}))
