"""Where a day's stays lie in its picture: numbers for an SVG, none of its words.

The picture is 1,000 units wide from the first whole hour to the last; how high a stay is drawn
tells its state as well as its colour does. Of many people each state is
one path, or a page of two hundred would hold fifty thousand shapes; of one person each stay is a
shape of its own that says what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent_desk.services.reports.timelines import DayTimeline, PersonDay
from agent_desk.store.reports.stays import Stay

WIDTH = 1000
HEIGHT = 22
NARROWEST = 0.6  # units: what is shorter would not be seen
MOST_TICKS = 13
HEIGHTS: Mapping[str, int] = {
    "starting": 6,
    "available": 9,
    "reserved": 12,
    "talking": 22,
    "hold": 18,
    "wrap_up": 15,
    "away": 4,
}


@dataclass(frozen=True)
class Bar:
    """One stay as a shape, standing on the ground line."""

    stay: Stay
    x: float
    width: float

    @property
    def height(self) -> int:
        """By its state."""
        return HEIGHTS[self.stay.state]

    @property
    def y(self) -> int:
        """Its upper edge."""
        return HEIGHT - self.height


@dataclass(frozen=True)
class Lane:
    """One person's line: a path for each state, and, of one person alone, every stay."""

    day: PersonDay
    paths: Mapping[str, str]
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Picture:
    """All lanes on one scale; `ticks`: (hour of the day, where it lies)."""

    lanes: Sequence[Lane]
    ticks: Sequence[tuple[int, float]]


def draw(timeline: DayTimeline, *, each_stay: bool) -> Picture:
    """The picture of a day; `each_stay`: with a shape for each."""
    minutes = timeline.to_minute - timeline.from_minute
    hours = minutes // 60
    step = -(-hours // (MOST_TICKS - 1))
    return Picture(
        [_lane(timeline, day, minutes, each_stay) for day in timeline.people],
        [
            (timeline.from_minute // 60 + hour, round(WIDTH * 60 * hour / minutes, 1))
            for hour in range(0, hours + 1, step)
        ],
    )


def _lane(timeline: DayTimeline, day: PersonDay, minutes: int, each_stay: bool) -> Lane:
    bars = []
    for stay in day.stays:
        x = WIDTH * timeline.minute(stay.began) / minutes
        width = WIDTH * ((stay.ended - stay.began) / timedelta(minutes=1)) / minutes
        if stay.ended > stay.began:
            bars.append(Bar(stay, round(x, 2), round(max(width, NARROWEST), 2)))
    if each_stay:
        return Lane(day, {}, bars)
    parts: dict[str, list[str]] = defaultdict(list)
    for bar in bars:
        shade = "practised" if bar.stay.practised else bar.stay.state
        parts[shade].append(f"M{bar.x:.1f} {bar.y}h{bar.width:.1f}v{bar.height}h-{bar.width:.1f}z")
    return Lane(day, {state: "".join(found) for state, found in parts.items()}, ())
