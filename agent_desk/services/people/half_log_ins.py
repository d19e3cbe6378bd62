"""Log-ins that wait for their code: the password was right, nothing is open yet.

They live in memory, for a few minutes and a few tries; after a restart the password is typed anew.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.services.ports import Clock

LIFETIME = timedelta(minutes=5)
TRIES = 5


@dataclass
class _Half:
    user_id: int
    until: datetime
    tries: int = TRIES


class HalfLogIns:
    """Whose password was right, by a secret that only their browser has."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._halves: dict[str, _Half] = {}

    def begin(self, user_id: int) -> str:
        """The secret to show with the code."""
        now = self._clock.real_now()
        for each in [key for key, half in self._halves.items() if half.until <= now]:
            del self._halves[each]
        secret = secrets.token_urlsafe(32)
        self._halves[secret] = _Half(user_id, now + LIFETIME)
        return secret

    def whose(self, secret: str) -> int | None:
        """Whose it is; None when it is unknown, too old or used up."""
        half = self._halves.get(secret)
        if half is None or half.until <= self._clock.real_now() or half.tries <= 0:
            return None
        return half.user_id

    def failed(self, secret: str) -> None:
        """A wrong code was shown with it."""
        if secret in self._halves:
            self._halves[secret].tries -= 1

    def end(self, secret: str) -> None:
        """It opened a session; it opens no other."""
        self._halves.pop(secret, None)
