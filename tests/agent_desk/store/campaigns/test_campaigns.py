"""Campaigns as rows become what the engine knows."""

from __future__ import annotations

from sqlalchemy import update

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.campaigns import Campaign
from agent_desk.store.campaigns import campaigns
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store import desk_rows


def test_no_row_lets_a_customer_wait_longer_than_the_law_does(database: Database) -> None:
    with database.write() as session:
        centre = desk_rows.small_centre(session)
        for wanted, known in ((5.0, 2.0), (1.5, 1.5)):
            session.execute(update(Campaign).values(bridge_within_s=wanted))
            floor = campaigns.on_floor(session, desk_rows.NOON)
            assert floor[CampaignId(centre.campaign_id)].bridge_within_s == known
