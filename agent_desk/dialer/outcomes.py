"""How an attempt ended: one table from the network's answer to outcome, blame and retry.

Everything above this table (pacing, retries, caps, reports) speaks in `Outcome`, never in SIP
codes. A final word is judged in this order, the first that fits is the row:

1. an operator's audio was lost, or a person was answered and kept waiting (`seat_lost`,
   `abandoned`);
2. what answered was not a person (screening);
3. a person answered: bridged it is `human`, not bridged it is `hung_up_at_once` when the customer
   ended it (即切り), else `abandoned`: a live answer that we end is never nothing (invariant I3);
4. nobody answered: we took it back (`cancelled`), or the SIP code says why. Carriers wrap the
   network's own cause in 480 and 5xx; where a Q.850 cause comes with those (RFC 6432), it is the
   better witness. Where all that leads to `no_answer` and the special information tone was heard
   instead of a ringing telephone, a recording of the network answered: `announcement`. Not
   `invalid_number`, which closes a number at once: ITU-T E.180 puts the same tone before "not in
   use" and before "all lines are busy"; heard on two days, `announcement` closes it as well. No
   other early sound decides anything: speech may be the customer's own melody for callers.

Whether an attempt *counts* against the customer's caps (rules R10, R14) is not a matter of the
row: it counts if the telephone rang or was answered, and also when nobody can tell (the gateway
died, invariant I5). A final answer without any 18x releases it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from agent_desk.dialer.gateway_facts import CallEnded

Blame = Literal["customer", "network", "carrier", "us", "none"]


class Outcome(StrEnum):
    """Machine-made, one per attempt, final. Values are API: `outcome.<code>` in the catalogue."""

    HUMAN = "human"  # a person talked with an operator
    ABANDONED = "abandoned"  # a live answer nobody took in time
    HUNG_UP_AT_ONCE = "hung_up_at_once"  # 即切り: a person answered and was gone before the bridge
    MACHINE = "machine"
    ANNOUNCEMENT = "announcement"  # 現アナ and other recordings of the network
    SILENCE = "silence"
    TONE = "tone"  # fax or modem
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    INVALID_NUMBER = "invalid_number"
    REJECTED = "rejected"
    CONGESTION = "congestion"
    TRUNK_FAILURE = "trunk_failure"  # the carrier never answered, or did not accept the INVITE
    CANCELLED = "cancelled"  # the desk took an unanswered call back
    SEAT_LOST = "seat_lost"  # the operator's audio was gone for too long
    SYSTEM_FAILURE = "system_failure"  # a gateway died or does not know the call any more
    NOT_PLACED = "not_placed"  # the INVITE never left
    SKIPPED = "skipped"  # preview: the operator passed the customer over
    MISSED = "missed"  # inbound: the caller was told that nobody is free
    GAVE_UP = "gave_up"  # inbound: the caller hung up before an operator was there
    OUT_OF_HOURS = "out_of_hours"  # inbound: the caller was told our hours


class Ladder(StrEnum):
    """Names of retry ladders (`selection.LADDERS`): of outcomes, and of results."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    ANNOUNCEMENT = "announcement"
    SILENCE = "silence"
    INVALID = "invalid"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    HUNG_UP = "hung_up"
    CONGESTION = "congestion"
    OURS = "ours"
    CALLBACK = "callback"
    TALKED = "talked"
    SKIPPED = "skipped"
    CONTACT = "contact"
    VALID = "valid"
    CLOSE = "close"


@dataclass(frozen=True)
class OutcomeRow:
    """One row: `counts` is filled in for the attempt at hand, the rest stands in the table."""

    outcome: Outcome
    blame: Blame
    retry: Ladder
    live_answer: bool = False  # a person answered: the denominator of the abandonment rate
    counts: bool = True


ROWS: Mapping[Outcome, OutcomeRow] = {
    row.outcome: row
    for row in (
        OutcomeRow(Outcome.HUMAN, "none", Ladder.TALKED, live_answer=True),
        OutcomeRow(Outcome.ABANDONED, "us", Ladder.ABANDONED, live_answer=True),
        OutcomeRow(Outcome.HUNG_UP_AT_ONCE, "customer", Ladder.HUNG_UP, live_answer=True),
        OutcomeRow(Outcome.MACHINE, "customer", Ladder.MACHINE),
        OutcomeRow(Outcome.ANNOUNCEMENT, "network", Ladder.ANNOUNCEMENT),
        OutcomeRow(Outcome.SILENCE, "customer", Ladder.SILENCE),
        OutcomeRow(Outcome.TONE, "customer", Ladder.INVALID),
        OutcomeRow(Outcome.BUSY, "customer", Ladder.BUSY),
        OutcomeRow(Outcome.NO_ANSWER, "customer", Ladder.NO_ANSWER),
        OutcomeRow(Outcome.INVALID_NUMBER, "network", Ladder.INVALID),
        OutcomeRow(Outcome.REJECTED, "customer", Ladder.REJECTED),
        OutcomeRow(Outcome.CONGESTION, "carrier", Ladder.CONGESTION),
        OutcomeRow(Outcome.TRUNK_FAILURE, "carrier", Ladder.CONGESTION),
        OutcomeRow(Outcome.CANCELLED, "us", Ladder.OURS),
        OutcomeRow(Outcome.SEAT_LOST, "us", Ladder.CALLBACK, live_answer=True),
        OutcomeRow(Outcome.SYSTEM_FAILURE, "us", Ladder.OURS),
        OutcomeRow(Outcome.NOT_PLACED, "us", Ladder.OURS, counts=False),
        OutcomeRow(Outcome.SKIPPED, "none", Ladder.SKIPPED, counts=False),
        OutcomeRow(Outcome.MISSED, "us", Ladder.CALLBACK, counts=False),
        OutcomeRow(Outcome.GAVE_UP, "customer", Ladder.CALLBACK, counts=False),
        OutcomeRow(Outcome.OUT_OF_HOURS, "none", Ladder.SKIPPED, counts=False),
    )
}

# What screening heard, when it was not a person.
VERDICTS: Mapping[str, Outcome] = {
    "machine": Outcome.MACHINE,
    "announcement": Outcome.ANNOUNCEMENT,
    "tone": Outcome.TONE,
    "silence": Outcome.SILENCE,
}
INFORMATION_TONE = "information tone"  # the gateway's word for it among its evidence
PERSON = frozenset({"human", "uncertain"})  # an uncertain verdict is treated as a person

SIP_CODES: Mapping[int, Outcome] = {
    403: Outcome.REJECTED,
    404: Outcome.INVALID_NUMBER,
    408: Outcome.NO_ANSWER,  # without any 18x: the trunk did not answer, see `_unanswered`
    410: Outcome.INVALID_NUMBER,
    433: Outcome.REJECTED,
    480: Outcome.NO_ANSWER,
    484: Outcome.INVALID_NUMBER,
    486: Outcome.BUSY,
    487: Outcome.NO_ANSWER,  # our ring limit; taken back by the desk it is `cancelled`
    600: Outcome.BUSY,
    603: Outcome.REJECTED,
    604: Outcome.INVALID_NUMBER,
    607: Outcome.REJECTED,
    608: Outcome.REJECTED,
}

# ITU-T Q.850 causes that say more than the SIP code they came with.
Q850_CAUSES: Mapping[int, Outcome] = {
    1: Outcome.INVALID_NUMBER,  # unallocated number
    17: Outcome.BUSY,
    18: Outcome.NO_ANSWER,  # no user responding
    19: Outcome.NO_ANSWER,  # alerted, no answer
    20: Outcome.NO_ANSWER,  # subscriber absent
    21: Outcome.REJECTED,
    22: Outcome.INVALID_NUMBER,  # number changed
    28: Outcome.INVALID_NUMBER,  # invalid number format
    34: Outcome.CONGESTION,
    38: Outcome.CONGESTION,
    41: Outcome.CONGESTION,
    42: Outcome.CONGESTION,
}


def classify(ended: CallEnded, *, bridged: bool | None = None) -> OutcomeRow:
    """The row of a gateway's final word.

    `bridged` is whether an operator heard the customer; the engine knows. When left out, it is
    taken that a live answer which was not abandoned was bridged.
    """
    if ended.answered:
        live_verdict = ended.verdict not in VERDICTS
        row = _answered(ended, not ended.abandoned and live_verdict if bridged is None else bridged)
    else:
        outcome = _unanswered(ended)
        if outcome is Outcome.NO_ANSWER and ended.early_media == INFORMATION_TONE:
            outcome = Outcome.ANNOUNCEMENT
        row = ROWS[outcome]
    return replace(row, counts=row.counts and (ended.rang or ended.answered))


def of_inbound(row: OutcomeRow, *, by: str, bridged: bool, prompt: str | None) -> OutcomeRow:
    """The row of a call that came in, from what it would be had we made it.

    `prompt` is the newest recording the caller heard. Nothing of it counts against caps or is in
    the denominator of the abandonment rate, which are about calls we make.
    """
    if bridged or row.outcome in (Outcome.SYSTEM_FAILURE, Outcome.SEAT_LOST):
        found = row
    elif prompt == "closed":
        found = ROWS[Outcome.OUT_OF_HOURS]
    elif by in ("customer", "trunk") and prompt != "all_busy":
        found = ROWS[Outcome.GAVE_UP]
    else:
        found = ROWS[Outcome.MISSED]
    return replace(found, live_answer=False, counts=False)


def _answered(ended: CallEnded, bridged: bool) -> OutcomeRow:
    if ended.seat_lost:
        return ROWS[Outcome.SEAT_LOST]
    if ended.abandoned and not bridged:
        return ROWS[Outcome.ABANDONED]
    if ended.verdict in VERDICTS:
        return ROWS[VERDICTS[ended.verdict]]
    if bridged:
        return ROWS[Outcome.HUMAN]
    if ended.by in ("customer", "trunk"):
        # Nobody was screened as a person yet: better not in the denominator of the rate.
        row = ROWS[Outcome.HUNG_UP_AT_ONCE]
        return replace(row, live_answer=ended.verdict in PERSON)
    return ROWS[Outcome.ABANDONED]


def _unanswered(ended: CallEnded) -> Outcome:
    if ended.by == "desk":
        return Outcome.CANCELLED
    code = ended.sip_code
    if code is None:
        return Outcome.TRUNK_FAILURE if ended.by == "trunk" else Outcome.NO_ANSWER
    if code == 480 or code >= 500:
        by_cause = Q850_CAUSES.get(ended.q850 or 0)
        if by_cause is not None and code < 600:
            return by_cause
    if code == 408 and not ended.rang:
        return Outcome.TRUNK_FAILURE
    if code in SIP_CODES:
        return SIP_CODES[code]
    return Outcome.CONGESTION if 500 <= code < 600 else Outcome.TRUNK_FAILURE
