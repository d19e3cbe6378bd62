"""One To tag of an INVITE: a forking trunk may ring and even answer on several at once."""

from __future__ import annotations

from typing import Protocol

from softphone.sip.endings import By
from softphone.sip.session import Session


class ForkOwner(Protocol):
    """The call; it must know which fork speaks."""

    def session_media(self, session: Session, sdp: str) -> None: ...

    def session_ended(self, session: Session, ending: tuple[int, str, By, int | None]) -> None: ...

    def session_over(self, session: Session) -> None: ...


class Fork:
    """Tells the call which session speaks; `acknowledged` are the RSeqs already PRACKed."""

    session: Session

    def __init__(self, call: ForkOwner) -> None:
        self._call = call
        self.acknowledged: set[int] = set()

    def on_media(self, sdp: str) -> None:
        self._call.session_media(self.session, sdp)

    def on_session_end(self, *, code: int, reason: str, q850: int | None, by: By) -> None:
        self._call.session_ended(self.session, (code, reason, by, q850))

    def on_session_over(self) -> None:
        self._call.session_over(self.session)
