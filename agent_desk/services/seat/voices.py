"""お客様の声: what a customer says of us on a call, in a field of its own.

It is written down by the operator who hears it, beside the note, until the result is saved; each
text is sealed, for people name themselves and others in it.
"""

from __future__ import annotations

import threading

from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.seats import RECORDING
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.satisfaction import voices
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

LONGEST = 1000
KEPT = 1000  # calls whose text is remembered


class Voices:
    """For operators, on the call they have."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: GroupCommit, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._lock = threading.Lock()
        self._texts: dict[CallId, str] = {}

    def shown(self, call_id: CallId) -> str:
        """What the operator has written of this call so far."""
        found = self._texts.get(call_id)
        if found is not None:
            return found
        floor = self._commits.floor
        call = floor.calls.get(call_id)
        seat = floor.seats.get(call.seat_id) if call is not None and call.seat_id else None
        if seat is None:
            return ""
        with self._database.read() as session:
            found = voices.own(
                session, self._sealer, call_id, user_id=int(seat.user_id), heard="talk"
            )
        return self._remember(call_id, found)

    def save(self, seat_id: SeatId, call_id: CallId, text: str, *, command_id: str | None) -> None:
        """Keep what the customer said instead of what stood there.

        ServiceError: not-your-call, bad-payload (text), not-stored.
        """
        floor = self._commits.floor
        seat = floor.seats.get(seat_id)
        if seat is None or seat.call_id != call_id or seat.state not in RECORDING:
            raise ServiceError("not-your-call")
        text = text.strip()
        if len(text) > LONGEST:
            raise ServiceError("bad-payload", reason="text")
        if text == self.shown(call_id):
            return
        now, user_id = self._clock.now(), int(seat.user_id)

        def write(session: Session) -> None:
            voices.write(
                session, self._sealer, call_id, user_id=user_id, heard="talk", text=text, at=now
            )

        if not self._commits.submit(None, rows=write, command_id=command_id).ok:
            raise ServiceError("not-stored")
        self._remember(call_id, text)

    def _remember(self, call_id: CallId, text: str) -> str:
        with self._lock:
            while len(self._texts) >= KEPT:
                self._texts.pop(next(iter(self._texts)))
            self._texts[call_id] = text
        return text
