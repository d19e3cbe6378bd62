"""Draw docs/seats.svg and docs/calls.svg from the tables of the core, so that they cannot lie.

States stand in a row. A move forward runs above it and a move back below it, each on a track of
its own, so that no two lines or labels overlap; what a state allows without moving stands below.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from xml.sax.saxutils import escape

from agent_desk.dialer.calls import CALL_MOVES
from agent_desk.dialer.seats import SEAT_MOVES

DOCS = Path(__file__).parent.parent / "docs"
BOX_WIDTH, BOX_HEIGHT, GAP, MARGIN = 104, 34, 46, 20
TRACK = 26  # height of one track
FIRST_TRACK = 22  # distance of the first track from the row
LETTER = 6.3  # width of one letter of a label
LINE = 16  # height of one line of text

STYLE = """
  svg { background: #fff; color: #1a1a1a; font: 11px ui-monospace, Menlo, Consolas, monospace; }
  rect { fill: #eef3fb; stroke: #3b5b92; } .state { font-size: 13px; font-weight: bold; }
  text { fill: currentColor; } path { fill: none; stroke: #6b7686; } marker path { fill: #6b7686; }
  .label { paint-order: stroke; stroke: #fff; stroke-width: 4px; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181f; color: #e8eaee; } rect { fill: #22304a; stroke: #8fb0ea; }
    path { stroke: #9aa4b2; } marker path { fill: #9aa4b2; } .label { stroke: #14181f; }
  }
"""

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True)
class Arrow:
    """All moves from one state to another, as one line with one label."""

    source: int  # place in the row
    target: int
    label: str

    @property
    def forward(self) -> bool:
        """Whether it runs above the row."""
        return self.target > self.source


def main() -> int:
    """Write both pictures."""
    for path, text in drawings().items():
        path.write_text(text, encoding="utf-8")
    return 0


def drawings() -> dict[Path, str]:
    """Each picture's file and its text."""
    return {
        DOCS / "seats.svg": draw(SEAT_MOVES, title="The states of a seat"),
        DOCS / "calls.svg": draw(CALL_MOVES, title="The states of a call"),
    }


def draw(moves: Mapping[tuple[State, str], State], *, title: str) -> str:
    """One table of moves as the text of an SVG file."""
    states = list(type(next(iter(moves.values()))))
    arrows = arrows_of(moves, states)
    above = tracks([arrow for arrow in arrows if arrow.forward])
    below = tracks([arrow for arrow in arrows if not arrow.forward])
    row_y = MARGIN + LINE + FIRST_TRACK + TRACK * (1 + max(above.values(), default=0))
    notes = staying(moves, states)
    notes_y = row_y + BOX_HEIGHT + FIRST_TRACK + TRACK * (1 + max(below.values(), default=0))
    width = 2 * MARGIN + len(states) * BOX_WIDTH + (len(states) - 1) * GAP
    height = notes_y + LINE * (len(notes) + 1) + MARGIN
    ports = ports_of(arrows)
    body = [f'<text class="state" x="{MARGIN}" y="{MARGIN + 10}">{escape(title)}</text>']
    drawn = [
        arrow_lines(arrow, track=track, row_y=row_y, ports=ports)
        for arrow, track in {**above, **below}.items()
    ]
    body += [line for line, _ in drawn] + [label for _, label in drawn]  # labels over all lines
    for place, state in enumerate(states):
        body += box_lines(state.value, place=place, y=row_y)
    for number, note in enumerate(notes):
        body.append(f'<text x="{MARGIN}" y="{notes_y + LINE * number}">{escape(note)}</text>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-label="{escape(title)}">',
            f"<!-- Drawn by `make diagram`; do not edit. --><style>{STYLE}</style>",
            '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker>',
            *body,
            "</svg>\n",
        ]
    )


def arrows_of(moves: Mapping[tuple[State, str], State], states: Sequence[State]) -> list[Arrow]:
    """The moves that lead to another state, joined by their two ends."""
    events: dict[tuple[int, int], list[str]] = {}
    for (source, event), target in moves.items():
        if source is not target:
            events.setdefault((states.index(source), states.index(target)), []).append(event)
    return [
        Arrow(source, target, ", ".join(sorted(names)))
        for (source, target), names in events.items()
    ]


def staying(moves: Mapping[tuple[State, str], State], states: Sequence[State]) -> list[str]:
    """For each state, the events it allows without leaving it."""
    lines = ["Allowed without moving:"]
    for state in states:
        events = sorted(event for (source, event), to in moves.items() if source is to is state)
        if events:
            lines.append(f"{state.value}: {', '.join(events)}")
    return lines


def tracks(arrows: Sequence[Arrow]) -> dict[Arrow, int]:
    """A track for each arrow of one side, the short ones nearest to the row."""
    taken: list[list[tuple[float, float]]] = []
    found = {}
    for arrow in sorted(arrows, key=lambda arrow: (abs(arrow.target - arrow.source), arrow.label)):
        start, end = extent(arrow)
        free = (
            number
            for number, spans in enumerate(taken)
            if all(end < left or right < start for left, right in spans)
        )
        number = next(free, len(taken))
        if number == len(taken):
            taken.append([])
        taken[number].append((start, end))
        found[arrow] = number
    return found


def extent(arrow: Arrow) -> tuple[float, float]:
    """What the arrow and its label take of a track, from left to right."""
    left, right = sorted((box_x(arrow.source), box_x(arrow.target)))
    middle, half = (left + right + BOX_WIDTH) / 2, len(arrow.label) * LETTER / 2
    return min(left, middle - half), max(right + BOX_WIDTH, middle + half)


def ports_of(arrows: Sequence[Arrow]) -> dict[tuple[Arrow, bool], float]:
    """Where each arrow leaves (True) and reaches (False) its boxes: no two at one point."""
    ends: dict[tuple[int, bool], list[tuple[Arrow, bool]]] = {}
    for arrow in arrows:
        for leaving in (True, False):
            place = arrow.source if leaving else arrow.target
            ends.setdefault((place, arrow.forward), []).append((arrow, leaving))
    found = {}
    for (place, _), here in ends.items():
        # Ends that come from the left stand on the left, so that fewer lines cross.
        here.sort(key=lambda end: (end[0].source + end[0].target, end[1], end[0].label))
        for number, end in enumerate(here, start=1):
            found[end] = box_x(place) + BOX_WIDTH * number / (len(here) + 1)
    return found


def arrow_lines(
    arrow: Arrow, *, track: int, row_y: float, ports: Mapping[tuple[Arrow, bool], float]
) -> tuple[str, str]:
    """The line of an arrow and its label."""
    start, end = ports[arrow, True], ports[arrow, False]
    edge = row_y if arrow.forward else row_y + BOX_HEIGHT
    y = edge + (FIRST_TRACK + TRACK * track) * (-1 if arrow.forward else 1)
    middle = (box_x(arrow.source) + box_x(arrow.target) + BOX_WIDTH) / 2
    return (
        f'<path marker-end="url(#tip)" d="M{start:.1f} {edge} V{y} H{end:.1f} V{edge}"/>',
        f'<text class="label" text-anchor="middle" x="{middle:.1f}" y="{y - 4}">'
        f"{escape(arrow.label)}</text>",
    )


def box_lines(name: str, *, place: int, y: float) -> list[str]:
    """One state."""
    x = box_x(place)
    return [
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>',
        f'<text class="state" text-anchor="middle" x="{x + BOX_WIDTH / 2}" y="{y + 22}">'
        f"{escape(name)}</text>",
    ]


def box_x(place: int) -> float:
    """The left edge of the box at this place of the row."""
    return MARGIN + place * (BOX_WIDTH + GAP)


if __name__ == "__main__":
    sys.exit(main())
