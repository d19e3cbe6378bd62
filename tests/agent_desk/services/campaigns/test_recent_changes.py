"""Who changed what of a campaign, old and new, as the leads' panels tell it."""

from __future__ import annotations

from typing import Any

import pytest

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.campaigns.recent_changes import SHOWN, RecentChanges
from agent_desk.store import audit, audit_trail
from tests.agent_desk.small_desk import SmallDesk


def told(desk: SmallDesk, changes: RecentChanges) -> list[tuple[str, str, Any]]:
    changes.step()
    return [
        (each.by, each.action, each.values) for each in changes.of(CampaignId(desk.campaign_id))
    ]


def test_what_steers_is_told_with_what_it_was_before(each_desk: SmallDesk) -> None:
    desk, changes = each_desk, RecentChanges(each_desk.desk.database)
    assert told(desk, changes) == []
    steer = desk.desk.campaigns
    who: dict[str, Any] = {"actor": "lead1", "teams": None}
    known = CampaignId(desk.campaign_id)
    steer.set_pacing(known, mode="progressive", ratio=2.0, **who)
    desk.clock.advance(1)
    steer.set_abandon_target(known, 0.02, **who)
    steer.set_screening(known, "off", **who)
    steer.set_running(known, "paused", **who)
    steer.stop_all(in_flight="finish", **who)
    assert told(desk, changes) == [
        ("lead1", "campaign.stopped", (("running", "paused", "stopped"),)),
        ("lead1", "campaign.paused", (("running", "running", "paused"),)),
        ("lead1", "campaign.screening", (("screening", "strict", "off"),)),
        ("lead1", "campaign.abandon_target", (("target", 0.01, 0.02),)),
        ("lead1", "campaign.pacing", (("ratio", 1.0, 2.0),)),
    ]
    assert changes.of(CampaignId(desk.people.other_campaign_id))[0].action == "campaign.stopped"


def test_what_is_no_change_is_left_out_and_the_newest_are_kept(small_desk: SmallDesk) -> None:
    desk, changes = small_desk, RecentChanges(small_desk.desk.database)
    subject = f"campaign:{desk.campaign_id}"
    actions = ["campaign.rules", "call.blocked", "campaign.tried", *["campaign.published"] * SHOWN]
    with desk.desk.database.write() as session:
        for action in actions:
            audit.append(
                session, at=desk.clock.now(), actor="admin1", action=action, subject=subject
            )
    assert told(desk, changes) == [("admin1", "campaign.published", ())] * SHOWN


def test_what_was_noted_before_values_were_kept_is_told_without_them(small_desk: SmallDesk) -> None:
    desk, changes = small_desk, RecentChanges(small_desk.desk.database)
    with desk.desk.database.write() as session:
        audit.append(
            session,
            at=desk.clock.now(),
            actor="lead1",
            action="campaign.pacing",
            subject=f"campaign:{desk.campaign_id}",
            details={"mode": "ratio", "ratio": 2.0},
        )
    values = (("mode", None, "ratio"), ("ratio", None, 2.0))
    assert told(desk, changes) == [("lead1", "campaign.pacing", values)]


def test_the_trail_is_read_only_when_there_is_something_new(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, read = RecentChanges(small_desk.desk.database), []
    newest_of = audit_trail.newest_of

    def counted(*given: Any, **options: Any) -> Any:
        read.append(given)
        return newest_of(*given, **options)

    monkeypatch.setattr(audit_trail, "newest_of", counted)
    changes.step()
    changes.step()
    assert len(read) == 1
    known = CampaignId(small_desk.campaign_id)
    small_desk.desk.campaigns.set_running(known, "paused", actor="lead1", teams=None)
    changes.step()
    assert len(read) == 2
