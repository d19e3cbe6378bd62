"""A dialog in use, from either side: the peer's requests answered, ours sent, ended by BYE once.

Made for each early dialog of a fork and for each call taken. It ends for its owner at the first of:
the peer's BYE, our BYE, a session nobody refreshed, an ACK that never came, a request of ours that
the peer answers by not knowing the call (RFC 5057: 481, 408). It is *over* only when nothing is
left to send, because a line is free and a journal record superfluous no earlier than that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from softphone.sip.calls.dialog import Dialog
from softphone.sip.calls.endings import By
from softphone.sip.calls.negotiation import Negotiation
from softphone.sip.calls.referral import Referral, ReferResult
from softphone.sip.calls.refresher import Refresher
from softphone.sip.calls.reoffer import Reoffer
from softphone.sip.calls.session_timer import LEAST_S, SessionInterval, agree, read_interval
from softphone.sip.messages.info import read_digit
from softphone.sip.messages.message import Message
from softphone.sip.messages.replies import ALLOWED, missing_extensions, refusal_of
from softphone.sip.messages.sdp import Direction, SdpError
from softphone.sip.transport.transactions import Address, ServerTransaction
from softphone.sip.user_agent import UserAgent

_CALL_UNKNOWN = (408, 481)


class SessionOwner(Protocol):
    """`on_session_end` comes once; `on_session_over` once, after it."""

    def on_media(self, sdp: str) -> None: ...

    def on_digit(self, digit: str, duration_ms: int) -> None: ...

    def on_session_end(self, *, code: int, reason: str, q850: int | None, by: By) -> None: ...

    def on_session_over(self) -> None: ...


class Session:
    """One dialog. `calling`: the call is ours, and so is its Call-ID (who waits longer, §14.1).

    `on_prack(request)`, for the called side, returns whether it fits a response of ours, and
    `on_early_bye` is the caller's BYE before the answer; the calling side has neither.
    """

    def __init__(
        self,
        agent: UserAgent,
        dialog: Dialog,
        owner: SessionOwner,
        *,
        default_hop: Address,
        local_sdp: str,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        calling: bool = True,
    ) -> None:
        self.agent, self.dialog, self.owner = agent, dialog, owner
        self.media = Negotiation(local_sdp, codecs)
        self.media.awaits_answer = calling
        self.calling = calling
        self.state: Literal["early", "confirmed", "ended"] = "early"
        self.peer_takes_update = False
        self.on_prack: Callable[[Message], bool] = lambda request: False
        self.on_early_bye: Callable[[], bool] = lambda: False
        self._default_hop = default_hop
        self._acks: dict[int, tuple[bytes, Address]] = {}
        self._over = False
        self._refresher = Refresher(self)
        self._referral: Referral | None = None
        self._reoffer = Reoffer(self)
        self.offering = False  # a re-INVITE of ours is out
        agent.add_dialog(self)

    # -- life ------------------------------------------------------------------------------------

    def confirm(self, message: Message) -> None:
        """The call is answered; `message` is the peer's 2xx or INVITE."""
        self.state = "confirmed"
        self.peer_takes_update = "update" in message.options("allow")
        self.media.remote_sdp = message.sdp or self.media.remote_sdp
        if message.sdp:
            self.media.awaits_answer = False

    def keep_alive(self, interval: SessionInterval | None, *, ours: bool) -> None:
        """Start, restart or (None) stop the session timer; `ours`: we refresh."""
        self._refresher.arm(interval, ours=ours)

    def ask(self) -> None:
        """Ask the peer whether it still knows the call; it ends when not, or without an answer."""
        self._refresher.ask()

    def refer(self, target_uri: str, on_result: Callable[[ReferResult], None]) -> bool:
        """Ask the peer to call `target_uri` instead of us; when it has, we hang up.

        False, and nothing is sent, before the answer, after the end, and while one is under way.
        """
        if self.state != "confirmed" or (self._referral is not None and not self._referral.over):
            return False

        def done(result: ReferResult) -> None:
            on_result(result)
            if result.accepted and self.state == "confirmed":
                self.owner.on_session_end(code=200, reason="referred", q850=16, by="local")
                self.hang_up(reason_header="Q.850;cause=16")

        self._referral = Referral(self, target_uri, done)
        self._referral.start()
        return True

    def turn(self, direction: Direction) -> None:
        """Tell the peer by a re-INVITE which way audio goes: sendonly holds, sendrecv ends it."""
        self._reoffer.ask(direction)

    def glare_delay(self) -> float:
        """Seconds until an offer that met another is tried again (§14.1); the caller waits more."""
        chance = int(self.agent.tokens(2), 16) / 0xFFFF
        return 2.1 + 1.9 * chance if self.calling else 2.0 * chance

    def hang_up(self, *, reason_header: str = "") -> None:
        """Send BYE, once. The owner is not told of an end it asked for, only when it is over."""
        if self.state == "ended":
            return
        self._end(by_peer=False)
        headers = {"reason": reason_header} if reason_header else {}
        self.send("BYE", headers=headers, on_final=lambda response: self._finish())

    def lose(self, code: int, reason: str) -> None:
        """The peer is gone as far as anybody can tell: BYE into the dark, and the end."""
        if self.state == "ended":
            return
        self.hang_up(reason_header=f'SIP;cause={code};text="{reason}"')
        self.owner.on_session_end(code=code, reason=reason, q850=None, by="trunk")

    def discard(self) -> None:
        """Forget an early dialog that came to nothing."""
        self._end(by_peer=False)
        self.agent.remove_dialog(self)

    def _end(self, *, by_peer: bool) -> None:
        self.state = "ended"
        self._refresher.stop()
        self._reoffer.stop()
        if self._referral is not None:
            self._referral.session_ended(by_peer=by_peer)

    def _finish(self) -> None:
        if not self._over:
            self._over = True
            self.agent.remove_dialog(self)
            self.owner.on_session_over()

    # -- our requests ----------------------------------------------------------------------------

    def send(
        self,
        method: str,
        *,
        headers: dict[str, str] | None = None,
        sdp: str = "",
        on_final: Callable[[Message | None], None] = lambda response: None,
    ) -> None:
        """Send a request in the dialog, answering challenges."""
        address = self._next_hop()

        def build() -> Message:
            request = self.dialog.build(method, via=self.agent.new_via())
            request.set("user-agent", self.agent.product)
            if method in ("INVITE", "UPDATE", "REFER"):
                request.set("contact", self.agent.contact)
                request.set("supported", "timer")
                request.set("allow", ALLOWED)
            for name, value in (headers or {}).items():
                request.set(name, value)
            if sdp:
                request.set_sdp(sdp)
            return request

        def finish(response: Message | None) -> None:
            on_final(response)
            code = response.code if response is not None else 408
            if code in _CALL_UNKNOWN and self.state == "confirmed":
                self.lose(code, f"no answer to {method}" if response is None else response.reason)

        self.agent.exchange(build, address, finish)

    def acknowledge(self, response: Message, invite: Message | None = None) -> None:
        """ACK a 2xx: a transaction of its own, sent again as often as the 2xx comes (§13.2.2.4).

        The credentials of `invite` go with it.
        """
        number = response.cseq[0]
        if number not in self._acks:
            ack = self.dialog.build("ACK", via=self.agent.new_via(), cseq=number)
            if invite is not None:
                ack.copy_from(invite, "authorization", "proxy-authorization")
            self._acks[number] = (bytes(ack), self._next_hop())
        self.agent.layer.send(*self._acks[number])

    def _next_hop(self) -> Address:
        address = self.dialog.next_hop(self._default_hop)
        self.agent.on_next_hop(address)
        return address

    # -- the peer's requests ---------------------------------------------------------------------

    def on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if not self.dialog.take_in_order(request):
            self.agent.reply(transaction, 500)
            return
        missing = missing_extensions(request)
        if missing:
            self.agent.reply(transaction, 420, headers=missing)
            return
        handlers = {
            "BYE": self._on_bye,
            "INVITE": self._on_offer,
            "UPDATE": self._on_offer,
            "INFO": self._on_info,
            "PRACK": self._on_prack,
            "NOTIFY": self._on_notify,
            "OPTIONS": self.agent.answer_options,
        }
        handlers.get(request.method, self._on_other)(transaction)

    def _on_bye(self, transaction: ServerTransaction) -> None:
        if self.state == "early":  # only the caller may BYE an early dialog (§15)
            self.agent.reply(transaction, 200 if self.on_early_bye() else 481)
            return
        self.agent.reply(transaction, 200)
        if self.state == "ended":
            return  # both hung up at once; our own BYE is still out
        self._end(by_peer=True)
        q850 = transaction.request.q850
        try:
            self.owner.on_session_end(code=200, reason="hung up", q850=q850, by="remote")
        finally:  # a fault up there must not cost a line for ever
            self._finish()

    def _on_other(self, transaction: ServerTransaction) -> None:
        method = transaction.request.method
        code = 603 if method == "REFER" else refusal_of(method)  # nobody transfers us
        self.agent.reply(transaction, code, headers={"allow": ALLOWED})

    def _on_info(self, transaction: ServerTransaction) -> None:
        if transaction.request.get("info-package"):
            self.agent.reply(transaction, 469, headers={"recv-info": ""}, reason="Bad Info Package")
            return
        self.agent.reply(transaction, 200)
        digit = read_digit(transaction.request)
        if digit is not None and self.state == "confirmed":
            self.owner.on_digit(digit.key, digit.duration_ms)

    def _on_notify(self, transaction: ServerTransaction) -> None:
        request, referral = transaction.request, self._referral
        event = request.get("event").partition(";")[0].strip().lower()
        if event != "refer" or referral is None:
            self.agent.reply(transaction, 481)
            return
        self.agent.reply(transaction, 200)
        if not referral.over:
            referral.on_notify(request)

    def _on_prack(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if not self.on_prack(request):
            self.agent.reply(transaction, 481)
        elif request.sdp and not self.media.awaits_answer:
            self._answer_offer(transaction)
        else:
            self.agent.reply(transaction, 200)
            self.take_media(request.sdp)

    # -- offers of the peer ----------------------------------------------------------------------

    def _on_offer(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or UPDATE: answered at once, or refused with the call untouched."""
        request = transaction.request
        code = self._refuse_offer(request)
        if code:
            headers = {422: {"min-se": str(LEAST_S)}, 415: {"accept": "application/sdp"}}.get(code)
            self.agent.reply(transaction, code, headers=headers)
        else:
            self._answer_offer(transaction)

    def _answer_offer(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        is_invite, offer = request.method == "INVITE", request.sdp
        ours = ""
        try:
            if offer:
                ours = self.media.answer(offer)
            elif is_invite:
                ours = self.media.offer()
        except SdpError:
            self.agent.reply(transaction, 488)
            return
        self.dialog.refresh_target(request)
        if is_invite:
            transaction.on_ack_missing = lambda: self.lose(408, "no ACK to a re-INVITE")
            transaction.on_ack = lambda ack: self._on_ack(ack, ours_offered=not offer)
        headers = {"contact": self.agent.contact, "allow": ALLOWED, "supported": "timer"}
        headers |= self._answer_timer(request)
        self.agent.reply(transaction, 200, headers=headers, sdp=ours)
        if offer:
            self.take_media(offer, agreed=ours)

    def _on_ack(self, ack: Message, *, ours_offered: bool) -> None:
        if ours_offered:
            self.take_media(ack.sdp)

    def _refuse_offer(self, request: Message) -> int:
        if self.state == "ended":
            return 481
        is_invite = request.method == "INVITE"
        if (self.state == "early" and is_invite) or (self.offering and (is_invite or request.sdp)):
            return 491  # glare (§14.2; RFC 3311 §5.2)
        if self.media.awaits_answer and (is_invite or request.sdp):
            return 491  # our own offer is still open
        if request.body and not request.sdp:
            return 415
        interval = read_interval(request)
        if interval is not None and interval.seconds < LEAST_S:
            return 422
        return 0

    def _answer_timer(self, request: Message) -> dict[str, str]:
        found = agree(request)
        if self.state != "confirmed" or found is None:
            if request.method == "INVITE" or self.state != "confirmed":
                self._refresher.stop()
            return {}
        agreed, headers = found
        self.keep_alive(agreed, ours=agreed.refresher == "uas")
        return headers

    def take_media(self, sdp: str, *, agreed: str = "") -> None:
        """The peer's description, when it is new: the owner gets it with the agreed codec alone."""
        news = self.media.take(sdp, agreed=agreed)
        if news and self.state != "ended":
            self.owner.on_media(news)
