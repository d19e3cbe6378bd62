"""Leads who were in calls when the desk stopped: they may be in them still.

Their legs and pages have yet to be heard. Whoever is not back within seconds is let go, and the row
is closed; the gateway's snapshot says whose leg is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent_desk.dialer.floor import Supervisor
from agent_desk.dialer.ids import CallId, CampaignId, SeatId, UserId
from agent_desk.dialer.supervisor import Part, Supervised
from agent_desk.store.rows.supervision import OpenSupervision


def supervisors_left(rows: Sequence[OpenSupervision], now: datetime) -> dict[SeatId, Supervisor]:
    """By the id of the lead's leg. `rows` are open ones, oldest first: what runs, what was asked.

    Scope is taken as it was until the page is back and says it anew.
    """
    found: dict[SeatId, Supervisor] = {}
    for row in rows:
        lead = SeatId(row.lead)
        known = found.get(lead) or Supervisor(lead, UserId(row.user_id), None, page_gone_at=now)
        supervised = known.supervised or Supervised(
            CallId(row.call_id), SeatId(row.seat_id), CampaignId(row.campaign_id), row.asked_at
        )
        part = Part(row.part_id, row.mode, row.asked_at, ordered=True)  # type: ignore[arg-type]
        if row.began_at is not None:
            supervised = replace(supervised, now=part)
        else:
            supervised = replace(supervised, asked=part)
        found[lead] = replace(known, supervised=supervised)
    return found
