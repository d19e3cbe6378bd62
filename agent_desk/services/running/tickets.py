"""One-time tickets that admit a page's sockets.

The login cookie is never looked at by a socket: the page fetches a ticket over HTTPS (with CSRF
protection) and shows it at connect. A ticket works once, for one namespace, for 30 s of real time.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.services.ports import Clock

LIFETIME = timedelta(seconds=30)


@dataclass(frozen=True)
class Ticket:
    """Whom a ticket admits, where, and until when."""

    user_id: int
    session_id: str
    namespace: str
    expires_at: datetime


class TicketOffice:
    """Issues and redeems tickets; they live in memory because they die with the process anyway."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, Ticket] = {}

    def issue(self, user_id: int, session_id: str, *, namespace: str) -> str:
        """A fresh ticket; unguessable."""
        now = self._clock.real_now()
        self._forget_expired(now)
        token = secrets.token_urlsafe(32)
        self._issued[token] = Ticket(user_id, session_id, namespace, now + LIFETIME)
        return token

    def _forget_expired(self, now: datetime) -> None:
        """All live equally long, so that the oldest expire first."""
        issued = self._issued
        for token in list(itertools.takewhile(lambda t: issued[t].expires_at <= now, issued)):
            del issued[token]

    def redeem(self, token: object, *, namespace: str) -> Ticket | None:
        """The ticket, once; None when it is unknown, used, late or for another namespace."""
        ticket = self._issued.pop(token, None) if isinstance(token, str) else None
        if ticket is None or ticket.namespace != namespace:
            return None
        return ticket if ticket.expires_at > self._clock.real_now() else None
