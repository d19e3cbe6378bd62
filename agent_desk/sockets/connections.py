"""Who is behind each open socket, so that logging out or being disabled closes it at once.

Socket.IO keeps no session of ours: a ticket was traded for an identity at connect, and this
registry is the only place that identity lives. It also holds each socket's token bucket.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

RATE_PER_S = 20.0
BURST = 60.0
# Refused events a page may send before its socket is cut; they are forgiven one by one. A page of
# ours sends none, whatever its operator does.
STRIKES = 200.0
FORGIVEN_PER_S = 1.0


@dataclass(frozen=True)
class Identity:
    """The person behind a socket. `teams` is the scope they see; None means every team.

    `campaigns` narrows what a screen on a wall is shown; None: all of these teams.
    """

    user_id: int
    username: str
    name: str
    role: str
    team_id: int | None
    teams: frozenset[int] | None
    session_id: str
    locale: str
    campaigns: frozenset[int] | None = None


@dataclass
class Open:
    """One open socket of one namespace. `order` is held while its picture is built and sent."""

    namespace: str
    identity: Identity
    tab: str  # which page of the person: a second tab takes the seat over from the first
    tokens: float = BURST
    refilled_at: float = 0.0
    strikes: float = 0.0
    struck_at: float = 0.0
    seq: int = 0
    pushed: dict[str, object] = field(default_factory=dict)
    order: threading.RLock = field(default_factory=threading.RLock, repr=False)


class Connections:
    """The sockets that are open. `close(sid, namespace)` is the server's disconnect."""

    def __init__(self, close: Callable[[str, str], None]) -> None:
        self._close = close
        self._open: dict[tuple[str, str], Open] = {}
        self._of_person: dict[str, dict[tuple[str, str], Open]] = {}  # the same, by username

    def admit(self, sid: str, namespace: str, *, identity: Identity, tab: str) -> Open:
        """Register a socket that showed a valid ticket."""
        opened = Open(namespace, identity, tab)
        self._open[namespace, sid] = opened
        self._of_person.setdefault(identity.username, {})[namespace, sid] = opened
        return opened

    def drop(self, sid: str, namespace: str) -> Open | None:
        """Forget a socket that is gone."""
        opened = self._open.pop((namespace, sid), None)
        if opened is not None:
            own = self._of_person[opened.identity.username]
            del own[namespace, sid]
            if not own:
                del self._of_person[opened.identity.username]
        return opened

    def get(self, sid: str, namespace: str) -> Open | None:
        return self._open.get((namespace, sid))

    def of(self, namespace: str) -> list[tuple[str, Open]]:
        """(sid, socket) of every socket of a namespace."""
        return [(sid, opened) for (space, sid), opened in self._open.items() if space == namespace]

    def desk_of(self, username: str) -> tuple[str, Open] | None:
        """The operator's one live page, if any."""
        own = self._of_person.get(username, {})
        return next(((sid, each) for (space, sid), each in own.items() if space == "/desk"), None)

    def take_token(self, sid: str, namespace: str, now: float) -> bool:
        """Whether this socket may send one more event; `now` is monotonic seconds."""
        opened = self._open.get((namespace, sid))
        if opened is None:
            return False
        gained = (now - opened.refilled_at) * RATE_PER_S if opened.refilled_at else 0.0
        opened.tokens = min(BURST, opened.tokens + gained)
        opened.refilled_at = now
        if opened.tokens < 1.0:
            return False
        opened.tokens -= 1.0
        return True

    def strike(self, sid: str, namespace: str, now: float) -> bool:
        """Note a refused event of this socket and cut it when there were too many; whether it was.

        `now` is monotonic seconds.
        """
        opened = self._open.get((namespace, sid))
        if opened is None:
            return False
        forgiven = (now - opened.struck_at) * FORGIVEN_PER_S if opened.struck_at else 0.0
        opened.strikes = max(0.0, opened.strikes - forgiven) + 1.0
        opened.struck_at = now
        if opened.strikes <= STRIKES:
            return False
        self._close(sid, namespace)
        return True

    def sessions(self) -> set[str]:
        """The log-ins that have a socket open; screens on walls have none."""
        return {
            opened.identity.session_id
            for opened in list(self._open.values())
            if opened.namespace != "/wallboard"
        }

    def close_session(self, session_id: str) -> None:
        """Log-out: every socket of that login goes."""
        self._close_where(lambda identity: identity.session_id == session_id)

    def close_user(self, user_id: int) -> None:
        """Disabled, or the role changed: every socket of that person goes."""
        self._close_where(lambda identity: identity.user_id == user_id)

    def superseded_by(self, newest: Open) -> list[tuple[str, Open]]:
        """(sid, socket) of what this socket replaces: the person's other tabs, and an older socket
        of the same tab and namespace, which the network has lost and the server not yet missed."""
        return [
            (sid, opened)
            for (_, sid), opened in self._of_person.get(newest.identity.username, {}).items()
            if opened is not newest
            and (opened.tab != newest.tab or opened.namespace == newest.namespace)
        ]

    def close(self, sid: str, namespace: str) -> None:
        """Close one socket."""
        self.drop(sid, namespace)
        self._close(sid, namespace)

    def _close_where(self, wanted: Callable[[Identity], bool]) -> None:
        for (namespace, sid), opened in list(self._open.items()):
            if wanted(opened.identity):
                self.close(sid, namespace)
