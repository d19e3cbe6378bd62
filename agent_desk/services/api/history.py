"""Calls, results and do-not-call as other systems read them, page by page, within their teams.

Personal data (numbers, 顧客番号, notes, what was promised) is told to those who may read customers
and to nobody else; that it was read is durable before it is told (I13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent_desk.services.actor import Actor
from agent_desk.services.api.cursors import Cursors
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.api import blocks, history
from agent_desk.store.api.blocks import Block
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

MOST = 200
USUAL = 50


@dataclass(frozen=True)
class Asked:
    """One page of a question. `personal`: whoever asks may read customers."""

    actor: Actor
    personal: bool
    limit: int = USUAL
    cursor: str = ""
    start: datetime | None = None
    end: datetime | None = None
    since: datetime | None = None
    campaign_id: int | None = None

    def question(self, kind: str) -> dict[str, object]:
        """What a cursor is good for."""
        teams = self.actor.teams
        return {
            "kind": kind,
            "start": self.start,
            "end": self.end,
            "since": self.since,
            "campaign": self.campaign_id,
            "teams": None if teams is None else sorted(teams),
        }


@dataclass(frozen=True)
class Page:
    """Rows as plain values; `next_cursor` is None on the last page."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str | None


class History:
    """Reads, and notes who read."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        cursors: Cursors,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._cursors = cursors

    def calls(self, asked: Asked) -> Page:
        """Calls by the instant they began; ServiceError cursor-unusable, not-stored."""
        question = self._question(asked, "calls")
        with self._database.read() as session:
            rows = history.calls(session, question)
        self._note("api.calls.read", asked, [row.customer_id for row in rows[: asked.limit]])
        more = self._more(asked, "calls", [history.place_of(row) for row in rows])
        return Page([self._call(row, asked.personal) for row in rows[: asked.limit]], more)

    def results(self, asked: Asked) -> Page:
        """The newest version of each result; ServiceError cursor-unusable, not-stored."""
        question = self._question(asked, "results")
        with self._database.read() as session:
            rows = history.results(session, question)
        self._note("api.results.read", asked, [row.customer_id for row in rows[: asked.limit]])
        more = self._more(asked, "results", [history.place_of(row) for row in rows])
        return Page([self._result(row, asked.personal) for row in rows[: asked.limit]], more)

    def blocks(self, asked: Asked) -> Page:
        """Do-not-call entries in force, oldest first; ServiceError cursor-unusable, not-stored."""
        place = self._place(asked, "blocks")
        with self._database.read() as session:
            rows = blocks.standing(
                session,
                teams=asked.actor.teams,
                after=int(place[0]) if place else 0,
                most=asked.limit + 1,
            )
        shown = rows[: asked.limit]
        self._note("api.do_not_call.read", asked, [row.customer_id for row in shown])
        more = None
        if len(rows) > asked.limit:
            more = self._cursors.write([shown[-1].id], of=asked.question("blocks"))
        return Page([self._block(row, asked.personal) for row in shown], more)

    # --- inside ---------------------------------------------------------------------------------

    def _question(self, asked: Asked, kind: str) -> history.Question:
        place = self._place(asked, kind)
        return history.Question(
            start=asked.start,
            end=asked.end,
            since=asked.since,
            campaign_id=asked.campaign_id,
            teams=asked.actor.teams,
            after=(int(place[0]), str(place[1])) if place else None,
            most=asked.limit + 1,
        )

    def _place(self, asked: Asked, kind: str) -> list[Any]:
        if not asked.cursor:
            return []
        return self._cursors.read(asked.cursor, of=asked.question(kind))

    def _more(self, asked: Asked, kind: str, places: Sequence[tuple[int, str]]) -> str | None:
        if len(places) <= asked.limit:
            return None
        return self._cursors.write(places[asked.limit - 1], of=asked.question(kind))

    def _note(self, action: str, asked: Asked, customers: Sequence[int | None]) -> None:
        now = self._clock.now()
        details = {
            "rows": len(customers),
            "personal": asked.personal,
            "customers": sorted({each for each in customers if each}) if asked.personal else [],
        }

        def rows(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=asked.actor.username,
                action=action,
                subject="api",
                details=details,
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")

    def _call(self, row: history.CallRow, personal: bool) -> dict[str, Any]:
        talked = row.bridged_at is not None and row.ended_at is not None
        talk_s = (row.ended_at - row.bridged_at).total_seconds() if talked else None  # type: ignore[operator]
        return {
            "id": row.id,
            "at": row.at,
            "inbound": row.inbound,
            "campaign_id": row.campaign_id,
            "campaign": row.campaign,
            "list_id": row.list_id,
            "customer_id": row.customer_id,
            "operator": row.operator,
            "outcome": row.outcome,
            "sip_code": row.sip_code,
            "answered_at": row.answered_at,
            "ended_at": row.ended_at,
            "talk_s": talk_s,
            "customer_source": row.customer_source if personal else None,
            "external_id": row.external_id if personal else None,
            "number": self._sealer.open_optional(row.number_sealed) if personal else None,
        }

    def _result(self, row: history.ResultRow, personal: bool) -> dict[str, Any]:
        return {
            "id": row.id,
            "at": row.at,
            "call_id": row.call_id,
            "version": row.version,
            "campaign_id": row.campaign_id,
            "campaign": row.campaign,
            "customer_id": row.customer_id,
            "operator": row.operator,
            "codes": list(row.codes),
            "recorded": row.recorded,
            "counterpart": row.counterpart,
            "promise_state": row.promise_state,
            "promise_due_on": row.promise_due_on if personal else None,
            "promise_yen": row.promise_yen if personal else None,
            "customer_source": row.customer_source if personal else None,
            "external_id": row.external_id if personal else None,
            "note": self._sealer.open_optional(row.note_sealed) if personal else None,
        }

    def _block(self, row: Block, personal: bool) -> dict[str, Any]:
        return {
            "id": row.id,
            "customer_id": row.customer_id,
            "product": row.product,
            "since": row.since,
            "number": self._sealer.open_optional(row.number_sealed) if personal else None,
            "reason": row.reason if personal else None,
        }
