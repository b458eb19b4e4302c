"""All of the package but what extends Sphinx and pytest runs with nothing installed."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import poolcontext

FOLDER = Path(poolcontext.__file__).parent
MODULES = [
    path
    for path in sorted(FOLDER.rglob("*.py"))
    if "sphinxext" not in path.parts and path.stem != "pytest_plugin"
]
ELSEWHERE = {"fcntl", "pwd", "resource", "termios"} if sys.platform == "win32" else set()


def imported(path: Path) -> set[str]:
    """What a module imports by its whole name, also within its functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module))
    return found


def test_standard_library(tmp_path: Path) -> None:
    """Each module, and all that it imports now or later, is there without site-packages."""
    shutil.copytree(FOLDER, tmp_path / "poolcontext")  # from where it may be installed
    names = {".".join(path.relative_to(FOLDER.parent).with_suffix("").parts) for path in MODULES}
    assert {"poolcontext.cli", "poolcontext.capture.runner"} <= names
    names |= set().union(*map(imported, MODULES)) - ELSEWHERE
    code = "import importlib, sys; sys.path.insert(0, sys.argv.pop(1))\n"
    code += "for name in sys.argv[1:]: importlib.import_module(name)\n"
    command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path), *sorted(names)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
