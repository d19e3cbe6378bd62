"""An ICE connection that no stranger's datagram can harm.

aioice hands every datagram that is not STUN to DTLS, whoever sent it, and aiortc ends the
connection on one it cannot read: a single empty UDP packet from anyone was enough to end a live
call, a single foreign ClientHello enough to spoil a login. Here a datagram reaches DTLS or SRTP
only from an address that passed an authenticated STUN check, in either direction (RFC 8445 §7,
ASVS 5.0 17.2.6). All such addresses are allowed, not only the nominated pair's: some browsers
send from two or three. What is left to an attacker is forging the peer's own source address, and
then SRTP and the DTLS record layer still refuse the packet.

The sockets come from the gateway's port range. Their receive buffers have room for a DTLS flight
and are cut down once media flows, so that a stall cannot pile up seconds of stale speech. Consent
(RFC 7675) is asked for every 0.7 s instead of every five, and four times within a second before it
counts as refused: a browser that can no longer be reached is known within two seconds, although it
may still be heard, a dead one is given up after five, not after 32, and lost packets alone do
neither.

Private names of aioice used here are pinned by version and exercised by the start-up self-test.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Callable
from typing import Any, cast

import aioice.ice
from aioice import stun
from aioice.candidate import Candidate, candidate_foundation, candidate_priority

from softphone.rtp.packet import LONGEST
from softphone.rtp.ports import PortPool, PortsUsedUp
from softphone.rtp.session import RECEIVE_BUFFER, Address
from softphone.webrtc import binding
from softphone.webrtc.addresses import NoUsableAddress

CONSENT_INTERVAL_S = 0.7
CONSENT_FAILURES = 3
_ASKS = 4
_ASK_AGAIN_S = 0.25

# Octets; DTLS flights carry certificates and arrive at once.
_HANDSHAKE_BUFFER = 65536
# RFC 7983: the first octet tells the protocols of one port apart.
_STUN = range(0, 4)
_DTLS = range(20, 64)
_MEDIA = range(128, 192)
# Nothing meaningful is shorter: an RTP header has 12 octets, a DTLS record header 13.
_SHORTEST = 12


class ShieldedProtocol(aioice.ice.StunProtocol):
    """One socket of a shielded connection: sorts datagrams and drops what strangers send."""

    receiver: ShieldedConnection

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if isinstance(data, str) or len(data) < _SHORTEST:
            self.receiver.refused += 1
            return
        kind = data[0]
        connection = self.receiver
        source = addr[0], addr[1]  # IPv6 addresses come with flow and scope
        if kind in _STUN:
            self._stun_received(data, source)
        elif source not in connection.trusted:
            connection.refused += 1
        elif kind in _MEDIA and len(data) <= LONGEST:
            connection.on_media(data)
        elif kind in _DTLS:
            connection.data_received(data, self.local_candidate.component)
        else:
            connection.refused += 1

    def send_octets(self, datagram: bytes, address: Address) -> None:
        """Send a STUN message that was made without aioice."""
        self.transport.sendto(datagram, address)

    def _stun_received(self, data: bytes, addr: Address) -> None:
        """As aioice does it, but it would take what cannot be read for DTLS; and what comes again
        and again is not read at all."""
        if self.receiver.takes(data, addr, self):
            return
        try:
            message = stun.parse_message(data)
            if message.message_class is stun.Class.REQUEST:
                self.receiver.request_received(message, addr, self)
                self.receiver.remember(data, addr, self)
            elif message.transaction_id in self.transactions:
                self.transactions[message.transaction_id].response_received(message, addr)
        except Exception:  # boundary: struct.error, KeyError and more on a stranger's bytes
            self.receiver.refused += 1


class ShieldedConnection(aioice.ice.Connection):
    """aioice's connection with an allow-list, our ports, and quick consent.

    `on_media` receives every SRTP and SRTCP datagram of a trusted address; `selected` is where to
    send: the socket's `sendto` and the peer's address. One component, as RTCP is multiplexed.
    """

    def __init__(self, *, ice_controlling: bool, ports: PortPool, addresses: list[str]) -> None:
        super().__init__(ice_controlling=ice_controlling)
        self.trusted: set[Address] = set()
        self.refused = 0
        self.selected: tuple[Callable[[bytes, Address], None], Address] | None = None
        self.on_media: Callable[[bytes], None] = lambda data: None
        self.heard_at = 0.0
        self.unanswered_since: float | None = None  # our first check that the peer did not answer
        self._known = b""  # the attributes of the request that the selected peer repeats
        self._question: tuple[object, bytes] | None = None  # attributes of ours, and for which pair
        self._asked: set[bytes] = set()
        self._answered: asyncio.Future[None] | None = None
        self._ports = ports
        self._bound: list[int] = []
        self._addresses = addresses
        self._now = asyncio.get_running_loop().time

    async def gather_candidates(self) -> None:
        """Bind one socket per address, once. Raises `NoUsableAddress` or `PortsUsedUp`."""
        if self._local_candidates_end:
            return
        self._local_candidates = await self.get_component_candidates(1, self._addresses)
        self._local_candidates_start = self._local_candidates_end = True

    async def get_component_candidates(
        self, component: int, addresses: list[str], timeout: int = 5
    ) -> list[Candidate]:
        candidates = []
        for address in addresses:
            try:
                protocol = await self._open(address)
            except PortsUsedUp:
                raise
            except OSError:
                continue  # an address that went away, or that is not ready yet
            host, port = protocol.transport.get_extra_info("sockname")[:2]
            protocol.local_candidate = Candidate(
                foundation=candidate_foundation("host", "udp", host),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "host"),
                host=host,
                port=port,
                type="host",
            )
            candidates.append(protocol.local_candidate)
        if not candidates:
            raise NoUsableAddress
        return candidates

    async def _open(self, address: str) -> ShieldedProtocol:
        bound = self._ports.bind(address, receive_buffer=_HANDSHAKE_BUFFER)
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_datagram_endpoint(
            lambda: ShieldedProtocol(self), sock=bound
        )
        self._protocols.append(protocol)
        self._bound.append(protocol.transport.get_extra_info("sockname")[1])
        return protocol

    def add_candidate(self, host: str, port: int) -> None:
        """An address the peer offered, to be checked by `connect`."""
        candidate = Candidate(
            foundation=candidate_foundation("host", "udp", host),
            component=1,
            transport="udp",
            priority=candidate_priority(1, "host"),
            host=host,
            port=port,
            type="host",
        )
        self._add_remote_candidate(candidate, host)

    def shrink_buffers(self) -> None:
        """Media flows now: keep no more than some ten packets in the kernel."""
        for protocol in self._protocols:
            bound = protocol.transport.get_extra_info("socket")
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)

    def request_received(
        self, message: stun.Message, addr: Address, protocol: aioice.ice.StunProtocol
    ) -> None:
        """A stranger is not even told 401 (RFC 8489 §9.1.3): it would find the port, and have us
        send to whomever it forged. A browser has our password with the first check it makes."""
        attributes = message.attributes
        if not (
            message.message_method is stun.Method.BINDING
            and "MESSAGE-INTEGRITY" in attributes
            and self._valid_username(attributes.get("USERNAME", ""))
            and message.check_message_integrity(self.local_password.encode())
        ):
            self.refused += 1
            return
        self.trusted.add(addr)
        self.heard_at = self._now()
        super().request_received(message, addr, protocol)

    def check_state(
        self, pair: aioice.ice.CandidatePair, state: aioice.ice.CandidatePair.State
    ) -> None:
        # A check succeeds only on a response signed with the peer's password.
        if state is aioice.ice.CandidatePair.State.SUCCEEDED:
            self.trusted.add(pair.remote_addr)
            self.heard_at = self._now()
        super().check_state(pair, state)

    def check_complete(self, pair: aioice.ice.CandidatePair) -> None:
        super().check_complete(pair)
        chosen = self._nominated.get(1)
        if chosen is not None:  # the browser may nominate another pair at any time
            self.selected = (chosen.protocol.transport.sendto, chosen.remote_addr)
            self._known = b""

    def remember(self, request: bytes, addr: Address, protocol: ShieldedProtocol) -> None:
        """aioice has acted on a request; the same one once more changes nothing about the pair."""
        pair = self._nominated.get(1)
        if pair is None or pair.protocol is not protocol or pair.remote_addr != addr:
            return
        if binding.is_signed(request, self.local_password.encode()):
            self._known = binding.asked(request)

    def takes(self, datagram: bytes, addr: Address, protocol: ShieldedProtocol) -> bool:
        """Answer a request of the selected peer that we know, or hear its answer to ours; False
        for all that has to be looked at."""
        if binding.is_success(datagram):
            return self._hear_answer(datagram)
        selected = self.selected
        if selected is None or addr != selected[1] or self._closing:
            return False
        if not self._known or binding.asked(datagram) != self._known:
            return False
        pair, key = self._nominated.get(1), self.local_password.encode()
        if pair is None or pair.protocol is not protocol or not binding.is_signed(datagram, key):
            return False
        self.heard_at = self._now()
        transaction = binding.transaction_of(datagram)
        protocol.send_octets(binding.success(transaction, addr, key), addr)
        return True

    async def query_consent(self) -> None:
        """Ask the peer again and again; close after three refusals in a row (RFC 7675)."""
        failures = 0
        while failures < CONSENT_FAILURES:
            await asyncio.sleep(CONSENT_INTERVAL_S * random.uniform(0.8, 1.2))
            failures = 0 if await self._has_consent() else failures + 1
        self._query_consent_task = None  # close() would otherwise wait for this very task
        await self.close()

    async def _has_consent(self) -> bool:
        """Whether one of several checks is answered; one alone is lost too easily."""
        asked_at = self._now()
        answered = self._answered = asyncio.get_running_loop().create_future()
        try:
            for _ in range(_ASKS):
                self._ask()
                await asyncio.wait([answered], timeout=_ASK_AGAIN_S)
                if answered.done():
                    self.heard_at = self._now()
                    self.unanswered_since = None
                    return True
                if self.unanswered_since is None:
                    self.unanswered_since = asked_at
        finally:
            self._asked.clear()
            self._answered = None
        return False

    def _ask(self) -> None:
        pair = self._nominated[1]
        assert self.remote_password is not None  # connect() refuses to start without
        if self._question is None or self._question[0] is not pair:
            request = self.build_request(pair, nominate=False)
            self._question = pair, binding.attributes_of(bytes(request))
        transaction = os.urandom(binding.TRANSACTION_OCTETS)
        self._asked.add(transaction)
        key = self.remote_password.encode()
        protocol = cast(ShieldedProtocol, pair.protocol)
        protocol.send_octets(binding.request(self._question[1], transaction, key), pair.remote_addr)

    def _hear_answer(self, datagram: bytes) -> bool:
        """Whether this answers a check of ours for consent. Its signature says who sent it."""
        if binding.transaction_of(datagram) not in self._asked or self.remote_password is None:
            return False
        if not binding.is_signed(datagram, self.remote_password.encode()):
            self.refused += 1
        elif self._answered is not None and not self._answered.done():
            self._answered.set_result(None)
        return True

    async def close(self) -> None:
        """Close the sockets and let their ports rest. Closing twice, or at once, is harmless."""
        self.selected = None
        bound, self._bound = self._bound, []
        try:
            await super().close()
        finally:
            for port in bound:
                self._ports.release(port)
