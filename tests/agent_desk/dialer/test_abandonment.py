"""Abandoned is who answered and had no operator two seconds after the greeting (R20); nobody else.

The customer answers at 0.0 s of each story and has said their greeting at 0.6 s.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer import abandonment, commands, effects, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import AbandonTargetSet, CallFinished
from agent_desk.dialer.floor import Answers
from agent_desk.dialer.ids import CallId, CampaignId
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, World, instant, screened

CALL = CallId("call-1")
GREETING_MS = 600


class Story:
    """One call, told in seconds after its 200 OK."""

    def __init__(self, *, seats: bool = True, **settings: Any) -> None:
        self.world = World(**settings)
        if seats:
            self.world.ready()
        self.world.lease(1)
        self.world.answer()
        self.zero = self.world.seconds

    def at(self, seconds: float) -> None:
        self.world.seconds = self.zero + seconds

    def tell(self, seconds: float, fact: Callable[[Any], Any]) -> None:
        self.at(seconds)
        self.world.run(fact(self.world.now))

    def screened(self, seconds: float, verdict: str = "human", **fields: Any) -> None:
        fields = {"greeting_end_ms": GREETING_MS, **fields}
        self.tell(seconds, lambda now: screened(1, now, verdict=verdict, **fields))

    def bridged(self, seconds: float) -> None:
        self.tell(seconds, lambda now: gateway_facts.CallBridged(CALL, A, now))

    def treated(self, seconds: float, prompt: str = "safe_harbour") -> None:
        self.tell(seconds, lambda now: gateway_facts.CallTreated(CALL, now, prompt))

    def ended(self, seconds: float, **facts: Any) -> tuple[str, bool, bool]:
        """The outcome, whether it was a live answer, and whether it was abandoned."""
        self.at(seconds)
        self.world.end(**facts)
        return self.told()

    def told(self) -> tuple[str, bool, bool]:
        finished = self.world.happened(CallFinished)[-1]
        return finished.outcome, finished.live_answer, finished.abandoned

    @property
    def counted(self) -> tuple[int, int]:
        """Live answers and abandoned ones, alike in both windows."""
        answers = self.world.floor.campaigns[CAMPAIGN].answers
        day = answers.live_24h, answers.abandoned_24h
        assert day == (answers.live_30d, answers.abandoned_30d)
        return day


def test_an_operator_in_time_is_a_served_answer() -> None:
    story = Story()
    story.screened(1.3)
    story.bridged(2.6)  # the greeting ended at 0.6
    assert story.ended(60.0) == ("human", True, False)
    assert story.counted == (1, 0)


def test_an_operator_who_comes_late_does_not_undo_it() -> None:
    story = Story()
    story.screened(1.3)
    story.bridged(2.601)
    assert story.ended(60.0) == ("human", True, True)
    assert story.counted == (1, 1)


def test_whoever_hangs_up_within_the_time_was_not_abandoned() -> None:
    story = Story(seats=False)
    story.screened(1.3)
    assert story.ended(2.6) == ("hung_up_at_once", True, False)
    assert story.counted == (1, 0)


def test_whoever_waits_longer_and_hangs_up_was_whoever_treated_them() -> None:
    story = Story(seats=False)
    story.screened(1.3)
    assert story.ended(2.7) == ("abandoned", True, True)
    assert story.counted == (1, 1)


def test_whoever_hangs_up_during_the_recording_was_abandoned() -> None:
    story = Story(seats=False)
    story.screened(1.3)
    story.treated(2.6)
    assert story.ended(4.0, abandoned=True) == ("abandoned", True, True)


def test_the_recording_does_not_undo_it() -> None:
    story = Story(seats=False)
    story.screened(1.3)
    story.treated(2.6)
    assert story.ended(12.0, by="gateway", abandoned=True) == ("abandoned", True, True)
    assert story.counted == (1, 1)


def test_before_screening_has_its_word_the_clock_runs_from_the_answer() -> None:
    story = Story(seats=False)
    assert story.ended(2.0, verdict="not_screened") == ("hung_up_at_once", False, False)
    assert story.counted == (0, 0)  # nobody knows that it was a person
    story = Story(seats=False)
    assert story.ended(2.1, verdict="not_screened") == ("abandoned", True, True)
    assert story.counted == (1, 1)


def test_without_screening_the_clock_runs_from_the_answer() -> None:
    story = Story(screening="off")
    story.screened(0.0, "not_screened", greeting_end_ms=None)
    story.bridged(2.1)
    assert story.ended(9.0, verdict="not_screened") == ("human", True, True)


def test_where_no_greeting_was_heard_it_runs_from_the_word_that_somebody_is_there() -> None:
    story = Story()
    story.screened(2.5, "uncertain", greeting_end_ms=None)
    story.bridged(4.4)
    assert story.ended(9.0, verdict="uncertain") == ("human", True, False)


def test_who_is_joined_while_still_greeting_is_served() -> None:
    story = Story(screening="watch")
    story.screened(0.4, "not_screened", greeting_end_ms=None)
    story.bridged(0.6)
    story.screened(4.0, offered=False, greeting_end_ms=3_000)
    assert story.ended(30.0) == ("human", True, False)


def test_a_screening_that_never_ends_is_an_abandonment() -> None:
    story = Story(seats=False)
    story.at(31.0)
    story.world.run(commands.Tick())
    ordered = story.world.done(effects.EndWithPrompt)
    assert ordered == [effects.EndWithPrompt(CALL, GATEWAY, "safe_harbour", "screening-overdue")]
    story.treated(31.1)
    told = story.ended(41.0, by="desk", verdict="not_screened", abandoned=True)
    assert told == ("abandoned", True, True)


def test_a_seat_lost_in_the_instant_of_the_bridge_is_an_abandonment() -> None:
    story = Story()
    story.screened(1.3)  # the gateway is asked to join them, and no audio ever runs both ways
    assert story.ended(12.0, by="gateway", seat_lost=True) == ("seat_lost", True, True)
    assert story.counted == (1, 1)


def test_a_seat_lost_in_mid_talk_is_none() -> None:
    story = Story()
    story.screened(1.3)
    story.bridged(1.5)
    assert story.ended(90.0, by="gateway", seat_lost=True) == ("seat_lost", True, False)


def test_what_a_gateway_did_without_a_desk_is_told_later_and_counted() -> None:
    story = Story(seats=False)
    story.world.run(gateway_facts.GatewayLost(GATEWAY))
    story.screened(30.0)  # from the outbox, in one go
    story.tell(30.0, lambda now: gateway_facts.CallTreated(CALL, instant(story.zero + 2.6), "x"))
    told = story.ended(30.0, by="gateway", abandoned=True, verdict="human")
    assert told == ("abandoned", True, True)


def test_who_waited_in_a_gateway_that_died_was_abandoned() -> None:
    story = Story(seats=False)
    story.screened(1.3)
    story.world.run(gateway_facts.GatewayWelcomed(GATEWAY, "boot-2", ()))
    assert story.told() == ("system_failure", True, True)
    assert story.counted == (1, 1)


@pytest.mark.parametrize("verdict", ["machine", "announcement", "tone", "silence"])
def test_what_is_no_person_is_in_neither_figure(verdict: str) -> None:
    story = Story(seats=False)
    story.screened(3.0, verdict, offered=False, greeting_end_ms=None)
    outcome, live, abandoned = story.ended(9.0, by="gateway", verdict=verdict)
    assert (outcome, live, abandoned) == (verdict, False, False)
    assert story.counted == (0, 0)


def test_what_was_never_answered_is_in_neither_figure() -> None:
    world = World()
    for number, code in ((1, 486), (2, 480), (3, None)):
        world.lease(number)
        world.ring(number)
        world.end(number, by="trunk", answered=False, sip_code=code)
    assert world.floor.campaigns[CAMPAIGN].answers == Answers()


def test_the_time_allowed_is_the_campaigns() -> None:
    story = Story(bridge_within_s=1.0)
    story.screened(1.3)
    story.bridged(1.7)
    assert story.ended(60.0) == ("human", True, True)


def test_an_end_told_twice_is_counted_once() -> None:
    story = Story()
    story.screened(1.3)
    story.bridged(1.5)
    story.ended(60.0)
    story.ended(61.0)
    assert story.counted == (1, 0)


# --- the windows and what is left of them --------------------------------------------------------


def test_a_count_taken_before_another_call_ended_is_no_news() -> None:
    world = World()
    stale = commands.CountAnswers(CAMPAIGN, Answers(7, 0, 9, 1), seen=Answers(1, 0, 1, 0))
    world.run(stale)
    assert world.floor.campaigns[CAMPAIGN].answers == Answers()
    world.run(commands.CountAnswers(CAMPAIGN, Answers(7, 0, 9, 1), seen=Answers()))
    assert world.floor.campaigns[CAMPAIGN].answers == Answers(7, 0, 9, 1)


@settings(max_examples=50)
@given(st.integers(0, 3_000), st.data(), st.sampled_from([0.0, 0.005, 0.01, 0.025, 0.03]))
def test_what_is_left_is_the_most_that_stays_within_the_share(
    live: int, data: st.DataObject, target: float
) -> None:
    abandoned = data.draw(st.integers(0, min(live, 120)))
    day = abandonment.budget(Answers(live, abandoned, 0, 0), target).day
    thousandths = round(target * 1000)
    for left, most in ((day.left_target, thousandths), (day.left_limit, 30)):
        assert 1000 * (abandoned + left + 1) > most * (live + left + 1)
        if left:
            assert 1000 * (abandoned + left) <= most * (live + left)
    served = day.served_until_target
    if served:
        assert 1000 * abandoned <= thousandths * (live + served)
        assert 1000 * abandoned > thousandths * (live + served - 1)


@pytest.mark.parametrize(
    ("live", "abandoned", "spent"), [(0, 0, False), (100, 2, False), (100, 3, True), (34, 1, False)]
)
def test_the_budget_is_spent_at_three_percent_of_a_day(
    live: int, abandoned: int, spent: bool
) -> None:
    assert abandonment.budget(Answers(live, abandoned, 0, 0), 0.01).spent is spent
    assert not abandonment.budget(Answers(0, 0, live, abandoned), 0.01).spent


def test_a_lead_sets_the_target_between_nothing_and_three_percent() -> None:
    world = World()
    for target in (0.0, 0.03):
        world.run(commands.SetAbandonTarget(CAMPAIGN, target))
        assert world.floor.campaigns[CAMPAIGN].abandon_target == target
    world.run(commands.SetAbandonTarget(CAMPAIGN, 0.03))
    assert [event.target for event in world.happened(AbandonTargetSet)] == [0.0, 0.03]
    for target in (-0.001, 0.0301, float("nan")):
        with pytest.raises(Refused) as refused:
            world.run(commands.SetAbandonTarget(CAMPAIGN, target))
        assert refused.value.error_id is ErrorId.TARGET_OUT_OF_RANGE
    with pytest.raises(Refused):
        world.run(commands.SetAbandonTarget(CampaignId(9), 0.01))


# --- the recording that must be approved first (R21) --------------------------------------------


@pytest.mark.parametrize(("mode", "ratio"), [("predictive", 1.0), ("ratio", 1.1)])
def test_nobody_dials_ahead_without_an_approved_recording(mode: Any, ratio: float) -> None:
    world = World(safe_harbour="")
    with pytest.raises(Refused) as refused:
        world.run(commands.SetPacing(CAMPAIGN, mode, ratio))
    assert refused.value.error_id is ErrorId.NO_SAFE_HARBOUR
    for harmless in ("preview", "progressive", "ratio"):
        world.run(commands.SetPacing(CAMPAIGN, harmless, 1.0))  # type: ignore[arg-type]
    world.run(commands.ApproveSafeHarbour(CAMPAIGN, "ab" * 32, "…", 9_000, "admin1"))
    world.run(commands.SetPacing(CAMPAIGN, mode, ratio))
    assert world.floor.campaigns[CAMPAIGN].mode == mode


def test_saved_settings_touch_neither_target_nor_approval() -> None:
    world = World()
    world.run(commands.SetAbandonTarget(CAMPAIGN, 0.02))
    world.run(commands.ApproveSafeHarbour(CAMPAIGN, "cd" * 32, "…", 9_000, "admin1"))
    world.run(commands.ConfigureCampaign(World().floor.campaigns[CAMPAIGN]))
    kept = world.floor.campaigns[CAMPAIGN]
    assert (kept.abandon_target, kept.safe_harbour) == (0.02, "cd" * 32)


# --- never a silent call (R23) --------------------------------------------------------------------


@settings(max_examples=50)
@given(
    st.sampled_from(["human", "uncertain"]),
    st.floats(0.0, 4.0, allow_nan=False),
    st.booleans(),
    st.booleans(),
)
def test_every_live_answer_gets_an_operator_or_the_recording(
    verdict: str, verdict_after_s: float, seats: bool, bridge_works: bool
) -> None:
    story = Story(seats=seats)
    greeting_ms = round(1000 * max(0.0, verdict_after_s - 0.7))
    story.screened(verdict_after_s, verdict, greeting_end_ms=greeting_ms)
    joined = story.world.done(effects.Bridge)
    if joined and bridge_works:
        story.bridged(verdict_after_s + 0.1)
    end = story.world.now + timedelta(seconds=6)
    while story.world.now < end:
        story.world.wait(0.2)
        story.world.hear()
        story.world.run(commands.Tick())
    ordered = [each.prompt for each in story.world.done(effects.EndWithPrompt)]
    assert ordered == ([] if joined and bridge_works else ["safe_harbour"])
    assert not story.world.done(effects.HangUp)
