"""Raised hands, messages from the lead, and the operator's own average."""

from __future__ import annotations

import json

from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from tests.agent_desk.small_desk import Shift


def test_a_raised_hand_is_on_the_leads_tile_until_somebody_came(shift: Shift) -> None:
    shift.talk()
    lead = shift.desk.page("lead1", "/floor")
    shift.page.do("raise_hand", reason="complaint")
    shift.desk.desk.publisher.flush_floor()
    assert lead.follow()["seats"]["operator1"]["hand"]["reason"] == "complaint"
    assert shift.page.follow()["help"]["hand"]["reason"] == "complaint"
    lead.do("take_hand", seat="operator1")
    shift.desk.desk.publisher.flush_floor()
    assert lead.follow()["seats"]["operator1"]["hand"] is None
    assert shift.page.follow()["help"]["hand"] is None


def test_a_message_waits_until_it_is_read_and_the_trail_holds_no_word_of_it(shift: Shift) -> None:
    lead = shift.desk.page("lead1", "/floor")
    lead.do("send_message", seat="operator1", text="次の方は山田様です")
    [message] = shift.page.follow()["help"]["messages"]
    assert (message["by"], message["text"]) == ("lead1", "次の方は山田様です")
    shift.desk.desk.publisher.flush_floor()
    assert lead.follow()["seats"]["operator1"]["unread"] == 1
    shift.page.do("read_message", message_id=message["id"])
    assert shift.page.follow()["help"]["messages"] == []
    with shift.desk.desk.database.read() as session:
        rows = session.execute(
            select(AuditRow.action, AuditRow.details).where(AuditRow.action.like("message.%"))
        ).all()
    assert {action for action, _ in rows} == {"message.sent", "message.read"}
    assert "山田" not in json.dumps([details for _, details in rows], ensure_ascii=False)


def test_a_lead_of_another_team_reaches_nobody_here(shift: Shift) -> None:
    lead = shift.desk.page("lead2", "/floor")
    assert lead.refused("send_message", seat="operator1", text="x") == "not-in-scope"
    lead.do("send_message", seat=None, text="x")
    assert shift.page.follow()["help"]["messages"] == []
    shift.page.do("raise_hand", reason="help")
    assert lead.refused("take_hand", seat="operator1") == "not-in-scope"


def test_reasons_and_words_are_needed(shift: Shift) -> None:
    assert shift.page.refused("raise_hand", reason="nonsense") == "unknown-reason"
    lead = shift.desk.page("lead1", "/floor")
    assert lead.refused("send_message", seat="operator1", text="  ") == "bad-payload"


def test_a_person_without_a_past_has_no_average_and_one_with_has_their_own(shift: Shift) -> None:
    assert shift.page.follow()["metrics"]["average"] is None
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.desk.clock.advance(60)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    shift.desk.clock.advance(24 * 3600)
    average = shift.desk.page("operator1").follow()["metrics"]["average"]
    assert (average["days"], average["calls"], average["promises"]) == (1, 1.0, 0.0)
    assert average["talk_s"] > 0
    assert average["codes"] == {"contact": 1.0}
