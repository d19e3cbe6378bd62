"""Files that are handed out once, to who made them: they hold temporary passwords."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from agent_desk.services.ports import Clock

LIFETIME = timedelta(minutes=10)


class FilesOnce:
    """In memory only, and for minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[int, datetime, bytes]] = {}

    def keep(self, user_id: int, data: bytes) -> str:
        """The name to fetch it by."""
        now = self._clock.real_now()
        for each in [key for key, kept in self._kept.items() if kept[1] <= now]:
            del self._kept[each]
        name = secrets.token_urlsafe(16)
        self._kept[name] = (user_id, now + LIFETIME, data)
        return name

    def look(self, user_id: int, name: str) -> bytes | None:
        """The file as `take` gives it; it stays, for as long again."""
        data = self.take(user_id, name)
        if data is not None:
            self._kept[name] = (user_id, self._clock.real_now() + LIFETIME, data)
        return data

    def take(self, user_id: int, name: str) -> bytes | None:
        """The file, once; None for anybody else's, or one that is too old or was taken."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != user_id or kept[1] <= self._clock.real_now():
            return None
        del self._kept[name]
        return kept[2]
