"""May this person be called on this number now, and if not, from when on?

One pure function, `evaluate`, is asked by the list preview, by the lease transaction (in the same
transaction that writes the attempt), by manual calls and by every other channel. Each rule is a
row of `RULES`: a function that answers None or a `Block` with the instant the rule itself lifts.
A rule blocks the whole span [now, until), which makes `next_allowed_at` exact: it is found by
asking again at the latest `until` of the rules that blocked, until none does, so at that instant
`evaluate` allows and just before it does not. A rule added later is a row added here.

Law and self-regulation behind the rules, with their limits (`HARD_…`), which no setting widens:

* R01, R03, R04: no call 21:00–08:00 (collections: 貸金業法21条1項1号, 施行規則19条1項; sales: the
  practice under 特商法). Ringing may not cross the end either: the last INVITE leaves one ring
  limit and 5 s before it. Surveys start at 10:00 on weekends.
* R10: attempts per person and business day, over all numbers and campaigns. More than 3 "may
  disturb private life" (JFSA 自主規制 69条); the default is 2.
* R13: 端末設備等規則 32条の3: at most 2 automatic redials of a number within 3 minutes of the first
  call. `R13-GAP` is the product's own spacing, to the person and to the number.
* R57: numbers that are never dialed: emergency and 1xx services, premium numbers, abroad,
  malformed ones; unassigned ones (090-0…, the practice numbers) leave on the practice carrier only.
* DNC: do-not-call of the person or the number, at once and for good.

An attempt counts for R10 and the gap while it is open and when it rang or was answered; for R13
every INVITE counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.rules.facts import (
    HARD_CLOSE_MINUTE,
    HARD_DAILY_CAP,
    HARD_MIN_GAP,
    HARD_OPEN_MINUTE,
    HARD_RING_LIMIT_S,
    CampaignRules,
    CustomerFacts,
    Ledger,
    PhoneFacts,
    Try,
    Verdict,
)

__all__ = [
    "HARD_CLOSE_MINUTE",
    "HARD_DAILY_CAP",
    "HARD_OPEN_MINUTE",
    "CampaignRules",
    "CustomerFacts",
    "Ledger",
    "PhoneFacts",
    "Try",
    "Verdict",
    "dialable_form",
    "evaluate",
    "hours",
    "last_invite_at",
]

RULE_SET_VERSION = "2"

WEEKEND_SURVEY_OPEN_MINUTE = 10 * 60
RING_MARGIN_S = 5.0
REDIAL_SPAN = timedelta(minutes=3)
REDIALS = 2
SATURDAY = 5
MAX_ROUNDS = 1000  # of the search for `next_allowed_at`; rules lift within days


@dataclass(frozen=True)
class Case:
    """Everything a rule may look at."""

    customer: CustomerFacts
    phone: PhoneFacts
    campaign: CampaignRules
    ledger: Ledger


@dataclass(frozen=True)
class Block:
    """A rule says no until this instant (None: until the facts change)."""

    rule_id: str
    until: datetime | None


Rule = Callable[[Case, datetime], Block | None]

NUMBER_FORMATS = re.compile(
    r"\+81(?:"
    r"[5-9]0[0-9]{8}"  # 050, 060, 070, 080 (0800 is free of charge), 090
    r"|[1-9][0-9]{8}"  # geographic, 0120
    r")"
)
PREMIUM = re.compile(r"\+81(?:570|990)")
UNASSIGNED_MOBILE = re.compile(r"\+81[679]00")


def never_dialed(case: Case, now: datetime) -> Block | None:
    """R57, by the form of the number."""
    number = case.phone.number
    refused = case.phone.unusable or (
        number is not None and not dialable_form(number, practice=case.campaign.practice)
    )
    return Block("R57", None) if refused else None


def dialable_form(number: str, *, practice: bool) -> bool:
    """Whether a number of this form (E.164) may be dialed at all; import and softphone ask too."""
    if not NUMBER_FORMATS.fullmatch(number) or PREMIUM.match(number):
        return False
    return practice or not UNASSIGNED_MOBILE.match(number)


def do_not_call(case: Case, now: datetime) -> Block | None:
    """The person or the number has asked not to be called, or the law says so for them."""
    if case.customer.do_not_call or case.phone.do_not_call:
        return Block("DNC", None)
    return None


WINDOW_RULES: Mapping[str, str] = {
    "collections": "R01",
    "sales": "R03",
    "dormant": "R03",
    "survey": "R04",
}


def hours(campaign: CampaignRules, now: datetime) -> tuple[datetime, datetime]:
    """When the campaign opens and closes on the business day of `now`."""
    day = business_date(now)
    opens = max(campaign.open_minute, HARD_OPEN_MINUTE)
    if campaign.kind == "survey" and day.weekday() >= SATURDAY:
        opens = max(opens, WEEKEND_SURVEY_OPEN_MINUTE)
    return at(day, opens), at(day, min(campaign.close_minute, HARD_CLOSE_MINUTE))


def window(campaign: CampaignRules, now: datetime) -> tuple[datetime, datetime]:
    """First and last instant an INVITE may leave on the business day of `now`, both included.

    The last may lie before the first: then the window is too short for one ring.
    """
    opens, closes = hours(campaign, now)
    ring_s = min(campaign.ring_limit_s, HARD_RING_LIMIT_S) + RING_MARGIN_S
    return opens, closes - timedelta(seconds=ring_s)


def within_window(case: Case, now: datetime) -> Block | None:
    """R01, R03, R04."""
    first, last = window(case.campaign, now)
    if first <= now <= last:
        return None
    rule_id = WINDOW_RULES[case.campaign.kind]
    if now < first <= last:
        return Block(rule_id, first)
    tomorrow = at(business_date(now) + timedelta(days=1), 0)
    if first > last:
        return Block(rule_id, None)
    return Block(rule_id, window(case.campaign, tomorrow)[0])


def daily_cap(case: Case, now: datetime) -> Block | None:
    """R10, by the Japanese date."""
    today = business_date(now)
    used = sum(
        1 for tried in case.ledger.person if tried.weighs and business_date(tried.at) == today
    )
    if used < min(case.campaign.daily_cap, HARD_DAILY_CAP):
        return None
    return Block("R10", at(today + timedelta(days=1), 0))


def redial_law(case: Case, now: datetime) -> Block | None:
    """R13: the first call and two redials within 3 minutes of it, no more."""
    recent = sorted(tried.at for tried in case.ledger.number if now - tried.at < REDIAL_SPAN)
    excess = len(recent) - REDIALS
    return Block("R13", recent[excess - 1] + REDIAL_SPAN) if excess > 0 else None


def min_gap(case: Case, now: datetime) -> Block | None:
    """R13-GAP: the spacing the product keeps, to the person and to the number."""
    gap = max(case.campaign.min_gap, HARD_MIN_GAP)
    both = (*case.ledger.person, *case.ledger.number)
    until = max((tried.at + gap for tried in both if tried.weighs), default=None)
    return Block("R13-GAP", until) if until is not None and now < until else None


RULES: tuple[Rule, ...] = (
    never_dialed,
    do_not_call,
    within_window,
    daily_cap,
    redial_law,
    min_gap,
)


def blocks(case: Case, now: datetime) -> tuple[Block, ...]:
    """Every rule that says no at this instant, in the order of the table."""
    answers = (rule(case, now) for rule in RULES)
    return tuple(block for block in answers if block is not None)


def evaluate(
    customer: CustomerFacts,
    phone: PhoneFacts,
    campaign: CampaignRules,
    now: datetime,
    ledger: Ledger,
) -> Verdict:
    """The verdict at `now`; `next_allowed_at` supposes that the facts stay as they are."""
    case = Case(customer, phone, campaign, ledger)
    first = blocks(case, now)
    if not first:
        return Verdict(allowed=True)
    rule_ids = tuple(block.rule_id for block in first)
    found, instant = first, now
    for _ in range(MAX_ROUNDS):
        untils = [block.until for block in found]
        if None in untils:
            return Verdict(False, rule_ids, None)
        instant = max(until for until in untils if until is not None)
        found = blocks(case, instant)
        if not found:
            return Verdict(False, rule_ids, instant)
    return Verdict(False, rule_ids, None)


def last_invite_at(campaign: CampaignRules, now: datetime) -> datetime:
    """The last instant of the day an INVITE may leave: `not_after` of a lease.

    From it on ringing could cross the end of the window; a gateway whose clock is past it refuses.
    """
    return window(campaign, now)[1]
