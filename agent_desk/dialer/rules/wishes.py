"""R02: a person who named a time is called at that time and at no other.

In collections that is law (貸金業法21条1項2号), by day as well; the other kinds keep to it too. As
with a campaign's hours, ringing may not outlast the time named. The instant the rule lifts is one
at which the campaign is open as well: a wish and the hours that never meet would otherwise be asked
in turn, week after week.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.facts import DAY_MINUTES, CampaignRules, ContactWish
from agent_desk.dialer.rules.hours import DAY, ring_room, window
from agent_desk.dialer.rules.lifting import is_lifted
from agent_desk.dialer.rules.profiles import PROFILES

SEARCHED_DAYS = 28  # days: a holiday may take away the one weekday named

Span = tuple[datetime, datetime]  # first and last instant an INVITE may leave, both included


def outside_wish(case: Case, now: datetime) -> Block | None:
    """R02."""
    wish = case.customer.wish
    if wish is None:
        return None
    today = business_date(now)
    if wish.ends_on is not None and today > wish.ends_on:
        return None
    campaign = case.campaign
    if _span(wish, campaign, now) is not None:
        return None
    end = None if wish.ends_on is None else at(wish.ends_on + DAY, 0)
    free = is_lifted(case, PROFILES[campaign.kind].hours_rule, now)
    meetings = (
        first if free else _opening(campaign, first, last)
        for first, last in _spans(wish, campaign, today)
    )
    until = next((instant for instant in meetings if instant is not None and instant > now), end)
    return Block("R02", until if end is None or until is None else min(until, end))


def last_wished(wish: ContactWish, campaign: CampaignRules, now: datetime) -> datetime | None:
    """The last instant of the span `now` lies in; None when it lies in none, or none is wished."""
    if wish.ends_on is not None and business_date(now) > wish.ends_on:
        return None
    span = _span(wish, campaign, now)
    return None if span is None else span[1]


def _span(wish: ContactWish, campaign: CampaignRules, now: datetime) -> Span | None:
    """The span of today's or yesterday's that `now` lies in."""
    spans = islice(_spans(wish, campaign, business_date(now)), 2)
    return next((span for span in spans if span[0] <= now <= span[1]), None)


def _spans(wish: ContactWish, campaign: CampaignRules, today: date) -> Iterator[Span]:
    """From yesterday's, which may reach into today, on."""
    until = wish.until_minute
    if until < wish.from_minute:  # the same instant twice is no time at all, and nobody is called
        until += DAY_MINUTES
    for days in range(-1, SEARCHED_DAYS + 1):
        day = today + timedelta(days=days)
        if wish.weekdays is not None and day.weekday() not in wish.weekdays:
            continue
        first, last = at(day, wish.from_minute), at(day, until) - ring_room(campaign)
        if first <= last:
            yield first, last


def _opening(campaign: CampaignRules, first: datetime, last: datetime) -> datetime | None:
    """The first instant of a span at which the campaign is open."""
    day = business_date(first)
    while day <= business_date(last):
        opens, closes = window(campaign, at(day, 0))
        instant = max(first, opens)
        if instant <= min(last, closes):
            return instant
        day += DAY
    return None
