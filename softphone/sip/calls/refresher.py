"""Keeping an answered call alive (RFC 4028): our refresh in our turn, BYE when nobody did; and
asking, when a line has gone silent, whether there still is a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softphone.sip.calls.session_timer import SessionInterval, read_interval, read_least
from softphone.sip.messages.message import Message
from softphone.sip.transport.timing import TimerHandle

if TYPE_CHECKING:
    from softphone.sip.calls.session import Session


class Refresher:
    """The timer of one session; refreshed by a bare UPDATE if the peer takes it, else re-INVITE."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._interval: SessionInterval | None = None
        self._next: TimerHandle | None = None
        self._expiry: TimerHandle | None = None
        self._pending: str = ""  # the method of our refresh that is under way

    def arm(self, interval: SessionInterval | None, *, ours: bool) -> None:
        self.stop()
        self._interval = interval
        if interval is None:
            return
        timers = self._session.agent.timers
        self._expiry = timers.call_later(interval.expires_after(ours=ours), self._expire)
        if ours:
            self._next = timers.call_later(interval.refresh_after(), self._refresh)

    def stop(self) -> None:
        for timer in (self._next, self._expiry):
            if timer is not None:
                timer.cancel()
        self._next = self._expiry = None

    def _expire(self) -> None:
        self._session.lose(408, "session expired")

    def ask(self) -> None:
        """Refresh out of turn, timer or not: a peer that does not know the call says so."""
        session = self._session
        if session.state == "confirmed" and not session.offering:
            self._request()

    def _refresh(self) -> None:
        session = self._session
        if session.state != "confirmed":
            return
        if session.offering and not session.peer_takes_update:
            self._next = session.agent.timers.call_later(session.glare_delay(), self._refresh)
            return
        self._request()

    def _request(self) -> None:
        session, interval = self._session, self._interval
        if self._pending:
            return
        timer = f"{interval.seconds};refresher=uac" if interval is not None else ""
        self._pending = "UPDATE" if session.peer_takes_update else "INVITE"
        session.offering = session.offering or self._pending == "INVITE"
        session.send(
            self._pending,
            headers={"session-expires": timer} if timer else None,
            sdp="" if session.peer_takes_update else session.media.local_sdp,
            on_final=self._on_final,
        )

    def _on_final(self, response: Message | None) -> None:
        """A 2xx restarts the clock; anything but an unknown call is tried again."""
        session = self._session
        method, self._pending = self._pending, ""
        session.offering = session.offering and method != "INVITE"
        if response is None or response.code in (408, 481):
            return  # the session ends for that
        elif response.code < 300:
            self._renewed(response, is_invite=response.cseq[1] == "INVITE", first=bool(method))
        elif session.state == "confirmed":
            self._retry(response)

    def _renewed(self, response: Message, *, is_invite: bool, first: bool) -> None:
        session = self._session
        if first:
            session.dialog.refresh_target(response)
        if is_invite:
            session.acknowledge(response)
        if first and session.state == "confirmed":
            session.take_media(response.sdp)
            interval = read_interval(response)
            self.arm(interval, ours=interval is not None and interval.refresher != "uas")

    def _retry(self, response: Message) -> None:
        """491: after 2.1 to 4 s, or at most 2 s when the call is the peer's (§14.1); 422: with the
        longer interval; else a bit later."""
        agent, interval = self._session.agent, self._interval
        if interval is None:
            return
        least = read_least(response) if response.code == 422 else None
        delay = interval.seconds / 8
        if response.code == 491:
            delay = self._session.glare_delay()
        elif least is not None and least > interval.seconds:
            self._interval = SessionInterval(least, interval.refresher)
            delay = 0.0
        self._next = agent.timers.call_later(delay, self._refresh)
