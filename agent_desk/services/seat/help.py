"""Raised hands and what leads write to operators: words of the moment, held in memory.

What is said is for the people who are there; a desk that starts anew forgets it, and whoever still
needs help raises the hand again. That it happened is in the audit trail, without the words.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.ids import SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit

REASONS = frozenset({"help", "complaint", "system"})
MOST_MESSAGES = 20  # unread ones of a seat; the oldest make room


@dataclass(frozen=True)
class Message:
    """What a lead wrote; it stays on the page until it is read."""

    message_id: str
    by: str
    text: str
    at: datetime


class Help:
    """Each verb may raise ServiceError."""

    def __init__(
        self,
        *,
        commits: GroupCommit,
        clock: Clock,
        names: Callable[[], Mapping[str, tuple[str, str]]],
    ) -> None:
        self._commits = commits
        self._clock = clock
        self._names = names
        self._hands: dict[SeatId, tuple[str, datetime]] = {}
        self._messages: dict[SeatId, tuple[Message, ...]] = {}

    # --- hands ----------------------------------------------------------------------------------

    def raise_hand(self, seat_id: SeatId, reason: str) -> None:
        """Ask a lead to come; ServiceError unknown-reason, seat-not-open, not-stored."""
        if reason not in REASONS:
            raise ServiceError("unknown-reason")
        if seat_id not in self._commits.floor.seats:
            raise ServiceError("seat-not-open")
        if seat_id in self._hands:
            return
        now = self._clock.now()
        self._note("hand.raised", seat_id, seat_id, {"reason": reason}, at=now)
        self._hands[seat_id] = (reason, now)

    def lower_hand(self, seat_id: SeatId, *, by: str, teams: frozenset[int] | None = None) -> None:
        """By the operator, or by a lead who came (`teams`: their scope)."""
        if by != seat_id:
            self._scope(seat_id, teams)
        if self._hands.pop(seat_id, None) is not None:
            self._note("hand.lowered", by, seat_id, {}, at=self._clock.now())

    # --- messages -------------------------------------------------------------------------------

    def send(
        self, text: str, *, to: SeatId | None, by: str, teams: frozenset[int] | None
    ) -> Sequence[SeatId]:
        """Write to one operator, or to all in scope; the seats it went to."""
        text = text.strip()
        if not text:
            raise ServiceError("bad-payload", reason="text")
        seats = self._commits.floor.seats
        if to is not None:
            self._scope(to, teams)
            whom = [to]
        else:
            whom = [s.seat_id for s in seats.values() if teams is None or s.team_id in teams]
        now = self._clock.now()
        name = self._names().get(by, (by, ""))[0]
        for seat_id in whom:
            message = Message(uuid.uuid4().hex, name, text, now)
            details = {"message": message.message_id, "length": len(text)}
            self._note("message.sent", by, seat_id, details, at=now)
            self._messages[seat_id] = (*self.messages(seat_id), message)[-MOST_MESSAGES:]
        return whom

    def read(self, seat_id: SeatId, message_id: str) -> None:
        """The operator has read it."""
        kept = tuple(m for m in self.messages(seat_id) if m.message_id != message_id)
        if len(kept) == len(self.messages(seat_id)):
            return
        self._note("message.read", seat_id, seat_id, {"message": message_id}, at=self._clock.now())
        self._messages[seat_id] = kept

    def messages(self, seat_id: SeatId) -> tuple[Message, ...]:
        """Those not yet read, oldest first."""
        return self._messages.get(seat_id, ())

    # --- what the pages show --------------------------------------------------------------------

    def hand(self, seat_id: SeatId) -> dict[str, Any] | None:
        """The raised hand of a seat that is open, or None."""
        found = self._hands.get(seat_id)
        if found is None or seat_id not in self._commits.floor.seats:
            return None
        return {"reason": found[0], "since": found[1].isoformat()}

    def shown(self, seat_id: SeatId) -> dict[str, Any]:
        """Of the operator's own page."""
        return {
            "hand": self.hand(seat_id),
            "messages": [
                {"id": m.message_id, "by": m.by, "text": m.text, "at": m.at.isoformat()}
                for m in self.messages(seat_id)
            ],
        }

    # --- inside ---------------------------------------------------------------------------------

    def _scope(self, seat_id: SeatId, teams: frozenset[int] | None) -> None:
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None:
            raise ServiceError("seat-not-open")
        if teams is not None and seat.team_id not in teams:
            raise ServiceError("not-in-scope")

    def _note(
        self, action: str, actor: str, seat_id: SeatId, details: dict[str, Any], *, at: datetime
    ) -> None:
        def write(session: Session) -> None:
            audit.append(
                session,
                at=at,
                actor=actor,
                action=action,
                subject=f"seat:{seat_id}",
                details=details,
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
