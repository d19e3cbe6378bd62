"""All transactions of one user agent: datagrams matched to them, the rest handed to its user."""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.messages.headers import SipParseError
from softphone.sip.messages.message import Message
from softphone.sip.transport.timing import Timers, Timing
from softphone.sip.transport.transactions import (
    AckKey,
    Address,
    ClientKey,
    ClientTransaction,
    MergeKey,
    Send,
    ServerKey,
    ServerTransaction,
    ack_key,
    server_key,
)

# Requests outside a dialog that are remembered at once, each for 64·T1: what a flood may cost.
# Those inside one have as many again, so that talks can be hung up beside it. What is more is not
# heard, and comes again if somebody means it.
MOST_OUTSIDE = 10_000


class TransactionLayer:
    """Matches datagrams to transactions and hands the rest to its user.

    `on_request(transaction)` gets each new request except ACK and a CANCEL that found its INVITE;
    `on_late_2xx(response)` a 2xx to an INVITE whose transaction is over. `retransmissions` counts
    what we sent again, `strays` the responses and ACKs nobody waited for, and what was too much.
    """

    def __init__(self, *, send: Send, timers: Timers, timing: Timing) -> None:
        self.send, self.timers, self.timing = send, timers, timing
        self.on_request: Callable[[ServerTransaction], None] = lambda transaction: None
        self.on_late_2xx: Callable[[Message], None] = lambda response: None
        self.answer_cancel: Callable[[ServerTransaction, ServerTransaction | None], None]
        self.answer_cancel = lambda cancel, invite: None
        self.retransmissions = self.strays = 0
        self._clients: dict[ClientKey, ClientTransaction] = {}
        self._servers: dict[ServerKey, ServerTransaction] = {}
        self._unacknowledged: dict[AckKey, ServerTransaction] = {}
        self._first: dict[MergeKey, ServerTransaction] = {}

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
        else:
            self.strays += 1

    def _receive_ack(self, ack: Message) -> None:
        transaction = self._servers.get(server_key(ack))
        if transaction is None:  # the ACK to a 2xx is a transaction of its own
            transaction = self._unacknowledged.pop(ack_key(ack), None)
        if transaction is not None:
            transaction.acknowledge(ack)
        else:
            self.strays += 1

    def _receive_request(self, request: Message, source: Address) -> None:
        key = server_key(request)
        known = self._servers.get(key)
        if known is not None:
            known.repeat()
            return
        if len(self._servers) >= (2 * MOST_OUTSIDE if request.to_tag else MOST_OUTSIDE):
            self.strays += 1
            return
        to_source = request.via.reliable or "rport" in request.via.params  # §18.2.2, RFC 3581
        port = source[1] if to_source else request.via.port or 5060
        transaction = ServerTransaction(self, request, source=source, reply_port=port)
        self._servers[key] = transaction
        if request.method == "CANCEL":
            invite = self._servers.get((key[0], key[1], "INVITE"))
            self.answer_cancel(transaction, invite)
            if invite is not None and invite.state == "proceeding" and invite.on_cancel:
                invite.on_cancel()
        else:
            transaction.merged = self._is_merged(transaction)
            self.on_request(transaction)

    def _is_merged(self, transaction: ServerTransaction) -> bool:
        """§8.2.2.2: a request outside a dialog whose twin, forked on the way, is being served."""
        if transaction.request.to_tag:
            return False
        first = self._first.setdefault(transaction.merge_key, transaction)
        return first is not transaction and first.state != "completed"

    def has_open_invite(self, call_id: str, from_tag: str) -> bool:
        """Whether the INVITE of a call of ours, by Call-ID and From tag, awaits its answer."""
        return any(
            (each.request.call_id, each.request.from_tag) == (call_id, from_tag)
            for each in self._clients.values()
            if each.request.method == "INVITE"
            and not each.request.to_tag
            and each.state in ("calling", "proceeding")
        )

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
        if self._first.get(transaction.merge_key) is transaction:
            del self._first[transaction.merge_key]

    def unreachable(self, address: Address) -> None:
        """The transport lost `address`: requests nobody has reacted to fail now, not in 64·T1."""
        for client in [each for each in self._clients.values() if each.address == address]:
            client.fail()

    def close(self) -> None:
        """End every transaction without a word."""
        for client in list(self._clients.values()):
            client.terminate()
        for server in list(self._servers.values()):
            server.terminate()

    @property
    def open_transactions(self) -> int:
        return len(self._clients) + len(self._servers)
