"""Calls per second, evened out."""

from __future__ import annotations

import random

from softphone.sip.trunk.pacer import MOST_WAIT_S, Pacer


def test_a_burst_is_spread_and_what_would_wait_too_long_is_refused():
    pacer = Pacer(4)
    waits = [pacer.reserve(10.0) for _ in range(7)]
    assert waits == [0, 0.25, 0.5, 0.75, 1.0, None, None]
    assert pacer.reserve(10.25) == 1.0


def test_quiet_time_is_not_saved_up():
    pacer = Pacer(2)
    assert pacer.reserve(0) == 0
    assert [pacer.reserve(100.0), pacer.reserve(100.0)] == [0, 0.5]


def test_no_second_ever_holds_more_than_the_rate():
    dice, pacer, sent, now = random.Random(1), Pacer(5), [], 0.0
    while now < 60:
        now += dice.expovariate(20)
        wait = pacer.reserve(now)
        if wait is not None:
            assert wait <= MOST_WAIT_S
            sent.append(now + wait)
    for start in sent:
        assert sum(start <= at < start + 1 - 1e-9 for at in sent) <= 5
    assert len(sent) > 55 * 5, "and the rate is reached"


def test_a_rate_of_zero_refuses_and_a_new_rate_holds_at_once():
    pacer = Pacer(0)
    assert pacer.reserve(0) is None
    pacer.set_rate(10)
    assert pacer.reserve(0) == 0
