"""F46: whatever happens in whatever order, and whoever is killed at whatever line, I1–I11 hold."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chaos.judgement import CAP
from tests.chaos.machine import CallCentre, CallCentreMachine

RUNS = int(os.environ.get("CHAOS_RUNS", "2"))  # all of them: make soak CRASHES=1
SEED = os.environ.get("CHAOS_SEED")  # none: the same runs every time
STEPS = int(os.environ.get("CHAOS_STEPS", "50"))


def test_a_call_centre_that_is_killed_at_any_line_keeps_its_promises() -> None:
    machine = CallCentreMachine if SEED is None else seed(int(SEED))(CallCentreMachine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            derandomize=SEED is None,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whoever_may_have_rung_when_a_gateway_died_is_called_up_to_the_cap_and_no_more() -> None:
    centre = CallCentre()
    try:
        for name in (0, 1):
            centre.an_operator_works(name)
        for _ in range(7):
            centre.pass_time(6.0)
            centre.the_gateway_is_killed(0)
            centre.pass_time(200.0, step_s=20.0)
            for name in (0, 1):
                centre.an_operator_works(name)
            centre.judge_live()
        assert max(centre.weighty().values()) == CAP, "nobody was called up to the cap"
        centre.heal()
        centre.judge_rows()
        centre.judge_end()
    finally:
        centre.close()
