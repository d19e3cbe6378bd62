"""Chances by horizon, as tables over age: made now and then, looked up at every decision.

The horizons are the instants at which a line started now would bring a person, each as likely as
the other (from the learnt ring times and the time screening takes). At each of them a seat counts
as free when it is free within what a customer may wait, for a seat that comes in time saves the
call.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from agent_desk.dialer.predictive.durations import Floats
from agent_desk.dialer.predictive.fates import STEPS
from agent_desk.dialer.predictive.watch import RING_STEP, SCREEN_STEP, SEAT_STEP, Ages, Watch

HORIZONS = 7
SEAT_AGES = 400  # steps; older is as old as the last one
GRID_S = 1.0  # of the sum over when a talk ends and its wrap-up begins
AGAIN = timedelta(seconds=60)
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
        self._talking: Floats = np.zeros((SEAT_AGES, HORIZONS + 1))
        self._wrapping: Floats = self._talking
        # Of lines, the chance of nobody; the last column is of seats alone.
        self._ringing: Floats = np.zeros((STEPS, HORIZONS + 1))
        self._screening: Floats = self._ringing
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
        ringing = ages.ringing + [0] * leasing
        rows = np.concatenate(
            (
                self._talking.take(ages.talking, axis=0, mode="clip"),
                self._wrapping.take(ages.wrapping, axis=0, mode="clip"),
                self._ringing.take(ringing, axis=0, mode="clip"),
                self._screening.take(ages.screening, axis=0, mode="clip"),
            )
        )
        return rows[:, :HORIZONS], ages.idle + float(np.add.reduce(rows[:, HORIZONS]))

    def _make_seats(self) -> None:
        watch = self._watch
        shares = (np.arange(HORIZONS) + 0.5) / HORIZONS
        delay_s = watch.screen.mean_s()
        self.horizons_s = watch.ring.quantiles(shares) + delay_s
        self.ring_time_s = watch.ring.mean_s() + delay_s
        ahead = np.append(self.horizons_s + self._within_s, self.ring_time_s)
        ages = np.arange(SEAT_AGES) * SEAT_STEP.total_seconds() + SEAT_STEP.total_seconds() / 2
        back = watch.returning.value
        wrapped_so_far = watch.wrap.hazard(ages)[:, None]
        wrapped = watch.wrap.hazard((ages[:, None] + ahead).ravel()).reshape(len(ages), -1)
        self._wrapping = back * (1.0 - np.exp(wrapped_so_far - wrapped))
        steps = np.arange(0.0, float(ahead.max()) + GRID_S, GRID_S)
        talked = watch.talk.hazard((ages[:, None] + steps).ravel()).reshape(len(ages), -1)
        ending = -np.diff(np.exp(talked[:, :1] - talked), axis=1)  # in each step from now
        left = ahead[None, :] - (steps[:-1, None] + GRID_S / 2)
        done = 1.0 - np.exp(-watch.wrap.hazard(np.maximum(left, 0.0).ravel()))
        self._talking = back * (ending @ done.reshape(left.shape))

    def _make_lines(self) -> None:
        watch = self._watch
        self._shares = watch.ring.share.cautious, watch.screen.share.cautious
        middle = (np.arange(STEPS) + 0.5) * RING_STEP.total_seconds()
        delay_s = watch.screen.mean_s()
        ahead = np.maximum(0.0, self.horizons_s - delay_s)
        self._ringing = _nobody(watch.ring.chances(middle, ahead))
        middle = np.arange(STEPS) * SCREEN_STEP.total_seconds()
        self._screening = _nobody(watch.screen.chances(middle, self.horizons_s))
        self.new_line = watch.ring.chances(np.zeros(1), ahead)[0]


def _nobody(live: Floats) -> Floats:
    """A table of lines' chances as `Forecast.draws` puts it below the seats'."""
    return np.hstack((1.0 - live, np.zeros((len(live), 1))))
