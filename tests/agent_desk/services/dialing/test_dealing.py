"""Campaigns of one team: turns are dealt fairly, callbacks first, and no seat is dealt twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agent_desk.dialer.floor import Answers, Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.dialing.pacing import Pacing
from tests import builders
from tests.fakes.clock import NOON

ONE, TWO, THREE = CampaignId(1), CampaignId(2), CampaignId(3)


def floor(*campaigns: Any, seats: int) -> Floor:
    """So many ready seats, each of which serves all of the campaigns."""
    serves = frozenset(each.campaign_id for each in campaigns)
    return builders.floor_of(
        campaigns=campaigns,
        seats=[builders.seat(f"s{number}", serves=serves) for number in range(seats)],
        gateways=[builders.gateway(lines=100)],
    )


def progressive(*campaign_ids: CampaignId) -> list[Any]:
    return [builders.campaign(campaign_id) for campaign_id in campaign_ids]


def asked(pacing: Pacing, on: Floor, now: datetime = NOON) -> dict[int, tuple[int, str]]:
    return {each.campaign_id: (each.count, each.reason) for each in pacing.decisions(on, now)}


def counts(pacing: Pacing, on: Floor, now: datetime = NOON) -> dict[int, int]:
    return {campaign: count for campaign, (count, _) in asked(pacing, on, now).items()}


def in_flight(on: Floor, lines: Iterable[CampaignId]) -> Floor:
    calls = [
        builders.call(f"{number:032x}", campaign_id=campaign_id)
        for number, campaign_id in enumerate(lines)
    ]
    return replace(on, calls={call.call_id: call for call in calls})


def test_idle_seats_are_dealt_out_evenly() -> None:
    on = floor(*progressive(ONE, TWO, THREE), seats=7)
    assert counts(Pacing(), on) == {ONE: 3, TWO: 2, THREE: 2}


def test_a_single_seat_goes_round() -> None:
    pacing, on = Pacing(), floor(*progressive(ONE, TWO, THREE), seats=1)
    turns = []
    for second in range(6):
        given = counts(pacing, on, NOON + timedelta(milliseconds=second))
        turns += [campaign for campaign, count in given.items() if count]
    assert turns == [ONE, TWO, THREE, ONE, TWO, THREE]


def test_what_one_campaign_does_not_use_is_the_others() -> None:
    paused = builders.campaign(TWO, running="paused")
    assert counts(Pacing(), floor(*progressive(ONE), paused, seats=4))[ONE] == 4


def test_a_campaign_with_somebody_who_is_owed_a_call_goes_first() -> None:
    pacing = Pacing(callbacks=lambda campaign_id: campaign_id == TWO)
    on = floor(*progressive(ONE, TWO), seats=1)
    for second in range(3):
        given = asked(pacing, on, NOON + timedelta(milliseconds=second))
        assert given[TWO][0] == 1
    assert asked(Pacing(), on)[ONE][0] == 1


def test_a_lead_reads_that_the_lines_of_another_campaign_serve_the_seats() -> None:
    on = in_flight(floor(*progressive(ONE, TWO), seats=2), [ONE, ONE])
    assert asked(Pacing(), on)[TWO] == (0, "others-lines")


def test_nobody_is_called_ahead_beside_a_campaign_that_may_not() -> None:
    ahead = builders.campaign(ONE, mode="ratio", ratio=3.0)
    careful = builders.campaign(TWO)
    assert asked(Pacing(), floor(ahead, seats=4))[ONE] == (12, "")
    given = asked(Pacing(), floor(ahead, careful, seats=4))
    assert given[ONE] == (2, "others-care")
    assert given[TWO] == (2, "")


def test_a_budget_that_is_spent_binds_all_on_the_same_seats() -> None:
    spent = builders.campaign(TWO, mode="ratio", ratio=3.0, answers=Answers(100, 3, 100, 3))
    ahead = builders.campaign(ONE, mode="ratio", ratio=3.0)
    given = asked(Pacing(), floor(ahead, spent, seats=4))
    assert given == {ONE: (2, "others-care"), TWO: (2, "budget-spent")}


def test_predictive_campaigns_are_held_to_the_lowest_price_of_them() -> None:
    low = builders.campaign(ONE, mode="predictive", ratio=5.0, abandon_target=0.001)
    high = builders.campaign(TWO, mode="predictive", ratio=5.0, abandon_target=0.03)
    alone, beside = Pacing(), Pacing()
    counts(alone, floor(high, seats=6))
    counts(beside, floor(low, high, seats=6))
    prices = [pacing.figures(TWO) for pacing in (alone, beside)]
    assert all(prices)
    first, second = (figures.price for figures in prices if figures is not None)
    assert first is not None
    assert second is not None
    assert second < first / 10


def test_lines_of_others_count_in_the_figures() -> None:
    on = in_flight(floor(*progressive(ONE, TWO), seats=4), [ONE, ONE])
    pacing = Pacing()
    pacing.decisions(on, NOON)
    figures = pacing.figures(TWO)
    assert figures is not None
    assert (figures.others, figures.idle) == (3, 4)
    assert figures.per_idle == 1.0
