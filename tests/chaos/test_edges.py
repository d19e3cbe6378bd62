"""F21 and seven days: no INVITE outside the hours, by the word of the trunk that received them."""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent_desk.dialer.business_time import JST
from tests.chaos.edges import ENOUGH, MONDAY, RING_LIMIT_S, Edges, closes, opens

# Looks at a week, as many as it has minutes: make soak CRASHES=1
LOOKS = int(os.environ.get("WEEK_LOOKS", "58"))
WEEK = timedelta(days=7)
# O'clock, of weekdays, of weekends and holidays: the law's, and a survey's code of conduct.
HOURS = {
    "collections": ((8, 21), (8, 21)),
    "sales": ((8, 21), (8, 21)),
    "dormant": ((8, 21), (8, 21)),
    "survey": ((8, 21), (10, 21)),
}
HOLIDAY = date(2030, 11, 4)  # a Monday: Culture Day was on the Sunday before
CROSSINGS = int(os.environ.get("EDGE_CROSSINGS", "2"))  # a thousand: make soak CRASHES=1
STEP_S = float(os.environ.get("EDGE_STEP_S", "1.0"))
SEED = int(os.environ.get("EDGE_SEED", "20301126"))
NIGHT_STEP_H = 3
SATURDAY = 5
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


@pytest.mark.parametrize("kind", HOURS)
async def test_a_whole_week_of_each_kind_has_no_invite_outside_its_hours(
    kind: str, tmp_path: Path
) -> None:
    begin = datetime.combine(HOLIDAY, datetime.min.time(), JST).astimezone(UTC)
    # Who looks often calls many: nobody is called again before the rules and the ladder say so.
    customers = max(ENOUGH, LOOKS)
    edges = Edges(tmp_path, random.Random(SEED), start=begin, kind=kind, customers=customers)
    await edges.open()
    try:
        for look in range(LOOKS):
            await edges.jump(begin + WEEK * look / LOOKS)
        called = set()
        for seen in edges.trunk.seen:
            local = seen.at.astimezone(JST)
            free = local.date() == HOLIDAY or local.weekday() >= SATURDAY
            opening, closing = HOURS[kind][free]
            until = local + timedelta(seconds=RING_LIMIT_S)
            assert opening <= local.hour and until <= local.replace(hour=closing, minute=0), seen
            called.add(local.date())
        assert len(called) == 7, "each day has hours in which people were called"
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
