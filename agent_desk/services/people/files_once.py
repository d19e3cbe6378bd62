"""Files that are handed out once, to who made them: they hold temporary passwords."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from agent_desk.services.ports import Clock

LIFETIME = timedelta(minutes=10)
MOST = 8  # a person's own at once


class _Kept(NamedTuple):
    user_id: int
    kind: str
    until: datetime
    data: bytes


class FilesOnce:
    """In memory only, and for minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def keep(self, user_id: int, data: bytes, *, kind: str) -> str:
        """The name to fetch it by, as the `kind` of file it is; the oldest of many is let go."""
        now = self._clock.real_now()
        for each in [key for key, kept in self._kept.items() if kept.until <= now]:
            del self._kept[each]
        own = [key for key, kept in self._kept.items() if kept.user_id == user_id]
        for each in own[: max(0, len(own) - MOST + 1)]:
            del self._kept[each]
        name = secrets.token_urlsafe(16)
        self._kept[name] = _Kept(user_id, kind, now + LIFETIME, data)
        return name

    def look(self, user_id: int, name: str, *, kind: str) -> bytes | None:
        """The file as `take` gives it; it stays, for as long again."""
        data = self.take(user_id, name, kind=kind)
        if data is not None:
            self._kept[name] = _Kept(user_id, kind, self._clock.real_now() + LIFETIME, data)
        return data

    def take(self, user_id: int, name: str, *, kind: str) -> bytes | None:
        """The file, once; None for anybody else's, one of another kind, too old or taken."""
        kept = self._kept.get(name)
        if kept is None or (kept.user_id, kept.kind) != (user_id, kind):
            return None
        if kept.until <= self._clock.real_now():
            return None
        del self._kept[name]
        return kept.data
