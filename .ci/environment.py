"""Make a virtual environment of what a lock names, and of the project: Makefile and make.bat.

    python .ci/environment.py FOLDER LOCK [OPTIONAL LOCK]

What is there already stays: it is made anew for another Python or another lock. A lock is whole,
so nothing beside it is installed, not even what a package asks for. An optional lock is for what
not every system has; where it cannot be installed, that is no failure.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Debian keeps what makes pip in a package of its own; without it, the pip of python3 helps out.
HAS_PIP = importlib.util.find_spec("ensurepip") is not None


def main(folder: Path, lock: Path, *optional: Path) -> None:
    """Install what has changed since the stamp, which holds digests, was written."""
    if lock == Path("requirements.txt") and sys.version_info < (3, 11):
        sys.exit("The site needs Python 3.11 or newer.")
    stamp = folder / "stamp.json"
    done = json.loads(stamp.read_text("utf-8")) if stamp.is_file() else {}
    made = digest(lock, sys.version, sys.base_prefix)
    if done.get(str(lock)) != made:
        print(f"Setting up {folder} from {lock}", flush=True)
        create(folder, lock)
        done = {str(lock): made}
    for file in (Path("pyproject.toml"), *optional):
        if done.get(str(file)) == digest(file):
            continue
        done[str(file)] = digest(file)
        if file in optional and not install(folder, "--require-hashes", "-r", str(file)):
            print(f"{file} is left out, as this system lacks something that it names")
        elif file not in optional and not install(folder, "--no-build-isolation", "-e", "."):
            sys.exit(1)
    stamp.write_text(json.dumps(done), "utf-8")


def create(folder: Path, lock: Path) -> None:
    """Make the environment: uv first, if the lock has it, as it takes a third of pip's time."""
    if folder.exists():
        shutil.rmtree(folder)
    without = [] if HAS_PIP else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", *without, str(folder)], check=True)
    text = lock.read_text("utf-8")
    uv = "".join(re.findall(r"^uv==.*\n(?: .*\n)*", text, re.M))
    (folder / "others.txt").write_text(text.replace(uv, ""), "utf-8")
    if uv:  # where there is no wheel of it, pip does all
        (folder / "uv.txt").write_text(uv, "utf-8")
        install(folder, "--only-binary", "uv", "--require-hashes", "-r", str(folder / "uv.txt"))
    if not install(folder, "--require-hashes", "-r", str(folder / "others.txt")):
        sys.exit(1 if HAS_PIP else "This Python has no pip: on Debian, install python3-venv.")


def install(folder: Path, *words: str) -> bool:
    """Have uv install something; where it is not there, or reaches less than pip does, pip."""
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install"]
    tools = [pip if HAS_PIP else ["python3", "-m", "pip", "--python", str(folder), "install"]]
    if uv := shutil.which("uv", path=str(programs)):
        # pip compiles as well; where the environment forbids that later, each process would anew.
        options = ["--system-certs", "--compile-bytecode", "--python", str(folder)]
        tools.insert(0, [uv, "pip", "install", *options])
    return any(
        not subprocess.run([*tool, "--quiet", "--no-deps", *words]).returncode for tool in tools
    )


def digest(file: Path, *words: str) -> str:
    """What differs as soon as the file or one of the words does."""
    return hashlib.sha256(repr((file.read_bytes(), words)).encode()).hexdigest()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
