"""Which rules can be set aside, by whom, for which calls; and which cannot.

`LIFTABLE` is the whole list: services read from it who may make an override and what it must name,
`evaluate` reads from it what an override is worth. A lift of a rule that is not here does nothing,
whoever wrote it into the database; neither does one on a channel the row does not name. Where a
limit stands behind the rule, the lift goes as far as the limit and no further.

Not here, so never lifted: DNC and R57; R13 (the law's part; the product's own gap may shrink to
its 3 minutes); R15 (who switches Regulation F on wants it kept); R22 (72 h after an abandoned call,
24 h after a machine: a call by hand or without overdialing is free anyway); R54 (nothing is
owed); R55 and R55-BUSY (one counter per household, one call at a time); A33 (a mark of the person,
taken off them and not lifted).

Where the catalogue asks for `compliance`, managers answer as well: the two have one rank.
What the catalogue lets a supervisor do, a lead may. A role stands for itself and those above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from agent_desk.dialer.rules.case import Case
from agent_desk.dialer.rules.facts import Channel

Subject = Literal["person", "campaign"]  # a number's override is handed over with its person's

ALL: frozenset[Channel] = frozenset({"auto", "preview", "manual", "ivr", "ai", "sms"})
ATTENDED: frozenset[Channel] = frozenset({"preview", "manual"})
BY_HAND: frozenset[Channel] = frozenset({"manual"})
ONE: frozenset[Subject] = frozenset({"person"})
BOTH: frozenset[Subject] = frozenset({"person", "campaign"})


@dataclass(frozen=True)
class Liftable:
    """What an override of one rule needs and reaches.

    * `role`: the least role that may make it. `subjects`: for whom. `channels`: for which calls.
    * `consent`: kind of the person's consent it must rest on. `reasons`: codes one of which it must
      name; () is free text, which is asked for in every case.
    """

    role: Literal["lead", "manager"]
    subjects: frozenset[Subject]
    channels: frozenset[Channel]
    consent: Literal["after_hours", "workplace"] | None = None
    reasons: tuple[str, ...] = ()


AFTER_HOURS = Liftable("manager", ONE, BY_HAND, consent="after_hours")
UNREASONABLE_WISH = ("no_concrete_date", "promise_broken", "unreasonable_request")

LIFTABLE: Mapping[str, Liftable] = MappingProxyType(
    {
        "R01": AFTER_HOURS,
        "R02": Liftable("lead", ONE, ALL, reasons=UNREASONABLE_WISH),
        "R03": AFTER_HOURS,
        "R04": AFTER_HOURS,
        "R05": Liftable("manager", BOTH, ALL),
        "R06": Liftable("lead", ONE, ATTENDED),
        "R10": Liftable("manager", BOTH, ALL),  # up to 3 a day
        "R11": Liftable("manager", BOTH, ALL),  # up to 21 a week
        "R12": Liftable("manager", BOTH, ALL),  # the gap of R13-GAP stays
        "R13-GAP": Liftable("manager", BOTH, ATTENDED),  # down to 3 minutes
        "R14": Liftable("manager", BOTH, ALL),  # up to 6
        "R34": Liftable("lead", ONE, BY_HAND, reasons=("consent", "contact_changed")),
        "R36": Liftable("manager", ONE, BY_HAND),
        "R38": Liftable("manager", ONE, ATTENDED),
        "R38-REVIEW": Liftable("lead", ONE, ALL),  # the review: it was no refusal
        "R60": Liftable("lead", ONE, BY_HAND),
    }
)


def is_lifted(case: Case, rule_id: str, now: datetime) -> bool:
    """Whether an override of this rule is in force for this call at this instant."""
    if not case.customer.lifts and not case.campaign.lifts:
        return False
    row = LIFTABLE.get(rule_id)
    channel = case.campaign.channel
    if row is None or channel not in row.channels:
        return False
    found = case.customer.lifts
    if "campaign" in row.subjects:
        found += case.campaign.lifts
    return any(
        lift.rule_id == rule_id
        and now < lift.until
        and (channel == "manual" or not lift.manual_only)
        for lift in found
    )
