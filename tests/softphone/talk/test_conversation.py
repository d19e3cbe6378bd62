"""Several people in a call, each humming a tone: who hears exactly whom, and how it changes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from softphone.audio.g711 import Codec
from softphone.audio.prompts import Sound, load_sounds
from softphone.audio.ticker import Ticker
from softphone.audio.tones import FLOOR_DBFS, tone, tone_dbfs
from softphone.bridge import Bridge
from softphone.protocol import PartyMode, SupervisionMode
from tests.fakes.humming_leg import HummingLeg
from tests.softphone.audio.test_ticker import HandClock

LISTEN, WHISPER, BARGE = (
    SupervisionMode.LISTEN,
    SupervisionMode.WHISPER,
    SupervisionMode.BARGE,
)
# A frame in hand, the tick it just missed, and the tick itself.
MOST_GAP_S = 0.0401
NOTICE_HZ = 1320


class Call:
    """Everybody is there from the beginning, and in the call when the test says so."""

    def __init__(self, *, party_codec: Codec = "PCMU") -> None:
        self.clock = HandClock()
        self.ticker = Ticker(self.clock)  # type: ignore[arg-type]
        self.customer = HummingLeg(self.clock, 700, phase_s=0.003)
        self.operator = HummingLeg(self.clock, 1500, phase_s=0.011)
        self.party = HummingLeg(self.clock, 2100, phase_s=0.017, codec=party_codec)
        self.lead = HummingLeg(self.clock, 2700, phase_s=0.019)
        self.all = (self.customer, self.operator, self.party, self.lead)
        self.bridge = Bridge(self.customer, self.operator, self.ticker)

    def pass_s(self, seconds: float = 0.4) -> None:
        self.clock.advance(seconds)

    def hears(self, who: HummingLeg, *whom: HummingLeg) -> bool:
        return who.hears(*whom, of=self.all)

    def assert_mode(self, mode: SupervisionMode) -> None:
        """The matrix of supervision."""
        c, a, s = self.customer, self.operator, self.lead
        assert self.hears(s, a, c), mode
        assert self.hears(a, c, s) if mode is not LISTEN else self.hears(a, c), mode
        assert self.hears(c, a, s) if mode is BARGE else self.hears(c, a), mode

    def waits(self) -> bool:
        """Whether the customer hears music and nobody."""
        return self.hears(self.customer) and self.customer.level_dbfs() > -45


@pytest.fixture
async def call() -> Call:
    call = Call()
    call.bridge.connect(zip_tone=False)
    call.pass_s()
    assert call.hears(call.customer, call.operator)
    assert call.hears(call.operator, call.customer)
    return call


# --- supervision --------------------------------------------------------------------------------


async def test_supervision_goes_through_its_modes_without_a_gap_or_a_click(call: Call) -> None:
    for leg in call.all:
        leg.listen_afresh()
    order = [m for pair in itertools.permutations((LISTEN, WHISPER, BARGE), 2) for m in pair]
    for mode in order:
        call.bridge.supervise("s9", mode, call.lead)
        call.pass_s()
        call.assert_mode(mode)
    call.bridge.stop_supervising("s9")
    call.pass_s()
    assert call.hears(call.customer, call.operator)
    assert call.hears(call.operator, call.customer)
    assert call.lead.sink is None
    for leg in (call.customer, call.operator):
        assert leg.longest_gap_s <= MOST_GAP_S
        assert abs(leg.lag_s) < 0.07
        # Nothing is louder than the voices can be together.
        assert np.abs(leg.samples(last_s=60)).max() < 2.1 * 32768 * 10 ** (-12 / 20) * 2**0.5


async def test_who_is_only_listened_to_stays_on_the_direct_way(call: Call) -> None:
    call.bridge.supervise("s9", LISTEN, call.lead)
    call.customer.listen_afresh()
    call.pass_s()
    arrivals = [at - 0.011 for at, _, _ in call.customer.heard]
    assert all(abs(at / 0.02 - round(at / 0.02)) < 1e-6 for at in arrivals)  # the operator's phase


async def test_a_supervisor_of_a_held_call_hears_the_operator_alone(call: Call) -> None:
    call.bridge.supervise("s9", BARGE, call.lead)
    call.bridge.hold(True)
    call.pass_s()
    assert call.hears(call.lead, call.operator)
    assert call.hears(call.operator, call.lead)
    assert call.waits()
    call.bridge.hold(False)
    call.pass_s()
    call.assert_mode(BARGE)


async def test_that_somebody_listens_is_told_to_the_operator_alone(call: Call) -> None:
    call.bridge.supervise("s9", LISTEN, call.lead)
    for leg in call.all:
        leg.listen_afresh()
    call.bridge.announce()
    call.pass_s(0.2)
    assert tone_dbfs(call.operator.samples(last_s=0.2), NOTICE_HZ) > -45
    for leg in (call.customer, call.lead):
        assert tone_dbfs(leg.samples(last_s=0.2), NOTICE_HZ) < -60
    call.pass_s()
    assert call.hears(call.operator, call.customer)


async def test_mute_keeps_the_operator_from_everybody(call: Call) -> None:
    call.bridge.supervise("s9", LISTEN, call.lead)
    call.bridge.mute(True)
    call.pass_s()
    assert call.hears(call.lead, call.customer)
    assert call.customer.level_dbfs() == FLOOR_DBFS
    call.bridge.mute(False)
    call.bridge.supervise("s9", BARGE, call.lead)
    call.bridge.mute(True, who="s9")
    call.pass_s()
    assert call.hears(call.customer, call.operator)


async def test_two_supervisors_hear_the_call_and_one_of_them_speaks(call: Call) -> None:
    call.bridge.supervise("s8", LISTEN, call.party)
    call.bridge.supervise("s9", BARGE, call.lead)
    call.pass_s()
    assert call.hears(call.customer, call.operator, call.lead)
    assert call.hears(call.party, call.customer, call.operator, call.lead)


async def test_a_supervisor_who_barges_keeps_a_customer_company_whose_operator_is_lost(
    call: Call,
) -> None:
    call.bridge.supervise("s9", BARGE, call.lead)
    call.bridge.seat_lost()
    call.pass_s()
    assert call.hears(call.customer, call.lead)
    call.bridge.stop_supervising("s9")
    call.pass_s()
    assert call.waits()


async def test_taking_over_swaps_the_seat_and_leaves_no_trace_of_the_first(call: Call) -> None:
    call.bridge.supervise("s9", WHISPER, call.lead)
    call.pass_s()
    call.bridge.stop_supervising("s9")
    call.bridge.replace_seat(call.lead)
    call.customer.listen_afresh()
    call.pass_s()
    assert call.hears(call.customer, call.lead)
    assert call.hears(call.lead, call.customer)
    assert call.operator.sink is None
    assert call.customer.longest_gap_s <= MOST_GAP_S


# --- parties ------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_a_third_party_is_consulted_joined_and_left_with_the_customer(codec: Codec) -> None:
    call = Call(party_codec=codec)
    c, a, p = call.customer, call.operator, call.party
    call.bridge.connect(zip_tone=False)
    call.pass_s()
    call.bridge.set_party(PartyMode.CONSULT)
    call.pass_s()
    assert call.waits()  # while it rings there
    call.bridge.set_party(PartyMode.CONSULT, p)
    c.listen_afresh()
    call.pass_s()
    assert call.waits() and call.hears(a, p) and call.hears(p, a)
    call.bridge.set_party(PartyMode.CONFERENCE)
    call.pass_s()
    assert call.hears(c, a, p) and call.hears(a, c, p) and call.hears(p, a, c)
    call.bridge.set_party(PartyMode.TRANSFERRED)
    call.pass_s()
    assert call.hears(c, p) and call.hears(p, c)
    assert a.sink is None
    assert c.longest_gap_s <= MOST_GAP_S
    assert abs(c.lag_s) < 0.07


async def test_a_party_that_leaves_gives_the_call_back(call: Call) -> None:
    call.bridge.set_party(PartyMode.CONFERENCE, call.party)
    call.pass_s()
    call.bridge.set_party(None)
    call.pass_s()
    assert call.hears(call.customer, call.operator)
    assert call.hears(call.operator, call.customer)
    assert call.party.sink is None


async def test_a_conference_can_be_supervised_and_held(call: Call) -> None:
    c, a, p, s = call.all
    call.bridge.set_party(PartyMode.CONFERENCE, p)
    call.bridge.supervise("s9", WHISPER, s)
    call.pass_s()
    assert call.hears(s, c, a, p) and call.hears(a, c, p, s) and call.hears(c, a, p)
    call.bridge.hold(True)
    call.pass_s()
    assert call.waits() and call.hears(a, p, s) and call.hears(p, a)


async def test_a_seat_lost_in_a_conference_leaves_the_others_together(call: Call) -> None:
    call.bridge.set_party(PartyMode.CONFERENCE, call.party)
    call.bridge.seat_lost()
    call.pass_s()
    assert call.hears(call.customer, call.party)
    call.bridge.replace_seat(call.operator)
    call.pass_s()
    assert call.hears(call.customer, call.operator, call.party)


async def test_a_starved_voice_in_a_mix_is_never_heard_late(call: Call) -> None:
    call.bridge.set_party(PartyMode.CONFERENCE, call.party)
    call.pass_s()
    sink, frames = call.operator.sink, [bytes([n]) * 160 for n in range(40)]
    assert sink is not None
    for n, frame in enumerate(frames):  # a burst of 800 ms
        sink(frame, n * 160)
    call.operator.speaking = False
    call.customer.listen_afresh()
    call.party.speaking = False
    call.pass_s()
    told = [payload for _, _, payload in call.customer.heard]
    assert [payload for payload in told if payload in frames] == frames[-4:]


# --- the beginning ------------------------------------------------------------------------------


async def test_the_zip_tone_starts_at_once_and_the_voice_is_not_kept_back() -> None:
    call = Call()
    call.pass_s(0.0131)
    call.bridge.connect()
    assert len(call.operator.heard) == 1  # not at the next tick
    call.pass_s(0.15)
    samples = call.operator.samples()
    assert max(tone_dbfs(samples, 660), tone_dbfs(samples, 990)) > -30
    assert tone_dbfs(samples, call.customer.hz) > -18
    call.pass_s()
    assert call.hears(call.operator, call.customer)
    assert call.operator.longest_gap_s <= MOST_GAP_S


async def test_the_greeting_follows_the_zip_tone_under_the_live_voice() -> None:
    call = Call()
    zip_tone = load_sounds().zip_tone
    greeting = Sound("greeting", tone(1100, 400, level_dbfs=-18))
    call.bridge.connect(greeting=greeting)
    call.pass_s(zip_tone.duration_ms / 1000 + 0.3)
    samples = call.operator.samples()
    assert tone_dbfs(samples, 1100) == pytest.approx(-18, abs=2)
    assert tone_dbfs(samples, call.customer.hz) == pytest.approx(-12, abs=2)
    call.pass_s(0.5)
    assert call.hears(call.operator, call.customer)
    assert tone_dbfs(call.operator.samples(), 1100) < -50


async def test_audible_counts_both_directions_once_and_again_for_a_new_seat(call: Call) -> None:
    told: list[bool] = []
    call.bridge.on_audible = lambda: told.append(True)
    call.bridge.replace_seat(call.lead)
    call.bridge.await_audible()
    call.lead.speaking = False
    call.pass_s()
    assert told == []
    call.lead.speaking = True
    call.pass_s()
    assert told == [True]
