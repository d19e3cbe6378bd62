"""R13, R13-GAP, R55-BUSY: how soon again.

* R13: 端末設備等規則 32条の3: at most 2 automatic redials of a number within 3 minutes of the first
  call. Every attempt counts, one that never rang too. What the gateway sends again to another
  address or trunk because a trunk failed (`softphone/routing/routed_call.py`) is the same attempt:
  it stops at the first word of the person's own network, so they were not called before.
* `R13-GAP`: the product's own spacing, to the person and to the number.
* `R55-BUSY`: one call at a time to a person, and to a household that shares a number. An open call
  may be over in a minute, which is no fact yet: who asks may ask again long before the instant this
  rule names, `LONGEST_CALL` after it began.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.facts import HARD_MIN_GAP

REDIAL_SPAN = timedelta(minutes=3)
REDIALS = 2
LONGEST_CALL = timedelta(hours=4)


def redial_law(case: Case, now: datetime) -> Block | None:
    """R13: the first call and two redials within 3 minutes of it, no more."""
    since = now - REDIAL_SPAN
    recent = sorted(tried.at for tried in case.ledger.number if tried.at > since)
    excess = len(recent) - REDIALS
    return Block("R13", recent[excess - 1] + REDIAL_SPAN) if excess > 0 else None


def min_gap(case: Case, now: datetime) -> Block | None:
    """R13-GAP."""
    return _gap(case, now, case.campaign.min_gap)


def hard_min_gap(case: Case, now: datetime) -> Block | None:
    """R13-GAP: never less than 3 minutes."""
    return _gap(case, now, HARD_MIN_GAP)


def one_at_a_time(case: Case, now: datetime) -> Block | None:
    """R55-BUSY."""
    both = (*case.ledger.person, *case.ledger.number)
    begun = max((tried.at for tried in both if tried.open), default=None)
    if begun is None or now >= begun + LONGEST_CALL:
        return None
    return Block("R55-BUSY", begun + LONGEST_CALL)


def _gap(case: Case, now: datetime, gap: timedelta) -> Block | None:
    both = (*case.ledger.person, *case.ledger.number)
    newest = max((tried.at for tried in both if tried.weighs), default=None)
    if newest is None or now >= newest + gap:
        return None
    return Block("R13-GAP", newest + gap)
