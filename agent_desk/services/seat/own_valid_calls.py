"""Calls by status of an operator's day, with valid calls as their campaigns define them.

The running figures count what is pressed. Where a campaign says what a valid call is (有効コール:
a status, so long a talk, 本人確認), pressing the button is not enough or not needed, and what is so
is only known from the rows: they are asked again whenever an operator's figures have changed, so
that the page shows what reports, columns and filters say (`store/lists/valid_calls.py`). A floor of
seats is asked for at once: one by one, hundreds of seats would hold up the desk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.ports import Clock
from agent_desk.services.running.day_figures import Figures
from agent_desk.store.lists import valid_calls
from agent_desk.store.lists.valid_calls import History
from agent_desk.store.reports import valid_call_counts
from agent_desk.store.unit_of_work import Database

KEPT_S = 5.0  # another definition is seen after that, at the next push

Known = tuple[object, dict[str, int]]  # of which figures, and what


class OwnValidCalls:
    """Asked at each push of a page, read when the operator's figures are others than before."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._of: dict[int, Known] = {}
        self._defined: dict[int, History] = {}
        self._read_at: float | None = None
        self._edition = 0  # of the definitions

    def codes(self, user_id: int, figures: Figures) -> dict[str, int]:
        """Calls by status code, today."""
        return self.codes_of({user_id: figures})[user_id]

    def codes_of(self, figures: Mapping[int, Figures]) -> dict[int, dict[str, int]]:
        """The same of several people, by user id."""
        self._look_at_definitions()
        if not self._defined:  # everywhere it is what was pressed
            return {user_id: _counted(each.codes) for user_id, each in figures.items()}
        today = business_date(self._clock.now())
        signs = {user_id: self._signs(each, today) for user_id, each in figures.items()}
        stale = {
            user_id: figures[user_id].codes
            for user_id, sign in signs.items()
            if user_id not in self._of or self._of[user_id][0] != sign
        }
        fresh = self._read(stale, today) if stale else {}
        for user_id, codes in fresh.items():
            self._of[user_id] = (signs[user_id], codes)
        return {user_id: self._of[user_id][1] for user_id in figures}

    def _signs(self, figures: Figures, today: date) -> object:
        """What is other as soon as rows may be: each press, and each move of the seat."""
        spent = sum(figures.seconds.values())
        return (self._edition, today, figures.calls, figures.wrap_ups, figures.codes, spent)

    def _look_at_definitions(self) -> None:
        now = self._clock.monotonic()
        if self._read_at is not None and now - self._read_at < KEPT_S:
            return
        self._read_at = now
        with self._database.read() as session:
            defined = valid_calls.histories(session)
        if defined != self._defined:
            self._defined, self._edition = defined, self._edition + 1

    def _read(
        self, pressed: Mapping[int, dict[str, int]], today: date
    ) -> dict[int, dict[str, int]]:
        codes: dict[int, dict[str, int]] = {each: Counter(of) for each, of in pressed.items()}
        begin, end = at(today, 0), at(today, 24 * 60)
        with self._database.read() as session:
            valid_call_counts.put(
                session, codes, begin, end, campaign_id=None, user_ids=list(pressed)
            )
        return {user_id: _counted(of) for user_id, of in codes.items()}


def _counted(codes: Mapping[str, int]) -> dict[str, int]:
    return {code: count for code, count in codes.items() if count > 0}
