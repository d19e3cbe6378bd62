"""The figures of the one message a second."""

from __future__ import annotations

import logging
import math

import pytest

from softphone.audio.ticker import Ticker
from softphone.liveness import LoopLag, SeatQuality
from softphone.protocol import encode
from softphone.rtp.stream import ReceptionReport
from softphone.seats import Seat
from softphone.webrtc.reports import HeardQuality
from tests.fakes.legs import FakeSeatLeg
from tests.fakes.timers import HandClock


def test_the_worst_lag_of_the_second_is_told_once() -> None:
    lag = LoopLag(HandClock().now)
    for late_s in (0.01, 0.3, 0.02):
        lag.note(late_s)
    assert lag.take_ms() == pytest.approx(300)
    assert lag.take_ms() == 0.0


def seconds_of_lag(clock: HandClock, lag: LoopLag, late_s: float, seconds: int) -> None:
    for _ in range(seconds):
        lag.note(late_s)
        lag.take_ms()
        clock.pass_s(1.0)


def test_five_late_seconds_are_logged_and_four_are_not(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    lag = LoopLag(clock.now)
    with caplog.at_level(logging.WARNING):
        seconds_of_lag(clock, lag, 0.25, 4)
        seconds_of_lag(clock, lag, 0.0, 1)
        seconds_of_lag(clock, lag, 0.25, 5)
        assert not caplog.records
        seconds_of_lag(clock, lag, 0.25, 1)
    assert [record.getMessage() for record in caplog.records] == ["the event loop runs late"]


async def make_seat(clock: HandClock) -> tuple[Seat, FakeSeatLeg]:
    seat, leg = Seat("s1", Ticker()), FakeSeatLeg()
    leg.last_packet_at = clock.now()
    seat.adopt(leg)
    return seat, leg


async def test_a_connected_seat_is_described() -> None:
    clock = HandClock()
    seat, leg = await make_seat(clock)
    leg.heard = HeardQuality(lost_share=0.0, jitter_ms=1.0, round_trip_ms=12.0)
    leg.received = ReceptionReport(received=100, lost=0, highest_sequence=100, jitter_ms=3.5)
    clock.pass_s(0.25)
    (measured,) = SeatQuality(clock.now).measure([seat])
    assert (measured.seat_id, measured.connected) == ("s1", True)
    assert measured.packet_age_s == pytest.approx(0.25)
    assert (measured.jitter_ms, measured.rtt_ms, measured.level_dbfs) == (3.5, 12.0, -30.0)


async def test_loss_is_that_of_the_last_second() -> None:
    clock = HandClock()
    seat, leg = await make_seat(clock)
    quality = SeatQuality(clock.now)
    counts = [(90, 10), (140, 10), (180, 20), (30, 0)]  # the last: a new stream
    losses = []
    for received, lost in counts:
        leg.received = ReceptionReport(
            received=received, lost=lost, highest_sequence=0, jitter_ms=0.0
        )
        losses.append(quality.measure([seat])[0].loss)
    assert losses == pytest.approx([0.1, 0.0, 0.2, 0.0])


async def test_a_leg_that_never_heard_anything_still_fits_into_json() -> None:
    clock = HandClock(start=1e9)
    seat, leg = Seat("s1", Ticker()), FakeSeatLeg()
    seat.coming = leg
    leg.consent_age_s = math.inf
    (measured,) = SeatQuality(clock.now).measure([seat])
    assert not measured.connected
    assert all(math.isfinite(v) for v in encode(measured).values() if isinstance(v, float))


async def test_a_seat_without_any_leg_is_left_out() -> None:
    clock = HandClock()
    assert SeatQuality(clock.now).measure([Seat("s1", Ticker())]) == ()
