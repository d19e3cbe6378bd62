"""F20: whoever leads, a customer is called once."""

from __future__ import annotations

import os
import random

import pytest

from tests.chaos.two_leaders import Leaders

ATTEMPTS = int(os.environ.get("LEADER_ATTEMPTS", "150"))  # a hundred thousand: make soak CRASHES=1
SEED = 20301126 + int(os.environ.get("RACES_FROM", "0"))


@pytest.mark.parametrize(
    "dialect", [pytest.param("postgresql", marks=pytest.mark.postgresql)], scope="session"
)
def test_f20_desks_that_freeze_and_wake_call_nobody_twice(database_url: str) -> None:
    leaders = Leaders(database_url, ATTEMPTS, random.Random(SEED))
    wrong = leaders.run()
    assert wrong == []
    assert leaders.handovers > 0
    assert sum(leaders.contacts.values()) + len(leaders.refused) <= ATTEMPTS
