"""What every writer of rows is handed: the session, the sealer, who sits on which seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from agent_desk.models.users import User
from agent_desk.store import straight
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class Arranged:
    """When an entry is tried again; `put_off`: the rules forbid the instant the ladder says."""

    at: datetime
    put_off: bool = False


class Arrange(Protocol):
    """Moves the instant a ladder says to one at which the customer may and should be called."""

    def __call__(
        self,
        session: Session,
        *,
        campaign_id: int,
        list_entry_id: int,
        due_at: datetime,
        shiftable: bool,
    ) -> Arranged: ...


def as_the_ladder_says(
    session: Session, *, campaign_id: int, list_entry_id: int, due_at: datetime, shiftable: bool
) -> Arranged:
    """Without rules at hand: the lease will judge."""
    return Arranged(due_at)


class RowContext:
    """Lives for one batch of events."""

    def __init__(
        self, session: Session, sealer: Sealer, arrange: Arrange = as_the_ladder_says
    ) -> None:
        self.session = session
        self.sealer = sealer
        self.arrange = arrange
        self._users: dict[str, int] = {}
        self._seats: dict[int, str] = {}

    def user_of(self, seat_id: str) -> int:
        """The user of a seat (its id is the username); raises LookupError for nobody's seat."""
        found = self._users.get(seat_id)
        if found is None:
            found = straight.scalar(self.session, _USER, {"seat_id": seat_id})
            if found is None:
                raise LookupError(f"no user has seat {seat_id}")
            self._users[seat_id] = found
        return found

    def seat_of(self, user_id: int) -> str:
        """The username of a user; raises LookupError for an id that is none."""
        found = self._seats.get(user_id)
        if found is None:
            found = straight.scalar(self.session, _SEAT, {"user_id": user_id})
            if found is None:
                raise LookupError(f"no user has id {user_id}")
            self._seats[user_id] = found
        return found


# Built once: nearly every batch asks.
_USER = select(User.id).where(User.username == bindparam("seat_id"))
_SEAT = select(User.username).where(User.id == bindparam("user_id"))
