"""The lease: select, judge and write attempts in one transaction, before any INVITE.

Whoever holds the transaction sees the ledger and the block-list as they are at this instant, so a
cap cannot be exceeded by two leases at once and a block that was committed is obeyed (I5, I9).
What the judge forbids gets a later `next_at` and so leaves the set of due entries; what it forbids
for good is closed. Everything the judge needs is loaded for a whole chunk of candidates at once.

Two kinds of entries are sorted out before anybody judges them: those of VIP customers, which are
kept for the operators named for them, and, where the campaign leaves a share to the AI, those the
strategy table gives to it. Both leave the due entries until the next business day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, update
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.strategy import Strategy
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.models.lists import ListEntry
from agent_desk.store.leasing import reserved
from agent_desk.store.leasing.candidates import (
    EntryRow,
    candidates,
    entries_in_flight,
    next_due,
    reserved_for,
)
from agent_desk.store.leasing.facts import Candidate, Ledger, load_facts
from agent_desk.store.rows import attempts as attempt_rows
from agent_desk.store.rows import callbacks
from agent_desk.store.rows.attempts import LeasedRow
from agent_desk.store.rules.settings import RuleSettings
from agent_desk.store.strategy import table as strategy_rows

# How many entries one lease looks at, at most: a list full of blocked numbers must not hold the
# write door for long. The next lease goes on where this one stopped.
EXAMINED = 200
# Where most entries are the AI's, so many are looked at together to find the people's.
SORTED = 40
# The customer or the number is on a call that began from another list entry.
BUSY_RETRY = timedelta(minutes=1)
NO_DIALABLE = WhyCode.NO_DIALABLE.value
LIST_EMPTY = WhyCode.LIST_EMPTY.value


@dataclass(frozen=True)
class Judgement:
    """What `dialer/calling_rules.py` says of a candidate.

    Allowed: which phone, and when its INVITE may leave at the latest. Not allowed: why (a code of
    `dialer/why_codes.py`) and when to look again; None closes the entry for `closing`.
    """

    allowed: bool
    phone_id: int | None = None
    not_after: datetime | None = None
    reason: str = ""
    next_allowed_at: datetime | None = None
    closing: str = ""
    cap_today: int | None = None  # None: the campaign's own
    line: str | None = None  # by which rate it is charged, where the number's kind does not say


@dataclass(frozen=True)
class Route:
    """Which trunk of which gateway takes a call."""

    trunk_id: str
    gateway_id: str


@dataclass(frozen=True)
class Lease:
    """What was found. `reason` says why fewer than asked; "" when all were found."""

    rows: tuple[LeasedRow, ...]
    reason: str
    next_allowed_at: datetime | None


@dataclass
class _Work:
    """What one lease has decided so far, and what of it is not written yet."""

    campaign_id: int
    cap: int
    now: datetime
    desk_epoch: int
    seat_id: str | None
    routes: Sequence[Route]
    new_call_id: Callable[[], str]
    record: bool
    taker: reserved.Taker
    strategy: Strategy | None  # None: the campaign leaves nobody to the AI
    leased: list[LeasedRow] = field(default_factory=list)
    fresh: list[LeasedRow] = field(default_factory=list)
    refused: list[tuple[int, datetime | None, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[int, datetime]] = field(default_factory=list)
    freed: list[int] = field(default_factory=list)
    customers: set[int] = field(default_factory=set)
    number_keys: set[str] = field(default_factory=set)

    def sort(self, entries: Sequence[EntryRow]) -> tuple[list[EntryRow], list[EntryRow]]:
        """Those to be judged, and VIPs to be kept for others; the AI's are put off."""
        ours, vips = [], []
        tomorrow = at(business_date(self.now) + timedelta(days=1), 0)
        for entry in entries:
            if entry.vip and not self.taker.sees_vips:
                vips.append(entry)
            elif self._left_to_ai(entry):
                self.put_off(entry, tomorrow, NO_DIALABLE)
            else:
                ours.append(entry)
        for entry in vips:
            self.put_off(entry, tomorrow, NO_DIALABLE)
        return ours, vips

    def _left_to_ai(self, entry: EntryRow) -> bool:
        """Not a callback: it was promised by a person."""
        if self.strategy is None or entry.called_back or entry.reserved or entry.vip:
            return False
        return self.strategy.channel(entry.customer_id, entry.delinquency) == "ai"

    def settle(self, candidate: Candidate, ledger: Ledger, judgement: Judgement) -> None:
        """Take the candidate, or put it off."""
        if not judgement.allowed:
            closing = judgement.closing or judgement.reason
            self.refuse(candidate, judgement.next_allowed_at, judgement.reason, closing=closing)
            return
        phone = next(p for p in candidate.phones if p.phone_id == judgement.phone_id)
        customer_id = candidate.entry.customer_id
        busy = ledger.busy or customer_id in self.customers
        if busy or ledger.number_busy(phone.number_key) or phone.number_key in self.number_keys:
            self.refuse(candidate, self.now + BUSY_RETRY, NO_DIALABLE)
            return
        if judgement.not_after is None:
            raise ValueError("an allowed attempt needs the instant after which it may not leave")
        route = self.routes[len(self.leased)]
        row = LeasedRow(
            call_id=self.new_call_id(),
            campaign_id=self.campaign_id,
            list_entry_id=candidate.entry.list_entry_id,
            customer_id=customer_id,
            phone_id=phone.phone_id,
            number_key=phone.number_key,
            number_today=ledger.counted_on(business_date(self.now)) + 1,
            cap_today=judgement.cap_today or self.cap,
            trunk_id=route.trunk_id,
            gateway_id=route.gateway_id,
            not_after=judgement.not_after,
            line=judgement.line,
        )
        self.leased.append(row)
        self.fresh.append(row)
        if candidate.entry.reserved:
            self.freed.append(row.list_entry_id)
        self.customers.add(customer_id)
        self.number_keys.add(phone.number_key)

    def refuse(
        self, candidate: Candidate, until: datetime | None, reason: str, *, closing: str = ""
    ) -> None:
        """Put the entry off, or close it when no time will make it right."""
        if until is not None:
            self.put_off(candidate.entry, until, reason)
            return
        self.refused.append((candidate.entry.list_entry_id, None, closing))
        self.reasons[reason] += 1

    def put_off(self, entry: EntryRow, until: datetime, reason: str) -> None:
        """Not before then; an entry kept for somebody stays out of the others' reach."""
        if entry.reserved:
            self.kept.append((entry.list_entry_id, until))
            until = max(until, entry.next_at)
        self.refused.append((entry.list_entry_id, until, ""))
        self.reasons[reason] += 1


def lease(
    session: Session,
    settings: RuleSettings,
    *,
    count: int,
    now: datetime,
    judge: Callable[[Candidate, Ledger], Judgement],
    routes: Sequence[Route],
    new_call_id: Callable[[], str],
    desk_epoch: int,
    seat_id: str | None = None,
) -> Lease:
    """Write up to `count` attempts in the caller's transaction.

    `settings` are the campaign's as this transaction sees them, `routes` has one entry per call
    asked for, `seat_id` is the seat that previews.
    """
    session.flush()  # what follows goes past the session, which costs more than the database
    campaign_id, share = settings.campaign_id, settings.human_share_only
    taker = reserved.taker(session, campaign_id, seat_id)
    work = _Work(
        campaign_id=campaign_id,
        cap=settings.daily_cap,
        now=now,
        desk_epoch=desk_epoch,
        seat_id=seat_id,
        routes=routes,
        new_call_id=new_call_id,
        record=settings.recording,
        taker=taker,
        strategy=strategy_rows.current(session) if share else None,
    )
    if taker.user_id is not None:
        kept = reserved_for(
            session, campaign_id, taker.user_id, now, vips=taker.sees_vips, limit=EXAMINED
        )
        _judge(session, work, kept, count, judge)
    # Where the dialer has the order, a seat is shown only what is kept for it.
    seen = 0 if seat_id is None or settings.mode == "preview" else EXAMINED
    while len(work.leased) < count and seen < EXAMINED:
        # One by one is enough as a rule; behind a run of blocked entries look further ahead.
        wanted = max(count - len(work.leased), seen)
        chunk = min(max(wanted, SORTED if share else 0), EXAMINED - seen)
        entries = candidates(session, campaign_id, now, chunk)
        if not entries:
            break
        seen += len(entries)
        _judge(session, work, entries, count, judge)
    return _answer(session, work, count)


def _judge(
    session: Session,
    work: _Work,
    entries: Sequence[EntryRow],
    count: int,
    judge: Callable[[Candidate, Ledger], Judgement],
) -> None:
    """Sort, load what the judge needs to know, take or put off, and write both."""
    ours, vips = work.sort(entries)
    reserved.keep_vips(session, vips)
    # As many as are wanted: what the others are not asked for they keep.
    step = max(count - len(work.leased), len(ours) if work.strategy is None else 1)
    for start in range(0, len(ours), step):
        if len(work.leased) == count:
            break
        part = ours[start : start + step]
        for candidate, ledger in load_facts(session, work.campaign_id, part, work.now, lock=True):
            if len(work.leased) == count:
                break
            work.settle(candidate, ledger, judge(candidate, ledger))
    _write_refused(session, work)
    _write_leased(session, work)


def _answer(session: Session, work: _Work, count: int) -> Lease:
    """Why there were fewer, in the words of `dialer/why_codes.py`."""
    if len(work.leased) == count:
        return Lease(tuple(work.leased), "", None)
    due = next_due(session, work.campaign_id)
    if work.reasons:
        reason = work.reasons.most_common(1)[0][0]
    elif due is not None or entries_in_flight(session, work.campaign_id):
        reason = NO_DIALABLE
    else:
        reason = LIST_EMPTY
    return Lease(tuple(work.leased), reason, due)


def _write_refused(session: Session, work: _Work) -> None:
    entry = ListEntry.__table__.c
    later = [{"entry_id": i, "until": until} for i, until, _ in work.refused if until is not None]
    never = [{"entry_id": i, "reason": reason} for i, until, reason in work.refused if not until]
    if later:
        statement = update(ListEntry).where(entry.id == bindparam("entry_id"))
        own = func.coalesce(ListEntry.own_next_at, ListEntry.next_at)
        put_off = statement.values(own_next_at=own, next_at=bindparam("until"))
        session.connection().execute(put_off, later)
    if never:
        statement = update(ListEntry).where(entry.id == bindparam("entry_id"))
        closing = statement.values(state="closed", closed_reason=bindparam("reason"))
        session.connection().execute(closing, never)
        gone = [entry_id for entry_id, until, _ in work.refused if until is None]
        callbacks.cancel(session, gone, at=work.now)
    for entry_id, until in work.kept:
        reserved.put_off(session, entry_id, until=until)
    work.refused.clear()
    work.kept.clear()


def _write_leased(session: Session, work: _Work) -> None:
    if not work.fresh:
        return
    attempt_rows.write(
        session,
        work.fresh,
        now=work.now,
        seat_id=work.seat_id,
        desk_epoch=work.desk_epoch,
        record=work.record,
    )
    if work.freed:
        reserved.release(session, work.freed)
    work.fresh.clear()
    work.freed.clear()
