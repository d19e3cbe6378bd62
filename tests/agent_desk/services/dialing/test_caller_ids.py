"""One customer, one number, as long as the pool stays."""

from __future__ import annotations

from collections import Counter

from agent_desk.services.dialing.caller_ids import choose, never_shown, numbers_of

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


def test_numbers_no_trunk_may_show_are_named() -> None:
    trunks = ["+81312345678", "0501234567"]
    assert never_shown("03-1234-5678, 0399999999", trunks=trunks) == ["0399999999"]
    assert never_shown("0399999999", trunks=[]) == [], "nobody knows"
