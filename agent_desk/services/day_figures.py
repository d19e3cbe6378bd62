"""Today's figures of every operator, kept up to date from committed events.

The same numbers as the report of today, without asking the database each time a tile changes:
loaded from the rows at start, then each event adds its part. At midnight JST they begin anew; the
part of a running interval before midnight belongs to yesterday.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from agent_desk.dialer.events import (
    Event,
    PromiseMade,
    PromiseWithdrawn,
    SeatMoved,
    StatusMarked,
)

JST = timezone(timedelta(hours=9))
COUNTED = ("available", "reserved", "talking", "hold", "wrap_up", "away")


def business_date(instant: datetime) -> date:
    """The JST calendar day an instant belongs to."""
    return instant.astimezone(JST).date()


@dataclass
class Figures:
    """One operator's day: seconds per closed interval, calls, statuses, promises."""

    seconds: dict[str, float] = field(default_factory=dict)
    calls: set[str] = field(default_factory=set)
    marks: dict[str, set[str]] = field(default_factory=dict)  # code → call ids
    promises: set[str] = field(default_factory=set)
    wrap_ups: int = 0

    @property
    def codes(self) -> dict[str, int]:
        """Calls per status code."""
        return {code: len(calls) for code, calls in self.marks.items() if calls}

    def idle_s(self) -> float:
        """待機: available and reserved; the operator waits in both."""
        return self.seconds.get("available", 0.0) + self.seconds.get("reserved", 0.0)


class DayFigures:
    """Figures of today by user id."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._of: dict[int, Figures] = {}
        self._since: dict[int, tuple[str, datetime]] = {}

    def of(self, user_id: int) -> Figures:
        return self._of.setdefault(user_id, Figures())

    def all(self) -> Mapping[int, Figures]:
        return self._of

    def roll(self, now: datetime) -> bool:
        """Begin a new day when midnight has passed; true when it did."""
        today = business_date(now)
        if today == self.today:
            return False
        self.today = today
        self._of = {}
        return True

    def apply(self, events: Sequence[Event]) -> set[int]:
        """Add committed events; the user ids whose figures changed."""
        changed: set[int] = set()
        for event in events:
            user_id = self._apply_one(event)
            if user_id is not None:
                changed.add(user_id)
        return changed

    def _apply_one(self, event: Event) -> int | None:
        match event:
            case SeatMoved():
                return self._move(event)
            case StatusMarked():
                calls = self.of(event.user_id).marks.setdefault(event.code, set())
                (calls.add if event.on else calls.discard)(event.call_id)
                return event.user_id
            case PromiseMade():
                self.of(event.user_id).promises.add(event.call_id)
                return event.user_id
            case PromiseWithdrawn():
                self.of(event.user_id).promises.discard(event.call_id)
                return event.user_id
        return None

    def _move(self, moved: SeatMoved) -> int:
        user_id = int(moved.user_id)
        figures = self.of(user_id)
        state, since = self._since.get(user_id, (moved.from_state, moved.at))
        if state in COUNTED:
            start = max(since, self._midnight())
            gained = max(0.0, (moved.at - start).total_seconds())
            figures.seconds[state] = figures.seconds.get(state, 0.0) + gained
        if moved.to_state == "talking" and moved.from_state == "reserved" and moved.call_id:
            figures.calls.add(moved.call_id)
        if moved.to_state == "wrap_up":
            figures.wrap_ups += 1
        self._since[user_id] = (moved.to_state, moved.at)
        return user_id

    def _midnight(self) -> datetime:
        return datetime.combine(self.today, datetime.min.time(), JST)
