"""What is taken out of an output, and when two outputs are equal."""

from __future__ import annotations

import pytest

from poolcontext.redaction import normalise, printable, redact

HOME = [("/home/ann", "<home>")]
WINDOWS = [("C:\\Users\\Ann", "<home>")]
NAMES = [("ann", "<user>"), ("box", "<host>")]


class TestRedactPaths:
    """Which paths redact takes out."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("/home/ann", "<home>"),
            ("/home/ann/", "<home>/"),
            ("/home/ann.", "<home>."),
            ("File '/home/ann/x.py', line 1", "File '<home>/x.py', line 1"),
            ("PATH=/bin:/home/ann/bin:/home/ann", "PATH=/bin:<home>/bin:<home>"),
            ("file:///home/ann/x", "file://<home>/x"),
            ("/tmp\n/home/ann\n", "/tmp\n<home>\n"),
            ("['a\\n/home/ann/x']", "['a\\n<home>/x']"),
            ("cc -I/home/ann/inc", "cc -I<home>/inc"),
        ],
        ids=[
            "alone",
            "slash after it",
            "end of a sentence",
            "quoted",
            "path list",
            "address",
            "own line",
            "newline in a repr",
            "option",
        ],
    )
    def test_home(self, text: str, shown: str) -> None:
        """A path is taken out wherever it begins a path."""
        assert redact(text, "", HOME) == shown
        assert redact(text, "", [("/home/ann/", "<home>")]) == shown

    @pytest.mark.parametrize(
        "text",
        [
            "/home/anna",
            "/home/ann2/x",
            "/home/ann_old",
            "/home/ann-old",
            "/home/ann.old/x",
            "/srv/home/ann",
            "../home/ann",
            "my-home/ann",
            "/HOME/ANN",
            "\\home\\ann",
        ],
    )
    def test_other_paths(self, text: str) -> None:
        """A path that only begins alike, or that ends alike, stays."""
        assert redact(text, "", HOME) == text

    def test_longest_first(self) -> None:
        """Of places within each other the innermost is named, in whichever order they come."""
        places = [("/home/ann", "<home>"), ("/home/ann/py", "<python>"), ("/home", "<temp>")]
        text = "/home/ann/py/lib /home/ann/x /home/bob"
        for order in (places, places[::-1]):
            assert redact(text, "", order) == "<python>/lib <home>/x <temp>/bob"

    @pytest.mark.parametrize("root", ["/", "", "//", "C:\\", "c:/", "\\"])
    def test_roots(self, root: str) -> None:
        """A home that is a root, or nothing, is ignored."""
        text = "/usr/bin C:\\Windows c:/x a / b \\ '' //"
        assert redact(text, "", [(root, "<home>")]) == text

    @pytest.mark.parametrize("place", ["C:\\Users\\Ann", "C:\\Users\\Ann\\"])
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("C:\\Users\\Ann\\x.py", "<home>\\x.py"),
            ("c:\\users\\ANN\\x.py", "<home>\\x.py"),
            ("'C:\\\\Users\\\\Ann\\\\x.py'", "'<home>\\\\x.py'"),
            ("'c:\\\\users\\\\ann'", "'<home>'"),
            ("C:/Users/Ann/x.py", "<home>/x.py"),
            ("file:///c:/users/ann/x.py", "file:///<home>/x.py"),
            ("C:\\Users\\Anna", "C:\\Users\\Anna"),
            ("D:\\Users\\Ann", "D:\\Users\\Ann"),
        ],
        ids=[
            "as it is",
            "other case",
            "doubled",
            "doubled, other case",
            "slashes",
            "slashes, other case",
            "other user",
            "other disk",
        ],
    )
    def test_windows(self, place: str, text: str, shown: str) -> None:
        """Windows' paths are known in any case, with doubled backslashes and with slashes."""
        assert redact(text, "", [(place, "<home>")]) == shown

    def test_characters_that_patterns_give_a_meaning(self) -> None:
        """A place is text, not a pattern."""
        assert redact("/opt/c++/(x) /opt/ccc", "", [("/opt/c++", "<python>")]) == (
            "<python>/(x) /opt/ccc"
        )

    def test_path_in_the_script(self) -> None:
        """A path is taken out even if the script holds it: only words of a script stay."""
        assert redact("/home/ann/x", "open('/home/ann/x')", HOME) == "<home>/x"


class TestRedactNames:
    """Which names redact takes out."""

    def test_whole_words(self) -> None:
        """A name is taken out as a whole word only."""
        text = "ann@box: annual, Joann, boxes, ann_x, ann-x, 'ann'"
        shown = "<user>@<host>: annual, Joann, boxes, ann_x, <user>-x, '<user>'"
        assert redact(text, "", NAMES) == shown

    def test_longest_first(self) -> None:
        """A host that is called after its user is named as a host."""
        places = [("ann", "<user>"), ("ann-laptop", "<host>"), ("ann-laptop.lan", "<host>")]
        text = "ann ann-laptop ann-laptop.lan"
        for order in (places, places[::-1]):
            assert redact(text, "", order) == "<user> <host> <host>"

    def test_words_of_the_script(self) -> None:
        """A name that is a word of the script stays; one that is part of a word does not."""
        assert redact("ann in a box", "print('ann in a', thing)", NAMES) == "ann in a <host>"
        assert redact("ann in a box", "annual = boxes", NAMES) == "<user> in a <host>"

    @pytest.mark.parametrize("name", ["root", "localhost", ""])
    def test_names_that_say_nothing(self, name: str) -> None:
        """Names that every machine has stay, and no name is none."""
        text = "root@localhost, '' and  more"
        assert redact(text, "", [(name, "<user>")]) == text

    def test_substitutes_are_left_alone(self) -> None:
        """A user who is called as a substitute is does not spoil the substitutes."""
        places = [("/home/ann", "<home>"), ("home", "<user>"), ("user", "<host>")]
        assert redact("/home/ann home user", "", places) == "<home> <user> <host>"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("<Peer host=box>", "<Peer host=<host>>"),
            ("Ann <ann@example.org>", "Ann <<user>@example.org>"),
            ("1<box", "1<<host>"),
            ("['x\\nann']", "['x\\n<user>']"),
        ],
    )
    def test_beside_angle_brackets(self, text: str, shown: str) -> None:
        """A name is taken out of an object's printed form and of an address as well."""
        assert redact(text, "", NAMES) == shown

    def test_nothing_known(self) -> None:
        """Without places nothing is taken out."""
        assert redact("/home/ann ann", "", []) == "/home/ann ann"


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
        assert normalise(one) == normalise(other)

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
        assert normalise(one) != normalise(other)

    def test_twice(self) -> None:
        """A normalised output is its own normal form."""
        text = "pid 17, 0x7f00beef, 3 s, 5 MB, 2026-11-22 10:49:00"
        assert normalise(normalise(text)) == normalise(text)


class TestPrintable:
    """What printable writes out."""

    def test_what_cannot_be_shown(self) -> None:
        """What a page cannot hold, or a terminal would act on, is written as an escape."""
        text = "\x1b[31mred\0\x7f\x9b\x85\ufffe\uffff\r"
        shown = "\\x1b[31mred\\x00\\x7f\\x9b\\x85\\ufffe\\uffff"
        assert printable(text).startswith(shown)

    def test_all_else(self) -> None:
        """Tabs, form feeds, ends of lines and all other characters stay."""
        text = "a\tb\fc\nd é → 𝄞 \u2028 <b> & \\x1b"
        assert printable(text) == text
