"""What is to be shown: this build's captures, laid over the committed ones."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from poolcontext.capture import storage as files
from poolcontext.capture.platform import Platform, describe
from poolcontext.capture.script import Script
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.sphinxext.results import Outcome, Results, key, rank

if TYPE_CHECKING:
    from galleries import Other

NOW = "1" * 64
OLD = "0" * 64
CURE = "What renews one platform's."


def captured(output: str, script: str = NOW, **fields: Any) -> Snapshot:
    given = {"date": "2026-11-22", "ended": "exit", "status": 0, "seconds": 0.5, **fields}
    return Snapshot(script=script, output=output, **given)


class Site:
    """A folder of committed captures, and two scripts whose lines with * are in any order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def commit(self, platform: Platform, **examples: Snapshot) -> None:
        files.save(Capture(platform, examples), self.folder / f"{platform.id}.json")

    def shown(self, **own: Snapshot) -> Results:
        """What is shown of a build that has these captures of this platform."""
        scripts = [Script(Path(f"{name}.py"), name, any_order=r"^\*") for name in "ab"]
        examples: Any = SimpleNamespace(
            captures=Capture(describe(), own),
            digests=dict.fromkeys("ab", NOW),
            all_scripts=lambda: scripts,
        )
        return Results(self.folder, examples, {})


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "docs" / "captures")


def told(outcomes: tuple[Outcome, ...]) -> list[tuple[list[str], str]]:
    """Of each outcome, whose it is and what is shown for it."""
    return [
        ([seen.platform.id for seen in one.seen], one.seen[0].capture.output) for one in outcomes
    ]


class TestOwn:
    """Which capture of its own platform a build shows."""

    def test_nothing_committed(self, site: Site) -> None:
        """Without committed captures it is this build's."""
        shown = site.shown(a=captured("x\n"))
        assert told(shown.outcomes("a")) == [([describe().id], "x\n")]
        assert shown.outcomes("b") == ()
        assert shown.outcomes("unknown") == ()
        assert shown.summary(CURE) == ""
        assert shown.errors == []

    def test_equal(self, site: Site) -> None:
        """Where both are equal but for what differs from run to run, it is the committed one."""
        committed = captured("*1\n*2\nat 0x7f00beef\n", date="2026-01-01", seconds=9.0)
        site.commit(describe(), a=committed)
        shown = site.shown(a=captured("*2\n*1\nat 0x7f00cafe\n"))
        ((one,),) = [outcome.seen for outcome in shown.outcomes("a")]
        assert one.capture == committed
        assert one.current
        assert shown.summary(CURE) == ""

    @pytest.mark.parametrize(
        "now",
        [captured("y\n"), captured("x\n", status=1), captured("x\n", ended="timeout", status=None)],
        ids=["output", "status", "ended"],
    )
    def test_different(self, site: Site, now: Snapshot) -> None:
        """Where they differ it is this build's, and the last words name the script."""
        site.commit(describe(), a=captured("x\n"), b=captured("b\n"))
        shown = site.shown(a=now, b=captured("b\n"))
        ((one,),) = [outcome.seen for outcome in shown.outcomes("a")]
        assert one.capture == now
        assert f"not as docs/captures/{describe().id}.json has it: a\n" in shown.summary(CURE)

    def test_equal_to_an_older_script(self, site: Site) -> None:
        """Where the committed one is of an older script but equal, this build's is shown."""
        site.commit(describe(), a=captured("x\n", OLD))
        shown = site.shown(a=captured("x\n"))
        assert [seen.current for one in shown.outcomes("a") for seen in one.seen] == [True]
        assert shown.summary(CURE) == ""

    def test_of_an_older_script(self, site: Site) -> None:
        """A capture that this build has of an older script is not shown; a committed one is."""
        assert site.shown(a=captured("x\n", OLD)).outcomes("a") == ()
        site.commit(describe(), a=captured("committed\n", OLD))
        shown = site.shown(a=captured("x\n", OLD))
        assert told(shown.outcomes("a")) == [([describe().id], "committed\n")]
        assert shown.summary(CURE).splitlines() == [
            "Warning: of older scripts than those shown, 1 in number:",
            f"  {describe().title}: a",
            CURE,
        ]

    def test_committed_only(self, site: Site) -> None:
        """What this build did not run is shown from this platform's committed file."""
        site.commit(describe(), b=captured("b\n"))
        assert told(site.shown(a=captured("x\n")).outcomes("b")) == [([describe().id], "b\n")]


class TestOutcomes:
    """How the captures of platforms are put together."""

    def test_own_first(self, site: Site, other: Other) -> None:
        """This build's own is the first, in whatever order platforms are otherwise."""
        new, old = other(version="3.99.0"), other(version="3.1.0")
        for platform, output in ((new, "x\n"), (old, "own\n")):
            site.commit(platform, a=captured(output))
        shown = site.shown(a=captured("own\n"))
        assert told(shown.outcomes("a")) == [
            ([describe().id, old.id], "own\n"),
            ([new.id], "x\n"),
        ]

    def test_what_one_and_the_same_is(self, site: Site, other: Other) -> None:
        """Platforms are together whose captures are equal but for what differs from run to run."""
        one, two, three = (other(version=f"3.99.{number}") for number in (3, 2, 1))
        site.commit(one, a=captured("*b\nx at 0x12345\n*a\n"))
        site.commit(two, a=captured("x at 0x54321\n*a\n*b\n", OLD))
        site.commit(three, a=captured("x at 0x54321\n*a\n*b\n", status=1))
        shown = site.shown()
        assert [ids for ids, _ in told(shown.outcomes("a"))] == [[one.id, two.id], [three.id]]
        assert [seen.current for seen in shown.outcomes("a")[0].seen] == [True, False]

    def test_scripts_that_are_not_there(self, site: Site, other: Other) -> None:
        """What a file says of unknown scripts is neither shown nor counted."""
        site.commit(other(), gone=captured("x\n", OLD))
        shown = site.shown(gone=captured("y\n"))
        assert shown.outcomes("gone") == ()
        assert shown.summary(CURE) == ""

    def test_bad_file(self, site: Site, other: Other) -> None:
        """A file that holds something else is told of, and the others count."""
        site.commit(other(), a=captured("x\n"))
        (site.folder / "bad.json").write_text("[]", encoding="utf-8")
        shown = site.shown()
        assert len(shown.outcomes("a")) == 1
        (error,) = shown.errors
        assert "bad.json: " in error


class TestFingerprint:
    """When a page is to be read again."""

    def test_same(self, site: Site, other: Other) -> None:
        """It is the same for the same captures, and where only another script's are others."""
        site.commit(other(), a=captured("x\n"), b=captured("b\n"))
        before = site.shown(a=captured("x\n"))
        site.commit(other(), a=captured("x\n"), b=captured("B\n"))
        after = site.shown(a=captured("x\n"))
        assert before.fingerprint("a") == after.fingerprint("a")
        assert before.fingerprint("b") != after.fingerprint("b")

    @pytest.mark.parametrize(
        "changed",
        [
            captured("y\n"),
            captured("x\n", status=1),
            captured("x\n", seconds=0.6),
            captured("x\n", date="2026-11-23"),
            captured("x\n", OLD),
        ],
        ids=["output", "status", "seconds", "date", "script"],
    )
    def test_other(self, site: Site, other: Other, changed: Snapshot) -> None:
        """It is another one where anything of a capture is."""
        site.commit(other(), a=captured("x\n"))
        before = site.shown().fingerprint("a")
        site.commit(other(), a=changed)
        assert site.shown().fingerprint("a") != before

    def test_unknown(self, site: Site) -> None:
        """There is one also of what nobody has run, and of what is no text."""
        assert site.shown().fingerprint("nobody") == site.shown().fingerprint("a")
        assert site.shown(a=captured("\udcff\n")).fingerprint("a")


class TestOrder:
    """In which order platforms come."""

    def test_rank(self) -> None:
        """CPython, Linux, and what is newer come first, in this order of importance."""
        plain = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
        wanted = [
            plain._replace(version="3.14.10", python="3.14.10"),
            plain._replace(version="3.14.9", python="3.14.9"),
            plain,
            plain._replace(version="3.14.0rc2", python="3.14.0rc2"),
            plain._replace(version="3.14.0b3", python="3.14.0b3"),
            plain._replace(version="3.9.20", python="3.9.20"),
            plain._replace(flags="free-threading"),
            plain._replace(libc="musl"),
            plain._replace(system="darwin", machine="arm64", libc=""),
            plain._replace(system="windows", machine="amd64", libc=""),
            plain._replace(system="emscripten", machine="wasm32", libc=""),
            plain._replace(implementation="graalpy", version="25.0.0"),
            plain._replace(implementation="pypy", version="8.0.2"),
            plain._replace(implementation="pypy", version="8.0.1"),
        ]
        given = wanted[::-1]
        assert sorted(given, key=rank) == wanted

    def test_keys(self, other: Other) -> None:
        """Platforms have distinct keys, and the same at all times."""
        platforms = [other(version=f"3.{minor}.1") for minor in range(100)]
        assert len({key(platform) for platform in platforms}) == 100
        plain = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
        assert key(plain) == "on-0d8b2131"
