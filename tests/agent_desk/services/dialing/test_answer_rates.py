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
