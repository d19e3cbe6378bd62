"""Alerts on the leads' pages and the operators': who sees them, who has said that they know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.routine import FLUSH_S
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat import alert_rules, alerts
from agent_desk.services.seat.alert_rules import Limit
from tests.agent_desk.services.campaigns.test_editing import publish
from tests.agent_desk.small_desk import Page, Shift

MANAGER = Actor("manager1", "manager")


def lead_of(shift: Shift, name: str = "lead1") -> Page:
    return shift.desk.page(name, "/floor")


def set_limits(shift: Shift, **limits: tuple[int, int]) -> None:
    wanted = {subject: Limit(*pair) for subject, pair in limits.items()}
    shift.desk.desk.calls.thresholds.set(wanted, actor=MANAGER)


def alerts_on(page: Page, kind: str) -> list[dict[str, Any]]:
    return [each for each in page.follow()["alerts"].values() if each["kind"] == kind]


def hand(shift: Shift, lead: Page) -> dict[str, Any]:
    shift.page.do("raise_hand", reason="help")
    (found,) = alerts_on(lead, "hand")
    return found


def audited(shift: Shift, action: str) -> list[tuple[str, str, dict[str, Any]]]:
    query = select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)
    with shift.desk.desk.database.read() as session:
        return [(row.actor, row.subject, row.details) for row in session.scalars(query)]


def test_a09_a_talk_past_the_set_limit_is_on_both_pages_with_the_next_flush(shift: Shift) -> None:
    """The flush comes four times a second, and nothing but time has passed."""
    assert FLUSH_S <= 0.5
    set_limits(shift, call=(20, 30))
    lead, call_id = lead_of(shift), shift.talk()
    bridged_at = shift.desk.call(call_id).bridged_at
    assert bridged_at is not None
    left = bridged_at + timedelta(seconds=30) - shift.desk.clock.now()
    shift.desk.clock.advance(left.total_seconds() - 0.1)
    shift.alive()
    assert alerts_on(lead, "call") == []
    assert shift.page.follow()["over_talk"] is None

    shift.desk.clock.advance(0.1)
    shift.desk.desk.publisher.flush_floor()

    assert shift.page.follow()["over_talk"] == {"limit_s": 30}
    (alert,) = alerts_on(lead, "call")
    assert (alert["seat"], alert["level"], alert["by"]) == ("operator1", "urgent", None)

    shift.end(call_id)
    assert alerts_on(lead, "call") == []
    assert shift.page.follow()["over_talk"] is None


def test_an_alert_is_seen_in_scope_only_and_ends_with_its_condition(shift: Shift) -> None:
    mine, other, every = lead_of(shift), lead_of(shift, "lead2"), lead_of(shift, "manager1")
    known = hand(shift, mine)
    assert alerts_on(other, "hand") == []
    assert alerts_on(every, "hand") == [known]
    shift.page.do("lower_hand")
    assert alerts_on(mine, "hand") == alerts_on(every, "hand") == []


def test_who_acknowledged_is_seen_by_all_once_and_audited(shift: Shift) -> None:
    lead, manager = lead_of(shift), lead_of(shift, "manager1")
    alert = hand(shift, lead)
    shift.desk.clock.advance(1)
    lead.do("acknowledge_alert", alert=alert["id"])
    (seen,) = alerts_on(manager, "hand")
    assert (seen["by"], seen["by_name"]) == ("lead1", "lead1")
    lead_of(shift, "admin1").do("acknowledge_alert", alert=alert["id"])
    assert alerts_on(manager, "hand") == [seen], "who was first stays"
    details = {"alert": "hand", "since": alert["since"]}
    assert audited(shift, "alert.acknowledged") == [("lead1", "seat:operator1", details)]


def test_a_condition_that_begins_anew_is_another_alert(shift: Shift) -> None:
    lead = lead_of(shift)
    first = hand(shift, lead)
    lead.do("acknowledge_alert", alert=first["id"])
    shift.page.do("lower_hand")
    assert alerts_on(lead, "hand") == []
    assert lead.refused("acknowledge_alert", alert=first["id"]) == "alert-over"
    shift.desk.clock.advance(1)
    again = hand(shift, lead)
    assert again["id"] != first["id"]
    assert again["by"] is None


def test_nobody_acknowledges_for_another_team_or_what_is_not_there(shift: Shift) -> None:
    alert = hand(shift, lead_of(shift))
    assert lead_of(shift, "lead2").refused("acknowledge_alert", alert=alert["id"]) == "not-in-scope"
    assert lead_of(shift).refused("acknowledge_alert", alert="operator1.hand.0") == "alert-over"


def breathe(shift: Shift, seconds: float) -> None:
    """The page is heard each second."""
    for _ in range(int(seconds)):
        shift.desk.clock.advance(1)
        shift.alive()
        shift.desk.desk.publisher.flush_floor()


def test_a_page_that_is_heard_again_for_a_while_ends_its_alert(shift: Shift) -> None:
    lead = lead_of(shift)
    shift.desk.clock.advance(4)
    (alert,) = alerts_on(lead, "link_stale")
    shift.alive()
    assert alerts_on(lead, "link_stale") == [alert]
    breathe(shift, alert_rules.CALM_S)
    assert alerts_on(lead, "link_stale") == []


def test_a_page_that_is_heard_now_and_then_is_one_alert_and_acknowledged_once(
    shift: Shift,
) -> None:
    lead = lead_of(shift)
    shift.desk.clock.advance(4)
    (alert,) = alerts_on(lead, "link_stale")
    lead.do("acknowledge_alert", alert=alert["id"])
    for _ in range(3):
        breathe(shift, 2)
        shift.desk.clock.advance(4)
        (same,) = alerts_on(lead, "link_stale")
        assert (same["id"], same["by"]) == (alert["id"], "lead1")
    shift.desk.clock.advance(60)
    assert alerts_on(lead, "link_stale") == [], "it is lost, which is another"
    (lost,) = alerts_on(lead, "link_lost")
    assert lost["by"] is None


def test_an_acknowledged_alert_stays_so_when_its_threshold_is_moved(shift: Shift) -> None:
    set_limits(shift, starting=(5, 10))
    lead = lead_of(shift)
    breathe(shift, 20)
    (alert,) = alerts_on(lead, "state")
    lead.do("acknowledge_alert", alert=alert["id"])
    set_limits(shift, starting=(4, 8))
    (same,) = alerts_on(lead, "state")
    assert (same["id"], same["by"]) == (alert["id"], "lead1")


def test_a09_a_campaigns_own_talk_limit_is_the_one_that_counts(shift: Shift) -> None:
    """Published on the campaign's page, true at once, of the talk that runs as well."""
    set_limits(shift, call=(600, 900))
    lead, call_id = lead_of(shift), shift.talk()
    breathe(shift, 40)
    assert alerts_on(lead, "call") == []
    publish(shift.desk, talk_limit_s=30)
    shift.desk.desk.publisher.flush_floor()
    assert shift.page.follow()["over_talk"] == {"limit_s": 30}
    (alert,) = alerts_on(lead, "call")
    lead.do("acknowledge_alert", alert=alert["id"])
    publish(shift.desk, talk_limit_s=35)
    shift.desk.desk.publisher.flush_floor()
    assert [each["by"] for each in alerts_on(lead, "call")] == ["lead1"]
    publish(shift.desk, talk_limit_s=None)
    shift.desk.desk.publisher.flush_floor()
    assert alerts_on(lead, "call") == [] and shift.page.follow()["over_talk"] is None
    shift.end(call_id)


def test_thresholds_reach_open_pages_at_once_and_are_audited(shift: Shift) -> None:
    lead = lead_of(shift)
    assert lead.follow()["thresholds"]["starting"] == {"long_s": 60, "too_long_s": 300}
    shift.desk.clock.advance(20)
    shift.alive()
    assert alerts_on(lead, "state") == []
    set_limits(shift, starting=(5, 10))
    assert lead.follow()["thresholds"]["starting"] == {"long_s": 5, "too_long_s": 10}
    (alert,) = alerts_on(lead, "state")
    assert alert["what"] == "starting"
    details = {"long_s": 5, "too_long_s": 10}
    assert audited(shift, "floor.threshold.set") == [("manager1", "threshold:starting", details)]


@pytest.mark.parametrize(
    ("subject", "pair"), [("away", (10, 10)), ("away", (0, 5)), ("away", (5, 86_401))]
)
def test_thresholds_out_of_order_are_refused(
    shift: Shift, subject: str, pair: tuple[int, int]
) -> None:
    with pytest.raises(ServiceError, match="threshold-order"):
        set_limits(shift, **{subject: pair})
    assert shift.desk.desk.calls.thresholds.limits == alert_rules.DEFAULTS


def test_who_is_no_manager_sets_no_threshold(shift: Shift) -> None:
    with pytest.raises(ServiceError, match="role-too-low"):
        shift.desk.desk.calls.thresholds.set({"away": Limit(1, 2)}, actor=Actor("lead1", "lead"))


def test_a_floor_on_which_nothing_is_due_is_not_looked_through(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift.alive()
    looked: list[str] = []

    def counted(seat: Any, *rest: Any) -> Any:
        looked.append(seat.seat_id)
        return alert_rules.spans(seat, *rest)

    monkeypatch.setattr(alerts, "spans", counted)
    for _ in range(5):
        shift.desk.clock.advance(0.2)
        shift.desk.desk.publisher.flush_floor()
    assert looked == []
    shift.desk.clock.advance(3)
    shift.desk.desk.publisher.flush_floor()
    assert looked == ["operator1"]
