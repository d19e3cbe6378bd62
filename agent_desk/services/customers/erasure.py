"""Erasing a person, or the reasons why that has to wait.

The law that lets people ask for erasure (個人情報保護法35条) leaves alone what another law orders
to be kept: the record of what was negotiated, ten years from the end of the debt (貸金業法
19条, R50), and recordings for as long as R51 says. Whoever ordered may take it back until the
cooling-off is over (特商法24条, R39), so until then we must know whose order it was. Until all that
is over the answer is no, with the reason and the day; what is held is handed out all the same. Who
was called lately waits as well: the call counts towards the caps of a household.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent_desk.dialer.business_time import at
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.recordings.retention import COLLECTIONS_YEARS, years_later
from agent_desk.services.rules.trail import note
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.customers import erasure, held
from agent_desk.store.customers.erasure import Binding
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

DAY_MINUTES = 24 * 60
CALLS_COUNT_FOR = timedelta(days=90)  # R14 looks back so far at most


@dataclass(frozen=True)
class Reason:
    """Why a person's data is kept (`customer.bound.<code>`); `until` None: nobody can say yet."""

    code: str
    until: datetime | None


def reasons(found: Binding, now: datetime) -> list[Reason]:
    """What binds at this instant; nothing: the person may be erased."""
    bound = []
    if found.under_way:
        bound.append(Reason("call-under-way", None))
    if found.open_debts:
        bound.append(Reason("debt-open", None))
    kept = [each for each in (found.debts_ended_at, found.collected_at) if each is not None]
    if kept:
        bound.append(Reason("record-kept", years_later(max(kept), COLLECTIONS_YEARS)))
    for until in found.recordings:
        bound.append(Reason("recording-kept", until))
    for last_day in found.orders:
        if last_day is None:
            bound.append(Reason("order-open", None))
        else:
            bound.append(Reason("cooling-off", at(last_day, DAY_MINUTES).astimezone(UTC)))
    if found.called_at is not None:
        bound.append(Reason("calls-count", found.called_at + CALLS_COUNT_FOR))
    standing = [each for each in bound if each.until is None or each.until > now]
    return _longest_of_each(standing)


def _longest_of_each(bound: list[Reason]) -> list[Reason]:
    """One reason of each kind; a day nobody knows is later than any."""
    longest: dict[str, Reason] = {}
    for reason in bound:
        known = longest.setdefault(reason.code, reason)
        if known.until is not None and (reason.until is None or reason.until > known.until):
            longest[reason.code] = reason
    return list(longest.values())


class Erasure:
    """Says what binds a person's data, and erases where nothing does."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    def bound_by(self, customer_id: int) -> list[Reason]:
        """The reasons against it at this instant."""
        with self._database.read() as session:
            return reasons(erasure.binding(session, customer_id), self._clock.now())

    def erase(self, customer_id: int, *, actor: Actor) -> None:
        """Take out who it was, for good.

        ServiceError: role-too-low (administrators only), customer-unknown, customer-erased,
        erasure-bound (details: reason, until), not-stored.
        """
        actor.needs("admin")
        with self._database.read() as session:
            done = erasure.erased(session, customer_id)
            if done is None:
                raise ServiceError("customer-unknown")
            if done:
                raise ServiceError("customer-erased")
        now = self._clock.now()
        refused: list[Reason] = []

        def rows(session: Session) -> None:
            # Asked again where nothing can come between: a call may have begun meanwhile.
            refused[:] = reasons(erasure.binding(session, customer_id), now)
            if refused:
                return
            everything = held.held(session, customer_id)
            erasure.erase(
                session, self._sealer, customer_id, everything, at=now, actor=actor.username
            )
            subject = f"customer:{customer_id}"
            note(session, "customer.erased", subject=subject, at=now, actor=actor, details={})

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        if refused:
            until = refused[0].until
            when = "" if until is None else until.isoformat()
            raise ServiceError("erasure-bound", reason=refused[0].code, until=when)
