"""One inbound call, from the side that is called: ring, answer, refuse, hang up.

Used by the practice carrier, which must behave like a real one, and for customers who call back:
200 repeated until its ACK, 487 after CANCEL or an early BYE, no BYE of ours before the ACK (RFC
3261 §15), reliable ringing for callers that require it (RFC 3262).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from softphone.sip.calls.dialog import Dialog
from softphone.sip.calls.endings import By, SipEnding
from softphone.sip.calls.journal import DialogRecord, Phase
from softphone.sip.calls.provisional import ReliableRinging
from softphone.sip.calls.referral import ReferResult
from softphone.sip.calls.session import Session
from softphone.sip.calls.session_timer import LEAST_S, agree, read_interval
from softphone.sip.messages.headers import SipParseError, parse_name_addr, parse_uri
from softphone.sip.messages.message import Message
from softphone.sip.messages.replies import ALLOWED
from softphone.sip.messages.sdp import Direction, SdpError, read_audio
from softphone.sip.transport.timing import TimerHandle
from softphone.sip.transport.transactions import Address, ServerTransaction
from softphone.sip.user_agent import UserAgent

MOST_RINGING_S = 180.0


class InboundListener(Protocol):
    """Of one call: `on_cancelled` before the answer, `on_bye` after it; never both, each once.

    `on_bye` also tells of an answer nobody acknowledged and of a session nobody refreshed. Neither
    comes for an end this side made itself.
    """

    def on_cancelled(self) -> None: ...

    def on_ack(self, sdp: str) -> None: ...

    def on_media(self, sdp: str) -> None: ...

    def on_bye(self, ending: SipEnding) -> None: ...


def refuse_unfit(agent: UserAgent, transaction: ServerTransaction) -> bool:
    """Answer an INVITE no call can be made of (a body we cannot read, a session too short to keep);
    False, and nothing is sent, for every other."""
    request = transaction.request
    interval = read_interval(request)
    if request.body and not request.sdp:
        agent.reply(transaction, 415, headers={"accept": "application/sdp"})
    elif interval is not None and interval.seconds < LEAST_S:
        agent.reply(transaction, 422, headers={"min-se": str(LEAST_S)})
    else:
        return False
    return True


class InboundCall:
    """An INVITE taken. `number` is the user part dialed, `caller` that of From, `offer` its SDP.

    `on_key(digit, duration_ms)` may be set: keys that come by INFO.
    """

    def __init__(
        self, agent: UserAgent, transaction: ServerTransaction, *, on_over: Callable[[], None]
    ) -> None:
        request = transaction.request
        self.sip_call_id = request.call_id
        self.number, self.caller = _user(request.uri), _user_of(request.get("from"))
        self.offer = request.sdp
        self.state: Literal["ringing", "answered", "ended"] = "ringing"
        self.on_key: Callable[[str, int], None] = lambda digit, duration_ms: None
        self._agent, self._transaction, self._on_over = agent, transaction, on_over
        self._listener: InboundListener | None = None
        self._session: Session | None = None
        self._acknowledged = self._hang_up_after_ack = self._rang = False
        self._bye_reason = ""
        transaction.to_tag = agent.tokens(8)
        transaction.on_cancel = self._on_cancel
        transaction.on_ack = self._on_ack
        transaction.on_ack_missing = self._on_ack_missing
        self._reliable: ReliableRinging | None = None
        if "100rel" in request.options("require"):
            self._reliable = ReliableRinging(agent, transaction, self._prack_missing)
        self._ring_timer: TimerHandle = agent.timers.call_later(
            MOST_RINGING_S, lambda: self.reject(480, "Temporarily Unavailable")
        )
        agent.reply(transaction, 100)

    @property
    def request(self) -> Message:
        return self._transaction.request

    @property
    def source(self) -> Address:
        """Where the INVITE came from."""
        return self._transaction.source

    def listen(self, listener: InboundListener) -> None:
        self._listener = listener

    def ring(self, code: int = 180, sdp: str = "") -> None:
        """180, or 183 with early media."""
        if self.state != "ringing":
            return
        self._rang = True
        headers = {"contact": self._agent.contact, "allow": ALLOWED}
        session = self._open_session()
        if self._reliable is None:
            self._agent.reply(self._transaction, code, headers=headers, sdp=sdp)
        else:
            session.media.local_sdp = sdp or session.media.local_sdp
            session.media.awaits_answer = bool(sdp) and not self.offer
            self._reliable.send(code, headers=headers, sdp=sdp)

    def record(self, trunk_id: str, phase: Phase) -> DialogRecord | None:
        """What a new process needs to end this call; None before it rang."""
        if self._session is None:
            return None
        request, dialog = self.request, self._session.dialog
        answered = phase == "confirmed"
        return DialogRecord(
            trunk_id=trunk_id,
            call_id=self.sip_call_id,
            phase=phase,
            local=dialog.local,
            remote=dialog.remote,
            cseq=dialog.cseq if answered else request.cseq[0],
            uri=request.uri,
            via=", ".join(request.values("via")),
            address=self._transaction.source,
            target=dialog.target,
            routes=tuple(dialog.routes),
        )

    def _open_session(self) -> Session:
        """The dialog of this call, early from the first ringing on."""
        if self._session is None:
            transaction = self._transaction
            dialog = Dialog.from_request(
                transaction.request, local_tag=transaction.to_tag, source=transaction.source
            )
            self._session = Session(
                self._agent,
                dialog,
                self,
                default_hop=transaction.source,
                local_sdp="",
                calling=False,
            )
            self._session.on_early_bye = self._on_early_bye
            if self._reliable is not None:
                self._session.on_prack = self._reliable.on_prack
        return self._session

    def answer(self, sdp: str) -> None:
        """200 with our answer (or our offer, when the INVITE brought none).

        Raises SdpError, with nothing sent, when `sdp` holds no audio of ours.
        """
        if self.state != "ringing":
            return
        codec = read_audio(sdp).codec
        self.state = "answered"
        self._ring_timer.cancel()
        session = self._open_session()
        session.media.local_sdp, session.media.codec = sdp, codec
        if self._reliable is None:
            self._send_answer(session)
        else:
            self._reliable.then(lambda: self._send_answer(session))

    def _send_answer(self, session: Session) -> None:
        transaction = self._transaction
        session.confirm(transaction.request)
        session.media.awaits_answer = not self.offer
        headers = {"contact": self._agent.contact, "allow": ALLOWED, "supported": "timer"}
        found = agree(transaction.request)
        if found is not None:
            agreed, said = found
            headers |= said
            session.keep_alive(agreed, ours=agreed.refresher == "uas")
        self._agent.reply(transaction, 200, headers=headers, sdp=session.media.local_sdp)

    def reject(self, code: int, reason: str = "", q850: int | None = None) -> None:
        """A final refusal, with the ISDN cause in a Reason header when given."""
        if self.state != "ringing":
            return
        self.state = "ended"
        self._ring_timer.cancel()
        self._forget_early()
        headers = {"reason": f"Q.850;cause={q850}"} if q850 is not None else None
        self._agent.reply(self._transaction, code, headers=headers, reason=reason)
        self._on_over()

    def _forget_early(self) -> None:
        if self._reliable is not None:
            self._reliable.stop()
        if self._session is not None:
            self._session.discard()

    def refer(self, target_uri: str, on_result: Callable[[ReferResult], None]) -> bool:
        """Blind transfer of the caller (`session.Session.refer`)."""
        return self._session is not None and self._session.refer(target_uri, on_result)

    def ask(self) -> None:
        """See `Session.ask`; harmless when nobody is there."""
        if self._session is not None:
            self._session.ask()

    def turn(self, direction: Direction) -> None:
        """Hold the caller (sendonly) or take them back (sendrecv) by a re-INVITE."""
        if self._session is not None:
            self._session.turn(direction)

    def hang_up(self, q850: int | None = 16) -> None:
        """BYE, once the ACK is there; before the answer a refusal (480)."""
        self._bye_reason = f"Q.850;cause={q850}" if q850 is not None else ""
        if self.state == "ringing":
            self.reject(480, q850=q850)
        elif self.state == "answered":
            self.state = "ended"
            if self._acknowledged:
                self._send_bye()
            else:
                self._hang_up_after_ack = True

    def _send_bye(self) -> None:
        if self._session is not None:
            self._session.hang_up(reason_header=self._bye_reason)

    # -- what the caller does --------------------------------------------------------------------

    def _on_cancel(self) -> None:
        if self.state == "ringing":
            self.reject(487)
            if self._listener is not None:
                self._listener.on_cancelled()

    def _on_early_bye(self) -> bool:
        """The caller gave up by BYE instead of CANCEL (§15): the INVITE ends the same way."""
        ringing = self.state == "ringing"
        self._on_cancel()
        return ringing

    def _prack_missing(self) -> None:
        """RFC 3262 §3: a response that must be heard was not, so the INVITE is refused."""
        if self.state == "answered":  # it waited for that PRACK and has not been sent
            self.state = "ringing"
        self.reject(504)
        if self._listener is not None:
            self._listener.on_cancelled()

    def _on_ack(self, ack: Message) -> None:
        self._acknowledged = True
        if not self.offer and self._session is not None:
            self._agree(self._session, ack.sdp)
        if self._hang_up_after_ack:
            self._send_bye()
        elif self.state == "answered" and self._listener is not None:
            self._listener.on_ack(ack.sdp)

    def _agree(self, session: Session, answer: str) -> None:
        """Our offer went with the 200; a caller that answers it in no usable way is still heard."""
        session.media.remote_sdp = answer
        try:
            session.media.agree(answer)
        except SdpError:
            session.media.awaits_answer = False

    def _on_ack_missing(self) -> None:
        if self._session is not None:
            if self._hang_up_after_ack:
                self._send_bye()
            else:
                self._session.lose(408, "no ACK")

    def on_media(self, sdp: str) -> None:
        if self.state == "answered" and self._listener is not None:
            self._listener.on_media(sdp)

    def on_digit(self, digit: str, duration_ms: int) -> None:
        self.on_key(digit, duration_ms)

    def on_session_end(self, *, code: int, reason: str, q850: int | None, by: By) -> None:
        told = self.state == "ended"  # both sides hung up at once
        self.state = "ended"
        if self._listener is not None and not told:
            self._listener.on_bye(
                SipEnding(
                    code=code, reason=reason, q850=q850, by=by, rang=self._rang, answered=True
                )
            )

    def on_session_over(self) -> None:
        self._on_over()


def _user(uri: str) -> str:
    try:
        return parse_uri(uri).user.replace("%23", "#")
    except SipParseError:
        return ""


def _user_of(value: str) -> str:
    try:
        return _user(parse_name_addr(value).uri)
    except SipParseError:
        return ""
