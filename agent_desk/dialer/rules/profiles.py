"""Which rules speak for which kind of campaign: the profiles.

A campaign that wakes dormant customers solicits, so it is judged as sales. What is the same for
all kinds (the daily cap, the gap, holds, do-not-call, the form of a number) does not stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agent_desk.dialer.rules.facts import Kind


@dataclass(frozen=True)
class Profile:
    """One kind of campaign.

    * `hours_rule`: under which rule its hours stand; `weekend_open_minute`: not before on weekends.
    * `year_end`: rests from 31 December to 3 January unless an override sets R05 aside.
    * `debts`: it is about money owed: paid debts, weekly caps by delinquency class, rests after an
      attempt, someone else's answer or a talk, and workplace numbers (R54, R11, R12, R34).
    * `solicits`: attempts per list are capped and a refusal is for good (R14, R38); surveys too.
    """

    hours_rule: str
    weekend_open_minute: int = 0
    year_end: bool = False
    debts: bool = False
    solicits: bool = False


SALES = Profile("R03", solicits=True)
PROFILES: Mapping[Kind, Profile] = MappingProxyType(
    {
        "collections": Profile("R01", year_end=True, debts=True),
        "sales": SALES,
        "dormant": SALES,
        "survey": Profile("R04", weekend_open_minute=10 * 60, solicits=True),
    }
)
