"""Reliable provisional responses, the called side (RFC 3262): repeated until their PRACK.

Sent only to callers that require them. One is out at a time; what should follow (the next one, or
the answer) waits for its PRACK, because an answer that overtakes it leaves the caller without the
description it carried.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.messages.message import Message
from softphone.sip.transport.timing import TimerHandle
from softphone.sip.transport.transactions import ServerTransaction
from softphone.sip.user_agent import UserAgent


class ReliableRinging:
    """Those of one INVITE; `on_unheard` comes once when a PRACK stays away for 64·T1."""

    def __init__(
        self, agent: UserAgent, transaction: ServerTransaction, on_unheard: Callable[[], None]
    ) -> None:
        self._agent, self._transaction = agent, transaction
        self._on_unheard = on_unheard
        self._number = 1 + int(agent.tokens(2), 16)
        self._waiting: list[Callable[[], None]] = []
        self._out = False
        self._interval = agent.timing.t1
        self._repeat: TimerHandle | None = None
        self._end: TimerHandle | None = None

    def send(self, code: int, *, headers: dict[str, str], sdp: str) -> None:
        """Send a response, or keep it until the one before is acknowledged."""

        def transmit() -> None:
            reliable = {**headers, "require": "100rel", "rseq": str(self._number)}
            self._agent.reply(self._transaction, code, headers=reliable, sdp=sdp)

        def begin() -> None:
            self._out = True
            self._number += 1
            self._interval = self._agent.timing.t1
            self._end = self._agent.timers.call_later(self._agent.timing.give_up, self._unheard)
            self._again(transmit)

        self.then(begin)

    def then(self, action: Callable[[], None]) -> None:
        """Do this now, or when what is out has been acknowledged."""
        if self._out:
            self._waiting.append(action)
        else:
            action()

    def on_prack(self, request: Message) -> bool:
        """Whether a PRACK is for the response that is out."""
        words = request.get("rack").split()
        invite = self._transaction.request.cseq
        if not self._out or words != [str(self._number), str(invite[0]), invite[1]]:
            return False
        self.stop()
        while self._waiting and not self._out:
            self._waiting.pop(0)()
        return True

    def stop(self) -> None:
        """Repeat nothing any more."""
        self._out = False
        for timer in (self._repeat, self._end):
            if timer is not None:
                timer.cancel()

    def _again(self, transmit: Callable[[], None]) -> None:
        transmit()
        delay = self._interval
        self._interval *= 2
        self._repeat = self._agent.timers.call_later(delay, lambda: self._again(transmit))

    def _unheard(self) -> None:
        self.stop()
        self._waiting.clear()
        self._on_unheard()
