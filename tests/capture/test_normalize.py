"""When two snapshots say the same: what is left out, what is not, and how a difference shows."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext.capture.interpreter import InterpreterError, ask
from poolcontext.capture.normalize import differences, normalize, normalized
from poolcontext.capture.process import run_script
from poolcontext.capture.redact import known_places, redact
from poolcontext.capture.snapshot import Snapshot

ONE = Snapshot("0" * 64, "2026-11-22", "exit", 0, 0.5, "pid 17\nready\n")


class TestNormalize:
    """When two outputs are equal."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("<Lock at 0x7f00beef>", "<Lock at 0x55d0c0de12>"),
            ("pid 17, PID=4711, Pid: 1", "pid 4, PID=5, Pid: 99999"),
            ("thread 140123, ident=1, process 17, tid 2", "thread 7, ident=22, process 3, tid 99"),
            ("<P name='P-1' pid=17 parent=4 started>", "<P name='P-1' pid=18 parent=5 started>"),
            ("(A, started 140123), started daemon 1", "(A, started 140456), started daemon 22"),
            ("took 0.31 s, 5ms, 12.5 µs, 1 us, 2 ns", "took 12 s, 17ms, 1 µs, 30 us, 17 ns"),
            ("1 seconds, 0.1 second, 2 minutes", "20 seconds, 1.5 second, 17 minutes"),
            ("took 1.5e-05 s", "took 7e-06 s"),
            ("12 MB, 1.5 KiB, 300 bytes, 1 GB", "9 MB, 17.25 KiB, 1 bytes, 12 GB"),
            ("on 2026-11-22 at", "on 2027-01-01 at"),
            ("2026-11-22 10:49:00,123", "2027-01-01T23:59"),
            ("[10:49:00] [10:49:00.5] ready", "[23:59:59] [10:49:01,75] ready"),
            ("<temp>/pymp-a1b2/listener-c3d4", "<temp>/pymp-w9x8/listener-y7z6"),
            ("tmp1234 poolcontext-x_y_z", "tmpabcd poolcontext-0000"),
            ("cold         5.2 s", "cold        15.2 s"),
        ],
    )
    def test_what_means_nothing(self, one: str, other: str) -> None:
        """What differs from run to run on its own makes no difference, and twice is as once."""
        assert normalize(one) == normalize(other) == normalize(normalize(one))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            *(("exit status 3", "exit status 4"), ("BrokenProcessPool: a", "BrokenProcessPool: b")),
            *(("pid 17 was forked", "pid 17 was spawned"), ("0x1f", "0x2f"), ("a\n", "a")),
            *(("Process-1", "Process-2"), ("3 workers", "4 workers"), ("took 3 s", "took 3 ms")),
        ],
    )
    def test_what_means_something(self, one: str, other: str) -> None:
        """Everything else does."""
        assert normalize(one) != normalize(other)


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
LIBRARY = '  File "<python>/a.py", line 1, in f\n'
FROZEN = '  File "<frozen runpy>", line 1\n'
CODE, MARKS, FOLD = "    f()\n", "    ~^^\n", "  …\n"
REPEATED = "  [Previous line repeated 7 more times]\n"


def traceback(text: str) -> str:
    """A traceback with that text in it."""
    return f"Traceback (most recent call last):\n{text}ValueError: x\n"


class TestTracebacks:
    """What is left of a traceback."""

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
        own = found[f'"{sys.executable}"']
        assert own.count('  File "<folder>') == own.count('  File "') == 10
        assert own.count("  …\n") == 4
        assert "    indented\n" in own
        assert "return" not in own
        assert {command: text for command, text in found.items() if text != own} == {}

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            *((LIBRARY + CODE, FOLD), (LIBRARY, FOLD), (LIBRARY + CODE + MARKS, FOLD)),
            *((FROZEN, FOLD), (FROZEN + LIBRARY + CODE, FOLD), (REPEATED, FOLD)),
            *((OWN, OWN), (OWN + CODE, OWN), (STRING, STRING), (STRING + CODE + MARKS, STRING)),
            ('  File "<pythons>", line 1\n', '  File "<pythons>", line 1\n'),
            (LIBRARY + CODE + OWN + CODE + LIBRARY + CODE + FROZEN, FOLD + OWN + FOLD),
            (OWN + CODE + REPEATED + OWN, OWN + FOLD + OWN),
        ],
    )
    def test_frames(self, text: str, left: str) -> None:
        """Others' frames become one mark each run; the script's stay without quoted code."""
        assert normalize(traceback(text)) == traceback(left)

    def test_different_frames(self) -> None:
        """Tracebacks through other lines of a script are others."""
        one = traceback(OWN)
        for old, new in (("line 1", "line 2"), ("in f", "in h"), ("ValueError", "TypeError")):
            assert normalize(one) != normalize(one.replace(old, new))

    def test_other_text(self) -> None:
        """Text that is indented stays, beside a traceback and where there is none."""
        around = "Result:\n    one\n    ^^^\n  two\n"
        assert normalize(around + traceback("") + around) == around + traceback("") + around
        assert normalize(LIBRARY + CODE) == LIBRARY + CODE


class TestAnyOrder:
    """Lines that may come in any order."""

    @pytest.mark.parametrize(
        ("text", "any_order", "found"),
        [
            ("w 2\nbegin\nw 1\nend\nmy w\n", "^w", "begin\nend\nmy w\nw 1\nw 2\n"),
            ("w 2\nbegin\nw 1\nend\nmy w\n", "w", "begin\nend\nmy w\nw 1\nw 2\n"),
            ("b\na\n", "none", "b\na\n"),
            ("a\na\n", "a", "a\na\n"),
            ("pid 9 b\npid 10 a\n", "pid", "pid … a\npid … b\n"),
            ("b x\na x", "x", "a x\nb x"),
            ("a x\nend", "x", "end\na x"),
            (traceback(LIBRARY + "free\n" + LIBRARY), "free", traceback(FOLD) + "free\n"),
        ],
    )
    def test_sorted_behind_the_others(self, text: str, any_order: str, found: str) -> None:
        """They are put behind the others, sorted as they are normalized, each as often as it is."""
        assert normalize(text, any_order) == found


WORDS = (
    *("pid", "17", "4711", "pid 17", "PID=3", "thread", "started 5", "started daemon 140123", "x"),
    *("0x7f00beef", "0x1f", "3 s", "0.5ms", "1e-05 seconds", "12 MB", "300 bytes", "s", "ms", "…"),
    *("2026-11-22", "2026-11-22 10:49:00,123", "10:49:00", "10:49:00.5", "T10:49", "tmpa1b2"),
    *("/pymp-a1b2/listener-c3d4", "poolcontext-x_y_z", "File", '"<python>/a.py",', "(", ")", "'"),
)
LINES = (
    *("Traceback (most recent call last):", "", "  two", '"""', "ValueError: x"),
    *(line.rstrip("\n") for line in (CODE, MARKS, FOLD, LIBRARY, FROZEN, OWN, REPEATED)),
)
lines = st.sampled_from(LINES) | st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
texts = st.lists(lines, max_size=8).map("\n".join) | st.text("a1 s\r\n\f\u2028", max_size=9)


@pytest.mark.timeout(600)
class TestAnything:
    """Whatever was printed."""

    @hypothesis.given(texts | st.text(max_size=100))
    def test_any_text(self, text: str) -> None:
        """Any text has a normal form, which is its own; it has as many lines, but in tracebacks."""
        found = normalize(text)
        assert normalize(found) == found
        assert "Traceback" in text or len(found.splitlines()) == len(text.splitlines())

    @hypothesis.given(texts, texts, st.booleans())
    def test_differences(self, old: str, new: str, ended: bool) -> None:
        """There are differences just where they do not say the same."""
        one = ONE._replace(output=old)
        for text in (old, old + "\n", old.rstrip("\n"), new):
            other = one._replace(output=text, status=0 if ended else 1)
            found = differences("x", one, other)
            assert (not found) == (normalized(one) == normalized(other))


class TestDifferences:
    """What of a snapshot counts, and how a difference is shown."""

    def test_same(self) -> None:
        """The script, the day and the time that it took do not count, nor any order."""
        other = ONE._replace(script="1" * 64, date="2027-01-01", seconds=9.0)
        assert normalized(other) == normalized(ONE) == ("exit", 0, "pid …\nready\n")
        assert normalized(ONE, "pid") == ("exit", 0, "ready\npid …\n")
        assert differences("x", ONE, other) == []
        assert differences("x", ONE, ONE._replace(output="ready\npid 4\n"), "^pid") == []

    @pytest.mark.parametrize(
        "change",
        [
            *({"ended": "signal"}, {"status": 1}, {"status": None}, {"output": "pid 17\n"}),
            *({"output": "pid 17\nready"}, {"output": "pid 17\r\nready\r\n"}),
            {"output": "pid 17\nready\n[ended by exit, exit status 0]\n"},
        ],
        ids=str,
    )
    def test_different(self, change: dict[str, object]) -> None:
        """How it ended and what it printed count, to the end of the last line."""
        other = ONE._replace(**change)  # type: ignore[arg-type]
        assert normalized(other) != normalized(ONE)
        assert differences("x", ONE, other)

    def test_diff(self) -> None:
        """It is a unified diff of what is normalized, with the days and how each ended."""
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
