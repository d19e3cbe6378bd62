"""What the tests of the rules of calling ask about: a person, a number, May 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent_desk.dialer.business_time import JST
from agent_desk.dialer.calling_rules import evaluate
from agent_desk.dialer.rules.facts import (
    CampaignRules,
    CustomerFacts,
    Ledger,
    Lift,
    PhoneFacts,
    Try,
    Verdict,
)

PERSON = CustomerFacts(delinquency="d91")
PHONE = PhoneFacts("+819012345678")
COLLECTIONS = CampaignRules("collections")
SALES = CampaignRules("sales")
SURVEY = CampaignRules("survey")
NOTHING = Ledger()
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
FAR = datetime(2027, 1, 1, tzinfo=UTC)


def clock(text: str, day: int = 12, month: int = 5, year: int = 2026) -> datetime:
    """A time of Tuesday the 12th of May 2026 (or of another day) in Japan."""
    hour, minute, second = (int(part) for part in f"{text}:00".split(":")[:3])
    return datetime(year, month, day, hour, minute, second, tzinfo=JST)


NOON = clock("12:00")


def judge(
    now: datetime = NOON,
    campaign: CampaignRules = COLLECTIONS,
    ledger: Ledger = NOTHING,
    *,
    customer: CustomerFacts = PERSON,
    phone: PhoneFacts = PHONE,
) -> Verdict:
    """The verdict; what is not said is an ordinary person whom nobody has called."""
    return evaluate(customer, phone, campaign, now, ledger)


def tries(*instants: datetime, open_: bool = False, counts: bool = True, **more: Any) -> Any:
    """Attempts begun at these instants."""
    return tuple(Try(at, open_, counts, **more) for at in instants)


def past(*instants: datetime, **more: Any) -> Ledger:
    """A ledger of a person with one number of their own."""
    found = tries(*instants, **more)
    return Ledger(person=found, number=found)


def lift(rule_id: str, *, until: datetime = FAR, manual_only: bool = False) -> CustomerFacts:
    """The ordinary person with an override."""
    return replace(PERSON, lifts=(Lift(rule_id, until, manual_only),))


def on(day: int, month: int = 5, year: int = 2026) -> date:
    return date(year, month, day)
