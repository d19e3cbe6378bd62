"""Two parties, each humming a different tone: who hears what, and when."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from softphone.audio.g711 import Codec
from softphone.audio.ticker import Ticker
from softphone.audio.tones import FLOOR_DBFS
from softphone.bridge import Bridge
from softphone.rtp.player import SilenceFill
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from tests.softphone.trunk_party import TrunkParty
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import await_until

OPERATOR_HZ, CUSTOMER_HZ = 1500, 700  # neither is a note of the hold music


class Call:
    """A whole call in one process: customer, RTP leg, bridge, WebRTC leg, browser."""

    def __init__(self, trunk_codec: Codec = "PCMU", seat_codecs: tuple[Codec, ...] = ("PCMU",)):
        self.ticker = Ticker()
        self.trunk_codec = trunk_codec
        self.seat_codecs = seat_codecs
        self.audible = 0

    async def open(self) -> Call:
        ports = PortPool()
        self.settings = WebRtcSettings(udp_ports=ports, include_loopback=True)
        self.customer = await TrunkParty.open(self.ticker, self.trunk_codec)
        self.rtp = await RtpSession.open(ports, "127.0.0.1")
        self.rtp.connect(self.customer.address, self.trunk_codec)
        self.fill = SilenceFill(self.ticker, self.rtp)
        self.fill.start()
        self.browser, self.seat = await self.new_seat()
        self.customer.hum(CUSTOMER_HZ)
        self.customer.speak_to(self.rtp.address)
        self.browser.hum(OPERATOR_HZ)
        self.bridge = Bridge(self.rtp, self.seat, self.ticker, on_audible=self._note_audible)
        return self

    async def new_seat(self) -> tuple[BrowserClient, SeatLeg]:
        browser = BrowserClient(self.ticker, codecs=self.seat_codecs)
        legs = []

        async def post_offer(offer: str) -> str:
            legs.append(await SeatLeg.answer(offer, settings=self.settings))
            return legs[0].answer_sdp

        await browser.connect(post_offer)
        await legs[0].connected
        return browser, legs[0]

    def _note_audible(self) -> None:
        self.audible += 1

    async def both_hear_each_other(self) -> None:
        await await_until(
            lambda: (
                self.browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ)
                and self.customer.hears_only(OPERATOR_HZ, but_not=CUSTOMER_HZ)
            ),
            what="both hear each other",
        )

    async def customer_hears_something_else_than_the_operator(self) -> None:
        def does() -> bool:
            loud = self.customer.level_dbfs()
            return loud > -50 and self.customer.heard_dbfs(OPERATOR_HZ) < loud - 3

        await await_until(does, what="a prompt or music instead of the operator")

    async def close(self) -> None:
        self.bridge.separate()
        self.fill.stop()
        self.customer.close()
        await self.browser.close()
        await self.seat.close()
        await self.rtp.close()


@pytest_asyncio.fixture
async def call() -> AsyncIterator[Call]:
    call = await Call().open()
    yield call
    await call.close()


async def test_each_party_hears_exactly_the_other(call: Call) -> None:
    call.bridge.connect()
    await call.both_hear_each_other()


async def test_both_hear_silence_after_separation(call: Call) -> None:
    call.bridge.connect()
    await call.both_hear_each_other()

    call.bridge.separate()

    await await_until(lambda: call.customer.hears_silence() and call.customer.samples().size)
    await await_until(
        lambda: call.browser.samples().size == 0, what="an idle seat leg is sent nothing"
    )


async def test_the_same_leg_serves_a_second_call(call: Call) -> None:
    call.bridge.connect()
    await call.both_hear_each_other()
    call.bridge.separate()

    call.bridge = Bridge(call.rtp, call.seat, call.ticker)
    call.bridge.connect()

    await call.both_hear_each_other()


async def test_the_operator_hears_the_zip_tone_before_the_customer(call: Call) -> None:
    call.bridge.connect()
    await await_until(
        lambda: call.browser.heard_dbfs(660) > -30 or call.browser.heard_dbfs(990) > -30
    )
    assert call.customer.heard_dbfs(990) < -40
    await call.both_hear_each_other()


async def test_audible_is_told_once_when_a_packet_passed_each_way(call: Call) -> None:
    call.browser.stop_microphone()
    call.bridge.connect(zip_tone=False)
    await await_until(lambda: call.browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    assert call.audible == 0

    call.browser.start_microphone()

    await call.both_hear_each_other()
    assert call.audible == 1


async def test_on_hold_the_customer_hears_music_and_the_operator_nothing(call: Call) -> None:
    call.bridge.connect(zip_tone=False)
    await call.both_hear_each_other()

    call.bridge.hold(True)

    await call.customer_hears_something_else_than_the_operator()
    await await_until(lambda: call.browser.samples().size == 0)

    call.bridge.hold(False)
    await call.both_hear_each_other()


async def test_a_muted_operator_is_not_heard_but_hears(call: Call) -> None:
    call.bridge.connect(zip_tone=False)
    await call.both_hear_each_other()

    call.bridge.mute(True)

    await await_until(lambda: call.customer.level_dbfs() == FLOOR_DBFS)
    await await_until(lambda: call.browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    packets = call.customer.count
    await await_until(lambda: call.customer.count > packets + 10)

    call.bridge.mute(False)
    await call.both_hear_each_other()


async def test_mute_pressed_before_anyone_spoke_keeps_the_operator_unheard(call: Call) -> None:
    call.bridge.mute(True)
    call.bridge.connect(zip_tone=False)
    await await_until(lambda: call.browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    assert call.customer.heard_dbfs(OPERATOR_HZ) < -60


async def test_a_quiet_microphone_is_filled_with_silence_towards_the_trunk(call: Call) -> None:
    call.bridge.connect(zip_tone=False)
    await call.both_hear_each_other()

    call.browser.stop_microphone()

    await await_until(lambda: call.customer.hears_silence() and call.customer.samples().size)
    packets = call.customer.count
    await await_until(lambda: call.customer.count > packets + 15)


async def test_a_lost_seat_leaves_the_customer_with_prompt_and_music(call: Call) -> None:
    call.bridge.connect(zip_tone=False)
    await call.both_hear_each_other()

    await call.browser.vanish()
    call.bridge.seat_lost()

    await call.customer_hears_something_else_than_the_operator()
    packets = call.customer.count
    await await_until(lambda: call.customer.count > packets + 75, what="music after the prompt")
    await call.customer_hears_something_else_than_the_operator()


async def test_a_new_leg_of_the_seat_takes_over_the_live_call(call: Call) -> None:
    call.bridge.connect(zip_tone=False)
    await call.both_hear_each_other()
    old_browser, old_seat = call.browser, call.seat

    await old_browser.close()
    call.bridge.seat_lost()
    packets = call.customer.count
    await await_until(lambda: call.customer.count > packets + 15, what="the stream goes on")
    call.browser, call.seat = await call.new_seat()
    call.browser.hum(OPERATOR_HZ)
    call.bridge.replace_seat(call.seat)
    await old_seat.close()

    await call.both_hear_each_other()


async def test_a_new_leg_keeps_hold_and_mute(call: Call) -> None:
    call.bridge.connect(zip_tone=False)
    call.bridge.mute(True)
    call.bridge.hold(True)
    old_browser, old_seat = call.browser, call.seat
    call.browser, call.seat = await call.new_seat()
    call.browser.hum(OPERATOR_HZ)
    call.bridge.replace_seat(call.seat)
    await old_browser.close()
    await old_seat.close()

    call.bridge.hold(False)

    await await_until(lambda: call.browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    await await_until(lambda: call.customer.level_dbfs() == FLOOR_DBFS and call.customer.count)


async def test_a_law_is_translated_when_the_legs_differ() -> None:
    call = await Call("PCMA", ("PCMU",)).open()
    call.bridge.connect(zip_tone=False)
    await call.both_hear_each_other()
    await call.close()


async def test_payloads_of_one_law_pass_unchanged(call: Call) -> None:
    call.bridge.connect(zip_tone=False)
    await await_until(lambda: call.audible)
    call.customer.fall_silent()
    payload = bytes(range(160))
    call.customer.send(payload)
    await await_until(lambda: call.browser.packets and call.browser.packets[-1].payload == payload)
