"""Steering campaigns: within scope, audited, durable, and the facts pages read of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.business_time import JST
from agent_desk.dialer.floor import Mode
from agent_desk.dialer.ids import CampaignId
from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import Campaign, Status
from agent_desk.services.campaigns.steering import MODES, RUNNING
from agent_desk.services.errors import ServiceError
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk


def steer(desk: SmallDesk, running: str, *, teams: frozenset[int] | None = None) -> None:
    desk.desk.campaigns.set_running(
        CampaignId(desk.campaign_id), running, actor="lead1", teams=teams
    )
    desk.settle()


def refusal(verb: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as refused:
        verb()
    return refused.value.error_id


def stored(desk: SmallDesk) -> tuple[str, str, float]:
    with desk.desk.database.read() as session:
        row = session.get(Campaign, desk.campaign_id)
        assert row is not None
        return row.running, row.mode, row.ratio


def audited(desk: SmallDesk) -> list[tuple[str, str, str]]:
    query = select(AuditRow.actor, AuditRow.action, AuditRow.subject)
    with desk.desk.database.read() as session:
        rows = session.execute(
            query.where(AuditRow.action.like("campaign.%")).order_by(AuditRow.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]


@pytest.mark.parametrize("running", RUNNING)
def test_what_is_set_is_on_the_floor_and_in_the_row(small_desk: SmallDesk, running: str) -> None:
    steer(small_desk, running)
    floor = small_desk.desk.commits.floor.campaigns[CampaignId(small_desk.campaign_id)]
    assert floor.running == running
    assert stored(small_desk)[0] == running


def test_every_change_is_audited_with_who_and_what(each_desk: SmallDesk) -> None:
    steer(each_desk, "paused")
    each_desk.desk.campaigns.set_pacing(
        CampaignId(each_desk.campaign_id), mode="ratio", ratio=2.5, actor="lead1", teams=None
    )
    subject = f"campaign:{each_desk.campaign_id}"
    assert audited(each_desk) == [
        ("lead1", "campaign.paused", subject),
        ("lead1", "campaign.pacing", subject),
    ]
    assert stored(each_desk) == ("paused", "ratio", 2.5)
    with each_desk.desk.database.read() as session:
        query = select(AuditRow.details).where(AuditRow.action == "campaign.pacing")
        before = {"mode_was": "progressive", "ratio_was": 1.0}
        assert session.scalars(query).one() == {"mode": "ratio", "ratio": 2.5, **before}


def test_what_is_out_of_scope_or_unknown_is_refused_and_not_audited(small_desk: SmallDesk) -> None:
    foreign = frozenset({999})
    assert refusal(lambda: steer(small_desk, "stopped", teams=foreign)) == "not-in-scope"
    assert refusal(lambda: steer(small_desk, "flying")) == "bad-payload"
    set_pacing = small_desk.desk.campaigns.set_pacing
    known = CampaignId(small_desk.campaign_id)
    for fields, error in (
        ({"mode": "guess", "ratio": 1.0}, "bad-payload"),
        ({"mode": "ratio", "ratio": 5.01}, "ratio-out-of-range"),
        ({"mode": "ratio", "ratio": float("nan")}, "ratio-out-of-range"),
    ):
        verb = lambda f=fields: set_pacing(known, actor="lead1", teams=None, **f)  # noqa: E731
        assert refusal(verb) == error
    assert audited(small_desk) == []
    assert stored(small_desk) == ("running", "progressive", 1.0)


def test_the_abandonment_target_is_set_up_to_three_per_cent(small_desk: SmallDesk) -> None:
    known = CampaignId(small_desk.campaign_id)
    set_target = small_desk.desk.campaigns.set_abandon_target
    for target in (0.03, 0.0):
        set_target(known, target, actor="lead1", teams=None)
        small_desk.settle()
        assert small_desk.desk.commits.floor.campaigns[known].abandon_target == target
    for target in (0.031, -0.001, float("nan")):
        verb = lambda wish=target: set_target(known, wish, actor="lead1", teams=None)  # noqa: E731
        assert refusal(verb) == "target-out-of-range"
    assert audited(small_desk) == [("lead1", "campaign.abandon_target", f"campaign:{known}")] * 2


def test_screening_is_changed_while_a_campaign_runs_and_audited(each_desk: SmallDesk) -> None:
    known = CampaignId(each_desk.campaign_id)
    set_screening = each_desk.desk.campaigns.set_screening
    set_screening(known, "watch", actor="lead1", teams=None)
    each_desk.settle()
    assert each_desk.desk.commits.floor.campaigns[known].screening == "watch"
    with each_desk.desk.database.read() as session:
        row = session.get(Campaign, each_desk.campaign_id)
        assert row is not None and row.screening == "watch"
    assert audited(each_desk) == [("lead1", "campaign.screening", f"campaign:{known}")]
    for screening, teams, error in (
        ("deaf", None, "bad-payload"),
        ("off", frozenset({999}), "not-in-scope"),
    ):
        verb = lambda s=screening, t=teams: set_screening(known, s, actor="x", teams=t)  # noqa: E731
        assert refusal(verb) == error
    assert len(audited(each_desk)) == 1


def test_the_kill_switch_stops_what_is_in_scope_and_nothing_else(small_desk: SmallDesk) -> None:
    campaigns, centre = small_desk.desk.campaigns, small_desk.people.centre
    with pytest.raises(ServiceError):
        campaigns.stop_all(in_flight="finish", actor="lead1", teams=frozenset({999}))
    assert refusal(lambda: campaigns.stop_all(in_flight="hang", actor="x", teams=None)) == (
        "bad-payload"
    )
    campaigns.stop_all(in_flight="finish", actor="lead1", teams=frozenset({centre.team_id}))
    small_desk.settle()
    running = {c: each.running for c, each in small_desk.desk.commits.floor.campaigns.items()}
    assert running == {
        small_desk.campaign_id: "stopped",
        small_desk.people.other_campaign_id: "running",
    }
    assert audited(small_desk) == [
        ("lead1", "campaign.stopped", f"campaign:{small_desk.campaign_id}")
    ]
    campaigns.stop_all(in_flight="finish", actor="admin1", teams=None)
    assert [row[0] for row in audited(small_desk)] == ["lead1", "admin1"]


def test_a_stop_waits_for_the_word_of_every_gateway(shift: Shift) -> None:
    campaigns, known = shift.desk.desk.campaigns, CampaignId(shift.desk.campaign_id)
    stop = lambda: campaigns.set_running(known, "stopped", actor="lead1", teams=None)  # noqa: E731
    assert list(stop()) == []
    shift.gateway.refuse["StopCampaign"] = "stale-epoch"
    assert list(stop()) == ["gw1"]
    shift.gateway.answers = False
    assert list(campaigns.stop_all(in_flight="finish", actor="lead1", teams=None)) == ["gw1"]
    shift.gateway.disconnect()
    assert list(stop()) == [], "who is out of reach is sent no order to call"


def test_the_audit_of_a_stop_names_the_calls_in_flight(shift: Shift) -> None:
    call_id = shift.available()
    shift.desk.desk.campaigns.stop_all(in_flight="message", actor="lead1", teams=None)
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        query = select(AuditRow.details).where(AuditRow.action == "campaign.stopped")
        details = session.scalars(query.order_by(AuditRow.id)).first()
    assert details is not None
    assert call_id in details["calls"]
    assert (details["in_flight"], details["all"]) == ("message", True)
    assert shift.gateway.newest(protocol.EndWithPrompt).call_id == call_id


def test_a_command_id_steers_once(small_desk: SmallDesk) -> None:
    for running in ("paused", "stopped"):
        small_desk.desk.campaigns.set_running(
            CampaignId(small_desk.campaign_id),
            running,
            actor="lead1",
            teams=None,
            command_id="one-press",
        )
    assert stored(small_desk)[0] == "paused"
    assert len(audited(small_desk)) == 1


def test_a_stop_reaches_the_gateways_and_no_call_is_ordered_after_it(shift: Shift) -> None:
    shift.alive()
    steer(shift.desk, "stopped")
    assert shift.gateway.newest(protocol.StopCampaign).campaign_id == shift.desk.campaign_id
    shift.page.do("go_available")
    shift.desk.tick(0.2)
    assert shift.gateway.newest(protocol.PlaceCall) is None
    steer(shift.desk, "running")
    assert shift.gateway.newest(protocol.ResumeCampaign) is not None
    shift.alive()
    assert shift.placed()


def test_the_modes_are_those_of_the_core() -> None:
    assert set(MODES) == set(get_args(Mode))


def test_the_book_keeps_counts_over_a_reload_and_follows_changes(small_desk: SmallDesk) -> None:
    book, campaign_id = small_desk.desk.book, CampaignId(small_desk.campaign_id)
    assert book.get(campaign_id).dialable == 6
    with small_desk.desk.database.write() as session:
        session.execute(update(Campaign).values(script="新しい台本"))
        session.execute(update(Status).where(Status.code == "valid").values(retired=True))
    assert book.get(campaign_id).script == ""
    book.reload()
    facts = book.get(campaign_id)
    assert (facts.script, facts.dialable) == ("新しい台本", 6)
    assert [status.code for status in facts.statuses] == ["contact", "payment_date"]
    assert not book.refresh_counts(), "nothing changed since"


def test_outside_the_hours_nobody_may_be_called_before_they_open(small_desk: SmallDesk) -> None:
    book, campaign_id = small_desk.desk.book, CampaignId(small_desk.campaign_id)
    now = small_desk.clock.now()
    assert book.get(campaign_id).next_due_at == now, "they are due already"
    small_desk.clock.advance(13 * 3600)
    assert book.refresh_counts()
    facts = book.get(campaign_id)
    assert facts.dialable == 0
    assert facts.next_due_at is not None
    assert facts.next_due_at > small_desk.clock.now()
    assert facts.next_due_at.astimezone(JST).hour == 9


def test_a_team_finds_its_campaigns_and_a_stranger_none(small_desk: SmallDesk) -> None:
    book, centre = small_desk.desk.book, small_desk.people.centre
    assert book.served_by(centre.team_id) == {centre.campaign_id}
    assert book.served_by(None) == frozenset()
    with pytest.raises(KeyError):
        book.get(CampaignId(999))
