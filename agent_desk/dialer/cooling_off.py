"""クーリング・オフ: until when an order taken on the telephone may be taken back, and its state.

特定商取引法24条1項: within eight days, the day on which the statutory documents were received being
the first of them. While they have not been received, the days do not begin to run.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

LEGAL_DAYS = 8
MOST_DAYS = 90
KINDS = ("sales", "dormant")  # of the campaigns that take orders

Standing = Literal["awaited", "running", "over", "cancelled"]
STANDINGS: tuple[Standing, ...] = ("awaited", "running", "over", "cancelled")


def until(received_on: date, *, days: int = LEGAL_DAYS) -> date:
    """The last day on which it may be taken back; `days` counts the day of receipt.

    A house may give more days than the law; ValueError for fewer.
    """
    if days < LEGAL_DAYS:
        raise ValueError(f"{days} days are fewer than the {LEGAL_DAYS} of the law")
    return received_on + timedelta(days=days - 1)


def standing(last_day: date | None, *, cancelled: bool, today: date) -> Standing:
    """Where an order stands; `last_day` is None while documents are awaited."""
    if cancelled:
        return "cancelled"
    if last_day is None:
        return "awaited"
    return "running" if today <= last_day else "over"


def in_time(last_day: date | None, *, sent_on: date) -> bool:
    """Whether a notice sent on that day takes the order back; it counts when sent (同条2項)."""
    return last_day is None or sent_on <= last_day
