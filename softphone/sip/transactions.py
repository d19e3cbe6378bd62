"""SIP transactions over UDP (RFC 3261 §17, RFC 6026): what makes a lost datagram harmless.

No sockets and no clock: bytes leave through `send`, time comes through `Timers`. Four rules here
are each the scar of a stack that got them wrong (tests name them):

* timer B ends an INVITE in *Calling* only. A phone may ring for minutes after a 100;
* a 2xx does not end the INVITE transaction at once: repeated and forked 2xx still reach the call
  during *Accepted*, because each wants its own ACK;
* the ACK for a refusal goes with the branch of the INVITE, and again for every repeated refusal;
* our own 2xx is repeated until its ACK, which arrives with another branch.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.headers import SipParseError
from softphone.sip.message import Message
from softphone.sip.timing import TimerHandle, Timers, Timing

Address = tuple[str, int]
Send = Callable[[bytes, Address], None]
ClientKey = tuple[str, str]
ServerKey = tuple[str, str, str]
AckKey = tuple[str, str, int]


class _Transaction:
    """Timers of one transaction, all cancelled together."""

    def __init__(self, layer: TransactionLayer, request: Message, address: Address) -> None:
        self.layer, self.request, self.address = layer, request, address
        self.state = "new"
        self.is_invite = request.method == "INVITE"
        self._repeat: TimerHandle | None = None
        self._end: TimerHandle | None = None
        self._interval = layer.timing.t1

    def _stop_timers(self) -> None:
        for timer in (self._repeat, self._end):
            if timer is not None:
                timer.cancel()
        self._repeat = self._end = None

    def _stop_repeating(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None

    def _end_in(self, delay_s: float, then: Callable[[], None]) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = self.layer.timers.call_later(delay_s, then)


class ClientTransaction(_Transaction):
    """A request of ours. `on_response(None)` means nobody answered in 64·T1."""

    def __init__(
        self,
        layer: TransactionLayer,
        request: Message,
        address: Address,
        on_response: Callable[[Message | None], None],
    ) -> None:
        super().__init__(layer, request, address)
        self.key: ClientKey = (request.branch, request.method)
        self._data = bytes(request)
        self._on_response = on_response
        self._ack: bytes | None = None

    def start(self) -> None:
        self.state = "calling"
        self._transmit()
        self._repeat = self.layer.timers.call_later(self._interval, self._again)  # A, E
        self._end_in(self.layer.timing.give_up, self._give_up)  # B, F

    def resume(self) -> None:
        """Stand in for an INVITE a killed process sent: nothing is sent, a final is awaited."""
        self.state = "proceeding"
        self._end_in(2 * self.layer.timing.give_up, self.terminate)

    def abandon(self) -> None:
        """The call has given up waiting; a late 2xx is still heard for another 64·T1."""
        if self.state in ("calling", "proceeding"):
            self._stop_repeating()
            self._end_in(self.layer.timing.give_up, self.terminate)

    def _transmit(self) -> None:
        self.layer.send(self._data, self.address)

    def _again(self) -> None:
        self.layer.retransmissions += 1
        self._transmit()
        timing = self.layer.timing
        self._interval *= 2
        if not self.is_invite:
            slow = self.state == "proceeding"
            self._interval = timing.t2 if slow else min(self._interval, timing.t2)
        self._repeat = self.layer.timers.call_later(self._interval, self._again)

    def _give_up(self) -> None:
        self.terminate()
        self._on_response(None)

    def terminate(self) -> None:
        self.state = "terminated"
        self._stop_timers()
        self.layer.forget_client(self)

    def receive(self, response: Message) -> None:
        if self.state in ("calling", "proceeding"):
            if response.code < 200:
                self._progress(response)
            else:
                self._finish(response)
        elif self.state == "accepted" and 200 <= response.code < 300:
            self._on_response(response)  # repeated, or another fork: the call ACKs each
        elif self.state == "completed" and self._ack and response.code >= 300:
            self.layer.send(self._ack, self.address)  # our ACK was lost

    def _progress(self, response: Message) -> None:
        if self.is_invite:
            self._stop_timers()  # A, and B too: the callee may ring as long as it likes
        self.state = "proceeding"
        self._on_response(response)

    def _finish(self, response: Message) -> None:
        timing = self.layer.timing
        self._stop_repeating()
        if not self.is_invite:
            self.state = "completed"
            self._end_in(timing.t4, self.terminate)  # K
        elif response.code < 300:
            self.state = "accepted"
            self._end_in(timing.give_up, self.terminate)  # M
        else:
            self.state = "completed"
            self._ack = bytes(self._refusal_ack(response))
            self.layer.send(self._ack, self.address)
            self._end_in(timing.give_up, self.terminate)  # D
        self._on_response(response)

    def _refusal_ack(self, response: Message) -> Message:
        """§17.1.1.3: the INVITE's top Via, branch included, and the To of the response."""
        ack = Message("ACK", self.request.uri)
        ack.headers["via"] = [self.request.get("via")]
        ack.copy_from(self.request, "route", "from", "call-id")
        ack.set("to", response.get("to"))
        ack.set("cseq", f"{self.request.cseq[0]} ACK")
        ack.set("max-forwards", "70")
        return ack


class ServerTransaction(_Transaction):
    """A request of the peer: repetitions are absorbed and answered with the last response."""

    def __init__(
        self, layer: TransactionLayer, request: Message, *, source: Address, reply_port: int
    ) -> None:
        super().__init__(layer, request, (source[0], reply_port))
        self.source = source
        self.key = server_key(request)
        self.state = "proceeding"
        self.to_tag = ""  # the tag all our responses to it carry
        self.on_cancel: Callable[[], None] | None = None
        self.on_ack_missing: Callable[[], None] | None = None
        self.on_ack: Callable[[Message], None] | None = None
        self._last: bytes | None = None
        if not self.is_invite:  # an INVITE may ring; anything else is answered by then
            self._end_in(layer.timing.give_up, self.terminate)

    @property
    def ack_key(self) -> AckKey:
        return _ack_key(self.request)

    def respond(self, response: Message) -> None:
        """Send a response; a final one starts the timers. Ignored after a final response."""
        if self.state != "proceeding":
            return
        self._last = bytes(response)
        self.layer.send(self._last, self.address)
        if response.code < 200:
            return
        timing = self.layer.timing
        self._end_in(timing.give_up, self._expire)  # H, J, L
        self.state = "completed"
        if self.is_invite:
            self._repeat = self.layer.timers.call_later(self._interval, self._again)  # G
            if response.code < 300:
                self.state = "accepted"
                self.layer.await_ack(self)

    def _again(self) -> None:
        if self._last is not None:
            self.layer.send(self._last, self.address)
        self._interval = min(2 * self._interval, self.layer.timing.t2)
        self._repeat = self.layer.timers.call_later(self._interval, self._again)

    def repeat(self) -> None:
        if self._last is not None and self.state != "confirmed":
            self.layer.send(self._last, self.address)

    def acknowledge(self, ack: Message) -> None:
        if self.state not in ("completed", "accepted"):
            return
        accepted = self.state == "accepted"
        self.state = "confirmed"
        self._stop_repeating()
        if accepted and self.on_ack is not None:
            self.on_ack(ack)

    def _expire(self) -> None:
        unheard = self.is_invite and self.state == "accepted"
        self.terminate()
        if unheard and self.on_ack_missing is not None:
            self.on_ack_missing()  # §13.3.1.4: the dialog exists, so it must be taken down

    def terminate(self) -> None:
        self.state = "terminated"
        self._stop_timers()
        self.layer.forget_server(self)


class TransactionLayer:
    """Matches datagrams to transactions and hands the rest to its user.

    `on_request(transaction)` gets each new request except ACK and a CANCEL that found its INVITE;
    `on_late_2xx(response)` a 2xx to an INVITE whose transaction is over.
    """

    def __init__(self, *, send: Send, timers: Timers, timing: Timing) -> None:
        self.send, self.timers, self.timing = send, timers, timing
        self.on_request: Callable[[ServerTransaction], None] = lambda transaction: None
        self.on_late_2xx: Callable[[Message], None] = lambda response: None
        self.answer_cancel: Callable[[ServerTransaction, ServerTransaction | None], None]
        self.answer_cancel = lambda cancel, invite: None
        self.retransmissions = 0
        self._clients: dict[ClientKey, ClientTransaction] = {}
        self._servers: dict[ServerKey, ServerTransaction] = {}
        self._unacknowledged: dict[AckKey, ServerTransaction] = {}

    def request(
        self,
        request: Message,
        address: Address,
        on_response: Callable[[Message | None], None],
        *,
        resumed: bool = False,
    ) -> ClientTransaction:
        """Send a request; the answer, or None, comes to `on_response`."""
        transaction = ClientTransaction(self, request, address, on_response)
        self._clients[transaction.key] = transaction
        if resumed:
            transaction.resume()
        else:
            transaction.start()
        return transaction

    def receive(self, message: Message, source: Address) -> None:
        if message.code:
            self._receive_response(message)
        elif message.method == "ACK":
            self._receive_ack(message)
        else:
            self._receive_request(message, source)

    def _receive_response(self, response: Message) -> None:
        if len(response.values("via")) != 1:
            raise SipParseError("a response meant for somebody else")
        transaction = self._clients.get((response.branch, response.cseq[1]))
        if transaction is not None:
            transaction.receive(response)
        elif 200 <= response.code < 300 and response.cseq[1] == "INVITE":
            self.on_late_2xx(response)

    def _receive_ack(self, ack: Message) -> None:
        transaction = self._servers.get(server_key(ack))
        if transaction is None:  # the ACK to a 2xx is a transaction of its own
            transaction = self._unacknowledged.pop(_ack_key(ack), None)
        if transaction is not None:
            transaction.acknowledge(ack)

    def _receive_request(self, request: Message, source: Address) -> None:
        key = server_key(request)
        known = self._servers.get(key)
        if known is not None:
            known.repeat()
            return
        port = source[1] if "rport" in request.via.params else request.via.port or 5060
        transaction = ServerTransaction(self, request, source=source, reply_port=port)
        self._servers[key] = transaction
        if request.method == "CANCEL":
            invite = self._servers.get((key[0], key[1], "INVITE"))
            self.answer_cancel(transaction, invite)
            if invite is not None and invite.state == "proceeding" and invite.on_cancel:
                invite.on_cancel()
        else:
            self.on_request(transaction)

    def await_ack(self, transaction: ServerTransaction) -> None:
        self._unacknowledged[transaction.ack_key] = transaction

    def forget_client(self, transaction: ClientTransaction) -> None:
        if self._clients.get(transaction.key) is transaction:
            del self._clients[transaction.key]

    def forget_server(self, transaction: ServerTransaction) -> None:
        if self._servers.get(transaction.key) is transaction:
            del self._servers[transaction.key]
        if self._unacknowledged.get(transaction.ack_key) is transaction:
            del self._unacknowledged[transaction.ack_key]

    def close(self) -> None:
        """End every transaction without a word."""
        for client in list(self._clients.values()):
            client.terminate()
        for server in list(self._servers.values()):
            server.terminate()

    @property
    def open_transactions(self) -> int:
        return len(self._clients) + len(self._servers)


def server_key(request: Message) -> ServerKey:
    """§17.2.3: branch, sent-by, method; ACK finds its INVITE. No branch: RFC 2543 fields."""
    via = request.via
    method = "INVITE" if request.method == "ACK" else request.method
    branch = via.branch or f"{request.call_id} {request.from_tag} {request.cseq[0]}"
    return (branch, f"{via.host}:{via.port or 5060}", method)


def _ack_key(request: Message) -> AckKey:
    return (request.call_id, request.from_tag, request.cseq[0])
