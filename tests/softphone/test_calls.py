"""One call: whatever happens to it, it is treated as the law asks and ends with one word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from softphone.calls import MOVES, Call, IllegalMove
from softphone.protocol import (
    CallAnswered,
    CallBridged,
    CallEnded,
    CallPhase,
    CallPlaced,
    CallRinging,
    CallScreened,
    CallTreated,
    EndedBy,
    Event,
    PlaceCall,
    Prompt,
    Refusal,
    ScreeningMode,
    SeatSilent,
    Verdict,
)
from softphone.rtp.leg import Leg
from softphone.sip.outbound import OutboundInvite
from softphone.talk.talks import Talk
from tests.fakes.legs import FakeCustomerAudio, FakeJoint, FakeSeatLeg
from tests.fakes.timers import HandClock
from tests.fakes.trunk import FakeSipCall

E = TypeVar("E", bound=Event)

COMMAND = PlaceCall(
    call_id="c1",
    trunk_id="t1",
    campaign_id=3,
    number="+819000000001",
    number_key="key1",
    caller_id="0312345678",
    not_after=datetime(2026, 4, 1, 11, 0, tzinfo=UTC),
    ring_limit_s=25.0,
    screening=ScreeningMode.OFF,
    bridge_within_s=2.0,
    if_not_bridged=Prompt.SAFE_HARBOUR,
)


class Place:
    """A seat whose leg is up."""

    def __init__(self, clock: HandClock) -> None:
        self.seat_id = "s1"
        self.leg: FakeSeatLeg | None = FakeSeatLeg()
        self.talk: Talk | None = None
        self.gone_tones = 0
        self._clock = clock

    def leg_for_call(self) -> Leg | Refusal:
        if self.leg is None or self.talk is not None:
            return Refusal("seat_busy", "no leg to give")
        return self.leg

    def take(self, talk: Talk) -> None:
        self.talk = talk

    def release(self, *, customer_gone: bool) -> None:
        self.talk = None
        self.gone_tones += customer_gone

    def speak(self) -> None:
        assert self.leg is not None
        self.leg.last_packet_at = self._clock.now()


class Scene:
    """A placed call with the carrier, the clock and a seat in the test's hands."""

    def __init__(self, mode: ScreeningMode = ScreeningMode.OFF) -> None:
        self.clock = HandClock()
        self.events: list[Event] = []
        self.over: list[Call] = []
        self.audio = FakeCustomerAudio()
        self.seat = Place(self.clock)
        self.call = Call(
            replace(COMMAND, screening=mode),
            self.audio,
            report=self.events.append,
            timers=self.clock,
            now=self.clock.now,
            on_over=self.over.append,
        )
        self.sip = FakeSipCall(OutboundInvite("c1", "090", "03", "offer", 25.0), self.call)
        self.call.placed(self.sip)

    def seen(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def last(self, kind: type[E]) -> E:
        found = self.seen(kind)
        assert found, f"no {kind.__name__} in {self.events}"
        return found[-1]

    @property
    def ended(self) -> CallEnded:
        found = self.seen(CallEnded)
        assert len(found) == 1, self.events
        assert self.events[-1] == found[0]
        assert self.over == [self.call]
        assert self.audio.closed
        assert self.clock.pending == 0, "a timer outlives the call"
        return found[0]

    def answer(self) -> None:
        self.sip.ring()
        self.sip.answer()

    def bridge(self) -> FakeJoint:
        assert self.call.bridge(self.seat, zip_tone=True) is None
        return self.audio.joints[-1]

    def talk_for(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            self.seat.speak()
            self.clock.pass_s(0.1)


@pytest.fixture
async def scene() -> Scene:
    return Scene()


@pytest.fixture
async def watch() -> Scene:
    return Scene(ScreeningMode.WATCH)


@pytest.fixture
async def strict() -> Scene:
    return Scene(ScreeningMode.STRICT)


# --- unanswered ---------------------------------------------------------------------------------


async def test_placing_and_the_first_ringing_are_reported_once(scene: Scene) -> None:
    scene.sip.ring(183)
    scene.sip.ring(180)
    assert scene.events == [CallPlaced("c1", "t1"), CallRinging("c1", 183)]


async def test_a_busy_number_ends_with_the_carriers_code(scene: Scene) -> None:
    scene.sip.refuse(486, "Busy Here", q850=17)
    assert scene.ended == CallEnded(
        call_id="c1",
        by=EndedBy.TRUNK,
        sip_code=486,
        q850=17,
        rang=False,
        answered=False,
        verdict=Verdict.NOT_SCREENED,
        abandoned=False,
        seat_lost=False,
        cause="Busy Here",
    )


async def test_a_silent_trunk_is_the_trunks_fault(scene: Scene) -> None:
    scene.sip.stay_silent()
    assert (scene.ended.by, scene.ended.sip_code) == (EndedBy.TRUNK, 408)


async def test_the_ring_limit_is_the_gateways_doing(scene: Scene) -> None:
    scene.sip.ring()
    scene.sip.reach_ring_limit()
    assert (scene.ended.by, scene.ended.sip_code, scene.ended.rang) == (EndedBy.GATEWAY, 487, True)


async def test_hanging_up_a_ringing_call_is_final_when_the_carrier_confirms(scene: Scene) -> None:
    scene.sip.ring()
    for _ in range(3):
        scene.call.hang_up(by=EndedBy.DESK, cause="operator_away")
    assert scene.sip.causes == ["operator_away"]
    assert not scene.seen(CallEnded)
    scene.sip.confirm_cancel()
    assert (scene.ended.by, scene.ended.cause) == (EndedBy.DESK, "operator_away")


async def test_a_refusal_that_crosses_our_cancel_stands(scene: Scene) -> None:
    scene.call.hang_up(by=EndedBy.DESK, cause="stop")
    scene.sip.refuse(486)
    assert (scene.ended.by, scene.ended.sip_code) == (EndedBy.TRUNK, 486)


async def test_an_answer_that_crosses_our_cancel_left_a_person_hanging(scene: Scene) -> None:
    scene.sip.ring()
    scene.call.hang_up(by=EndedBy.DESK, cause="stop")
    scene.sip.answer_across_cancel()
    assert (scene.ended.answered, scene.ended.abandoned) == (True, True)
    assert scene.ended.sip_code is None


async def test_a_prompt_for_a_ringing_call_is_a_cancel(scene: Scene) -> None:
    scene.sip.ring()
    scene.call.end_with_prompt(Prompt.APOLOGY, by=EndedBy.DESK, cause="stop")
    assert scene.sip.causes == ["stop"]
    assert not scene.audio.played


# --- not screened -------------------------------------------------------------------------------


async def test_without_screening_the_answer_is_the_offer(scene: Scene) -> None:
    scene.answer()
    assert scene.audio.connected_to == ["answer"]
    assert scene.events[-2:] == [
        CallAnswered("c1"),
        CallScreened("c1", Verdict.NOT_SCREENED, None, True, "not screened"),
    ]
    assert scene.call.phase is CallPhase.WAITING


async def test_nobody_in_time_means_the_recording_and_an_abandoned_call(scene: Scene) -> None:
    scene.answer()
    scene.clock.pass_s(1.99)
    assert not scene.audio.played
    scene.clock.pass_s(0.02)
    assert scene.audio.played == [Prompt.SAFE_HARBOUR]
    assert scene.last(CallTreated) == CallTreated("c1", Prompt.SAFE_HARBOUR, 2000)
    assert not scene.sip.ended
    scene.audio.finish_prompt()
    assert scene.sip.ended
    assert (scene.ended.abandoned, scene.ended.by) == (True, EndedBy.GATEWAY)


async def test_hanging_up_during_the_recording_is_still_abandoned(scene: Scene) -> None:
    scene.answer()
    scene.clock.pass_s(2.5)
    scene.sip.say_bye()
    assert (scene.ended.abandoned, scene.ended.by) == (True, EndedBy.CUSTOMER)


async def test_a_customer_who_hangs_up_before_the_time_is_over_is_not_abandoned(
    scene: Scene,
) -> None:
    scene.answer()
    scene.clock.pass_s(1.0)
    scene.sip.say_bye()
    assert (scene.ended.abandoned, scene.ended.by) == (False, EndedBy.CUSTOMER)


async def test_hanging_up_on_a_waiting_person_is_abandoned(scene: Scene) -> None:
    scene.answer()
    scene.call.hang_up(by=EndedBy.DESK, cause="no_seat")
    assert (scene.ended.abandoned, scene.ended.by) == (True, EndedBy.DESK)


# --- bridged ------------------------------------------------------------------------------------


async def test_a_bridged_call_is_reported_when_audio_runs_both_ways(scene: Scene) -> None:
    scene.answer()
    scene.clock.pass_s(0.5)
    joint = scene.bridge()
    assert joint.done == ["connect with zip tone"]
    assert not scene.seen(CallBridged)
    scene.clock.pass_s(0.25)
    joint.become_audible()
    assert scene.last(CallBridged) == CallBridged("c1", "s1", 750)
    assert scene.call.state.seat_id == "s1"


async def test_a_customer_whose_phone_sends_nothing_is_bridged_after_a_second(
    scene: Scene,
) -> None:
    scene.answer()
    scene.bridge()
    scene.talk_for(0.8)
    assert not scene.seen(CallBridged)
    scene.talk_for(0.4)
    assert len(scene.seen(CallBridged)) == 1


async def test_a_bridged_call_goes_on_for_as_long_as_both_sides_want(scene: Scene) -> None:
    scene.answer()
    scene.bridge().become_audible()
    scene.talk_for(60)
    assert not scene.sip.ended
    assert len(scene.seen(CallBridged)) == 1
    scene.sip.say_bye()
    assert (scene.ended.by, scene.ended.abandoned) == (EndedBy.CUSTOMER, False)
    assert scene.seat.gone_tones == 1
    assert scene.audio.joints[0].done[-1] == "separate"


async def test_an_operator_who_hangs_up_hears_no_tone(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    scene.call.hang_up(by=EndedBy.DESK, cause="operator")
    assert scene.ended.by is EndedBy.DESK
    assert scene.seat.gone_tones == 0
    assert scene.seat.talk is None


async def test_only_a_waiting_call_and_a_free_seat_are_joined(scene: Scene) -> None:
    refusal = scene.call.bridge(scene.seat, zip_tone=True)
    assert refusal is not None and refusal.error_id == "call_not_waiting"
    scene.answer()
    scene.seat.leg = None
    refusal = scene.call.bridge(scene.seat, zip_tone=True)
    assert refusal is not None and refusal.error_id == "seat_busy"
    assert scene.call.phase is CallPhase.WAITING


async def test_hold_needs_a_bridge(scene: Scene) -> None:
    scene.answer()
    refusal = scene.call.hold(True)
    assert refusal is not None and refusal.error_id == "call_not_bridged"
    joint = scene.bridge()
    assert scene.call.hold(True) is None
    assert joint.done[-1] == "hold True"


async def test_a_re_invite_moves_the_audio_of_a_talk(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.call.on_media("elsewhere")
    assert scene.audio.connected_to == ["answer", "elsewhere"]
    assert joint.done[-1] == "media changed"


async def test_a_closing_prompt_takes_the_operator_off_the_line(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.call.end_with_prompt(Prompt.APOLOGY, by=EndedBy.DESK, cause="shift_over")
    assert joint.done[-1] == "separate"
    assert scene.seat.talk is None
    assert scene.audio.played == [Prompt.APOLOGY]
    scene.audio.finish_prompt()
    assert (scene.ended.by, scene.ended.abandoned) == (EndedBy.DESK, False)


# --- a lost seat --------------------------------------------------------------------------------


async def test_a_seat_that_speaks_and_cannot_be_reached_gives_the_customer_music(
    scene: Scene,
) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(3)
    leg = joint.seat
    assert isinstance(leg, FakeSeatLeg)
    leg.unanswered_s = 0.5  # one check was lost
    scene.talk_for(1)
    assert not scene.seen(SeatSilent)
    leg.unanswered_s = 1.0
    scene.talk_for(1)
    assert scene.seen(SeatSilent) == [SeatSilent("c1", "s1", True)]
    assert joint.done[-1] == "seat lost"
    leg.unanswered_s = 0.0
    scene.talk_for(1)
    assert scene.seen(SeatSilent)[-1] == SeatSilent("c1", "s1", False)
    leg.unanswered_s = 10.0
    scene.talk_for(1)
    assert scene.audio.played == [Prompt.APOLOGY], "the music does not go on for ever"


async def test_a_silent_seat_gives_the_customer_music_within_a_second(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(3)
    scene.clock.pass_s(0.6)
    assert not scene.seen(SeatSilent)
    scene.clock.pass_s(0.4)
    assert scene.seen(SeatSilent) == [SeatSilent("c1", "s1", True)]
    assert joint.done[-1] == "seat lost"


async def test_a_seat_that_speaks_again_goes_on_with_the_talk(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(1)
    scene.clock.pass_s(5)
    scene.talk_for(1)
    assert [event.silent for event in scene.seen(SeatSilent)] == [True, False]
    assert joint.done[-1] == "same seat"
    assert not scene.sip.ended


async def test_a_reloaded_page_takes_over_with_its_first_packet(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(1)
    scene.clock.pass_s(3)
    new_leg = FakeSeatLeg()
    scene.seat.leg = new_leg
    assert scene.seat.talk is not None
    scene.seat.talk.seat_connected(new_leg)
    scene.clock.pass_s(1)
    assert joint.seat is not new_leg
    scene.talk_for(1)
    assert joint.seat is new_leg
    assert [event.silent for event in scene.seen(SeatSilent)] == [True, False]


async def test_a_seat_that_does_not_return_ends_in_an_apology(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    scene.talk_for(1)
    scene.clock.pass_s(9.8)
    assert not scene.audio.played
    scene.clock.pass_s(0.4)
    assert scene.audio.played == [Prompt.APOLOGY]
    assert scene.seat.talk is None
    scene.audio.finish_prompt()
    assert scene.ended.seat_lost
    assert (scene.ended.by, scene.ended.abandoned) == (EndedBy.GATEWAY, False)


async def test_a_customer_who_gives_up_on_a_lost_seat_is_told_from_one_who_hangs_up(
    scene: Scene,
) -> None:
    scene.answer()
    scene.bridge()
    scene.clock.pass_s(11)
    scene.sip.say_bye()
    assert (scene.ended.by, scene.ended.seat_lost) == (EndedBy.CUSTOMER, True)


# --- watch --------------------------------------------------------------------------------------


async def test_watching_offers_at_the_first_voice_and_reports_the_verdict_later(
    watch: Scene,
) -> None:
    watch.answer()
    assert watch.call.phase is CallPhase.SCREENING
    watch.clock.pass_s(0.4)
    watch.audio.hear_voice()
    assert watch.last(CallScreened).offered
    watch.clock.pass_s(1.5)
    watch.audio.find(Verdict.HUMAN, 1100)
    last = watch.last(CallScreened)
    assert (last.verdict, last.greeting_end_ms, last.offered) == (Verdict.HUMAN, 1100, False)


async def test_watching_never_leaves_a_silent_line_unoffered(watch: Scene) -> None:
    watch.answer()
    watch.clock.pass_s(1.25)
    assert watch.last(CallScreened).offered
    watch.clock.pass_s(2.0)
    assert watch.audio.played == [Prompt.SAFE_HARBOUR]


async def test_the_time_to_bridge_counts_from_the_end_of_the_greeting(watch: Scene) -> None:
    watch.answer()
    watch.clock.pass_s(0.4)
    watch.audio.hear_voice()
    watch.clock.pass_s(3.6)  # still talking, or just finished: nothing runs out meanwhile
    watch.audio.find(Verdict.HUMAN, 3300)
    watch.clock.pass_s(1.2)
    assert not watch.audio.played
    watch.clock.pass_s(0.2)
    assert watch.audio.played == [Prompt.SAFE_HARBOUR]
    assert watch.last(CallTreated).after_ms == 5300


async def test_a_voice_after_the_offer_stops_the_clock_until_the_greeting_ends(
    watch: Scene,
) -> None:
    watch.answer()
    watch.clock.pass_s(1.5)
    watch.audio.hear_voice()
    watch.clock.pass_s(2.0)
    assert not watch.audio.played
    watch.audio.find(Verdict.HUMAN, 2800)
    watch.clock.pass_s(1.4)
    assert watch.audio.played == [Prompt.SAFE_HARBOUR]


async def test_a_watched_machine_nobody_wants_is_hung_up_without_a_prompt(watch: Scene) -> None:
    watch.answer()
    watch.audio.hear_voice()
    watch.audio.find(Verdict.MACHINE)
    watch.clock.pass_s(2.1)
    assert not watch.audio.played
    assert (watch.ended.verdict, watch.ended.abandoned) == (Verdict.MACHINE, False)
    assert watch.ended.cause == "machine"


async def test_a_verdict_during_the_talk_is_reported_and_changes_nothing(watch: Scene) -> None:
    watch.answer()
    watch.audio.hear_voice()
    watch.bridge()
    watch.audio.find(Verdict.MACHINE)
    assert watch.last(CallScreened).verdict is Verdict.MACHINE
    watch.talk_for(5)
    assert watch.call.phase is CallPhase.BRIDGED


async def test_hanging_up_a_watched_machine_is_not_abandoned(watch: Scene) -> None:
    watch.answer()
    watch.audio.hear_voice()
    watch.audio.find(Verdict.MACHINE)
    watch.call.hang_up(by=EndedBy.DESK, cause="machine")
    assert not watch.ended.abandoned


# --- strict -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [Verdict.HUMAN, Verdict.UNCERTAIN])
async def test_strict_offers_persons_and_who_may_be_one(strict: Scene, verdict: Verdict) -> None:
    strict.answer()
    strict.audio.hear_voice()
    strict.clock.pass_s(1.6)
    assert not strict.seen(CallScreened)
    strict.audio.find(verdict, 900)
    assert strict.seen(CallScreened) == [CallScreened("c1", verdict, 900, True, "by order")]
    strict.clock.pass_s(1.35)
    assert strict.audio.played == [Prompt.SAFE_HARBOUR]


@pytest.mark.parametrize(
    "verdict", [Verdict.MACHINE, Verdict.ANNOUNCEMENT, Verdict.TONE, Verdict.SILENCE]
)
async def test_strict_hangs_up_on_what_is_no_person(strict: Scene, verdict: Verdict) -> None:
    strict.answer()
    strict.audio.find(verdict)
    assert not strict.last(CallScreened).offered
    assert not strict.audio.played
    assert (strict.ended.by, strict.ended.cause) == (EndedBy.GATEWAY, verdict.value)
    assert (strict.ended.verdict, strict.ended.abandoned) == (verdict, False)


async def test_strict_screening_is_not_cut_short_by_a_clock(strict: Scene) -> None:
    strict.answer()
    strict.clock.pass_s(6)
    assert strict.call.phase is CallPhase.SCREENING


# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("start", CallPhase)
@pytest.mark.parametrize("to", CallPhase)
async def test_every_move_is_in_the_table_or_refused(start: CallPhase, to: CallPhase) -> None:
    scene = Scene()
    scene.call.phase = start
    if to in MOVES[start]:
        scene.call._move(to)
        assert scene.call.phase is to
    else:
        with pytest.raises(IllegalMove, match=f"{start} cannot become {to}"):
            scene.call._move(to)
        assert scene.call.phase is start


async def test_hanging_up_works_in_every_phase_and_ends_once() -> None:
    def waiting(scene: Scene) -> None:
        scene.answer()

    def bridged(scene: Scene) -> None:
        scene.answer()
        scene.bridge()

    def treated(scene: Scene) -> None:
        scene.answer()
        scene.clock.pass_s(3)

    for arrive in (waiting, bridged, treated):
        scene = Scene()
        arrive(scene)
        scene.call.hang_up(by=EndedBy.DESK, cause="stop")
        scene.call.hang_up(by=EndedBy.GATEWAY, cause="again")
        scene.call.end_with_prompt(Prompt.APOLOGY, by=EndedBy.DESK, cause="late")
        assert scene.ended.by is EndedBy.DESK
        assert scene.sip.causes == ["stop"]
