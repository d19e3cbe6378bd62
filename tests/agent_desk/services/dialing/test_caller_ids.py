"""One customer, one number, as long as the pool stays."""

from __future__ import annotations

from collections import Counter

import pytest

from agent_desk.services.dialing.caller_ids import area_of, choose, local, numbers_of

POOL = ("0312340001", "0312340002", "0312340003", "0312340004")


def shown(customers: range, *, campaign: str = "", trunk: tuple[str, ...] = POOL) -> dict[int, str]:
    return {each: choose(each, campaign=campaign, trunk=trunk) for each in customers}


def test_the_same_customer_always_sees_the_same_number() -> None:
    assert shown(range(50)) == shown(range(50), trunk=POOL[::-1])


def test_all_numbers_of_the_pool_are_used() -> None:
    counts = Counter(shown(range(400)).values())
    assert set(counts) == set(POOL) and min(counts.values()) > 60


def test_a_number_that_leaves_the_pool_changes_its_own_customers_only() -> None:
    before, after = shown(range(200)), shown(range(200), trunk=POOL[1:])
    assert all(after[each] == before[each] for each in before if before[each] != POOL[0])


def test_the_campaigns_numbers_come_first_where_the_trunk_may_show_them() -> None:
    campaign = "+81312340002, 0399999999"
    assert numbers_of(campaign) == ("+81312340002", "0399999999")
    assert set(shown(range(50), campaign=campaign).values()) == {"+81312340002"}


def test_a_campaign_whose_numbers_are_not_the_trunks_shows_the_trunks() -> None:
    assert set(shown(range(50), campaign="0399999999").values()) <= set(POOL)


def test_a_trunk_of_which_nothing_is_known_shows_what_the_campaign_says() -> None:
    assert shown(range(1), campaign="0399999999", trunk=()) == {0: "0399999999"}
    assert shown(range(1), trunk=()) == {0: ""}


BY_AREA = (("大阪府", "06-1234-0000"), ("06", "06-1234-0001"), ("0667", "06-1234-0002"))


@pytest.mark.parametrize(
    ("called", "prefecture", "number"),
    [
        ("+819012345678", "大阪府", "06-1234-0000"),  # a mobile: where its owner lives
        ("+81661234567", "東京都", "06-1234-0001"),  # a fixed line is where its number says
        ("+81667234567", "東京都", "06-1234-0002"),  # the longest area code
        ("+81312345678", "東京都", ""),
        ("+819012345678", "", ""),
    ],
)
def test_the_number_of_the_customers_area_is_found(
    called: str, prefecture: str, number: str
) -> None:
    assert local(BY_AREA, called=called, lives_in=lambda name: name == prefecture) == number


def test_the_number_of_the_area_comes_first_where_the_trunk_may_show_it() -> None:
    here = "06-1234-0000"
    assert choose(1, campaign=POOL[0], trunk=(), here=here) == here
    assert choose(1, campaign=POOL[0], trunk=(POOL[0], "+81612340000"), here=here) == here
    assert choose(1, campaign=POOL[0], trunk=(POOL[0],), here=here) == POOL[0]


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("大阪府", "大阪府"),
        (" ０６ ", "+816"),
        ("045", "+8145"),
        ("大阪", None),
        ("00", None),
        ("0812345", None),
        ("", None),
    ],
)
def test_what_is_an_area(text: str, area: str | None) -> None:
    assert area_of(text) == area
