"""Versions of a campaign: what is true at once, what later calls get, and what is kept of whom."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.dialer.floor import Campaign
from agent_desk.dialer.ids import CampaignId
from agent_desk.models.audit import AuditRow
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.editing import CampaignEditing, Edited
from agent_desk.services.campaigns.founding import STATUSES, Wanted
from agent_desk.services.campaigns.purposes import PURPOSES
from agent_desk.services.campaigns.settings import FIELDS, PAGES, faults
from agent_desk.services.errors import ServiceError
from agent_desk.services.running.recovery import Recovery
from agent_desk.store.campaigns import campaigns, statuses
from agent_desk.store.lists import lists
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import SEALER

ADMIN, LEAD = Actor("admin1", "admin"), Actor("lead1", "lead")


def editing(desk: SmallDesk) -> CampaignEditing:
    return desk.desk.setup.editing


def opened(desk: SmallDesk) -> Edited:
    return editing(desk).open(desk.campaign_id, teams=None)


def publish(desk: SmallDesk, **wanted: Any) -> int:
    assert not editing(desk).save(desk.campaign_id, wanted, actor=ADMIN, teams=None)
    based_on = opened(desk).version
    return editing(desk).publish(desk.campaign_id, based_on=based_on, actor=ADMIN, teams=None)


def on_floor(desk: SmallDesk) -> Campaign:
    return desk.desk.commits.floor.campaigns[CampaignId(desk.campaign_id)]


def test_what_is_published_is_true_on_the_running_dialer_at_once(shift: Shift) -> None:
    assert publish(shift.desk, mode="ratio", ratio=2.0, wrap_up_s=30, ring_limit_s=40) == 2
    campaign = on_floor(shift.desk)
    assert (campaign.mode, campaign.ratio, campaign.wrap_up_s) == ("ratio", 2.0, 30)
    assert campaign.running == "running", "nobody stopped it"
    assert shift.page.follow()["campaign"]["wrap_up_s"] == 30
    with shift.desk.desk.database.read() as session:
        stored = campaigns.on_floor(session, shift.desk.clock.now())[campaign.campaign_id]
    assert (stored.mode, stored.ratio, stored.ring_limit_s) == ("ratio", 2.0, 40)


def test_a_call_goes_on_as_it_was_leased_after_a_crash_too(shift: Shift) -> None:
    call_id = shift.talk()
    before = on_floor(shift.desk).wrap_up_s
    shift.desk.clock.advance(5)
    publish(shift.desk, wrap_up_s=before + 100, wrap_up_policy="timed")
    recovered = Recovery(
        database=shift.desk.desk.database, sealer=SEALER, clock=shift.desk.clock
    ).begin()
    [call] = [each for each in recovered.floor.calls.values() if each.call_id == call_id]
    assert call.leased_under is not None
    assert (call.leased_under.wrap_up_s, call.leased_under.wrap_up_policy) == (
        before,
        "extendable",
    )
    assert recovered.floor.campaigns[call.campaign_id].wrap_up_s == before + 100


def test_a_draft_leaves_what_leads_set_on_the_floor_meanwhile(shift: Shift) -> None:
    desk = shift.desk
    editing(desk).save(desk.campaign_id, {"daily_cap": 1}, actor=LEAD, teams=None)
    desk.desk.campaigns.set_screening(
        CampaignId(desk.campaign_id), "watch", actor="lead1", teams=None
    )
    desk.settle()
    assert opened(desk).changed == ["daily_cap"]
    editing(desk).publish(desk.campaign_id, based_on=0, actor=ADMIN, teams=None)
    assert on_floor(desk).screening == "watch"


def test_a_draft_outlives_the_restoring_of_an_older_version(small_desk: SmallDesk) -> None:
    publish(small_desk, daily_cap=1)
    publish(small_desk, daily_cap=3, max_tries=4)
    service, campaign_id = editing(small_desk), small_desk.campaign_id
    service.save(campaign_id, {"daily_cap": 1, "ring_limit_s": 20}, actor=LEAD, teams=None)
    version = service.roll_back(campaign_id, 2, actor=ADMIN, teams=None)
    found = opened(small_desk)
    assert (found.current["daily_cap"], found.changed) == (1, ["ring_limit_s"])
    assert found.draft is not None
    assert (found.draft.by, found.draft.based_on) == (LEAD.username, version)
    service.publish(campaign_id, based_on=version, actor=ADMIN, teams=None)
    assert opened(small_desk).draft is None


def test_nobody_calls_ahead_before_a_recording_is_approved(small_desk: SmallDesk) -> None:
    made = small_desk.desk.setup.founding.found(
        Wanted("sales", "new", "line", [small_desk.people.centre.team_id]), actor=ADMIN
    )
    service = editing(small_desk)
    service.save(made, {"mode": "predictive", "ratio": 3.0}, actor=ADMIN, teams=None)
    with pytest.raises(ServiceError, match="no-safe-harbour"):
        service.publish(made, based_on=0, actor=ADMIN, teams=None)
    found = service.open(made, teams=None)
    assert (found.unpublished, found.version, found.current["mode"]) == (True, 0, "progressive")


def test_a_list_another_campaign_calls_is_refused_in_words(small_desk: SmallDesk) -> None:
    taken = opened(small_desk).current["lists"]
    made = small_desk.desk.setup.founding.found(
        Wanted("sales", "new", "line", [small_desk.people.centre.team_id]), actor=ADMIN
    )
    editing(small_desk).save(made, {"lists": taken}, actor=ADMIN, teams=None)
    with pytest.raises(ServiceError, match="list-in-use"):
        editing(small_desk).publish(made, based_on=0, actor=ADMIN, teams=None)


def test_lists_are_taken_off_and_put_on_again(small_desk: SmallDesk) -> None:
    [own] = opened(small_desk).current["lists"]
    now = small_desk.clock.now()
    with small_desk.desk.database.write() as session:
        other = lists.list_id_of(session, "second list", 1, source="test", at=now)
    publish(small_desk, lists=[other])
    assert opened(small_desk).current["lists"] == [other]
    publish(small_desk, lists=[own, other])
    assert opened(small_desk).current["lists"] == [own, other]


def test_b12_a_sales_campaign_begins_with_the_reception_and_ends_with_the_appointment(
    small_desk: SmallDesk,
) -> None:
    founding = small_desk.desk.setup.founding
    team = small_desk.people.centre.team_id
    for purpose in PURPOSES:
        made = founding.found(Wanted(purpose, purpose, "line", [team]), actor=ADMIN)
        with small_desk.desk.database.read() as session:
            rows = [row for row in statuses.of_campaign(session, made) if not row.retired]
        assert [row.code for row in rows] == [each[0] for each in STATUSES[purpose]]
        facts = small_desk.desk.book.get(CampaignId(made))
        assert [each.code for each in facts.statuses] == [row.code for row in rows]
    assert [code for code, *_ in STATUSES["sales"]][0] == "gatekeeper"
    like = founding.found(Wanted("sales", "copy", "line", [team], like=made), actor=ADMIN)
    with small_desk.desk.database.read() as session:
        copied = [row.code for row in statuses.of_campaign(session, like)]
        assert copied == [row.code for row in statuses.of_campaign(session, made)]


def test_the_advice_of_each_purpose_is_within_the_limits() -> None:
    assert len(PAGES["basics"]) <= 12
    for purpose in PURPOSES.values():
        advice = {**purpose.settings, "name": "new", "teams": [1]}
        assert set(advice) == set(FIELDS)
        assert faults(advice, kind=purpose.kind) == []


def test_collections_cannot_leave_talks_unrecorded(small_desk: SmallDesk) -> None:
    wanted = {**opened(small_desk).current, "wrap_up_policy": "optional"}
    assert [each.reason for each in faults(wanted, kind="collections")] == ["record_needed"]
    assert faults(wanted, kind="sales") == []


def test_each_change_is_audited_by_fields_and_version_alone(small_desk: SmallDesk) -> None:
    publish(small_desk, caller_id="0312345678")
    with small_desk.desk.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.action.in_(("campaign.drafted", "campaign.published")))
        ).all()
    assert [(row.actor, row.action) for row in rows] == [
        ("admin1", "campaign.drafted"),
        ("admin1", "campaign.published"),
    ]
    assert rows[-1].details == {"fields": ["caller_id"], "version": 0}
    assert "0312345678" not in str([row.details for row in rows])


def test_a_lead_publishes_nothing(small_desk: SmallDesk) -> None:
    for act in (
        lambda: editing(small_desk).publish(
            small_desk.campaign_id, based_on=0, actor=LEAD, teams=None
        ),
        lambda: editing(small_desk).roll_back(small_desk.campaign_id, 1, actor=LEAD, teams=None),
        lambda: small_desk.desk.setup.founding.found(
            Wanted("sales", "new", "line", [1]), actor=LEAD
        ),
    ):
        with pytest.raises(ServiceError, match="role-too-low"):
            act()
