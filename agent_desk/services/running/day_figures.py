"""Today's figures of every operator, kept up to date from committed events.

The same numbers as the report of today, without asking the database each time a tile changes:
loaded from the rows at start, then each event adds its part. At midnight JST they begin anew; the
part of a running interval before midnight belongs to yesterday.

Statuses and promises are set and taken back on the operator's present call alone, so that one call
is remembered and the rest are numbers: what is kept does not grow with the calls of a day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
class Present:
    """What has been counted of the call an operator is at."""

    call_id: str = ""
    talked: bool = False
    promised: bool = False
    codes: set[str] = field(default_factory=set)


@dataclass
class Figures:
    """One operator's day: seconds per closed interval, calls, statuses, promises."""

    seconds: dict[str, float] = field(default_factory=dict)
    calls: int = 0
    promises: int = 0
    wrap_ups: int = 0
    marks: Counter[str] = field(default_factory=Counter)  # calls by status code
    _present: Present = field(default_factory=Present)

    @property
    def codes(self) -> dict[str, int]:
        """Calls per status code."""
        return {code: calls for code, calls in self.marks.items() if calls}

    def talk(self, call_id: str) -> None:
        """The operator talks; once per call, however often it is joined."""
        present = self._at(call_id)
        self.calls += not present.talked
        present.talked = True

    def mark(self, call_id: str, code: str, *, on: bool) -> None:
        """A status is set or taken back."""
        codes = self._at(call_id).codes
        if on is (code in codes):
            return
        (codes.add if on else codes.discard)(code)
        self.marks[code] += 1 if on else -1

    def promise(self, call_id: str, *, made: bool) -> None:
        """A promise is made, made anew, or withdrawn."""
        present = self._at(call_id)
        self.promises += made - present.promised
        present.promised = made

    def correct(self, *, added: Iterable[str], taken: Iterable[str], promises: int) -> None:
        """A result of today was corrected: calls by status, and promises more or less."""
        self.marks.update(added)
        self.marks.subtract(taken)
        self.promises += promises

    def _at(self, call_id: str) -> Present:
        if self._present.call_id != call_id:
            self._present = Present(call_id)
        return self._present

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
                self.of(event.user_id).mark(event.call_id, event.code, on=event.on)
                return event.user_id
            case PromiseMade():
                self.of(event.user_id).promise(event.call_id, made=True)
                return event.user_id
            case PromiseWithdrawn():
                self.of(event.user_id).promise(event.call_id, made=False)
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
            figures.talk(moved.call_id)
        if moved.to_state == "wrap_up":
            figures.wrap_ups += 1
        self._since[user_id] = (moved.to_state, moved.at)
        return user_id

    def _midnight(self) -> datetime:
        return datetime.combine(self.today, datetime.min.time(), JST)
