"""May this person be called on this number now, and if not, from when on?

One pure function, `evaluate`, is asked by the list preview, by the lease transaction (in the same
transaction that writes the attempt), by manual calls and by every other channel. Each rule is a
row of `RULES`: a function of the room `rules/` that answers None or a `Block` with the instant the
rule itself lifts. A rule blocks the whole span [now, until), which makes `next_allowed_at` exact:
it is found by asking again at the latest `until` of the rules that blocked, until none does, so at
that instant `evaluate` allows and just before it does not. A rule added later is a row added here.

**Hard limits** hold whatever is set or lifted: settings outside them do not exist (`rules.facts`),
overrides of what is not in `rules.lifting.LIFTABLE` do nothing, and where a limit stands behind a
rule that is lifted, the row's second function keeps it.

The rules of the catalogue (docs/decisions/0020-rules-of-calling.md says where it was silent):

* `rules.numbers` R57 · `rules.refusals` DNC R34 R38 · `rules.holds` R06 R36 R54 R60 ·
  `rules.hours` R01 R03 R04 R05 R16 · `rules.wishes` R02 · `rules.caps` R10 R11 R14 R15 R55 ·
  `rules.rests` R12 · `rules.redial` R13 R55-BUSY · `rules.overdialing` R22 A33.

What is not a question of whether this person may be called now stands elsewhere:

* R13's and R16's CANCEL: the ring limit of a lease, and the gateway's own clock.
* R20, R24: `dialer/pacing.py`; R21, R23: the gateway's bridge, from `PlaceCall` alone.
* R30: the caller id of a campaign and its trunk. R32: the identity gate. R59: stopping a campaign.
* R31, R33, R35, R37, R40, R43, R52: what is said, so the script's. R39: orders. R41, R42: texts of
  messages (SMS asks here too, as a channel). R56: the AI voice channel. R50, R51, R53: what is
  kept, for how long, and who reads it. R58: where a list comes from, at import.

An attempt counts for caps, rests and the gap while it is open and when it rang or was answered; for
R13 every INVITE counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from agent_desk.dialer.rules import (
    caps,
    holds,
    numbers,
    overdialing,
    redial,
    refusals,
    rests,
    wishes,
)
from agent_desk.dialer.rules import hours as hours_of_day
from agent_desk.dialer.rules.case import Block, Case, Rule
from agent_desk.dialer.rules.facts import (
    HARD_CLOSE_MINUTE,
    HARD_DAILY_CAP,
    HARD_OPEN_MINUTE,
    CampaignRules,
    CustomerFacts,
    Ledger,
    PhoneFacts,
    Try,
    Verdict,
)
from agent_desk.dialer.rules.hours import hours
from agent_desk.dialer.rules.lifting import is_lifted
from agent_desk.dialer.rules.numbers import dialable_form

__all__ = [
    "HARD_CLOSE_MINUTE",
    "HARD_DAILY_CAP",
    "HARD_OPEN_MINUTE",
    "CampaignRules",
    "CustomerFacts",
    "Ledger",
    "PhoneFacts",
    "Try",
    "Verdict",
    "dialable_form",
    "evaluate",
    "hours",
    "last_invite_at",
]

# Kept with every verdict. It changes whenever the same facts may be judged otherwise than before.
RULE_SET_VERSION = "4"

# What blocks without an end because nothing but new facts about this person or number can change
# it: an entry is closed. Any other block without an end is worth another look the next day.
FOR_GOOD = frozenset({"R57", "DNC", "R34", "R36", "R38", "R54"})

MAX_ROUNDS = 1000  # of the search for `next_allowed_at`; rules lift within days
AFTER_HOURS = frozenset({"R01", "R03", "R04"})
AFTER_HOURS_ROOM = timedelta(minutes=1)  # to send the INVITE of a call consented to


class Row(NamedTuple):
    """A rule, and what is left of it while it is lifted (None: nothing).

    `returns`: it can forbid again what it has allowed, with the hour or the day. All others only
    ever end, as long as the facts stay as they are.
    """

    rule: Rule
    hard: Rule | None = None
    returns: bool = False


# In the order the rules are named: what is for good before what passes.
RULES: tuple[Row, ...] = (
    Row(numbers.never_dialed),
    Row(refusals.do_not_call),
    Row(holds.represented),
    Row(refusals.refused),
    Row(holds.paid),
    Row(refusals.workplace),
    Row(refusals.hung_up_twice),
    Row(holds.complained),
    Row(holds.hardship),
    Row(overdialing.vip),
    Row(hours_of_day.closed_day, returns=True),
    Row(hours_of_day.within_window, returns=True),
    Row(wishes.outside_wish, returns=True),
    Row(caps.daily_cap, caps.hard_daily_cap),
    Row(caps.weekly_cap, caps.hard_weekly_cap),
    Row(caps.total_cap, caps.hard_total_cap),
    Row(caps.regulation_f),
    Row(rests.rest),
    Row(redial.redial_law),
    Row(redial.min_gap, redial.hard_min_gap),
    Row(redial.one_at_a_time),
    Row(overdialing.barred_number),
)
RETURNING = tuple(row for row in RULES if row.returns)


def evaluate(
    customer: CustomerFacts,
    phone: PhoneFacts,
    campaign: CampaignRules,
    now: datetime,
    ledger: Ledger,
) -> Verdict:
    """The verdict at `now`; `next_allowed_at` supposes that the facts stay as they are."""
    case = Case(customer, phone, campaign, ledger)
    first, lifted = _judge(case, now, RULES)
    if not first:
        return Verdict(True, lifted=lifted)
    rule_ids = tuple(block.rule_id for block in first)
    return Verdict(False, rule_ids, _next_allowed(case, now, first), lifted)


def _judge(case: Case, now: datetime, rows: tuple[Row, ...]) -> tuple[list[Block], tuple[str, ...]]:
    """Every rule that says no at this instant, in the order of the table, and those lifted."""
    found: list[Block] = []
    lifted: tuple[str, ...] = ()
    for rule, hard, _ in rows:
        block = rule(case, now)
        if block is None:
            continue
        if is_lifted(case, block.rule_id, now):
            rule_id = block.rule_id
            block = hard(case, now) if hard is not None else None
            if block is None:
                lifted += (rule_id,)
                continue
        found.append(block)
    return found, lifted


def _next_allowed(case: Case, now: datetime, found: list[Block]) -> datetime | None:
    """At the latest end of the rules that block now, the others may block again, and so on."""
    rows = RULES if _may_tighten(case, now) else RETURNING
    for _ in range(MAX_ROUNDS):
        untils = [block.until for block in found if block.until is not None]
        if len(untils) < len(found):
            return None
        instant = max(untils)
        found, _ = _judge(case, instant, rows)
        if not found:
            return instant
    return None


def _may_tighten(case: Case, now: datetime) -> bool:
    """Whether rules may begin to forbid: a lift ends, or a clock went back behind an attempt."""
    if case.customer.lifts or case.campaign.lifts:
        return True
    return any(tried.at > now for tried in (*case.ledger.person, *case.ledger.number))


def last_invite_at(
    campaign: CampaignRules,
    now: datetime,
    customer: CustomerFacts | None = None,
    lifted: Sequence[str] = (),
) -> datetime:
    """The last instant an INVITE allowed at `now` may leave: `not_after` of a lease.

    From it on ringing could outlast the day's window, or the time the person named; a gateway
    whose clock is past it refuses. `lifted` is the verdict's: a call after hours leaves at once or
    not at all, and none leaves when the override it rests on has ended.
    """
    person = customer or CustomerFacts()
    lasts = [hours_of_day.window(campaign, now)[1]]
    if AFTER_HOURS & set(lifted):
        lasts = [now + AFTER_HOURS_ROOM]
    if person.wish is not None and "R02" not in lifted:
        wished = wishes.last_wished(person.wish, campaign, now)
        lasts += [] if wished is None else [wished]
    for rule_id in lifted:
        lifts = (*person.lifts, *campaign.lifts)
        ends = max((lift.until for lift in lifts if lift.rule_id == rule_id), default=None)
        lasts += [] if ends is None else [ends - timedelta.resolution]
    return min(lasts)
