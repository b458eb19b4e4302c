"""What of Sphinx's own environment the examples of a gallery inherit.

A project's conf.py may have put folders into `sys.path`, and variables into `os.environ`, for
its examples to find its package by: what runs within Sphinx has them, another process has not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

OWN = (
    "PYTHONDUMPREFS",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONIOENCODING",
    "PYTHONMALLOCSTATS",
    "PYTHONPATH",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONSTARTUP",
    "PYTHONUNBUFFERED",
    "PYTHONVERBOSE",
    "PYTHON_COLORS",
)
"""Variables that would tear an output or add to it, that mean one Python, or are said anew."""


def inherited() -> dict[str, str]:
    """Python's own variables, and in PYTHONPATH the folders that conf.py has added."""
    found = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PYTHON") and name not in OWN
    }
    path = [*_added(), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    if path:
        found["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, path))
    return found


def _added() -> list[str]:
    """The folders in `sys.path` that neither a new interpreter has, nor the start of this one."""
    safe = getattr(sys.flags, "safe_path", False)
    # Without the entry of the `-c`, and of this process's own start, where there is one.
    code = f"import json, sys; print(json.dumps(sys.path[{int(not safe)}:]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    usual = [*json.loads(done.stdout.splitlines()[-1]), ""]
    by_name = getattr(sys.modules["__main__"], "__spec__", None)
    started = os.getcwd() if by_name else os.path.dirname(os.path.realpath(sys.argv[0]))
    # Only text, as Python itself takes it.
    added = [os.path.abspath(one) for one in sys.path if isinstance(one, str) and one not in usual]
    if not safe and started in added:
        added.remove(started)  # once: conf.py may have named it, too
    return list(dict.fromkeys(added))
