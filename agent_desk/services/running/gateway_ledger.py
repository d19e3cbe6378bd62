"""What the desk remembers durably of its gateways: their last stored events, and the blocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from agent_desk.dialer.ids import GatewayId
from agent_desk.services.ports import Clock
from agent_desk.store.rows import gateway_events
from agent_desk.store.rules import do_not_call, message_files
from agent_desk.store.unit_of_work import Database

# A number blocked longer ago than any order can still be under way need not be pushed again: the
# lease reads the do-not-call table itself.
BLOCKS_PUSHED = timedelta(hours=24)


class OutOfOrder(Exception):
    """An event would be stored before the one it follows."""


class GatewayLedger:
    """Reads of the gateway tables, and the rows that join a batch of events."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def last_event(self, gateway_id: GatewayId, boot_id: str) -> int:
        """Number of the last stored event of this boot; 0 when there is none."""
        with self._database.read() as session:
            return gateway_events.last_seq(session, gateway_id, boot_id)

    def recently_blocked(self) -> tuple[str, ...]:
        """Number keys blocked within the last day."""
        with self._database.read() as session:
            since = self._clock.now() - BLOCKS_PUSHED
            return tuple(do_not_call.keys_added_since(session, since))

    def message(self, sha256: str) -> bytes | None:
        """An uploaded recording's file."""
        with self._database.read() as session:
            return message_files.by_hash(session, sha256)

    def rows_of(self, gateway_id: GatewayId, boot_id: str, seq: int) -> Callable[[Session], None]:
        """What to write with event `seq`; it raises `OutOfOrder` when the one before is missing,
        so that an event that could not be stored holds back those that came after it."""

        def write(session: Session) -> None:
            if gateway_events.advance(session, gateway_id, boot_id, seq):
                return
            last = gateway_events.last_seq(session, gateway_id, boot_id)
            if last != seq - 1:
                raise OutOfOrder(f"event {seq} of {gateway_id} came after {last}")
            gateway_events.set_last_seq(session, gateway_id, boot_id, seq, at=self._clock.now())

        return write

    def rows_past(self, gateway_id: GatewayId, boot_id: str, seq: int) -> Callable[[Session], None]:
        """What to write when every event up to `seq` is stored or will never be."""

        def write(session: Session) -> None:
            gateway_events.set_last_seq(session, gateway_id, boot_id, seq, at=self._clock.now())

        return write
