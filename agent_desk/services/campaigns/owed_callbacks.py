"""再架電 as leads look at it: given to somebody else, to anybody, or cancelled with a reason."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.records import callback_list
from agent_desk.store.records.callback_list import OwedCallback
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

PAGE = 50
LONGEST_REASON = 200
_CURSOR = struct.Struct("!qq")


@dataclass(frozen=True)
class CallbackLine:
    """One open callback with who may be given it."""

    owed: OwedCallback
    name: str
    overdue: bool
    operators: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class CallbackPage:
    """One page; `next_cursor` is "" on the last."""

    lines: tuple[CallbackLine, ...]
    next_cursor: str


class OwedCallbacks:
    """Within the teams of who asks."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: GroupCommit, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    def page(self, actor: Actor, *, cursor: str) -> CallbackPage:
        """Soonest first; the look is audited. ServiceError bad-payload for a strange cursor."""
        now = self._clock.now()
        after = _read(cursor) if cursor else None
        with self._database.read() as session:
            found = callback_list.page(session, teams=actor.teams, after=after, limit=PAGE + 1)
            shown = found[:PAGE]
            operators = {
                each: tuple(callback_list.operators(session, each))
                for each in {row.campaign_id for row in shown}
            }
        self._note(actor, "callbacks.listed", "report:callbacks", now, count=len(shown))
        lines = tuple(
            CallbackLine(
                row,
                self._sealer.open(row.name_sealed),
                row.due_at < now,
                operators[row.campaign_id],
            )
            for row in shown
        )
        return CallbackPage(lines, _write(shown[-1]) if len(found) > PAGE else "")

    def reassign(self, callback_id: int, user_id: int | None, *, actor: Actor) -> None:
        """Give it to an operator of the campaign (None: to anybody).

        ServiceError: callback-unknown, user-unknown, not-stored.
        """
        owed = self._theirs(callback_id, actor)
        with self._database.read() as session:
            allowed = {each for each, _ in callback_list.operators(session, owed.campaign_id)}
        if user_id is not None and user_id not in allowed:
            raise ServiceError("user-unknown")
        now = self._clock.now()

        def write(session: Session) -> None:
            callback_list.reassign(session, callback_id, user_id)
            self._audit(session, actor, "callback.reassigned", callback_id, now, user=user_id)

        self._submit(write)

    def cancel(self, callback_id: int, *, reason: str, actor: Actor) -> None:
        """Nobody calls back. ServiceError: callback-unknown, reason-needed, not-stored."""
        self._theirs(callback_id, actor)
        reason = reason.strip()
        if not 3 <= len(reason) <= LONGEST_REASON:
            raise ServiceError("reason-needed")
        now, sealed = self._clock.now(), self._sealer.seal(reason)

        def write(session: Session) -> None:
            callback_list.cancel(session, callback_id, reason_sealed=sealed, at=now)
            self._audit(session, actor, "callback.cancelled", callback_id, now)

        self._submit(write)

    # --- inside ---------------------------------------------------------------------------------

    def _theirs(self, callback_id: int, actor: Actor) -> OwedCallback:
        actor.needs("lead")
        with self._database.read() as session:
            found = callback_list.one(session, callback_id, teams=actor.teams)
        if found is None:
            raise ServiceError("callback-unknown")
        return found

    def _submit(self, write: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")

    def _note(self, actor: Actor, action: str, subject: str, now: datetime, **details: int) -> None:
        def write(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action=action,
                subject=subject,
                details=details,
            )

        self._commits.put(None, rows=write)

    @staticmethod
    def _audit(
        session: Session,
        actor: Actor,
        action: str,
        callback_id: int,
        now: datetime,
        **details: int | None,
    ) -> None:
        audit.append(
            session,
            at=now,
            actor=actor.username,
            action=action,
            subject=f"callback:{callback_id}",
            details=details,
        )


def _write(row: OwedCallback) -> str:
    packed = _CURSOR.pack(*callback_list.place_of(row))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _read(text: str) -> tuple[datetime, int]:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return callback_list.behind(*_CURSOR.unpack(raw))
    except (binascii.Error, struct.error, ValueError, OverflowError) as fault:
        raise ServiceError("bad-payload", reason="cursor") from fault
