"""Which uploaded recordings gateways must hold, and what the pacers may take for granted of them.

Each campaign has its own recording for abandoned calls and a gateway may hold many, so the pacers'
question, whether an abandoned call would hear what was approved, is answered here, per campaign.
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer.floor import Floor, Gateway

HEARD = "heard"


def wanted(floor: Floor) -> tuple[str, ...]:
    """All recordings approved for any campaign (SHA-256), in order."""
    campaigns = floor.campaigns.values()
    approved = {
        each
        for c in campaigns
        for each in (c.safe_harbour, c.message, c.survey.question, c.survey.thanks)
    }
    return tuple(sorted(approved - {""}))


def can_play(gateway: Gateway, recording: str) -> bool:
    """Whether it has this file, its own or a copy."""
    return recording == gateway.safe_harbour or recording in gateway.messages


def as_heard(floor: Floor) -> Floor:
    """The floor as pacers read it: a campaign and the gateways name one recording for abandoned
    calls when every gateway that takes calls can play the campaign's, and otherwise none."""
    taking = [each for each in floor.gateways.values() if each.takes_new]
    campaigns = {
        campaign_id: replace(
            campaign,
            safe_harbour=HEARD
            if campaign.safe_harbour and all(can_play(g, campaign.safe_harbour) for g in taking)
            else "",
        )
        for campaign_id, campaign in floor.campaigns.items()
    }
    gateways = {key: replace(each, safe_harbour=HEARD) for key, each in floor.gateways.items()}
    return replace(floor, campaigns=campaigns, gateways=gateways)
