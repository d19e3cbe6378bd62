"""The alerts of the floor: which stand, and who has said that they know of them.

They are of the moment and held in memory, as raised hands are. What stands follows from the floor
(`alert_rules.py`), so a desk that starts anew raises again what still stands; only that somebody
knew of it is forgotten, and stays in the audit trail.

A seat is looked at when something about it moved, and at the next instant at which one of its
alerts begins or ends by itself: these instants are kept in order, so a floor on which nothing
happens costs a glance at the first of them. A page that is heard again moves its instant on, and
is found by the old one, which finds nothing. Two things no commit tells of: a page that is heard
again while an alert says it is not, which is looked at each time, and how a line sounds, which is
judged once a second.

An alert that was acknowledged is quiet until its condition ends; one that begins anew is another.
What flickers (a page that is heard now and then, a line that stutters) ends only after a calm of
some seconds, or leads would be told of the same trouble again and again.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.floor import Call, Floor, Seat
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.alert_rules import (
    CALM_S,
    FLICKERING,
    Beside,
    Span,
    next_change,
    spans,
    talk_limit_at,
)
from agent_desk.services.seat.help import Help
from agent_desk.services.seat.line_quality import LineQuality
from agent_desk.services.seat.thresholds import FloorThresholds
from agent_desk.store import audit

POOR_BARS = 2  # and fewer: hardly to be understood
LISTENED_EVERY = timedelta(seconds=1)  # gateways report so often
LINK = frozenset({"link_stale", "link_lost"})
Teams = frozenset[int] | None
View = dict[str, Any]
Names = Mapping[str, tuple[str, str]]  # username → (name, team)


class Alerts:
    """One look at a time; `acknowledge` may raise ServiceError."""

    def __init__(
        self,
        *,
        commits: GroupCommit,
        clock: Clock,
        helping: Help,
        quality: LineQuality,
        thresholds: FloorThresholds,
        campaigns: CampaignBook,
        names: Callable[[], Names],
    ) -> None:
        self._commits = commits
        self._clock = clock
        self._help = helping
        self._quality = quality
        self._thresholds = thresholds
        self._campaigns = campaigns
        self._names = names
        self._of: dict[SeatId, dict[str, View]] = {}
        self._due: dict[SeatId, datetime] = {}
        self._order: list[tuple[datetime, SeatId]] = []
        self._touched: set[SeatId] = set()
        self._poor: dict[SeatId, datetime] = {}
        self._calm: dict[str, datetime] = {}  # by alert: until when it must be calm to be over
        self._listened_at: datetime | None = None
        self._limits: object = None
        self._one = threading.Lock()

    # --- kept up to date ------------------------------------------------------------------------

    def forget(self) -> None:
        """Limits may be others now: every seat is to be looked at."""
        self._limits = None

    def touch(self, seat_ids: Iterable[SeatId]) -> None:
        """Something about these seats moved."""
        self._touched.update(seat_ids)

    def look(self) -> set[SeatId] | None:
        """Seats whose alerts are others than at the last look; None: nothing of them is."""
        with self._one:
            touched, self._touched = self._touched, set()  # before the floor: none is missed
            floor, now = self._commits.floor, self._clock.now()
            anew = self._limits is not self._thresholds.limits
            self._limits = self._thresholds.limits
            seat_ids = self._due_by(now) | self._listen(floor, now) | self._unheard()
            seat_ids |= touched | (self._of.keys() - floor.seats.keys())
            if anew:
                seat_ids |= floor.seats.keys()
            changed = {each for each in seat_ids if self._look_at(each, floor, now)}
            return changed if changed or anew else None

    def acknowledge(self, alert_id: str, *, by: str, teams: Teams) -> SeatId:
        """A lead knows of it. Whoever said so first stays; ServiceError `alert-over`,
        `not-in-scope`, `not-stored`."""
        with self._one:
            view = next((known[alert_id] for known in self._of.values() if alert_id in known), None)
        seat = None if view is None else self._commits.floor.seats.get(SeatId(view["seat"]))
        if view is None or seat is None:
            raise ServiceError("alert-over")
        if teams is not None and seat.team_id not in teams:
            raise ServiceError("not-in-scope")
        if view["by"] is not None:
            return seat.seat_id
        now = self._clock.now()
        self._note(view, by, at=now)
        known_by = {"by": by, "by_name": self._names().get(by, (by, ""))[0], "at": now.isoformat()}
        with self._one:
            theirs = self._of.get(seat.seat_id, {})
            if alert_id in theirs:  # else it ended in the meantime
                self._of[seat.seat_id] = {**theirs, alert_id: {**view, **known_by}}
        return seat.seat_id

    # --- what pages show ------------------------------------------------------------------------

    def shown(self, teams: Teams) -> dict[str, View]:
        """What stands in this scope, by id."""
        seats = self._commits.floor.seats
        return {
            alert_id: view
            for seat_id, theirs in list(self._of.items())
            if (seat := seats.get(seat_id)) is not None and (teams is None or seat.team_id in teams)
            for alert_id, view in theirs.items()
        }

    def over_talk(self, seat: Seat, call: Call | None) -> dict[str, Any] | None:
        """What the operator is shown of a talk past the limit."""
        theirs = self._of.get(seat.seat_id, {}).values()
        own_s = self._own_limit(call)
        if talk_limit_at(seat, call, self._thresholds.limits, own_s) is None or not any(
            view["kind"] == "call" for view in theirs
        ):
            return None
        return {"limit_s": own_s or self._thresholds.limits["call"].too_long_s}

    # --- inside ---------------------------------------------------------------------------------

    def _look_at(self, seat_id: SeatId, floor: Floor, now: datetime) -> bool:
        """Whether its alerts are others than they were."""
        before, seat = self._of.get(seat_id, {}), floor.seats.get(seat_id)
        if seat is None:
            self._due.pop(seat_id, None)
            self._forget(before)
            return self._of.pop(seat_id, None) is not None
        call = floor.calls.get(CallId(seat.call_id)) if seat.call_id is not None else None
        known = list(spans(seat, call, self._thresholds.limits, self._beside(seat_id, call)))
        fresh = self._standing(seat_id, [span for span in known if span.stands(now)], before)
        fresh |= self._flickering(before, fresh, now)
        self._forget({each: view for each, view in before.items() if each not in fresh})
        over = [self._calm[each] for each in fresh if each in self._calm]
        self._arm(seat_id, min([*over, *filter(None, [next_change(known, now)])], default=None))
        if fresh:
            self._of[seat_id] = fresh
        else:
            self._of.pop(seat_id, None)
        return fresh.keys() != before.keys()

    def _standing(
        self, seat_id: SeatId, known: Iterable[Span], before: Mapping[str, View]
    ) -> dict[str, View]:
        """Those that stand, as they were shown before if they were."""
        fresh = {}
        for span in known:
            same = _of_kind(before, span.kind) if span.kind in FLICKERING else None
            alert_id = same or _id_of(seat_id, span)
            self._calm.pop(alert_id, None)
            fresh[alert_id] = before.get(alert_id) or _view(alert_id, seat_id, span)
        return fresh

    def _flickering(
        self, before: Mapping[str, View], fresh: Mapping[str, View], now: datetime
    ) -> dict[str, View]:
        """Those that do not stand at this instant and may again at the next. What is worse is
        shown instead."""
        lost = _of_kind(fresh, "link_lost") is not None
        still = {}
        for alert_id, view in before.items():
            if alert_id in fresh or view["kind"] not in FLICKERING:
                continue
            over_at = self._calm.setdefault(alert_id, now + timedelta(seconds=CALM_S))
            if now < over_at and not (lost and view["kind"] in LINK):
                still[alert_id] = view
        return still

    def _forget(self, ended: Mapping[str, View]) -> None:
        for alert_id in ended:
            self._calm.pop(alert_id, None)

    def _arm(self, seat_id: SeatId, when: datetime | None) -> None:
        if when is None:
            self._due.pop(seat_id, None)
        elif self._due.get(seat_id) != when:
            self._due[seat_id] = when
            heapq.heappush(self._order, (when, seat_id))

    def _due_by(self, now: datetime) -> set[SeatId]:
        found: set[SeatId] = set()
        while self._order and self._order[0][0] <= now:
            when, seat_id = heapq.heappop(self._order)
            if self._due.get(seat_id) == when:
                del self._due[seat_id]
                found.add(seat_id)
        return found

    def _listen(self, floor: Floor, now: datetime) -> set[SeatId]:
        """Seats on whose line the sound became poor, or is no more."""
        if self._listened_at is not None and now - self._listened_at < LISTENED_EVERY:
            return set()
        self._listened_at = now
        poor = {
            seat_id
            for seat_id, seat in floor.seats.items()
            if seat.call_id is not None
            and 0 < self._quality.view(seat_id, seat.call_id)["bars"] <= POOR_BARS
        }
        other = poor ^ self._poor.keys()
        self._poor = {seat_id: self._poor.get(seat_id, now) for seat_id in poor}
        return other

    def _unheard(self) -> set[SeatId]:
        return {
            seat_id
            for seat_id, theirs in self._of.items()
            if any(view["kind"] in LINK for view in theirs.values())
        }

    def _beside(self, seat_id: SeatId, call: Call | None) -> Beside:
        hand = self._help.hand(seat_id)
        hand_at = None if hand is None else datetime.fromisoformat(hand["since"])
        return Beside(hand_at, self._poor.get(seat_id), self._own_limit(call))

    def _own_limit(self, call: Call | None) -> int | None:
        return None if call is None else self._campaigns.get(call.campaign_id).talk_limit_s

    def _note(self, view: View, by: str, *, at: datetime) -> None:
        def write(session: Session) -> None:
            audit.append(
                session,
                at=at,
                actor=by,
                action="alert.acknowledged",
                subject=f"seat:{view['seat']}",
                details={"alert": view["kind"], "since": view["since"]},
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")


def _id_of(seat_id: SeatId, span: Span) -> str:
    """Another start of the condition is another alert."""
    return f"{seat_id}.{span.kind}.{span.of}"


def _of_kind(known: Mapping[str, View], kind: str) -> str | None:
    return next((each for each, view in known.items() if view["kind"] == kind), None)


def _view(alert_id: str, seat_id: SeatId, span: Span) -> View:
    return {
        "id": alert_id,
        "seat": seat_id,
        "kind": span.kind,
        "what": span.what,
        "level": span.level,
        "since": span.begins.isoformat(),
        "by": None,
        "by_name": None,
        "at": None,
    }
