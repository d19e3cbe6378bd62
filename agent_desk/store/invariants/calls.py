"""Invariants of attempts and calls: I2, I3, I4, I5, I6, I9.

Those about whom we may call ask our own attempts only, not the calls that came in. The database
looks; what comes here are violations, for a desk has millions of calls.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer.calling_rules import HARD_CLOSE_MINUTE, HARD_DAILY_CAP, HARD_OPEN_MINUTE
from agent_desk.dialer.outcomes import Outcome
from agent_desk.dialer.rules.facts import HARD_MIN_GAP
from agent_desk.models.calls import Attempt, AttemptOutcome, Call, CallPrompt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import DoNotCall
from agent_desk.models.rules import Override
from agent_desk.store import system
from agent_desk.store.invariants.caps import DAY_US, JST_US
from agent_desk.store.invariants.violation import Violation

# No phase before the bridge lasts longer: the ring limit is 60 s, screening ends after 30 s, a
# gateway that is out of reach is given up after 150 s.
PHASES = ("leased", "placed", "ringing", "answered", "screening", "waiting")
LONGEST_PHASE = timedelta(minutes=5)
# A block reaches the gateways within a second; an INVITE that left before it is ended by then.
BLOCK_REACHES_US = 1_000_000
# Clocks of desk and gateway may differ by this much.
CLOCKS_DIFFER = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
MINUTE_US = 60_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()
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


def _us(instant: Any) -> Any:
    """An instant as the number that is stored: microseconds since 1970."""
    return type_coerce(instant, BigInteger)


def no_invite_outside_the_window(session: Session, newest: datetime) -> list[Violation]:
    """I4: placed between 8:00 and 21:00 JST, and not after the attempt's own `not_after`.

    Outside those hours only by hand and with the person's consent, while its override stood.
    """
    consented = _overridden("R01", "R03", "R04").where(Override.consent_id.is_not(None))
    of_day = (_us(Attempt.placed_at) + JST_US) % DAY_US
    lawful = of_day.between(HARD_OPEN_MINUTE * MINUTE_US, HARD_CLOSE_MINUTE * MINUTE_US - 1)
    outside = and_(~lawful, ~consented.exists())
    late = _us(Attempt.placed_at) > _us(Attempt.not_after) + CLOCKS_DIFFER // MICROSECOND
    query = select(Attempt.id, Attempt.placed_at, Attempt.not_after, outside).where(
        Attempt.placed_at.is_not(None), or_(outside, late)
    )
    found = []
    for call_id, placed_at, not_after, was_outside in session.execute(query):
        assert placed_at is not None
        text = f"placed at {placed_at.isoformat()}, after {not_after.isoformat()}"
        if was_outside:
            text = f"placed at {placed_at.isoformat()}, outside 8:00-21:00 JST"
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
    day = (_us(Attempt.leased_at) + JST_US) // DAY_US
    most = func.max(Attempt.cap_today)
    dunned = func.max(case((Campaign.kind == "collections", 1), else_=0)) == 1
    cap = case((and_(dunned, most > HARD_DAILY_CAP), HARD_DAILY_CAP), else_=most)
    query = (
        select(Attempt.customer_id, day, cap)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(Attempt.counts)
        .group_by(Attempt.customer_id, day)
        .having(func.count() > cap)
    )
    found = []
    for customer_id, of_day, allowed in session.execute(query).all():
        mine = select(Attempt.id).where(
            Attempt.counts, Attempt.customer_id.is_not_distinct_from(customer_id), day == of_day
        )
        ids = tuple(session.scalars(mine.order_by(Attempt.leased_at)))
        on = date.fromordinal(EPOCH_DAY + of_day)
        text = f"customer {customer_id} has {len(ids)} attempts on {on}, cap {allowed}"
        found.append(Violation("I5", text, ids))
    return found


def calls_keep_their_distance(session: Session, newest: datetime) -> list[Violation]:
    """I5: no INVITE to a person or a number within three minutes of one that counts (R13).

    Of two in one instant the one that does not count was the first: the other forbids it.
    """
    return [
        violation
        for whom in (Attempt.customer_id, Attempt.number_key)
        for violation in _too_close(session, whom)
    ]


def _too_close(session: Session, whom: Any) -> list[Violation]:
    left_at = _us(func.coalesce(Attempt.placed_at, Attempt.leased_at))
    left = (
        Attempt.inbound.is_(False),
        or_(Attempt.counts, Attempt.placed_at.is_not(None)),
        whom.is_not(None),
    )
    order = (left_at, Attempt.counts, Attempt.id)
    # Those that count do so in the order of their instants: the last one before is the latest.
    before = func.max(case((Attempt.counts, left_at))).over(
        partition_by=whom, order_by=order, rows=(None, -1)
    )
    each = select(
        Attempt.id, whom.label("whom"), left_at.label("left_at"), before.label("before")
    ).where(*left)
    calls = each.subquery()
    least = (HARD_MIN_GAP - CLOCKS_DIFFER) // MICROSECOND
    query = select(calls).where(calls.c.left_at - calls.c.before < least)
    found = []
    for call_id, of_whom, at_us, before_us in session.execute(query.order_by(calls.c.left_at)):
        first = select(Attempt.id).where(
            *(*left, Attempt.counts, whom == of_whom, left_at == before_us, Attempt.id != call_id)
        )
        ids = (str(session.scalar(first.order_by(Attempt.id.desc()))), call_id)
        text = f"two INVITEs within {(at_us - before_us) / 1_000_000:.0f} s"
        found.append(Violation("I5", text, ids))
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
