"""What people are to reach in a day: rows are added, the newest that has begun holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.users import User
from agent_desk.models.working_time import DailyTarget


@dataclass(frozen=True)
class TargetRow:
    """A target of a person (`user_id`) or of everybody of a team (`team_id`)."""

    user_id: int | None
    team_id: int | None
    calls: int | None
    contacts: int | None
    valid_calls: int | None
    payment_dates: int | None
    valid_from: date

    @property
    def empty(self) -> bool:
        """Nothing is to be reached any more."""
        wanted = (self.calls, self.contacts, self.valid_calls, self.payment_dates)
        return all(each is None for each in wanted)


_COLUMNS = (
    DailyTarget.user_id,
    DailyTarget.team_id,
    DailyTarget.calls,
    DailyTarget.contacts,
    DailyTarget.valid_calls,
    DailyTarget.payment_dates,
    DailyTarget.valid_from,
)


def of_person(session: Session, user_id: int, on: date) -> TargetRow | None:
    """The person's own on that day, else their present team's, else None."""
    own = _newest(session, DailyTarget.user_id == user_id, on)
    if own is not None and not own.empty:
        return own
    team_id = session.scalar(select(User.team_id).where(User.id == user_id))
    if team_id is None:
        return None
    theirs = _newest(session, DailyTarget.team_id == team_id, on)
    return None if theirs is None or theirs.empty else theirs


def of_everybody(session: Session, on: date) -> dict[int, TargetRow]:
    """What `of_person` says of each user who is to reach anything, by user id, asked at once."""
    holding = [each for each in current(session, on) if each.valid_from <= on and not each.empty]
    if not holding:
        return {}
    own: dict[int | None, TargetRow] = {each.user_id: each for each in holding}
    of_team: dict[int | None, TargetRow] = {each.team_id: each for each in holding}
    for targets in (own, of_team):
        targets.pop(None, None)  # it stands with the others: of a team, or of a person
    people = session.execute(select(User.id, User.team_id))
    found = {user_id: own.get(user_id) or of_team.get(team_id) for user_id, team_id in people}
    return {user_id: target for user_id, target in found.items() if target is not None}


def current(session: Session, on: date) -> list[TargetRow]:
    """Every target that holds on that day or begins later, of teams first."""
    newest = (
        select(func.max(DailyTarget.id).label("id"))
        .group_by(DailyTarget.user_id, DailyTarget.team_id, DailyTarget.valid_from)
        .subquery()
    )
    query = (
        select(*_COLUMNS)
        .join(newest, newest.c.id == DailyTarget.id)
        .order_by(DailyTarget.team_id, DailyTarget.user_id, DailyTarget.valid_from.desc())
    )
    found: list[TargetRow] = []
    begun: set[tuple[int | None, int | None]] = set()
    for row in session.execute(query):
        target = TargetRow(*row)
        whose = (target.user_id, target.team_id)
        if whose in begun:
            continue  # an older one, which does not hold any more
        if target.valid_from <= on:
            begun.add(whose)
        if not target.empty or target.valid_from > on:
            found.append(target)
    return sorted(found, key=lambda each: each.team_id is None)


def add(session: Session, target: TargetRow, *, by: str, at: datetime) -> None:
    """From `valid_from` on this holds, whatever was said before."""
    session.execute(insert(DailyTarget).values(**vars(target), by=by, at=at))


def _newest(session: Session, whose: ColumnElement[bool], on: date) -> TargetRow | None:
    query = (
        select(*_COLUMNS)
        .where(whose, DailyTarget.valid_from <= on)
        .order_by(DailyTarget.valid_from.desc(), DailyTarget.id.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return None if row is None else TargetRow(*row)
