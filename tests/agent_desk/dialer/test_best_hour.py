"""The best hour: learnt from history, drawn towards the group, and better than any hour."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from datetime import datetime, timedelta

import pytest

from agent_desk.dialer.best_hour import (
    FIRST_RATE,
    OWN_STRENGTH,
    Count,
    Counts,
    Rates,
    Slot,
    choose,
    slot_of,
)
from agent_desk.dialer.business_time import JST

TUESDAY = datetime(2026, 5, 12, 9, 0, tzinfo=JST)
HOUR = timedelta(hours=1)
CLOSE = TUESDAY.replace(hour=19, minute=59)


def week(rates: dict[int, float], tries: float = 200) -> Counts:
    """A group tried equally on every day, answering by the hour."""
    return {
        (day, hour): Count(tries, tries * rate) for day in range(7) for hour, rate in rates.items()
    }


def test_weekday_and_hour_are_japanese() -> None:
    assert slot_of(datetime.fromisoformat("2026-05-12T23:30:00+00:00")) == (2, 8)


def test_nothing_known_is_the_same_at_every_hour() -> None:
    rates = Rates(group={}, own={})
    assert {rates.at((day, hour)) for day in range(7) for hour in range(24)} == {FIRST_RATE}


def test_a_customer_never_tried_answers_as_the_group_does() -> None:
    rates = Rates(group=week({10: 0.1, 18: 0.4}), own={})
    assert rates.at((1, 18)) > 0.35
    assert rates.at((1, 10)) < 0.15


def test_an_hour_hardly_tried_is_drawn_to_the_same_hour_of_other_days() -> None:
    group = {(day, 18): Count(200, 80) for day in (0, 2, 3, 4)} | {(1, 18): Count(2, 0)}
    group |= {(day, 10): Count(200, 20) for day in range(5)}
    assert Rates(group=group, own={}).at((1, 18)) > 0.3


def test_weekends_are_drawn_to_weekends() -> None:
    group = {(day, 14): Count(500, 50) for day in range(5)} | {(5, 14): Count(500, 250)}
    rates = Rates(group=group, own={})
    assert rates.at((6, 14)) > rates.at((2, 14)) * 2


def test_own_history_outweighs_the_group_with_time() -> None:
    group = week({10: 0.1, 18: 0.4})
    few = Rates(group=group, own={(1, 10): Count(1, 1)})
    many = Rates(group=group, own={(1, 10): Count(6, 6)})
    assert few.at((1, 10)) < few.at((1, 18))
    assert many.at((1, 10)) > many.at((1, 18))


def test_a_try_tells_less_of_the_next_hour_and_nothing_of_others() -> None:
    rates = Rates(group={}, own={(1, 10): Count(4, 4)})
    assert rates.at((1, 10)) > rates.at((1, 11)) > rates.at((1, 13)) == FIRST_RATE
    assert rates.at((1, 10)) > rates.at((3, 10)) > rates.at((5, 10)) > FIRST_RATE
    assert rates.at((1, 10)) == pytest.approx((4 + OWN_STRENGTH * FIRST_RATE) / (4 + OWN_STRENGTH))


def test_a_better_hour_is_waited_for() -> None:
    rates = Rates(group=week({hour: 0.4 if hour == 18 else 0.1 for hour in range(8, 21)}), own={})
    assert choose(TUESDAY, CLOSE, rates, customer_id=1).hour == 18


def test_a_little_better_is_not_worth_the_wait() -> None:
    rates = Rates(group=week({hour: 0.21 if hour == 18 else 0.2 for hour in range(8, 21)}), own={})
    assert choose(TUESDAY, CLOSE, rates, customer_id=1) == TUESDAY


def test_what_the_ladder_allows_is_never_left() -> None:
    draw = random.Random(5)
    for customer_id in range(300):
        group = week({hour: draw.random() for hour in range(8, 21)}, tries=300)
        rates = Rates(group=group, own={(1, draw.randrange(8, 21)): Count(3, draw.randrange(4))})
        earliest = TUESDAY + draw.random() * 12 * HOUR
        latest = earliest + draw.random() * 9 * HOUR
        assert earliest <= choose(earliest, latest, rates, customer_id=customer_id) <= latest


def test_customers_of_one_hour_are_spread_over_it() -> None:
    rates = Rates(group=week({hour: 0.4 if hour == 18 else 0.1 for hour in range(8, 21)}), own={})
    chosen = [choose(TUESDAY, CLOSE, rates, customer_id=each) for each in range(600)]
    quarters = [sum(at.minute // 15 == quarter for at in chosen) for quarter in range(4)]
    assert {at.hour for at in chosen} == {18}
    assert min(quarters) > 100


# --- it beats calling at any hour ---------------------------------------------------------------

KINDS = (  # when people of a kind are at their telephone, and how many of them there are
    ({h: 0.45 if h in (18, 19) else 0.08 for h in range(9, 20)}, 0.5),
    ({h: 0.40 if h in (9, 10, 11) else 0.08 for h in range(9, 20)}, 0.3),
    ({h: 0.40 if h in (12, 13) else 0.06 for h in range(9, 20)}, 0.2),
)


class Simulation:
    """Customers tried once a day for some weeks, anywhere from the ladder's instant on."""

    def __init__(self, seed: int, customers: int) -> None:
        self.draw = random.Random(seed)
        rates, weights = [kind for kind, _ in KINDS], [weight for _, weight in KINDS]
        self.people = self.draw.choices(rates, weights, k=customers)

    def answers(self, *, days: int, learn: bool) -> float:
        """The share of tries of the second half that was answered."""
        group: dict[Slot, Count] = defaultdict(Count)
        own: list[dict[Slot, Count]] = [defaultdict(Count) for _ in self.people]
        answered = tried = 0
        for day in range(days):
            opens = TUESDAY + timedelta(days=day)
            for customer_id, person in enumerate(self.people):
                earliest = opens + self.draw.random() ** 2 * 10.9 * HOUR
                latest = opens + 10.9 * HOUR
                at = earliest + self.draw.random() * (latest - earliest)
                if learn:
                    rates = Rates(group=group, own=own[customer_id])
                    at = choose(earliest, latest, rates, customer_id=customer_id)
                count = Count(1, self.draw.random() < person[at.hour])
                group[slot_of(at)] += count
                own[customer_id][slot_of(at)] += count
                if day >= days // 2:
                    tried += 1
                    answered += int(count.answers)
        return answered / tried


# `make soak RULES=300` tries thirty.
SEEDS = max(2, int(os.environ.get("RULES_EXAMPLES", "0")) // 10)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_learnt_hour_is_answered_more_often_than_any_hour(seed: int) -> None:
    uniform = Simulation(seed, customers=60).answers(days=16, learn=False)
    learnt = Simulation(seed, customers=60).answers(days=16, learn=True)
    assert learnt > uniform * 1.3
