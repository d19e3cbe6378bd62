"""F46: whatever happens in whatever order, and whoever is killed at whatever line, I1–I11 hold."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chaos.machine import CallCentreMachine

RUNS = int(os.environ.get("CHAOS_RUNS", "3"))  # all of them: make soak CRASHES=1
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
