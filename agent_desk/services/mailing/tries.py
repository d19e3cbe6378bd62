"""How often a mail is tried, and what a try that failed comes to. Pure.

A server that says no to a mail for good (5xx) is believed at once. Everything else may pass: a
server that puts off (4xx), is away or lets nobody in, and a report that cannot be made just now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.store.reports.deliveries import FAILED, SENT, WAITING, Standing

PAUSES = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 180))
MOST_TRIES = len(PAUSES) + 1
# Longer than a report takes to be made and a mail to be handed in. Who begins a try and never
# tells how it ended has died with it; so has, at once, who is replaced by another process. The
# mail may then go out twice, under the same Message-ID.
HELD = timedelta(minutes=15)
INTERRUPTED, DIED = "interrupted", "died"

TRY_SENT, TRY_LATER, TRY_REFUSED = "sent", "later", "refused"
RESULTS = (TRY_SENT, TRY_LATER, TRY_REFUSED)


@dataclass(frozen=True)
class Ending:
    """How a try ended, and in a word why."""

    result: str
    reason: str | None = None
    smtp_code: int | None = None


def standing_after(ending: Ending, *, tries: int, now: datetime) -> Standing:
    """Where a mail stands after its try number `tries`."""
    if ending.result == TRY_SENT:
        return Standing(SENT, sent_at=now)
    if ending.result == TRY_REFUSED or tries >= MOST_TRIES:
        return Standing(FAILED, ending.reason, ending.smtp_code)
    return Standing(WAITING, ending.reason, ending.smtp_code, next_try_at=now + PAUSES[tries - 1])


def standing_interrupted(*, tries: int, now: datetime) -> Standing:
    """Where a mail stands whose try number `tries` ended with the process: nobody knows whether it
    arrived. What kills whoever sends it is given up in the end."""
    reason = DIED if tries >= MOST_TRIES else INTERRUPTED
    return standing_after(Ending(TRY_LATER, reason), tries=tries, now=now)
