"""Raised hands, and the operator's own average."""

from __future__ import annotations

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


def test_a_lead_of_another_team_reaches_nobody_here(shift: Shift) -> None:
    lead = shift.desk.page("lead2", "/floor")
    shift.page.do("raise_hand", reason="help")
    assert lead.refused("take_hand", seat="operator1") == "not-in-scope"


def test_a_reason_is_needed(shift: Shift) -> None:
    assert shift.page.refused("raise_hand", reason="nonsense") == "unknown-reason"


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
