"""DNC, R38, R38-REVIEW, R34: who has said no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.dialer.rules.facts import CampaignRules, Channel, Kind, Verdict
from tests.agent_desk.dialer.rules.cases import (
    COLLECTIONS,
    NOON,
    PERSON,
    PHONE,
    SALES,
    clock,
    judge,
    lift,
    past,
)

CHANNELS: tuple[Channel, ...] = ("auto", "preview", "manual", "ivr", "ai", "sms")
WORK = replace(PHONE, workplace=True)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", ["collections", "sales", "dormant", "survey"])
def test_do_not_call_of_person_or_number_is_for_good_on_every_channel(
    kind: Kind, channel: Channel
) -> None:
    campaign = CampaignRules(kind, channel=channel)
    for customer, phone in (
        (replace(PERSON, do_not_call=True), PHONE),
        (PERSON, replace(PHONE, do_not_call=True)),
    ):
        refused = judge(NOON, campaign, customer=customer, phone=phone)
        assert refused == Verdict(False, ("DNC",), None)


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [("sales", False), ("dormant", False), ("survey", False), ("collections", True)],
)
def test_who_refused_is_not_solicited_again(kind: Kind, allowed: bool) -> None:
    refused = replace(PERSON, refused=True)
    verdict = judge(NOON, CampaignRules(kind), customer=refused)
    assert verdict == (Verdict(True) if allowed else Verdict(False, ("R38",), None))
    assert judge(NOON, CampaignRules(kind)).allowed


def test_a_refusal_is_lifted_for_an_operator_only() -> None:
    lifted = replace(lift("R38"), refused=True)
    assert judge(NOON, replace(SALES, channel="preview"), customer=lifted).lifted == ("R38",)
    assert judge(NOON, SALES, customer=lifted).rule_ids == ("R38",)


def test_two_hang_ups_are_taken_for_a_refusal_until_somebody_has_looked() -> None:
    twice = past(clock("10:00", 10), clock("10:00", 11), hung_up=True)
    held = judge(NOON, SALES, twice)
    assert held == Verdict(False, ("R38-REVIEW",), clock("10:00", 9, 6))
    assert judge(clock("10:00", 9, 6), SALES, twice).allowed
    assert judge(NOON, SALES, twice, customer=lift("R38-REVIEW")).lifted == ("R38-REVIEW",)
    assert judge(NOON, SALES, past(clock("10:00", 10), hung_up=True)).allowed
    assert judge(NOON, SALES, past(clock("10:00", 10), clock("10:00", 11))).allowed
    assert judge(NOON, COLLECTIONS, twice).allowed


@pytest.mark.parametrize("channel", CHANNELS)
def test_r34_a_workplace_is_not_called_about_a_debt(channel: Channel) -> None:
    campaign = replace(COLLECTIONS, channel=channel)
    assert judge(NOON, campaign, phone=WORK) == Verdict(False, ("R34",), None)
    lifted = judge(NOON, campaign, phone=WORK, customer=lift("R34"))
    assert lifted.allowed is (channel == "manual")


def test_a_workplace_may_be_called_about_anything_else() -> None:
    assert judge(NOON, SALES, phone=WORK).allowed
