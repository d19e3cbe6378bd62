"""Abandoned calls: which live answers are abandoned, and what of it a campaign can still afford.

Abandoned is a live answer without two-way operator audio within 2.0 s of the end of the greeting
(16 CFR 310.4(b)(4); rule R20). What the gateway tells in instants is enough to judge it here:

* The clock starts with the end of the greeting. Until screening has given one it starts with the
  200 OK; where screening said that a person is there and heard no greeting end (noise, or still
  talking), with that word, for it came as soon as it could.
* It stops with two-way audio, so an operator who comes late does not undo the abandonment; or with
  the customer's hanging up, so whoever hangs up before the time is over was not abandoned.
* Machines, announcements, tones and silent lines are no live answers: neither in the numerator nor
  in the denominator. Nor is a call that came in.

The safe-harbour recording does not undo an abandonment either; it is what makes it lawful at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from math import floor as whole

from agent_desk.dialer.floor import Answers, Call
from agent_desk.dialer.outcomes import PERSON
from agent_desk.dialer.pacing_facts import MOST_ABANDONED

WITHIN_S = 2.0  # nobody may set a longer time; a shorter one is a campaign's choice
# The recording must have begun within the time (R21), and an order to join takes a moment too.
PROMPT_LEAD_S = 0.1


def clock_start(call: Call) -> datetime | None:
    """From when the customer's waiting counts; None before the answer."""
    if call.greeting_end_at is not None:
        return call.greeting_end_at
    return call.offered_at if call.verdict in PERSON else call.answered_at


def serve_within(within_s: float) -> float:
    """Seconds in which a customer may still be joined to a seat; then the recording begins."""
    return max(0.0, within_s - PROMPT_LEAD_S)


def waited_too_long(call: Call, *, ended_at: datetime, within_s: float) -> bool:
    """Whether a live answer that ended at `ended_at` had no operator within `within_s` seconds."""
    start = clock_start(call)
    if start is None or call.inbound:
        return False
    return (call.bridged_at or ended_at) - start > timedelta(seconds=within_s)


def counted(answers: Answers, *, abandoned: bool) -> Answers:
    """The windows with one live answer more."""
    more = int(abandoned)
    return replace(
        answers,
        live_24h=answers.live_24h + 1,
        abandoned_24h=answers.abandoned_24h + more,
        live_30d=answers.live_30d + 1,
        abandoned_30d=answers.abandoned_30d + more,
    )


@dataclass(frozen=True)
class Spending:
    """One window. `left_target` and `left_limit`: so many of the next calls may be abandoned, one
    after the other, before the share is above the target and above 3.0 %; 0 when it is there.
    `served_until_target`: so many live answers must be served first; 0 while something is left."""

    live: int
    abandoned: int
    left_target: int
    left_limit: int
    served_until_target: int

    @property
    def share(self) -> float:
        """Abandoned of live answers, 0.0–1.0; 0.0 while there are none."""
        return self.abandoned / self.live if self.live else 0.0


@dataclass(frozen=True)
class Budget:
    """What a lead sees of a campaign's abandonment: the target and both windows of R20."""

    target: float
    day: Spending
    month: Spending

    @property
    def spent(self) -> bool:
        """3.0 % of 24 h are reached: one line per idle ready seat."""
        return self.day.live > 0 and 100 * self.day.abandoned >= 3 * self.day.live


def budget(answers: Answers, target: float) -> Budget:
    """Of a campaign's counts and its target (share, 0.0–0.03)."""
    return Budget(
        target,
        _spending(answers.live_24h, answers.abandoned_24h, target),
        _spending(answers.live_30d, answers.abandoned_30d, target),
    )


def _spending(live: int, abandoned: int, target: float) -> Spending:
    return Spending(
        live,
        abandoned,
        left_target=_left(live, abandoned, target),
        left_limit=_left(live, abandoned, MOST_ABANDONED),
        served_until_target=_to_serve(live, abandoned, target),
    )


def _left(live: int, abandoned: int, share: float) -> int:
    """The most k with (abandoned + k) / (live + k) <= share."""
    exact = _exact(share)
    return max(0, whole((exact * live - abandoned) / (1 - exact)))


def _to_serve(live: int, abandoned: int, share: float) -> int:
    """The fewest m with abandoned / (live + m) <= share; of no use while the share is 0."""
    exact = _exact(share)
    if abandoned <= exact * live or not exact:
        return 0
    return ceil(abandoned / exact) - live


def _exact(share: float) -> Fraction:
    """0.01 as it is written, not as it is stored."""
    return Fraction(share).limit_denominator(100_000)
