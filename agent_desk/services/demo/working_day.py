"""The demo's working time: when its people are paid, and what their teams are to reach in a day.

The demo's day begins at 10:00 (`make run`), and so do its shifts, Monday to Saturday: utilisation
is then of the time somebody can have worked, and not of an hour before the demo was there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from agent_desk.dialer.business_time import business_date
from agent_desk.store.people import roster, targets
from agent_desk.store.people.roster import Shift
from agent_desk.store.people.targets import TargetRow
from agent_desk.store.unit_of_work import Session

SHIFT = Shift(10 * 60, 19 * 60, 60)
WEEKDAYS = range(6)


def add_rosters(session: Session, user_ids: Collection[int], *, by: str, at: datetime) -> None:
    """The same week for everybody, from the first of this month on."""
    first = business_date(at).replace(day=1)
    week = [(weekday, SHIFT) for weekday in WEEKDAYS]
    for user_id in user_ids:
        roster.replace_week(session, user_id, week, valid_from=first, by=by, at=at)


def add_targets(
    session: Session, wanted: Mapping[int, tuple[int, int, int, int]], *, by: str, at: datetime
) -> None:
    """Calls, contacts, valid calls and payment dates a day, by team, from this month on."""
    first = business_date(at).replace(day=1)
    for team_id, (calls, contacts, valid_calls, payment_dates) in wanted.items():
        target = TargetRow(None, team_id, calls, contacts, valid_calls, payment_dates, first)
        targets.add(session, target, by=by, at=at)
