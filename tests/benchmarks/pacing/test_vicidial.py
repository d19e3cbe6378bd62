"""VICIdial's arithmetic on examples worked by hand."""

from __future__ import annotations

import pytest

from benchmarks.pacing.vicidial import (
    Settings,
    braked,
    clock,
    drop_percent,
    goal,
    next_level,
    uk_drop_percent,
)

HARD = Settings("ADAPT_HARD_LIMIT")
TAPERED = Settings("ADAPT_TAPERED")


def test_lines_count_seats_in_a_call_unless_only_available_ones_do() -> None:
    # 2 ready, 8 in a call, level 2.0: 20 lines in all, of which 8 are bridged.
    assert goal(2.0, ready=2, in_call=8, bridged=8, available_only=False) == 20
    # Available only: 2 × 2 lines on top of the bridged ones.
    assert goal(2.0, ready=2, in_call=8, bridged=8, available_only=True) == 12


def test_a_goal_of_a_half_is_rounded_to_even() -> None:
    assert goal(1.5, ready=3, in_call=0, bridged=0, available_only=False) == 4  # 4.5
    assert goal(1.5, ready=1, in_call=0, bridged=0, available_only=False) == 2  # 1.5
    assert goal(2.5, ready=1, in_call=0, bridged=0, available_only=False) == 2  # 2.5


def test_drops_are_among_the_answers_they_are_a_share_of() -> None:
    assert drop_percent(3, 100) == 3.0
    assert drop_percent(0, 0) == 0.0


def test_the_other_formula_takes_machines_out_of_the_drops() -> None:
    # 29 drops, 9 people and 7 machines: 29 × 9/16 = 16.3125 drops; of 25.3125 answers.
    assert uk_drop_percent(29, 9, 7) == pytest.approx(64.44, abs=0.005)


def test_a_level_rises_by_the_share_of_seats_that_wait() -> None:
    level = next_level(1.0, HARD, ready=9.3, waiting=0.0, logged_in=10.0)
    assert level == pytest.approx(1.93)
    # 1.93 × 1.93 is beyond the ceiling.
    assert next_level(level, HARD, ready=9.3, waiting=0.0, logged_in=10.0) == 3.0


def test_a_level_falls_when_calls_wait_for_seats_and_never_below_one() -> None:
    assert next_level(2.0, HARD, ready=0.0, waiting=1.0, logged_in=10.0) == pytest.approx(1.8)
    assert next_level(1.05, HARD, ready=0.0, waiting=5.0, logged_in=10.0) == 1.0


def test_intensity_and_target_move_the_level_further_or_less() -> None:
    eager = Settings("ADAPT_AVERAGE", intensity=50)
    # e = 0.2; × 1.5 upwards: 0.3. e = -0.2; × 0.5 downwards: -0.1.
    assert next_level(2.0, eager, ready=2.0, waiting=0.0, logged_in=10.0) == pytest.approx(2.6)
    assert next_level(2.0, eager, ready=0.0, waiting=2.0, logged_in=10.0) == pytest.approx(1.8)
    shy = Settings("ADAPT_AVERAGE", diff_target=-1)  # one idle seat is aimed at
    assert next_level(2.0, shy, ready=1.0, waiting=0.0, logged_in=10.0) == 2.0


def test_brakes_over_the_limit() -> None:
    assert braked(2.6, HARD, 1305) == 1.0
    assert braked(2.6, Settings("ADAPT_AVERAGE"), 1305) == pytest.approx(1.3)
    assert braked(1.6, Settings("ADAPT_AVERAGE"), 1305) == 1.0


def test_a_tapered_brake_subtracts_clock_readings_as_numbers() -> None:
    # 2100 - 1305 = 795, though seven hours and 55 minutes are left.
    assert braked(2.0, TAPERED, 1305) == pytest.approx(1.59)
    assert braked(2.0, TAPERED, 1100) == 2.0  # 1000: no effect yet
    assert braked(3.0, TAPERED, 1759) == pytest.approx(1.023)
    assert braked(3.0, TAPERED, 1900) == 1.0
    assert braked(3.0, TAPERED, 2101) == 1.0


def test_the_simulated_day_ends_at_the_latest_server_time() -> None:
    assert clock(0.0) == 1300
    assert clock(305.0) == 1305
    assert clock(8 * 3600.0) == TAPERED.latest_server_time
