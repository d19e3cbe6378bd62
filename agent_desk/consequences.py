"""What follows a commit: pacers learn, effects run, counts go up, pages are told.

To ask the pacers is to look at every seat and every line. So a desk that runs asks them at once,
and then no sooner than a twentieth of a second later, or than twenty times as long as the last
answer took: what happened meanwhile is one question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from math import inf
from typing import Any

from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.services.dialing.pacing import Pacing
from agent_desk.services.ports import Hub
from agent_desk.services.running.effects import EffectRunner
from agent_desk.services.running.group_commit import Entry, GroupCommit
from agent_desk.services.running.metrics import DeskMetrics
from agent_desk.services.seat.line_quality import LineQuality
from agent_desk.services.seat.orders import SeatOrders
from agent_desk.sockets.publisher import SocketPublisher
from agent_desk.store.rows import call_quality

PACE_S = 0.05
PACED = 20  # of the desk's time, pacers have one part in so many


class Consequences:
    """What follows a commit. The loop is built first and told these parts once they exist."""

    def __init__(self, pacing: Pacing, monotonic: Callable[[], float]) -> None:
        self._pacing = pacing
        self._monotonic = monotonic
        self._asked_at = -inf
        self._distance_s = PACE_S  # between two questions, by how long the last one took
        self._hub: Hub | None = None  # of a desk that runs
        self._owed = False  # a question that waits for its time
        self._decided: list[Entry] = []  # by the pacers, and in the queue
        self.effects: EffectRunner
        self.publisher: SocketPublisher
        self.metrics: DeskMetrics
        self.quality: LineQuality
        self.orders: SeatOrders
        self.commits: GroupCommit

    def begin(self, hub: Hub) -> None:
        """The desk runs: leases have a lane, and questions to the pacers keep their distance."""
        self._hub = hub
        self.effects.leases.begin()
        hub.spawn(self.effects.leases.run_forever)

    def stop(self) -> None:
        """Nothing is leased any more."""
        self.effects.leases.stop()

    def run_effect(self, effect: Any) -> None:
        self.effects.run(effect)

    def committed(
        self, before: Floor, after: Floor, events: Sequence[Event], now: datetime
    ) -> None:
        """Let the pacers learn and ask them what to do next; then count and tell the pages."""
        self._pacing.observe(events, now, after, before)
        if self._may_ask():
            decisions = self._pacing.decisions(after, now)
            self._distance_s = max(PACE_S, PACED * (self._monotonic() - self._asked_at))
            self._decided = [self.commits.put(decision) for decision in decisions]
        self.metrics.committed(events)
        self.orders.committed(events)
        for summary in self.quality.finished(events):
            self.commits.put(None, rows=partial(call_quality.note, summary=summary))
        self.publisher.floor_changed(before, after, events, now)

    def _may_ask(self) -> bool:
        """Whether it is the pacers' turn.

        What was decided and has not come about yet is not on this floor: to ask again now would
        have it twice, as often as there are batches to do before it.
        """
        if any(entry.reply is None for entry in self._decided):
            return False
        now = self._monotonic()
        if self._hub is not None and now - self._asked_at < self._distance_s:
            if not self._owed:
                self._owed = True
                self._hub.spawn(self._ask_soon, self._hub)
            return False
        self._asked_at = now
        return True

    def _ask_soon(self, hub: Hub) -> None:
        """Have the loop come round, though nothing happened, and find that it is time."""
        hub.pause(self._distance_s)
        self._owed, self._asked_at = False, -inf
        self.commits.put(None)
