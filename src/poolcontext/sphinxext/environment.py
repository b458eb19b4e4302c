"""What the examples of a gallery get of Sphinx's own environment.

A project's conf.py may have put folders into `sys.path`, and variables into `os.environ`, for
its examples to find its package by: what runs within Sphinx has them, another process has not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

OWN = (
    "PYTHONEXECUTABLE",
    "PYTHONINSPECT",
    "PYTHONIOENCODING",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHON_COLORS",
)
"""Variables that would change how an output is written, or that are said anew."""


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
    code = "import json, sys; print(json.dumps(sys.path[1:]))"  # without that of the `-c`
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    usual = [*json.loads(done.stdout.splitlines()[-1]), ""]
    started = (sys.orig_argv[1:2] == ["-m"] and os.getcwd()) or os.path.dirname(sys.argv[0])
    added = [folder for folder in sys.path if folder not in usual]
    if os.path.abspath(started) in map(os.path.abspath, added):
        # Once: conf.py may have named it, too.
        added.pop([*map(os.path.abspath, added)].index(os.path.abspath(started)))
    return list(dict.fromkeys(added))
