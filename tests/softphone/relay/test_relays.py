"""Relays: proven before they are used, quiet towards strangers, over with their call."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from softphone.audio.g711 import silence, translation
from softphone.audio.prompts import load_sounds
from softphone.protocol import CloseRelay, Refusal, RelayChanged
from softphone.relay.relays import IDLE_S, UNUSED_S, Relays
from softphone.rtp.leg import Leg
from softphone.rtp.packet import build
from tests.fakes.legs import FakeJoint, FakeSeatLeg
from tests.fakes.timers import HandClock
from tests.softphone.relay_pair import KEY, Pair
from tests.waiting import await_until

VOICE = bytes(range(160))


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    pair = Pair()
    await pair.start()
    yield pair
    await pair.stop()


async def connect(pair: Pair) -> tuple[FakeSeatLeg, Leg]:
    """An open relay: the browser's leg at the lender, and the leg that stands for it."""
    browser = await pair.lender.open_seat()
    accepted = await asyncio.gather(
        pair.lender.relays.open(pair.lender_command()), pair.host.relays.open(pair.host_command())
    )
    assert accepted == [None, None]
    leg = pair.remote_seat.leg_for_call()
    assert not isinstance(leg, Refusal)
    return browser, leg


def speak(browser: FakeSeatLeg, payload: bytes = VOICE, timestamp: int = 0) -> None:
    assert browser.sink is not None
    browser.sink(payload, timestamp)


async def test_both_ends_accept_when_they_hear_each_other(pair: Pair) -> None:
    await connect(pair)
    for end in (pair.host, pair.lender):
        assert RelayChanged("r1", up=True, reason="heard") in end.events


@pytest.mark.parametrize("first", ["host", "lender"])
async def test_an_end_that_was_told_later_is_found_by_the_probes(pair: Pair, first: str) -> None:
    await pair.lender.open_seat()
    ends = {
        "host": lambda: pair.host.relays.open(pair.host_command()),
        "lender": lambda: pair.lender.relays.open(pair.lender_command()),
    }
    early = asyncio.create_task(ends.pop(first)())
    for _ in range(5):
        await asyncio.sleep(0)
    ((_, later),) = ends.items()
    assert await later() is None
    pair.clock.pass_s(0.02)
    assert await early is None


async def test_an_end_that_hears_nothing_refuses_and_gives_the_seat_back(pair: Pair) -> None:
    await pair.lender.open_seat()
    refusal = await pair.lender.relays.open(pair.lender_command())
    assert refusal is not None and refusal.error_id == "relay_unreachable"
    assert not isinstance(pair.lender.seat.leg_for_call(), Refusal)
    assert len(pair.lender.relays) == 0
    assert not [e for e in pair.lender.events if isinstance(e, RelayChanged)]


async def test_audio_passes_both_ways_as_it_was_sent(pair: Pair) -> None:
    browser, leg = await connect(pair)
    heard: list[tuple[bytes, int]] = []
    leg.sink = lambda payload, timestamp: heard.append((payload, timestamp))
    speak(browser, VOICE, 0)
    speak(browser, VOICE[::-1], 160)
    await await_until(lambda: len(heard) == 2)
    assert [payload for payload, _ in heard] == [VOICE, VOICE[::-1]]
    assert (heard[1][1] - heard[0][1]) & 0xFFFFFFFF == 160
    leg.send(VOICE, source=object())
    await await_until(lambda: browser.sent)
    assert browser.sent == [VOICE]


async def test_probes_are_not_taken_for_the_operators_voice(pair: Pair) -> None:
    browser, leg = await connect(pair)
    assert leg.last_packet_at == 0.0
    speak(browser)
    await await_until(lambda: leg.last_packet_at > 0.0)


async def test_the_host_speaks_the_law_of_the_lent_leg(pair: Pair) -> None:
    browser = await pair.lender.open_seat()
    browser.codec = "PCMA"
    await asyncio.gather(
        pair.lender.relays.open(pair.lender_command()), pair.host.relays.open(pair.host_command())
    )
    leg = pair.remote_seat.leg_for_call()
    assert isinstance(leg, Refusal) is False and leg.codec == "PCMA"  # type: ignore[union-attr]


async def test_a_leg_of_another_law_that_takes_over_is_translated(pair: Pair) -> None:
    browser, leg = await connect(pair)
    new = FakeSeatLeg()
    new.codec = "PCMA"
    pair.lender.seat.adopt(new)
    heard: list[bytes] = []
    leg.sink = lambda payload, timestamp: heard.append(payload)
    speak(new)
    await await_until(lambda: heard)
    table = translation("PCMA", "PCMU")
    assert table is not None and heard == [VOICE.translate(table)]
    leg.send(heard[0], source=object())
    await await_until(lambda: new.sent)
    back = translation("PCMU", "PCMA")
    assert back is not None and new.sent == [heard[0].translate(back)]


async def test_after_a_reload_the_new_leg_takes_over_with_its_first_packet(pair: Pair) -> None:
    browser, leg = await connect(pair)
    new = FakeSeatLeg()
    pair.lender.seat.adopt(new)
    leg.send(VOICE, source=pair)
    await await_until(lambda: browser.sent)
    assert not new.sent
    speak(new)
    await await_until(lambda: leg.last_packet_at > 0.0)
    leg.send(VOICE, source=pair)
    await await_until(lambda: new.sent)
    assert browser.sink is None


async def test_a_muted_operator_is_heard_as_silence(pair: Pair) -> None:
    browser, leg = await connect(pair)
    heard: list[bytes] = []
    leg.sink = lambda payload, timestamp: heard.append(payload)
    assert pair.lender.seat.mute(on=True) is None
    speak(browser)
    pair.lender.seat.mute(on=False)
    speak(browser, timestamp=160)
    await await_until(lambda: len(heard) == 2)
    assert heard == [silence("PCMU"), VOICE]


async def test_a_lent_seat_is_busy_for_calls_and_device_checks(pair: Pair) -> None:
    await connect(pair)
    for refusal in (pair.lender.seat.leg_for_call(), pair.lender.seat.test("tone")):
        assert isinstance(refusal, Refusal) and refusal.error_id == "seat_busy"


@pytest.mark.parametrize("customer_gone", [True, False])
async def test_the_end_of_the_call_frees_the_seat_without_a_desk(
    pair: Pair, customer_gone: bool
) -> None:
    browser, _ = await connect(pair)
    pair.remote_seat.release(customer_gone=customer_gone)
    await await_until(lambda: len(pair.lender.relays) == 0)
    assert browser.sink is None
    reason = "customer gone" if customer_gone else "released"
    assert pair.lender.events[-1] == RelayChanged("r1", up=False, reason=reason)
    assert pair.host.events[-1] == RelayChanged("r1", up=False, reason="the call is over")
    if customer_gone:
        tone = load_sounds().customer_gone.frames("PCMU")[0]
        await await_until(lambda: tone in browser.sent, what="the falling tone")
    else:
        assert not browser.sent
    assert pair.host.relays.find_seat("c1", "s1") is None


async def test_the_desk_closes_it_at_either_end_and_twice_is_nothing(pair: Pair) -> None:
    await connect(pair)
    for _ in range(2):
        assert pair.host.relays.close(CloseRelay("r1")) is None
    await await_until(lambda: len(pair.lender.relays) == 0)
    assert pair.lender.relays.close(CloseRelay("r1")) is None


async def test_a_lender_that_hears_nobody_for_half_a_minute_takes_its_seat_back(
    pair: Pair,
) -> None:
    await connect(pair)
    pair.remote_seat.take(object())  # type: ignore[arg-type]
    pair.host.relays._socket.close()  # type: ignore[union-attr]  # as a host that was killed
    pair.clock.pass_s(IDLE_S + 1)
    assert len(pair.lender.relays) == 0
    assert pair.lender.events[-1] == RelayChanged("r1", up=False, reason="silent")
    assert not isinstance(pair.lender.seat.leg_for_call(), Refusal)


async def test_probes_keep_a_quiet_relay_alive(pair: Pair) -> None:
    await connect(pair)
    pair.remote_seat.take(object())  # type: ignore[arg-type]
    for _ in range(8):
        pair.clock.pass_s(IDLE_S / 4)
        await asyncio.sleep(0.02)  # pace: the probes cross loopback
    assert (len(pair.host.relays), len(pair.lender.relays)) == (1, 1)


async def test_a_relay_no_call_uses_is_given_up(pair: Pair) -> None:
    await connect(pair)
    pair.clock.pass_s(UNUSED_S + 1)
    assert len(pair.host.relays) == 0
    await await_until(lambda: len(pair.lender.relays) == 0)


async def test_each_relay_serves_one_call(pair: Pair) -> None:
    _, leg = await connect(pair)
    pair.remote_seat.take(object())  # type: ignore[arg-type]
    again = pair.remote_seat.leg_for_call()
    assert isinstance(again, Refusal) and again.error_id == "seat_busy"
    assert FakeJoint(leg).seat is leg


# --- what is refused ----------------------------------------------------------------------------


async def test_a_seat_that_is_not_here_or_in_a_call_is_not_lent(pair: Pair) -> None:
    refusal = await pair.lender.relays.open(pair.lender_command())
    assert refusal is not None and refusal.error_id == "seat_not_connected"
    await connect(pair)
    second = replace(pair.lender_command("r2"), send_ssrc=5, receive_ssrc=6)
    refusal = await pair.lender.relays.open(second)
    assert refusal is not None and refusal.error_id == "seat_busy"


async def test_a_gateway_that_takes_nothing_new_lends_no_seat(pair: Pair) -> None:
    await pair.lender.open_seat()
    pair.lender.refusal = Refusal("gateway_draining", "leaving")
    assert await pair.lender.relays.open(pair.lender_command()) == pair.lender.refusal


@pytest.mark.parametrize(
    ("change", "error_id"),
    [
        ({"local": "192.0.2.1:7"}, "relay_address"),
        ({"remote": "nowhere"}, "bad_relay"),
        ({"remote": "127.0.0.1:0"}, "bad_relay"),
        ({"send_ssrc": 2002}, "bad_relay"),
        ({"key": "not base64!"}, "bad_relay"),
        ({"key": base64.b64encode(bytes(16)).decode()}, "bad_relay"),
    ],
)
async def test_terms_that_cannot_be_are_refused(
    pair: Pair, change: dict[str, object], error_id: str
) -> None:
    refusal = await pair.host.relays.open(replace(pair.host_command(), **change))  # type: ignore[arg-type]
    assert refusal is not None and refusal.error_id == error_id
    assert len(pair.host.relays) == 0


async def test_an_open_relay_is_not_opened_again_nor_its_ssrc_used(pair: Pair) -> None:
    await connect(pair)
    again = await pair.host.relays.open(pair.host_command())
    assert again is not None and again.error_id == "relay_known"
    other = await pair.host.relays.open(pair.host_command("r2"))
    assert other is not None and other.error_id == "bad_relay"


async def test_a_gateway_without_a_relay_address_says_so(pair: Pair) -> None:
    clock = HandClock()
    relays = Relays(
        seats=pair.host.seats, report=pair.host.events.append, timers=clock, now=clock.now
    )
    assert relays.address == ""
    refusal = await relays.open(pair.host_command())
    assert refusal is not None and refusal.error_id == "no_relay"


# --- strangers ----------------------------------------------------------------------------------


async def test_only_the_named_address_and_key_are_heard(pair: Pair) -> None:
    """A packet with the right SSRC from elsewhere, and one from the right place forged."""
    browser, leg = await connect(pair)
    heard: list[bytes] = []
    leg.sink = lambda payload, timestamp: heard.append(payload)
    path = next(iter(pair.host.relays._socket._paths.values()))  # type: ignore[union-attr]
    forged = bytes([0x80, 0]) + bytes(6) + (2002).to_bytes(4, "big") + bytes(170)
    host, port = pair.host.relays.address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(forged, (host, int(port)))
        stranger.sendto(b"", (host, int(port)))
        stranger.sendto(b"\x80" * 11, (host, int(port)))
    sender = pair.lender.relays._socket._transport  # type: ignore[union-attr]
    assert sender is not None
    sender.sendto(forged, (host, int(port)))
    sender.sendto(forged + bytes(2000), (host, int(port)))  # more than the library takes
    await await_until(lambda: path.refused == 3)
    speak(browser)
    await await_until(lambda: heard)
    assert heard == [VOICE]


async def test_a_captured_packet_is_not_played_again(pair: Pair) -> None:
    browser, leg = await connect(pair)
    heard: list[bytes] = []
    leg.sink = lambda payload, timestamp: heard.append(payload)
    path = next(iter(pair.host.relays._socket._paths.values()))  # type: ignore[union-attr]
    receive, captured = path.receive, []

    def keep(datagram: bytes, address: tuple[str, int], now: float) -> None:
        captured.append((datagram, address, now))
        receive(datagram, address, now)

    path.receive = keep  # type: ignore[method-assign]
    speak(browser)
    await await_until(lambda: heard)
    receive(*captured[-1])
    assert (len(heard), path.refused) == (1, 1)


async def test_what_waited_during_a_stall_is_not_delivered_as_late_speech(pair: Pair) -> None:
    _, leg = await connect(pair)
    heard: list[bytes] = []
    leg.sink = lambda payload, timestamp: heard.append(payload)
    path = next(iter(pair.host.relays._socket._paths.values()))  # type: ignore[union-attr]
    sender = next(iter(pair.lender.relays._socket._paths.values()))  # type: ignore[union-attr]
    for n in range(60):
        sender.send_rtp(build(VOICE, payload_type=0, sequence=n, timestamp=160 * n, ssrc=2002))
    await await_until(lambda: len(heard) + path.refused >= 60)
    assert len(heard) <= 14


async def test_the_key_is_never_in_a_command_log(caplog: pytest.LogCaptureFixture) -> None:
    pair = Pair()
    await pair.start()
    await connect(pair)
    await pair.stop()
    assert KEY not in caplog.text
