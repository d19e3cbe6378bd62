"""Invariants of attempts and calls: I2, I3, I4, I5, I6, I9.

Those about whom we may call ask our own attempts only, not the calls that came in.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.calling_rules import HARD_CLOSE_MINUTE, HARD_DAILY_CAP, HARD_OPEN_MINUTE
from agent_desk.dialer.outcomes import Outcome
from agent_desk.dialer.rules.facts import HARD_MIN_GAP
from agent_desk.models.calls import Attempt, AttemptOutcome, Call, CallPrompt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import DoNotCall
from agent_desk.models.rules import Override
from agent_desk.store import system
from agent_desk.store.invariants.violation import Violation

# No phase before the bridge lasts longer: the ring limit is 60 s, screening ends after 30 s, a
# gateway that is out of reach is given up after 150 s.
PHASES = ("leased", "placed", "ringing", "answered", "screening", "waiting")
LONGEST_PHASE = timedelta(minutes=5)
# A block reaches the gateways within a second; an INVITE that left before it is ended by then.
BLOCK_REACHES_US = 1_000_000
# Clocks of desk and gateway may differ by this much.
CLOCKS_DIFFER = timedelta(seconds=1)
# A live answer that ended in one of these was not left in silence by us.
_NOT_NOTHING = (Outcome.HUNG_UP_AT_ONCE.value, Outcome.SEAT_LOST.value)
# Nor was a caller who hung up while waiting for an operator, with music.
_CALLER_LEFT = (Outcome.GAVE_UP.value, Outcome.SEAT_LOST.value, Outcome.SYSTEM_FAILURE.value)
# A caller we sent away was told so by a recording.
_TOLD = ("all_busy", "closed")
_NEVER_LIVE = (
    Outcome.MACHINE.value,
    Outcome.ANNOUNCEMENT.value,
    Outcome.TONE.value,
    Outcome.SILENCE.value,
    Outcome.SYSTEM_FAILURE.value,
)


def one_live_attempt_per_person_and_number(session: Session, newest: datetime) -> list[Violation]:
    """I2: at most one open attempt per customer, and per number."""
    found = []
    for column, name in ((Attempt.customer_id, "customer"), (Attempt.number_key, "number")):
        ours = (Attempt.open, Attempt.inbound.is_(False))
        query = select(column).where(*ours).group_by(column).having(func.count() > 1)
        for value in session.scalars(query).all():
            ids = session.scalars(select(Attempt.id).where(*ours, column == value))
            text = f"one {name} has several open attempts"
            found.append(Violation("I2", text, tuple(ids)))
    return found


def nobody_is_called_who_calls_us(session: Session, newest: datetime) -> list[Violation]:
    """I2: while a customer's own call to us lives, no attempt at them begins."""
    ours = aliased(Attempt)
    query = select(ours.id, Attempt.id).where(
        Attempt.open,
        Attempt.inbound,
        ours.open,
        ours.inbound.is_(False),
        or_(ours.customer_id == Attempt.customer_id, ours.number_key == Attempt.number_key),
        ours.leased_at > Attempt.leased_at,
    )
    return [
        Violation("I2", "leased while the customer is calling us", (call_id, inbound_id))
        for call_id, inbound_id in session.execute(query)
    ]


def no_attempt_is_stuck(session: Session, newest: datetime) -> list[Violation]:
    """I2: an open attempt is alive: of the present desk, and in no phase for too long."""
    recovered, begun = system.recovery(session)
    query = (
        select(Attempt.id, Attempt.desk_epoch, Call.state, Call.since)
        .join(Call, Call.id == Attempt.id)
        .where(Attempt.open, Attempt.seat_id.is_(None) | (Call.state != "leased"))
    )
    found = []
    for call_id, epoch, state, since in session.execute(query):
        if epoch < recovered:
            text = f"open, left by desk {epoch} and not taken over by desk {recovered}"
            found.append(Violation("I2", text, (call_id,)))
        elif state in PHASES and newest - max(since, begun) > LONGEST_PHASE:
            found.append(Violation("I2", f"{state} since {since.isoformat()}", (call_id,)))
    return found


def an_answered_call_is_never_nothing(session: Session, newest: datetime) -> list[Violation]:
    """I3: answered and ended means bridged, abandoned, or not a person."""
    query = (
        select(AttemptOutcome.attempt_id, AttemptOutcome.outcome)
        .join(Call, Call.id == AttemptOutcome.attempt_id)
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .where(
            Attempt.inbound.is_(False),
            AttemptOutcome.answered,
            Call.bridged_at.is_(None),
            AttemptOutcome.abandoned.is_(False),
            AttemptOutcome.outcome.not_in((*_NOT_NOTHING, *_NEVER_LIVE)),
        )
    )
    return [
        Violation("I3", f"answered, then nothing ({outcome})", (call_id,))
        for call_id, outcome in session.execute(query)
    ]


def a_caller_is_never_left_without_a_word(session: Session, newest: datetime) -> list[Violation]:
    """I3: a call that came in and was answered is bridged, was left by the caller, or was told."""
    told = select(CallPrompt.id).where(
        CallPrompt.call_id == AttemptOutcome.attempt_id, CallPrompt.prompt.in_(_TOLD)
    )
    query = (
        select(AttemptOutcome.attempt_id, AttemptOutcome.outcome)
        .join(Call, Call.id == AttemptOutcome.attempt_id)
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .where(
            Attempt.inbound,
            AttemptOutcome.answered,
            Call.bridged_at.is_(None),
            AttemptOutcome.outcome.not_in(_CALLER_LEFT),
            ~told.exists(),
        )
    )
    return [
        Violation("I3", f"a caller was answered, then nothing ({outcome})", (call_id,))
        for call_id, outcome in session.execute(query)
    ]


def no_invite_outside_the_window(session: Session, newest: datetime) -> list[Violation]:
    """I4: placed between 8:00 and 21:00 JST, and not after the attempt's own `not_after`.

    Outside those hours only by hand and with the person's consent, while its override stood.
    """
    consented = _overridden("R01", "R03", "R04").where(Override.consent_id.is_not(None))
    query = select(Attempt.id, Attempt.placed_at, Attempt.not_after, consented.exists()).where(
        Attempt.placed_at.is_not(None)
    )
    found = []
    rows = session.execute(query.execution_options(yield_per=5000))
    for call_id, placed_at, not_after, allowed in rows:
        if placed_at is None:
            continue
        day = business_date(placed_at)
        lawful = at(day, HARD_OPEN_MINUTE) <= placed_at < at(day, HARD_CLOSE_MINUTE)
        if not lawful and not allowed:
            text = f"placed at {placed_at.isoformat()}, outside 8:00-21:00 JST"
            found.append(Violation("I4", text, (call_id,)))
        elif placed_at > not_after + CLOCKS_DIFFER:
            text = f"placed at {placed_at.isoformat()}, after {not_after.isoformat()}"
            found.append(Violation("I4", text, (call_id,)))
    return found


def _overridden(*rule_ids: str) -> Select[Any]:
    """Overrides of these rules that stood for the person or number when the attempt was leased."""
    return (
        select(Override.id)
        .where(
            Override.rule_id.in_(rule_ids),
            or_(
                Override.customer_id == Attempt.customer_id,
                Override.number_key == Attempt.number_key,
            ),
            Override.made_at <= Attempt.leased_at,
            Override.until > Attempt.leased_at,
            or_(Override.lifted_at.is_(None), Override.lifted_at > Attempt.leased_at),
        )
        .correlate(Attempt)
    )


def caps_hold(session: Session, newest: datetime) -> list[Violation]:
    """I5: attempts that count, per person and Japanese day, against the caps they were judged by.

    The law's limit holds whatever the campaign says: three for collections.
    """
    query = (
        select(Attempt.id, Attempt.customer_id, Attempt.leased_at, Attempt.cap_today, Campaign.kind)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(Attempt.counts)
        .order_by(Attempt.leased_at)
    )
    days: dict[tuple[int | None, date], list[tuple[str, int, str]]] = defaultdict(list)
    for call_id, customer_id, leased_at, cap, kind in session.execute(query):
        days[customer_id, business_date(leased_at)].append((call_id, cap, kind))
    found = []
    for (customer_id, day), attempts in days.items():
        cap = max(cap for _, cap, _ in attempts)
        if any(kind == "collections" for _, _, kind in attempts):
            cap = min(cap, HARD_DAILY_CAP)
        if len(attempts) > cap:
            text = f"customer {customer_id} has {len(attempts)} attempts on {day}, cap {cap}"
            found.append(Violation("I5", text, tuple(call_id for call_id, _, _ in attempts)))
    return found


def calls_keep_their_distance(session: Session, newest: datetime) -> list[Violation]:
    """I5: no INVITE to a person or a number within three minutes of one that counts (R13).

    Of two in one instant the one that does not count was the first: the other forbids it.
    """
    left_at = func.coalesce(Attempt.placed_at, Attempt.leased_at)
    query = (
        select(Attempt.id, Attempt.customer_id, Attempt.number_key, Attempt.counts, left_at)
        .where(Attempt.inbound.is_(False), or_(Attempt.counts, Attempt.placed_at.is_not(None)))
        .order_by(left_at, Attempt.counts, Attempt.id)
    )
    last: dict[Any, tuple[str, datetime]] = {}
    found = []
    for call_id, customer_id, number_key, counts, at_ in session.execute(query):
        for whom in (customer_id, number_key):
            before = last.get(whom)
            if before is not None and at_ - before[1] < HARD_MIN_GAP - CLOCKS_DIFFER:
                text = f"two INVITEs within {(at_ - before[1]).total_seconds():.0f} s"
                found.append(Violation("I5", text, (before[0], call_id)))
            if counts:
                last[whom] = (call_id, at_)
    return found


def whoever_may_have_rung_is_counted(session: Session, newest: datetime) -> list[Violation]:
    """I5: an attempt is released only by a final answer to an INVITE that did not ring.

    Where no answer came, since gateway or desk were lost, nobody can tell.
    """
    untold = and_(
        AttemptOutcome.outcome == Outcome.SYSTEM_FAILURE.value,
        AttemptOutcome.sip_code.is_(None),
        Attempt.placed_at.is_not(None),
    )
    query = (
        select(Attempt.id, AttemptOutcome.outcome)
        .join(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
        .join(Call, Call.id == Attempt.id)
        .where(
            Attempt.inbound.is_(False),
            Attempt.counts.is_(False),
            or_(Call.rang_at.is_not(None), Call.answered_at.is_not(None), untold),
        )
    )
    return [
        Violation("I5", f"{outcome}, may have rung and does not count", (call_id,))
        for call_id, outcome in session.execute(query)
    ]


def one_outcome_per_attempt(session: Session, newest: datetime) -> list[Violation]:
    """I6: an attempt is open or has its outcome, and its call says the same."""
    query = (
        select(Attempt.id, Attempt.open, AttemptOutcome.outcome, Call.live)
        .join(Call, Call.id == Attempt.id, isouter=True)
        .join(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id, isouter=True)
        .where(
            or_(
                and_(Attempt.open, AttemptOutcome.outcome.is_not(None)),
                and_(Attempt.open.is_(False), AttemptOutcome.outcome.is_(None)),
                Call.id.is_(None),
                Call.live != Attempt.open,
            )
        )
    )
    return [
        Violation("I6", f"open: {opened}, outcome: {outcome}, call live: {live}", (call_id,))
        for call_id, opened, outcome, live in session.execute(query)
    ]


def nobody_blocked_is_called(session: Session, newest: datetime) -> list[Violation]:
    """I9: nothing is leased once a block stands, and nothing placed a second after it.

    A refusal of one product bars who solicits for it, unless it was set aside (R38).
    """
    refused = and_(
        DoNotCall.product_id == Campaign.product_id,
        Campaign.kind != "collections",
        ~_overridden("R38").exists(),
    )
    query = (
        select(Attempt.id, DoNotCall.id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .join(
            DoNotCall,
            or_(
                DoNotCall.number_key == Attempt.number_key,
                DoNotCall.customer_id == Attempt.customer_id,
            ),
        )
        .where(
            Attempt.inbound.is_(False),
            or_(DoNotCall.product_id.is_(None), refused),
            or_(DoNotCall.lifted_at.is_(None), DoNotCall.lifted_at > Attempt.leased_at),
            or_(
                Attempt.leased_at > DoNotCall.since,
                type_coerce(Attempt.placed_at, BigInteger)
                > type_coerce(DoNotCall.since, BigInteger) + BLOCK_REACHES_US,
            ),
        )
    )
    return [
        Violation("I9", "called though on the do-not-call list", (call_id, f"do_not_call:{row_id}"))
        for call_id, row_id in session.execute(query)
    ]
