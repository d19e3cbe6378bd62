"""Raised hands: of the moment, held in memory.

A desk that starts anew forgets them, and whoever still needs help raises the hand again. That it
happened is in the audit trail.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.ids import SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit

REASONS = frozenset({"help", "complaint", "system"})


class Help:
    """Each verb may raise ServiceError."""

    def __init__(self, *, commits: GroupCommit, clock: Clock) -> None:
        self._commits = commits
        self._clock = clock
        self._hands: dict[SeatId, tuple[str, datetime]] = {}

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

    # --- what the pages show --------------------------------------------------------------------

    def hand(self, seat_id: SeatId) -> dict[str, Any] | None:
        """The raised hand of a seat that is open, or None."""
        found = self._hands.get(seat_id)
        if found is None or seat_id not in self._commits.floor.seats:
            return None
        return {"reason": found[0], "since": found[1].isoformat()}

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
