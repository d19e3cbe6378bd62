"""A SIP server on loopback that takes calls: what the practice carrier listens with.

Any source on loopback is answered and no other, so that a practice carrier bound carelessly cannot
be used from outside. With `passwords` it challenges INVITE and REGISTER by digest, as a carrier
may.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Callable

from softphone.sip.calls.inbound import InboundCall, InboundListener, refuse_unfit
from softphone.sip.calls.journal import DialogRecord
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite, OutboundListener
from softphone.sip.messages.digest import DigestGate
from softphone.sip.messages.headers import SipParseError, parse_number
from softphone.sip.messages.invite import InviteForm
from softphone.sip.messages.message import Message
from softphone.sip.transport.endpoint import UdpEndpoint
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.transactions import Address, ServerTransaction
from softphone.sip.user_agent import UserAgent

_REGISTER_EXPIRES_S = 300


class NoJournal:
    """For calls nobody needs to end when this process is killed."""

    def put(self, record: DialogRecord) -> None:
        """Not kept."""

    def remove(self, call_id: str) -> None:
        """There is nothing."""


class SipServer:
    """`on_invite(call)` returns the listener of each call; it may ring or answer at once."""

    def __init__(
        self,
        on_invite: Callable[[InboundCall], InboundListener],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        realm: str = "practice",
        passwords: dict[str, str] | None = None,
        algorithm: str = "MD5",
        product: str = "PracticeCarrier",
        timing: Timing | None = None,
        tokens: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._on_invite, self._bind = on_invite, (host, port)
        self._product, self._timing, self._tokens = product, timing or Timing(), tokens
        self._gate: DigestGate | None = None
        if passwords:
            self._gate = DigestGate(
                realm=realm, passwords=passwords, tokens=tokens, algorithm=algorithm
            )
        self._calls: dict[tuple[str, str], InboundCall] = {}
        self.endpoint = UdpEndpoint(self._receive, allows=_is_loopback)

    @property
    def address(self) -> Address:
        """Where it listens, after `start`."""
        return self.endpoint.address

    @property
    def calls(self) -> list[InboundCall]:
        """The calls that are not over yet: what an orphan would show up in."""
        return list(self._calls.values())

    def place(
        self, invite: OutboundInvite, form: InviteForm, listener: OutboundListener
    ) -> OutboundCall:
        """A call from here, not yet started; nothing of it is kept for a next process."""
        return OutboundCall(
            self._agent,
            invite,
            form,
            listener,
            journal=NoJournal(),
            on_over=lambda call: None,
        )

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        await self.endpoint.open(*self._bind)
        self._agent = UserAgent(
            send=self._send,
            timers=asyncio.get_running_loop(),
            timing=self._timing,
            tokens=self._tokens,
            product=self._product,
        )
        self._agent.bind(*self.endpoint.address)
        self._agent.on_new_request = self._on_new_request

    async def stop(self) -> None:
        """Close without a word: callers learn it as they would from a carrier that died."""
        if self.endpoint.address[1]:
            self._agent.layer.close()
            self.endpoint.close()

    def _send(self, data: bytes, address: Address) -> None:
        """A Contact or Route may name any host; nothing leaves loopback for its sake."""
        if _is_loopback(address[0]):
            self.endpoint.send(data, address)

    def _receive(self, data: bytes, source: Address) -> None:
        self._agent.receive(data, source)

    def _on_new_request(self, transaction: ServerTransaction) -> None:
        if transaction.request.method == "INVITE":
            self._take_invite(transaction)
        elif transaction.request.method == "REGISTER":
            self._register(transaction)
        else:
            self._agent.refuse(transaction)

    def _admitted(self, transaction: ServerTransaction) -> bool:
        """Challenge unless the request carries a right answer."""
        if self._gate is None or self._gate.accepts(transaction.request):
            return True
        headers = {"www-authenticate": self._gate.challenge()}
        self._agent.reply(transaction, 401, headers=headers)
        return False

    def _take_invite(self, transaction: ServerTransaction) -> None:
        key = (transaction.request.call_id, transaction.request.from_tag)
        if refuse_unfit(self._agent, transaction):
            return
        if key in self._calls:
            self._agent.reply(transaction, 482)  # the same INVITE by another way (§8.2.2.2)
        elif self._admitted(transaction):
            call = InboundCall(self._agent, transaction, on_over=lambda: self._forget(key))
            self._calls[key] = call
            call.listen(self._on_invite(call))

    def _forget(self, key: tuple[str, str]) -> None:
        self._calls.pop(key, None)

    def _register(self, transaction: ServerTransaction) -> None:
        if not self._admitted(transaction):
            return
        request = transaction.request
        headers = {"expires": str(_wanted_expiry(request))}
        if request.get("contact"):
            headers["contact"] = request.get("contact")
        self._agent.reply(transaction, 200, headers=headers)


def _wanted_expiry(request: Message) -> int:
    try:
        return min(parse_number(request.get("expires")), _REGISTER_EXPIRES_S)
    except SipParseError:
        return _REGISTER_EXPIRES_S


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
