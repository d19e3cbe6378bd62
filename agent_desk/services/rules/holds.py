"""People and areas that are not to be called for a time: hardship, complaints, a lawyer's notice.

A hold takes effect at once: it is durable, then what was queued or rings for those people is ended.
Releasing one lets the rules judge their entries again. R06 asks for a supervisor to release
hardship; what a lawyer or court has stopped (R36) only managers release.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.services.actor import Actor
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.ports import Clock
from agent_desk.services.rules import areas
from agent_desk.services.rules.trail import note
from agent_desk.store.leasing import under_way
from agent_desk.store.lists import scope
from agent_desk.store.rules import holds, withdrawals
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

REASONS = ("bereavement", "hospital", "disaster", "complaint", "lawyer_notice", "bankruptcy")
# Those that hold without an end unless one is named.
ENDLESS = frozenset({"complaint", "lawyer_notice", "bankruptcy"})
LONGEST = timedelta(days=3660)
TICKET_DUE = timedelta(hours=24)  # R60
CAUSE = "held"
SHOWN = 200
CODE = 64
# Why entries were closed that a release makes worth another look.
REOPENS = ("represented",)


@dataclass(frozen=True)
class Wish:
    """When a person wants to be called; minutes from 0:00 JST, weekdays from 0, Monday."""

    from_minute: int | None = None
    until_minute: int | None = None
    weekdays: frozenset[int] | None = None
    ends_on: date | None = None

    def check(self) -> None:
        """ServiceError bad-payload for what is no time of day or week."""
        minutes = [m for m in (self.from_minute, self.until_minute) if m is not None]
        if len(minutes) == 1 or any(not 0 <= minute <= 24 * 60 for minute in minutes):
            raise ServiceError("bad-payload", reason="minutes")
        if minutes and (minutes[0] == minutes[1] or minutes == [24 * 60, 0]):
            raise ServiceError("bad-payload", reason="minutes")  # neither no time nor all day
        if self.weekdays is not None and (
            not self.weekdays or not self.weekdays <= frozenset(range(7))
        ):
            raise ServiceError("bad-payload", reason="weekdays")

    @property
    def days(self) -> int | None:
        """The weekdays as bits, Monday first."""
        return None if self.weekdays is None else sum(1 << day for day in self.weekdays)


class HoldService:
    """Puts and releases. Each of its ServiceErrors leaves everything as it was."""

    def __init__(
        self, *, database: Database, sealer: Sealer, clock: Clock, calls: Withdrawals
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._calls = calls

    def put(
        self,
        customer: str,
        *,
        reason: str,
        until: datetime | None,
        document: str = "",
        actor: Actor,
    ) -> int:
        """Leave a person alone from now on; the hold's id.

        ServiceError: customer-unknown, bad-payload (an `until` too, for what a lawyer or court has
        stopped: it has no end), until-needed, not-stored.
        """
        if reason not in REASONS or len(document) > CODE:
            raise ServiceError("bad-payload", reason="reason")
        if reason in holds.REPRESENTED and until is not None:
            raise ServiceError("bad-payload", reason="until")
        now = self._clock.now()
        if until is None and reason in ENDLESS:
            until = holds.FOR_GOOD
        elif until is None or not now < until <= now + LONGEST:
            raise ServiceError("until-needed")
        ends = until
        customer_id = self._whom(customer, actor)
        made: list[int] = []

        def rows(session: Session) -> None:
            hold_id = holds.put(
                session,
                customer_id,
                now=now,
                reason=reason,
                until=ends,
                document=document,
                ticket_due_at=now + TICKET_DUE if reason == "complaint" else None,
                actor=actor.username,
            )
            made.append(hold_id)
            details = {"customer": customer_id, "reason": reason, "until": ends.isoformat()}
            note(
                session, "hold.put", subject=f"hold:{hold_id}", at=now, actor=actor, details=details
            )

        self._calls.write(rows)
        self._end_calls(customer_id)
        return made[-1]

    def release(self, hold_id: int, *, actor: Actor) -> None:
        """End a person's hold; ServiceError hold-unknown, role-too-low, not-stored."""
        with self._database.read() as session:
            hold = holds.standing(session, hold_id)
            if hold is not None and actor.teams is not None:
                theirs = scope.is_theirs(session, hold.customer_id, actor.teams)
                hold = hold if theirs else None
        if hold is None:
            raise ServiceError("hold-unknown")
        actor.needs("manager" if hold.reason in holds.REPRESENTED else "lead")
        now = self._clock.now()

        def rows(session: Session) -> None:
            holds.release(session, hold, now=now, actor=actor.username)
            withdrawals.wake(session, [hold.customer_id], closed_for=REOPENS, at=now)
            details = {"customer": hold.customer_id, "reason": hold.reason}
            note(
                session,
                "hold.released",
                subject=f"hold:{hold_id}",
                at=now,
                actor=actor,
                details=details,
            )

        self._calls.write(rows)

    def put_area(self, kind: str, value: str, *, reason: str, until: datetime, actor: Actor) -> int:
        """Call nobody in a prefecture, city or postcode, or at numbers that begin so.

        ServiceError: area-unusable, reason-needed, until-needed, role-too-low, not-stored.
        """
        actor.needs("lead")
        area = areas.read(self._sealer, kind, value)
        reason, now = reason.strip(), self._clock.now()
        if not 1 <= len(reason) <= CODE:
            raise ServiceError("reason-needed")
        if not now < until <= now + LONGEST:
            raise ServiceError("until-needed")
        made: list[int] = []

        def rows(session: Session) -> None:
            hold_id = holds.put_area(
                session,
                now=now,
                kind=kind,
                value=area.value,
                area_key=area.key,
                reason=reason,
                until=until,
                actor=actor.username,
            )
            made.append(hold_id)
            details = {"kind": kind, "area": area.value, "until": until.isoformat()}
            note(
                session,
                "area_hold.put",
                subject=f"area_hold:{hold_id}",
                at=now,
                actor=actor,
                details=details,
            )

        self._calls.write(rows)
        prefix = area.value if kind == areas.NUMBER_PREFIX else ""
        self._calls.withdraw(
            lambda session: withdrawals.open_calls_in(
                session, self._sealer, area_key=area.key, prefix=prefix
            ),
            reason=CAUSE,
            ringing=True,
        )
        return made[-1]

    def release_area(self, hold_id: int, *, actor: Actor) -> None:
        """End an area's hold; ServiceError hold-unknown, role-too-low, not-stored."""
        actor.needs("lead")
        with self._database.read() as session:
            hold = holds.standing_area(session, hold_id)
        if hold is None:
            raise ServiceError("hold-unknown")
        now = self._clock.now()

        def rows(session: Session) -> None:
            holds.release_area(session, hold_id, now=now, actor=actor.username)
            details = {"kind": hold.kind, "area": hold.value}
            note(
                session,
                "area_hold.released",
                subject=f"area_hold:{hold_id}",
                at=now,
                actor=actor,
                details=details,
            )

        self._calls.write(rows)
        self._wake_all(hold.until)

    def set_wish(self, customer: str, wish: Wish, *, actor: Actor) -> None:
        """Call a person at the times they named only (R02); an empty wish takes it back.

        ServiceError: customer-unknown, bad-payload, not-stored.
        """
        wish.check()
        customer_id, now = self._whom(customer, actor), self._clock.now()

        def rows(session: Session) -> None:
            holds.set_wish(
                session,
                customer_id,
                from_minute=wish.from_minute,
                until_minute=wish.until_minute,
                weekdays=wish.days,
                ends_on=wish.ends_on,
            )
            withdrawals.wake(session, [customer_id], closed_for=(), at=now)
            ends_on = None if wish.ends_on is None else wish.ends_on.isoformat()
            details = {
                "from": wish.from_minute,
                "until": wish.until_minute,
                "weekdays": wish.days,
                "ends_on": ends_on,
            }
            note(
                session,
                "contact_wish.set",
                subject=f"customer:{customer_id}",
                at=now,
                actor=actor,
                details=details,
            )

        self._calls.write(rows)
        self._look_again(customer_id)

    def set_vip(self, customer: str, on: bool, *, actor: Actor) -> None:
        """Mark a person whom only operators call, one at a time; ServiceError as above."""
        actor.needs("lead")
        customer_id, now = self._whom(customer, actor), self._clock.now()

        def rows(session: Session) -> None:
            holds.set_vip(session, customer_id, on)
            withdrawals.wake(session, [customer_id], closed_for=(), at=now)
            note(
                session,
                "customer.vip",
                subject=f"customer:{customer_id}",
                at=now,
                actor=actor,
                details={"on": on},
            )

        self._calls.write(rows)
        self._look_again(customer_id)

    def current(
        self, *, teams: Collection[int] | None
    ) -> tuple[list[holds.HoldRow], list[holds.AreaRow]]:
        """Holds in force: the newest 200 of people of these teams (None: all), and all of areas."""
        now = self._clock.now()
        with self._database.read() as session:
            people = holds.current(session, now, limit=SHOWN, teams=teams)
            return people, holds.current_areas(session, now)

    # --- inside ---------------------------------------------------------------------------------

    def _whom(self, customer: str, actor: Actor) -> int:
        with self._database.read() as session:
            return customer_of(session, customer, teams=actor.teams)

    def _end_calls(self, customer_id: int) -> None:
        self._calls.withdraw(
            lambda session: withdrawals.open_calls(session, customer_ids=[customer_id]),
            reason=CAUSE,
            ringing=True,
        )

    def _look_again(self, customer_id: int) -> None:
        self._calls.reconsider(
            lambda session: under_way.of_people(session, [customer_id]), reason=CAUSE
        )

    def _wake_all(self, until: datetime) -> None:
        """Everybody a rule put off at least to the end of the hold, a part of the lists at a time.

        Where they live is known by keyed hashes without an index: the rules look at all of them.
        """
        after: int | None = 0
        while after is not None:
            with self._database.read() as session:
                found, after = withdrawals.put_off_until(session, until, after=after)
            if found:
                self._calls.write(_waking(found))


def _waking(entry_ids: list[int]) -> Callable[[Session], None]:
    return lambda session: withdrawals.wake_entries(session, entry_ids)
