"""Second factors: setting one up, asking for its codes, and getting in without it.

The secret is sealed like other personal data. A code opens one log-in only: the step it is of is
used up in the transaction that takes it. Recovery codes have 80 random bits, so a plain hash of
each keeps nothing to be guessed. All of it goes by real time.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from datetime import datetime

from agent_desk.services.errors import ServiceError
from agent_desk.services.people import one_time_codes
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import second_factors as rows
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
ISSUER = "Agent Desk"


class SecondFactors:
    """Verbs on one person's second factor."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        sealer: Sealer,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._database = database
        self._commits = commits
        self._sealer = sealer
        self._clock = clock
        self._random_bytes = random_bytes

    def in_use(self, user_id: int) -> bool:
        """Whether the person is asked for codes."""
        with self._database.read() as session:
            known = rows.of(session, user_id)
        return known is not None and known.confirmed

    def pending(self, user_id: int) -> str | None:
        """The secret that waits for its first code, to be shown to nobody but the person."""
        with self._database.read() as session:
            known = rows.of(session, user_id)
        if known is None or known.confirmed:
            return None
        return self._sealer.open_optional(known.sealed)

    def begin(self, user_id: int) -> str:
        """The secret to put into an authenticator; the same one until a code of it was typed.

        ServiceError `second-factor-there` for somebody who has one already.
        """
        with self._database.read() as session:
            known = rows.of(session, user_id)
        if known is not None and known.confirmed:
            raise ServiceError("second-factor-there")
        if known is not None and known.sealed is not None:
            return self._sealer.open(known.sealed)
        secret = one_time_codes.new_secret(self._random_bytes(one_time_codes.SECRET_BYTES))
        sealed = self._sealer.seal(secret)
        self._write(lambda session: rows.begin(session, user_id, sealed))
        return secret

    def confirm(self, user_id: int, username: str, code: str) -> list[str]:
        """Begin to ask for codes, if this is a right one; the recovery codes, shown once.

        ServiceError `code-wrong`, `second-factor-there`.
        """
        with self._database.read() as session:
            known = rows.of(session, user_id)
        if known is None or known.sealed is None:
            raise ServiceError("code-wrong")
        if known.confirmed:
            raise ServiceError("second-factor-there")
        now = self._clock.real_now()
        step = one_time_codes.step_of(self._sealer.open(known.sealed), _plain(code), now)
        if step is None:
            raise ServiceError("code-wrong")
        codes = self._new_recovery_codes()
        business = self._clock.now()

        def write(session: Session) -> None:
            rows.take_step(session, user_id, step)
            rows.confirm(session, user_id, [_hash(user_id, each) for each in codes])
            _note(session, user_id, username, action="user.second-factor.set", at=business)

        self._write(write)
        return codes

    def check(self, user_id: int, code: str) -> bool:
        """Whether a code, or a recovery code, opens one log-in; it is used up by that."""
        plain, now = _plain(code), self._clock.real_now()
        with self._database.read() as session:
            known = rows.of(session, user_id)
        if known is None or known.sealed is None or not known.confirmed:
            return False
        taken: list[bool] = []
        if len(plain) == one_time_codes.DIGITS and plain.isdecimal():
            step = one_time_codes.step_of(self._sealer.open(known.sealed), plain, now)
            if step is None:
                return False
            self._write(lambda session: taken.append(rows.take_step(session, user_id, step)))
        else:
            hashed = _hash(user_id, plain)
            self._write(
                lambda session: taken.append(
                    rows.use_recovery_code(session, user_id, hashed, at=now)
                )
            )
        return taken[-1]

    def renew_recovery_codes(self, user_id: int, username: str) -> list[str]:
        """New recovery codes, shown once; those of before are void."""
        codes = self._new_recovery_codes()
        business = self._clock.now()

        def write(session: Session) -> None:
            rows.replace_recovery_codes(session, user_id, [_hash(user_id, c) for c in codes])
            _note(session, user_id, username, action="user.recovery-codes.renewed", at=business)

        self._write(write)
        return codes

    def remove(self, user_id: int, *, actor: str) -> None:
        """No second factor any more: lost, or not wanted where none is asked for."""
        business = self._clock.now()

        def write(session: Session) -> None:
            rows.remove(session, user_id)
            _note(session, user_id, actor, action="user.second-factor.removed", at=business)

        self._write(write)

    def recovery_codes_left(self, user_id: int) -> int:
        """How many recovery codes are unused."""
        with self._database.read() as session:
            return rows.recovery_codes_left(session, user_id)

    def _new_recovery_codes(self) -> list[str]:
        made = []
        for _ in range(RECOVERY_CODES):
            text = base64.b32encode(self._random_bytes(_RECOVERY_BYTES)).decode().lower()
            made.append("-".join(text[at : at + 4] for at in range(0, len(text), 4)))
        return made

    def _write(self, write: Callable[[Session], object]) -> None:
        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")


def _plain(code: str) -> str:
    return "".join(each for each in code.lower() if each.isalnum() and each.isascii())


def _hash(user_id: int, code: str) -> str:
    return hashlib.sha256(f"{user_id}:{_plain(code)}".encode()).hexdigest()


def _note(session: Session, user_id: int, actor: str, *, action: str, at: datetime) -> None:
    audit.append(session, at=at, actor=actor, action=action, subject=f"user:{user_id}")
