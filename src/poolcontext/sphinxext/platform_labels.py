"""Label many platforms in few words, sort them, and name their classes; write dates."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Sequence

from ..capture.platform import Platform

SYSTEMS = ("linux", "darwin", "windows", "wine")


def rank(platform: Platform) -> tuple[object, ...]:
    """A key that sorts platforms: the common ones first, of these the newer ones first."""
    system = SYSTEMS.index(platform.system) if platform.system in SYSTEMS else len(SYSTEMS)
    age = [-number for numbers in platform.age for number in numbers]
    return (
        platform.implementation != "cpython",
        platform.implementation,
        system,
        platform.system,
        platform.libc,
        platform.flags,
        age,
        platform.machine,
    )


def css_class(platform: Platform) -> str:
    """The class of what belongs to a platform on pages, made of its id."""
    return "on-" + hashlib.sha256(platform.id.encode()).hexdigest()[:8]


def listing(platforms: Iterable[Platform]) -> str:
    """All of them, each with its full version, those of one place together.

    Example:
        >>> a = Platform("cpython", "3.9.18", "3.9.18", "", "linux", "x86_64", "glibc")
        >>> b = a._replace(version="3.10.13", python="3.10.13")
        >>> listing([a, b])
        'CPython 3.9.18 and 3.10.13 on Linux x86_64 (glibc)'
    """
    places: dict[str, dict[str, list[str]]] = {}
    for platform in platforms:
        version = _full(platform)
        places.setdefault(platform.place, {}).setdefault(_maker(platform), []).append(version)
    return "; ".join(_makers(makers) + f" on {place}" for place, makers in places.items())


def labels(groups: Sequence[Sequence[Platform]]) -> list[str]:
    """A short label for each group; those that would be alike are longer, or get a number."""
    several = len({platform.system for group in groups for platform in group}) > 1
    made = []
    for group in groups:
        others = [platform for other in groups if other is not group for platform in other]
        detail = 0
        while detail < 2 and _names(group, detail) & _names(others, detail):
            detail += 1
        made.append(_label(group, others, detail, several))
    before = [made[:number].count(label) for number, label in enumerate(made)]
    return [f"{label} ({n + 1})" if n else label for n, label in zip(before, made)]


def _names(group: Sequence[Platform], detail: int) -> set[tuple[str, str, str]]:
    """What a label with this much detail tells platforms apart by."""
    return {
        (_maker(one), _full(one) if detail else _minor(one), _place(one, detail)) for one in group
    }


def _place(platform: Platform, detail: int) -> str:
    return platform.place if detail == 2 else platform.on


def _label(
    group: Sequence[Platform], others: Sequence[Platform], detail: int, several: bool
) -> str:
    """With minor versions and systems; or with full ones where others share a minor version.

    Or with all full versions, and the whole place as well.
    """
    shared = _names(others, 0)
    places: dict[str, dict[str, list[str]]] = {}
    for platform in group:
        place = _place(platform, detail)
        full = detail == 2 or (detail == 1 and _names([platform], 0) & shared)
        version = _full(platform) if full else _minor(platform)
        versions = places.setdefault(place, {}).setdefault(_maker(platform), [])
        if version not in versions:
            versions.append(version)
    parts = []
    for place, makers in places.items():
        text = _makers({maker: _few(_ranges(versions)) for maker, versions in makers.items()})
        parts.append(f"{text} on {place}" if several or detail == 2 else text)
    more = f" and {len(parts) - 2} more" if len(parts) > 2 else ""
    return "; ".join(parts[:2]) + more


def _makers(makers: dict[str, list[str]]) -> str:
    return ", ".join(f"{maker} {_joined(versions)}" for maker, versions in makers.items())


def _maker(platform: Platform) -> str:
    return platform.name.partition(" ")[0]


def _minor(platform: Platform) -> str:
    return ".".join(platform.python.split(".")[:2]) + _letters(platform)


def _full(platform: Platform) -> str:
    version = platform.version + _letters(platform)
    if platform.python != platform.version:
        version += f" (Python {platform.python})"
    return version


def _letters(platform: Platform) -> str:
    """What executables have in their names: ``t`` for free threading, ``d`` for debug."""
    letters = {"free-threading": "t", "debug": "d"}
    return "".join(letters.get(flag, f"-{flag}") for flag in platform.flags.split())


def _ranges(versions: Sequence[str]) -> list[str]:
    """Minor versions in order, three or more that follow each other as a range."""
    plain = sorted(int(version[2:]) for version in versions if re.fullmatch(r"3\.\d+", version))
    runs: list[list[int]] = []
    for minor in plain:
        if runs and runs[-1][-1] + 1 == minor:
            runs[-1].append(minor)
        else:
            runs.append([minor])
    found = []
    for run in runs:
        texts = [f"3.{minor}" for minor in run]
        found += [f"{texts[0]} to {texts[-1]}"] if len(run) > 2 else texts
    return found + [version for version in versions if not re.fullmatch(r"3\.\d+", version)]


def _few(versions: list[str]) -> list[str]:
    return versions if len(versions) < 6 else [*versions[:3], f"{len(versions) - 3} more"]


def _joined(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def day(date: str) -> str:
    """A date for people; in English, like the pages, whatever the language of the terminal."""
    from babel.dates import format_date  # which takes its time, and not every build shows one

    return format_date(datetime.date.fromisoformat(date), "d MMMM y", locale="en")
