"""Whether a message may be left on this call, and what is kept of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import AttemptOutcome, Call
from agent_desk.models.customers import Phone
from agent_desk.models.messages import CallMessage, MessageApproval
from agent_desk.services.campaigns.messages import Wording, check
from agent_desk.services.dialing.safe_harbours import Heard
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.messages import LeavingMessages
from agent_desk.store.records.caller_records import MessageRow, affairs
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import SEALER
from tests.fakes.gateway import MESSAGE as RECORDING

HEARD = Heard(RECORDING, 12_000, 100)
WORDING = Wording("山田商事の佐藤です。03-1234-5678までお電話ください。", "佐藤", "03-1234-5678")


def approve(desk: SmallDesk) -> None:
    desk.desk.messages.approve("spring", HEARD, WORDING, actor="lead1", brought_by="admin1")
    desk.settle()


def rows(desk: SmallDesk, model: Any) -> list[Any]:
    with desk.desk.database.read() as session:
        return list(session.scalars(select(model)))


def shown(shift: Shift) -> Any:
    return shift.page.follow()["call"]["message"]


@pytest.fixture
def spoken_to(shift: Shift) -> Shift:
    """Somebody, or something, answered a call of a campaign that may leave messages."""
    approve(shift.desk)
    shift.talk()
    return shift


def test_none_is_offered_until_somebody_has_approved_a_recording(shift: Shift) -> None:
    shift.talk()
    assert shown(shift) is None
    assert shift.page.refused("leave_message") == "no-message"


def test_one_key_leaves_it_frees_the_operator_and_keeps_what_was_said(spoken_to: Shift) -> None:
    assert shown(spoken_to) == {"state": None, "forbidden": None}
    spoken_to.page.do("leave_message")
    order = spoken_to.gateway.newest(protocol.LeaveMessage)
    assert order is not None and order.recording == RECORDING
    state = spoken_to.page.follow()
    assert state["seat"]["state"] == "wrap_up"
    assert state["call"]["message"]["state"] == "leaving"
    spoken_to.gateway.tell(protocol.MessageLeft(order.call_id, RECORDING, 12_000, True))
    spoken_to.desk.settle()
    assert shown(spoken_to)["state"] == "left"
    [kept] = rows(spoken_to.desk, CallMessage)
    assert (kept.whole, kept.played_ms, kept.sha256) == (True, 12_000, RECORDING)
    [outcome] = rows(spoken_to.desk, AttemptOutcome)
    assert (outcome.outcome, outcome.counts) == ("machine", True)
    assert "call.message" in {row.action for row in rows(spoken_to.desk, AuditRow)}


def judged_anew(shift: Shift, call_id: str) -> Any:
    """What the page of the next call to this customer would say."""
    desk = shift.desk.desk
    leaving = LeavingMessages(database=desk.database, commits=desk.commits, clock=desk.clock)
    shown = leaving.shown(replace(shift.desk.call(call_id), message=""))
    assert shown is not None
    return shown["forbidden"]


def timeline(shift: Shift, call_id: str) -> list[MessageRow]:
    """What the customer of a call heard, as their next caller is told."""
    with shift.desk.desk.database.read() as session:
        call = session.get_one(Call, call_id)
        asked = {"campaign_id": call.campaign_id, "limit": 10}
        found = affairs(session, SEALER, call.customer_id or 0, **asked)
    return [each for each in found.messages if each.prompt == "machine"]


def test_a_person_is_left_one_in_three_days_and_no_more(spoken_to: Shift) -> None:
    call_id = spoken_to.desk.seat().call_id or ""
    assert judged_anew(spoken_to, call_id) is None
    spoken_to.page.do("leave_message")
    assert judged_anew(spoken_to, call_id) == "message-too-soon"
    spoken_to.desk.clock.advance(timedelta(days=3).total_seconds())
    assert judged_anew(spoken_to, call_id) is None


def test_one_that_was_not_heard_at_all_does_not_count(spoken_to: Shift) -> None:
    call_id = spoken_to.desk.seat().call_id or ""
    spoken_to.page.do("leave_message")
    assert len(timeline(spoken_to, call_id)) == 1, "nobody has told what came of it"
    spoken_to.gateway.tell(protocol.MessageLeft(call_id, RECORDING, 0, False))
    spoken_to.desk.settle()
    assert judged_anew(spoken_to, call_id) is None
    assert timeline(spoken_to, call_id) == [], "nor was anything heard"


def test_none_is_left_at_work(shift: Shift) -> None:
    approve(shift.desk)
    call_id = shift.talk()
    with shift.desk.desk.database.write() as session:
        session.execute(update(Phone).values(kind="work"))
    assert judged_anew(shift, call_id) == "message-at-work"


def test_withdrawn_it_is_offered_no_more(spoken_to: Shift) -> None:
    spoken_to.desk.desk.messages.withdraw("spring", actor="admin1")
    assert shown(spoken_to) is None
    assert spoken_to.page.refused("leave_message") == "no-message"
    newest = rows(spoken_to.desk, MessageApproval)[-1]
    assert (newest.sha256, newest.by) == ("", "admin1")


@pytest.mark.parametrize("nobody", ["operator1", "stranger"])
def test_only_somebody_in_charge_answers_for_a_recording(
    small_desk: SmallDesk, nobody: str
) -> None:
    with pytest.raises(ServiceError, match="approver-unknown"):
        small_desk.desk.messages.approve("spring", HEARD, WORDING, actor=nobody, brought_by="lead1")
    with pytest.raises(ServiceError, match="approver-unknown"):
        small_desk.desk.safe_harbours.approve(
            "spring",
            Heard(RECORDING, 8_000, 0),
            "またお電話します。",
            actor=nobody,
            brought_by="lead1",
        )


@pytest.mark.parametrize(
    "text, name, error",
    [
        ("山田商事の佐藤です。お支払いの件で03-1234-5678まで。", "佐藤", "safe-harbour-debt-word"),
        ("佐藤です。至急03-1234-5678までお電話ください。", "佐藤", "message-pressing"),
        ("佐藤です。3万の件で03-1234-5678まで。", "佐藤", "message-digits"),
        ("03-1234-5678までお電話ください。", "佐藤", "message-unsigned"),
        ("佐藤です。またお電話します。", "佐藤", "message-unsigned"),
        ("佐藤です。03-1234-5678まで。", "", "message-unsigned"),
        ("", "佐藤", "safe-harbour-text"),
    ],
)
def test_what_may_not_be_said_to_whoever_hears_the_tape(text: str, name: str, error: str) -> None:
    with pytest.raises(ServiceError, match=error):
        check(Wording(text, name, "0312345678"))


def test_full_width_digits_are_the_same_number() -> None:
    wording = Wording(
        "佐藤です。０３－１２３４－５６７８までお電話ください。", "佐藤", "0312345678"
    )
    assert check(wording) == wording.text
