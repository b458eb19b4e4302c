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

from poolcontext import platforms

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
IDENTITY = ["-c", "user.name=a", "-c", "user.email=a@localhost"]

pytestmark = pytest.mark.skipif(
    os.name == "nt" or not (shutil.which("bash") and shutil.which("git")),
    reason="the scripts want bash and git",
)

GH = r"""#!/usr/bin/env bash
# Stands for `gh`: notes each call, and remembers whether a pull request is open.
echo "$*" >>"$GH_STATE/calls"
case "$1 $2" in
  "pr view") [[ -e $GH_STATE/open ]] || exit 1; echo OPEN ;;
  "pr create") [[ ! -e $GH_STATE/open ]] || exit 1; touch "$GH_STATE/open" ;;
  "pr edit") [[ -e $GH_STATE/open ]] || exit 1 ;;
esac
"""

SCRIPT = "print('one')\n"


def git(root: Path, *words: str) -> str:
    """Call git, and return what it prints."""
    done = subprocess.run(
        ["git", *IDENTITY, *words], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


class Hosted:
    """A checkout with one example, where it is pushed to, and what a runner has."""

    def __init__(self, folder: Path) -> None:
        self.root, self.remote = folder / "work", folder / "remote.git"
        self.found = folder / "found"
        self.name = f"docs/captures/{platforms.describe().id}.json"
        state = folder / "gh"
        state.mkdir()
        tools = folder / "bin"
        tools.mkdir()
        for name, text in (("gh", GH), ("python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        (tools / "python3").symlink_to("python")
        self.calls = state / "calls"
        self.open = state / "open"
        self.environment = {
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "GH_STATE": str(state),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self.summary, self.output = folder / "summary", folder / "output"
        (self.root / ".ci").mkdir(parents=True)
        for name in ("capture", "changed", "propose", "runners"):
            shutil.copy(ROOT / ".ci" / name, self.root / ".ci")
        code = self.root / "src" / "poolcontext"
        code.mkdir(parents=True)
        for module in (ROOT / "src" / "poolcontext").glob("*.py"):
            shutil.copy(module, code)
        self.example = self.root / "examples" / "some" / "one.py"
        self.example.parent.mkdir(parents=True)
        self.example.write_text(SCRIPT)
        (self.root / "docs" / "captures").mkdir(parents=True)
        (self.root / ".gitignore").write_text("__pycache__\n")
        git(folder, "init", "--quiet", "--bare", str(self.remote))
        git(self.root, "init", "--quiet", "--initial-branch=main")
        git(self.root, "remote", "add", "origin", str(self.remote))
        self.commit()

    def commit(self) -> None:
        """Commit all there is, on main."""
        git(self.root, "add", ".")
        git(self.root, "commit", "--quiet", "--message", "x")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call a script as a workflow does."""
        return subprocess.run(
            words,
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def capture(self) -> str:
        """Capture as a runner does, whose checkout is then thrown away; return what it says."""
        git(self.root, "switch", "--quiet", "main")
        done = self.run(".ci/capture", str(self.found), "here")
        assert done.returncode == 0, done.stderr
        git(self.root, "reset", "--quiet", "--hard")
        return self.summary.read_text().splitlines()[-1]

    def propose(self) -> subprocess.CompletedProcess[str]:
        """Propose as the last job does, from main."""
        git(self.root, "switch", "--quiet", "main")
        return self.run(".ci/propose", str(self.found))

    def requests(self) -> list[str]:
        """What was done to pull requests."""
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [call.split()[1] for call in calls if call.startswith(("pr create", "pr edit"))]

    def body(self) -> str:
        """What the pull request says."""
        return (self.found / "body.md").read_text()


@pytest.fixture
def hosted(tmp_path: Path) -> Hosted:
    """A new one for each test."""
    return Hosted(tmp_path)


class TestWeekly:
    """From a runner's capture to the one pull request."""

    def test_one_request(self, hosted: Hosted) -> None:
        """What is new opens a request; the next run changes that one; when it is merged, none."""
        assert "no capture" in hosted.capture()
        done = hosted.propose()
        assert done.returncode == 0, done.stderr
        assert hosted.requests() == ["create"]
        assert f"`{hosted.name}` is new" in hosted.body()
        assert git(hosted.remote, "ls-tree", "--name-only", "captures", hosted.name) == hosted.name

        hosted.capture()
        assert hosted.propose().returncode == 0
        assert hosted.requests() == ["create", "edit"]
        assert git(hosted.root, "rev-list", "--count", "main..captures") == "1"

        git(hosted.root, "switch", "--quiet", "main")
        git(hosted.root, "merge", "--quiet", "captures")
        hosted.open.unlink()
        assert hosted.capture() == "here says the same as before."
        done = hosted.propose()
        assert (done.stdout, done.returncode) == ("nothing has changed\n", 0)
        assert hosted.requests() == ["create", "edit"]

    def test_drift(self, hosted: Hosted) -> None:
        """What prints something else is no failure, stands in the summary and in the request."""
        hosted.capture()
        git(hosted.root, "apply", "--index", str(hosted.found / "here.patch"))
        hosted.example.write_text("print('two')\n")
        hosted.commit()
        hosted.capture()
        summary = hosted.summary.read_text()
        assert "here has drifted.\n" in summary
        assert "\n-one\n+two\n" in summary
        assert hosted.propose().returncode == 0
        assert f"`{hosted.name}` has changed" in hosted.body()
        assert "Drifted on here: `one`." in hosted.body()

    def test_nothing_came(self, hosted: Hosted) -> None:
        """Without a single capture there is nothing to propose."""
        assert hosted.propose().stdout == "nothing has changed\n"
        assert hosted.requests() == []

    def test_other_files(self, hosted: Hosted) -> None:
        """Of what a runner made nothing but captures is taken."""
        hosted.capture()
        hosted.example.write_text("print('planted')\n")
        patch = hosted.found / "here.patch"
        patch.write_text(patch.read_text() + git(hosted.root, "diff") + "\n")
        git(hosted.root, "checkout", "--quiet", ".")
        assert hosted.propose().returncode == 0
        assert git(hosted.root, "diff", "--name-only", "main", "captures") == hosted.name

    def test_unredacted(self, hosted: Hosted) -> None:
        """A capture that tells of a machine is not pushed."""
        hosted.capture()
        patch = hosted.found / "here.patch"
        patch.write_text(patch.read_text().replace('"one\\n"', '"/home/ann\\n"'))
        done = hosted.propose()
        assert done.returncode == 1
        assert "a home folder is not redacted: /home/ann" in done.stderr
        assert git(hosted.remote, "branch") == ""
        assert hosted.requests() == []

    def test_failure(self, hosted: Hosted) -> None:
        """Where nothing can be captured, the runner's job fails."""
        hosted.example.unlink()
        assert hosted.run(".ci/capture", str(hosted.found), "here").returncode == 2


class TestChanged:
    """What a pull request's own captures go through."""

    def matrix(self, hosted: Hosted, commit: str = "HEAD^1") -> str:
        """Look at what has changed, and return the output for the next job."""
        done = hosted.run(".ci/changed", commit)
        assert done.returncode == 0, done.stderr
        return hosted.output.read_text().splitlines()[-1].partition("matrix=")[2]

    def test_none(self, hosted: Hosted) -> None:
        """Without a changed capture there is no matrix, so that its job is skipped."""
        hosted.example.write_text("print('two')\n")
        hosted.commit()
        assert self.matrix(hosted) == ""

    def test_some(self, hosted: Hosted) -> None:
        """A new capture is verified, and goes to the runner that has its platform."""
        hosted.capture()
        git(hosted.root, "apply", "--index", str(hosted.found / "here.patch"))
        path = hosted.root / hosted.name
        there = platforms.Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
        data = json.loads(path.read_text())
        data["platform"] = {"id": there.id, **there._asdict()}
        path.unlink()
        path = path.with_name(f"{there.id}.json")
        path.write_text(json.dumps(data))
        hosted.commit()
        wanted = {"include": [{"runner": "ubuntu-24.04", "python": "3.14.0"}]}
        assert json.loads(self.matrix(hosted)) == wanted
        path.unlink()
        hosted.commit()
        assert self.matrix(hosted) == ""

    def test_broken(self, hosted: Hosted) -> None:
        """A file that is no capture fails the job, and so does a commit that is not there."""
        (hosted.root / "docs" / "captures" / "x.json").write_text("{}")
        hosted.commit()
        done = hosted.run(".ci/changed", "HEAD^1")
        assert done.returncode == 1
        assert "poolcontext: docs/captures/x.json: " in done.stderr
        assert hosted.run(".ci/changed", "HEAD^9").returncode != 0


class TestRunners:
    """Which runner has which platform."""

    def jobs(self, *files: Path) -> list[tuple[str, str]]:
        """What the script prints for these files."""
        done = subprocess.run(
            [sys.executable, ROOT / ".ci" / "runners", *files],
            check=True,
            capture_output=True,
            text=True,
        )
        include = json.loads(done.stdout or '{"include": []}')["include"]
        return [(job["runner"], job["python"]) for job in include]

    def test_weekly(self) -> None:
        """Every Python is captured on every system, each job once, and no job twice."""
        jobs = self.jobs()
        assert len(set(jobs)) == len(jobs)
        pythons = {python for _, python in jobs}
        assert pythons == {f"3.{n}" for n in range(9, 16)} | {"3.14t", "3.15t", "pypy3.11"}
        for runner in ("ubuntu-24.04", "ubuntu-24.04-arm", "macos-15-intel", "macos-15"):
            assert {python for where, python in jobs if where == runner} == pythons
        assert {python for where, python in jobs if where == "windows-2025"} == pythons
        lacking = pythons - {python for where, python in jobs if where == "windows-11-arm"}
        assert lacking == {"3.9", "3.10", "pypy3.11"}

    @pytest.mark.parametrize(
        ("fields", "job"),
        [
            (
                ("cpython", "3.9.1", "3.9.1", "", "linux", "aarch64", "glibc"),
                ("ubuntu-24.04-arm", "3.9.1"),
            ),
            (
                ("cpython", "3.14.1", "3.14.1", "free-threading", "darwin", "arm64", ""),
                ("macos-15", "3.14.1t"),
            ),
            (
                ("cpython", "3.15.0rc1", "3.15.0rc1", "", "windows", "amd64", ""),
                ("windows-2025", "3.15.0rc1"),
            ),
            (
                ("pypy", "7.3.20", "3.11.13", "", "darwin", "x86_64", ""),
                ("macos-15-intel", "pypy3.11-v7.3.20"),
            ),
            (("pypy", "7.3.20", "3.11.13", "", "windows", "arm64", ""), None),
            (("cpython", "3.9.1", "3.9.1", "", "windows", "arm64", ""), None),
            (("cpython", "3.14.1", "3.14.1", "", "linux", "x86_64", "musl"), None),
            (("cpython", "3.14.1", "3.14.1", "debug", "linux", "x86_64", "glibc"), None),
            (("cpython", "3.13.1", "3.13.1", "free-threading", "linux", "x86_64", "glibc"), None),
            (("graalpy", "25.0.0", "3.12.8", "", "linux", "x86_64", "glibc"), None),
            (("cpython", "3.14.2", "3.14.2", "", "emscripten", "wasm32", ""), None),
        ],
        ids=lambda value: "-".join(filter(None, value)) if value else "none",
    )
    def test_offered(
        self, tmp_path: Path, fields: tuple[str, ...], job: tuple[str, str] | None
    ) -> None:
        """A capture's own release is asked for, where a runner may have it."""
        platform = platforms.Platform(*fields)
        path = tmp_path / f"{platform.id}.json"
        path.write_text(json.dumps({"platform": platform._asdict()}))
        assert self.jobs(path) == ([job] if job else [])


class TestWorkflows:
    """What the hosts are told."""

    @pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
    def test_rights(self, path: Path) -> None:
        """A workflow has no rights, each of its jobs those that it names, and an end."""
        yaml = pytest.importorskip("yaml")
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {}
        assert "pull_request_target" not in path.read_text()
        for name, job in workflow["jobs"].items():
            assert 0 < job["timeout-minutes"] <= 60, name
            written = {right for right, kind in job["permissions"].items() if kind == "write"}
            assert written == {
                "deploy": {"pages", "id-token"},
                "propose": {"contents", "pull-requests"},
            }.get(name, set())
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False
                assert "${{" not in step.get("run", "")

    @pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
    def test_pinned(self, path: Path) -> None:
        """An action is named by a commit, with its release in a comment; all agree on it."""
        uses = [line.strip(" -") for line in path.read_text().splitlines() if " uses:" in line]
        assert uses
        for line in uses:
            assert re.fullmatch(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
        everywhere = "".join(other.read_text() for other in WORKFLOWS)
        for action in {line.partition("@")[0] for line in uses}:
            assert len(set(re.findall(rf"{action}@.*", everywhere))) == 1

    def test_same_commands(self) -> None:
        """Hosts run what the README and CONTRIBUTING name, or a script of .ci."""
        yaml = pytest.importorskip("yaml")
        documented = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
        docs = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())
        command = docs["build"]["jobs"]["build"]["html"][0]
        assert command.endswith(" make html")
        assert "make html" in documented
        for path in WORKFLOWS:
            for job in yaml.safe_load(path.read_text())["jobs"].values():
                for run in (step["run"] for step in job["steps"] if "run" in step):
                    script = re.search(r"\.ci/\w+", run)
                    if script:
                        assert os.access(ROOT / script[0], os.X_OK), run
                    elif not run.startswith("echo "):
                        assert run.partition(" --")[0].replace("python ", "", 1) in documented, run
        assert "`.ci/run`" in documented

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
    def test_read_the_docs(self, tmp_path: Path, url: str, name: str) -> None:
        """Its commands, run as they are with a `make` that stands for ours, put the site there."""
        yaml = pytest.importorskip("yaml")
        docs = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())
        make = tmp_path / "bin" / "make"
        make.parent.mkdir()
        make.write_text(
            'mkdir -p docs/_build/html; echo "$1 $GITHUB_REPOSITORY" >docs/_build/html/x'
        )
        make.chmod(0o755)
        environment = {
            "PATH": f"{make.parent}{os.pathsep}{os.environ['PATH']}",
            "READTHEDOCS_GIT_CLONE_URL": url,
            "READTHEDOCS_OUTPUT": str(tmp_path / "_readthedocs"),
        }
        for command in docs["build"]["jobs"]["build"]["html"]:
            subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, check=True)
        assert (tmp_path / "_readthedocs" / "html" / "x").read_text() == f"html {name}\n"
