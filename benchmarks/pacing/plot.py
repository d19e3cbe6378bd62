"""Occupancy against seats for all policies, as an SVG that reads in light and in dark.

A hollow point abandons more than the law of the field allows (3.1 % on average, as the bars say):
it is no choice anybody has. Labels stand at the right, moved apart, each with a line to its curve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from xml.sax.saxutils import escape

from benchmarks.pacing.bars import VICIDIAL_LIMIT
from benchmarks.pacing.policies import TITLES
from benchmarks.pacing.tables import Figures

WIDTH, HEIGHT = 1080, 640
LEFT, RIGHT, TOP, BOTTOM = 56, 700, 64, 588
LABELS = 744
LABEL_GAP = 17.0
LOW, HIGH = 45.0, 100.0  # %, of the axis

STYLE = """
  svg { background: #fff; color: #1a1a1a; font: 12px system-ui, "Noto Sans", sans-serif; }
  text { fill: currentColor; } .title { font-size: 16px; font-weight: 600; }
  .quiet { opacity: .7; } .grid { stroke: #d8dce3; } .axis { stroke: #6b7686; }
  .curve { fill: none; stroke-width: 1.5; } .strong { stroke-width: 3; }
  .label-strong { font-weight: 700; } .lead { fill: none; stroke-width: 1; opacity: .55; }
  .dash { stroke-dasharray: 6 4; } .open { fill: #fff; }
  .c-hand { stroke: #6b7280; } .c-one { stroke: #8b5a2b; } .c-times { stroke: #c2570c; }
  .c-vici { stroke: #1d5fbf; } .c-issabel { stroke: #0f766e; } .c-hindsight { stroke: #1a1a1a; }
  .c-ours { stroke: #c01f4a; }
  .f-hand { fill: #6b7280; } .f-one { fill: #8b5a2b; } .f-times { fill: #c2570c; }
  .f-vici { fill: #1d5fbf; } .f-issabel { fill: #0f766e; } .f-hindsight { fill: #1a1a1a; }
  .f-ours { fill: #c01f4a; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181f; color: #e8eaee; } .grid { stroke: #2c3442; }
    .axis { stroke: #9aa4b2; } .open { fill: #14181f; }
    .c-hand { stroke: #a3abb8; } .c-one { stroke: #d3a26f; } .c-times { stroke: #f59e5b; }
    .c-vici { stroke: #7cb0ff; } .c-issabel { stroke: #4fd1c0; } .c-hindsight { stroke: #f4f5f7; }
    .c-ours { stroke: #ff7096; }
    .f-hand { fill: #a3abb8; } .f-one { fill: #d3a26f; } .f-times { fill: #f59e5b; }
    .f-vici { fill: #7cb0ff; } .f-issabel { fill: #4fd1c0; } .f-hindsight { fill: #f4f5f7; }
    .f-ours { fill: #ff7096; }
  }
"""
FAMILIES = (
    ("by-hand", "hand"),
    ("progressive", "one"),
    ("x", "times"),
    ("vici", "vici"),
    ("issabel", "issabel"),
    ("hindsight", "hindsight"),
    ("ours", "ours"),
)

Of = Callable[[str, int], Figures]


def family(policy: str) -> str:
    """Which colour a policy has."""
    return next(name for prefix, name in FAMILIES if policy.startswith(prefix))


def x_of(seats: int, sizes: Sequence[int]) -> float:
    """Logarithmic between the smallest and the largest size."""
    low, high = log(min(sizes)), log(max(max(sizes), min(sizes) + 1))
    return LEFT + 24 + (RIGHT - LEFT - 36) * (log(seats) - low) / (high - low)


def y_of(occupancy: float) -> float:
    """Of a share in %."""
    return BOTTOM - (BOTTOM - TOP) * (min(max(occupancy, LOW), HIGH) - LOW) / (HIGH - LOW)


def draw(policies: Sequence[str], sizes: Sequence[int], of: Of) -> str:
    """The whole picture."""
    title = "Occupancy against seats, base scenario"
    hollow = f"hollow: abandons more than {VICIDIAL_LIMIT} % on average"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{title}">',
        "<!-- Drawn by the pacing benchmark; do not edit. -->",
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="28">{title}</text>',
        f'<text class="quiet" x="{LEFT}" y="48">% of the time at work spent talking or in '
        f"wrap-up; {hollow}</text>",
        *_axes(sizes),
    ]
    for policy in sorted(policies, key=_order):
        parts += _curve(policy, [(seats, of(policy, seats)) for seats in sizes], sizes)
    ends = {policy: y_of(of(policy, max(sizes)).occupancy) for policy in policies}
    parts += _labels(ends, x_of(max(sizes), sizes))
    return "\n".join([*parts, "</svg>\n"])


def _order(policy: str) -> tuple[bool, bool]:
    return (policy == "ours", policy.startswith("ours"))  # the thick one last, on top


def _axes(sizes: Sequence[int]) -> list[str]:
    parts = []
    for percent in range(50, 101, 10):
        y = y_of(percent)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f} H{RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent} %</text>')
    for seats in sizes:
        x = x_of(seats, sizes)
        parts.append(f'<path class="axis" d="M{x:.1f} {BOTTOM} v6"/>')
        parts.append(f'<text x="{x:.1f}" y="{BOTTOM + 22}" text-anchor="middle">{seats}</text>')
    middle = (LEFT + RIGHT) / 2
    parts.append(f'<path class="axis" d="M{LEFT} {BOTTOM} H{RIGHT}"/>')
    parts.append(f'<text x="{middle:.0f}" y="{BOTTOM + 42}" text-anchor="middle">seats</text>')
    return parts


def _curve(policy: str, found: Sequence[tuple[int, Figures]], sizes: Sequence[int]) -> list[str]:
    colour = family(policy)
    points = [(x_of(seats, sizes), y_of(each.occupancy), each.abandonment) for seats, each in found]
    path = " ".join(f"{'ML'[at > 0]}{x:.1f} {y:.1f}" for at, (x, y, _) in enumerate(points))
    width = " strong" if policy == "ours" else ""
    dash = " dash" if policy in ("hindsight", "ours-capped", "ours-1%") else ""
    parts = [f'<path class="curve c-{colour}{width}{dash}" d="{path}"/>']
    for x, y, abandoned in points:
        fill = "open" if abandoned > VICIDIAL_LIMIT else f"f-{colour}"
        parts.append(f'<circle class="c-{colour} {fill}" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>')
    return parts


def _labels(ends: dict[str, float], x: float) -> list[str]:
    parts = []
    for policy, y in _apart(ends).items():
        colour = family(policy)
        strong = ' class="label-strong"' if policy == "ours" else ""
        parts.append(
            f'<path class="lead c-{colour}" d="M{x + 6:.1f} {ends[policy]:.1f} '
            f'L{LABELS - 24} {y:.1f} H{LABELS - 6}"/>'
        )
        parts.append(f'<text{strong} x="{LABELS}" y="{y + 4:.1f}">{escape(TITLES[policy])}</text>')
    return parts


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Heights of labels as near their curves as the gap allows, in order."""
    order = sorted(ends, key=lambda policy: ends[policy])
    heights: list[float] = []
    for policy in order:
        heights.append(max(ends[policy], heights[-1] + LABEL_GAP if heights else TOP))
    floor = float(BOTTOM)
    for at in range(len(heights) - 1, -1, -1):
        heights[at] = min(heights[at], floor)
        floor = heights[at] - LABEL_GAP
    return dict(zip(order, heights, strict=True))
