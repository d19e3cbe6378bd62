"""苦情 and 受任通知 pressed on a call: nobody calls the person from then on (R36, R60)."""

from __future__ import annotations

from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt
from agent_desk.models.rules import CustomerHold
from agent_desk.store.rules.holds import FOR_GOOD
from tests.agent_desk.small_desk import Shift


def held(shift: Shift) -> list[CustomerHold]:
    with shift.desk.desk.database.read() as session:
        return list(session.scalars(select(CustomerHold).order_by(CustomerHold.id)))


def press(shift: Shift, call_id: str, reason: str, document: str = "") -> None:
    shift.page.do("note_objection", call_id=call_id, reason=reason, document=document)


def test_r60_a_complaint_holds_the_person_at_once_and_gives_leads_a_day(shift: Shift) -> None:
    call_id = shift.talk()
    press(shift, call_id, "complaint")
    [hold] = held(shift)
    assert (hold.reason, hold.actor, hold.until) == ("complaint", "operator1", FOR_GOOD)
    assert hold.ticket_due_at is not None
    assert (hold.ticket_due_at - hold.made_at).total_seconds() == 24 * 3600
    assert shift.page.follow()["record"]["holds"] == ["complaint"]
    assert shift.seat_id == "operator1" and shift.desk.seat().state == "talking"


def test_r36_a_lawyers_notice_keeps_its_document_and_is_audited_without_it(shift: Shift) -> None:
    call_id = shift.talk()
    press(shift, call_id, "lawyer_notice", " 山田法律事務所 令8-12 ")
    [hold] = held(shift)
    assert (hold.reason, hold.document) == ("lawyer_notice", "山田法律事務所 令8-12")
    with shift.desk.desk.database.read() as session:
        [row] = session.scalars(select(AuditRow).where(AuditRow.action == "hold.put"))
    assert hold.until == FOR_GOOD
    assert "山田" not in str(row.details)


def test_pressing_again_or_asking_again_after_a_lost_answer_makes_no_second_hold(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    for _ in range(2):
        press(shift, call_id, "complaint")
    press(shift, call_id, "lawyer_notice")
    assert [hold.reason for hold in held(shift)] == ["complaint", "lawyer_notice"]


def test_who_objected_is_not_called_again_after_the_result(shift: Shift) -> None:
    call_id = shift.talk()
    customer_id = shift.desk.call(call_id).customer_id
    press(shift, call_id, "complaint")
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    for _ in range(3):
        shift.desk.tick(24 * 3600)
        shift.alive()
    with shift.desk.desk.database.read() as session:
        tried = list(session.scalars(select(Attempt.id).where(Attempt.customer_id == customer_id)))
    assert tried == [call_id]


def test_before_anybody_spoke_or_on_another_call_there_is_nothing_to_note(shift: Shift) -> None:
    call_id = shift.available()
    refused = shift.page.refused
    empty = {"reason": "complaint", "document": ""}
    assert refused("note_objection", call_id=call_id, **empty) == "not-your-call"
    shift.answer(call_id)
    assert refused("note_objection", call_id=call_id, **empty) == "no-call"
    assert refused("note_objection", call_id="another", **empty) == "not-your-call"
    wrong = {"reason": "hospital", "document": ""}
    assert refused("note_objection", call_id=call_id, **wrong) == "bad-payload"
    assert held(shift) == []
