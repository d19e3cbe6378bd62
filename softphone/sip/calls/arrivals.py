"""Calls that come in on a trunk: taken from the carrier, kept in the journal, counted as lines.

An INVITE is refused here when it cannot become a call at all: no line is free (486), nobody takes
calls (403), it is the same INVITE by another way (482), or it asks for what we lack
(`inbound.refuse_unfit`). Everything else is rung and decided by its owner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.inbound import InboundCall, refuse_unfit
from softphone.sip.calls.journal import CallJournal, Phase
from softphone.sip.calls.referral import ReferResult
from softphone.sip.messages.calling_party import called_number, calling_number
from softphone.sip.transport.transactions import ServerTransaction
from softphone.sip.user_agent import UserAgent

BUSY, TWICE = 486, 482


class ArrivalListener(Protocol):
    """Of one call; `on_end` comes exactly once, last."""

    def on_media(self, sdp: str) -> None: ...

    def on_end(self, ending: SipEnding) -> None: ...


class ArrivedCall:
    """One call that came in: `number` calls `called`, both E.164 or "". `offer` may be "".

    `on_digit(digit, duration_ms)` may be set: keys that come by INFO; `on_acknowledged()` too: the
    caller has our answer, so it is where its requests said it is.
    """

    def __init__(
        self,
        agent: UserAgent,
        transaction: ServerTransaction,
        *,
        trunk_id: str,
        journal: CallJournal,
        uri_of: Callable[[str], str],
        on_over: Callable[[ArrivedCall], None],
    ) -> None:
        self.trunk_id = trunk_id
        self.call_id = agent.tokens(16)  # the desk's name for it: 32 hex digits
        self._uri_of = uri_of
        self.number = calling_number(transaction.request)
        self.called = called_number(transaction.request)
        self._journal, self._on_over = journal, on_over
        self._listener: ArrivalListener | None = None
        self.on_acknowledged: Callable[[], None] = lambda: None
        self._answered = self._told = self._over = False
        self._sip = InboundCall(agent, transaction, on_over=self._left)
        self._sip.listen(self)

    @property
    def sip_call_id(self) -> str:
        return self._sip.sip_call_id

    @property
    def offer(self) -> str:
        """The caller's description of its audio; "" when ours is to be the offer."""
        return self._sip.offer

    @property
    def on_digit(self) -> Callable[[str, int], None]:
        return self._sip.on_key

    @on_digit.setter
    def on_digit(self, on_digit: Callable[[str, int], None]) -> None:
        self._sip.on_key = on_digit

    def listen(self, listener: ArrivalListener) -> None:
        self._listener = listener

    @property
    def over(self) -> bool:
        """Whether nothing is left of it at the trunk."""
        return self._over

    # --- what the owner does ----------------------------------------------------------------

    def ring(self) -> None:
        """180."""
        self._sip.ring()
        self._note("arrived")

    def answer(self, sdp: str) -> None:
        """200 with our description. Raises SdpError, with nothing sent, for one without audio."""
        self._sip.answer(sdp)
        self._answered = True
        self._note("confirmed")

    def reject(self, code: int, q850: int | None = None) -> None:
        """A refusal; nothing is told of it."""
        self._told = True
        self._sip.reject(code, q850=q850)

    def hang_up(self, cause: str) -> None:
        """BYE after the answer, before it 486; the end is told at once."""
        if self._told:
            return
        if self._answered:
            self._sip.hang_up()
            self._tell(SipEnding(200, cause, 16, "local", rang=True, answered=True))
        else:
            self._sip.reject(BUSY, q850=17)
            self._tell(SipEnding(BUSY, cause, 17, "local", rang=True, answered=False))

    def refer(self, number: str, on_result: Callable[[ReferResult], None]) -> bool:
        """Blind transfer of the caller to a number (RFC 3515); False when nothing was sent.

        Raises UnusableNumber.
        """
        return self._answered and self._sip.refer(self._uri_of(number), on_result)

    def ask(self) -> None:
        """See `Session.ask`."""
        self._sip.ask()

    # --- what the caller does (InboundListener) -----------------------------------------------

    def on_cancelled(self) -> None:
        self._tell(SipEnding(487, "cancelled", None, "remote", rang=True, answered=False))

    def on_ack(self, sdp: str) -> None:
        if sdp and not self.offer:
            self.on_media(sdp)
        self.on_acknowledged()

    def on_media(self, sdp: str) -> None:
        if self._listener is not None and not self._told:
            self._listener.on_media(sdp)

    def on_bye(self, ending: SipEnding) -> None:
        self._tell(ending)

    # --- inside -----------------------------------------------------------------------------

    def _tell(self, ending: SipEnding) -> None:
        if not self._told:
            self._told = True
            if self._listener is not None:
                self._listener.on_end(ending)

    def _note(self, phase: Phase) -> None:
        record = self._sip.record(self.trunk_id, phase)
        if record is not None and not self._over:
            self._journal.put(record)

    def _left(self) -> None:
        if not self._over:
            self._over = True
            self._journal.remove(self.sip_call_id)
            self._on_over(self)


OnArrival = Callable[[ArrivedCall], None]


class Arrivals:
    """The calls that came in on one trunk and are not over. Without `on_arrival` none is taken."""

    def __init__(
        self,
        agent: UserAgent,
        *,
        trunk_id: str,
        journal: CallJournal,
        uri_of: Callable[[str], str],
        has_room: Callable[[], bool],
        on_arrival: OnArrival | None,
        on_begun: Callable[[ArrivedCall], None],
        on_over: Callable[[ArrivedCall], None],
    ) -> None:
        self._agent, self._trunk_id, self._journal = agent, trunk_id, journal
        self._uri_of = uri_of
        self._has_room, self._on_arrival = has_room, on_arrival
        self._on_begun, self._on_over = on_begun, on_over
        self._calls: dict[tuple[str, str], ArrivedCall] = {}
        self.turned_away = 0  # for want of a line, since the start

    def __len__(self) -> int:
        return len(self._calls)

    def take(self, transaction: ServerTransaction) -> None:
        """A request outside any dialog."""
        request = transaction.request
        if request.method != "INVITE" or self._on_arrival is None:
            self._agent.refuse(transaction)
            return
        key = (request.call_id, request.from_tag)
        if key in self._calls:
            self._agent.reply(transaction, TWICE)
        elif not self._has_room():
            self.turned_away += 1
            self._agent.reply(transaction, BUSY, headers={"reason": "Q.850;cause=17"})
        elif not refuse_unfit(self._agent, transaction):
            call = ArrivedCall(
                self._agent,
                transaction,
                trunk_id=self._trunk_id,
                journal=self._journal,
                uri_of=self._uri_of,
                on_over=lambda call: self._forget(key),
            )
            self._calls[key] = call
            self._on_begun(call)
            self._on_arrival(call)

    def hang_up_all(self, cause: str) -> None:
        for call in list(self._calls.values()):
            call.hang_up(cause)

    def _forget(self, key: tuple[str, str]) -> None:
        call = self._calls.pop(key, None)
        if call is not None:
            self._on_over(call)
