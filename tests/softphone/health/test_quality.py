"""The figures of each leg, and the opinion estimated from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import pytest

from softphone.audio.ticker import Ticker
from softphone.health.quality import NOISY_DBFS, QUIET_DBFS, SeatQuality, TrunkQuality
from softphone.opinion import mean_opinion
from softphone.protocol import CallQuality, encode
from softphone.rtp.rtcp import HeardQuality
from softphone.rtp.stream import ReceptionReport
from softphone.seats import Seat
from tests.fakes.legs import FakeSeatLeg, FakeTrunkMedia
from tests.fakes.timers import HandClock

NOTHING = ReceptionReport(received=0, lost=0, highest_sequence=0, jitter_ms=0.0)


@dataclass
class FakeCall:
    call_id: str = "c1"
    media: FakeTrunkMedia | None = field(default_factory=FakeTrunkMedia)


def opinion(loss: float = 0.0, jitter_ms: float = 0.0, delay_ms: float = 20.0) -> float:
    return mean_opinion(loss=loss, jitter_ms=jitter_ms, delay_ms=delay_ms)


@pytest.mark.parametrize(
    ("loss", "jitter_ms", "delay_ms", "mos"),
    [
        (0.0, 0.0, 20.0, 4.39),  # G.711 without any fault: R 92.2
        (0.01, 0.0, 20.0, 4.30),
        (0.05, 0.0, 20.0, 3.82),
        (0.10, 0.0, 20.0, 3.14),
        (0.0, 0.0, 300.0, 3.58),  # past 177 ms people talk into each other
        (0.0, 100.0, 20.0, 4.03),
        (0.5, 0.0, 20.0, 1.0),
    ],
)
def test_known_points_of_the_e_model(
    loss: float, jitter_ms: float, delay_ms: float, mos: float
) -> None:
    assert opinion(loss, jitter_ms, delay_ms) == pytest.approx(mos, abs=0.03)


def test_the_opinion_falls_with_every_fault_and_keeps_its_bounds() -> None:
    for fault in ("loss", "jitter_ms", "delay_ms"):
        scale = 1 if fault == "loss" else 2000
        points = [opinion(**{fault: step / 20 * scale}) for step in range(21)]
        assert points == sorted(points, reverse=True)
        assert all(1.0 <= point <= 4.5 for point in points)


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
        leg.received = replace(NOTHING, received=received, lost=lost)
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


async def test_a_seat_has_an_opinion_while_something_is_sent_to_it() -> None:
    clock = HandClock()
    seat, leg = await make_seat(clock)
    quality = SeatQuality(clock.now)
    assert quality.measure([seat])[0].mos is None
    leg.heard = HeardQuality(lost_share=0.05, jitter_ms=2.0, round_trip_ms=40.0)
    leg.last_sent_at = clock.now()
    assert quality.measure([seat])[0].mos == pytest.approx(3.8, abs=0.05)
    clock.pass_s(6)
    assert quality.measure([seat])[0].mos is None


async def test_the_opinion_of_a_seat_is_that_of_the_worse_direction() -> None:
    clock = HandClock()
    seat, leg = await make_seat(clock)
    quality = SeatQuality(clock.now)
    leg.heard = HeardQuality(lost_share=0.0, jitter_ms=2.0, round_trip_ms=40.0)
    leg.last_sent_at = clock.now()
    opinions = []
    for received, lost in ((95, 5), (195, 5), (195, 5)):  # lossy, clean, nothing
        leg.received = replace(NOTHING, received=received, lost=lost)
        opinions.append(quality.measure([seat])[0].mos)
    assert opinions == pytest.approx([3.8, 4.36, 4.36], abs=0.05)
    leg.heard = None
    leg.received = replace(NOTHING, received=290, lost=10)
    assert quality.measure([seat])[0].mos == pytest.approx(3.8, abs=0.05)


async def test_a_noisy_microphone_is_named_until_it_is_clearly_quiet() -> None:
    clock = HandClock()
    seat, leg = await make_seat(clock)
    quality = SeatQuality(clock.now)
    between = (NOISY_DBFS + QUIET_DBFS) / 2
    words = []
    for floor in (-60.0, between, NOISY_DBFS + 1, between, QUIET_DBFS - 1, between):
        leg.noise_dbfs = floor
        words.append(quality.measure([seat])[0].noisy)
    assert words == [False, False, True, True, False, False]


def measured(quality: TrunkQuality, call: FakeCall) -> CallQuality:
    (one,) = quality.measure([call])
    return one


def test_a_customers_leg_is_described() -> None:
    call, quality = FakeCall(), TrunkQuality()
    assert call.media is not None
    call.media.heard = HeardQuality(lost_share=0.02, jitter_ms=4.0, round_trip_ms=60.0)
    call.media.received = replace(NOTHING, received=48, lost=2, jitter_ms=5.0)
    call.media.noise_dbfs = -30.0
    one = measured(quality, call)
    assert (one.call_id, one.loss, one.jitter_ms, one.rtt_ms) == ("c1", 0.04, 5.0, 60.0)
    assert (one.sent_loss, one.noisy) == (0.02, True)
    assert one.mos == pytest.approx(mean_opinion(loss=0.04, jitter_ms=5.0, delay_ms=30.0))


def test_a_customer_who_sends_nothing_has_no_opinion() -> None:
    call, quality = FakeCall(), TrunkQuality()
    assert call.media is not None
    assert measured(quality, call).mos is None
    call.media.received = replace(NOTHING, received=50)
    assert measured(quality, call).mos is not None
    assert measured(quality, call).mos is None


def test_five_seconds_of_loss_lower_the_opinion_at_once_and_losses_end() -> None:
    call, quality = FakeCall(), TrunkQuality()
    assert call.media is not None
    received = lost = 0
    opinions = []
    for second in range(8):
        gone = 3 if 2 <= second < 7 else 0  # of fifty: six in a hundred
        received, lost = received + 50 - gone, lost + gone
        call.media.received = replace(NOTHING, received=received, lost=lost)
        opinions.append(measured(quality, call).mos or 0.0)
    assert all(one < 3.9 for one in opinions[2:7])
    assert all(one > 4.3 for one in opinions[:2] + opinions[7:])


def test_a_call_that_is_not_bridged_is_left_out_and_forgotten() -> None:
    call, quality = FakeCall(), TrunkQuality()
    assert call.media is not None
    call.media.received = replace(NOTHING, received=50, lost=50)
    call.media.noise_dbfs = -20.0
    assert measured(quality, call).noisy
    media, call.media = call.media, None
    assert quality.measure([call]) == ()
    media.noise_dbfs = (NOISY_DBFS + QUIET_DBFS) / 2
    call.media = media
    assert not measured(quality, call).noisy
