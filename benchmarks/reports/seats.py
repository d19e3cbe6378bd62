"""The moves of every seat on a day, about the talks it has."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.reports.people import Centre

SECOND = 1_000_000
AWAY = 0.1  # so often somebody takes a break after a talk


@dataclass(frozen=True)
class Talk:
    """One call that reached a seat; instants are microseconds."""

    call_id: str
    campaign: int
    bridged: int
    ended: int


class _Seat:
    """Moves one seat after the other."""

    def __init__(self, user: int, seat: str, campaign: int, start: int) -> None:
        self._who = (seat, user)
        self.campaign = campaign
        self.now = start
        self.state = "offline"
        self.rows: list[tuple[Any, ...]] = []

    def to(
        self, state: str, at: int, call_id: str | None = None, reason: str | None = None
    ) -> None:
        """Move; `at` is in order."""
        self.rows.append(
            (*self._who, self.state, state, reason, "auto", call_id, self.campaign, at)
        )
        self.state, self.now = state, at


def moves_of(
    centre: Centre,
    talks: Mapping[int, Sequence[Talk]],
    start: int,
    end: int,
    *,
    spare: int,
    rng: random.Random,
) -> list[tuple[Any, ...]]:
    """All seats' moves in the order of their instants, without ids; `spare` of them are holds."""
    holds = max(0.0, spare / max(1, 2 * sum(map(len, talks.values()))))
    found: list[tuple[Any, ...]] = []
    for user, name in centre.operators:
        seat = _Seat(user, name, centre.campaigns[0], start)
        seat.to("starting", start)
        seat.to("available", start + 3 * SECOND)
        for talk in sorted(talks.get(user, ()), key=lambda each: each.bridged):
            _talked(seat, talk, int(holds) + (rng.random() < holds % 1), rng)
        seat.to("offline", max(seat.now + SECOND, end))
        found += seat.rows
    found.sort(key=lambda row: row[-1])
    return found


def _talked(seat: _Seat, talk: Talk, holds: int, rng: random.Random) -> None:
    """Reserved, talking with holds, wrap-up, and perhaps a break."""
    bridged = max(talk.bridged, seat.now + 2 * SECOND)
    ended = max(talk.ended, bridged + 10 * SECOND)
    seat.campaign = talk.campaign
    seat.to("reserved", bridged - SECOND, talk.call_id)
    seat.to("talking", bridged, talk.call_id)
    step = (ended - bridged) // (2 * holds + 1)
    for number in range(holds):
        seat.to("hold", bridged + (2 * number + 1) * step, talk.call_id)
        seat.to("talking", bridged + (2 * number + 2) * step, talk.call_id)
    seat.to("wrap_up", ended, talk.call_id)
    over = ended + rng.randrange(5 * SECOND, 60 * SECOND)
    if rng.random() >= AWAY:
        seat.to("available", over, talk.call_id)
        return
    seat.to("away", over, talk.call_id, rng.choice(("break", "meeting")))
    seat.to("available", over + rng.randrange(60 * SECOND, 600 * SECOND))
