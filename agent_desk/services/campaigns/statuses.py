"""The status buttons of a campaign: what operators press, the steps of the funnel, report columns.

A change is true for everybody at once: buttons on pages that are open, steps and columns in the
next report. A code is for ever: reports of past days name it, so a status is retired, not deleted.
The three built-in ones stay; what they mean is in the core.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent_desk.dialer.commands import ConfigureCampaign
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.selection import LADDERS
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns, statuses
from agent_desk.store.campaigns.statuses import StatusRow
from agent_desk.store.unit_of_work import Database, Session

BUILT_IN = frozenset({"contact", "valid", "payment_date"})
BARS = (None, "product", "number")
REQUIRED = ("note", "amount", "callback")
MOST = 30
_CODE = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
_COLOUR = re.compile(r"^#[0-9a-f]{6}$")
_HOTKEY = re.compile(r"^[0-9]$")
LONGEST_LABEL = 20


@dataclass(frozen=True)
class StatusWanted:
    """A status as an administrator wants it; `retry` is a ladder's name or None."""

    code: str
    label_ja: str
    label_en: str
    hotkey: str | None = None
    colour: str = "#475569"
    needs_identity: bool = False
    retry: str | None = None
    bars: str | None = None
    required: tuple[str, ...] = ()
    third_party: bool = False  # for talks with somebody else than the customer


class StatusService:
    """For leads of the campaign and above."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        """`changed` tells the pages that what they show of campaigns is another."""
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock
        self._changed = changed

    def all(self, campaign_id: CampaignId, *, teams: frozenset[int] | None) -> list[StatusRow]:
        """In the order of the funnel, retired ones too; ServiceError not-in-scope."""
        self._check_scope(campaign_id, teams)
        with self._database.read() as session:
            return statuses.of_campaign(session, int(campaign_id))

    def put(
        self,
        campaign_id: CampaignId,
        wanted: StatusWanted,
        *,
        actor: Actor,
        teams: frozenset[int] | None,
    ) -> None:
        """Add a status at the end, or change the one of this code (and take it back into use).

        ServiceError: not-in-scope, role-too-low, status-unusable (details: reason), not-stored.
        """
        theirs = self._theirs(campaign_id, actor, teams)
        wanted = replace(wanted, label_ja=wanted.label_ja.strip(), label_en=wanted.label_en.strip())
        self._check(campaign_id, wanted, theirs)
        known = next((row for row in theirs if row.code == wanted.code), None)
        values = {**vars(wanted), "required": list(wanted.required), "retired": False}
        del values["code"]
        if wanted.bars == "product":
            # Who refuses was spoken to, and neither promised nor agreed to what closes an entry.
            agreed = [row.code for row in theirs if row.retry == "close" and row.bars is None]
            values |= {"implies": ["contact"], "excludes": ["payment_date", *agreed]}
        if known is None:
            values["position"] = max((row.position for row in theirs), default=0) + 1
        self._change(
            campaign_id,
            lambda session: statuses.put(session, int(campaign_id), wanted.code, values),
            action="status.changed" if known else "status.added",
            code=wanted.code,
            actor=actor,
        )

    def retire(
        self, campaign_id: CampaignId, code: str, *, actor: Actor, teams: frozenset[int] | None
    ) -> None:
        """Take a button away; its key is free again. ServiceError as above, status-unknown."""
        theirs = self._theirs(campaign_id, actor, teams)
        if code in BUILT_IN:
            raise ServiceError("status-unusable", reason="built_in")
        if code not in {row.code for row in theirs if not row.retired}:
            raise ServiceError("status-unknown", code=code)
        self._change(
            campaign_id,
            lambda session: statuses.put(
                session, int(campaign_id), code, {"retired": True, "hotkey": None}
            ),
            action="status.retired",
            code=code,
            actor=actor,
        )

    def arrange(
        self,
        campaign_id: CampaignId,
        codes: Sequence[str],
        *,
        actor: Actor,
        teams: frozenset[int] | None,
    ) -> None:
        """Order the buttons, and with them the funnel; every status in use is named once."""
        theirs = self._theirs(campaign_id, actor, teams)
        if sorted(codes) != sorted(row.code for row in theirs if not row.retired):
            raise ServiceError("status-unusable", reason="order")
        retired = [row.code for row in theirs if row.retired]
        self._change(
            campaign_id,
            lambda session: statuses.arrange(session, int(campaign_id), [*codes, *retired]),
            action="status.arranged",
            code=",".join(codes),
            actor=actor,
        )

    # --- inside ---------------------------------------------------------------------------------

    def _theirs(
        self, campaign_id: CampaignId, actor: Actor, teams: frozenset[int] | None
    ) -> list[StatusRow]:
        actor.needs("lead")
        return self.all(campaign_id, teams=teams)

    def _check_scope(self, campaign_id: CampaignId, teams: frozenset[int] | None) -> None:
        facts = self._book.all().get(campaign_id)
        if facts is None or (teams is not None and not teams & facts.team_ids):
            raise ServiceError("not-in-scope")

    def _check(
        self, campaign_id: CampaignId, wanted: StatusWanted, theirs: Sequence[StatusRow]
    ) -> None:
        others = [row for row in theirs if row.code != wanted.code and not row.retired]
        collections = self._commits.floor.campaigns[campaign_id].kind == "collections"
        wrong = {
            "code": not _CODE.match(wanted.code),
            "label": not 1 <= len(wanted.label_ja) <= LONGEST_LABEL
            or not 1 <= len(wanted.label_en) <= LONGEST_LABEL,
            "hotkey": wanted.hotkey is not None and not _HOTKEY.match(wanted.hotkey),
            "hotkey_taken": wanted.hotkey is not None
            and wanted.hotkey in {row.hotkey for row in others},
            "colour": not _COLOUR.match(wanted.colour),
            "retry": wanted.retry is not None and wanted.retry not in LADDERS,
            # A debt cannot be refused.
            "bars": wanted.bars not in BARS or (collections and wanted.bars == "product"),
            "built_in": wanted.code in BUILT_IN and wanted.bars is not None,
            # What is the customer's alone cannot be said of a talk with somebody else.
            "third_party": wanted.third_party
            and (wanted.needs_identity or wanted.code in BUILT_IN),
            "required": not set(wanted.required) <= set(REQUIRED)
            or ("amount" in wanted.required and wanted.code != "payment_date"),
            "too_many": len(others) >= MOST,
        }
        found = next((reason for reason, is_so in wrong.items() if is_so), None)
        if found is not None:
            raise ServiceError("status-unusable", reason=found)

    def _change(
        self,
        campaign_id: CampaignId,
        write: Callable[[Session], None],
        *,
        action: str,
        code: str,
        actor: Actor,
    ) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            write(session)
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action=action,
                subject=f"campaign:{campaign_id}",
                details={"code": code},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        self._book.reload()
        with self._database.read() as session:
            campaign = campaigns.on_floor(session, now)[campaign_id]
        self._commits.submit(ConfigureCampaign(campaign))
        self._changed()
