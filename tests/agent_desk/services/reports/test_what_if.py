"""What more calls and a better rate would bring; the browser is held to the same cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_desk.services.reports.what_if import WhatIf

CASES = json.loads((Path(__file__).parents[3] / "fixtures/what_if.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_b32_calls_times_rate(case: dict[str, Any]) -> None:
    tried = WhatIf(**case["tried"])
    for name, wanted in case.items():
        if name != "tried":
            assert getattr(tried, name) == (None if wanted is None else pytest.approx(wanted)), name
