"""Draw a chart as SVG: a line a platform, a mark a column.

Positions across are percentages and text has the page's own size, so that it is
read on a phone as well; colours come from the style sheet, light or dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

LINE = 38
"""Pixels from one platform to the next."""

# By column: a shape beside the colour, for those who see no difference between two colours.
SHAPES = (
    '<circle r="5"/>',
    '<rect x="-4.5" y="-4.5" width="9" height="9"/>',
    '<path d="M0-6.5L6.5 0 0 6.5-6.5 0z"/>',
    '<path d="M0-6L6 5H-6z"/>',
)


def draw(
    title: str,
    unit: str,
    columns: Sequence[str],
    lines: Sequence[tuple[str, Mapping[str, float]]],
) -> str:
    """Draw values from zero on.

    Args:
        title: What was measured.
        unit: Of all values.
        columns: The kinds of marks.
        lines: A label, and values by column; what is missing gets no mark.

    Returns:
        HTML: a figure with a caption that says in words what it shows, a legend
        of the marks that there are, and the picture. It is empty if there is no value.
    """
    values = [value for _, marks in lines for value in marks.values()]
    if not values:
        return ""
    ticks = _ticks(max(values))
    height = LINE * len(lines) + 22
    parts = [_axis(ticks, unit, height)]
    for number, (label, marks) in enumerate(lines):
        parts.append(_line(LINE * number, label, marks, columns, ticks[-1]))
    caption = escape(describe(title, unit, columns, lines))
    marked = f"<strong>{escape(title)}</strong>{caption[len(escape(title)) :]}"
    return (
        f'<figure class="chart"><figcaption>{marked}</figcaption>'
        f'<p class="chart-legend">{_legend(columns, lines)}</p>'
        f'<svg role="img" aria-label="{caption}" width="100%" height="{height}">'
        f"{''.join(parts)}</svg></figure>"
    )


def describe(
    title: str,
    unit: str,
    columns: Sequence[str],
    lines: Sequence[tuple[str, Mapping[str, float]]],
) -> str:
    """Say what the picture shows.

    Example:
        >>> describe("first result", "ms", ["fork"], [("a", {"fork": 2}), ("b", {"fork": 3.5})])
        'first result, on 2 platforms: fork 2 to 3.5 ms.'
    """
    ranges = []
    for column in columns:
        values = [marks[column] for _, marks in lines if column in marks]
        if values:
            low, high = f"{min(values):g}", f"{max(values):g}"
            ranges.append(f"{column} {low if low == high else f'{low} to {high}'} {unit}")
    count = sum(bool(marks) for _, marks in lines)
    where = "1 platform" if count == 1 else f"{count} platforms"
    return f"{title}, on {where}: {'; '.join(ranges)}."


def _ticks(most: float) -> list[float]:
    """Round numbers from zero to a little more than the greatest value.

    Example:
        >>> _ticks(137)
        [0.0, 50.0, 100.0, 150.0]
    """
    power = 10.0 ** (len(f"{most:.0f}") - 1) if most >= 1 else 0.1
    step = next(step * power for step in (0.2, 0.5, 1.0, 2.0) if most <= 5 * step * power)
    count = next(count for count in range(1, 7) if count * step >= most)
    return [step * number for number in range(count + 1)]


def _across(value: float, most: float) -> str:
    return f"{2 + 96 * value / most:.2f}%"


def _axis(ticks: Sequence[float], unit: str, height: int) -> str:
    parts = []
    for tick in ticks:
        x = _across(tick, ticks[-1])
        anchor = {ticks[0]: "start", ticks[-1]: "end"}.get(tick, "middle")
        text = f"{tick:g} {escape(unit)}" if tick == ticks[-1] else f"{tick:g}"
        parts.append(
            f'<line class="chart-grid" x1="{x}" x2="{x}" y1="0" y2="{height - 20}"/>'
            f'<text class="chart-tick" x="{x}" y="{height - 5}" text-anchor="{anchor}">'
            f"{text}</text>"
        )
    return "".join(parts)


def _line(
    top: int, label: str, marks: Mapping[str, float], columns: Sequence[str], most: float
) -> str:
    y = top + 27
    shown = [
        f'<svg x="{_across(marks[column], most)}" y="{y}" overflow="visible">{_mark(number)}</svg>'
        for number, column in enumerate(columns)
        if column in marks
    ]
    return (
        f'<text class="chart-label" x="2%" y="{top + 15}">{escape(label)}</text>'
        f'<line class="chart-track" x1="2%" x2="98%" y1="{y}" y2="{y}"/>{"".join(shown)}'
    )


def _mark(number: int) -> str:
    return f'<g class="chart-{number % len(SHAPES)}">{SHAPES[number % len(SHAPES)]}</g>'


def _legend(columns: Sequence[str], lines: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    return " ".join(
        f'<span><svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">'
        f"{_mark(number)}</svg> {escape(column)}</span>"
        for number, column in enumerate(columns)
        if any(column in marks for _, marks in lines)
    )
