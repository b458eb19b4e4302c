"""When two captures say the same: what is left out, what is not, and how a difference is shown."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from random import Random

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext.capture.interpreter import InterpreterError, ask
from poolcontext.capture.normalize import differences, normalize, normalized
from poolcontext.capture.process import run_script
from poolcontext.capture.redact import known_places, redact
from poolcontext.capture.snapshot import Snapshot

ONE = Snapshot("0" * 64, "2026-11-22", "exit", 0, 0.5, "pid 17\nready\n")

BY_VERSION = {
    "3.9": '''\
concurrent.futures.process._RemoteTraceback:
"""
Traceback (most recent call last):
  File "<python>/concurrent/futures/process.py", line 246, in _process_worker
    r = call_item.fn(*call_item.args, **call_item.kwargs)
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
  [Previous line repeated 17 more times]
  File "<folder>/tb.py", line 4, in divide
    return 1 / (
ZeroDivisionError: division by zero
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "<folder>/tb.py", line 15, in <module>
    pool.submit(again, 1).result()
  File "<python>/concurrent/futures/_base.py", line 445, in result
    return self.__get_result()
  File "<python>/concurrent/futures/_base.py", line 390, in __get_result
    raise self._exception
ZeroDivisionError: division by zero
''',
    "3.11": '''\
concurrent.futures.process._RemoteTraceback:
"""
Traceback (most recent call last):
  File "<python>/concurrent/futures/process.py", line 261, in _process_worker
    r = call_item.fn(*call_item.args, **call_item.kwargs)
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ^^^^^^^^^^^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ^^^^^^^^^^^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ^^^^^^^^^^^^
  [Previous line repeated 17 more times]
  File "<folder>/tb.py", line 4, in divide
    return 1 / (
           ^^^^^
ZeroDivisionError: division by zero
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "<folder>/tb.py", line 15, in <module>
    pool.submit(again, 1).result()
                          ^^^^^^^^
  File "<python>/concurrent/futures/_base.py", line 456, in result
    return self.__get_result()
           ^^^^^^^^^^^^^^^^^^^
  File "<python>/concurrent/futures/_base.py", line 401, in __get_result
    raise self._exception
ZeroDivisionError: division by zero
''',
    "3.13": '''\
concurrent.futures.process._RemoteTraceback:
"""
Traceback (most recent call last):
  File "<python>/concurrent/futures/process.py", line 255, in _process_worker
    r = call_item.fn(*call_item.args, **call_item.kwargs)
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ~~~~~^^^^^^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ~~~~~^^^^^^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ~~~~~^^^^^^^
  [Previous line repeated 17 more times]
  File "<folder>/tb.py", line 4, in divide
    return 1 / (
           ~~^~~
        number - number)
        ~~~~~~~~~~~~~~~~
ZeroDivisionError: division by zero
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "<folder>/tb.py", line 15, in <module>
    pool.submit(again, 1).result()
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~^^
  File "<python>/concurrent/futures/_base.py", line 456, in result
    return self.__get_result()
           ~~~~~~~~~~~~~~~~~^^
  File "<python>/concurrent/futures/_base.py", line 401, in __get_result
    raise self._exception
ZeroDivisionError: division by zero
''',
    "3.15, with other frames of its own": '''\
concurrent.futures.process._RemoteTraceback:
"""
Traceback (most recent call last):
  File "<frozen concurrent.futures.process>", line 255, in _process_worker
  File "<python>/concurrent/futures/_new.py", line 1, in call
    call()
    ~~~~^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ~~~~~^^^^^^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ~~~~~^^^^^^^
  File "<folder>/tb.py", line 8, in again
    return again(n + 1) if n < 20 else divide(n)
           ~~~~~^^^^^^^
  [Previous line repeated 17 more times]
  File "<folder>/tb.py", line 4, in divide
    return 1 / (
           ~~^~~
        number - number)
        ~~~~~~~~~~~~~~~~
ZeroDivisionError: division by zero
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "<folder>/tb.py", line 15, in <module>
    pool.submit(again, 1).result()
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~^^
  File "<python>/concurrent/futures/_base.py", line 454, in result
    return self.__get_result()
           ~~~~~~~~~~~~~~~~~^^
ZeroDivisionError: division by zero
''',
}
"""One failure, as each version of Python prints it."""

FOLDED = '''\
concurrent.futures.process._RemoteTraceback:
"""
Traceback (most recent call last):
  …
  File "<folder>/tb.py", line 8, in again
  File "<folder>/tb.py", line 8, in again
  File "<folder>/tb.py", line 8, in again
  …
  File "<folder>/tb.py", line 4, in divide
ZeroDivisionError: division by zero
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "<folder>/tb.py", line 15, in <module>
  …
ZeroDivisionError: division by zero
'''

FAILING = """
import traceback
from concurrent.futures import ProcessPoolExecutor

def divide(number):
    return 1 / (
        number - number)

def again(number):
    return again(number + 1) if number < 20 else divide(number)

if __name__ == "__main__":
    try:
        again(1)
    except ZeroDivisionError:
        traceback.print_exc()
    print("    indented")
    with ProcessPoolExecutor(1) as pool:
        pool.submit(again, 1).result()
"""


OWN = '  File "<folder>/x.py", line 1, in f\n'
STRING = '  File "<string>", line 1, in f\n'


def head(text: str) -> str:
    """A traceback with that text in it."""
    return f"Traceback (most recent call last):\n{text}ValueError: x\n"


class TestNormalise:
    """When two outputs are equal."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("<Lock at 0x7f00beef>", "<Lock at 0x55d0c0de12>"),
            ("pid 17, PID=4711, Pid: 1", "pid 4, PID=5, Pid: 99999"),
            ("thread 140123, ident=1, process 17", "thread 7, ident=22, process 3"),
            (
                "<SpawnProcess name='P-1' pid=17 parent=4 started>",
                "<SpawnProcess name='P-1' pid=18 parent=5 started>",
            ),
            ("<Thread(A, started 140123)>", "<Thread(A, started 140456)>"),
            ("took 0.31 s, 5ms, 12.5 µs", "took 12 s, 17ms, 1 µs"),
            ("1 seconds, 0.1 second", "20 seconds, 1.5 second"),
            ("took 1.5e-05 s", "took 7e-06 s"),
            ("12 MB, 1.5 KiB, 300 bytes", "9 MB, 17.25 KiB, 1 bytes"),
            ("on 2026-11-22 at", "on 2027-01-01 at"),
            ("2026-11-22 10:49:00,123", "2027-01-01T23:59"),
            ("[10:49:00] ready", "[23:59:59] ready"),
            ("<temp>/pymp-a1b2/listener-c3d4", "<temp>/pymp-w9x8/listener-y7z6"),
        ],
        ids=[
            "addresses",
            "pids",
            "idents",
            "process's repr",
            "thread's repr",
            "durations",
            "durations in words",
            "tiny durations",
            "sizes",
            "dates",
            "dates with times",
            "times",
            "temporary names",
        ],
    )
    def test_what_means_nothing(self, one: str, other: str) -> None:
        """What differs from run to run on its own does not make a difference."""
        assert normalize(one) == normalize(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("exit status 3", "exit status 4"),
            ("BrokenProcessPool: a", "BrokenProcessPool: b"),
            ("pid 17 was forked", "pid 17 was spawned"),
            ("0x1f", "0x2f"),
            ("Process-1", "Process-2"),
            ("3 workers", "4 workers"),
            ("took 3 s", "took 3 ms"),
            ("a\n", "a"),
        ],
    )
    def test_what_means_something(self, one: str, other: str) -> None:
        """Everything else does."""
        assert normalize(one) != normalize(other)

    def test_twice(self) -> None:
        """A normalised output is its own normal form."""
        text = "pid 17, 0x7f00beef, 3 s, 5 MB, 2026-11-22 10:49:00"
        assert normalize(normalize(text)) == normalize(text)


class TestTracebacks:
    """What is left of a traceback."""

    @pytest.mark.parametrize("text", BY_VERSION.values(), ids=BY_VERSION.keys())
    def test_versions(self, text: str) -> None:
        """One failure reads the same whichever Python printed it; the script's frames stay."""
        assert normalize(text) == FOLDED

    def test_real(self, tmp_path: Path) -> None:
        """What every Python that is found here prints of one failure is the same."""
        script = tmp_path / "failing.py"
        script.write_text(FAILING, encoding="utf-8")
        names = [*(f"python3.{minor}" for minor in range(9, 16)), "pypy3"]
        commands = [f'"{path}"' for path in map(shutil.which, names) if path]
        found = {}
        for command in [f'"{sys.executable}"', *commands]:
            try:
                interpreter = ask(command)
            except InterpreterError:  # such as a shim for a version that is not chosen
                continue
            run = run_script(script, interpreter.command)
            assert run.status == 1, run.output
            output = redact(run.output, FAILING, known_places(tmp_path, interpreter.places))
            found[command] = normalize(output)
        assert found
        own = found[f'"{sys.executable}"']
        assert own.count('  File "<folder>') == own.count('  File "') == 10
        assert own.count("  …\n") == 4
        assert "    indented\n" in own
        assert "return" not in own
        assert {command: text for command, text in found.items() if text != own} == {}

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ('  File "<python>/a.py", line 1, in f\n    f()\n', "  …\n"),
            ('  File "<python>/a.py", line 1, in f\n', "  …\n"),
            ('  File "<python>", line 1, in f\n    f()\n    ~^^\n', "  …\n"),
            ('  File "<frozen runpy>", line 1, in f\n', "  …\n"),
            ('  File "<frozen runpy>", line 1\n  File "<python>/b.py", line 2\n    g\n', "  …\n"),
            (
                '  File "<folder>/x.py", line 1, in f\n    f()\n',
                '  File "<folder>/x.py", line 1, in f\n',
            ),
            ('  File "<string>", line 1, in f\n', '  File "<string>", line 1, in f\n'),
            (
                '  File "<string>", line 1, in f\n    f()\n    ^^\n',
                '  File "<string>", line 1, in f\n',
            ),
            ('  File "<pythons>", line 1\n', '  File "<pythons>", line 1\n'),
            ("  [Previous line repeated 7 more times]\n", "  …\n"),
        ],
        ids=lambda text: text[:24].strip(),
    )
    def test_frames(self, text: str, left: str) -> None:
        """Others' frames become one mark each run; the script's stay without quoted code."""
        assert normalize(head(text)) == head(left)

    def test_own_frames_between(self) -> None:
        """Others' frames on both sides of a script's own are marked on both sides."""
        other = '  File "<python>/a.py", line 1, in f\n    f()\n'
        own = '  File "<folder>/x.py", line 1, in g\n'
        assert normalize(head(other + own + "    g()\n" + other + other)) == head(
            f"  …\n{own}  …\n"
        )

    def test_different_frames(self) -> None:
        """Tracebacks through other lines of a script are others."""
        one = head('  File "<folder>/x.py", line 1, in g\n')
        assert normalize(one) != normalize(one.replace("line 1", "line 2"))
        assert normalize(one) != normalize(one.replace("in g", "in h"))
        assert normalize(one) != normalize(one.replace("ValueError", "TypeError"))

    def test_other_text(self) -> None:
        """Text that is indented stays, beside a traceback and where there is none."""
        around = "Result:\n    one\n    ^^^\n  two\n"
        assert normalize(around + head("") + around) == around + head("") + around
        frame = '  File "<python>/a.py", line 1, in f\n    f()\n'
        assert normalize(frame) == frame


class TestAnyOrder:
    """Lines that may come in any order."""

    def test_sorted_behind_the_others(self) -> None:
        """They are put behind the others, sorted; the others keep their order."""
        text = "worker 2\nbegin\nworker 1\nend\nmy worker\n"
        assert normalize(text, "^worker") == "begin\nend\nmy worker\nworker 1\nworker 2\n"
        assert normalize(text, "worker") == "begin\nend\nmy worker\nworker 1\nworker 2\n"
        assert normalize(text, "none") == normalize(text) == text

    def test_how_often(self) -> None:
        """A line that is there twice is not the same as once."""
        assert normalize("a\na\n", "a") != normalize("a\n", "a")

    def test_after_normalising(self) -> None:
        """What differs from run to run on its own does not decide the order."""
        assert normalize("pid 9 a\npid 10 b\n", "pid") == normalize("pid 9 b\npid 10 a\n", "pid")

    @pytest.mark.timeout(600)
    @hypothesis.given(
        st.lists(st.sampled_from(["a", "b", "free 1", "free 2", "  free", ""]), max_size=8),
        st.randoms(use_true_random=False),
    )
    def test_any_order(self, lines: list[str], chance: Random) -> None:
        """However such lines are spread, the outcome is the same; others' order matters."""
        fixed = [line for line in lines if "free" not in line]
        spread = list(fixed)
        free = [line for line in lines if "free" in line]
        chance.shuffle(free)
        for line in free:
            spread.insert(chance.randint(0, len(spread)), line)
        one, other = ("".join(f"{line}\n" for line in each) for each in (lines, spread))
        assert normalize(one, "free") == normalize(other, "free")
        if fixed != fixed[::-1]:
            backwards = "".join(f"{line}\n" for line in [*fixed[::-1], *free])
            assert normalize(one, "free") != normalize(backwards, "free")


WORDS = (
    *("pid", "17", "4711", "pid 17", "PID=3", "thread", "started 5", "started daemon 140123", "x"),
    *("0x7f00beef", "0x1f", "3 s", "0.5ms", "1e-05 seconds", "12 MB", "300 bytes", "s", "ms", "…"),
    *(
        "2026-11-22",
        "2026-11-22 10:49:00,123",
        "10:49:00",
        "10:49:00.5",
        "T10:49",
        "<temp>/tmpa1b2",
    ),
    *("/pymp-a1b2/listener-c3d4", "poolcontext-x_y_z", "File", '"<python>/a.py",', "(", ")", "'"),
)
LINES = (
    *("Traceback (most recent call last):", "    code", "    ^^^", "  …", "", "  two", '"""'),
    *('  File "<python>/a.py", line 1, in f', '  File "<frozen x>", line 2', "ValueError: x"),
    *('  File "<folder>/x.py", line 3, in g', "  [Previous line repeated 9 more times]"),
)
lines = st.sampled_from(LINES) | st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
texts = st.lists(lines, max_size=6).map("\n".join) | st.text("a1 s\r\n\f\u2028", max_size=9)


@pytest.mark.timeout(600)
class TestAnything:
    """Whatever was printed."""

    @hypothesis.given(st.lists(lines, max_size=8).map("\n".join))
    def test_twice(self, text: str) -> None:
        """A normalised output is its own normal form."""
        assert normalize(normalize(text)) == normalize(text)

    @hypothesis.given(st.text(max_size=100))
    def test_any_text(self, text: str) -> None:
        """Any text is normalised, to as many lines without a traceback."""
        found = normalize(text)
        hypothesis.assume("Traceback" not in text)
        assert len(found.splitlines()) == len(text.splitlines())

    @hypothesis.given(texts, texts, st.booleans())
    def test_differences(self, old: str, new: str, ended: bool) -> None:
        """There are differences just where the outcomes are not equal."""
        one = ONE._replace(output=old)
        for text in (old, old + "\n", old.rstrip("\n"), new):
            other = one._replace(output=text, status=0 if ended else 1)
            found = differences("x", one, other)
            assert (not found) == (normalized(one) == normalized(other))


class TestOutcome:
    """What of a capture counts."""

    def test_parts(self) -> None:
        """It is what ended the script, its status, and its output, normalised."""
        assert normalized(ONE) == ("exit", 0, "pid …\nready\n")
        assert normalized(ONE, "pid") == ("exit", 0, "ready\npid …\n")

    def test_what_means_nothing(self) -> None:
        """The script, the day and the time that it took do not count."""
        other = ONE._replace(script="1" * 64, date="2027-01-01", seconds=9.0)
        assert normalized(other) == normalized(ONE)
        assert differences("x", ONE, other) == []

    @pytest.mark.parametrize(
        "change",
        [{"ended": "signal"}, {"status": 1}, {"status": None}, {"output": "pid 17\n"}],
        ids=str,
    )
    def test_what_means_something(self, change: dict[str, object]) -> None:
        """Each of the parts counts, and shows as a difference."""
        other = ONE._replace(**change)  # type: ignore[arg-type]
        assert normalized(other) != normalized(ONE)
        assert differences("x", ONE, other)


class TestDifferences:
    """How a difference is shown."""

    def test_diff(self) -> None:
        """It is a unified diff of what is normalised, with the days and how each ended."""
        new = ONE._replace(output="pid 4\nbusy\n", status=3)
        assert differences("some_example", ONE, new) == [
            "--- some_example\tcaptured on 2026-11-22",
            "+++ some_example\tnow",
            "@@ -1,4 +1,4 @@",
            " pid …",
            "-ready",
            "+busy",
            " ",
            "-[ended by exit, exit status 0]",
            "+[ended by exit, exit status 3]",
        ]

    def test_end_of_the_last_line(self) -> None:
        """An output whose last line has no end is another, and shows as one."""
        assert differences("x", ONE, ONE._replace(output=ONE.output.rstrip("\n")))
        assert differences("x", ONE, ONE._replace(output=ONE.output.replace("\n", "\r\n")))

    def test_any_order(self) -> None:
        """Lines that may come in any order make no difference by it."""
        old, new = (ONE._replace(output=text) for text in ("w 1\nw 2\n", "w 2\nw 1\n"))
        assert differences("x", old, new)
        assert differences("x", old, new, "^w") == []

    def test_end_that_is_printed(self) -> None:
        """A script that prints what the last line says is still told apart."""
        forged = ONE._replace(output="[ended by exit, exit status 0]\n")
        assert differences("x", ONE._replace(output=""), forged)


def test_last_line_without_an_end() -> None:
    """Lines in any order stay lines where the last one has no end, and whichever is the last."""
    assert normalize("b x\na x", "x") == normalize("a x\nb x", "x") == "a x\nb x"
    assert normalize("a x\nend", "x") == "end\na x"


def test_free_line_within_a_traceback() -> None:
    """A line that may come in any order does not change how frames around it are folded."""
    frame = '  File "<python>/a.py", line 1, in f\n'
    head, tail = "Traceback (most recent call last):\n", "ValueError: x\n"
    one = normalize(head + frame + "free\n" + frame + tail, "free")
    assert one == normalize(head + frame + frame + tail + "free\n", "free")
