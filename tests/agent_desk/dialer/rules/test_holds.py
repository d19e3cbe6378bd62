"""R06, R36, R54, R60: people left alone for a time, and for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent_desk.dialer.calling_rules import FOR_GOOD
from agent_desk.dialer.rules.facts import CampaignRules, Channel, CustomerFacts, Hold, Kind, Verdict
from tests.agent_desk.dialer.rules.cases import COLLECTIONS, NOON, PERSON, clock, judge, lift

FRIDAY = clock("13:00", 15)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
KINDS: tuple[Kind, ...] = ("collections", "sales", "dormant", "survey")
CHANNELS: tuple[Channel, ...] = ("auto", "preview", "manual", "ivr", "ai", "sms")


def held(reason: str, until: datetime | None = FRIDAY, *more: Hold) -> CustomerFacts:
    return replace(PERSON, holds=(Hold(reason, until), *more))


@pytest.mark.parametrize(
    ("reason", "rule_id"),
    [
        ("bereavement", "R06"),
        ("hospital", "R06"),
        ("disaster", "R06"),
        ("of another kind", "R06"),
        ("complaint", "R60"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_hold_ends_at_its_instant(reason: str, rule_id: str, kind: Kind) -> None:
    campaign = CampaignRules(kind)
    blocked = judge(NOON, campaign, customer=held(reason))
    assert blocked == Verdict(False, (rule_id,), FRIDAY)
    assert judge(FRIDAY, campaign, customer=held(reason)).allowed


@pytest.mark.parametrize("until", [None, FOREVER])
@pytest.mark.parametrize("reason", ["hospital", "complaint"])
def test_a_hold_without_an_end_waits_to_be_released(reason: str, until: datetime | None) -> None:
    blocked = judge(customer=held(reason, until))
    assert blocked.next_allowed_at is None
    assert not FOR_GOOD & set(blocked.rule_ids)


@pytest.mark.parametrize("reason", ["lawyer_notice", "bankruptcy"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_r36_a_lawyers_notice_stops_every_channel_for_good(reason: str, channel: Channel) -> None:
    campaign = replace(COLLECTIONS, channel=channel)
    assert judge(NOON, campaign, customer=held(reason)) == Verdict(False, ("R36",), None)
    assert judge(clock("12:00", 1, 6), campaign, customer=held(reason)).rule_ids == ("R36",)
    assert "R36" in FOR_GOOD


def test_an_area_holds_its_people_and_the_longer_hold_counts() -> None:
    flooded = replace(PERSON, area_hold_until=FRIDAY)
    assert judge(customer=flooded) == Verdict(False, ("R06",), FRIDAY)
    assert judge(FRIDAY, customer=flooded).allowed
    both = replace(held("hospital", clock("10:00", 20)), area_hold_until=FRIDAY)
    assert judge(customer=both).next_allowed_at == clock("10:00", 20)
    without_end = replace(held("hospital", None), area_hold_until=FRIDAY)
    assert judge(customer=without_end).next_allowed_at is None
    assert judge(customer=replace(both, area_hold_until=FOREVER)).next_allowed_at is None


def test_who_complained_in_a_flooded_town_is_named_by_both_rules() -> None:
    both = replace(held("complaint", clock("10:00", 20)), area_hold_until=FRIDAY)
    assert judge(customer=both) == Verdict(False, ("R60", "R06"), clock("10:00", 20))


def test_of_several_holds_none_hides_another() -> None:
    longer = Hold("hospital", clock("10:00", 20))
    both = held("complaint", FRIDAY, longer)
    assert judge(customer=both) == Verdict(False, ("R60", "R06"), clock("10:00", 20))
    # An override of one opens nothing the other forbids.
    lifted = replace(lift("R06"), holds=both.holds)
    assert judge(NOON, replace(COLLECTIONS, channel="preview"), customer=lifted).rule_ids == (
        "R60",
    )
    every = held("lawyer_notice", clock("11:00"), *both.holds)
    assert judge(customer=every) == Verdict(False, ("R36", "R60", "R06"), None)
    two = held("hospital", FRIDAY, Hold("disaster", clock("10:00", 13)))
    assert judge(customer=two) == Verdict(False, ("R06",), FRIDAY)


def test_nobody_who_has_paid_is_dunned() -> None:
    paid = replace(PERSON, owes=False)
    assert judge(customer=paid) == Verdict(False, ("R54",), None)
    assert judge(NOON, CampaignRules("sales"), customer=paid).allowed


@pytest.mark.parametrize("reason", ["hospital", "complaint", "lawyer_notice"])
def test_a_hold_is_lifted_for_calls_by_hand_only(reason: str) -> None:
    rule_id = judge(customer=held(reason)).rule_ids[0]
    lifted = replace(lift(rule_id), holds=(Hold(reason, FRIDAY),))
    by_hand = judge(NOON, replace(COLLECTIONS, channel="manual"), customer=lifted)
    assert (by_hand.allowed, by_hand.lifted) == (True, (rule_id,))
    assert judge(customer=lifted).rule_ids == (rule_id,)
