"""Threads that compute give the loop its turn soon."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from softphone.health import threads


@pytest.fixture
def own_turns() -> Iterator[None]:
    """The interpreter's turns as they were found, afterwards."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("own_turns")
def test_a_thread_that_computes_gives_way_well_within_a_packets_time() -> None:
    threads.yield_to_loop()
    assert sys.getswitchinterval() <= 0.001
