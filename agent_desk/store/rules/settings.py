"""A campaign's own settings of the calling rules, from the tables that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign
from agent_desk.models.rules import CampaignRule, Override
from agent_desk.models.strategy import StrategyClass
from agent_desk.store import straight

NUMBERS = ("spacing_minutes", "weekly_cap", "total_cap", "total_days")  # None: as the kind has it
SWITCHES = ("closed_on_holidays", "reg_f")
CHANGEABLE = (*NUMBERS, *SWITCHES)


@dataclass(frozen=True)
class OverrideRow:
    """One rule lifted, and for how long."""

    override_id: int
    rule_id: str
    until: datetime
    manual_only: bool


@dataclass(frozen=True)
class RuleSettings:
    """None: as the campaign's kind has it. `weekly_calls` by class of delinquency."""

    campaign_id: int
    kind: str
    product_id: int
    mode: str
    ratio: float
    window_start_minute: int
    window_end_minute: int
    ring_limit_s: int
    daily_cap: int
    min_gap_minutes: int
    spacing_minutes: int | None
    weekly_cap: int | None
    total_cap: int | None
    total_days: int | None
    closed_on_holidays: bool
    reg_f: bool
    recording: bool
    human_share_only: bool
    weekly_calls: Mapping[str, int]
    overrides: tuple[OverrideRow, ...]


def settings(session: Session, campaign_id: int, now: datetime) -> RuleSettings:
    """By one query; LookupError when no campaign has this id."""
    values = {"campaign_id": campaign_id, "now": now}
    rows = straight.rows(session, _SETTINGS, values)
    if not rows:
        raise LookupError(f"no campaign has id {campaign_id}")
    row = rows[0]
    lifted = {each.override_id: each for each in rows if each.override_id is not None}
    return RuleSettings(
        campaign_id=row.id,
        kind=row.kind,
        product_id=row.product_id,
        mode=row.mode,
        ratio=row.ratio,
        window_start_minute=row.window_start_minute,
        window_end_minute=row.window_end_minute,
        ring_limit_s=row.ring_limit_s,
        daily_cap=row.daily_cap,
        min_gap_minutes=row.min_gap_minutes,
        spacing_minutes=row.spacing_minutes,
        weekly_cap=row.weekly_cap,
        total_cap=row.total_cap,
        total_days=row.total_days,
        closed_on_holidays=bool(row.closed_on_holidays),
        reg_f=bool(row.reg_f),
        recording=row.recording,
        human_share_only=row.human_share_only,
        weekly_calls={r.delinquency: r.weekly_calls for r in rows if r.delinquency is not None},
        overrides=tuple(
            OverrideRow(each.override_id, each.rule_id, each.until, each.manual_only)
            for each in lifted.values()
        ),
    )


def change(session: Session, campaign_id: int, *, at: datetime, **values: Any) -> None:
    """Set some of `CHANGEABLE`; IntegrityError outside the table's limits."""
    mine = update(CampaignRule).where(CampaignRule.campaign_id == campaign_id)
    done = session.execute(mine.values(changed_at=at, **values))
    if done.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(
            insert(CampaignRule).values(campaign_id=campaign_id, changed_at=at, **values)
        )


def own(session: Session, campaign_id: int) -> dict[str, Any]:
    """What the campaign itself sets of `CHANGEABLE`."""
    columns = [getattr(CampaignRule, name) for name in CHANGEABLE]
    row = session.execute(select(*columns).where(CampaignRule.campaign_id == campaign_id)).first()
    nothing = {**dict.fromkeys(NUMBERS), **dict.fromkeys(SWITCHES, False)}
    return nothing if row is None else dict(row._mapping)


# Built once: each lease asks. The few classes and overrides come with it, each beside each: one
# more question costs a database across a socket more than the rows said twice.
_NEWEST = select(func.max(StrategyClass.version)).scalar_subquery()
_SETTINGS: Select[*tuple[Any, ...]] = (
    select(
        Campaign.id,
        Campaign.kind,
        Campaign.product_id,
        Campaign.mode,
        Campaign.ratio,
        Campaign.window_start_minute,
        Campaign.window_end_minute,
        Campaign.ring_limit_s,
        Campaign.daily_cap,
        Campaign.min_gap_minutes,
        Campaign.recording,
        Campaign.human_share_only,
        CampaignRule.spacing_minutes,
        CampaignRule.weekly_cap,
        CampaignRule.total_cap,
        CampaignRule.total_days,
        CampaignRule.closed_on_holidays,
        CampaignRule.reg_f,
        StrategyClass.delinquency,
        StrategyClass.weekly_calls,
        Override.id.label("override_id"),
        Override.rule_id,
        Override.until,
        Override.manual_only,
    )
    .outerjoin(CampaignRule, CampaignRule.campaign_id == Campaign.id)
    .outerjoin(StrategyClass, StrategyClass.version == _NEWEST)
    .outerjoin(
        Override,
        and_(
            Override.campaign_id == Campaign.id,
            Override.until > bindparam("now"),
            Override.lifted_at.is_(None),
        ),
    )
    .where(Campaign.id == bindparam("campaign_id"))
)
