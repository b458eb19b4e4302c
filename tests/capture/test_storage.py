"""The file that keeps a capture: what it may hold, and that it is whole at every moment."""

from __future__ import annotations

import copy
import json
import math
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from processes import SOON, posix, wait_for

from poolcontext.capture import storage
from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.capture.storage import FileError, load, load_folder, parse, save, serialize

COMMITTED = Path(__file__).parents[2] / "docs" / "captures"
PLATFORM = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
NAME = f"{PLATFORM.id}.json"
OUTPUT = "é → 𝄞\ttab\ffeed\rreturn\x1b[0m\u2028\0 <b>'\"\\\n\n  two\nno end"
GOOD: dict[str, Any] = {
    "script": "0" * 64,
    "date": "2026-11-22",
    "ended": "exit",
    "status": 0,
    "seconds": 0.5,
    "output": ["one\n", "two"],
}
ONE = Snapshot("0" * 64, "2026-11-22", "exit", 0, 0.5, "one\ntwo")
THREE = Capture(
    PLATFORM,
    {
        "b": ONE._replace(status=None, ended="timeout", date="2026-11-20", output=OUTPUT),
        "c": ONE._replace(status=-9, ended="signal", output="", seconds=7),
        "a": ONE,
    },
)


def changed(fields: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """An object, changed; what is ... is left out."""
    return {key: value for key, value in {**fields, **change}.items() if value is not ...}


def whole(**change: Any) -> str:
    """A file's text with something wrong in it."""
    fields: dict[str, Any] = {"schema": 1, "platform": {"id": PLATFORM.id, **PLATFORM._asdict()}}
    fields.update(date="2026-11-22", examples={"a": copy.deepcopy(GOOD)})
    return json.dumps(changed(fields, change))


def platform(**change: Any) -> str:
    """A file's text with something wrong in what it says of the platform."""
    return whole(platform=changed({"id": PLATFORM.id, **PLATFORM._asdict()}, change))


def examples(**change: Any) -> str:
    """A file's text with other examples."""
    return whole(examples=change)


def example(**change: Any) -> str:
    """A file's text with something wrong in its example."""
    return examples(a=changed(GOOD, change))


def replaced(old: str, new: str) -> str:
    """A file's text with one part in place of another."""
    assert old in whole()
    return whole().replace(old, new, 1)


PLACES = {whole: "", platform: "platform: ", examples: "examples: ", example: "examples: a: "}
MANY = {f"a{number}": GOOD for number in range(5001)}
VALUES: list[tuple[Any, str, tuple[object, ...], str]] = [
    # What makes a file of it, the field, values of no use, and what is said of each.
    (whole, "schema", (0, 2, "1", None, True, 1.0, [1], "\x1b\n\u202e"), "{} is not 1"),
    (whole, "platform", (["id"], None, "x", 1), "it is no object"),
    (whole, "date", ("2026-11-23", None), "it is not 2026-11-22, the latest of the examples"),
    (whole, "examples", ([GOOD], None, "x", 1), "it is no object"),
    (whole, "examples", ({},), "there are 0, and not 1 to 5000"),
    (whole, "examples", (MANY,), "there are 5001, and not 1 to 5000"),
    (platform, "id", ("cpython-3.14.1", [PLATFORM.id]), f"it is not {PLATFORM.id}, which"),
    (platform, "system", ("../x", "<b>\u202e\n", ""), "not {}"),
    (platform, "version", (3.14, None, ["x"]), "it is no text"),
    (examples, "a", ([1], None), "it is no object"),
    (example, "script", (3, "", "0" * 63, "0" * 64 + "\n", "A" * 64, "٠" * 64), "{} is no SHA-256"),
    (example, "date", ("yesterday", 20261122, "20261122", "2026-W47-7"), "{} is no date"),
    (example, "date", ("2026-11-22T10:00", "2026-11-22\n", "٢٠٢٦-11-22"), "{} is no date"),
    (example, "date", ("2026-02-30", "2026-13-01", "0000-01-01"), ""),
    (example, "ended", ("exploded", "interrupt", None, ["exit"], {}), "{} is neither"),
    (example, "status", ("0", 0.0, True, [0], 2**32, -(2**31) - 1), "{} is no exit status"),
    (example, "status", (-9, None), "not {}, since it ended by exit"),
    (example, "seconds", ("1", True, None, [1], -0.001, 10**6), "{} is no number of seconds"),
    (example, "seconds", (math.inf, -math.inf, math.nan), "{} is no number of seconds"),
    (example, "output", (5, None, "x\n", {"0": "x"}), "not a list of lines"),
    *(
        (example, "output", (["x\n", line],), f"line 2: {line!a} is no line")
        for line in (5, None, "", "x\ny\n", "x\n\n", "\nx")
    ),
    (example, "output", ([["x\n"]],), "line 1: a list is no line"),
    (example, "output", (["x\n", "y", "z\n"],), "line 2: 'y' has no end"),
    (example, "output", (["\ud800"], ["\udfff\n"], ["\udc00\ud800"]), "line 1: it holds half a"),
    (example, "output", (["x" * 300_001], ["x\n"] * 150_001), "it has more than 300000 characters"),
    *((whole, key, (...,), "it is missing") for key in ("schema", "platform", "date", "examples")),
    *((platform, key, (...,), "it is missing") for key in ("id", "system")),
    *((example, key, (...,), "it is missing") for key in GOOD),
]

NO_NAMES = (
    *("../x", "a/b", "a\\b", "", ".a", "-a", "a\nb", "a\n", "a\x1b", "a\u202e", "a\ud800"),
    *("<script>", "é", "a b", "a" * 101),
)
DEEP = "[" * 100_000 + "]" * 100_000
LARGE = whole() + " " * ((4 << 20) - len(whole()))
RUBBISH: list[tuple[str | bytes, str]] = [
    # A file's content, and what the message has after the file's path.
    *((text, "") for text in ("", " ", "{'schema': 1}", whole()[:-20], whole()[:-1])),
    *((text, "") for text in (whole() + "}", whole() * 2, "[" * 100_000, DEEP, '{"a":' * 100_000)),
    *((text, "") for text in ('{"a":' * 100_000 + "1" + "}" * 100_000, "\u202e{}", '{"\\x": 1}')),
    *((text, "") for text in ('{"a\x1b[31m": 1}', '{"a\nb": 1}', b"\0" * 1000)),
    *((whole().encode(code), "") for code in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig")),
    *((text, "'utf-8' codec") for text in (b'{"\xff": 1}', b'{"\xed\xa0\x80": 1}', b"\xc3")),
    (replaced('["one\\n", "two"]', DEEP), ""),
    (replaced('"schema": 1', f'"schema": {DEEP}'), ""),
    *((text, "it is no object") for text in ("[]", f"[{whole()}]", "null", '"schema"', "NaN")),
    ("9" * 100_000, "it is no object"),
    *((text, "date: it is missing") for text in ("{}", '{"\u202e": 1}')),
    (LARGE + " ", "it has more than 4194304 bytes"),
    ('{"schema": 2, "runs": []}', "schema: 2 is not 1"),
    *(
        (whole(**{key: 1}), f"{key!a:.40}: nothing is known of it")
        for key in ("runner", "\x1b\u202e\n", "\ud800", "x" * 100_000)
    ),
    (platform(title="x"), "platform: 'title': nothing is known of it"),
    (example(colour="red"), "examples: a: 'colour': nothing is known of it"),
    (platform(id=PLATFORM._replace(libc="musl").id, libc="musl"), "platform: cpython-3.14.0-linux"),
    *(
        (examples(**{name: GOOD}), f"examples: {name!a:.40} is no script's name")
        for name in NO_NAMES
    ),
    *(
        (example(ended=ended), "examples: a: status: not 0, since it ended by")
        for ended in ("signal", "timeout")
    ),
    # One key twice, and what JSON allows and no field takes.
    (replaced('"schema"', '"schema": 1, "schema"'), "'schema' is there twice"),
    (replaced('"a"', '"a": {}, "a"'), "examples: 'a' is there twice"),
    (replaced('"system"', '"system": "x", "system"'), "platform: 'system' is there twice"),
    (replaced('"script"', '"script": "x", "script"'), "examples: a: 'script' is there twice"),
    ('{"\\u001b": 1, "\\u001b": 1}', "'\\x1b' is there twice"),
    (replaced('"status": 0', '"status": {"q": 1, "q": 2}'), "examples: a: status: an object is no"),
    (
        replaced('"status": 0', f'"status": {"9" * 5000}'),
        f"examples: a: status: {'9' * 20}... is no",
    ),
    (replaced("0.5", "1" * 21), f"examples: a: seconds: {'1' * 20}... is no"),
    (replaced('"linux"', "1" * 21), "platform: system: it is no text"),
    (replaced("0.5", "1e999"), "examples: a: seconds: inf is no number of seconds"),
]

FINE = [
    *(whole(), LARGE, examples(**{f"a{number}": GOOD for number in range(5000)})),
    *(examples(**{name: GOOD}) for name in ("a" * 100, "0_.-")),
    whole(date="2024-02-29", examples={"a": {**GOOD, "date": "2024-02-29"}}),
    *(example(output=lines) for lines in (["x" * 299_998 + "\n", "y"], ["x\n"] * 150_000, [])),
    *(example(status=2**32 - 1), example(status=-(2**31), ended="signal")),
    *(example(ended="timeout", status=None), example(seconds=0), example(seconds=999_999.999)),
    replaced("one", "\\ud834\\udd1e"),
]


def check_message(message: str) -> None:
    """A message is one line without what a terminal would act on."""
    assert message
    assert message.splitlines() == [message]
    assert message.isprintable()


class TestLoad:
    """What load makes of a file."""

    @pytest.mark.parametrize(("make", "field", "values", "message"), VALUES)
    def test_values(
        self, tmp_path: Path, make: Any, field: str, values: tuple[object, ...], message: str
    ) -> None:
        """A value that a field does not take is named, with its place."""
        for value in values:
            name = {list: "a list", dict: "an object"}.get(type(value), f"{value!a:.40}")
            self.refused(
                tmp_path, make(**{field: value}), f"{PLACES[make]}{field}: {message.format(name)}"
            )

    @pytest.mark.parametrize(("content", "place"), RUBBISH)
    def test_rubbish(self, tmp_path: Path, content: str | bytes, place: str) -> None:
        """A file that holds something else is refused in one line: the file, the place, why."""
        self.refused(tmp_path, content, place)

    def refused(self, folder: Path, content: str | bytes, place: str) -> None:
        file = folder / NAME
        file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        with pytest.raises(FileError) as caught:
            load(file)
        message = str(caught.value)
        assert message.startswith(f"{file}: {place}")
        assert len(message) < len(str(file)) + 200
        check_message(message)

    @pytest.mark.parametrize("content", FINE, ids=range(len(FINE)))
    def test_fine(self, tmp_path: Path, content: str) -> None:
        """What is within every bound is loaded, and comes back from a file of its own."""
        file = tmp_path / NAME
        file.write_text(content, encoding="utf-8")
        found = load(file)
        expected = json.loads(content)["examples"]
        assert list(found.examples) == list(expected)
        for name, fields in expected.items():
            assert found.examples[name]._asdict() == {**fields, "output": "".join(fields["output"])}
        save(found, file)
        assert load(file) == found

    @pytest.mark.parametrize("name", ["captures.json", NAME.upper(), f"x{NAME}", NAME[:-5]])
    def test_name_of_the_file(self, tmp_path: Path, name: str) -> None:
        """A file is called as its platform's id is: another is neither loaded nor saved."""
        (tmp_path / name).write_text(whole(), encoding="utf-8")
        with pytest.raises(FileError, match="has a file of that name, not this"):
            load(tmp_path / name)
        (tmp_path / name).unlink()
        with pytest.raises(ValueError, match="would not hold"):
            save(THREE, tmp_path / name)
        assert not list(tmp_path.iterdir())

    def test_missing(self, tmp_path: Path) -> None:
        """A file that is not there is an OSError."""
        with pytest.raises(FileNotFoundError):
            load(tmp_path / NAME)

    @posix
    @pytest.mark.parametrize("target", ["good", "missing", "/dev/zero", "/dev/null", NAME])
    def test_link(self, tmp_path: Path, target: str) -> None:
        """A link is not followed, be it to a good file, to none, to a device or to itself."""
        (tmp_path / "good").write_text(whole(), encoding="utf-8")
        (tmp_path / NAME).symlink_to(target)
        self.no_file(tmp_path / NAME)

    @posix
    @pytest.mark.timeout(60)
    def test_no_regular_file(self, tmp_path: Path) -> None:
        """A folder is no file, a pipe is not waited for, and a device is not read."""
        (tmp_path / NAME).mkdir()
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / NAME, tmp_path / "pipe", Path("/dev/null")):
            self.no_file(path)

    def no_file(self, path: Path) -> None:
        with pytest.raises(FileError) as caught:
            load(path)
        assert str(caught.value) == f"{path}: it is no regular file"

    @posix
    @pytest.mark.parametrize(
        "name", ["\u202eabc", "é", "\udcff", "\x1b[31m", "a\nb", "a\rb", "a\tb", "a\fb"], ids=ascii
    )
    def test_odd_name(self, tmp_path: Path, name: str) -> None:
        """A file's name is written out where a terminal would act on it or cannot show it."""
        try:
            (tmp_path / name).touch()
        except OSError:
            pytest.skip("a file cannot be called so here")
        with pytest.raises(FileError) as caught:
            load(tmp_path / name)
        check_message(str(caught.value))
        assert str(caught.value).startswith(os.path.join(tmp_path, ascii(name)[1:-1]) + ": ")


class TestLoadFolder:
    """What load_folder finds."""

    def test_all_kinds(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It has the captures of the good files, and a message for each other one, in order."""
        assert load_folder(tmp_path) == load_folder(tmp_path / "missing") == ([], [])
        other = Capture(PLATFORM._replace(libc="musl"), {"a": ONE})
        for one in (THREE, other):
            save(one, tmp_path / f"{one.platform.id}.json")
        (tmp_path / "rubbish.json").write_text("{}", encoding="utf-8")
        (tmp_path / "folder.json").mkdir()
        for name in (f".{NAME[:-5]}-1-2.draft", "README.md", "x.json~", "json"):
            (tmp_path / name).write_text("{", encoding="utf-8")
        found, errors = load_folder(tmp_path)
        assert found == [THREE, other]
        assert errors == [
            f"{tmp_path / 'folder.json'}: it is no regular file",
            f"{tmp_path / 'rubbish.json'}: date: it is missing",
        ]

        def refuse(path: Path, mode: str) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(storage, "open", refuse, raising=False)
        found, errors = load_folder(tmp_path)
        assert not found
        assert NAME in errors[0]

    def test_own(self) -> None:
        """What this project shows is good, and each file is as it would be saved today."""
        found, errors = load_folder(COMMITTED)
        assert found
        assert not errors
        for one in found:
            content = (COMMITTED / f"{one.platform.id}.json").read_bytes()
            assert content.replace(b"\r\n", b"\n") == serialize(one)


SOME = {f"a{number}": ONE for number in range(5001)}
MUCH = {f"a{number}": ONE._replace(output="x" * 300_000) for number in range(15)}
BAD = [
    *(
        Capture(PLATFORM, {"a": ONE._replace(**change)})
        for change in (
            *({"output": "\ud800"}, {"seconds": math.nan}, {"seconds": -1}, {"status": None}),
            *({"status": True}, {"status": None, "ended": "interrupt"}, {"date": "today"}),
            *({"output": "x" * 300_001}, {"script": ""}),
        )
    ),
    *(Capture(PLATFORM, examples) for examples in ({"../a": ONE}, {1: ONE}, {}, SOME, MUCH)),
    *(Capture(PLATFORM._replace(system=system), {"a": ONE}) for system in ("../x", "")),
]


class TestSave:
    """What save leaves behind."""

    def test_round_trip(self, tmp_path: Path) -> None:
        """What was saved is loaded, character by character, whichever script ended first."""
        file = tmp_path / "new" / "folder" / NAME
        save(THREE, file)
        assert load(file) == THREE
        assert list(file.parent.iterdir()) == [file]
        content = file.read_bytes()
        save(THREE._replace(examples=dict(sorted(THREE.examples.items()))), file)
        assert file.read_bytes() == content
        (file.parent / "other").touch()
        assert len({path.stat().st_mode for path in file.parent.iterdir()}) == 1

    def test_readable(self) -> None:
        """A file is text: keys in the order of the types, and a line for each line of an output."""
        text = serialize(THREE).decode("utf-8")
        assert text.endswith("\n}\n")
        assert "\r" not in text
        assert '    "é → 𝄞\\ttab\\ffeed\\rreturn\\u001b[0m\u2028\\u0000 <b>\'\\"\\\\\\n",\n' in text
        assert '    "\\n",\n    "  two\\n",\n    "no end"\n   ]\n' in text
        changed = ONE._replace(output="one\nthree\nfour")
        other = serialize(THREE._replace(examples={**THREE.examples, "a": changed}))
        lines = set(other.decode("utf-8").splitlines()) - set(text.splitlines())
        assert lines == {'    "three\\n",', '    "four"'}
        data = json.loads(text)
        assert list(data) == ["schema", "platform", "date", "examples"]
        assert list(data["platform"]) == ["id", *Platform._fields[:-1]]
        assert list(data["examples"]) == ["a", "b", "c"]
        assert list(data["examples"]["b"]) == list(Snapshot._fields)

    @pytest.mark.parametrize("captures", BAD, ids=range(len(BAD)))
    def test_what_load_would_refuse(self, tmp_path: Path, captures: Capture) -> None:
        """It is not saved: the old file stays, and neither a draft nor a folder is made."""
        file = tmp_path / NAME
        save(THREE, file)
        for path in (file, tmp_path / "new" / NAME):
            with pytest.raises(ValueError, match=r"."):
                save(captures, path)
        assert load(file) == THREE
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize("examples", [SOME, MUCH], ids=["501 examples", "4 MB"])
    def test_own_may_be_of_any_size(self, tmp_path: Path, examples: dict[str, Snapshot]) -> None:
        """What a build keeps for itself has no bounds of number and size."""
        save(Capture(PLATFORM, examples), tmp_path / NAME, trusted=True)
        assert load(tmp_path / NAME, trusted=True).examples == examples
        with pytest.raises(FileError, match=r"more than|and not 1 to"):
            load(tmp_path / NAME)

    @pytest.mark.parametrize("step", ["open", "os.fsync", "os.replace"])
    @pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
    def test_failure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
    ) -> None:
        """Where saving fails, the old file is whole, and no draft lies beside it."""
        file = tmp_path / NAME
        save(THREE, file)
        before = file.read_bytes()
        seen = []

        def fail(*given: Any) -> None:
            seen.extend(tmp_path.glob(".*.draft"))
            raise error

        with monkeypatch.context() as patch:
            if step == "open":
                patch.setattr(storage, "open", fail, raising=False)
            else:
                patch.setattr(step, fail)
            with pytest.raises(type(error)):
                save(Capture(PLATFORM, {"a": ONE}), file)
        assert file.read_bytes() == before
        assert list(tmp_path.iterdir()) == [file]
        if seen:  # a draft is one process's and one thread's own
            assert re.fullmatch(rf"\.{PLATFORM.id}-{os.getpid()}-\d+\.draft", seen[0].name)


SAVE = """
import itertools, sys
from pathlib import Path
from poolcontext.capture.storage import load, save

folder, times = Path(sys.argv[1]), int(sys.argv[2])
versions = [load(folder / str(number) / sys.argv[3]) for number in sys.argv[4:]]
for captures in itertools.islice(itertools.cycle(versions), times):
    save(captures, folder / sys.argv[3])
"""

SMALL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
"""


@posix
class TestSaveAtOnce:
    """A file that others save, or that is being saved when all ends."""

    @pytest.fixture
    def versions(self, tmp_path: Path) -> list[Capture]:
        """Two captures that differ in every line, each in a file of a folder of its own."""
        made = []
        for number in range(2):
            one = ONE._replace(output=f"{number}\n" * 4_000, status=number)
            made.append(Capture(PLATFORM, {"a": one, "b": one}))
            save(made[-1], tmp_path / str(number) / NAME)
        return made

    def child(self, folder: Path, times: int, *versions: str, code: str = SAVE) -> Any:
        command = [sys.executable, "-B", "-c", code, str(folder), str(times), NAME, *versions]
        return subprocess.Popen(command, stderr=subprocess.PIPE)

    def test_killed(self, tmp_path: Path, versions: list[Capture]) -> None:
        """Whenever a process is killed that saves, the file is one of those that it saved."""
        file = tmp_path / NAME
        random.seed(file.name)
        for _ in range(10):
            file.unlink(missing_ok=True)
            process = self.child(tmp_path, 10**9, "0", "1")
            try:
                wait_for(file.exists)
                time.sleep(random.uniform(0, 0.03))
                assert process.poll() is None
            finally:
                process.kill()
                process.communicate()
            assert load(file) in versions

    def test_two(self, tmp_path: Path, versions: list[Capture]) -> None:
        """Two processes that save one file leave it whole, and no draft."""
        processes = [self.child(tmp_path, 20, version) for version in ("0", "1")]
        try:
            assert [process.wait(SOON) for process in processes] == [0, 0]
        finally:
            for process in processes:
                process.kill()
                process.communicate()
        assert load(tmp_path / NAME) in versions
        assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", NAME]

    def test_full_disk(self, tmp_path: Path, versions: list[Capture]) -> None:
        """Where the new file does not fit, the old one stays, and no draft lies beside it."""
        save(THREE, tmp_path / NAME)
        process = self.child(tmp_path, 1, "0", code=SMALL_DISK + SAVE)
        assert b"OSError: " in process.communicate(timeout=SOON)[1]
        assert process.returncode == 1
        assert load(tmp_path / NAME) == THREE
        assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", NAME]


NEAR = (
    *(
        "exit",
        "signal",
        "timeout",
        "2026-11-22",
        "2026-11-21",
        "a",
        "b.c",
        "x\n",
        "",
        "\n",
        "\ud800",
    ),
    *("1" * 64, PLATFORM.id, "linux", "3.14.0", "free-threading debug", "\x1b[0m\u202e", "é"),
    *(0, 1, -1, 2, 2**31, 2**32, 10**30, 0.0, 1.0, 0.25, -0.0, 1e6, math.inf, math.nan),
    *(True, False, None),
)
plain = st.sampled_from(NEAR) | st.integers() | st.floats() | st.text(max_size=5)
keys = st.sampled_from(["a", "b", "../x", "schema", "status", "output", "id", "\x1b", "\ud800"])
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=4,
)
actions = st.sampled_from(["drop", "replace", "replace", "replace", "add"])
edits = st.lists(st.tuples(st.integers(0, 10**6), actions, keys, values), min_size=1, max_size=3)
marks = st.sampled_from([b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"1", b"null", b'"a":1,'])
bits = st.binary(max_size=3) | marks
cuts = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 8), bits), min_size=1, max_size=3)


def slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container within a value, with each of its keys."""
    if isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from slots(value[key])


def edited(changes: list[tuple[int, str, str, Any]]) -> bytes:
    """A file's content with a few of its values dropped, replaced or added to."""
    data = json.loads(examples(a=GOOD, b=GOOD))
    for place, action, key, value in changes:
        found = list(slots(data))
        if not found:
            break
        container, where = found[place % len(found)]
        if action == "drop":
            del container[where]
        elif action == "replace":
            container[where] = value
        elif isinstance(container, dict):
            container[key] = value
        else:
            container.insert(where, value)
    # Halves of characters become bytes that are no UTF-8, or their escapes.
    in_escapes = changes[0][0] % 2 == 0
    return json.dumps(data, ensure_ascii=in_escapes).encode("utf-8", "surrogatepass")


def parsed(content: bytes) -> Capture | None:
    """What a content holds: it comes back the same, or is refused in one line."""
    try:
        found = parse(content)
    except ValueError as error:
        check_message(str(error))
        return None
    assert parse(serialize(found)) == found
    return found


@pytest.mark.timeout(600)
class TestAnything:
    """Whatever a file holds, it is a capture or it is refused."""

    @hypothesis.given(st.text() | st.text("ab\r\n\f\x85\u2028"))
    def test_any_output(self, output: str) -> None:
        """Every output comes back as it was."""
        capture = Capture(PLATFORM, {"a": ONE._replace(output=output)})
        assert parse(serialize(capture)) == capture

    @hypothesis.given(edits)
    def test_changed_values(self, changes: list[tuple[int, str, str, Any]]) -> None:
        """A file in which somebody changed values is good or is refused, with one error."""
        parsed(edited(changes))

    @hypothesis.given(cuts)
    def test_changed_bytes(self, changes: list[tuple[int, int, bytes]]) -> None:
        """A file in which somebody changed bytes is good or is refused, with one error."""
        content = serialize(Capture(PLATFORM, {"a": ONE}))
        for place, count, new in changes:
            start = place % len(content)
            content = content[:start] + new + content[start + count :]
        parsed(content)

    @pytest.mark.parametrize("key", ["schema", "status", "seconds", "machine", "output"])
    @pytest.mark.parametrize("ends", [("[", "]"), ('{"a":', "1}")], ids=["list", "object"])
    def test_depths(self, key: str, ends: tuple[str, str]) -> None:
        """Whatever the depth of a value, a file is refused with a ValueError of one line."""
        text = json.dumps(json.loads(serialize(THREE)))
        start = text.index(f'"{key}": ') + len(f'"{key}": ')
        _, end = json.JSONDecoder().raw_decode(text, start)
        for depth in [*range(100, 5000, 200), *range(5000, 60_000, 5000)]:
            value = ends[0] * depth + ends[1][:-1] + ends[1][-1] * depth
            with pytest.raises(ValueError, match=r".") as caught:
                parse((text[:start] + value + text[end:]).encode())
            assert type(caught.value) is ValueError
            check_message(str(caught.value))


def test_doubled_key_is_found_in_linear_time() -> None:
    """Of many keys the one that is there twice is named without comparing each with each."""

    class Key(str):
        compared = 0

        def __eq__(self, other: object) -> bool:
            Key.compared += 1
            return str.__eq__(self, other)  # type: ignore[arg-type]

        __hash__ = str.__hash__

    pairs: list[tuple[str, Any]] = [(Key(number), 0) for number in range(1000)]
    found = storage._without_duplicates([*pairs, (Key(999), 0)])
    assert "'999' is there twice" in found.reason
    assert Key.compared < 5000
