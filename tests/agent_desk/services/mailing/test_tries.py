"""What a try that failed comes to: pauses grow, and there is an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from agent_desk.services.mailing.tries import (
    HELD,
    MOST_TRIES,
    PAUSES,
    TRY_LATER,
    TRY_REFUSED,
    TRY_SENT,
    Ending,
    standing_after,
)
from agent_desk.store.reports.deliveries import Standing

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_pauses_grow_and_the_last_try_ends_it() -> None:
    later = Ending(TRY_LATER, "put-off", 451)
    stand = [standing_after(later, tries=each, now=NOW) for each in range(1, MOST_TRIES + 1)]
    assert [each.state for each in stand] == ["waiting"] * len(PAUSES) + ["failed"]
    pauses = [each.next_try_at - NOW for each in stand if each.next_try_at is not None]
    assert tuple(pauses) == PAUSES and all(one < next_ for one, next_ in pairwise(pauses))
    assert stand[-1] == Standing("failed", "put-off", 451)
    assert sum(PAUSES, timedelta()) < timedelta(hours=8), "within a working day it is known"
    assert timedelta(minutes=10) < HELD


@pytest.mark.parametrize("tries", [1, MOST_TRIES])
def test_a_refusal_is_believed_and_what_was_sent_is(tries: int) -> None:
    refused = Ending(TRY_REFUSED, "refused", 550)
    assert standing_after(refused, tries=tries, now=NOW) == Standing("failed", "refused", 550)
    assert standing_after(Ending(TRY_SENT), tries=tries, now=NOW) == Standing("sent", sent_at=NOW)
