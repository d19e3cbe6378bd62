"""Heartbeats: the newest of each seat joins the next tick, and nothing else gets through."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agent_desk.small_desk import Page, SmallDesk

BEAT = {"track_live": True, "track_unmuted": True, "hidden": False}


@pytest.fixture
def pulse(small_desk: SmallDesk) -> Page:
    page = small_desk.page("operator1")
    pulse = Page(small_desk, page.who, "/pulse", sid="pulse", tab=page.tab)
    pulse.connect()
    return pulse


def test_a_beat_is_heard_with_the_next_tick_and_not_answered(
    small_desk: SmallDesk, pulse: Page
) -> None:
    small_desk.clock.advance(2)
    assert pulse.ask("pulse", **BEAT, loss=0.01, jitter_ms=3.5, rtt_ms=None) is None
    assert small_desk.seat().link.pulse_at is None
    small_desk.tick()
    assert small_desk.seat().link.pulse_at == small_desk.clock.now()
    assert small_desk.seat().link.track_live


def test_of_many_beats_between_two_ticks_the_newest_counts(
    small_desk: SmallDesk, pulse: Page
) -> None:
    pulse.ask("pulse", **BEAT)
    pulse.ask("pulse", **{**BEAT, "track_unmuted": False})
    small_desk.tick()
    assert not small_desk.seat().link.track_unmuted


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {**BEAT, "track_live": "yes"},
        {**BEAT, "loss": 2},
        {**BEAT, "seat_id": "operator2"},
        {**BEAT, "rtt_ms": 10**9},
    ],
)
def test_a_malformed_beat_is_dropped(
    small_desk: SmallDesk, pulse: Page, fields: dict[str, Any]
) -> None:
    assert pulse.ask("pulse", **fields) is None
    small_desk.tick()
    assert small_desk.seat().link.pulse_at is None


def test_nothing_but_a_beat_is_heard(small_desk: SmallDesk, pulse: Page) -> None:
    assert pulse.ask("go_available") is None
    assert pulse.ask("resync") is None
    small_desk.tick()
    assert small_desk.seat().state == "starting"


def test_a_beat_proves_the_own_seat_only(small_desk: SmallDesk, pulse: Page) -> None:
    small_desk.page("operator2")
    pulse.ask("pulse", **BEAT)
    small_desk.tick()
    assert small_desk.seat("operator2").link.pulse_at is None
