"""The invariants of the design, asked of the rows: each question answers its violations.

`python -m agent_desk audit` runs them while the desk works and after any crash. All rows of a
decision are written in one transaction and read here in one snapshot, so a seat and its call are
never seen half-way. What is alive is not a violation; what is *stuck* is. Two things tell them
apart:

* An open attempt belongs to the desk that wrote or took it over (`attempts.desk_epoch`). Between
  a crash and the next start open attempts are as they must be; once a later desk has recovered
  (`system.recovered_epoch`), an attempt it did not take over is stuck.
* A phase that has an end by law or by the machine is stuck when the newest instant of the
  database lies well beyond that end. The wall clock is not asked: a stopped desk ages nothing.

I11, I13 and I15 are not questions to rows alone; tests and the gateway prove them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from agent_desk.store import audit, instants
from agent_desk.store.invariants import calls as call_invariants
from agent_desk.store.invariants import caps as cap_invariants
from agent_desk.store.invariants import charges as charge_invariants
from agent_desk.store.invariants import closed_months as month_invariants
from agent_desk.store.invariants import recordings as recording_invariants
from agent_desk.store.invariants import seats as seat_invariants
from agent_desk.store.invariants.violation import Violation

__all__ = ["CHECKS", "Violation", "check", "check_audit_chain"]


@dataclass(frozen=True)
class Check:
    """One question. `ask` gets the session and the newest instant of the database."""

    invariant: str
    ask: Callable[[Session, datetime], Sequence[Violation]]


CHECKS: tuple[Check, ...] = (
    Check("I1", seat_invariants.one_live_call_per_seat),
    Check("I1", seat_invariants.seat_and_call_agree),
    Check("I2", call_invariants.one_live_attempt_per_person_and_number),
    Check("I2", call_invariants.nobody_is_called_who_calls_us),
    Check("I2", call_invariants.no_attempt_is_stuck),
    Check("I3", call_invariants.an_answered_call_is_never_nothing),
    Check("I3", call_invariants.a_caller_is_never_left_without_a_word),
    Check("I4", call_invariants.no_invite_outside_the_window),
    Check("I5", call_invariants.caps_hold),
    Check("I5", cap_invariants.a_households_day_holds),
    Check("I5", cap_invariants.a_persons_week_holds),
    Check("I5", cap_invariants.a_list_holds),
    Check("I5", call_invariants.calls_keep_their_distance),
    Check("I5", call_invariants.whoever_may_have_rung_is_counted),
    Check("I6", call_invariants.one_outcome_per_attempt),
    Check("I7", seat_invariants.every_conversation_has_its_result),
    Check("I8", seat_invariants.one_reply_per_command),
    Check("I9", call_invariants.nobody_blocked_is_called),
    Check("I10", seat_invariants.states_follow_without_gap),
    Check("I12", recording_invariants.every_call_that_must_be_recorded_is),
    Check("I16", charge_invariants.past_calls_keep_their_price),
    Check(month_invariants.NAME, month_invariants.closed_figures_hold),
)


def check(session: Session) -> list[Violation]:
    """Every violation of I1–I10, I12 and I16, and of closed months, in this snapshot."""
    newest = instants.newest(session)
    if newest is None:
        return []
    return [violation for question in CHECKS for violation in question.ask(session, newest)]


def check_audit_chain(
    session: Session, key: bytes, heads: Iterable[tuple[int, str]]
) -> list[Violation]:
    """I14: the chain of the audit trail holds up to the heads noted outside (`read_heads`)."""
    flaw = audit.verify(session, key, heads)
    if flaw is None:
        return []
    ids = () if flaw.row_id is None else (f"audit:{flaw.row_id}",)
    return [Violation("I14", flaw.text, ids)]
