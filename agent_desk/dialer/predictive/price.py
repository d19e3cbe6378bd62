"""What another line may cost: the chance that its answer is abandoned, as a price that moves.

The target gives each live answer a small allowance, and each abandonment takes one away; what is
left is the balance. While there is a lot of it the price is generous; as it is used up the price
falls, smoothly, and near nothing left only lines are started that hardly risk anything. No switch:
dialers that brake to one line per idle seat whenever the day's share is over the limit, and go
full on when it is not, spend the day at one of the two ends.

The balance that counts as normal grows with the root of what may be abandoned, as chance does: a
small campaign keeps three calls back, one of a hundred seats twenty-four of its seven hundred.
Some of it is for what is counted and was not so: machines that screening took for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from agent_desk.dialer.floor import Answers
from agent_desk.dialer.pacing_facts import MOST_ABANDONED

USUAL = 0.8  # the price at a normal balance, as a share of the target
LEAST = 0.067  # and near nothing left
MOST = 2.2  # times the usual price at most, however much is left
LEAST_KEPT_BACK = 3.0  # calls
ROOT_LESS = 2.5  # kept back is the root of what may be abandoned less this: more from thirty on
BEND = 0.8
HELD_BACK = 0.5  # under this part of the usual price the budget is why


@dataclass(frozen=True)
class Price:
    """`value`: chance of abandonment another answer may run; `low` when the budget keeps it so."""

    value: float
    low: bool


@lru_cache(maxsize=64)  # asked far more often than the counts move
def price(answers: Answers, target: float, *, pending: int = 0) -> Price:
    """From the counts of 24 hours and 30 days. `pending` are abandoned and not yet counted.

    The 24 hours are held to `target` (a share, 0–0.03), the 30 days to the limit of 3.0 % (R20).
    """
    target = min(MOST_ABANDONED, max(0.0, target))
    if target == 0.0:
        return Price(0.0, low=True)
    allowed = target * (answers.live_24h + pending)
    left = min(
        allowed - answers.abandoned_24h,
        MOST_ABANDONED * (answers.live_30d + pending) - answers.abandoned_30d,
    )
    left -= pending
    usual = USUAL * target
    least = LEAST * target
    if left < 1.0:
        return Price(least, low=True)
    normal = max(LEAST_KEPT_BACK, sqrt(allowed) - ROOT_LESS)
    factor = min(MOST, (left / normal) ** BEND)
    return Price(max(least, usual * factor), low=factor < HELD_BACK)
