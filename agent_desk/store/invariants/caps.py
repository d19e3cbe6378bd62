"""I5 beyond a person's day: a household's day (R55), a person's week (R11), a list (R14).

What was allowed hung on the settings and the class of that time, which no row repeats. So an
attempt is held against the most that can have been allowed when it was leased, and a violation is
one under any reading. The database looks for those who may be concerned; they alone are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, case, func, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.rules.facts import (
    HARD_DAILY_CAP,
    HARD_TOTAL_CAP,
    HARD_WEEKLY_CAP,
    LEAST_TOTAL_DAYS,
    WEEKLY_CAPS,
    CampaignRules,
)
from agent_desk.dialer.rules.profiles import PROFILES
from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer
from agent_desk.models.lists import ListEntry
from agent_desk.models.rules import CampaignRule, Override
from agent_desk.models.strategy import StrategyClass
from agent_desk.store.invariants.violation import Violation

DAY_US = 86_400_000_000
JST_US = 9 * 3_600_000_000
WEEK_BEFORE = 6  # dates before the one of the attempt
DUNNING = [kind for kind, profile in PROFILES.items() if profile.debts]
SOLICITING = [kind for kind, profile in PROFILES.items() if profile.solicits]
OWN_TOTAL_CAP = CampaignRules("sales").total_cap  # where a campaign says nothing

_LEASED_US = type_coerce(Attempt.leased_at, BigInteger)
_leased_on = (_LEASED_US + JST_US) // DAY_US
_COUNTED = (Attempt.counts, Attempt.inbound.is_(False))


@dataclass(frozen=True)
class Counted:
    """An attempt that counts; `list_id` is None where its entry is gone."""

    call_id: str
    customer_id: int | None
    number_key: str | None
    campaign_id: int
    kind: str
    list_id: int | None
    leased_at: datetime


def a_households_day_holds(session: Session, newest: datetime) -> list[Violation]:
    """I5: attempts on one number and Japanese day, whoever was meant, against their caps."""
    most = func.max(Attempt.cap_today)
    cap = case((most < HARD_DAILY_CAP, most), else_=HARD_DAILY_CAP)
    query = (
        select(Attempt.number_key, _leased_on)
        .where(*_COUNTED)
        .group_by(Attempt.number_key, _leased_on)
        .having(func.count() > cap)
    )
    found = []
    for number_key, day in session.execute(query).all():
        mine = select(Attempt.id).where(
            *_COUNTED, Attempt.number_key == number_key, _leased_on == day
        )
        ids = tuple(session.scalars(mine.order_by(Attempt.leased_at)))
        found.append(Violation("I5", f"a number has {len(ids)} attempts on one day", ids))
    return found


def a_persons_week_holds(session: Session, newest: datetime) -> list[Violation]:
    """I5: on today and the six dates before, when a debt is dunned or a campaign has a cap."""
    cap = _weekly_cap(session)
    own = {
        row.campaign_id: row
        for row in session.scalars(select(CampaignRule).where(CampaignRule.weekly_cap.is_not(None)))
    }
    least = min([cap, *(row.weekly_cap for row in own.values() if row.weekly_cap is not None)])
    in_week = func.count().over(
        partition_by=Attempt.customer_id, order_by=_leased_on, range_=(-WEEK_BEFORE, 0)
    )
    counted = select(Attempt.customer_id, in_week.label("n")).where(*_COUNTED).subquery()
    busy = select(counted.c.customer_id).where(counted.c.n > least).distinct()
    lifted = _overrides(session, "R11")
    found = []
    for attempts in _by_customer(session, busy_ids=session.scalars(busy).all()).values():
        for last, attempt in enumerate(attempts):
            first = business_date(attempt.leased_at) - timedelta(days=WEEK_BEFORE)
            week = [a for a in attempts[: last + 1] if business_date(a.leased_at) >= first]
            allowed = _of_week(own.get(attempt.campaign_id), attempt, cap, lifted)
            if allowed is not None and len(week) > allowed:
                found.append(_too_many(week, "in seven days", allowed))
    return found


def a_list_holds(session: Session, newest: datetime) -> list[Violation]:
    """I5: attempts on a person for one list, when it solicits."""
    rules = {row.campaign_id: row for row in session.scalars(select(CampaignRule))}
    least = min([OWN_TOTAL_CAP, *(row.total_cap for row in rules.values() if row.total_cap)])
    longest = max([LEAST_TOTAL_DAYS, *(row.total_days for row in rules.values() if row.total_days)])
    in_span = func.count().over(
        partition_by=(Attempt.customer_id, ListEntry.list_id),
        order_by=_LEASED_US,
        range_=(-longest * DAY_US, 0),
    )
    counted = (
        select(Attempt.customer_id, in_span.label("n"))
        .join(ListEntry, ListEntry.id == Attempt.list_entry_id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(*_COUNTED, Campaign.kind.in_(SOLICITING))
        .subquery()
    )
    busy = select(counted.c.customer_id).where(counted.c.n > least).distinct()
    lifted = _overrides(session, "R14")
    found = []
    for attempts in _by_customer(session, busy_ids=session.scalars(busy).all()).values():
        for last, attempt in enumerate(attempts):
            cap, span = _of_list(rules.get(attempt.campaign_id), attempt, lifted)
            since = attempt.leased_at - span
            of_list = [
                each
                for each in attempts[: last + 1]
                if each.list_id == attempt.list_id and each.leased_at > since
            ]
            if attempt.kind in SOLICITING and len(of_list) > cap:
                found.append(_too_many(of_list, f"for a list in {span.days} days", cap))
    return found


def _of_week(
    rule: CampaignRule | None, attempt: Counted, of_classes: int, lifted: list[Override]
) -> int | None:
    """The most a week may have had for a campaign; None: none is set."""
    dunned = attempt.kind in DUNNING
    if _stood(lifted, attempt):
        return HARD_WEEKLY_CAP if dunned else None
    known = rule is not None and rule.changed_at <= attempt.leased_at
    caps = [of_classes if dunned else None, rule.weekly_cap if rule is not None and known else None]
    return min((cap for cap in caps if cap is not None), default=None)


def _of_list(
    rule: CampaignRule | None, attempt: Counted, lifted: list[Override]
) -> tuple[int, timedelta]:
    """Cap and span; before the settings were changed they may have been anything lawful."""
    changed = rule is not None and rule.changed_at > attempt.leased_at
    if changed or _stood(lifted, attempt):
        return HARD_TOTAL_CAP, timedelta(days=LEAST_TOTAL_DAYS)
    cap = (rule and rule.total_cap) or OWN_TOTAL_CAP
    return cap, timedelta(days=(rule and rule.total_days) or LEAST_TOTAL_DAYS)


def _weekly_cap(session: Session) -> int:
    """The most any class was ever given, and any payment history added to it (R11, A32)."""
    most = session.scalar(select(func.max(StrategyClass.weekly_calls)))
    more = session.scalar(select(func.max(Customer.weekly_adjust))) or 0
    base = max(WEEKLY_CAPS.values()) if most is None else max(most, *WEEKLY_CAPS.values())
    return min(base + max(more, 0), HARD_WEEKLY_CAP)


def _by_customer(
    session: Session, *, busy_ids: Iterable[int | None]
) -> dict[int | None, list[Counted]]:
    """Every attempt that counts on these people, oldest first."""
    found: dict[int | None, list[Counted]] = defaultdict(list)
    for customer_id in busy_ids:
        query = (
            select(
                Attempt.id,
                Attempt.customer_id,
                Attempt.number_key,
                Attempt.campaign_id,
                Campaign.kind,
                ListEntry.list_id,
                Attempt.leased_at,
            )
            .join(Campaign, Campaign.id == Attempt.campaign_id)
            .outerjoin(ListEntry, ListEntry.id == Attempt.list_entry_id)
            .where(*_COUNTED, Attempt.customer_id == customer_id)
            .order_by(Attempt.leased_at, Attempt.id)
        )
        for row in session.execute(query):
            found[row.customer_id].append(Counted(*row))
    return found


def _overrides(session: Session, rule_id: str) -> list[Override]:
    return list(session.scalars(select(Override).where(Override.rule_id == rule_id)))


def _stood(overrides: Iterable[Override], attempt: Counted) -> bool:
    """Whether one was in force for the attempt; one of an area may have been for anybody."""
    return any(
        each.made_at <= attempt.leased_at < min(each.until, each.lifted_at or each.until)
        and (
            each.area_key is not None
            or each.customer_id == attempt.customer_id
            or each.number_key == attempt.number_key
            or each.campaign_id == attempt.campaign_id
        )
        for each in overrides
    )


def _too_many(attempts: list[Counted], when: str, cap: int) -> Violation:
    text = f"customer {attempts[-1].customer_id} has {len(attempts)} attempts {when}, cap {cap}"
    return Violation("I5", text, tuple(each.call_id for each in attempts))
