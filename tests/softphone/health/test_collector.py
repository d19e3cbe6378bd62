"""Ended calls, whose parts refer to each other, do not pile up."""

from __future__ import annotations

import gc
import weakref
from collections import deque
from collections.abc import Iterator

import pytest

from softphone.health import collector
from tests.memory import gives_back

PARTS = 60  # objects of one attempt, about what a gateway makes
REMEMBERED = 50  # ended attempts whose transactions wait for repetitions


class _Call:
    """Its parts know it, and it knows them."""

    def __init__(self) -> None:
        self.parts = [[self] for _ in range(PARTS)]


@pytest.fixture
def own_collector() -> Iterator[None]:
    """The collector as it was found, afterwards."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("own_collector")
def test_a_thousand_ended_calls_leave_no_more_than_some_hundred() -> None:
    collector.settle()
    alive: weakref.WeakSet[_Call] = weakref.WeakSet()
    ended: deque[_Call] = deque(maxlen=REMEMBERED)
    most = 0
    for _ in range(2000):
        call = _Call()
        alive.add(call)
        ended.append(call)
        most = max(most, len(alive))
    assert REMEMBERED <= most <= 500


def test_what_is_free_between_what_lives_goes_back_to_the_system() -> None:
    gives_back(collector.give_back)
