"""苦情の期限: leads are told before and when it is over, until somebody has seen to it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from agent_desk.models.rules import CustomerHold
from agent_desk.services.rules.complaint_alarm import ComplaintAlarm
from tests.agent_desk.small_desk import Shift


def test_a67_leads_hear_that_a_complaint_is_nearly_and_then_overdue(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("note_objection", call_id=call_id, reason="complaint", document="")
    told: list[str] = []
    desk = shift.desk.desk
    alarm = ComplaintAlarm(database=desk.database, clock=shift.desk.clock, tell=told.append)
    alarm.step()
    assert told == []
    shift.desk.clock.advance(timedelta(hours=23, minutes=10).total_seconds())
    for _ in range(2):
        alarm.step()
    assert told == ["complaint-due-soon"]
    shift.desk.clock.advance(timedelta(hours=1).total_seconds())
    for _ in range(2):
        alarm.step()
    assert told == ["complaint-due-soon", "complaint-overdue"]
    with desk.database.write() as session:
        session.execute(update(CustomerHold).values(released_at=shift.desk.clock.now()))
    alarm.step()
    assert len(told) == 2
