"""Who changed what of a campaign lately, from the audit trail, for the leads' panels.

What steers the dialer is told with the value before and after; of the rest it is told that it was
changed, and by whom: the campaign's history in the administration says what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CampaignId
from agent_desk.store import audit_trail
from agent_desk.store.audit_trail import TrailRow
from agent_desk.store.unit_of_work import Database

SHOWN = 6  # of a campaign
READ = 200  # of an action
WAS = "_was"  # after the name of a detail: what it was before
# Actions on a campaign that change how it is dialed or what is said, and their details that are
# told with what they were before.
ACTIONS: dict[str, tuple[str, ...]] = {
    **{f"campaign.{state}": ("running",) for state in ("running", "paused", "draining", "stopped")},
    "campaign.pacing": ("mode", "ratio"),
    "campaign.abandon_target": ("target",),
    "campaign.screening": ("screening",),
    "campaign.published": (),
    "campaign.rules": (),
    "campaign.retry": (),
    "campaign.vip_operators": (),
    "campaign.human_share_only": (),
    "campaign.safe-harbour": (),
    "campaign.safe-harbour.withdrawn": (),
    "campaign.message": (),
    "campaign.message.withdrawn": (),
}


@dataclass(frozen=True)
class Change:
    """One change: `values` are (what, before, after) of what differs; before: None if not known.

    `by` is a username or a part of the product.
    """

    at: datetime
    by: str
    action: str
    values: tuple[tuple[str, object, object], ...] = ()


class RecentChanges:
    """The newest changes of every campaign."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = -1
        self._of: dict[CampaignId, list[Change]] = {}

    def step(self) -> bool:
        """Read them, if there is a new one; whether there was."""
        with self._database.read() as session:
            newest = audit_trail.newest_id(session, ACTIONS)
            if newest == self._seen:
                return False
            rows = audit_trail.newest_of(session, ACTIONS, each=READ)
        changes: dict[CampaignId, list[Change]] = defaultdict(list)
        for row in rows:
            campaign_id = _campaign_of(row)
            if campaign_id is not None and len(changes[campaign_id]) < SHOWN:
                changes[campaign_id].append(_change(row))
        self._seen, self._of = newest, dict(changes)
        return True

    def of(self, campaign_id: CampaignId) -> Sequence[Change]:
        """Of one campaign, newest first."""
        return self._of.get(campaign_id, ())


def _campaign_of(row: TrailRow) -> CampaignId | None:
    kind, _, which = row.subject.partition(":")
    return CampaignId(int(which)) if kind == "campaign" and which.isdigit() else None


def _change(row: TrailRow) -> Change:
    values = tuple(
        (name, row.details.get(f"{name}{WAS}"), after)
        for name in ACTIONS[row.action]
        if (after := _after(row, name)) is not None and after != row.details.get(f"{name}{WAS}")
    )
    return Change(row.at, row.actor, row.action, values)


def _after(row: TrailRow, name: str) -> object:
    """What it is since; whether a campaign runs is said by the action alone."""
    return row.action.removeprefix("campaign.") if name == "running" else row.details.get(name)
