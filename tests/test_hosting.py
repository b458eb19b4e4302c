"""What hosts run: the same commands as people, pinned, with few rights; and the scripts in .ci."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)

pytestmark = pytest.mark.skipif(
    os.name == "nt" or not (shutil.which("bash") and shutil.which("git")),
    reason="the scripts want bash and git",
)

PYTHON = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
GH = r"""#!/usr/bin/env bash
# Stands for `gh`: notes each call, and remembers whether a pull request is open.
case "$1 $2" in
  "pr view") [[ -e $STATE/open ]] || exit 1; echo OPEN; exit ;;
  "pr create") [[ ! -e $STATE/open ]] || exit 1; touch "$STATE/open" ;;
  "pr edit") [[ -e $STATE/open ]] || exit 1 ;;
  *) exit ;;
esac
echo "$2" >>"$STATE/requests"
"""


class Hosted:
    """A checkout with one example, which is also where it is pushed to, and what a runner has."""

    def __init__(self, folder: Path) -> None:
        self.root, self.found, self.state = folder / "work", folder / "found", folder / "state"
        self.example = self.root / "examples" / "some" / "one.py"
        for path in (self.state, self.example.parent, self.root / "docs" / "captures"):
            path.mkdir(parents=True)
        for name, text in (("gh", GH), ("python", PYTHON), ("python3", PYTHON)):
            (self.state / name).write_text(text)
            (self.state / name).chmod(0o755)
        made = shutil.ignore_patterns("sphinxext", "__pycache__")
        for name in (".ci", "src/poolcontext"):
            shutil.copytree(ROOT / name, self.root / name, ignore=made)
        (self.root / ".gitignore").write_text("__pycache__\n")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", ".")
        self.change("print('one')\n")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call a program as a workflow does."""
        environment = {
            **os.environ,
            "PATH": f"{self.state}{os.pathsep}{os.environ['PATH']}",
            "STATE": str(self.state),
            "GITHUB_STEP_SUMMARY": str(self.state / "summary"),
            "GITHUB_OUTPUT": str(self.state / "output"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        return subprocess.run(
            words, cwd=self.root, env=environment, capture_output=True, text=True, timeout=60
        )

    def git(self, *words: str) -> str:
        done = self.run("git", "-c", "user.name=a", "-c", "user.email=a@localhost", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def change(self, text: str) -> None:
        """Commit all there is, with another text of the example."""
        self.example.write_text(text)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "x")

    def capture(self) -> str:
        """Capture as a runner does, whose checkout is then thrown away; what it says."""
        done = self.run(".ci/capture", str(self.found), "here")
        assert done.returncode == 0, done.stderr
        self.git("reset", "--quiet", "--hard")
        return done.stdout

    def propose(self) -> str:
        """Propose as the last job does, whose checkout is then thrown away; what it says."""
        self.git("switch", "--quiet", "--detach", "main")
        done = self.run(".ci/propose", str(self.found))
        self.git("reset", "--quiet", "--hard")
        self.git("switch", "--quiet", "main")
        return done.stdout + done.stderr

    def proposed(self) -> tuple[str, list[str]]:
        """What the request's branch changes, where there is one, and what was done to requests."""
        noted = self.state / "requests"
        requests = noted.read_text().split() if noted.exists() else []
        if not self.git("branch", "--list", "captures"):
            return "", requests
        assert self.git("rev-list", "--count", "main..captures") == "1"
        return self.git("diff", "--name-status", "main", "captures"), requests


@pytest.fixture
def hosted(tmp_path: Path) -> Hosted:
    return Hosted(tmp_path)


def as_platform(words: str) -> dict[str, str]:
    """A platform as a capture's file has it."""
    names = ("implementation", "version", "python", "flags", "system", "machine", "libc")
    return dict(zip(names, ("" if word == "-" else word for word in words.split())))


def test_weekly(hosted: Hosted) -> None:
    """What is new opens a request, what comes later changes that one; when all is merged, none."""
    assert hosted.propose() == "nothing has changed\n"
    assert "here has no capture of just this release" in hosted.capture()
    hosted.propose()
    new, requests = hosted.proposed()
    assert re.fullmatch(r"A\tdocs/captures/[\w.-]+\.json", new)
    assert new in (hosted.found / "body.md").read_text()
    (hosted.root / "more").touch()
    hosted.change("print('one')\n")
    hosted.propose()
    assert (requests, hosted.proposed()) == (["create"], (new, ["create", "edit"]))

    hosted.git("merge", "--quiet", "captures")
    assert hosted.capture().startswith("here says the same as before.\n")
    assert hosted.propose() == "nothing has changed\n"

    hosted.change("print('two')\n")
    assert "here has drifted.\n" in hosted.capture()
    assert "\n-one\n+two\n" in (hosted.state / "summary").read_text()
    hosted.propose()
    assert hosted.proposed()[0] == f"M{new[1:]}"
    assert "`one` has drifted on here." in (hosted.found / "body.md").read_text()


def test_untrusted(hosted: Hosted) -> None:
    """Of what a runner made only captures are taken, and none that tells of a machine."""
    hosted.capture()
    hosted.example.write_text("print('planted')\n")
    planted = hosted.git("diff")
    patch = hosted.found / "here.patch"
    good = patch.read_text()
    patch.write_text(good.replace('"one\\n"', '"/home/ann\\n"'))
    assert "a home folder is not redacted: /home/ann" in hosted.propose()
    assert hosted.proposed() == ("", [])
    patch.write_text(f"{good}{planted}\n")
    hosted.propose()
    assert re.fullmatch(r"A\tdocs/captures/\S+", hosted.proposed()[0])


def test_nothing_can_be_captured(hosted: Hosted) -> None:
    """Where nothing can be captured, the runner's job fails."""
    hosted.example.unlink()
    assert hosted.run(".ci/capture", str(hosted.found), "here").returncode == 2


def test_changed(hosted: Hosted) -> None:
    """Captures that a request changes are verified, and go to the runner of their platform."""
    hosted.capture()
    hosted.git("apply", str(hosted.found / "here.patch"))
    (own,) = (hosted.root / "docs" / "captures").iterdir()
    data = json.loads(own.read_text())
    data["platform"] = as_platform("cpython 3.14.0 3.14.0 - linux x86_64 glibc")
    path = own.with_name("cpython-3.14.0-linux-x86_64-glibc.json")
    data["platform"]["id"] = path.stem
    own.unlink()
    job = '{"include": [{"runner": "ubuntu-24.04", "python": "3.14.0"}]}'
    for text, status, said in (
        (json.dumps(data), 0, f"matrix={job}\n"),
        ("", 0, "matrix=\n"),  # it is gone, and the job that would check one is skipped
        ("{}", 1, ""),
    ):
        path.write_text(text) if text else path.unlink()
        hosted.change(f"print({status})\n")
        done = hosted.run(".ci/changed", "HEAD^1")
        assert (done.returncode, done.stdout.endswith(said)) == (status, True), done.stderr
    assert (hosted.state / "output").read_text() == f"matrix={job}\nmatrix=\n"
    assert hosted.run(".ci/changed", "HEAD^9").returncode != 0


def jobs(*files: Path) -> list[tuple[str, str]]:
    """What `.ci/runners` prints for these files."""
    command = [sys.executable, ROOT / ".ci" / "runners", *files]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    include = json.loads(done.stdout or '{"include": []}')["include"]
    return [(job["runner"], job["python"]) for job in include]


def test_every_platform() -> None:
    """Each job of a week is there once, save those that a system has no Python for."""
    runners, pythons = ({job[part] for job in jobs()} for part in (0, 1))
    assert len(jobs()) == len(set(jobs())) == len(runners) * len(pythons) - 3
    assert ("windows-11-arm", "3.9") not in jobs()


@pytest.mark.parametrize(
    ("platform", "job"),
    [
        ("cpython 3.9.1 3.9.1 - linux aarch64 glibc", ("ubuntu-24.04-arm", "3.9.1")),
        ("cpython 3.14.1 3.14.1 free-threading darwin arm64 -", ("macos-15", "3.14.1t")),
        ("cpython 3.15.0rc1 3.15.0rc1 - windows amd64 -", ("windows-2025", "3.15.0rc1")),
        ("pypy 7.3.20 3.11.13 - darwin x86_64 -", ("macos-15-intel", "pypy3.11-v7.3.20")),
        ("pypy 7.3.20 3.11.13 - windows arm64 -", None),
        ("cpython 3.9.1 3.9.1 - windows arm64 -", None),
        ("cpython 3.14.1 3.14.1 - linux x86_64 musl", None),
        ("cpython 3.14.1 3.14.1 debug linux x86_64 glibc", None),
        ("cpython 3.13.1 3.13.1 free-threading linux x86_64 glibc", None),
        ("graalpy 25.0.0 3.12.8 - linux x86_64 glibc", None),
    ],
)
def test_runners(tmp_path: Path, platform: str, job: tuple[str, str] | None) -> None:
    """A capture's own release is asked for, where a runner may have it."""
    (tmp_path / "x.json").write_text(json.dumps({"platform": as_platform(platform)}))
    assert jobs(tmp_path / "x.json") == ([job] if job else [])


@each_workflow
def test_workflows(path: Path) -> None:
    """A workflow has no rights, each job those that it names and an end; actions are pinned."""
    yaml = pytest.importorskip("yaml")
    text = path.read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in text
    for name, job in workflow["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 60, name
        written = {right for right, kind in job["permissions"].items() if kind == "write"}
        assert written == {
            "deploy": {"pages", "id-token"},
            "propose": {"contents", "pull-requests"},
        }.get(name, set())
        for step in job["steps"]:
            run = step.get("run", "echo ")
            assert "${{" not in run
            script = re.search(r"\.ci/\w+", run)
            assert script or run.startswith(("echo ", "python src/poolcontext capture ")), run
            assert not script or os.access(ROOT / script[0], os.X_OK), run
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
    everywhere = "".join(other.read_text() for other in WORKFLOWS)
    for action, pin in re.findall(r" uses: (.*)@(.*)", text):
        assert action.startswith("actions/")
        assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin), action
        assert set(re.findall(rf"{action}@(.*)", everywhere)) == {pin}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/owner/name.git", "owner/name"),
        ("https://github.com/owner/name", "owner/name"),
        ("https://example.org/owner/name.git", ""),
        ("git@github.com:owner/name.git", ""),
        ("", ""),
    ],
)
def test_read_the_docs(tmp_path: Path, url: str, name: str) -> None:
    """Its commands, run as they are with a `make` that stands for ours, put the site there."""
    yaml = pytest.importorskip("yaml")
    docs = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())
    make = tmp_path / "bin" / "make"
    make.parent.mkdir()
    make.write_text('mkdir -p docs/_build/html; echo "$1 $GITHUB_REPOSITORY" >docs/_build/html/x')
    make.chmod(0o755)
    environment = {
        "PATH": f"{make.parent}{os.pathsep}{os.environ['PATH']}",
        "READTHEDOCS_GIT_CLONE_URL": url,
        "READTHEDOCS_OUTPUT": str(tmp_path / "_readthedocs"),
    }
    for command in docs["build"]["jobs"]["build"]["html"]:
        subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "_readthedocs" / "html" / "x").read_text() == f"html {name}\n"
