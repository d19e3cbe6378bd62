"""Shifts and corrections of time, within the scope of whoever asks.

A roster is set from today on at the earliest, so that what was paid stays paid; a past day is put
right by a correction, which stands beside what was measured and which somebody else approves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.paid_time import shifts_of
from agent_desk.services.people.scope import people_within
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import corrections, roster
from agent_desk.store.people.accounts import AccountRow
from agent_desk.store.people.corrections import CorrectionRow
from agent_desk.store.people.roster import ExceptionRow, Shift
from agent_desk.store.unit_of_work import Database, Session

LONGEST = 24 * 60
LATEST_END = 36 * 60
MOST_MINUTES = 24 * 60
LONGEST_REASON = 200
SHOWN = 200
# How far back time can still be corrected: two months' pay.
CORRECTABLE = timedelta(days=62)


@dataclass(frozen=True)
class PersonRoster:
    """One person's coming week, the days that differ, and corrections asked for."""

    user: AccountRow
    week: Sequence[tuple[date, Sequence[Shift]]]
    weekly: Mapping[int, Sequence[Shift]]
    exceptions: Sequence[ExceptionRow]


class RosterService:
    """Reads and writes shifts; every change is noted."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def today(self) -> date:
        """The business day, JST."""
        return business_date(self._clock.now())

    # --- shifts ---------------------------------------------------------------------------------

    def people(
        self, teams: frozenset[int] | None, *, only: int | None = None
    ) -> list[PersonRoster]:
        """Operators and leads in scope with their next seven days; `only` one of them."""
        today = self.today()
        last = today + timedelta(days=6)
        with self._database.read() as session:
            users = [
                each
                for each in people_within(session, teams).by_id.values()
                if each.enabled and each.role in ("operator", "lead") and only in (None, each.id)
            ]
            ids = [each.id for each in users]
            weekly = roster.weekly(session, ids, today, last)
            differing = roster.exceptions(session, ids, today, today + timedelta(days=60))
        by_day = {(row.user_id, row.day): row for row in differing}
        found = []
        for user in users:
            theirs = [row for row in weekly if row.user_id == user.id]
            days = [today + timedelta(days=number) for number in range(7)]
            week = [(day, shifts_of(theirs, by_day.get((user.id, day)), day)) for day in days]
            usual = {day.weekday(): shifts_of(theirs, None, day) for day in days}
            own = [row for row in differing if row.user_id == user.id]
            found.append(PersonRoster(user, week, usual, own))
        return found

    def person(self, user_id: int, teams: frozenset[int] | None) -> PersonRoster:
        """One of them; ServiceError `not-in-scope`."""
        found = self.people(teams, only=user_id)
        if not found:
            raise ServiceError("not-in-scope")
        return found[0]

    def set_week(
        self,
        user_id: int,
        shifts: Sequence[tuple[int, Shift]],
        *,
        valid_from: date,
        teams: frozenset[int] | None,
        actor: str,
        action: str = "roster.changed",
    ) -> None:
        """From a day on somebody's week is this: (weekday, shift), Monday is 0.

        ServiceError `not-in-scope`, `day-is-over`, `shift-unusable`.
        """
        self.person(user_id, teams)
        require_week(shifts)
        if valid_from < self.today():
            raise ServiceError("day-is-over")
        now = self._clock.now()

        def write(session: Session) -> None:
            roster.replace_week(session, user_id, shifts, valid_from=valid_from, by=actor, at=now)
            told = {
                "from": valid_from.isoformat(),
                "minutes": sum(shift.paid_minutes for _, shift in shifts),
            }
            self._note(session, action, f"user:{user_id}", actor, now, told)

        self._write(write)

    def set_day(
        self,
        user_id: int,
        day: date,
        shift: Shift | None,
        *,
        usual: bool,
        teams: frozenset[int] | None,
        actor: str,
    ) -> None:
        """One day differs: another shift, or none; `usual`: it does not any more.

        ServiceError `not-in-scope`, `day-is-over`, `shift-unusable`.
        """
        self.person(user_id, teams)
        if day < self.today():
            raise ServiceError("day-is-over")
        if shift is not None:
            require_shift(shift)
        kind = "as_usual" if usual else "off" if shift is None else "changed"
        row = ExceptionRow(user_id, day, kind, None if usual else shift, actor)
        now = self._clock.now()

        def write(session: Session) -> None:
            roster.add_exception(session, row, at=now)
            told = {"day": day.isoformat(), "kind": kind}
            self._note(session, "roster.exception", f"user:{user_id}", actor, now, told)

        self._write(write)

    # --- corrections ----------------------------------------------------------------------------

    def corrections(self, teams: frozenset[int] | None) -> list[tuple[AccountRow, CorrectionRow]]:
        """The newest in scope with whose they are, undecided first."""
        with self._database.read() as session:
            people = people_within(session, teams).by_id
            rows = corrections.newest(session, list(people), limit=SHOWN)
        return [(people[row.user_id], row) for row in rows]

    def ask_correction(
        self,
        user_id: int,
        *,
        day: date,
        kind: str,
        minutes: int,
        reason: str,
        teams: frozenset[int] | None,
        actor: str,
    ) -> int:
        """Ask for minutes more or fewer; the row's id. It counts once somebody else has said yes.

        ServiceError `not-in-scope`, `reason-needed`, `correction-unusable`.
        """
        self.person(user_id, teams)
        reason = reason.strip()
        if not reason:
            raise ServiceError("reason-needed")
        today = self.today()
        wrong = {
            "kind": kind not in ("paid", "work"),
            "minutes": not 0 < abs(minutes) <= MOST_MINUTES,
            "reason": len(reason) > LONGEST_REASON,
            "day": not today - CORRECTABLE <= day <= today,
        }
        for field, is_wrong in wrong.items():
            if is_wrong:
                raise ServiceError("correction-unusable", days=CORRECTABLE.days, field=field)
        now = self._clock.now()
        made: list[int] = []

        def write(session: Session) -> None:
            correction_id = corrections.add(
                session,
                user_id=user_id,
                day=day,
                kind=kind,
                minutes=minutes,
                reason=reason,
                by=actor,
                at=now,
            )
            made.append(correction_id)
            told = {"user": user_id, "day": day.isoformat(), "kind": kind, "minutes": minutes}
            subject = f"correction:{correction_id}"
            self._note(session, "correction.asked", subject, actor, now, told)

        self._write(write)
        return made[-1]

    def decide_correction(
        self, correction_id: int, approved: bool, *, teams: frozenset[int] | None, actor: str
    ) -> None:
        """Say yes or no to what somebody else asked for, once.

        ServiceError `correction-unknown`, `correction-own`.
        """
        with self._database.read() as session:
            row = corrections.one(session, correction_id)
            people = people_within(session, teams).by_id
        if row is None or row.user_id not in people or row.approved is not None:
            raise ServiceError("correction-unknown")
        if actor in (row.by, people[row.user_id].username):
            raise ServiceError("correction-own")
        now = self._clock.now()

        def write(session: Session) -> None:
            corrections.decide(session, correction_id, approved=approved, by=actor, at=now)
            action = "correction.approved" if approved else "correction.refused"
            self._note(session, action, f"correction:{correction_id}", actor, now, {})

        self._write(write)

    # --- inside ---------------------------------------------------------------------------------

    def _note(
        self,
        session: Session,
        action: str,
        subject: str,
        actor: str,
        at: datetime,
        told: Mapping[str, Any],
    ) -> None:
        audit.append(session, at=at, actor=actor, action=action, subject=subject, details=told)

    def _write(self, write: Callable[[Session], object]) -> None:
        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")


def require_shift(shift: Shift) -> None:
    """ServiceError `shift-unusable` for a shift nobody can work."""
    length = shift.end_minute - shift.start_minute
    if not (
        0 <= shift.start_minute < 24 * 60
        and shift.end_minute <= LATEST_END
        and 0 < length <= LONGEST
        and 0 <= shift.break_minutes < length
    ):
        raise ServiceError("shift-unusable")


def require_week(shifts: Sequence[tuple[int, Shift]]) -> None:
    """ServiceError `shift-unusable` (details: weekday) unless all can be worked and none overlaps
    the one before."""
    spans = []
    for weekday, shift in shifts:
        if not 0 <= weekday <= 6:
            raise ServiceError("shift-unusable")
        try:
            require_shift(shift)
        except ServiceError:
            raise ServiceError("shift-unusable", weekday=weekday) from None
        offset = weekday * 24 * 60
        spans.append((offset + shift.start_minute, offset + shift.end_minute))
    spans.sort()
    week = 7 * 24 * 60
    following = [*spans[1:], *([(spans[0][0] + week, 0)] if spans else [])]
    for span, later in zip(spans, following, strict=True):
        if later[0] < span[1]:
            raise ServiceError("shift-unusable", weekday=span[0] // (24 * 60))


def read_clock(text: str) -> int:
    """`9:00` or `25:30` as minutes; ServiceError `shift-unusable`."""
    hours, colon, minutes = text.strip().partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ServiceError("shift-unusable")
    if int(hours) > 36 or int(minutes) > 59:
        raise ServiceError("shift-unusable")
    return int(hours) * 60 + int(minutes)
