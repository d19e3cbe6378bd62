"""Which alerts of a seat stand at an instant, and when that changes by itself. Pure.

An alert is a span of time: it begins at an instant that follows from what is known of the seat and
its call, and may end at one. So nothing has to be looked at again and again: whoever keeps the
alerts looks when something moved, and at the next instant at which a span begins or ends.

Two thresholds belong to each state. VICIdial's live board has up to five colour steps, and more
than two are not told apart at a glance, so of its steps two each are the defaults here: of waiting
30/60/300 the latter two, of in call 10/60/300 the latter two, of paused 10/60/300/600/900 300 and
900. It has none for hold, wrap-up and starting; 60 and 180 s are what Flex uses as its last step,
and the minute before. The first threshold is a mark on the tile; the second is an alert, or every
second seat of a busy floor would be one.

`call` is the talk as a whole, holds and all: 8 minutes are an alert to lead and operator, 5.5 are
marked: what talks took in the field, and what was made of it. A campaign may have a limit of its
own.

An alert is of a condition, and the condition has a start (`of`): who moves a threshold does not
make another alert of one that stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from agent_desk.dialer.floor import (
    FAST_PULSE_STATES,
    PULSE_FRESH_S,
    PULSE_LOST_S,
    PULSE_SLOW_S,
    Call,
    CallState,
    Seat,
    SeatState,
)
from agent_desk.dialer.wrap_up import AWAY_AFTER_WRAP_UP

Kind = Literal["state", "call", "hand", "unrecorded", "link_stale", "link_lost", "audio"]
Level = Literal["attention", "urgent"]

CALL = "call"
# What comes and goes by the second: it is over when it has been so for a while.
FLICKERING = frozenset({"link_stale", "audio"})
CALM_S = 5.0
_TALK = (SeatState.TALKING, SeatState.HOLD)


@dataclass(frozen=True)
class Limit:
    """After so many seconds it is long, and too long."""

    long_s: int
    too_long_s: int


DEFAULTS: Mapping[str, Limit] = {
    "starting": Limit(60, 300),
    "available": Limit(60, 300),
    "talking": Limit(60, 300),
    "hold": Limit(60, 180),
    "wrap_up": Limit(60, 180),
    "away": Limit(300, 900),
    CALL: Limit(330, 480),
}
MOST_S = 86_400


@dataclass(frozen=True)
class Beside:
    """What the floor does not hold of a seat: since when the hand is up and the line is poor, and
    how long its campaign lets a talk be, where it has a say."""

    hand_at: datetime | None = None
    poor_at: datetime | None = None
    talk_limit_s: int | None = None


NOTHING_BESIDE = Beside()


@dataclass(frozen=True)
class Span:
    """One alert, from `begins` on and before `ends`. `of` names the condition's own start, `what`
    is the state it is about, if any."""

    kind: Kind
    level: Level
    begins: datetime
    of: str
    ends: datetime | None = None
    what: str = ""

    def stands(self, now: datetime) -> bool:
        """Whether it is now."""
        return self.begins <= now and (self.ends is None or now < self.ends)


def spans(
    seat: Seat, call: Call | None, limits: Mapping[str, Limit], beside: Beside = NOTHING_BESIDE
) -> Iterator[Span]:
    """Every alert that stands or will, if nothing moves any more. `call` is the seat's."""
    limit, since = limits.get(seat.state.value), _named(seat.since)
    if limit is not None:
        begins = seat.since + timedelta(seconds=limit.too_long_s)
        yield Span("state", "attention", begins, since, what=seat.state.value)
    limit_at = talk_limit_at(seat, call, limits, beside.talk_limit_s)
    if call is not None and limit_at is not None:
        yield Span("call", "urgent", limit_at, call.call_id)
    if beside.hand_at is not None:
        yield Span("hand", "urgent", beside.hand_at, _named(beside.hand_at))
    if seat.state is SeatState.AWAY and seat.reason == AWAY_AFTER_WRAP_UP:
        yield Span("unrecorded", "attention", seat.since, since)
    if beside.poor_at is not None:
        yield Span("audio", "attention", beside.poor_at, _named(beside.poor_at))
    fresh_s = PULSE_FRESH_S if seat.state in FAST_PULSE_STATES else PULSE_SLOW_S
    lost_at = seat.link.heard_at + timedelta(seconds=PULSE_LOST_S)
    stale_at = seat.link.heard_at + timedelta(seconds=fresh_s)
    heard = _named(seat.link.heard_at)
    yield Span("link_stale", "attention", stale_at, heard, lost_at)
    yield Span("link_lost", "urgent", lost_at, heard)


def talk_limit_at(
    seat: Seat, call: Call | None, limits: Mapping[str, Limit], own_s: int | None
) -> datetime | None:
    """When the talk on this seat is past what its campaign (`own_s`), or else the centre, set;
    None without a talk."""
    if call is None or call.bridged_at is None or call.state is CallState.ENDED:
        return None
    if seat.state not in _TALK or CALL not in limits:
        return None
    return call.bridged_at + timedelta(seconds=own_s or limits[CALL].too_long_s)


def _named(start: datetime) -> str:
    return f"{start.timestamp():.3f}"


def next_change(known: Iterable[Span], now: datetime) -> datetime | None:
    """The first instant after `now` at which one of these begins or ends."""
    instants = [each.begins for each in known]
    instants += [each.ends for each in known if each.ends is not None]
    return min((each for each in instants if each > now), default=None)
