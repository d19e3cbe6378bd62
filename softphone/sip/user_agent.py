"""What the trunk's and the server's side share: our name on the wire, requests, in-dialog routing.

Pure like the layers below: an owner with a socket feeds `receive` and gives `send`. New requests
that belong to no dialog go to `on_new_request`, where the owners differ (a trunk refuses calls, the
practice carrier takes them).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from softphone.sip.calls.dialog import Dialog
from softphone.sip.messages.digest import Attempts, Authenticator, Tokens
from softphone.sip.messages.message import BadRequest, Message, parse
from softphone.sip.messages.replies import ALLOWED, build_reply, missing_extensions, refusal_of
from softphone.sip.transport.timing import Timers, Timing
from softphone.sip.transport.transaction_layer import TransactionLayer
from softphone.sip.transport.transactions import Address, Send, ServerTransaction, Transport

DialogKey = tuple[str, str, str]
# UDP lets a BYE overtake the 200 it follows: while our INVITE is open it waits so long for it.
OVERTAKEN_S = 0.3
Scheme = Literal["sip", "sips"]


class DialogUser(Protocol):
    """Whoever owns a dialog and answers its requests (`session.Session`)."""

    dialog: Dialog

    def on_request(self, transaction: ServerTransaction) -> None: ...

    def acknowledge(self, response: Message) -> None: ...


class UserAgent:
    """One SIP identity on one socket."""

    def __init__(
        self,
        *,
        send: Send,
        timers: Timers,
        timing: Timing,
        tokens: Tokens,
        product: str,
        contact_user: str = "",
        authenticator: Authenticator | None = None,
        transport: Transport = "udp",
        scheme: Scheme = "sip",
    ) -> None:
        self.timers, self.timing, self.tokens = timers, timing, tokens
        self.product, self.contact_user = product, contact_user
        self.authenticator = authenticator
        self.transport, self.scheme = transport, scheme
        self.host, self.port = "127.0.0.1", 5060
        self.adapt: Callable[[Message], None] = lambda request: None
        self.on_new_request: Callable[[ServerTransaction], None] = self.refuse
        self.on_next_hop: Callable[[Address], None] = lambda address: None
        self.may_begin: Callable[[str], bool] = lambda host: True
        self.layer = TransactionLayer(send=send, timers=timers, timing=timing)
        self.layer.on_request = self._route_request
        self.layer.on_late_2xx = self._on_late_2xx
        self.layer.answer_cancel = self._answer_cancel
        self._dialogs: dict[DialogKey, DialogUser] = {}

    def bind(self, host: str, port: int) -> None:
        """Tell the address that Via and Contact name. `adapt(request)` may be set by the owner of a
        socket that has two transports."""
        self.host, self.port = host, port

    @property
    def contact(self) -> str:
        user = f"{self.contact_user}@" if self.contact_user else ""
        transport = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"<{self.scheme}:{user}{self.host}:{self.port}{transport}>"

    def new_via(self) -> str:
        branch = "z9hG4bK" + self.tokens(10)
        return f"SIP/2.0/{self.transport.upper()} {self.host}:{self.port};rport;branch={branch}"

    def new_call_id(self) -> str:
        return f"{self.tokens(12)}@{self.host}"

    def receive(self, data: bytes, source: Address) -> None:
        """Act on one datagram. Raises SipParseError for one that is not SIP (a refusal is sent when
        it says to whom). What belongs to no call is not heard from who may not begin one."""
        if not data.strip(b"\r\n\0 "):
            return  # keep-alive
        try:
            message = parse(data)
        except BadRequest as fault:
            self._refuse_unread(fault, source)
            raise
        if message.code or message.to_tag or self.may_begin(source[0]):
            self.layer.receive(message, source)

    def _refuse_unread(self, fault: BadRequest, source: Address) -> None:
        """400 or 505, without a transaction: the sender may repeat what it likes (§8.2.6.2)."""
        request = fault.request
        reply = build_reply(request, fault.code, source=source, to_tag=self.tokens(8))
        to_source = request.via.reliable or "rport" in request.via.params
        port = source[1] if to_source else request.via.port or 5060
        self.layer.send(bytes(reply), (source[0], port))

    # -- requests of ours ------------------------------------------------------------------------

    def exchange(
        self,
        build: Callable[[], Message],
        address: Address,
        on_final: Callable[[Message | None], None],
    ) -> None:
        """Send what `build` makes, answering challenges (each try is built anew, with its own CSeq
        and branch). `on_final` gets the final response, or None when nobody answered; for an INVITE
        it gets every repeated 2xx as well.
        """
        attempts = Attempts()

        def send() -> None:
            request = build()
            self.complete(request)
            self.layer.request(request, address, receive)

        def receive(response: Message | None) -> None:
            if response is not None and response.code < 200:
                return
            if response is not None and self.may_retry(response, attempts):
                send()
            else:
                on_final(response)

        send()

    def complete(self, request: Message) -> None:
        """The last touch before a request leaves: credentials, and the transport for its length."""
        if self.authenticator is not None:
            self.authenticator.authorize(request)
        self.adapt(request)

    def may_retry(self, response: Message, attempts: Attempts) -> bool:
        return self.authenticator is not None and self.authenticator.learn(response, attempts)

    # -- requests of the peer --------------------------------------------------------------------

    def reply(
        self,
        transaction: ServerTransaction,
        code: int,
        *,
        headers: dict[str, str] | None = None,
        sdp: str = "",
        reason: str = "",
    ) -> None:
        """Answer a request; all answers to one transaction carry the same To tag."""
        if code > 100 and not transaction.to_tag:
            transaction.to_tag = self.tokens(8)
        request = transaction.request
        reply = build_reply(
            request, code, source=transaction.source, to_tag=transaction.to_tag, reason=reason
        )
        for name, value in (headers or {}).items():
            reply.set(name, value)
        if sdp:
            reply.set_sdp(sdp)
        transaction.respond(reply)

    def add_dialog(self, user: DialogUser) -> None:
        self._dialogs[_key(user.dialog)] = user

    def remove_dialog(self, user: DialogUser) -> None:
        if self._dialogs.get(_key(user.dialog)) is user:
            del self._dialogs[_key(user.dialog)]

    @property
    def open_dialogs(self) -> int:
        return len(self._dialogs)

    def _route_request(self, transaction: ServerTransaction) -> None:
        if transaction.request.method == "BYE" and self._awaits_answer(transaction.request):
            self.timers.call_later(OVERTAKEN_S, lambda: self._route_at_once(transaction))
        else:
            self._route_at_once(transaction)

    def _awaits_answer(self, request: Message) -> bool:
        """Whether an INVITE of ours in this call has no final response yet."""
        return self.layer.has_open_invite(request.call_id, request.to_tag)

    def _route_at_once(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        user = self._dialogs.get((request.call_id, request.to_tag, request.from_tag))
        if transaction.merged:
            self.reply(transaction, 482)
        elif user is not None:
            user.on_request(transaction)
        elif request.to_tag:
            self.reply(transaction, 481)
        elif not request.uri.lower().startswith(("sip:", "sips:", "tel:")):
            self.reply(transaction, 416)
        elif missing := missing_extensions(request):
            self.reply(transaction, 420, headers=missing)
        elif request.method == "OPTIONS":
            self.answer_options(transaction)
        else:
            self.on_new_request(transaction)

    def answer_options(self, transaction: ServerTransaction) -> None:
        headers = {"allow": ALLOWED, "accept": "application/sdp", "supported": "timer, 100rel"}
        self.reply(transaction, 200, headers=headers)

    def refuse(self, transaction: ServerTransaction) -> None:
        """The answer of one who takes no calls: 403 to INVITE, 501 to what nobody has heard of."""
        codes = {"INVITE": 403, "NOTIFY": 481, "BYE": 481, "PRACK": 481}
        code = codes.get(transaction.request.method, refusal_of(transaction.request.method))
        self.reply(transaction, code, headers={"allow": ALLOWED})

    def _answer_cancel(self, cancel: ServerTransaction, invite: ServerTransaction | None) -> None:
        if invite is not None:
            cancel.to_tag = invite.to_tag
        self.reply(cancel, 481 if invite is None else 200)

    def _on_late_2xx(self, response: Message) -> None:
        user = self._dialogs.get((response.call_id, response.from_tag, response.to_tag))
        if user is not None:
            user.acknowledge(response)


def _key(dialog: Dialog) -> DialogKey:
    return (dialog.call_id, dialog.local_tag, dialog.remote_tag)
