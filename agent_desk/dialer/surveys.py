"""Scores at the end of a talk: the operator presses a key and is free, the gateway asks.

For the floor the call is over at that instant: its outcome, its talk time and the operator's
wrap-up are what they would be had the operator hung up. What the customer answers comes later, of a
call that has left the floor, perhaps; so nothing here asks for the call then, and whatever happens
to the question (the customer, a gateway or the desk goes away) costs the score and nothing else.

Only the customer is asked, never somebody else who answered: that we called would be told by it.
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import commands, effects, endings, events, gateway_facts, seats
from agent_desk.dialer.approved_recordings import can_play
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import Call, CallState, Campaign, Seat
from agent_desk.dialer.outcomes import ROWS, Outcome
from agent_desk.dialer.results import WRONG_NUMBER
from agent_desk.dialer.survey import KEYS

CAUSE = "asked"
SCORES = frozenset(KEYS)
UNANSWERED = ("silent", "wrong_key", "hung_up")


def hand_over(draft: Draft, command: commands.HandToSurvey) -> None:
    """Order it and let the operator go; whether the rules allow it the service has looked up."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "HandToSurvey", seat.seat_id)
    call = draft.calls.get(seat.call_id)
    if call is None or call.state is not CallState.BRIDGED or call.ending_at is not None:
        raise Refused(ErrorId.NO_CALL)
    _require(draft, call)
    survey = draft.campaign(call.campaign_id).survey
    _note(draft, seat, call, skipped=False)
    draft.do(
        effects.AskCustomer(
            call.call_id, call.gateway_id, survey.question, survey.thanks, survey.wait_s
        )
    )
    call = replace(call, survey="asking")
    draft.put_call(call)
    ending = endings.Ending(ROWS[Outcome.HUMAN], "desk", draft.now, answered=True, cause=CAUSE)
    endings.finish(draft, call, ending)


def skip(draft: Draft, seat: Seat, call: Call) -> None:
    """The operator hangs up on a customer who was to be asked: that is counted too."""
    if draft.campaign(call.campaign_id).survey.draws(call.campaign_id, call.call_id):
        _note(draft, seat, call, skipped=True)


def _note(draft: Draft, seat: Seat, call: Call, *, skipped: bool) -> None:
    draft.emit(
        events.ScoreAsked(
            call_id=call.call_id,
            customer_id=call.customer_id,
            campaign_id=call.campaign_id,
            user_id=seat.user_id,
            question=draft.campaign(call.campaign_id).survey.question,
            skipped=skipped,
            at=draft.now,
        )
    )


def _require(draft: Draft, call: Call) -> None:
    """Raises Refused where this customer is not to be asked, or cannot be."""
    campaign = draft.campaign(call.campaign_id)
    if not campaign.survey.draws(call.campaign_id, call.call_id):
        raise Refused(ErrorId.NO_SURVEY)
    if call.party is not None:
        raise Refused(ErrorId.PARTY_PRESENT)
    why_not = not_the_customer(campaign, call)
    if why_not is not None:
        raise Refused(why_not)
    gateway = draft.gateways.get(call.gateway_id)
    if gateway is None or not gateway.linked:
        raise Refused(ErrorId.GATEWAY_DOWN)
    if not all(
        can_play(gateway, each) for each in (campaign.survey.question, campaign.survey.thanks)
    ):
        raise Refused(ErrorId.NO_SURVEY)


def not_the_customer(campaign: Campaign, call: Call) -> ErrorId | None:
    """Why whoever is on the line may not be the customer; None: nothing says so."""
    if call.customer_id is None:
        return ErrorId.CALLER_UNKNOWN
    others = {each.code for each in campaign.statuses if each.third_party} | {WRONG_NUMBER}
    if call.identity == "third_party" or call.codes & others:
        return ErrorId.SURVEY_OTHER_PERSON
    if campaign.identity_needed and call.identity != "verified":
        return ErrorId.IDENTITY_NEEDED
    return None


def answered(draft: Draft, fact: gateway_facts.CustomerAnswered) -> None:
    """What came of the question, once."""
    score = int(fact.key) if fact.outcome == "answered" and fact.key in SCORES else None
    outcome = fact.outcome if score or fact.outcome in UNANSWERED else "failed"
    draft.emit(events.ScoreGiven(fact.call_id, score, outcome, fact.tries, fact.at))
    call = draft.calls.get(fact.call_id)
    if call is not None and call.survey:
        draft.put_call(replace(call, survey="answered" if score else "unanswered"))


def refused(draft: Draft, fact: gateway_facts.AskRefused) -> None:
    """The gateway would not: nothing was asked, and nobody is left on the line."""
    answered(draft, gateway_facts.CustomerAnswered(fact.call_id, fact.at, "", "failed", 0))
    draft.do(effects.HangUp(fact.call_id, fact.gateway_id, "ask-refused"))


def approve(draft: Draft, command: commands.ApprovePrompt) -> None:
    """From here on this recording may be played; no hash: none may."""
    campaign = draft.campaign(command.campaign_id)
    survey = campaign.survey.saying(command.kind, command.sha256)
    draft.campaigns.put(campaign.campaign_id, replace(campaign, survey=survey))
    draft.emit(
        events.PromptApproved(
            campaign.campaign_id,
            command.kind,
            command.sha256,
            command.text,
            command.duration_ms,
            command.by,
            draft.now,
        )
    )
