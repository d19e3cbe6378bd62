"""A promise to pay: one date, or the parts of a plan, and what became of each of them.

The parts of a plan add up to the promised amount to the yen. A part is kept when what was paid
since the promise covers it and those before it by its date and the days of grace, and broken when
that time has passed; neither is taken back, so that kept rates of past months stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

MOST_PARTS = 36
USUAL_COUNTS = (2, 3, 4, 6, 10, 12, 24, 36)  # of parts, where a campaign names no others
LONGEST_PLAN = timedelta(days=3 * 366)
METHODS = ("bank_transfer", "convenience_store", "direct_debit", "card", "other")

PartState = Literal["open", "kept", "broken"]


@dataclass(frozen=True)
class PromisePart:
    """What is to be paid by one date."""

    due_on: date
    amount_yen: int


@dataclass(frozen=True)
class Promised:
    """One promise as its call's page shows it; no parts: all on the one date."""

    due_on: date
    amount_yen: int | None
    method: str | None = None
    parts: tuple[PromisePart, ...] = ()


@dataclass(frozen=True)
class LedgerPart:
    """A part and where it stands; amount None: how much was left open."""

    due_on: date
    amount_yen: int | None
    state: PartState


@dataclass(frozen=True)
class Paid:
    """Money received on a day since the promise."""

    on: date
    amount_yen: int


def adds_up(promised: Promised) -> bool:
    """Whether a plan makes sense: dates that follow each other, parts that sum to the amount."""
    parts = promised.parts
    if not parts:
        return True
    days = [part.due_on for part in parts]
    return (
        2 <= len(parts) <= MOST_PARTS
        and days[0] == promised.due_on
        and all(earlier < later for earlier, later in zip(days, days[1:], strict=False))
        and days[-1] - days[0] <= LONGEST_PLAN
        and all(part.amount_yen > 0 for part in parts)
        and sum(part.amount_yen for part in parts) == promised.amount_yen
    )


def judge(
    parts: Sequence[LedgerPart], paid: Sequence[Paid], *, today: date, grace_days: int
) -> list[PartState]:
    """Where each part stands today, in the order of their dates."""
    found: list[PartState] = []
    wanted = 0
    for part in parts:
        wanted += part.amount_yen if part.amount_yen is not None else 1
        until = part.due_on + timedelta(days=grace_days)
        covered = sum(each.amount_yen for each in paid if each.on <= until) >= wanted
        if part.state != "open":
            found.append(part.state)
        elif covered:
            found.append("kept")
        else:
            found.append("broken" if today > until else "open")
    return found


def of_parts(states: Sequence[PartState]) -> PartState:
    """What a whole promise is: broken with any part, kept with all of them."""
    if "broken" in states:
        return "broken"
    return "kept" if all(state == "kept" for state in states) else "open"
