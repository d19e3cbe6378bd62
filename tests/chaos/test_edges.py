"""F21 and seven days: no INVITE outside the hours, by the word of the trunk that received them."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

from tests.chaos.edges import MONDAY, Edges, closes, opens

CROSSINGS = int(os.environ.get("EDGE_CROSSINGS", "2"))  # a thousand: make soak CRASHES=1
STEP_S = float(os.environ.get("EDGE_STEP_S", "1.0"))
SEED = int(os.environ.get("EDGE_SEED", "20301126"))
NIGHT_STEP_H = 3
DAYS = tuple(MONDAY + timedelta(days=n) for n in range(7))


async def test_a_week_of_mornings_and_evenings_has_no_invite_outside_the_hours(
    tmp_path: Path,
) -> None:
    edges = Edges(tmp_path, random.Random(SEED), start=opens(DAYS[0]) - timedelta(minutes=1))
    await edges.open()
    try:
        for day in DAYS:
            for edge in (opens(day), closes(day)):
                before = len(edges.trunk.seen)
                assert await edges.cross(edge, margin_s=1.0, step_s=STEP_S) == []
                assert len(edges.trunk.seen) > before, "nobody was called on the lawful side"
            for hours in range(1, 11, NIGHT_STEP_H):
                assert await edges.look_in(closes(day) + timedelta(hours=hours)) == []
    finally:
        await edges.close()


async def test_late_orders_and_restarts_at_the_edges_let_no_invite_out(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    edges = Edges(tmp_path, rng, start=opens(DAYS[0]) - timedelta(minutes=1))
    edges.late_by_s = 3.0
    await edges.open()
    try:
        for number in range(CROSSINGS):
            day = MONDAY + timedelta(days=number // 2)
            edge = closes(day) if number % 2 else opens(day)
            assert await edges.cross(edge, margin_s=2.0, step_s=STEP_S) == []
        assert edges.trunk.seen
    finally:
        await edges.close()
