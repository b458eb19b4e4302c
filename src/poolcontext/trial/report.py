"""Print what came of a trial: the verdict first, then a table, then what differs and why."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import _site
from ..symptoms import Symptom, heading, plain
from .diagnosis import Finding, line_of
from .session import Report, Row, how

WIDTH = 88


def page(symptom: Symptom) -> str:
    """Where a symptom is explained: its address if that is known, else its place on the site."""
    return f"{_site()}symptoms.html#{symptom.name}"


def as_text(report: Report) -> str:
    """The report as lines for a person."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"{' '.join(report.words)} {report.verdict}."
    yield ""
    yield from _table(report)
    for finding, rows in _grouped(report):
        yield ""
        well = [row for row in report.rows if row.result == "works"]
        unlike = f", unlike {_names(report, well)}" if rows[0].result == "differs" else ""
        yield f"{_names(report, rows)}{unlike}:"
        if finding.symptom:
            yield from explained(finding.symptom)
        else:
            yield from _filled(f"{finding.text[0].upper()}{finding.text[1:]}.")
        yield from (f"  | {line}" for line in finding.shown if line)


def explained(symptom: Symptom, text: str = "") -> Iterator[str]:
    """A symptom, the line of a text that shows it, its cause, its cure and its page."""
    yield from _filled(heading(symptom))
    if text:
        yield f"  | {line_of(symptom, text)}"
    yield from _filled(f"Cause: {plain(symptom.cause)}")
    yield from _filled(f"Cure: {plain(symptom.cure)}")
    yield f"  Page: {page(symptom)}"


def keep(report: Report, folder: str) -> None:
    """Write what the program printed each time into a folder, a file each.

    Raises:
        OSError: They cannot be written.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for row in report.rows:
        name = f"{row.interpreter.platform.id}-{row.trial.method}.txt"
        (target / name).write_text(row.trial.run.output, encoding="utf-8")


def _filled(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _several(report: Report) -> bool:
    return len({row.interpreter.command for row in report.rows}) > 1


def _name(report: Report, row: Row) -> str:
    of = f" of {row.interpreter.platform.name}" if _several(report) else ""
    return f"{row.trial.method}{of}"


def _names(report: Report, rows: list[Row]) -> str:
    return ", ".join(_name(report, row) for row in rows)


OUTPUTS = {"works": "the same", "differs": "another"}


def _table(report: Report) -> list[str]:
    cells = [("start method", "ended by", "seconds", "output")]
    for row in report.rows:
        name = _name(report, row) + (" (default)" if row.default else "")
        seconds = f"{row.trial.run.seconds:.2f}"
        cells.append((name, how(row.trial), seconds, OUTPUTS.get(row.result, "")))
    widths = [max(map(len, column)) for column in zip(*cells)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells
    ]


def _grouped(report: Report) -> list[tuple[Finding, list[Row]]]:
    """What was found, each once, with the rows that it was found in."""
    groups: dict[object, tuple[Finding, list[Row]]] = {}
    for row in report.rows:
        for finding in row.findings:
            key = finding.symptom or finding.text
            groups.setdefault(key, (finding, []))[1].append(row)
    return list(groups.values())


def as_json(report: Report) -> str:
    """The report as one JSON object."""
    return json.dumps(
        {
            "program": list(report.words),
            "verdict": report.verdict,
            "status": report.status,
            "rows": [_row(row) for row in report.rows],
        },
        indent=2,
    )


def _row(row: Row) -> dict[str, Any]:
    run = row.trial.run
    return {
        "interpreter": row.interpreter.platform.title,
        "method": row.trial.method,
        "default": row.default,
        "result": row.result,
        "ended": run.ended,
        "exit_status": run.status,
        "seconds": round(run.seconds, 3),
        "output": run.output,
        "findings": [
            {
                "text": one.text,
                "symptom": one.symptom.name if one.symptom else None,
                "cause": plain(one.symptom.cause) if one.symptom else None,
                "cure": plain(one.symptom.cure) if one.symptom else None,
                "page": page(one.symptom) if one.symptom else None,
                "shown": list(one.shown),
            }
            for one in row.findings
        ],
    }
