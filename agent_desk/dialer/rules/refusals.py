"""DNC, R38, R38-REVIEW, R34: people and numbers that have said no, or must not be told.

* DNC: do-not-call of the person or the number, at once and for good, on every channel.
* R38: who has refused to be solicited is not solicited again (特商法17条), whatever list or later
  import they are on. Collections are not solicitation: a debt is not refused away.
* `R38-REVIEW`: hanging up without a word, twice, may be a refusal (特商法17条 counts it as one):
  nobody solicits them for 30 days, unless a lead has looked and says otherwise.
* R34: in collections no call to the place of work (貸金業法21条1項3号). One call by hand can be
  allowed, with consent or when they moved without telling (`lifting.LIFTABLE`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.profiles import PROFILES

HANG_UPS = 2
REVIEW = timedelta(days=30)


def do_not_call(case: Case, now: datetime) -> Block | None:
    """DNC."""
    if case.customer.do_not_call or case.phone.do_not_call:
        return Block("DNC", None)
    return None


def refused(case: Case, now: datetime) -> Block | None:
    """R38."""
    if case.customer.refused and PROFILES[case.campaign.kind].solicits:
        return Block("R38", None)
    return None


def hung_up_twice(case: Case, now: datetime) -> Block | None:
    """R38-REVIEW."""
    person = case.ledger.person
    if len(person) < HANG_UPS or not PROFILES[case.campaign.kind].solicits:
        return None
    since = now - REVIEW
    hung_up = sorted(t.at for t in person if t.hung_up and t.same_debt and t.at > since)
    return Block("R38-REVIEW", hung_up[-HANG_UPS] + REVIEW) if len(hung_up) >= HANG_UPS else None


def workplace(case: Case, now: datetime) -> Block | None:
    """R34."""
    if case.phone.workplace and PROFILES[case.campaign.kind].debts:
        return Block("R34", None)
    return None
