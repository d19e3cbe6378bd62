"""kill -9 of desk, of gateway, of both, at random moments under load: nothing promised is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.kill_rounds import BOTH, DESK, GATEWAY, Figures, play

SEED = 20301126


@pytest.mark.processes
@pytest.mark.timeout(480)
async def test_kill_9_of_any_part_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    targets = [DESK, GATEWAY, BOTH, DESK]  # as often as you like: make soak N=100
    done: list[Figures] = []
    await play(tmp_path, seed=SEED, targets=targets, done=done, tell=print)
    failures = [str(each) for each in done if each.failures]
    assert not failures, "\n".join(failures)
    assert sum(each.talks for each in done if each.targets == DESK) > 0
