"""F09: a page that is reloaded three times in one talk; a hundred times by benchmarks/faults.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.reloads import reload_rounds

pytestmark = [pytest.mark.browser, pytest.mark.processes]

ROUNDS = 3


def test_a_talk_survives_one_reload_after_the_other(tmp_path: Path) -> None:
    assert len(reload_rounds(tmp_path, rounds=ROUNDS)) == ROUNDS
