"""Where a measure's days lie in its picture: numbers for an SVG, none of its words.

The days of the period are dots on a full line, those of the period before a dashed one, each day
above the one it is compared with. A day without a figure breaks the line: nothing is made up
between two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 240
MOST_TICKS = 8
MOST_DOTS = 62  # more would be a smear
_LINES = 4  # across, above the ground line
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)

Values = Sequence[float | None]


@dataclass(frozen=True)
class TrendPicture:
    """`lines`: (value, y) of those across; `ticks`: (place of a day, x); `dots`: (place, x, y)."""

    now: str
    before: str
    dots: Sequence[tuple[int, float, float]]
    lines: Sequence[tuple[float, float]]
    ticks: Sequence[tuple[int, float]]


def draw(now: Values, before: Values, *, whole: bool) -> TrendPicture:
    """Both on one scale from nought; `whole`: the figure has no parts, so neither has the scale."""
    step = _step(max([value for value in (*now, *before) if value is not None], default=0.0), whole)
    top = step * _LINES
    count = max(len(now), len(before))
    dots = [(place, _x(place, count), _y(value, top)) for place, value in _there(now)]
    return TrendPicture(
        now=_path(now, count, top),
        before=_path(before, count, top),
        dots=dots if len(dots) <= MOST_DOTS else [],
        lines=[(step * number, _y(step * number, top)) for number in range(_LINES + 1)],
        ticks=[
            (place, _x(place, count)) for place in range(0, count, -(-count // MOST_TICKS) or 1)
        ],
    )


def _there(values: Values) -> list[tuple[int, float]]:
    return [(place, value) for place, value in enumerate(values) if value is not None]


def _step(most: float, whole: bool) -> float:
    """The smallest round step by which the highest value is still in the picture."""
    if most <= 0:
        return 1.0 if whole else 0.25
    size = 1.0
    while size * _LINES >= most:
        size /= 10
    while size * 10 * _LINES < most:
        size *= 10
    step = next(size * nice for nice in _NICE if size * nice * _LINES >= most)
    return float(max(1, -(-step // 1))) if whole else step


def _path(values: Values, count: int, top: float) -> str:
    parts, drawn = [], False
    for place, value in enumerate(values):
        if value is not None:
            verb = "L" if drawn else "M"
            parts.append(f"{verb}{_x(place, count):.1f} {_y(value, top):.1f}")
        drawn = value is not None
    return "".join(parts)


def _x(place: int, count: int) -> float:
    return round(WIDTH * (place + 0.5) / count, 1)


def _y(value: float, top: float) -> float:
    return round(HEIGHT * (1 - value / top), 1)
