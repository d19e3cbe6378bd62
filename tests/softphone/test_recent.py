"""What is recent is remembered, and only that."""

from __future__ import annotations

from softphone.recent import Recent
from tests.fakes.timers import HandClock


def test_what_was_put_is_known_for_its_time_whenever_in_a_generation_it_came() -> None:
    for late_s in (0.0, 5.0, 9.9):
        clock = HandClock()
        recent: Recent[int] = Recent(10.0, clock.now)
        clock.pass_s(late_s)
        recent.put("a", 1)
        clock.pass_s(9.9)
        assert recent.get("a") == 1
        assert "a" in recent


def test_after_twice_its_time_it_is_forgotten_and_takes_no_room() -> None:
    clock = HandClock()
    recent: Recent[int] = Recent(10.0, clock.now)
    recent.put("a", 1)
    clock.pass_s(10.0)
    recent.put("b", 2)
    clock.pass_s(10.0)
    assert recent.get("a") is None
    assert recent.get("b") == 2
    assert len(recent) == 1


def test_a_long_silence_forgets_everything_at_once() -> None:
    clock = HandClock()
    recent: Recent[int] = Recent(10.0, clock.now)
    recent.put("a", 1)
    clock.pass_s(25.0)
    assert "a" not in recent
    assert len(recent) == 0


def test_what_is_put_again_begins_anew() -> None:
    clock = HandClock()
    recent: Recent[int] = Recent(10.0, clock.now)
    recent.put("a", 1)
    clock.pass_s(12.0)
    recent.put("a", 2)
    clock.pass_s(9.0)
    assert recent.get("a") == 2
