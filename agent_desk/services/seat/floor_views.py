"""Ways of looking at the floor that a person keeps under a name: layout, filters and order.

They say what of the floor is shown, and never more of it than the person's own scope: the server
sends no other seats. So a view that names a team or campaign its owner has lost is only of less
use, and the page leaves out of it what is gone. What is kept is somebody's own and seen by nobody
else, which is why nothing of it is audited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.floor import SeatState
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.told import Told
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.people import floor_views as rows
from agent_desk.store.people.floor_views import ViewRow
from agent_desk.store.unit_of_work import Database

MOST = 20  # of one person
MOST_KEYS = 4  # to sort by
LONGEST_NAME = 40
LONGEST_TEXT = 60
LAYOUTS = ("tiles", "table", "plan")
MARKS = ("alert", "hand")
STATES = tuple(state.value for state in SeatState if state is not SeatState.OFFLINE)
# Columns are the page's, and some are a campaign's statuses: a page leaves out those it has not.
_COLUMN = re.compile(r"[a-z_]{1,20}(:[\w-]{1,40})?", re.ASCII)


def read_view(told: object) -> ViewRow:
    """A view as a page sent it; ServiceError bad-payload, floor-view-name."""
    view = Told(told)
    assert isinstance(told, Mapping)
    name = "".join(each for each in view.text("name") if each.isprintable()).strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ServiceError("floor-view-name", most=LONGEST_NAME)
    return ViewRow(
        id=0,
        name=name,
        layout=_one_of("layout", view.text("layout"), LAYOUTS),
        filters=_filters(told.get("filters")),
        sort=_sort(told.get("sort")),
        opens=view.switch("opens"),
    )


class FloorViews:
    """Each verb may raise ServiceError `not-stored`, and leaves everything as it was then."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def of(self, user_id: int) -> list[ViewRow]:
        """The person's own, by name."""
        with self._database.read() as session:
            return rows.of(session, user_id)

    def keep(self, view: ViewRow, *, user_id: int) -> None:
        """A new one; ServiceError floor-view-exists, floor-view-many."""

        def write(session: Session) -> str | None:
            if rows.count_of(session, user_id) >= MOST:
                return "floor-view-many"
            return self._put(session, view, user_id)

        self._write(write)

    def change(self, view_id: int, view: ViewRow, *, user_id: int) -> None:
        """Another name or another look; ServiceError floor-view-unknown, floor-view-exists."""

        def write(session: Session) -> str | None:
            if not rows.is_of(session, view_id, user_id):
                return "floor-view-unknown"
            return self._put(session, replace(view, id=view_id), user_id)

        self._write(write)

    def remove(self, view_id: int, *, user_id: int) -> None:
        """Forget it; ServiceError floor-view-unknown."""

        def write(session: Session) -> str | None:
            if not rows.is_of(session, view_id, user_id):
                return "floor-view-unknown"
            rows.remove(session, view_id)
            return None

        self._write(write)

    # --- inside ---------------------------------------------------------------------------------

    def _put(self, session: Session, view: ViewRow, user_id: int) -> str | None:
        if rows.named(session, user_id, view.name) not in (None, view.id):
            return "floor-view-exists"
        rows.put(session, view, user_id=user_id, at=self._clock.now())
        return None

    def _write(self, write: Callable[[Session], str | None]) -> None:
        """What is refused is found out when its turn comes: another page may have been faster."""
        refused: list[str] = []

        def rows_of(session: Session) -> None:
            refusal = write(session)
            if refusal is not None:
                refused.append(refusal)

        if not self._commits.submit(None, rows=rows_of).ok:
            raise ServiceError("not-stored")
        if refused:
            raise ServiceError(refused[-1], most=MOST)


def _filters(told: object) -> dict[str, Any]:
    filters = Told(told)
    assert isinstance(told, Mapping)
    text = filters.text("text", "")
    if len(text) > LONGEST_TEXT:
        raise ServiceError("bad-payload", reason="text")
    return {
        "team": filters.maybe_whole("team"),
        "campaign": filters.maybe_whole("campaign"),
        "states": _some_of("states", told.get("states", []), STATES),
        "marks": _some_of("marks", told.get("marks", []), MARKS),
        "text": text,
    }


def _sort(told: object) -> list[dict[str, Any]]:
    if not isinstance(told, list) or len(told) > MOST_KEYS:
        raise ServiceError("bad-payload", reason="sort")
    keys = []
    for each in told:
        key = Told(each)
        by = key.text("by")
        if not _COLUMN.fullmatch(by):
            raise ServiceError("bad-payload", reason="by")
        keys.append({"by": by, "down": key.switch("down", False)})
    if len({key["by"] for key in keys}) < len(keys):
        raise ServiceError("bad-payload", reason="by")
    return keys


def _one_of(name: str, value: str, known: Collection[str]) -> str:
    if value not in known:
        raise ServiceError("bad-payload", reason=name)
    return value


def _some_of(name: str, told: object, known: Collection[str]) -> list[str]:
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        raise ServiceError("bad-payload", reason=name)
    return sorted({_one_of(name, each, known) for each in told})
