"""What is made of captures: the file first, then words about it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from poolcontext.capture import platform as platforms
from poolcontext.capture import storage
from poolcontext.capture.cli import IMPOSSIBLE, Job, _compare, _keep, _near
from poolcontext.capture.interpreter import Interpreter
from poolcontext.capture.script import Script
from poolcontext.capture.snapshot import Capture, Snapshot


def made(output: str = "hello\n", ended: str = "exit", status: int | None = 0) -> Snapshot:
    """A capture of a script that nobody has run."""
    return Snapshot("0" * 64, "2026-11-22", ended, status, 0.5, output)


@pytest.fixture
def said() -> list[str]:
    """What is said on standard error."""
    return []


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Two examples, of which the file that is not there yet holds none."""
    platform = platforms.describe()
    scripts = {name: Script(tmp_path / f"{name}.py", name) for name in ("a", "b")}
    interpreter = Interpreter(("python",), platform, {})
    file = tmp_path / "captures" / f"{platform.id}.json"
    return Job(scripts, list(scripts.values()), True, interpreter, file, {})


class TestShown:
    """How a path is named."""

    def test_below(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """What is below the working directory is named from there."""
        monkeypatch.chdir(tmp_path)
        assert _near(tmp_path / "a" / "b.json") == os.path.join("a", "b.json")
        assert _near(Path("a", "b.json")) == os.path.join("a", "b.json")

    def test_elsewhere(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """What is above or beside it is named as it is."""
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        assert _near(tmp_path / "a" / "b.json") == str(tmp_path / "a" / "b.json")
        assert _near(tmp_path) == str(tmp_path)

    @pytest.mark.parametrize("error", [FileNotFoundError(2, "gone"), ValueError("another disk")])
    def test_nowhere(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        """Where there is no way from here to there, it is named as it is."""

        def fail(path: object) -> str:
            raise error

        monkeypatch.setattr(os.path, "relpath", fail)
        assert _near(Path("a", "b.json")) == os.path.join("a", "b.json")


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (made(), "exit status 0"),
        (made(status=3), "exit status 3"),
        (made(ended="signal", status=-9), "ended by signal 9"),
        (made(ended="timeout", status=None), "ended at its time limit"),
    ],
)
def test_ending(capture: Snapshot, words: str) -> None:
    """What ended a script is said in few words."""
    assert capture.ending == words


class TestKeep:
    """Writing."""

    def test_older_stays(
        self,
        job: Job,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        said: list[str],
    ) -> None:
        """An older release's file that cannot be removed is named, and the new one is there."""
        fresh = {"a": made(), "b": made()}
        platform = job.interpreter.platform
        older = platform._replace(version="3.9.0", python="3.9.0")
        newer = platform._replace(version="3.9.1", python="3.9.1")
        file = job.file.with_name(f"{older.id}.json")
        storage.save(Capture(older, fresh), file)
        job = job._replace(
            interpreter=job.interpreter._replace(platform=newer),
            file=job.file.with_name(f"{newer.id}.json"),
        )

        def fail(path: Path, missing_ok: bool = False) -> None:
            raise PermissionError(13, "not allowed")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", fail)
            assert _keep(job, fresh, False, said.append) == IMPOSSIBLE
        assert f"{file}, of an older release, stays: " in said[0]
        assert storage.load(job.file).examples == fresh
        assert file.exists()

    def test_saved_before_it_is_said(
        self, job: Job, monkeypatch: pytest.MonkeyPatch, said: list[str]
    ) -> None:
        """When the first word is said the file is written, so that whoever reads may go away."""

        def fail(*arguments: object) -> None:
            assert set(storage.load(job.file).examples) == {"a", "b"}
            raise BrokenPipeError

        monkeypatch.setattr("builtins.print", fail)
        with pytest.raises(BrokenPipeError):
            _keep(job, {"a": made(), "b": made()}, False, said.append)

    def test_words(self, job: Job, capsys: pytest.CaptureFixture[str], said: list[str]) -> None:
        """The table comes first, then what became of the file."""
        assert _keep(job, {"b": made(status=1), "a": made()}, False, said.append) == 0
        table, _, words = capsys.readouterr().out.partition("\n\n")
        assert [line.split() for line in table.splitlines()] == [
            ["example", "outcome", "seconds", "compared", "with", "the", "file"],
            ["a", "exit", "status", "0", "0.50", "new"],
            ["b", "exit", "status", "1", "(meant:", "0)", "0.50", "new"],
        ]
        assert words.splitlines() == [
            f"{_near(job.file)} is written.",
            "Look at b: not ended as it was meant to.",
        ]

    def test_not_written(
        self,
        job: Job,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        said: list[str],
    ) -> None:
        """Where it cannot be written, that is all that is said."""

        def fail(*arguments: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(storage, "save", fail)
        assert _keep(job, {"a": made(), "b": made()}, False, said.append) == IMPOSSIBLE
        assert capfd.readouterr().out == ""
        (line,) = said
        assert line.startswith(f"{_near(job.file)} cannot be written, and is as it was")
        assert line.endswith("No space left on device")


class TestCheck:
    """Comparing."""

    @pytest.mark.parametrize(
        "output",
        [
            "one\ntwo",
            "one\ntwo\n\n",
            "one\rtwo\n",
            "one\x0ctwo\n",
            "one\u2028two\n",
            "one\x85two\n",
        ],
        ids=ascii,
    )
    def test_agrees(
        self, job: Job, output: str, capsys: pytest.CaptureFixture[str], said: list[str]
    ) -> None:
        """What would be written is a difference, and what differs would be written."""
        job = job._replace(before={"a": made("one\ntwo\n"), "b": made()})
        fresh = {"a": made(output), "b": made()}
        assert _compare(job, fresh) == 1
        assert "--- a\t" in capsys.readouterr().out
        assert _keep(job, fresh, False, said.append) == 0
        assert storage.load(job.file).examples["a"].output == output
        assert _compare(job._replace(before=fresh), fresh) == 0
