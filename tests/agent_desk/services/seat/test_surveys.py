"""Which customers may be asked for a score, and what is kept of those who are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.calls import AttemptOutcome, Call
from agent_desk.models.satisfaction import CallScore, PromptApproval
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.surveys import GAP, Surveys
from agent_desk.store.invariants import questions
from agent_desk.store.reports.charges import talks
from agent_desk.store.satisfaction import scores
from softphone import protocol
from tests.agent_desk import score
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk, ended
from tests.fakes.gateway import MESSAGE


def rows(desk: SmallDesk, model: Any) -> list[Any]:
    with desk.desk.database.read() as session:
        return list(session.scalars(select(model)))


def shown(shift: Shift) -> Any:
    return shift.page.follow()["call"]["survey"]


def talk(shift: Shift) -> str:
    """Talk with a customer who is recognised."""
    call_id = shift.talk()
    assert shift.page.do("check_identity", call_id=call_id, answer=BORN)["matched"]
    return call_id


@pytest.fixture
def asking(shift: Shift) -> Shift:
    """Everybody is to be asked."""
    score.ask_everybody(shift.desk)
    return shift


def test_nobody_is_asked_where_the_campaign_does_not(shift: Shift) -> None:
    talk(shift)
    assert shown(shift) is None
    assert shift.page.refused("hand_to_survey") == "no-survey"


def test_nobody_is_asked_who_was_not_drawn(shift: Shift) -> None:
    score.ask_everybody(shift.desk, share=0)
    talk(shift)
    assert shown(shift) is None
    assert shift.page.refused("hand_to_survey") == "no-survey"


def test_one_key_asks_frees_the_operator_and_keeps_the_score(asking: Shift) -> None:
    call_id = talk(asking)
    assert shown(asking) == {"state": None, "forbidden": None}
    asking.page.do("hand_to_survey")
    order = asking.gateway.newest(protocol.AskCustomer)
    assert order == protocol.AskCustomer(call_id, MESSAGE, MESSAGE, "12345", 6.0)
    state = asking.page.follow()
    assert state["seat"]["state"] == "wrap_up"
    assert state["call"]["survey"] == {"state": "asking", "forbidden": None}
    [kept] = rows(asking.desk, CallScore)
    assert (kept.state, kept.score, kept.question) == ("asking", None, MESSAGE)
    score.answer(asking, call_id, "4")
    assert shown(asking)["state"] == "answered", "and not which: the customer told us, not them"
    [kept] = rows(asking.desk, CallScore)
    assert (kept.state, kept.score, kept.via, kept.tries) == ("answered", 4, "key", 1)
    assert kept.answered_at is not None and kept.answered_at >= kept.asked_at
    [outcome] = rows(asking.desk, AttemptOutcome)
    assert (outcome.outcome, outcome.by) == ("human", "desk")


def test_a_score_told_twice_or_after_the_result_counts_once(asking: Shift) -> None:
    call_id = talk(asking)
    asking.page.do("hand_to_survey")
    asking.page.do("save_result", call_id=call_id, note="", counterpart=None)
    score.answer(asking, call_id, "2")
    score.answer(asking, call_id, "5")
    score.answer(asking, call_id, "", "hung_up")
    assert [each.score for each in rows(asking.desk, CallScore)] == [2]
    with asking.desk.desk.database.read() as session:
        assert questions.check(session) == []


def test_an_answer_nobody_was_asked_for_is_kept_nowhere(asking: Shift) -> None:
    call_id = talk(asking)
    score.answer(asking, call_id, "5")
    assert rows(asking.desk, CallScore) == []


@pytest.mark.parametrize("outcome", ["silent", "wrong_key", "hung_up"])
def test_who_does_not_answer_has_no_score(asking: Shift, outcome: str) -> None:
    call_id = talk(asking)
    asking.page.do("hand_to_survey")
    score.answer(asking, call_id, "", outcome)
    assert shown(asking)["state"] == "unanswered"
    [kept] = rows(asking.desk, CallScore)
    assert (kept.state, kept.score, kept.answered_at) == (outcome, None, None)


def test_hanging_up_on_who_could_have_been_asked_is_kept(asking: Shift) -> None:
    talk(asking)
    asking.page.do("hang_up")
    asking.desk.settle()
    assert [each.state for each in rows(asking.desk, CallScore)] == ["skipped"]


def test_hanging_up_on_who_may_not_be_asked_is_not(asking: Shift) -> None:
    asking.talk()
    assert shown(asking)["forbidden"] == "identity-needed"
    asking.page.do("hang_up")
    asking.desk.settle()
    assert rows(asking.desk, CallScore) == []


def test_somebody_else_is_not_asked(asking: Shift) -> None:
    call_id = asking.talk()
    asking.page.do("third_party", call_id=call_id)
    assert shown(asking)["forbidden"] == "survey-other-person"
    assert asking.page.refused("hand_to_survey") == "survey-other-person"


@pytest.mark.parametrize("reason", ["complaint", "lawyer_notice"])
def test_who_is_to_be_left_alone_is_not_asked(asking: Shift, reason: str) -> None:
    call_id = talk(asking)
    assert shown(asking)["forbidden"] is None
    asking.page.do("note_objection", call_id=call_id, reason=reason, document="")
    assert shown(asking)["forbidden"] == "survey-left-alone"
    assert asking.page.refused("hand_to_survey") == "survey-left-alone"
    asking.page.do("hang_up")
    asking.desk.settle()
    assert rows(asking.desk, CallScore) == []


def judged_anew(shift: Shift, call_id: str) -> Any:
    """What the page of the next call to this customer would say."""
    desk = shift.desk.desk
    surveys = Surveys(database=desk.database, commits=desk.commits, clock=desk.clock)
    found = surveys.shown(shift.desk.call(call_id))
    assert found is not None
    return found["forbidden"]


def test_a_customer_is_asked_once_in_a_month(asking: Shift) -> None:
    call_id = talk(asking)
    asking.page.do("hand_to_survey")
    with asking.desk.desk.database.read() as session:
        customer_id = asking.desk.call(call_id).customer_id
        assert customer_id is not None
        now = asking.desk.clock.now()
        assert scores.last_asked(session, customer_id, since=now - GAP) is not None
        later = now + GAP + timedelta(seconds=1)
        assert scores.last_asked(session, customer_id, since=later - GAP) is None


def test_nobody_is_asked_at_night(asking: Shift) -> None:
    call_id = talk(asking)
    assert judged_anew(asking, call_id) is None
    asking.desk.clock.advance(timedelta(hours=12).total_seconds())
    assert judged_anew(asking, call_id) == "survey-after-hours"


def test_a_question_the_gateway_would_not_ask_ends_the_call(asking: Shift) -> None:
    talk(asking)
    asking.gateway.refuse["AskCustomer"] = "recording_unknown"
    asking.page.do("hand_to_survey")
    asking.desk.settle()
    assert [each.state for each in rows(asking.desk, CallScore)] == ["failed"]
    assert asking.gateway.newest(protocol.HangUp) is not None


def test_the_line_is_charged_until_the_customer_has_left_it(asking: Shift) -> None:
    call_id = talk(asking)
    asking.desk.clock.advance(60)
    asking.page.do("hand_to_survey")
    asking.desk.clock.advance(20)
    score.answer(asking, call_id, "3")
    asking.gateway.tell(ended(call_id, by=protocol.EndedBy.DESK))
    asking.desk.settle()
    [call] = [each for each in rows(asking.desk, Call) if each.id == call_id]
    assert (call.line_ended_at - call.ended_at).total_seconds() == pytest.approx(20, abs=2)
    assert call.ended_at < call.line_ended_at
    with asking.desk.desk.database.read() as session:
        today = asking.desk.clock.now()
        [priced] = talks(session, today.date(), today - timedelta(days=1), today)
    assert priced.talks.seconds >= 80


def test_a_question_names_every_key(shift: Shift) -> None:
    prompts = shift.desk.desk.survey_prompts
    heard = score.HEARD
    with pytest.raises(ServiceError, match="survey-keys"):
        prompts.approve(
            "spring", "survey_question", heard, "満足なら5です。", actor="lead1", brought_by="x"
        )
    with pytest.raises(ServiceError, match="safe-harbour-debt-word"):
        prompts.approve(
            "spring", "survey_thanks", heard, "ご返済を。", actor="lead1", brought_by="x"
        )
    with pytest.raises(ServiceError, match="message-own"):
        prompts.approve(
            "spring", "survey_thanks", heard, score.THANKS, actor="lead1", brought_by="lead1"
        )
    assert rows(shift.desk, PromptApproval) == []


def test_withdrawn_it_is_asked_no_more(asking: Shift) -> None:
    talk(asking)
    asking.desk.desk.survey_prompts.withdraw("spring", "survey_question", actor="admin1")
    asking.desk.settle()
    assert shown(asking) is None
    assert (
        asking.desk.desk.survey_prompts.approved(asking.desk.campaign_id, "survey_question") is None
    )
