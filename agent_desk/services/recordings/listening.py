"""Recordings: who may listen, by a link that lives a minute, and what the worker has to report.

A link names nobody and nothing: call, listener and hour are sealed into it. It opens one recording,
to the person who asked for it, for 60 s of real time; the scope is asked of the database when it is
made and again when it is used, and every listening is in the audit trail.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from agent_desk.services.errors import ServiceError
from agent_desk.services.ground import DeskGround
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock, Hub, Publisher
from agent_desk.services.recordings.retention import retention
from agent_desk.services.recordings.sound import Sound, SoundMissing, open_sound
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.records import recordings
from agent_desk.store.records.recordings import RecordingRow, Scope, Verified
from agent_desk.store.unit_of_work import Database

LISTENERS = ("operator", "lead", "manager", "compliance", "auditor")
LIFETIME = timedelta(seconds=60)
_NONCE = 12


@dataclass(frozen=True)
class Listening:
    """What a player needs. `link` is the last part of the address."""

    link: str
    expires_in_s: int
    recording: RecordingRow


def recording_service(
    ground: DeskGround, commits: GroupCommit, publisher: Publisher
) -> RecordingService:
    """Built once per desk."""
    config = ground.config
    return RecordingService(
        database=ground.database,
        commits=commits,
        clock=ground.clock,
        hub=ground.hub,
        directory=config.recording_dir,
        recording_keys=config.recording_keys,
        secret_key=config.secret_key,
        tell_leads=lambda message_id: publisher.leads_told(message_id, None, None),
    )


class RecordingService:
    """See the module. `tell_leads` is given the id of a line without personal data."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        clock: Clock,
        hub: Hub,
        directory: Path,
        recording_keys: Sequence[bytes],
        secret_key: str,
        tell_leads: Callable[[str], None],
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._hub = hub
        self._directory = directory
        self._recording_keys = recording_keys
        self._tell_leads = tell_leads
        self._links = AESGCM(hashlib.sha256(b"recording links\0" + secret_key.encode()).digest())

    # --- listening ----------------------------------------------------------------------------

    def listen(self, who: Person, call_id: str) -> Listening:
        """A link for this person; ServiceError recording-unknown, recording-gone."""
        row = self._find(who, call_id)
        self._audit("recording.listened", call_id, who.username)
        expires_at = self._clock.real_now() + LIFETIME
        told = json.dumps([call_id, who.user_id, expires_at.timestamp()]).encode()
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._links.encrypt(nonce, told, None)
        link = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
        return Listening(link, int(LIFETIME.total_seconds()), row)

    def open(self, who: Person, link: str) -> Sound:
        """What a link leads to, for `read`; ServiceError recording-link, and as for `listen`."""
        call_id = self._call_of(link, who)
        row = self._find(who, call_id)
        path = row.opus_path if row.state == "verified" and row.opus_path else row.path
        try:
            return self._hub.off_hub(open_sound, self._directory, path, self._recording_keys)
        except SoundMissing as missing:
            raise ServiceError("recording-gone", reason="not-readable") from missing

    def read(self, sound: Sound, start: int, length: int) -> bytes:
        """Some octets, without holding up the desk; SoundMissing."""
        return self._hub.off_hub(sound.read, start, length)

    def _call_of(self, link: str, who: Person) -> str:
        try:
            sealed = base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))
            told = self._links.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (ValueError, InvalidTag):
            raise ServiceError("recording-link") from None
        call_id, user_id, expires_at = json.loads(told)
        if user_id != who.user_id or self._clock.real_now().timestamp() >= expires_at:
            raise ServiceError("recording-link")
        return str(call_id)

    def _find(self, who: Person, call_id: str) -> RecordingRow:
        with self._database.read() as session:
            row = recordings.find(session, call_id, _scope(who))
        if row is None:
            raise ServiceError("recording-unknown")
        if row.state not in recordings.PLAYABLE:
            raise ServiceError("recording-gone", reason=row.state)
        return row

    # --- what the worker reports --------------------------------------------------------------

    def verified(self, call_id: str, found: Verified) -> None:
        """A file was opened to its end and its Opus is there."""
        now = self._clock.now()
        self._write(lambda session: recordings.verified(session, call_id, found, at=now))

    def damaged(self, call_id: str, reason: str) -> None:
        """A file is not what the gateway closed. It is kept; the trail and the leads know."""
        now = self._clock.now()

        def rows(session: Session) -> None:
            if recordings.damaged(session, call_id, reason, at=now):
                _note(session, "recording.damaged", call_id, "worker", at=now, reason=reason)

        self._write(rows)
        self._tell_leads("recording-damaged")

    def begin_deletion(self, call_id: str) -> None:
        """The desk agrees that retention is over; ServiceError recording-kept when it is not."""
        now = self._clock.now()
        with self._database.read() as session:
            found = recordings.held(session, call_id=call_id)
        rule = retention(found[0]) if found else None
        if rule is None or rule.delete_after is None or not rule.over(now):
            raise ServiceError("recording-kept")
        until = rule.delete_after

        def rows(session: Session) -> None:
            if recordings.begin_deletion(session, call_id, rule=rule.rule, delete_after=until):
                _note(session, "recording.deletion.begun", call_id, "worker", at=now)

        self._write(rows)

    def certify_deletion(self, call_id: str) -> None:
        """Both files are gone; ServiceError recording-kept when that was not agreed before."""
        now = self._clock.now()
        with self._database.read() as session:
            found = recordings.held(session, call_id=call_id)
        if not found or found[0].state != "deleting":
            raise ServiceError("recording-kept")
        held = found[0]

        def rows(session: Session) -> None:
            if recordings.certify_deletion(session, call_id, by="worker", at=now):
                _note(
                    session,
                    "recording.deleted",
                    call_id,
                    "worker",
                    at=now,
                    rule=retention(held).rule,
                    sha256=held.sha256,
                    opus_sha256=held.opus_sha256,
                )

        self._write(rows)

    def _audit(self, action: str, call_id: str, actor: str) -> None:
        now = self._clock.now()
        self._write(lambda session: _note(session, action, call_id, actor, at=now))

    def _write(self, rows: Callable[[Session], object]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def _scope(who: Person) -> Scope:
    """Operators hear their own calls, leads those of their teams, managers all."""
    if who.role not in LISTENERS:
        raise ServiceError("recording-unknown")
    return Scope(user_id=who.user_id) if who.role == "operator" else Scope(teams=who.teams)


def _note(
    session: Session, action: str, call_id: str, actor: str, *, at: datetime, **details: object
) -> None:
    subject = f"call:{call_id}"
    audit.append(session, at=at, actor=actor, action=action, subject=subject, details=details)
