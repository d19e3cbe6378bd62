"""R06, R36, R54, R60: people who are left alone for a time, or for good.

* R06: bereavement, hospital, disaster, of the person or of the area they live in (監督指針: such
  times are unsuitable).
* R36: a lawyer, 司法書士, court or ADR has given notice, or bankruptcy: every channel stops
  (貸金業法21条1項9号), and the date in the hold does not end it.
* R60: a complaint is open; nobody calls until it is settled, in whatever campaign.
* R54: nothing is owed any more; what was queued for the debt falls away.

A reason this module does not know holds like R06: somebody wrote it down to have them left alone.
"""

from __future__ import annotations

from datetime import datetime

from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.profiles import PROFILES

FOR_GOOD_REASONS = frozenset({"lawyer_notice", "bankruptcy"})
COMPLAINT = "complaint"
OTHER_REASONS = FOR_GOOD_REASONS | {COMPLAINT}
FAR_YEAR = 9000  # a date there says "until somebody says otherwise"; it is never reckoned with


def represented(case: Case, now: datetime) -> Block | None:
    """R36."""
    return Block("R36", None) if case.customer.hold_reason in FOR_GOOD_REASONS else None


def paid(case: Case, now: datetime) -> Block | None:
    """R54."""
    if not case.customer.owes and PROFILES[case.campaign.kind].debts:
        return Block("R54", None)
    return None


def complained(case: Case, now: datetime) -> Block | None:
    """R60."""
    if case.customer.hold_reason != COMPLAINT:
        return None
    return _until("R60", case.customer.hold_until, now)


def hardship(case: Case, now: datetime) -> Block | None:
    """R06, of the person or the area, whichever is longer."""
    customer = case.customer
    found = []
    held = customer.hold_reason is not None or customer.hold_until is not None
    if held and customer.hold_reason not in OTHER_REASONS:
        found.append(_until("R06", customer.hold_until, now))
    if customer.area_hold_until is not None:
        found.append(_until("R06", customer.area_hold_until, now))
    untils = [block.until for block in found if block is not None]
    if None in untils:
        return Block("R06", None)
    return Block("R06", max(filter(None, untils))) if untils else None


def _until(rule_id: str, end: datetime | None, now: datetime) -> Block | None:
    if end is None or end.year >= FAR_YEAR:
        return Block(rule_id, None)
    return Block(rule_id, end) if now < end else None
