"""One outbound call: INVITE with its challenges, CANCEL and its races, ACKs, forks, the end.

The rules that cost money or a customer when broken, each with a permanent test:

* no CANCEL before a provisional response (RFC 3261 §9.1): it waits, and goes with the first 1xx;
* a 200 that crosses the CANCEL, or comes from a second fork, is ACKed and then hung up by BYE; an
  answer left alone is a billed call with nobody on it;
* a final response is believed whoever caused it; without any, 64·T1 after CANCEL is the end.

`on_end` comes exactly once and last. The call is *over* (its line free, its journal record gone)
only when the BYE has been answered or given up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from softphone.sip.calls.endings import By, SipEnding
from softphone.sip.calls.fork import Fork, Forks
from softphone.sip.calls.journal import CallJournal
from softphone.sip.calls.listener import Nobody, OutboundListener
from softphone.sip.calls.referral import ReferResult
from softphone.sip.calls.session import Session
from softphone.sip.calls.session_timer import LEAST_S, read_interval, read_least
from softphone.sip.messages.digest import Attempts
from softphone.sip.messages.invite import InviteForm, build_cancel, build_invite, record_dialog
from softphone.sip.messages.message import Message
from softphone.sip.messages.sdp import SdpError
from softphone.sip.transport.timing import TimerHandle
from softphone.sip.transport.transactions import ClientTransaction
from softphone.sip.user_agent import UserAgent

HARD_RING_LIMIT_S = 120.0


@dataclass(frozen=True)
class OutboundInvite:
    """A call to place. `call_id` is the desk's, never on the wire; `sdp` our offer.

    `number` and `caller_id` in E.164 or as dialed; an empty caller id means the trunk's own.
    """

    call_id: str
    number: str
    caller_id: str
    sdp: str
    ring_limit_s: float


class OutboundCall:
    """Made by `Trunk.place`; the caller holds `cancel` and `hang_up`."""

    def __init__(
        self,
        agent: UserAgent,
        invite: OutboundInvite,
        form: InviteForm,
        listener: OutboundListener,
        *,
        journal: CallJournal,
        on_over: Callable[[OutboundCall], None],
    ) -> None:
        self.sip_call_id = agent.new_call_id()
        self.call_id = invite.call_id
        self.ending: SipEnding | None = None
        self.on_digit: Callable[[str, int], None] = lambda digit, duration_ms: None  # by INFO
        self.on_through: Callable[[], None] = lambda: None  # the far side rings or answers
        self._agent, self._invite, self._form = agent, invite, form
        self._journal, self._on_over = journal, on_over
        self._listener: OutboundListener = listener
        self._from = f"<{form.from_uri}>;tag={agent.tokens(8)}"
        self._cseq = int(agent.tokens(2), 16)
        self._session_expires, self._least = form.session_expires_s, LEAST_S
        self._attempts = Attempts()
        self._transaction: ClientTransaction | None = None
        self._forks = Forks(self, agent, form, local_sdp=invite.sdp)
        self._session: Session | None = None
        self._cause: str | None = None
        self._retry_after_s: int | None = None
        self._cancelled_by: By = "local"
        self._cancel_sent = self._rang = self._over = False
        self._ring_timer: TimerHandle | None = None
        self._guard: TimerHandle | None = None

    # -- what the owner does ---------------------------------------------------------------------

    def start(self) -> None:
        """Send the INVITE; the pacer chose the moment."""
        if self.ending is not None:
            return
        limit = min(self._invite.ring_limit_s, HARD_RING_LIMIT_S)
        self._ring_timer = self._agent.timers.call_later(limit, self._ring_limit_reached)
        self._send_invite()

    def cancel(self, cause: str) -> None:
        """The right thing in every phase: nothing sent yet: nothing; before a 1xx: wait for it;
        ringing: CANCEL; answered: BYE; ended: nothing.
        """
        self._stop(cause, "local")

    def hang_up(self, cause: str) -> None:
        """The same as `cancel`; two names because two people ask."""
        self._stop(cause, "local")

    def refer(self, number: str, on_result: Callable[[ReferResult], None]) -> bool:
        """Blind transfer to a number: `on_result` once, and when that accepted `on_end` at once
        after it. False, and nothing is sent, when nobody is there. Raises UnusableNumber."""
        target = self._form.uri_of(number)
        return self._session is not None and self._session.refer(target, on_result)

    def ask(self) -> None:
        """See `Session.ask`; harmless when nobody is there."""
        if self._session is not None:
            self._session.ask()

    @property
    def answered(self) -> bool:
        return self._session is not None

    # -- INVITE ----------------------------------------------------------------------------------

    def _send_invite(self) -> None:
        self._cseq += 1
        request = build_invite(
            self._agent,
            self._form,
            call_id=self.sip_call_id,
            sender=self._from,
            cseq=self._cseq,
            sdp=self._invite.sdp,
            timer=(self._session_expires, self._least),
        )
        self._agent.complete(request)
        self._journal.put(record_dialog(self._form, request, None))
        layer = self._agent.layer
        self._transaction = layer.request(request, self._form.address, self._on_response)

    def _on_response(self, response: Message | None) -> None:
        if response is not None and 100 < response.code < 300:
            self.on_through()
        if response is None:
            self._end(408, "no answer from the trunk", by="trunk", over=True)
        elif response.code < 200:
            self._on_progress(response)
        elif response.code < 300:
            self._on_2xx(response)
        elif self._session is None and self.ending is None:
            self._on_refusal(response)

    def _on_progress(self, response: Message) -> None:
        if self._over:
            return  # it was given up; only an answer would still mean anything
        fork = self._fork(response) if response.to_tag and response.code > 100 else None
        if fork is not None and not fork.take_provisional(response):
            return
        if response.code > 100:
            self._rang = True
        if self._cause is not None:
            self._send_cancel()
        elif response.code > 100 and self.ending is None and self._session is None:
            self._listener.on_ringing(response.code, response.sdp or None)

    def _fork(self, response: Message) -> Fork:
        """The early dialog of this To tag, made at its first response."""
        fork = self._forks.find(response.to_tag)
        if fork is None:
            assert self._transaction is not None
            invite = self._transaction.request
            fork = self._forks.add(invite, response)
            if self._session is None and not self._over:
                self._journal.put(record_dialog(self._form, invite, fork.session))
        return fork

    # -- the answer ------------------------------------------------------------------------------

    def _on_2xx(self, response: Message) -> None:
        assert self._transaction is not None
        invite = self._transaction.request
        session = self._fork(response).session
        if session.state != "early":
            session.acknowledge(response)  # the same 2xx again: our ACK was lost
            return
        session.dialog.confirm(response)
        session.confirm(response)
        session.acknowledge(response, invite)
        if self._session is not None or self._over:
            session.hang_up()  # another fork won, or the call was given up long ago
            return
        self._session = session
        self._stop_timers()
        self._forks.discard(but=session)
        self._journal.put(record_dialog(self._form, invite, session))
        if self._cause is not None and self._cancelled_by != "timeout":
            session.hang_up()
            self._end(200, self._cause, by=self._cancelled_by)
            return
        self._cause = None  # picked up as the ring limit ended: nobody hangs up on a person
        self._open(session, response)

    def _open(self, session: Session, response: Message) -> None:
        sdp = session.media.remote_sdp
        try:
            session.media.agree(sdp)
        except SdpError as fault:
            session.hang_up(reason_header='SIP;cause=488;text="no usable media"')
            self._end(488, f"answer without usable media: {fault}", by="trunk")
            return
        interval = read_interval(response)
        session.keep_alive(interval, ours=interval is not None and interval.refresher != "uas")
        self._listener.on_answer(sdp)

    # -- refusals --------------------------------------------------------------------------------

    def _on_refusal(self, response: Message) -> None:
        if self._cause is None and self._try_again(response):
            return
        self._forks.discard(but=None)
        ours = self._cause is not None and response.code in (401, 407, 422, 487)
        if ours:
            code, reason, by = 487, self._cause or "", self._cancelled_by
        else:
            code, reason, by = response.code, response.reason, "remote"
        self._retry_after_s = response.retry_after_s
        self._end(code, reason, by=by, q850=response.q850, over=True)

    def _try_again(self, response: Message) -> bool:
        """A challenge we can answer, or a session interval the peer finds too short (422)."""
        if response.code == 422:
            least = read_least(response)
            if least is None or least <= self._least:
                return False
            self._least = least
            self._session_expires = max(self._session_expires, least)
        elif not self._agent.may_retry(response, self._attempts):
            return False
        self._forks.discard(but=None)
        self._send_invite()
        return True

    # -- giving up -------------------------------------------------------------------------------

    def _ring_limit_reached(self) -> None:
        self._stop("ring limit", "timeout")

    def _stop(self, cause: str, by: By) -> None:
        if self.ending is not None:
            return
        if self._session is not None:
            self._session.hang_up(reason_header="Q.850;cause=16")
            self._end(200, cause, by=by)
        elif self._transaction is None:
            self._end(487, cause, by=by, over=True)
        elif self._cause is None or self._cancelled_by == "timeout":
            self._cause, self._cancelled_by = cause, by
            if self._transaction.state == "proceeding":
                self._send_cancel()

    def _send_cancel(self) -> None:
        if self._cancel_sent or self._transaction is None:
            return
        self._cancel_sent = True
        cancel = build_cancel(self._transaction.request)
        layer = self._agent.layer
        layer.request(cancel, self._form.address, lambda response: None)
        self._guard = self._agent.timers.call_later(layer.timing.give_up, self._cancel_unheard)

    def _cancel_unheard(self) -> None:
        """§9.1: no final response 64·T1 after CANCEL; a late 200 is still ACKed and hung up."""
        if self._transaction is not None:
            self._transaction.abandon()
        self._end(487, self._cause or "", by=self._cancelled_by, over=True)

    # -- the end ---------------------------------------------------------------------------------

    def _end(
        self, code: int, reason: str, *, by: By, q850: int | None = None, over: bool = False
    ) -> None:
        """Tell the end, once; `over`: nothing of the call is left at the trunk."""
        if self.ending is not None:
            return
        self._stop_timers()
        self.ending = SipEnding(
            code=code,
            reason=reason,
            q850=q850,
            by=by,
            rang=self._rang,
            answered=self._session is not None,
            retry_after_s=self._retry_after_s,
        )
        listener, self._listener = self._listener, Nobody()
        self.on_digit = lambda digit, duration_ms: None
        try:
            listener.on_end(self.ending)
        finally:  # a fault up there must not cost a line for ever
            if over:
                self._finish()

    def _stop_timers(self) -> None:
        for timer in (self._ring_timer, self._guard):
            if timer is not None:
                timer.cancel()

    def _finish(self) -> None:
        if not self._over:
            self._over = True
            self._forks.discard(but=self._session)
            self._journal.remove(self.sip_call_id)
            self._on_over(self)

    def session_ended(self, session: Session, ending: tuple[int, str, By, int | None]) -> None:
        if session is self._session:
            code, reason, by, q850 = ending
            self._end(code, reason, by=by, q850=q850)

    def session_media(self, session: Session, sdp: str) -> None:
        """New media of the peer: after the answer `on_media`, before it early media."""
        if self.ending is not None:
            return
        if session is self._session:
            self._listener.on_media(sdp)
        elif self._session is None and self._cause is None:
            self._listener.on_ringing(183, sdp)

    def session_digit(self, session: Session, digit: str, duration_ms: int) -> None:
        if session is self._session and self.ending is None:
            self.on_digit(digit, duration_ms)

    def session_over(self, session: Session) -> None:
        if session is self._session:
            self._finish()
