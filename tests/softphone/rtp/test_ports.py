"""The range of media ports."""

from __future__ import annotations

import random
import socket

import pytest

from softphone.rtp.ports import LEAST_REST_S, PortPool, PortsUsedUp


def free_range(length: int = 6) -> tuple[int, int]:
    """An even-numbered start of a range nobody uses at the moment."""
    for start in random.Random().sample(range(10_000, 32_000, 2), 200):
        if all(_is_free(port) for port in range(start, start + length)):
            return start, start + length - 1
    raise AssertionError("no free range of ports")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def bind(pool: PortPool, *, even: bool = False) -> int:
    bound = pool.bind("127.0.0.1", receive_buffer=4096, even=even)
    port = bound.getsockname()[1]
    bound.close()  # the pool goes by its own books
    return port


def test_ports_come_from_the_range_each_once() -> None:
    first, last = free_range()
    pool = PortPool(first, last)
    assert sorted(bind(pool) for _ in range(6)) == list(range(first, last + 1))
    with pytest.raises(PortsUsedUp):
        bind(pool)


def test_rtp_gets_even_ports_and_webrtc_leaves_them_while_it_can() -> None:
    first, last = free_range()
    pool = PortPool(first, last)
    assert bind(pool) % 2 == 1
    assert [bind(pool, even=True) % 2 for _ in range(3)] == [0, 0, 0]
    with pytest.raises(PortsUsedUp):
        bind(pool, even=True)


def test_a_freed_port_rests_before_it_is_given_out_again() -> None:
    first, last = free_range(2)
    clock = Clock()
    pool = PortPool(first, last, rest_s=10, clock=clock)
    port = bind(pool)
    pool.release(port)

    clock.now = 9.9
    other = bind(pool)
    assert other != port
    pool.release(other, rest=False)
    clock.now = 10.0
    assert {bind(pool), bind(pool)} == {port, other}


def test_a_port_goes_sooner_when_no_other_is_left_but_never_at_once() -> None:
    first, last = free_range(1)
    clock = Clock()
    pool = PortPool(first, last, rest_s=10, clock=clock)
    port = bind(pool)
    pool.release(port)

    clock.now = LEAST_REST_S - 0.1
    with pytest.raises(PortsUsedUp):
        bind(pool)
    clock.now = LEAST_REST_S
    assert bind(pool) == port


def test_a_port_goes_sooner_also_when_other_programs_hold_the_rest() -> None:
    first, last = free_range(2)
    clock = Clock()
    pool = PortPool(first, last, rest_s=10, clock=clock)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first + 1))
        pool.release(bind(pool))
        clock.now = LEAST_REST_S
        assert bind(pool) == first


def test_a_port_some_other_program_holds_is_passed_over() -> None:
    first, last = free_range(2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first + 1))
        pool = PortPool(first, last)
        assert bind(pool) == first
        with pytest.raises(PortsUsedUp):
            bind(pool)
    assert bind(pool) == first + 1


def test_an_address_that_is_not_ours_is_told_and_keeps_the_port() -> None:
    first, last = free_range(1)
    pool = PortPool(first, last)
    with pytest.raises(OSError) as raised:
        pool.bind("192.0.2.77", receive_buffer=4096)
    assert not isinstance(raised.value, PortsUsedUp)
    assert bind(pool) == first


@pytest.mark.parametrize("bounds", [(0, 10), (20, 10), (60000, 70000), (-4, 4)])
def test_an_impossible_range_is_refused(bounds: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="range of UDP ports"):
        PortPool(*bounds)


def test_a_port_no_media_came_to_is_free_again_at_once() -> None:
    first, last = free_range(1)
    pool = PortPool(first, last)
    for _ in range(5):
        port = bind(pool)
        pool.release(port, rest=False)
    assert bind(pool) == first


def test_the_port_beside_is_bound_when_nobody_has_it() -> None:
    first, last = free_range(4)
    clock = Clock()
    pool = PortPool(first, last, rest_s=10, clock=clock)
    beside = pool.bind_beside("127.0.0.1", first, receive_buffer=4096)
    assert beside is not None
    assert beside.getsockname()[1] == first + 1
    assert pool.bind_beside("127.0.0.1", first, receive_buffer=4096) is None
    beside.close()
    pool.release(first + 1)
    assert pool.bind_beside("127.0.0.1", first, receive_buffer=4096) is None  # it rests
    clock.now = 10.0
    again = pool.bind_beside("127.0.0.1", first, receive_buffer=4096)
    assert again is not None
    again.close()


def test_rtp_gets_a_port_whose_neighbour_is_free_while_there_is_one() -> None:
    first, last = free_range(6)
    pool = PortPool(first, last)
    taken = pool.bind_beside("127.0.0.1", first, receive_buffer=4096)
    assert taken is not None
    assert [bind(pool, even=True) for _ in range(3)] == [first + 2, first + 4, first]
    taken.close()
