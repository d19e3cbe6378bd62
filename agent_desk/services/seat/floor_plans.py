"""The floor plan: named rooms, and where in them operators sit.

The desk knows no furniture, it knows who is signed in. So a place belongs to an operator, goes with
them through log-outs and restarts, and two who work other shifts may share one. Several leads may
draw at once: the last word about an operator counts, and whoever is overruled is told by whom.

Rooms are the building's and seen by every lead; of places a lead sees those of their own teams. No
room can be taken away over the heads of people a lead does not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.ids import SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import accounts
from agent_desk.store.people import floor_plans as rows
from agent_desk.store.people.accounts import AccountRow
from agent_desk.store.people.floor_plans import PlaceRow, RoomRow
from agent_desk.store.unit_of_work import Database

MOST_ROOMS = 40
MOST_DESKS = 50  # in a row, and rows
LONGEST_NAME = 40
KEPT_S = 5.0  # whoever changed teams, or left, is seen after that
Teams = frozenset[int] | None
View = dict[str, Any]
Names = Mapping[str, tuple[str, str]]  # username → (name, team)


class FloorPlans:
    """Each verb may raise ServiceError. `by` is the lead's username, `teams` their scope."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._rooms: dict[int, RoomRow] = {}
        self._places: dict[str, PlaceRow] = {}
        self._views: dict[str, tuple[PlaceRow, str, View]] = {}
        self._read_at: float | None = None

    # --- what pages show ------------------------------------------------------------------------

    def rooms(self) -> dict[str, View]:
        """Every room by id."""
        self._look()
        return {
            str(room.room_id): {
                "id": room.room_id,
                "name": room.name,
                "rows": room.rows,
                "columns": room.columns,
            }
            for room in self._rooms.values()
        }

    def places(self, teams: Teams, names: Names) -> dict[str, View]:
        """The places of this scope by operator: of who is signed in and of who is not."""
        self._look()
        return {
            place.username: self._view(place, names.get(place.username, (place.username, ""))[0])
            for place in self._places.values()
            if teams is None or place.team_id in teams
        }

    # --- rooms ----------------------------------------------------------------------------------

    def make_room(
        self, name: str, *, height: int, width: int, by: str, command_id: str | None
    ) -> None:
        """A new room of so many rows and columns."""
        if self._repeated(command_id):
            return
        self._read()
        if len(self._rooms) >= MOST_ROOMS:
            raise ServiceError("too-many-rooms", most=MOST_ROOMS)
        wanted, now = _room(0, name, height, width), self._clock.now()

        def write(session: Session) -> str | None:
            if not rows.takes(session, wanted):
                return "room-exists"
            room = replace(wanted, room_id=rows.next_room_id(session))
            lead = _lead(session, by)
            rows.add_room(session, room, by_user_id=lead.id, at=now)
            self._note(session, "floor.room.made", by, f"room:{room.room_id}", _size(room))
            return None

        self._submit(write, command_id)

    def change_room(
        self,
        room_id: int,
        name: str,
        *,
        height: int,
        width: int,
        by: str,
        command_id: str | None,
    ) -> None:
        """Another name or size; refused while somebody sits where no desk would be any more."""
        self._known(room_id)
        room = _room(room_id, name, height, width)
        if any(not _within(place, room) for place in self._in(room_id)):
            raise ServiceError("room-too-small")

        def write(session: Session) -> str | None:
            if not rows.takes(session, room):
                return "room-exists"
            rows.change_room(session, room)
            self._note(session, "floor.room.changed", by, f"room:{room_id}", _size(room))
            return None

        self._submit(write, command_id)

    def remove_room(self, room_id: int, *, by: str, teams: Teams, command_id: str | None) -> None:
        """Whoever sat in it has no place any more; refused over the heads of other teams."""
        if self._repeated(command_id):
            return
        self._known(room_id)
        there = self._in(room_id)
        if teams is not None and any(place.team_id not in teams for place in there):
            raise ServiceError("not-in-scope")

        def write(session: Session) -> None:
            rows.remove_room(session, room_id)
            told = {"places": len(there)}
            self._note(session, "floor.room.removed", by, f"room:{room_id}", told)

        self._submit(write, command_id)

    # --- places ---------------------------------------------------------------------------------

    def place(
        self,
        seat_id: SeatId,
        room_id: int,
        *,
        row: int,
        column: int,
        known: str | None,
        by: str,
        teams: Teams,
        command_id: str | None,
    ) -> str | None:
        """Give an operator a desk.

        `known` is when the place was set that the page showed. Where another lead was faster, this
        is the last word all the same; whose word it took the place of is answered.
        """
        operator, before = self._operator(seat_id, teams), self._of(seat_id)
        now = self._clock.now()
        if not _fits(row, column, self._known(room_id)):
            raise ServiceError("desk-outside-room")

        def write(session: Session) -> str | None:
            if not rows.there_is(session, room_id):
                return "room-unknown"
            rows.place(
                session,
                operator.id,
                room_id=room_id,
                row=row,
                column=column,
                by_user_id=_lead(session, by).id,
                at=now,
            )
            told = {"room": room_id, "row": row, "column": column}
            self._note(session, "seat.placed", by, f"seat:{seat_id}", told)
            return None

        self._submit(write, command_id)
        return _overruled(before, known, by)

    def unplace(
        self, seat_id: SeatId, *, known: str | None, by: str, teams: Teams, command_id: str | None
    ) -> str | None:
        """Take an operator off the plan; whose word it took the place of."""
        operator, before = self._operator(seat_id, teams), self._of(seat_id)

        def write(session: Session) -> None:
            rows.unplace(session, [operator.id])
            self._note(session, "seat.unplaced", by, f"seat:{seat_id}", {})

        self._submit(write, command_id)
        return _overruled(before, known, by)

    # --- inside ---------------------------------------------------------------------------------

    def _look(self) -> None:
        """Read the plan where what is known of it may be old: people change teams, and leave."""
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= KEPT_S:
            self._read()

    def _read(self) -> None:
        with self._database.read() as session:
            self._rooms = {room.room_id: room for room in rows.rooms(session)}
            self._places = {place.username: place for place in rows.places(session)}
        self._read_at = self._clock.monotonic()

    def _view(self, place: PlaceRow, name: str) -> View:
        """The very same object while it says the same: leads are told of what is another."""
        known = self._views.get(place.username)
        if known is None or known[0] != place or known[1] != name:
            view = {
                "room": place.room_id,
                "row": place.row,
                "column": place.column,
                "name": name,
                "by": place.by,
                "by_name": place.by_name,
                "at": place.at.isoformat(),
            }
            known = self._views[place.username] = (place, name, view)
        return known[2]

    def _of(self, seat_id: SeatId) -> PlaceRow | None:
        self._read()
        return self._places.get(seat_id)

    def _in(self, room_id: int) -> list[PlaceRow]:
        return [place for place in self._places.values() if place.room_id == room_id]

    def _known(self, room_id: int) -> RoomRow:
        self._read()
        room = self._rooms.get(room_id)
        if room is None:
            raise ServiceError("room-unknown")
        return room

    def _operator(self, seat_id: SeatId, teams: Teams) -> AccountRow:
        with self._database.read() as session:
            operator = accounts.by_username(session, seat_id)
        if operator is None or operator.role != "operator" or not operator.enabled:
            raise ServiceError("not-in-scope")  # whether there is such a person is not told
        if teams is not None and operator.team_id not in teams:
            raise ServiceError("not-in-scope")
        return operator

    def _note(
        self, session: Session, action: str, by: str, subject: str, details: Mapping[str, Any]
    ) -> None:
        now = self._clock.now()
        audit.append(session, at=now, actor=by, action=action, subject=subject, details=details)

    def _repeated(self, command_id: str | None) -> bool:
        """Whether a command was done before, whose answer was lost on the way."""
        return command_id is not None and self._commits.answered(command_id) is not None

    def _submit(self, write: Callable[[Session], str | None], command_id: str | None) -> None:
        """Write what is still possible when its turn comes: another lead may have been faster."""
        refused: list[str] = []

        def rows_of(session: Session) -> None:
            refusal = write(session)
            if refusal is not None:
                refused.append(refusal)

        if not self._commits.submit(None, rows=rows_of, command_id=command_id).ok:
            raise ServiceError("not-stored")
        self._read()
        if refused:
            raise ServiceError(refused[-1])


def _overruled(before: PlaceRow | None, known: str | None, by: str) -> str | None:
    """Whose word the page had not heard yet when its own came."""
    if before is None or before.by == by or before.at.isoformat() == known:
        return None
    return before.by_name


def _room(room_id: int, name: str, height: int, width: int) -> RoomRow:
    name = "".join(each for each in name if each.isprintable()).strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ServiceError("room-unnamed", most=LONGEST_NAME)
    if not (1 <= height <= MOST_DESKS and 1 <= width <= MOST_DESKS):
        raise ServiceError("room-size", most=MOST_DESKS)
    return RoomRow(room_id, name, height, width)


def _fits(row: int, column: int, room: RoomRow) -> bool:
    return 1 <= row <= room.rows and 1 <= column <= room.columns


def _within(place: PlaceRow, room: RoomRow) -> bool:
    return _fits(place.row, place.column, room)


def _size(room: RoomRow) -> dict[str, int]:
    return {"rows": room.rows, "columns": room.columns}


def _lead(session: Session, username: str) -> AccountRow:
    lead = accounts.by_username(session, username)
    assert lead is not None  # whoever asks is signed in
    return lead
