"""`/wallboard`: screens on walls. They are shown figures, and may ask for them again.

A link is no person: its screens are admitted under a role that nobody has, and what they are shown
is made of sums (`wallboard_view.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent_desk.catalogue import DEFAULT
from agent_desk.services.people.wallboards import ROLE, WallboardLinks
from agent_desk.services.running.tickets import TicketOffice
from agent_desk.services.running.timers import Job
from agent_desk.sockets.connections import Identity, Open
from agent_desk.sockets.events import WALLBOARD_EVENTS
from agent_desk.sockets.publisher import SocketPublisher
from agent_desk.sockets.strict import StrictNamespace

LOOKED_AFTER_S = 1.0
Payload = Mapping[str, Any]


class WallboardNamespace(StrictNamespace):
    """Shows and tells; nothing can be steered from here."""

    EVENTS = WALLBOARD_EVENTS

    def __init__(
        self,
        links: WallboardLinks,
        tickets: TicketOffice,
        *,
        publisher: SocketPublisher,
        **checks: Any,
    ) -> None:
        super().__init__("/wallboard", **{**checks, "admit": self._admit_link})
        self._links = links
        self._tickets = tickets
        self._publisher = publisher

    @property
    def chores(self) -> Sequence[Job]:
        """A link may end while its screens are on."""
        return (Job("wallboards", LOOKED_AFTER_S, self._look_after),)

    def opened(self, sid: str, opened: Open) -> None:
        self._publisher.send_snapshot(sid, opened)

    def on_still_there(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        """The page wants to know whether it is still being fed."""

    def on_resync(self, opened: Open, sid: str, payload: Payload, cid: str | None) -> None:
        self._publisher.send_snapshot(sid, opened)

    def _admit_link(self, auth: object, namespace: str) -> Identity | None:
        shown = auth.get("ticket") if isinstance(auth, dict) else None
        ticket = self._tickets.redeem(shown, namespace=namespace)
        link = None if ticket is None else self._links.of_session(ticket.session_id)
        if ticket is None or link is None:
            return None
        return Identity(
            user_id=0,
            username=ticket.session_id,
            name=link.name,
            role=ROLE,
            team_id=None,
            teams=link.teams,
            session_id=ticket.session_id,
            locale=DEFAULT,
            campaigns=link.campaigns,
        )

    def _look_after(self) -> None:
        open_now = {each.identity.session_id for _, each in self.connections.of(self.namespace)}
        if open_now:
            self._links.look_after(open_now)
