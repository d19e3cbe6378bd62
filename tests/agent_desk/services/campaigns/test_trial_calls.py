"""A trial call: the draft tried out on a telephone of one's own, and nothing of it in figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.audit import AuditRow
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.trial_calls import TrialCalls
from agent_desk.services.errors import ServiceError
from agent_desk.store.reports import figures
from softphone import protocol
from tests.agent_desk.small_desk import Shift

ADMIN = Actor("admin1", "admin")
OWN = "090-1234-5678"


def trials(shift: Shift) -> TrialCalls:
    return shift.desk.desk.setup.trials


def waiting(shift: Shift) -> None:
    shift.alive()
    shift.desk.desk.campaigns.set_running(
        CampaignId(shift.desk.campaign_id), "stopped", actor="lead1", teams=None
    )
    shift.page.do("go_available")
    shift.alive()


def place(shift: Shift, number: str = OWN) -> None:
    trials(shift).place(shift.desk.campaign_id, number, "operator1", actor=ADMIN, teams=None)
    shift.desk.settle()


def test_the_draft_is_tried_on_a_number_of_ones_own_and_enters_no_figure(shift: Shift) -> None:
    waiting(shift)
    editing = shift.desk.desk.setup.editing
    wanted = {"ring_limit_s": 40, "caller_id": "0312345678", "wrap_up_s": 33}
    assert not editing.save(shift.desk.campaign_id, wanted, actor=ADMIN, teams=None)
    place(shift)
    state = shift.page.follow()
    assert state["campaign"]["training"]
    assert state["campaign"]["wrap_up_s"] == 33
    assert "試験通話" in str(state["record"])
    shift.page.do("place_previewed")
    shift.desk.settle()
    order = shift.gateway.newest(protocol.PlaceCall)
    assert (order.number, order.ring_limit_s) == ("+819012345678", 40)
    now, day = shift.desk.clock.now(), timedelta(days=1)
    with shift.desk.desk.database.read() as session:
        assert figures.funnel(session, now - day, now + day).attempts == 0
        noted = session.scalars(select(AuditRow).where(AuditRow.action == "campaign.tried")).one()
    assert "5678" not in str(noted.details), "ids only"
    assert (
        shift.desk.desk.commits.floor.campaigns[CampaignId(shift.desk.campaign_id)].ring_limit_s
        == 25
    )


def test_the_rules_hold_for_a_trial_and_the_seat_stays_at_its_work(shift: Shift) -> None:
    waiting(shift)
    shift.desk.desk.do_not_call.block_number(OWN, reason="test", actor="admin1")
    shift.desk.settle()
    with pytest.raises(ServiceError, match="call-forbidden"):
        place(shift)
    assert not shift.page.follow()["campaign"]["training"]
    assert shift.desk.seat().campaign_id == shift.desk.campaign_id


def test_the_seat_is_back_at_its_work_as_after_practice(shift: Shift) -> None:
    waiting(shift)
    place(shift)
    shift.page.do("skip_previewed", reason="other")
    shift.page.do("leave_practice")
    assert shift.page.follow()["campaign"]["id"] == shift.desk.campaign_id


@pytest.mark.parametrize("number", ["110", "12345", "+1 202 555 0100", ""])
def test_what_is_no_number_to_call_is_refused(shift: Shift, number: str) -> None:
    waiting(shift)
    with pytest.raises(ServiceError, match="number-unusable"):
        place(shift, number)


def test_only_a_waiting_seat_of_the_campaigns_teams_is_offered(shift: Shift) -> None:
    assert trials(shift).seats(shift.desk.campaign_id) == []
    with pytest.raises(ServiceError, match="seat-not-open"):
        place(shift)
    with pytest.raises(ServiceError, match="not-in-scope"):
        trials(shift).place(
            shift.desk.campaign_id, OWN, "operator1", actor=ADMIN, teams=frozenset({999})
        )
