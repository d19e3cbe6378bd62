"""DNC, R38, R34: people and numbers that have said no, or to whom it may not be said aloud.

* DNC: do-not-call of the person or the number, at once and for good, on every channel.
* R38: who has refused to be solicited is not solicited again (特商法17条), whatever list or later
  import they are on. Collections are not solicitation: a debt is not refused away.
* R34: in collections no call to the place of work (貸金業法21条1項3号). One call by hand can be
  allowed, with consent or when they moved without telling (`lifting.LIFTABLE`).
"""

from __future__ import annotations

from datetime import datetime

from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.profiles import PROFILES


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


def workplace(case: Case, now: datetime) -> Block | None:
    """R34."""
    if case.phone.workplace and PROFILES[case.campaign.kind].debts:
        return Block("R34", None)
    return None
