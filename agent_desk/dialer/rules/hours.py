"""R01, R03, R04, R05, R16: the days and the hours of a campaign.

No call 21:00–08:00 (collections: 貸金業法21条1項1号, 施行規則19条1項; sales: the practice under
特商法), which only a customer's own consent opens, for a call by hand. Ringing may not cross the
end either: the last INVITE leaves one ring limit (R16: 15–60 s) and 5 s before it. Surveys start
at 10:00 on weekends, and on holidays, which win over the weekday.

R05: collections rest from 31 December to 3 January (監督指針: 年末年始); a campaign may rest on
holidays. A day is closed as a whole.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.facts import CampaignRules
from agent_desk.dialer.rules.profiles import PROFILES

RING_MARGIN_S = 5.0
SATURDAY = 5
YEAR_END = frozenset({(12, 31), (1, 1), (1, 2), (1, 3)})
DAY = timedelta(days=1)
SEARCHED_DAYS = 60  # for a day long enough for one ring; weekends and holidays pass sooner


def hours(campaign: CampaignRules, now: datetime) -> tuple[datetime, datetime]:
    """When the campaign opens and closes on the business day of `now`."""
    day = business_date(now)
    opens = campaign.open_minute
    later = PROFILES[campaign.kind].weekend_open_minute
    if later and (day.weekday() >= SATURDAY or day in campaign.closed_days):
        opens = max(opens, later)
    return at(day, opens), at(day, campaign.close_minute)


def window(campaign: CampaignRules, now: datetime) -> tuple[datetime, datetime]:
    """First and last instant an INVITE may leave on the business day of `now`, both included.

    The last may lie before the first: then the window is too short for one ring.
    """
    opens, closes = hours(campaign, now)
    return opens, closes - ring_room(campaign)


def ring_room(campaign: CampaignRules) -> timedelta:
    """How long before an end the last INVITE leaves."""
    return timedelta(seconds=campaign.ring_limit_s + RING_MARGIN_S)


def is_closed(campaign: CampaignRules, day: date) -> bool:
    """R05: whether the campaign rests on this day."""
    if campaign.holidays and day in campaign.closed_days:
        return True
    return PROFILES[campaign.kind].year_end and (day.month, day.day) in YEAR_END


def opens_at(campaign: CampaignRules, now: datetime) -> datetime | None:
    """The first instant from `now` on at which days and hours let an INVITE leave; `now` itself
    when they do already, None when that is nowhere in sight."""
    midnight = at(business_date(now), 0)
    for days in range(SEARCHED_DAYS):
        moment = max(now, midnight + days * DAY)
        first, last = window(campaign, moment)
        if max(first, moment) <= last and not is_closed(campaign, business_date(moment)):
            return max(first, moment)
    return None


def closed_day(case: Case, now: datetime) -> Block | None:
    """R05."""
    day = business_date(now)
    if not is_closed(case.campaign, day):
        return None
    while is_closed(case.campaign, day):
        day += DAY
    return Block("R05", at(day, 0))


def within_window(case: Case, now: datetime) -> Block | None:
    """R01, R03, R04."""
    first, last = window(case.campaign, now)
    if first <= now <= last:
        return None
    rule_id = PROFILES[case.campaign.kind].hours_rule
    if now < first <= last:
        return Block(rule_id, first)
    midnight = at(business_date(now), 0)
    for days in range(1, SEARCHED_DAYS):
        first, last = window(case.campaign, midnight + timedelta(days=days))
        if first <= last:
            return Block(rule_id, first)
    return Block(rule_id, None)
