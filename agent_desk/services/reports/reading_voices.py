"""Reading what customers said of us, and writing down what is heard in a recording.

The texts may name people: whoever opens them is in the audit trail with the calls they are of, and
sees those of their teams. They are shown by the desk itself, never by the process that makes
reports, which could not log it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.seat.voices import LONGEST
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.satisfaction import figures, voices
from agent_desk.store.satisfaction.voices import HeardVoice
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

SHOWN = 100


@dataclass(frozen=True)
class OfCall:
    """The texts of one call; `day` is when it was made, `own` what the reader wrote of it."""

    call_id: str
    day: date
    texts: Sequence[HeardVoice]
    own: str


class ReadingVoices:
    """For people in charge, within the campaigns and people of their teams."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: WriteDoor, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    def of_period(
        self,
        who: Person,
        first: date,
        last: date,
        *,
        campaign_id: int | None,
        user_id: int | None,
    ) -> Sequence[HeardVoice]:
        """The newest texts of the period, once it is noted who reads them; ServiceError
        not-stored."""
        wanted = figures.Wanted(
            at(first, 0),
            at(last + timedelta(days=1), 0),
            teams=who.teams,
            campaign_id=campaign_id,
            user_id=user_id,
        )
        with self._database.read() as session:
            where = figures.voices_within(session, wanted)
            found = voices.listed(session, self._sealer, where, most=SHOWN)
        self._note_read(who, found)
        return found

    def of_call(self, who: Person, call_id: str) -> OfCall:
        """What was written of one call; ServiceError call-unknown, not-stored."""
        with self._database.read() as session:
            made_at = self._call(session, who, call_id)
            found = voices.listed_of(session, self._sealer, call_id, most=SHOWN)
            own = voices.own(session, self._sealer, call_id, user_id=who.user_id, heard="recording")
        self._note_read(who, found)
        return OfCall(call_id, business_date(made_at), found, own)

    def write(self, who: Person, call_id: str, text: str) -> None:
        """Keep what this person heard in the recording, instead of what they wrote before.

        ServiceError: call-unknown, bad-payload (text), not-stored.
        """
        text = text.strip()
        if len(text) > LONGEST:
            raise ServiceError("bad-payload", reason="text")
        with self._database.read() as session:
            self._call(session, who, call_id)
        now = self._clock.now()

        def rows(session: Session) -> None:
            voices.write(
                session,
                self._sealer,
                call_id,
                user_id=who.user_id,
                heard="recording",
                text=text,
                at=now,
            )
            audit.append(
                session,
                at=now,
                actor=who.username,
                action="voice.written",
                subject=f"call:{call_id}",
                details={"characters": len(text)},
            )

        self._store(rows)

    def _call(self, session: Session, who: Person, call_id: str) -> datetime:
        made_at = voices.call_on(session, call_id, who.teams)
        if made_at is None:
            raise ServiceError("call-unknown")
        return made_at

    def _note_read(self, who: Person, found: Sequence[HeardVoice]) -> None:
        now = self._clock.now()
        if not found:
            return

        def rows(session: Session) -> None:
            for call_id in sorted({each.call_id for each in found}):
                audit.append(
                    session,
                    at=now,
                    actor=who.username,
                    action="voices.read",
                    subject=f"call:{call_id}",
                    details={},
                )

        self._store(rows)

    def _store(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
