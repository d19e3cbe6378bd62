"""A blind transfer by the carrier: REFER, its answer, and the NOTIFYs that follow (RFC 3515).

The call is untouched until the carrier says that the transfer is done: then, and only then, we hang
up our side. A refusal, a failed transfer and silence leave customer and operator as they were.
`Refer-Sub: false` in the answer (RFC 4488) means that nothing will be told: accepted is then done.
A carrier that hangs up on us after accepting has done it as well; the end of the call says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softphone.sip.messages.message import Message
from softphone.sip.transport.timing import TimerHandle

if TYPE_CHECKING:
    from softphone.sip.calls.session import Session

MOST_SILENCE_S = 60.0  # after the acceptance, and after each NOTIFY that is not the last
_STATUS = re.compile(r"^SIP/2\.0 ([1-6][0-9]{2})(?:\s|$)")


@dataclass(frozen=True)
class ReferResult:
    """How it went. `code`: the SIP code that decided, None when nobody said a word."""

    accepted: bool
    code: int | None


class Referral:
    """One transfer; `on_result` comes once, and before our BYE when it was accepted."""

    def __init__(
        self, session: Session, target_uri: str, on_result: Callable[[ReferResult], None]
    ) -> None:
        self._session, self._target, self._on_result = session, target_uri, on_result
        self._agreed = False
        self._code: int | None = None
        self._timer: TimerHandle | None = None
        self.over = False

    def start(self) -> None:
        sender = self._session.dialog.local.partition(";tag=")[0]
        headers = {"refer-to": f"<{self._target}>", "referred-by": sender}
        self._session.send("REFER", headers=headers, on_final=self._on_final)

    def _on_final(self, response: Message | None) -> None:
        if self.over:
            return
        if response is None or response.code >= 300:
            self._end(accepted=False, code=response.code if response else None)
            return
        self._agreed = True
        self._code = response.code
        if response.get("refer-sub").strip().lower() == "false":
            self._end(accepted=True, code=response.code)
        else:
            self._wait()

    def on_notify(self, request: Message) -> None:
        """One report. Some come before the answer to the REFER itself."""
        self._agreed = True
        match = _STATUS.match(request.body.decode("utf-8", "replace").lstrip())
        if match:
            self._code = int(match[1])
        code = self._code or 0
        last = request.get("subscription-state").lower().startswith("terminated")
        if match and code >= 200:
            self._end(accepted=code < 300, code=code)
        elif last:
            self._end(accepted=False, code=self._code)
        else:
            self._wait()

    def session_ended(self, *, by_peer: bool) -> None:
        """The call is over: the carrier that agreed and then hung up has taken it."""
        self._end(accepted=by_peer and self._agreed, code=self._code)

    def _wait(self) -> None:
        self._stop_waiting()
        timers = self._session.agent.timers
        self._timer = timers.call_later(MOST_SILENCE_S, self._unheard)

    def _unheard(self) -> None:
        self._end(accepted=False, code=self._code)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, *, accepted: bool, code: int | None) -> None:
        if self.over:
            return
        self.over = True
        self._stop_waiting()
        self._on_result(ReferResult(accepted, code))
