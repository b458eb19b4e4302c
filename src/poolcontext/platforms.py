"""Which platform this is.

Runs alone as well, as a single file, and then prints what `describe` and
`places` return, as JSON: so one interpreter learns what another one is.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import sysconfig


def describe() -> dict[str, str]:
    """Describe the running interpreter and the system below it.

    Returns:
        Text under the keys ``implementation``, ``version`` (the full one, of the
        implementation), ``python`` (the language's, which differs on PyPy),
        ``flags`` (a build's departures, such as ``free-threading``), ``system``,
        ``machine`` and ``libc``, each in lower case; ``id``, made of these,
        which serves as a file's name; and ``title``, for people.
    """
    found = {
        "implementation": sys.implementation.name.lower(),
        "version": _version(sys.implementation.version),
        "python": _version(sys.version_info),
        "flags": " ".join(_flags()),
        "system": platform.system().lower() or sys.platform,
        "machine": platform.machine().lower(),
        "libc": _libc(),
    }
    parts = [found["implementation"], found["version"]]
    if found["python"] != found["version"]:  # one release of PyPy comes for several
        parts.append("python" + found["python"])
    parts += [found[part] for part in ("flags", "system", "machine", "libc")]
    found["id"] = "-".join(part.replace(" ", "-") for part in parts if part)
    found["title"] = _title(found)
    return found


def places() -> dict[str, list[str]]:
    """Name the paths, user and host that an output may hold and nobody should see.

    Returns:
        Lists of text under ``python`` (where this interpreter lives), ``temp``,
        ``home``, ``user`` and ``host``. They serve redaction and are never saved.
    """
    import getpass
    import socket
    import tempfile

    paths = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    paths += sysconfig.get_paths().values()
    paths += [os.path.dirname(sys.executable), os.path.dirname(os.path.realpath(sys.executable))]
    home = os.path.expanduser("~")
    if home == "~":  # nobody knows the user
        home = ""
    names = [os.path.basename(home)]
    with contextlib.suppress(ImportError, KeyError, OSError):  # no such entry or database
        names.append(getpass.getuser())
    hosts = [socket.gethostname(), platform.node()]
    hosts += [host.partition(".")[0] for host in hosts]
    return {
        "python": _distinct(paths),
        "temp": _distinct([tempfile.gettempdir()]),
        "home": _distinct([home]),
        "user": sorted(set(filter(None, names))),
        "host": sorted(set(filter(None, hosts))),
    }


def _distinct(paths: list[str]) -> list[str]:
    """The paths as they are and with symbolic links followed, none twice."""
    return sorted({form for path in paths if path for form in (path, os.path.realpath(path))})


def _version(info: sys._version_info) -> str:
    suffix = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(info.releaselevel)
    version = f"{info.major}.{info.minor}.{info.micro}"
    return version + (f"{suffix}{info.serial}" if suffix else "")


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
    return platform.libc_ver()[0].lower() or "musl"


def _title(found: dict[str, str]) -> str:
    name = {"cpython": "CPython", "pypy": "PyPy"}.get(
        found["implementation"], found["implementation"].capitalize()
    )
    system = {"darwin": "macOS"}.get(found["system"], found["system"].capitalize())
    title = f"{name} {found['version']}"
    if found["python"] != found["version"]:
        title += f" (Python {found['python']})"
    if found["flags"]:
        title += ", " + found["flags"].replace(" ", ", ")
    title += f" on {system} {found['machine']}"
    return title + (f" ({found['libc']})" if found["libc"] else "")


if __name__ == "__main__":
    print(json.dumps({"platform": describe(), "places": places()}))
