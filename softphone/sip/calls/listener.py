"""Who is told how a call goes on."""

from __future__ import annotations

from typing import Protocol

from softphone.sip.calls.endings import SipEnding


class OutboundListener(Protocol):
    """`on_end` comes exactly once, last. `sdp` is None when the response held none."""

    def on_ringing(self, code: int, sdp: str | None) -> None: ...

    def on_answer(self, sdp: str) -> None: ...

    def on_media(self, sdp: str) -> None: ...

    def on_end(self, ending: SipEnding) -> None: ...


class Nobody:
    """Listens to a call that has ended, whose listener need not wait for its last repetitions."""

    def on_ringing(self, code: int, sdp: str | None) -> None: ...

    def on_answer(self, sdp: str) -> None: ...

    def on_media(self, sdp: str) -> None: ...

    def on_end(self, ending: SipEnding) -> None: ...
