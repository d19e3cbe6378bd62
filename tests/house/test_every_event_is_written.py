"""No event without a writer of its rows, and no writer without an event."""

from __future__ import annotations

from typing import get_args

from agent_desk.dialer import events
from agent_desk.store.rows.journal import WRITERS


def test_every_event_has_a_writer_of_its_rows() -> None:
    assert set(WRITERS) == set(get_args(events.Event))
