"""Chances by horizon, as tables over age: made now and then, looked up at every decision.

The horizons are the instants at which a line started now would bring a person, each as likely as
the other (from the learnt ring times and the time screening takes). At each of them a seat counts
as free when it is free within what a customer may wait, for a seat that comes in time saves the
call.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from agent_desk.dialer.predictive.durations import Floats
from agent_desk.dialer.predictive.fates import STEPS
from agent_desk.dialer.predictive.watch import RING_STEP, SCREEN_STEP, SEAT_STEP, Ages, Watch

HORIZONS = 7
SEAT_AGES = 400  # steps; older is as old as the last one
# Where each phase's ages begin in the table.
TALKING, WRAPPING = 0, SEAT_AGES
RINGING = 2 * SEAT_AGES
SCREENING = RINGING + STEPS
GRID_S = 1.0  # of the sum over when a talk ends and its wrap-up begins
AGAIN = timedelta(seconds=60)
RING_AGES_S: Floats = np.append((np.arange(STEPS) + 0.5) * RING_STEP.total_seconds(), 0.0)
SCREEN_AGES_S: Floats = np.arange(STEPS) * SCREEN_STEP.total_seconds()
MOVED = 0.03  # of the share of live answers: then lines are looked at anew at once


class Forecast:
    """The tables, from what `watch` has learnt."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._made_at: datetime | None = None
        self._within_s = -1.0
        self._shares = (0.0, 0.0)
        self.ring_time_s = 0.0  # mean, of a line that a person answers, until screening is through
        self.horizons_s: Floats = np.zeros(HORIZONS)
        # Rows are ages: of talking, wrapping, ringing, screening. Of lines it is the chance of
        # nobody; the last column is of seats alone.
        self._table: Floats = np.zeros((2 * SEAT_AGES + 2 * STEPS, HORIZONS + 1))
        self.new_line: Floats = np.zeros(HORIZONS)

    def refresh(self, now: datetime, within_s: float) -> None:
        """Make the tables again when they are old. `within_s`: how long a customer may wait."""
        made = self._made_at
        if made is None or not timedelta(0) <= now - made < AGAIN or within_s != self._within_s:
            self._made_at, self._within_s = now, within_s
            self._make_seats()
            self._make_lines()
            return
        live, of_answered = self._watch.ring.share.cautious, self._watch.screen.share.cautious
        if abs(live - self._shares[0]) > MOVED * live or abs(of_answered - self._shares[1]) > MOVED:
            self._make_lines()

    def draws(self, ages: Ages, leasing: int) -> tuple[Floats, float]:
        """Busy seats' chances of being free by each horizon and, below them, lines' chances of
        bringing nobody by then (seats + lines, horizons), `leasing` are new; and how many seats,
        the idle ones included, are expected free within the ring time."""
        rows = self._table.take(
            [
                *_rows(TALKING, ages.talking, SEAT_AGES),
                *_rows(WRAPPING, ages.wrapping, SEAT_AGES),
                *_rows(RINGING, ages.ringing, STEPS),
                *[RINGING] * leasing,
                *_rows(SCREENING, ages.screening, STEPS),
            ],
            axis=0,
        )
        return rows[:, :HORIZONS], ages.idle + float(np.add.reduce(rows[:, HORIZONS]))

    def _make_seats(self) -> None:
        watch = self._watch
        shares = (np.arange(HORIZONS) + 0.5) / HORIZONS
        delay_s = watch.screen.mean_s()
        self.horizons_s = watch.ring.quantiles(shares) + delay_s
        self.ring_time_s = watch.ring.mean_s() + delay_s
        ahead = np.append(self.horizons_s + self._within_s, self.ring_time_s)
        ages = (np.arange(SEAT_AGES) + 0.5) * SEAT_STEP.total_seconds()
        back = watch.returning.value
        wrapped_so_far = watch.wrap.hazard(ages)[:, None]
        wrapped = watch.wrap.hazard(ages[:, None] + ahead)
        self._table[WRAPPING:RINGING] = back * (1.0 - np.exp(wrapped_so_far - wrapped))
        steps = np.arange(0.0, float(ahead.max()) + GRID_S, GRID_S)
        # Ages are whole multiples of the grid: row by row the same instants, begun a little later.
        grid = watch.talk.hazard(np.arange(ages[0], ages[-1] + steps[-1] + GRID_S / 2, GRID_S))
        stride = int(SEAT_STEP.total_seconds() / GRID_S)
        talked = sliding_window_view(grid, len(steps))[::stride]
        ending = -np.diff(np.exp(talked[:, :1] - talked), axis=1)  # in each step from now
        left = ahead[None, :] - (steps[:-1, None] + GRID_S / 2)
        done = 1.0 - np.exp(-watch.wrap.hazard(np.maximum(left, 0.0)))
        self._table[TALKING:WRAPPING] = back * (ending @ done)

    def _make_lines(self) -> None:
        watch = self._watch
        self._shares = watch.ring.share.cautious, watch.screen.share.cautious
        delay_s = watch.screen.mean_s()
        ahead = np.maximum(0.0, self.horizons_s - delay_s)
        live = watch.ring.chances(RING_AGES_S, ahead)
        self.new_line = live[-1]
        nobody = self._table[:, :HORIZONS]
        nobody[RINGING:SCREENING] = 1.0 - live[:-1]
        nobody[SCREENING:] = 1.0 - watch.screen.chances(SCREEN_AGES_S, self.horizons_s)


def _rows(first: int, ages: list[int], steps: int) -> list[int]:
    """Of the table, for a phase that begins there; a clock set back gives ages below nought."""
    last = steps - 1
    return [first + (last if age > last else age if age > 0 else 0) for age in ages]
