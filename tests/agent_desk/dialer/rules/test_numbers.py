"""R57: numbers that are never dialed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.dialer.rules.facts import PhoneFacts, Verdict
from tests.agent_desk.dialer.rules.cases import COLLECTIONS, NOON, judge, lift


@pytest.mark.parametrize(
    "number",
    [
        "+819012345678",
        "+818012345678",
        "+817012345678",
        "+815012345678",
        "+81312345678",
        "+81612345678",
        "+81120123456",
        "+818001234567",
    ],
)
def test_ordinary_numbers_are_dialed(number: str) -> None:
    assert judge(phone=PhoneFacts(number)).allowed


@pytest.mark.parametrize(
    "number",
    [
        "110",
        "118",
        "119",
        "+81110",
        "+81570123456",
        "+81990123456",
        "+12025550123",
        "+8190123456",
        "+81901234567",
        "+81801234567",
        "+81701234567",
        "+81601234567",
        "+81501234567",
        "+81201234567",
        "+8190123456789",
        "+81",
        "09012345678",
        "",
        "+8190-1234-5678",
        "+81901234567８",
        "+81312345678\n",
    ],
)
def test_emergency_premium_foreign_and_malformed_numbers_are_never_dialed(number: str) -> None:
    by_hand = replace(COLLECTIONS, channel="manual")
    for customer in (lift("R01"), lift("R57")):
        refused = judge(NOON, by_hand, customer=customer, phone=PhoneFacts(number))
        assert refused == Verdict(False, ("R57",), None)


def test_unassigned_mobile_numbers_leave_on_the_practice_carrier_only() -> None:
    phone = PhoneFacts("+819001230001")
    assert judge(phone=phone).rule_ids == ("R57",)
    assert judge(NOON, replace(COLLECTIONS, practice=True), phone=phone).allowed


def test_where_only_the_key_is_known_the_imports_word_is_taken() -> None:
    assert judge(phone=PhoneFacts(None)).allowed
    assert judge(phone=PhoneFacts(None, unusable=True)).rule_ids == ("R57",)
