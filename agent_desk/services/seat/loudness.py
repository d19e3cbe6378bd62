"""Whose voice was raised on a call (A57): a flag for leads to listen in, and nothing else.

A gateway measures each operator's level once a second, the mean of that second. Two seconds in
succession above the campaign's threshold are more than one second of loud speech, whatever their
edges; a laugh or a cough is not. The flag stays as long as the call is on the seat.
"""

from __future__ import annotations

from collections.abc import Callable

from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.seats import IN_CALL

SECONDS = 2  # in succession


class Loudness:
    """Hears every seat once a second; `floor` tells which call it is on."""

    def __init__(self, floor: Callable[[], Floor]) -> None:
        self._floor = floor
        self._seconds: dict[SeatId, int] = {}
        self._loud: dict[SeatId, CallId] = {}

    def hear(self, seat_id: SeatId, level_dbfs: float | None) -> None:
        """The level of one second, dB below full scale; None when nothing was heard."""
        floor = self._floor()
        seat = floor.seats.get(seat_id)
        if seat is None or seat.call_id is None:
            self._seconds.pop(seat_id, None)
            self._loud.pop(seat_id, None)
            return
        threshold = floor.campaigns[seat.campaign_id].loud_dbfs
        talks = seat.state in IN_CALL and not seat.muted
        loud = talks and level_dbfs is not None and level_dbfs > threshold
        self._seconds[seat_id] = self._seconds.get(seat_id, 0) + 1 if loud else 0
        if self._seconds[seat_id] >= SECONDS:
            self._loud[seat_id] = seat.call_id

    def was_loud(self, seat_id: SeatId, call_id: CallId | None) -> bool:
        """Whether it was, on this call."""
        return call_id is not None and self._loud.get(seat_id) == call_id
