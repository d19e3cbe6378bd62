"""A re-INVITE of our own that changes the direction of the audio: a hold that is told, and its end.

One is out at a time. Glare (491) makes it wait as RFC 3261 §14.1 says and try again; any other
refusal leaves what was agreed before, and the call goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softphone.sip.messages.message import Message
from softphone.sip.messages.sdp import Direction
from softphone.sip.transport.timing import TimerHandle

if TYPE_CHECKING:
    from softphone.sip.calls.session import Session


class Reoffer:
    """The last wish for a direction, until the peer has agreed or refused."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wish: Direction | None = None
        self._timer: TimerHandle | None = None

    def ask(self, direction: Direction) -> None:
        """Offer this direction now, or when what is out has been answered."""
        self._wish = direction
        self.stop()
        self._send()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self) -> None:
        session, wish = self._session, self._wish
        if session.state != "confirmed" or wish is None:
            return
        if session.offering or session.media.awaits_answer:
            self._timer = session.agent.timers.call_later(session.glare_delay(), self._send)
            return
        session.offering = True
        described = session.media.turned(wish)
        session.send("INVITE", sdp=described, on_final=lambda it: self._on_final(it, described))

    def _on_final(self, response: Message | None, described: str) -> None:
        session = self._session
        first, session.offering = session.offering, False
        if response is None or response.code >= 300:
            if response is not None and response.code == 491:
                self._timer = session.agent.timers.call_later(session.glare_delay(), self._send)
            return
        session.acknowledge(response)
        if first and session.state == "confirmed":
            self._wish = None
            session.media.local_sdp = described
            session.dialog.refresh_target(response)
            session.take_media(response.sdp)
