"""R06, R36, R54, R60: people who are left alone for a time, or for good.

* R06: bereavement, hospital, disaster, of the person or of the area they live in (監督指針: such
  times are unsuitable).
* R36: a lawyer, 司法書士, court or ADR has given notice, or bankruptcy: every channel stops
  (貸金業法21条1項9号), and the date in the hold does not end it.
* R60: a complaint is open; nobody calls until it is settled, in whatever campaign.
* R54: nothing is owed any more; what was queued for the debt falls away.

Several may stand at once: each rule looks at its own, so setting one aside sets no other aside.
A reason this module does not know holds like R06: somebody wrote it down to have them left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.profiles import PROFILES

FOR_GOOD_REASONS = frozenset({"lawyer_notice", "bankruptcy"})
COMPLAINT = "complaint"
OTHER_REASONS = FOR_GOOD_REASONS | {COMPLAINT}
FAR_YEAR = 9000  # a date there says "until somebody says otherwise"; it is never reckoned with


def represented(case: Case, now: datetime) -> Block | None:
    """R36."""
    given = any(hold.reason in FOR_GOOD_REASONS for hold in case.customer.holds)
    return Block("R36", None) if given else None


def paid(case: Case, now: datetime) -> Block | None:
    """R54."""
    if not case.customer.owes and PROFILES[case.campaign.kind].debts:
        return Block("R54", None)
    return None


def complained(case: Case, now: datetime) -> Block | None:
    """R60."""
    ends = [hold.until for hold in case.customer.holds if hold.reason == COMPLAINT]
    return _longest("R60", ends, now)


def hardship(case: Case, now: datetime) -> Block | None:
    """R06, of the person or the area, whichever is longer."""
    customer = case.customer
    ends = [hold.until for hold in customer.holds if hold.reason not in OTHER_REASONS]
    if customer.area_hold_until is not None:
        ends.append(customer.area_hold_until)
    return _longest("R06", ends, now)


def _longest(rule_id: str, ends: Sequence[datetime | None], now: datetime) -> Block | None:
    """Of several holds under one rule: they may end one after the other."""
    dated = [end for end in ends if end is not None and end.year < FAR_YEAR]
    if len(dated) < len(ends):
        return Block(rule_id, None)
    until = max(dated, default=now)
    return Block(rule_id, until) if now < until else None
