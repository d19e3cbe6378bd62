"""SIP transactions (RFC 3261 §17, RFC 6026): what makes a lost datagram harmless.

No sockets and no clock: bytes leave through the layer, time comes through its timers. Whether the
transport repeats by itself is read from the top Via of the request, which names the one used: over
TCP and TLS nothing is sent twice but our own 2xx (§13.3.1.4), and nothing finished is remembered.
Four rules here are each the scar of a stack that got them wrong (tests name them):

* timer B ends an INVITE in *Calling* only. A phone may ring for minutes after a 100;
* a 2xx does not end the INVITE transaction at once: repeated and forked 2xx still reach the call
  during *Accepted*, because each wants its own ACK;
* the ACK for a refusal goes with the branch of the INVITE, and again for every repeated refusal;
* our own 2xx is repeated until its ACK, which arrives with another branch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from softphone.sip.messages.message import Message
from softphone.sip.transport.timing import TimerHandle

if TYPE_CHECKING:
    from softphone.sip.transport.transaction_layer import TransactionLayer

Address = tuple[str, int]
Transport = Literal["udp", "tcp", "tls"]
Send = Callable[[bytes, Address], None]
ClientKey = tuple[str, str]
ServerKey = tuple[str, str, str]
AckKey = tuple[str, str, int]
MergeKey = tuple[str, str, int, str]


class _Transaction:
    """Timers of one transaction, all cancelled together."""

    def __init__(self, layer: TransactionLayer, request: Message, address: Address) -> None:
        self.layer, self.request, self.address = layer, request, address
        self.state = "new"
        self.is_invite = request.method == "INVITE"
        self.reliable = request.via.reliable
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
        self._waits_for_final = False  # and not for ever, whatever rings meanwhile

    def start(self) -> None:
        self.state = "calling"
        self._end_in(self.layer.timing.give_up, self._give_up)  # B, F
        if not self.reliable:
            self._repeat = self.layer.timers.call_later(self._interval, self._again)  # A, E
        self._transmit()

    def resume(self) -> None:
        """Stand in for an INVITE a killed process sent: nothing is sent, a final is awaited."""
        self.state = "proceeding"
        self._waits_for_final = True
        self._end_in(2 * self.layer.timing.give_up, self.terminate)

    def fail(self) -> None:
        """The transport cannot reach the peer (§8.1.3.1): the same as no answer, at once."""
        if self.state == "calling":
            self._give_up()

    def abandon(self) -> None:
        """The call has given up waiting; a late 2xx is still heard for another 64·T1."""
        if self.state in ("calling", "proceeding"):
            self._stop_repeating()
            self._waits_for_final = True
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
        if self.is_invite and not self._waits_for_final:
            self._stop_timers()  # A, and B too: the callee may ring as long as it likes
        self.state = "proceeding"
        self._on_response(response)

    def _finish(self, response: Message) -> None:
        timing = self.layer.timing
        self._stop_repeating()
        if not self.is_invite:
            self.state = "completed"
            self._end_in(0.0 if self.reliable else timing.t4, self.terminate)  # K
        elif response.code < 300:
            self.state = "accepted"
            self._end_in(timing.give_up, self.terminate)  # M
        else:
            self.state = "completed"
            self._ack = bytes(self._refusal_ack(response))
            self.layer.send(self._ack, self.address)
            self._end_in(0.0 if self.reliable else timing.give_up, self.terminate)  # D
        on_response = self._on_response
        if self.state == "completed":
            # It waits for repetitions only, and must not keep its call in memory meanwhile.
            self._on_response = _told
        on_response(response)

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
    """A request of the peer: repetitions are absorbed and answered with the last response.

    `merged`: the same request came by another path and is being answered there.
    """

    def __init__(
        self, layer: TransactionLayer, request: Message, *, source: Address, reply_port: int
    ) -> None:
        super().__init__(layer, request, (source[0], reply_port))
        self.source = source
        self.key = server_key(request)
        self.state = "proceeding"
        self.to_tag = ""  # the tag all our responses to it carry
        self.merged = False
        self.on_cancel: Callable[[], None] | None = None
        self.on_ack_missing: Callable[[], None] | None = None
        self.on_ack: Callable[[Message], None] | None = None
        self._last: bytes | None = None
        if not self.is_invite:  # an INVITE may ring; anything else is answered by then
            self._end_in(layer.timing.give_up, self.terminate)

    @property
    def ack_key(self) -> AckKey:
        return ack_key(self.request)

    @property
    def merge_key(self) -> MergeKey:
        """What a copy of the request that came by another path shares with it (§8.2.2.2)."""
        return (self.request.call_id, self.request.from_tag, *self.request.cseq)

    def respond(self, response: Message) -> None:
        """Send a response; a final one starts the timers. Ignored after a final response."""
        if self.state != "proceeding":
            return
        self._last = bytes(response)
        self.layer.send(self._last, self.address)
        if response.code < 200:
            return
        keep = self.is_invite or not self.reliable
        self._end_in(self.layer.timing.give_up if keep else 0.0, self._expire)  # H, J, L
        self.state = "completed"
        if not self.is_invite:
            return
        accepted = response.code < 300
        if accepted:
            self.state = "accepted"
            self.layer.await_ack(self)
        if accepted or not self.reliable:
            self._repeat = self.layer.timers.call_later(self._interval, self._again)  # G

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


def _told(response: Message | None) -> None:
    """Nobody is left to hear a response."""


def server_key(request: Message) -> ServerKey:
    """§17.2.3: branch, sent-by, method; ACK finds its INVITE. No branch: RFC 2543 fields."""
    via = request.via
    method = "INVITE" if request.method == "ACK" else request.method
    branch = via.branch or f"{request.call_id} {request.from_tag} {request.cseq[0]}"
    return (branch, f"{via.host}:{via.port or 5060}", method)


def ack_key(request: Message) -> AckKey:
    return (request.call_id, request.from_tag, request.cseq[0])
