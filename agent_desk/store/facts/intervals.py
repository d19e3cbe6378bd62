"""Seat moves as stays in states: each lasts until the seat's next move, whatever that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agent_desk.store.facts import months
from agent_desk.store.facts.layout import INTERVAL_FACTS, KEY, STATES
from agent_desk.store.facts.manifest import Stay
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.words import Words

Moves = Sequence[Sequence[Any]]  # (id, at, call id, user id, from, to, reason, campaign id)

_CALLS_KEPT = 8
_CODES = {state: code for code, state in enumerate(STATES)}
_OFFLINE = _CODES["offline"]
REASON = "reason"


@dataclass
class Stays:
    """What every seat is in; told moves in their order, gives the stays that are over.

    A call counts once for an operator, however often it is put through to them: `seen` holds the
    last few of each, and a call does not come back after that many others.
    """

    stays: dict[int, Stay]
    seen: dict[int, list[str]]
    disordered: dict[int, int] = field(default_factory=dict)  # user id → the earliest late move

    def moved(self, moves: Moves, words: Words) -> dict[str, Column]:
        """The stays that are over by these moves, as columns; one over the end of a month is cut
        there, and counts as one in the month it began.

        Whose moves go back in time is noted in `disordered`, and gives nothing: that seat's
        history has to be read again. It never happens while one desk writes.
        """
        rows = self._rows(moves, words)
        order = np.argsort(rows["user"], kind="stable")
        rows = {name: column[order] for name, column in rows.items()}
        rows = self._without_disorder(rows)
        user = rows["user"]
        goes_on = user[1:] == user[:-1]
        last = np.flatnonzero(np.append(~goes_on, len(user) > 0)[: len(user)])
        self._keep({name: column[last] for name, column in rows.items()}, words)
        over = np.flatnonzero(goes_on & (rows["state"][:-1] != _OFFLINE))
        ended = rows["began"][over + 1]
        cells = {name: column[over] for name, column in rows.items()} | {"ended": ended}
        return _cut({KEY: cells["user"], **cells})

    def _rows(self, moves: Moves, words: Words) -> dict[str, Column]:
        """What seats were in before, then their moves."""
        _, instants, _, users, _, states, reasons, campaigns = (
            zip(*moves, strict=True) if moves else [()] * 8
        )
        there = sorted({*users} & self.stays.keys())
        held = [self.stays[user] for user in there]
        values: dict[str, Sequence[Any]] = {
            "user": (*there, *users),
            "state": [_CODES[each] for each in (*(stay.state for stay in held), *states)],
            "reason": words.codes(REASON, (*(stay.reason for stay in held), *reasons)),
            "campaign": (*(stay.campaign for stay in held), *campaigns),
            "began": (*(stay.began for stay in held), *instants),
            "counted": [*(stay.counted for stay in held), *(True for _ in moves)],
            "call": [*(stay.call for stay in held), *self._put_through(moves)],
        }
        return {name: np.array(held, INTERVAL_FACTS[name].dtype) for name, held in values.items()}

    def _put_through(self, moves: Moves) -> list[bool]:
        """With which moves a call reached the operator that had not reached them before."""
        found = [False] * len(moves)
        for place, (_, _, call_id, user, came_from, state, _, _) in enumerate(moves):
            if state == "talking" and came_from == "reserved" and call_id:
                seen = self.seen.setdefault(user, [])
                if call_id not in seen:
                    self.seen[user] = [*seen, call_id][-_CALLS_KEPT:]
                    found[place] = True
        return found

    def _without_disorder(self, rows: dict[str, Column]) -> dict[str, Column]:
        """Without those whose moves go back in time, by user."""
        user, began = rows["user"], rows["began"]
        back = (user[1:] == user[:-1]) & (began[1:] < began[:-1])
        if not back.any():
            return rows
        wrong = np.unique(user[1:][back])
        for each in wrong.tolist():
            theirs = began[user == each]
            latest = np.maximum.accumulate(theirs)
            self.disordered[each] = int(theirs[theirs < latest].min())
        right = ~np.isin(user, wrong)
        return {name: column[right] for name, column in rows.items()}

    def _keep(self, last: Mapping[str, Column], words: Words) -> None:
        """What each seat is in now."""
        reasons = words.of(REASON)
        names = ("user", "state", "reason", "campaign", "began", "counted", "call")
        for user, state, reason, *others in zip(
            *(last[name].tolist() for name in names), strict=True
        ):
            self.stays[user] = Stay(STATES[state], reasons[reason], *others)


def _cut(cells: dict[str, Column]) -> dict[str, Column]:
    """Stays by months."""
    began, ended = cells["began"], cells["ended"]
    within = months.months_of(began) == months.months_of(np.maximum(ended - 1, began))
    if within.all():
        return cells
    parts = [{name: column[within] for name, column in cells.items()}]
    for place in np.flatnonzero(~within).tolist():
        borders = [int(began[place])]
        while borders[-1] < ended[place]:
            border = months.end_of_month(months.day_number(borders[-1]))
            borders.append(min(border, int(ended[place])))
        number = len(borders) - 1
        pieces = {name: np.repeat(column[place], number) for name, column in cells.items()}
        first = np.arange(number) == 0
        pieces["began"], pieces["ended"] = np.array(borders[:-1]), np.array(borders[1:])
        pieces["counted"], pieces["call"] = pieces["counted"] & first, pieces["call"] & first
        parts.append(pieces)
    return {name: np.concatenate([part[name] for part in parts]) for name in cells}
