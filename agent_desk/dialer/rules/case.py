"""One question to the rules of calling, and the answer of one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.rules.facts import CampaignRules, CustomerFacts, Ledger, PhoneFacts


@dataclass(frozen=True)
class Case:
    """Everything a rule may look at."""

    customer: CustomerFacts
    phone: PhoneFacts
    campaign: CampaignRules
    ledger: Ledger


@dataclass(frozen=True)
class Block:
    """A rule says no until this instant (None: until the facts change).

    It says no at every instant before it, too: what is not asked again until then is not lost.
    """

    rule_id: str
    until: datetime | None


Rule = Callable[[Case, datetime], Block | None]
