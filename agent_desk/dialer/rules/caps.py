"""R10, R55, R11, R14, R15: how often at most.

* R10: attempts on a person per Japanese date, over all numbers, lists and campaigns. More than 3
  "may disturb private life" (JFSA 自主規制 69条); the default is 2. R55: a household that shares
  the number shares the counter of the number.
* R11: collections, attempts per person in 7 days (today and the six before it, so in every
  calendar week too), by how long they are overdue, less or more by payment history (A32). A
  campaign of any kind may ask for fewer.
* R14: sales and surveys, attempts per list in 30 days.
* R15: US Regulation F (12 CFR 1006.14(b)): 7 attempts in 7 days per person and debt, none for 7
  days after a talk about it, the day of the talk being the first.

Each has a second form with the hard limit: what is left of the rule while it is lifted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.facts import (
    HARD_DAILY_CAP,
    HARD_TOTAL_CAP,
    HARD_WEEKLY_CAP,
    LEAST_TOTAL_DAYS,
    Try,
)
from agent_desk.dialer.rules.profiles import PROFILES

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
REG_F_CAP = 7


def daily_cap(case: Case, now: datetime) -> Block | None:
    """R10, R55."""
    return _daily(case, now, case.campaign.daily_cap)


def hard_daily_cap(case: Case, now: datetime) -> Block | None:
    """R10, R55: never more than 3."""
    return _daily(case, now, HARD_DAILY_CAP)


def _daily(case: Case, now: datetime, cap: int) -> Block | None:
    # In the zone of the ledger comparing costs a tenth.
    midnight = at(business_date(now), 0).astimezone(now.tzinfo)
    ends = at(business_date(now), 24 * 60).astimezone(now.tzinfo)
    for rule_id, tries in (("R10", case.ledger.person), ("R55", case.ledger.number)):
        if len(tries) < cap:
            continue
        if sum(tried.weighs and midnight <= tried.at < ends for tried in tries) >= cap:
            return Block(rule_id, ends)
    return None


def weekly_cap(case: Case, now: datetime) -> Block | None:
    """R11."""
    customer, caps = case.customer, case.campaign.weekly_caps
    if not PROFILES[case.campaign.kind].debts:
        own = case.campaign.weekly_cap
        return _weekly(case, now, own) if own < HARD_WEEKLY_CAP else None
    cap = min(caps.values()) if customer.delinquency is None else caps[customer.delinquency]
    return _weekly(case, now, min(max(cap + customer.weekly_adjust, 0), case.campaign.weekly_cap))


def hard_weekly_cap(case: Case, now: datetime) -> Block | None:
    """R11: never more than 21 where money is owed."""
    if not PROFILES[case.campaign.kind].debts:
        return None
    return _weekly(case, now, HARD_WEEKLY_CAP)


def _weekly(case: Case, now: datetime, cap: int) -> Block | None:
    if cap == 0:
        return Block("R11", None)
    days = _days(case.ledger.person, cap, now)
    return Block("R11", at(days[-cap] + WEEK, 0)) if len(days) >= cap else None


def _days(tries: Iterable[Try], cap: int, now: datetime) -> list[date]:
    """The dates of those of the last seven, oldest first; [] unless there are `cap` in all."""
    weighing = [tried.at for tried in tries if tried.weighs]
    if len(weighing) < cap:
        return []
    first = at(business_date(now) - WEEK + DAY, 0).astimezone(now.tzinfo)
    return sorted(business_date(instant) for instant in weighing if instant >= first)


def total_cap(case: Case, now: datetime) -> Block | None:
    """R14."""
    campaign = case.campaign
    return _total(case, now, campaign.total_cap, timedelta(days=campaign.total_days))


def hard_total_cap(case: Case, now: datetime) -> Block | None:
    """R14: never more than 6 in 30 days."""
    return _total(case, now, HARD_TOTAL_CAP, timedelta(days=LEAST_TOTAL_DAYS))


def _total(case: Case, now: datetime, cap: int, span: timedelta) -> Block | None:
    tries = case.ledger.person
    if len(tries) < cap or not PROFILES[case.campaign.kind].solicits:
        return None
    since = now - span
    used = sorted(t.at for t in tries if t.same_list and t.weighs and t.at > since)
    return Block("R14", used[-cap] + span) if len(used) >= cap else None


def regulation_f(case: Case, now: datetime) -> Block | None:
    """R15."""
    if not case.campaign.reg_f:
        return None
    of_debt = [tried for tried in case.ledger.person if tried.same_debt]
    days = _days(of_debt, REG_F_CAP, now)
    untils = [days[-REG_F_CAP]] if len(days) >= REG_F_CAP else []
    untils += [business_date(tried.at) for tried in of_debt if tried.talked]
    until = max((at(day + WEEK, 0) for day in untils), default=None)
    return Block("R15", until) if until is not None and now < until else None
