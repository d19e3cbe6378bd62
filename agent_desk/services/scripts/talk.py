"""The script in a live call: what the page shows of it, and which statements were made.

Ticks are durable before they are shown; a desk that starts anew reads them back when the call is
first looked at. A step that speaks of the matter is sent only after 本人確認, like all else.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.floor import Call, Floor
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.seats import RECORDING
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.scripts.parsing import Branch, Script, Statement, Step, parse
from agent_desk.store import audit
from agent_desk.store.campaigns import scripts as rows
from agent_desk.store.unit_of_work import Database

KEPT = 1000  # calls whose ticks are remembered; older ones are read again


class ScriptTalk:
    """Verbs of the operator's script panel; each may raise ServiceError."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._lock = threading.Lock()
        self._ticks: dict[CallId, dict[str, bool]] = {}

    def shown(self, call: Call, text: str, third_party: str = "") -> dict[str, Any]:
        """Steps as far as this call may see them, and what was ticked.

        `third_party` is what the campaign says to somebody else, in place of `text`.
        """
        elsewhere = call.identity == "third_party" and bool(third_party)
        script = parse(third_party if elsewhere else text)
        verified = self._may_see_all(call)
        return {
            "steps": [_step(each) for each in script.steps if verified or not each.after_identity],
            "withheld": not verified and any(each.after_identity for each in script.steps),
            "audience": "third_party" if elsewhere else "customer",
            "ticks": dict(self._ticks_of(call.call_id)) if script.statements else {},
        }

    def tick(
        self, seat_id: SeatId, call_id: CallId, *, statement: str, on: bool, command_id: str | None
    ) -> None:
        """A statement was made (`on`), or could not be.

        ServiceError: not-your-call, statement-unknown, statement-too-early (what must be said
        before was not answered for; details: statement), not-stored.
        """
        floor = self._commits.floor
        seat, call = floor.seats.get(seat_id), floor.calls.get(call_id)
        if seat is None or call is None or seat.call_id != call_id or seat.state not in RECORDING:
            raise ServiceError("not-your-call")
        now, user_id = self._clock.now(), int(seat.user_id)
        audience, version, script = self._script_of(call)
        if statement not in {each.code for each in script.statements}:
            raise ServiceError("statement-unknown")
        self._refuse_leap(call_id, script, statement)

        def write(session: Session) -> None:
            rows.tick(
                session,
                call_id,
                user_id=user_id,
                version=version,
                audience=audience,
                statement=statement,
                ticked=on,
                at=now,
            )
            audit.append(
                session,
                at=now,
                actor=seat_id,
                action="script.ticked" if on else "script.not-said",
                subject=f"call:{call_id}",
                details={"statement": statement, "version": version, "audience": audience},
            )

        ticks = self._ticks_of(call_id)
        if not self._commits.submit(None, rows=write, command_id=command_id).ok:
            raise ServiceError("not-stored")
        ticks[statement] = on

    def require(self, seat_id: SeatId, call_id: CallId) -> None:
        """ServiceError statements-missing while a result must wait for what was not said.

        Only of a call in which the matter was talked about: a statement nobody could hear is none.
        Whoever could not make one says so, which counts too.
        """
        floor = self._commits.floor
        call = floor.calls.get(call_id)
        if call is None or not self._was_talked(floor, call):
            return
        *_, script = self._script_of(call)
        said = self._ticks_of(call_id) if script.statements else {}
        missing = [each.text for each in script.statements if each.must and each.code not in said]
        if missing:
            raise ServiceError("statements-missing", statements="、".join(missing))

    # --- inside ---------------------------------------------------------------------------------

    def _refuse_leap(self, call_id: CallId, script: Script, statement: str) -> None:
        """The standard flow has an order: who calls, then what is recorded, then the matter."""
        answered = self._ticks_of(call_id)
        for each in script.statements:
            if each.code == statement:
                return
            if each.must and each.code not in answered:
                raise ServiceError("statement-too-early", statement=each.text)

    @staticmethod
    def _was_talked(floor: Floor, call: Call) -> bool:
        if floor.campaigns[call.campaign_id].identity_needed:
            return call.identity == "verified"
        return bool(call.codes)

    def _may_see_all(self, call: Call) -> bool:
        needed = self._commits.floor.campaigns[call.campaign_id].identity_needed
        return not needed or call.identity == "verified"

    def _script_of(self, call: Call) -> tuple[rows.Audience, int, Script]:
        with self._database.read() as session:
            audience, version, text = rows.in_use(
                session,
                int(call.campaign_id),
                customer_id=None if call.customer_id is None else int(call.customer_id),
                third_party=call.identity == "third_party",
            )
        return audience, version, parse(text)

    def _ticks_of(self, call_id: CallId) -> dict[str, bool]:
        found = self._ticks.get(call_id)
        if found is not None:
            return found
        with self._database.read() as session:
            read = rows.ticks(session, call_id)
        with self._lock:
            while len(self._ticks) >= KEPT:
                self._ticks.pop(next(iter(self._ticks)))
            return self._ticks.setdefault(call_id, read)


def _step(step: Step) -> Mapping[str, Any]:
    return {"title": step.title, "parts": [_part(each) for each in step.parts]}


def _part(part: Any) -> Mapping[str, Any]:
    if isinstance(part, Statement):
        return {"kind": "tick", "code": part.code, "text": part.text, "must": part.must}
    if isinstance(part, Branch):
        return {"kind": "branch", "text": part.text, "to": part.to}
    return {"kind": "say", "text": part.text}
