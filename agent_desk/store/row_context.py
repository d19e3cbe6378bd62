"""What every writer of rows is handed: the session, the sealer, who sits on which seat."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.users import User
from agent_desk.store.sealing import Sealer


class RowContext:
    """Lives for one batch of events."""

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self.session = session
        self.sealer = sealer
        self._users: dict[str, int] = {}
        self._seats: dict[int, str] = {}

    def user_of(self, seat_id: str) -> int:
        """The user of a seat (its id is the username); raises LookupError for nobody's seat."""
        found = self._users.get(seat_id)
        if found is None:
            found = self.session.scalar(select(User.id).where(User.username == seat_id))
            if found is None:
                raise LookupError(f"no user has seat {seat_id}")
            self._users[seat_id] = found
        return found

    def seat_of(self, user_id: int) -> str:
        """The username of a user; raises LookupError for an id that is none."""
        found = self._seats.get(user_id)
        if found is None:
            found = self.session.scalar(select(User.username).where(User.id == user_id))
            if found is None:
                raise LookupError(f"no user has id {user_id}")
            self._seats[user_id] = found
        return found
