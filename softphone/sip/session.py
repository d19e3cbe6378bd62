"""A dialog in use, from either side: the peer's requests answered, ours sent, ended by BYE once.

Made for each early dialog of a fork and for each answered call. It ends for its owner at the first
of: the peer's BYE, our BYE, a session nobody refreshed, an ACK that never came. It is *over* only
when nothing is left to send, because a line is free and a journal record superfluous no earlier
than that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from softphone.sip.dialog import Dialog
from softphone.sip.endings import By
from softphone.sip.message import Message
from softphone.sip.refresher import Refresher
from softphone.sip.replies import ALLOWED
from softphone.sip.sdp import SdpError, answer_again, narrow_audio, offer_again, read_audio
from softphone.sip.session_timer import LEAST_S, SessionInterval, read_interval
from softphone.sip.transactions import Address, ServerTransaction
from softphone.sip.user_agent import UserAgent

SUPPORTED = frozenset({"timer"})


class SessionOwner(Protocol):
    """`on_session_end` comes once; `on_session_over` once, after it."""

    def on_media(self, sdp: str) -> None: ...

    def on_session_end(self, *, code: int, reason: str, q850: int | None, by: By) -> None: ...

    def on_session_over(self) -> None: ...


class Session:
    """One dialog: `local_sdp` is what we last described, `remote_sdp` what the peer did."""

    def __init__(
        self,
        agent: UserAgent,
        dialog: Dialog,
        owner: SessionOwner,
        *,
        default_hop: Address,
        local_sdp: str,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    ) -> None:
        self.agent, self.dialog, self.owner = agent, dialog, owner
        self.local_sdp, self.remote_sdp = local_sdp, ""
        self.codec = ""  # the one agreed on; kept for as long as the peer offers it
        self._codecs = codecs
        self.state: Literal["early", "confirmed", "ended"] = "early"
        self.peer_takes_update = False
        self._default_hop = default_hop
        self._acks: dict[int, tuple[bytes, Address]] = {}
        self._over = False
        self._refresher = Refresher(self)
        agent.add_dialog(self)

    # -- life ------------------------------------------------------------------------------------

    def confirm(self, message: Message) -> None:
        """The call is answered; `message` is the peer's 2xx or INVITE."""
        self.state = "confirmed"
        self.peer_takes_update = "update" in message.options("allow")
        self.remote_sdp = message.sdp or self.remote_sdp

    def agree(self, answer: str) -> None:
        """Note the codec of the answer that opened the call. Raises SdpError when it has none."""
        self.codec = read_audio(answer, self._codecs).codec

    def keep_alive(self, interval: SessionInterval | None, *, ours: bool) -> None:
        """Start, restart or (None) stop the session timer; `ours`: we refresh."""
        self._refresher.arm(interval, ours=ours)

    def hang_up(self, *, reason_header: str = "") -> None:
        """Send BYE, once. The owner is not told of an end it asked for, only when it is over."""
        if self.state == "ended":
            return
        self.state = "ended"
        self._refresher.stop()
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
        self.state = "ended"
        self._refresher.stop()
        self.agent.remove_dialog(self)

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
            if method in ("INVITE", "UPDATE"):
                request.set("contact", self.agent.contact)
                request.set("supported", "timer")
                request.set("allow", ALLOWED)
            for name, value in (headers or {}).items():
                request.set(name, value)
            if sdp:
                request.set_sdp(sdp)
            return request

        self.agent.exchange(build, address, on_final)

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
        missing = request.options("require") - SUPPORTED
        if missing:
            unsupported = {"unsupported": ", ".join(sorted(missing))}
            self.agent.reply(transaction, 420, headers=unsupported)
            return
        handlers = {
            "BYE": self._on_bye,
            "INVITE": self._on_offer,
            "UPDATE": self._on_offer,
            "INFO": self._on_info,
            "OPTIONS": self.agent.answer_options,
        }
        handlers.get(request.method, self._on_other)(transaction)

    def _on_bye(self, transaction: ServerTransaction) -> None:
        if self.state == "early":  # only the caller may BYE an early dialog (§15)
            self.agent.reply(transaction, 481)
            return
        self.agent.reply(transaction, 200)
        if self.state == "ended":
            return  # both hung up at once; our own BYE is still out
        self.state = "ended"
        self._refresher.stop()
        q850 = transaction.request.q850
        try:
            self.owner.on_session_end(code=200, reason="hung up", q850=q850, by="remote")
        finally:  # a fault up there must not cost a line for ever
            self._finish()

    def _on_other(self, transaction: ServerTransaction) -> None:
        code = 481 if transaction.request.method in ("PRACK", "NOTIFY") else 405
        self.agent.reply(transaction, code, headers={"allow": ALLOWED})

    def _on_info(self, transaction: ServerTransaction) -> None:
        if transaction.request.get("info-package"):
            self.agent.reply(transaction, 469, headers={"recv-info": ""}, reason="Bad Info Package")
        else:
            self.agent.reply(transaction, 200)

    def _on_offer(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or UPDATE: answered at once, or refused with the call untouched."""
        request = transaction.request
        code = self._refuse_offer(request)
        if code:
            headers = {"min-se": str(LEAST_S)} if code == 422 else None
            self.agent.reply(transaction, code, headers=headers)
            return
        offer = request.sdp
        try:
            answer = self._describe(request)
        except SdpError:
            self.agent.reply(transaction, 488)
            return
        self.dialog.refresh_target(request)
        if request.method == "INVITE":
            transaction.on_ack_missing = lambda: self.lose(408, "no ACK to a re-INVITE")
            if not offer:
                transaction.on_ack = lambda ack: self.take_media(ack.sdp)
        headers = {"contact": self.agent.contact, "allow": ALLOWED, "supported": "timer"}
        headers |= self._answer_timer(request)
        self.local_sdp = answer or self.local_sdp
        self.agent.reply(transaction, 200, headers=headers, sdp=answer)
        self.take_media(offer, agreed=answer)

    def _describe(self, request: Message) -> str:
        """Our side for a re-INVITE or UPDATE. Raises SdpError when there is nothing to agree on.

        Without an offer a re-INVITE gets one of ours, and the ACK brings the answer.
        """
        if not request.sdp:
            is_invite = request.method == "INVITE"
            return offer_again(self.local_sdp, self._codecs) if is_invite else ""
        try:
            return answer_again(request.sdp, self.local_sdp, (self.codec,))
        except SdpError:
            return answer_again(request.sdp, self.local_sdp, self._codecs)

    def _refuse_offer(self, request: Message) -> int:
        if self.state == "ended":
            return 481
        is_invite = request.method == "INVITE"
        if (self.state == "early" and is_invite) or self._refresher.collides(request):
            return 491  # glare (§14.2; RFC 3311 §5.2)
        interval = read_interval(request)
        if interval is not None and interval.seconds < LEAST_S:
            return 422
        return 0

    def _answer_timer(self, request: Message) -> dict[str, str]:
        interval = read_interval(request)
        if self.state != "confirmed" or interval is None:
            if request.method == "INVITE" or self.state != "confirmed":
                self._refresher.stop()
            return {}
        agreed = SessionInterval(interval.seconds, interval.refresher or "uac")
        self.keep_alive(agreed, ours=agreed.refresher == "uas")
        return {"session-expires": agreed.header, "require": "timer"}

    def take_media(self, sdp: str, *, agreed: str = "") -> None:
        """The peer's description, when it is new: the owner gets it with the agreed codec alone.

        `agreed`: the description of ours that answered it; without one `sdp` is itself the answer.
        """
        if not sdp or sdp == self.remote_sdp or self.state == "ended":
            return
        try:
            self.codec = read_audio(agreed or sdp, self._codecs).codec
            narrowed = narrow_audio(sdp, self.codec)
        except SdpError:
            return  # an answer nobody can use: what was agreed before stays
        self.remote_sdp = sdp
        self.owner.on_media(narrowed)
