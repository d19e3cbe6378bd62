"""A score at the end of a talk: the operator is free at once, and nothing but the score fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent_desk.dialer import commands, effects, events, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import SeatState, StatusCode
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId
from agent_desk.dialer.survey import Survey
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, World

CALL = CallId("call-1")
QUESTION, THANKS = "7b" * 32, "c4" * 32


def talking(
    *, share: int = 100, held: tuple[str, ...] = (QUESTION, THANKS), verified: bool = True
) -> World:
    """The customer was recognised; the gateway holds these recordings."""
    statuses = (StatusCode("contact"), StatusCode("family", third_party=True))
    world = World(survey=Survey(share=share, wait_s=7), statuses=statuses)
    for kind, recording in (("survey_question", QUESTION), ("survey_thanks", THANKS)):
        world.run(commands.ApprovePrompt(CAMPAIGN, kind, recording, "…", 8_000, "lead1"))
    gateway = replace(world.floor.gateways[GATEWAY], messages=held)
    world.floor = replace(world.floor, gateways={GATEWAY: gateway})
    world.ready(A)
    world.bridge()
    world.hear()
    if verified:
        world.run(commands.RecordIdentity(A, CALL, "verified", "birth_date"))
    return world


def refusal(world: World) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refused:
        world.run(commands.HandToSurvey(A))
    assert world.floor is before
    return refused.value.error_id


def test_the_operator_is_in_wrap_up_at_once_and_the_call_ends_as_if_hung_up() -> None:
    world = talking()
    world.wait(30.0)
    world.hear()
    world.run(commands.HandToSurvey(A))
    assert world.done(effects.AskCustomer) == [
        effects.AskCustomer(CALL, GATEWAY, QUESTION, THANKS, 7)
    ]
    assert not world.done(effects.HangUp), "it would cut the question off"
    assert world.state(A) is SeatState.WRAP_UP
    [finished] = world.happened(events.CallFinished)
    assert (finished.outcome, finished.by, finished.at) == ("human", "desk", world.now)
    [asked] = world.happened(events.ScoreAsked)
    assert (asked.user_id, asked.question, asked.skipped) == (1, QUESTION, False)
    assert world.call().survey == "asking"
    world.run(commands.SaveResult(A, CALL, ""))
    assert world.state(A) is SeatState.AVAILABLE
    assert len(world.happened(events.CallFinished)) == 1, "I6"


def test_asking_ends_the_talk_of_a_held_call_too() -> None:
    world = talking()
    world.run(commands.SetHold(A, on=True))
    world.run(commands.HandToSurvey(A))
    assert world.state(A) is SeatState.WRAP_UP


@pytest.mark.parametrize("saved", [False, True])
def test_the_score_counts_whether_the_result_is_saved_or_not(saved: bool) -> None:
    world = talking()
    world.run(commands.HandToSurvey(A))
    if saved:
        world.run(commands.SaveResult(A, CALL, ""))
    world.run(gateway_facts.CustomerAnswered(CALL, world.now, "4", "answered", 1))
    [given] = world.happened(events.ScoreGiven)
    assert (given.score, given.outcome, given.tries) == (4, "answered", 1)
    if not saved:
        assert world.call().survey == "answered"


@pytest.mark.parametrize("outcome", ["silent", "wrong_key", "hung_up"])
def test_no_answer_is_kept_as_what_it_was(outcome: str) -> None:
    world = talking()
    world.run(commands.HandToSurvey(A))
    world.run(gateway_facts.CustomerAnswered(CALL, world.now, "", outcome, 2))
    [given] = world.happened(events.ScoreGiven)
    assert (given.score, given.outcome) == (None, outcome)
    assert world.call().survey == "unanswered"


@pytest.mark.parametrize("key, outcome", [("9", "answered"), ("", "answered"), ("", "burnt")])
def test_what_no_gateway_says_is_no_score(key: str, outcome: str) -> None:
    world = talking()
    world.run(commands.HandToSurvey(A))
    world.run(gateway_facts.CustomerAnswered(CALL, world.now, key, outcome, 1))
    [given] = world.happened(events.ScoreGiven)
    assert (given.score, given.outcome) == (None, "failed")


def test_the_end_told_later_says_when_the_line_was_free_and_changes_no_outcome() -> None:
    world = talking()
    world.run(commands.HandToSurvey(A))
    world.wait(20.0)
    world.hear()
    assert world.end().events == (events.LineFreed(CALL, world.now),)


def test_a_gateway_that_died_meanwhile_costs_the_score_and_not_the_call() -> None:
    world = talking()
    world.run(commands.HandToSurvey(A))
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, "boot-2", ()))
    [finished] = world.happened(events.CallFinished)
    assert finished.outcome == "human"
    assert not world.happened(events.ScoreGiven)


def test_a_desk_that_is_back_lets_the_question_go_on() -> None:
    world = talking()
    world.run(commands.HandToSurvey(A))
    world.run(commands.SaveResult(A, CALL, ""))
    there = gateway_facts.LiveCall(CALL, "treated", None)
    world.run(gateway_facts.GatewaySnapshot(GATEWAY, "boot-1", (there,), (A,), ()))
    assert not world.done(effects.HangUp)


def test_a_gateway_that_would_not_has_asked_nothing_and_hangs_up() -> None:
    world = talking()
    world.run(commands.HandToSurvey(A))
    world.run(gateway_facts.AskRefused(CALL, GATEWAY, world.now, "recording_unknown"))
    [given] = world.happened(events.ScoreGiven)
    assert (given.score, given.outcome) == (None, "failed")
    assert [each.call_id for each in world.done(effects.HangUp)] == [CALL]


@pytest.mark.parametrize(
    "setting, error",
    [
        ({"share": 0}, ErrorId.NO_SURVEY),
        ({"held": ()}, ErrorId.NO_SURVEY),
        ({"held": (QUESTION,)}, ErrorId.NO_SURVEY),
        ({"verified": False}, ErrorId.IDENTITY_NEEDED),
    ],
)
def test_nobody_is_asked_who_was_not_drawn_or_recognised_or_by_a_gateway_that_cannot(
    setting: dict[str, Any], error: ErrorId
) -> None:
    assert refusal(talking(**setting)) is error


def test_only_the_customer_is_asked_and_with_nobody_else_there() -> None:
    world = talking(verified=False)
    world.run(commands.RecordIdentity(A, CALL, "third_party", None))
    assert refusal(world) is ErrorId.SURVEY_OTHER_PERSON
    world.run(commands.MarkStatus(A, CALL, "family", True))
    world.run(commands.RecordIdentity(A, CALL, "verified", "birth_date"))
    assert refusal(world) is ErrorId.SURVEY_OTHER_PERSON, "the marks say somebody else spoke"
    world = talking()
    world.run(
        commands.CallNumber(
            A, "p1", "+819012345678", number_key="k", shown="", caller_id="", blind=False
        )
    )
    assert refusal(world) is ErrorId.PARTY_PRESENT


def test_a_gateway_out_of_reach_asks_nobody() -> None:
    world = talking()
    world.run(gateway_facts.GatewayLost(GatewayId(GATEWAY)))
    assert refusal(world) is ErrorId.GATEWAY_DOWN


def test_a_call_whose_end_is_on_its_way_is_not_asked() -> None:
    world = talking()
    world.run(commands.HangUp(A))
    assert refusal(world) is ErrorId.NO_CALL


def test_a_recording_that_was_withdrawn_is_asked_no_more() -> None:
    world = talking()
    world.run(commands.ApprovePrompt(CAMPAIGN, "survey_thanks", "", "", 0, "lead1"))
    assert refusal(world) is ErrorId.NO_SURVEY


def test_settings_saved_anew_keep_what_was_approved() -> None:
    world = talking()
    saved = replace(world.floor.campaigns[CAMPAIGN], survey=Survey(share=20, wait_s=4))
    world.run(commands.ConfigureCampaign(saved))
    assert world.floor.campaigns[CAMPAIGN].survey == Survey(QUESTION, THANKS, 20, 4)


def test_hanging_up_on_who_was_drawn_is_counted_once() -> None:
    world = talking()
    world.run(commands.HangUp(A, skips_survey=True))
    world.run(commands.HangUp(A, skips_survey=True))
    [asked] = world.happened(events.ScoreAsked)
    assert asked.skipped
    assert len(world.done(effects.HangUp)) == 1


def test_hanging_up_on_who_was_not_drawn_is_not() -> None:
    world = talking(share=0)
    world.run(commands.HangUp(A, skips_survey=True))
    assert not world.happened(events.ScoreAsked)


def test_one_in_five_is_drawn_the_same_whoever_asks() -> None:
    survey = Survey(QUESTION, THANKS, share=20)
    drawn = [survey.draws(CAMPAIGN, CallId(f"c{n}")) for n in range(5_000)]
    assert 850 < sum(drawn) < 1_150
    assert drawn == [survey.draws(CAMPAIGN, CallId(f"c{n}")) for n in range(5_000)]
    elsewhere = [survey.draws(CampaignId(2), CallId(f"c{n}")) for n in range(5_000)]
    assert elsewhere != drawn
    assert all(Survey(QUESTION, THANKS, 100).draws(CAMPAIGN, CallId(f"c{n}")) for n in range(99))
