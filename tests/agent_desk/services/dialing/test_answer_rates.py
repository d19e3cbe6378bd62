"""How often people answer: whole minutes of the last hour, and today in Japan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from agent_desk.dialer.events import CallFinished
from agent_desk.dialer.ids import CallId, CampaignId
from agent_desk.services.dialing.answer_rates import Answered, AnswerRates

SALES = CampaignId(1)
NOON = datetime(2026, 11, 24, 3, 0, 30, tzinfo=UTC)


def finished(at: datetime, outcome: str = "human", **facts: Any) -> CallFinished:
    plain: dict[str, Any] = {
        "call_id": CallId("call"),
        "list_entry_id": None,
        "customer_id": None,
        "campaign_id": SALES,
        "outcome": outcome,
        "blame": "none",
        "by": "customer",
        "counts": True,
        "answered": outcome == "human",
        "live_answer": outcome == "human",
        "abandoned": False,
        "sip_code": None,
        "q850": None,
        "cause": "",
        "seat_id": None,
        "at": at,
    }
    return CallFinished(**{**plain, **facts})


def test_people_are_counted_against_all_attempts_that_left() -> None:
    rates = AnswerRates()
    rates.apply(
        [
            finished(NOON),
            finished(NOON, "no_answer"),
            finished(NOON, "machine"),
            finished(NOON, "not_placed"),
            finished(NOON, "skipped"),
            finished(NOON, inbound=True),
            finished(NOON, campaign_id=CampaignId(2)),
        ],
        NOON,
    )
    assert rates.last_hour(SALES, NOON) == rates.today(SALES, NOON) == Answered(3, 1)
    assert rates.today(CampaignId(9), NOON) == Answered()


def test_the_hour_slides_by_minutes_and_the_day_ends_at_midnight_in_japan() -> None:
    rates = AnswerRates()
    rates.apply([finished(NOON), finished(NOON + timedelta(minutes=30), "busy")], NOON)
    later = NOON + timedelta(minutes=60)
    assert rates.last_hour(SALES, later) == Answered(1, 0)
    assert rates.today(SALES, later) == Answered(2, 1)
    midnight = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert rates.today(SALES, midnight - timedelta(seconds=1)) == Answered(2, 1)
    assert rates.today(SALES, midnight) == Answered()


def test_an_end_told_out_of_order_is_counted_all_the_same() -> None:
    rates = AnswerRates()
    rates.apply([finished(NOON), finished(NOON - timedelta(minutes=1), "busy")], NOON)
    assert rates.last_hour(SALES, NOON) == Answered(2, 1)


def test_what_was_before_a_restart_is_restored_without_yesterday() -> None:
    rates = AnswerRates()
    one = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)  # twenty past midnight in Japan
    rows = [
        (SALES, one - timedelta(minutes=90), 7, 7),
        (SALES, one - timedelta(minutes=30), 5, 2),
        (SALES, one - timedelta(minutes=10), 3, 1),
    ]
    rates.restore(rows, one)
    assert rates.last_hour(SALES, one) == Answered(8, 3)
    assert rates.today(SALES, one) == Answered(3, 1)


def test_a_quarter_of_an_hour_slides_within_the_hour() -> None:
    rates = AnswerRates()
    for minutes in (0, 20, 30):
        rates.apply(
            [finished(NOON + timedelta(minutes=minutes))], NOON + timedelta(minutes=minutes)
        )
    later = NOON + timedelta(minutes=34, seconds=20)
    assert rates.last_quarter(SALES, later) == Answered(2, 2)
    assert rates.last_quarter(SALES, later + timedelta(minutes=1)) == Answered(1, 1)
    assert rates.last_hour(SALES, later) == Answered(3, 3)
    assert rates.last_quarter(SALES, NOON + timedelta(hours=3)) == Answered()


def test_sliding_figures_do_not_mind_midnight() -> None:
    rates = AnswerRates()
    midnight = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    rates.apply([finished(midnight - timedelta(seconds=20))], midnight - timedelta(seconds=20))
    after = midnight + timedelta(seconds=10)
    rates.apply([finished(after, "no_answer")], after)
    assert rates.today(SALES, after) == Answered(1, 0)
    assert rates.just_now(SALES, after) == rates.last_quarter(SALES, after) == Answered(2, 1)


def test_now_is_the_last_minute_by_moments_of_five_seconds() -> None:
    rates = AnswerRates()
    rates.apply([finished(NOON), finished(NOON + timedelta(seconds=4), "busy")], NOON)
    rates.apply([finished(NOON + timedelta(seconds=9))], NOON + timedelta(seconds=9))
    assert rates.just_now(SALES, NOON + timedelta(seconds=59)) == Answered(3, 2)
    assert rates.just_now(SALES, NOON + timedelta(seconds=60)) == Answered(1, 1)
    assert rates.just_now(SALES, NOON + timedelta(seconds=65)) == Answered()
    assert rates.just_now(CampaignId(9), NOON) == Answered()


def test_after_a_restart_the_quarter_is_known_and_now_is_not() -> None:
    rates = AnswerRates()
    rates.restore([(SALES, NOON - timedelta(minutes=10), 3, 1)], NOON)
    assert rates.last_quarter(SALES, NOON) == Answered(3, 1)
    assert rates.just_now(SALES, NOON) == Answered()
