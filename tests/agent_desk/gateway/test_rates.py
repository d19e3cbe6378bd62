"""Whoever comes, goes or comes back: no second has more new calls than the trunk takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.floor import Floor
from agent_desk.gateway.rates import SETTLE_S, Rates
from agent_desk.gateway.sharing import Sharing
from softphone.protocol import TrunkShare
from softphone.sip.trunk.pacer import MOST_WAIT_S, Pacer

TRUNK = TrunkShare("t", 40, 20.0)


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def share(rate: float) -> list[TrunkShare]:
    return [TrunkShare("t", 10, rate)]


def test_a_second_gateway_waits_until_the_first_has_slowed_down() -> None:
    time = Time()
    rates = Rates(time)
    rates.tell("a", share(20.0))
    assert rates.room("b", TRUNK) == 0.0
    rates.tell("a", share(10.0))
    assert rates.room("b", TRUNK) == 0.0
    time.now += SETTLE_S
    assert rates.room("b", TRUNK) == 10.0


def test_a_lost_gateways_rate_is_free_when_its_last_call_has_left() -> None:
    time = Time()
    rates = Rates(time)
    rates.tell("a", share(10.0))
    rates.tell("b", share(10.0))
    rates.gone("a")
    assert rates.room("b", TRUNK) == 10.0
    time.now += SETTLE_S
    assert rates.room("b", TRUNK) == 20.0


def test_a_gateway_that_comes_back_at_once_is_not_in_its_own_way() -> None:
    rates = Rates(Time())
    rates.tell("a", share(20.0))
    rates.gone("a")
    assert rates.room("a", TRUNK) == 20.0


def test_an_order_is_carried_out_or_refused_before_its_rate_is_given_away() -> None:
    assert SETTLE_S >= 2 * MOST_WAIT_S


@dataclass
class Line:
    """A gateway's end of the trunk: it spaces its INVITEs as the product does."""

    pacer: Pacer = field(default_factory=lambda: Pacer(0.0))


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    rate=st.integers(1, 12),
    steps=st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 25)), min_size=5, max_size=20
    ),
)
def test_no_second_has_more_calls_than_the_trunk_takes(
    rate: int, steps: list[tuple[str, int]]
) -> None:
    """Gateways come and go at random while everybody calls as fast as they may."""
    time = Time()
    trunk = TrunkShare("t", 100, float(rate))
    sharing = Sharing([trunk], time)
    every = {name: Line() for name in "abc"}
    lines: dict[str, Line] = {}
    sent: list[float] = []
    for name, ticks in steps:
        if name in lines:
            del lines[name]  # the desk lost it: it gets no orders, what it has leaves
            sharing.gone(name, Floor())
        else:
            lines[name] = every[name]
        for _ in range(ticks + 1):
            time.now += 0.1
            for each, line in lines.items():
                (part,) = sharing.part(each, list(lines), Floor())
                sharing.tell(each, [part])
                line.pacer.set_rate(part.calls_per_second)
                for _ in range(3):
                    wait_s = line.pacer.reserve(time.now)
                    if wait_s is not None:
                        sent.append(time.now + wait_s)
    sent.sort()
    for first, at in enumerate(sent):
        within = [other for other in sent[first:] if other < at + 1.0 - 1e-6]
        assert len(within) <= rate, f"{len(within)} calls in the second from {at}"


def test_lines_and_rates_are_used_up_again_when_all_has_settled() -> None:
    time = Time()
    sharing = Sharing([TRUNK], time)
    names = ["a", "b", "c"]
    for _ in range(3):
        for name in names:
            sharing.tell(name, sharing.part(name, names, Floor()))
        time.now += SETTLE_S
    parts = [sharing.part(name, names, Floor())[0] for name in names]
    assert sum(part.calls_per_second for part in parts) == 20.0
    assert sum(part.lines for part in parts) == 40
