"""Calls by status of an operator's day, with valid calls as their campaigns define them.

The running figures count what is pressed. Where a campaign says what a valid call is (有効コール:
a status, so long a talk, 本人確認), pressing the button is not enough or not needed, and what is so
is only known from the rows: they are asked again whenever the operator's figures have changed, so
that the page shows what reports, columns and filters say (`store/lists/valid_calls.py`).
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.ports import Clock
from agent_desk.services.running.day_figures import Figures
from agent_desk.store.reports import valid_call_counts
from agent_desk.store.unit_of_work import Database

KEPT_S = 5.0  # a definition or a correction made meanwhile is seen after that, at the next push

Known = tuple[object, float, dict[str, int]]  # of which figures, when it was read, and what


class OwnValidCalls:
    """Asked at each push of a page, read when the operator's figures are others than before."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._of: dict[int, Known] = {}

    def codes(self, user_id: int, figures: Figures) -> dict[str, int]:
        """Calls by status code, today."""
        now, today = self._clock.monotonic(), business_date(self._clock.now())
        signs = (today, figures.calls, figures.wrap_ups, figures.codes)
        known = self._of.get(user_id)
        if known is not None and known[0] == signs and now - known[1] < KEPT_S:
            return known[2]
        found = self._read(user_id, figures.codes, today)
        self._of[user_id] = (signs, now, found)
        return found

    def _read(self, user_id: int, pressed: dict[str, int], today: date) -> dict[str, int]:
        codes: dict[int, dict[str, int]] = {user_id: Counter(pressed)}
        begin, end = at(today, 0), at(today, 24 * 60)
        with self._database.read() as session:
            valid_call_counts.put(session, codes, begin, end, campaign_id=None, user_id=user_id)
        return {code: count for code, count in codes[user_id].items() if count > 0}
