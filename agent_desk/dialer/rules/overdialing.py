"""R22, A33: who is never called with more lines than seats.

* R22: on a number where a live person was left without an operator, for 72 h; on one a machine
  answered, for 24 h (Ofcom's persistent misuse rules). Preview and progressive, where a seat waits
  for each line, may.
* A33: a VIP, at all; nor does a machine talk to one (IVR, AI voice).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agent_desk.dialer.rules.case import Block, Case

AFTER_ABANDONMENT = timedelta(hours=72)
AFTER_MACHINE = timedelta(hours=24)


def barred_number(case: Case, now: datetime) -> Block | None:
    """R22, counted from the end of the call where it is known."""
    if not _overdials(case):
        return None
    untils = [
        (tried.ended_at or tried.at) + (AFTER_ABANDONMENT if tried.abandoned else AFTER_MACHINE)
        for tried in case.ledger.number
        if tried.abandoned or tried.machine
    ]
    until = max(untils, default=None)
    return Block("R22", until) if until is not None and now < until else None


def vip(case: Case, now: datetime) -> Block | None:
    """A33."""
    if case.customer.vip and (_overdials(case) or case.campaign.channel in ("ivr", "ai")):
        return Block("A33", None)
    return None


def _overdials(case: Case) -> bool:
    return case.campaign.channel == "auto" and case.campaign.pacing == "overdial"
