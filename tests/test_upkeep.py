"""What stands around the project: its version, its forms, and the environment that it works in."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
TEXTS = [
    *(ROOT / name for name in ("CONTRIBUTING.md", "README.md", "RELEASING.md", "SECURITY.md")),
    *(ROOT / ".github" / "pull_request_template.md", *FORMS, ROOT / "CITATION.cff"),
]
each_text = pytest.mark.parametrize(
    "text", [pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in TEXTS]
)


def found(file: str, pattern: str) -> list[str]:
    """All that a pattern finds in a file."""
    return re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.M)


def test_one_version() -> None:
    """Who cites the project, who installs it and who reads what is new have the same version."""
    (version,) = found("pyproject.toml", r'^version = "(.+)"$')
    assert found("CITATION.cff", r"^version: (.+)$") == [version]
    assert found("CHANGELOG.md", r"^## \[?(\d[^\]\s]*)")[:1] in ([], [version])


@each_text
def test_commands_are_there(text: str) -> None:
    """What a text tells to run can be run: targets, scripts, and options of `poolcontext`."""
    targets = found("Makefile", r"^([\w-]+):")
    assert set(re.findall(r"^\$ make (\w[\w-]*)|`make (\w[\w-]*)", text, re.M)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }
    for script in re.findall(r"(?:`|\$ )(\.ci/\w+)[`\n]", text):
        assert os.access(ROOT / script, os.X_OK), script
    for command, options in re.findall(r"`python src/poolcontext (\w+)([^`]*)`", text):
        done = subprocess.run(
            [sys.executable, "src/poolcontext", command, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for option in re.findall(r"--\w+", options):
            assert f"{option} " in done.stdout, option


def test_windows_does_the_same() -> None:
    """What make.bat builds and tests with is what the Makefile does, in the words of Windows."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
    commands = [" ".join(line.split()) for line in makefile.splitlines() if "$(RUN)" in line]
    batch = (ROOT / "make.bat").read_text(encoding="utf-8").replace("\\", "/")
    batch = re.sub(r"%(\w+)%", r"$(\1)", batch)
    there = re.findall(r"^\.venv/Scripts/python\.exe -m (.+)", batch, re.M)
    assert len(there) == 2
    assert {f"$(RUN) {command}" for command in there} <= {*commands}
    assert ".ci/environment.py .venv requirements.txt" in batch
    assert "$(PYTHON) .ci/environment.py $(VENV) requirements.txt" in makefile


@each_text
def test_files_are_there(text: str) -> None:
    """Each file that a text names with its folder, or links, is in the repository."""
    text = re.sub(r"https?://\S+", "", text)
    for name in re.findall(r"`([\w./-]+/[\w.-]+\.(?:md|py|txt|html))`|\]\(([\w./-]+)\)", text):
        path = "".join(name)
        there = any((folder / path).exists() for folder in (ROOT, ROOT / "src" / "poolcontext"))
        assert there or "NAME" in path or "_build/" in path, path


@each_text
def test_no_address_is_invented(text: str) -> None:
    """No mail address, and no repository of its own, since the project knows neither."""
    assert re.findall(r"[\w.]+@[\w.]+\w|//github\.com/\S*", text) == []


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_forms_warn(file: Path) -> None:
    """A form that wants text asks first to look for names in it."""
    text = file.read_text(encoding="utf-8")
    if "type: textarea" in text:
        assert re.search("hold names|Names of people", text)
        assert text.index("type: markdown") < text.index("type: textarea")


class Environment:
    """`.ci/environment.py` in a folder of its own, with a note of what it would run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = importlib.util.spec_from_file_location("env", ROOT / ".ci" / "environment.py")
        assert spec
        assert spec.loader
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.calls: list[str] = []
        self.fails = ""
        monkeypatch.chdir(folder)
        monkeypatch.setattr(self.module.subprocess, "run", self.run)
        monkeypatch.setattr(self.module, "HAS_PIP", True)
        for name in ("lock.txt", "more.txt", "pyproject.toml"):
            Path(name).write_text(f"a==1 \\\n    --hash={name}\nuv==2 \\\n    --hash=b\nv==1\n")

    def run(self, command: list[str], **_: object) -> SimpleNamespace:
        """Note the program and the last word, and leave behind what a later step looks at."""
        program = "uv" if Path(command[0]).stem == "uv" else command[2]
        words = f"{program} {command[-1]}".replace(os.sep, "/")
        self.calls.append(words)
        programs = Path("env", "Scripts" if os.name == "nt" else "bin")
        programs.mkdir(parents=True, exist_ok=True)
        failed = words in self.fails.split(", ")
        if words.endswith("uv.txt") and not failed:
            (programs / ("uv.exe" if os.name == "nt" else "uv")).touch(0o755)
        return SimpleNamespace(returncode=int(failed))

    def make(self, fails: str = "") -> list[str]:
        """What is run to make it, or to bring it up to date."""
        self.calls, self.fails = [], fails
        self.module.main(*map(Path, ("env", "lock.txt", "more.txt")))
        return self.calls


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(tmp_path, monkeypatch)


ALL = ["venv env", "pip env/uv.txt", "uv env/others.txt", "uv .", "uv more.txt"]


def test_what_is_there_stays(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made once, and anew only for another lock or Python; the rest is brought up to date."""
    assert environment.make() == ALL
    assert "uv==" not in Path("env/others.txt").read_text()
    assert Path("env/uv.txt").read_text() == "uv==2 \\\n    --hash=b\n"
    assert environment.make() == []
    for name, wanted in (
        ("pyproject.toml", ["uv ."]),
        ("more.txt", ["uv more.txt"]),
        ("lock.txt", ALL),
    ):
        before = Path(name).read_text()
        for text in (f"{before}w==1\n", before):
            Path(name).write_text(text)
            assert environment.make() == wanted
    monkeypatch.setattr(sys, "version", "another")
    Path("env/left").touch()
    assert environment.make() == ALL
    assert not Path("env/left").exists()


@pytest.mark.parametrize(
    ("fails", "instead"),
    [
        ("pip env/uv.txt", ["pip env/others.txt", "pip .", "pip more.txt"]),
        ("uv env/others.txt", ["uv env/others.txt", "pip env/others.txt", *ALL[3:]]),
        ("uv more.txt, pip more.txt", [*ALL[2:], "pip more.txt"]),
    ],
    ids=["no-uv", "uv-fails", "optional"],
)
def test_pip_helps_out(environment: Environment, fails: str, instead: list[str]) -> None:
    """Where uv is not there, or does not get at a package, pip installs; some may fail."""
    assert environment.make(fails) == [*ALL[:2], *instead]
    assert environment.make() == []


def test_failure_is_no_environment(environment: Environment) -> None:
    """What a lock names and cannot be installed is an error, and all is made anew the next time."""
    with pytest.raises(SystemExit, match="1"):
        environment.make("uv env/others.txt, pip env/others.txt")
    assert environment.make() == ALL
