"""Run the commands of a session in a terminal, each with what it prints: `docs/try`, and README.md.

    python tests/sessions.py

writes them anew; `tests/helper/test_sessions.py` compares.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from poolcontext.capture.interpreter import own
from poolcontext.capture.process import run, terminal_environ
from poolcontext.capture.redact import known_places, redact

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "try"
SESSIONS = {
    "try": "poolcontext try tally.py",
    "explain": "poolcontext run --method spawn tally.py 2>&1 | poolcontext explain",
    "test": "python -m pytest -q --tb=short --start-method=spawn",
}
IN_README = "try"


def session(command: str) -> str:
    """A command, and what it prints in an empty folder with the program and its test."""
    with tempfile.TemporaryDirectory() as name:
        for file in FOLDER.glob("*.py"):
            shutil.copy(file, name)
        programs = Path(sys.executable).parent
        environ = {key: text for key, text in os.environ.items() if key[:3] not in ("PYT", "COV")}
        environ = {**environ, **terminal_environ(), "PYTHONDONTWRITEBYTECODE": "1"}
        environ["PATH"] = os.pathsep.join([str(programs), environ["PATH"]])
        folder = Path(name)
        done = run(["sh", "-c", command], folder=folder, environ=environ, timeout=100)
    text = redact(done.output, "", known_places(folder, own().places))
    return (
        "\n".join(line.rstrip() for line in [f"$ {command}", *text.strip("\n").splitlines()]) + "\n"
    )


def in_readme(text: str) -> str:
    """The part of the README that is a session."""
    start = text.index(f"$ {SESSIONS[IN_README]}\n")
    return text[start : text.index("```", start)]


def main() -> None:
    for name, command in SESSIONS.items():
        text = session(command)
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
        if name == IN_README:
            readme = ROOT / "README.md"
            words = readme.read_text(encoding="utf-8")
            readme.write_text(words.replace(in_readme(words), text), encoding="utf-8")
    print(f"captured with {own().platform.title}")


if __name__ == "__main__":
    main()
