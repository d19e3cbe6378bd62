"""Seat moves as stays in states: each lasts until the seat's next move, whatever that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agent_desk.store.facts import months
from agent_desk.store.facts.manifest import Stay

# user, state, reason, campaign, began, ended, counted, call
Interval = tuple[int, str, str, int, int, int, bool, bool]

_CALLS_KEPT = 8


class Stays:
    """What every seat is in; told moves in their order, gives the stays that are over.

    A call counts once for an operator, however often it is put through to them: `seen` holds the
    last few of each, and a call does not come back after that many others.
    """

    def __init__(self, stays: dict[int, Stay], seen: dict[int, list[str]]) -> None:
        self.stays = stays
        self.seen = seen
        self.disordered: dict[int, int] = {}  # user id → the earliest move that came too late

    def moved(self, row: Sequence[Any]) -> Iterable[Interval]:
        """(id, user id, from, to, reason, call id, campaign id, at) of the seat's next move.

        One before the seat's last is noted in `disordered`, and gives nothing: the seat's history
        has to be read again. It never happens while one desk writes.
        """
        _, user_id, came_from, state, reason, call_id, campaign_id, at = row
        before = self.stays.get(user_id)
        if before is not None and at < before.began:
            self.disordered[user_id] = min(at, self.disordered.get(user_id, at))
            return ()
        call = False
        if came_from == "reserved" and state == "talking" and call_id:
            seen = self.seen.setdefault(user_id, [])
            call = call_id not in seen
            if call:
                self.seen[user_id] = [*seen, call_id][-_CALLS_KEPT:]
        self.stays[user_id] = Stay(state, reason or "", campaign_id, at, True, call)
        return () if before is None or before.state == "offline" else cut(user_id, before, at)


def cut(user_id: int, stay: Stay, ended: int) -> list[Interval]:
    """A stay by months: it counts as one in the month it began."""
    found: list[Interval] = []
    began, counted, call = stay.began, stay.counted, stay.call
    while True:
        until = min(months.end_of_month(months.day_number(began)), ended)
        found.append((user_id, stay.state, stay.reason, stay.campaign, began, until, counted, call))
        if until == ended:
            return found
        began, counted, call = until, False, False
