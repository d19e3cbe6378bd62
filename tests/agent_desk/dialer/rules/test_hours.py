"""R01, R03, R04, R05, R16: the window to the second, weekends, holidays and the end of the year."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.dialer.calling_rules import last_invite_at
from agent_desk.dialer.rules.facts import CampaignRules, Kind, Verdict
from agent_desk.dialer.rules.hours import opens_at
from tests.agent_desk.dialer.rules.cases import (
    COLLECTIONS,
    FAR,
    SALES,
    SURVEY,
    clock,
    judge,
    lift,
    on,
)

KINDS: tuple[Kind, ...] = ("collections", "sales", "dormant", "survey")
WIDE = CampaignRules("collections", open_minute=8 * 60, close_minute=21 * 60)


def test_eight_o_clock_is_the_first_instant_of_the_widest_window() -> None:
    early = judge(clock("07:59:59"), WIDE)
    assert (early.allowed, early.rule_ids) == (False, ("R01",))
    assert early.next_allowed_at == clock("08:00:00")
    assert judge(clock("08:00:00"), WIDE) == Verdict(True)


def test_ringing_never_crosses_the_end_of_the_window() -> None:
    assert judge(clock("20:59:30"), WIDE).allowed
    late = judge(clock("20:59:31"), WIDE)
    assert (late.allowed, late.rule_ids) == (False, ("R01",))
    assert late.next_allowed_at == clock("08:00:00", 13)


def test_the_default_window_is_nine_to_twenty() -> None:
    assert not judge(clock("08:59:59")).allowed
    assert judge(clock("09:00:00")).allowed
    assert judge(clock("19:59:30")).allowed
    assert not judge(clock("19:59:31")).allowed


@pytest.mark.parametrize("kind", KINDS)
def test_no_setting_widens_the_hard_limit(kind: Kind) -> None:
    day_and_night = CampaignRules(kind, open_minute=0, close_minute=24 * 60, ring_limit_s=1.0)
    assert not judge(clock("07:59:59"), day_and_night).allowed
    assert judge(clock("08:00:00"), day_and_night).allowed
    assert judge(clock("20:59:40"), day_and_night).allowed
    assert not judge(clock("20:59:41"), day_and_night).allowed


@pytest.mark.parametrize(
    ("kind", "rule_id"),
    [("collections", "R01"), ("sales", "R03"), ("dormant", "R03"), ("survey", "R04")],
)
def test_each_kind_of_campaign_names_its_own_rule(kind: Kind, rule_id: str) -> None:
    assert judge(clock("23:00:00"), CampaignRules(kind)).rule_ids == (rule_id,)


def test_surveys_begin_at_ten_on_weekends() -> None:
    assert judge(clock("09:00:00"), SURVEY).allowed
    assert not judge(clock("09:59:59", 16), SURVEY).allowed
    assert judge(clock("10:00:00", 16), SURVEY).allowed
    assert judge(clock("21:00:00", 15), SURVEY).next_allowed_at == clock("10:00:00", 16)


def test_on_a_holiday_a_survey_keeps_weekend_hours() -> None:
    survey = replace(SURVEY, closed_days=frozenset({on(12)}))
    assert judge(clock("09:59:59"), survey).next_allowed_at == clock("10:00:00")


def test_a_window_too_short_for_one_ring_is_never_open() -> None:
    campaign = CampaignRules("sales", open_minute=600, close_minute=600)
    assert judge(clock("10:00:00"), campaign) == Verdict(False, ("R03",), None)


def test_a_survey_of_the_first_hour_waits_over_the_weekend() -> None:
    survey = CampaignRules("survey", close_minute=10 * 60)
    assert judge(clock("12:00", 15), survey).next_allowed_at == clock("09:00", 18)


@pytest.mark.parametrize(
    ("ring_limit_s", "last"), [(5.0, "20:59:40"), (25.0, "20:59:30"), (300.0, "20:58:55")]
)
def test_a_ring_is_reckoned_within_fifteen_and_sixty_seconds(
    ring_limit_s: float, last: str
) -> None:
    campaign = replace(WIDE, ring_limit_s=ring_limit_s)
    assert last_invite_at(campaign, clock("12:00:00")) == clock(last)


# --- consent to a call after hours ---------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_after_hours_only_a_call_by_hand_with_the_customers_consent_is_allowed(kind: Kind) -> None:
    by_hand = CampaignRules(kind, channel="manual")
    night = clock("21:30:00")
    rule_id = judge(night, by_hand).rule_ids[0]
    consent = lift(rule_id, until=clock("21:45:00"))
    assert judge(night, by_hand, customer=consent) == Verdict(True, lifted=(rule_id,))
    assert judge(night, CampaignRules(kind), customer=consent).rule_ids == (rule_id,)
    assert judge(night, CampaignRules(kind, channel="preview"), customer=consent).rule_ids
    assert judge(clock("21:45:00"), by_hand, customer=consent).rule_ids == (rule_id,)


def test_no_campaign_as_a_whole_is_allowed_after_hours() -> None:
    lifted = replace(COLLECTIONS, channel="manual", lifts=lift("R01").lifts)
    assert judge(clock("21:30:00"), lifted).rule_ids == ("R01",)


def test_a_call_after_hours_leaves_within_a_minute() -> None:
    by_hand, night = CampaignRules("collections", channel="manual"), clock("21:30:00")
    assert last_invite_at(by_hand, night, lifted=("R01",)) == clock("21:31:00")
    assert last_invite_at(by_hand, night) == clock("19:59:30")


# --- R05 ---------------------------------------------------------


def test_collections_rest_from_the_last_of_december_to_the_third_of_january() -> None:
    assert judge(clock("12:00", 30, 12)).allowed
    eve = judge(clock("12:00", 31, 12))
    assert (eve.rule_ids, eve.next_allowed_at) == (("R05",), clock("09:00", 4, 1, 2027))
    assert judge(clock("19:59:31", 30, 12)).next_allowed_at == clock("09:00", 4, 1, 2027)
    assert not judge(clock("12:00", 3, 1, 2027)).allowed
    assert judge(clock("09:00", 4, 1, 2027)).allowed


def test_a_campaign_may_work_at_the_end_of_the_year() -> None:
    assert judge(clock("12:00", 31, 12), replace(COLLECTIONS, lifts=lift("R05").lifts)).allowed
    assert judge(clock("12:00", 31, 12), SALES).allowed
    assert judge(clock("12:00", 31, 12), customer=lift("R05")).lifted == ("R05",)


def test_a_campaign_that_keeps_holidays_rests_on_them_whatever_the_weekday() -> None:
    golden_week = frozenset(on(day) for day in (3, 4, 5, 6))
    keeps = CampaignRules("sales", holidays=True, closed_days=golden_week)
    monday = judge(clock("12:00", 4), keeps)
    assert (monday.rule_ids, monday.next_allowed_at) == (("R05",), clock("09:00", 7))
    assert judge(clock("20:00", 2), keeps).next_allowed_at == clock("09:00", 7)
    assert judge(clock("12:00", 4), replace(keeps, holidays=False)).allowed
    assert judge(clock("12:00", 4), replace(keeps, lifts=lift("R05", until=FAR).lifts)).allowed


@pytest.mark.parametrize("kind", KINDS)
def test_a_campaign_opens_at_the_first_instant_a_call_is_allowed(kind: Kind) -> None:
    campaign = CampaignRules(kind, open_minute=0, close_minute=24 * 60)
    for day in range(9, 16):  # a Saturday to a Friday
        for text in ("00:00", "07:59:59", "08:00", "09:30", "20:59:31", "23:00"):
            now = clock(text, day)
            opens = opens_at(campaign, now)
            verdict = judge(now, campaign)
            assert opens == (now if verdict.allowed else verdict.next_allowed_at)
