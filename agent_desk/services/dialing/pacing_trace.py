"""What the dialer did second by second in the last hour, per campaign, for the leads' charts.

A point holds until the next one: where nothing changes nothing is noted, so that a campaign that
is stopped costs nothing, and one that dials at most one point a second. Held in memory, within
bounds, and gone with the desk: the reports keep what is to be kept.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any

from agent_desk.dialer.events import CallFinished, Event
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.services.campaigns.census import Census, Crowd
from agent_desk.services.dialing.pacing import PacingFigures

KEPT_S = 3600
_WHY = tuple(WhyCode)
_ON_THE_PHONE = ("talking", "hold")
_WAITING = frozenset({"answered", "screening", "waiting"})


@dataclass(frozen=True)
class Point:
    """One second. `lines` are on their way to these seats, `waiting` were answered and have no
    operator yet, `expected` tenths of seats are expected free within the ring time, `abandoned`
    were given up in this second; `why` is the place of the reason among `WhyCode`."""

    lines: int = 0
    waiting: int = 0
    idle: int = 0
    talking: int = 0
    expected: int = 0
    abandoned: int = 0
    why: int = 0


NAMES = tuple(field.name for field in fields(Point))


class Trace:
    """The points of one campaign, oldest first."""

    def __init__(self) -> None:
        self._at = array("q")  # epoch seconds
        self._columns = tuple(array("H") for _ in NAMES)
        self.newest: dict[str, Any] | None = None

    @property
    def begins(self) -> int | None:
        """When the first point is of; None while there is none."""
        return self._at[0] if self._at else None

    def note(self, at: int, point: Point) -> bool:
        """Take up a second; whether it says anything new."""
        values = [min(value, 65_535) for value in astuple(point)]
        if self._at and [column[-1] for column in self._columns] == values:
            return False
        if self._at and at <= self._at[-1]:
            return False  # the clock was set back: what was later is not gone back over
        self._forget(at - KEPT_S)
        self._at.append(at)
        for column, value in zip(self._columns, values, strict=True):
            column.append(value)
        self.newest = {"at": at, **dict(zip(NAMES, values, strict=True))}
        return True

    def since(self, at: int) -> dict[str, list[int]]:
        """Column by column, the points later than an instant."""
        first = bisect_right(self._at, at)
        columns = zip(NAMES, self._columns, strict=True)
        return {
            "at": self._at[first:].tolist(),
            **{name: column[first:].tolist() for name, column in columns},
        }

    def _forget(self, before: int) -> None:
        """Let go what is too old, a tenth of it at a time; the point that held then stays."""
        gone = bisect_right(self._at, before) - 1
        if gone >= KEPT_S // 10:
            del self._at[:gone]
            for column in self._columns:
                del column[:gone]


class PacingTrace:
    """The traces of all campaigns."""

    def __init__(
        self, *, census: Census, pacing: Callable[[CampaignId], PacingFigures | None]
    ) -> None:
        self._census = census
        self._pacing = pacing
        self._of: dict[CampaignId, Trace] = {}
        self._abandoned: Counter[CampaignId] = Counter()

    def apply(self, events: Sequence[Event]) -> None:
        """Count what committed events tell of this second."""
        for event in events:
            if isinstance(event, CallFinished) and event.abandoned:
                self._abandoned[event.campaign_id] += 1

    def sample(self, floor: Floor, now: datetime) -> bool:
        """Note this second of every campaign; whether there is anything new to tell."""
        abandoned, self._abandoned = self._abandoned, Counter()
        at, news = int(now.timestamp()), False
        for campaign_id in floor.campaigns:
            why = floor.why.get(campaign_id)
            point = _point(
                self._census.of(floor, campaign_id),
                self._pacing(campaign_id),
                abandoned=abandoned[campaign_id],
                why=_WHY.index(WhyCode(why.reason)) if why is not None else 0,
            )
            news |= self._of.setdefault(campaign_id, Trace()).note(at, point)
        for gone in self._of.keys() - floor.campaigns.keys():
            del self._of[gone]
        return news

    def newest(self, campaign_id: CampaignId) -> Mapping[str, Any] | None:
        """The point that holds, with its reason; None before the first second."""
        trace = self._of.get(campaign_id)
        if trace is None or trace.newest is None:
            return None
        return {**trace.newest, "why": _WHY[trace.newest["why"]].value}

    def since(self, campaign_id: CampaignId, at: int) -> dict[str, Any]:
        """The points later than an instant (epoch seconds), what `why` stands for, and when the
        first point is of that is kept: a page that knows an earlier one has missed a restart."""
        trace = self._of.get(campaign_id) or Trace()
        reasons = [reason.value for reason in _WHY]
        return {**trace.since(at), "reasons": reasons, "begins": trace.begins}


def _point(crowd: Crowd, pacing: PacingFigures | None, *, abandoned: int, why: int) -> Point:
    return Point(
        lines=pacing.lines + pacing.others if pacing is not None else 0,
        waiting=sum(call.state.value in _WAITING for call in crowd.calls if not call.inbound),
        idle=pacing.idle if pacing is not None else 0,
        talking=sum(crowd.seats.get(state, 0) for state in _ON_THE_PHONE),
        expected=round(10 * pacing.expected_free) if pacing is not None else 0,
        abandoned=abandoned,
        why=why,
    )
