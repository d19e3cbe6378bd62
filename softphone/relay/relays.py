"""Calls whose seat is on another gateway: `OpenRelay` at both ends, one of which hosts the call.

* The host runs the call as any other. `RemoteSeat` stands in for the seat: `Bridge` finds it here,
  and the rules of a lost browser (`talks.py`) apply to what comes over the relay.
* The lender has the seat's leg and lends it (`loan.py`).

A relay is accepted by an end when it has heard the other one, so two acceptances mean that audio
can pass both ways; probes go every 20 ms until then and every second of silence after it. It ends
with the call (the host then says goodbye on the path itself, so that the seat is free at once and
also without a desk), by `CloseRelay`, after 30 s without any packet, or when no call has used it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import socket
from collections.abc import Callable
from typing import Protocol

from softphone.protocol import CloseRelay, Event, OpenRelay, Refusal, RelayChanged
from softphone.relay.leg import RelayLeg
from softphone.relay.loan import Loan
from softphone.relay.socket import (
    CUSTOMER_GONE,
    RELEASED,
    Address,
    PathTerms,
    RelayPath,
    RelaySocket,
)
from softphone.rtp.leg import Leg
from softphone.seats import Seat
from softphone.sip.transport.timing import TimerHandle, Timers
from softphone.talk.call_ports import Occupant

log = logging.getLogger(__name__)

PROBE_S = 0.02
ALIVE_S = 1.0
PROOF_S = 0.5
IDLE_S = 30.0
# A host that was given a relay and no `Bridge`: the desk has found another seat, or is gone.
UNUSED_S = 5.0


class SeatFinder(Protocol):
    """What relays need of `seats.Seats`."""

    def find(self, seat_id: str) -> Seat | None: ...


class RemoteSeat:
    """A `TalkingSeat` whose leg is at the other end of a relay. `on_released` comes once."""

    def __init__(self, seat_id: str, leg: RelayLeg, on_released: Callable[[str], None]) -> None:
        self.seat_id = seat_id
        self.used = False
        self._leg = leg
        self._on_released = on_released

    def leg_for_call(self) -> Leg | Refusal:
        """The relay's leg, once: each call has a relay of its own."""
        if self.used:
            return Refusal("seat_busy", "the relay is in use")
        self._leg.settle()
        return self._leg

    def take(self, occupant: Occupant, /) -> None:
        """Enter the call. The talk goes by what it hears; nobody replaces this leg."""
        self.used = True

    def release(self, *, customer_gone: bool) -> None:
        """Leave the call; the lender plays the tone."""
        self._on_released(CUSTOMER_GONE if customer_gone else RELEASED)


class _Relay:
    """One end of one relay. Exactly one of `remote_seat` and `loan` is set."""

    def __init__(
        self,
        command: OpenRelay,
        path: RelayPath,
        *,
        timers: Timers,
        now: Callable[[], float],
        on_over: Callable[[_Relay, str], None],
    ) -> None:
        self.command = command
        self.path = path
        self.leg = RelayLeg(path, "PCMU", now=now)
        self.remote_seat: RemoteSeat | None = None
        self.loan: Loan | None = None
        self.proven: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._timers = timers
        self._now = now
        self._on_over = on_over
        self._opened_at = self._heard_at = now()
        self._timer: TimerHandle | None = None
        self.leg.on_packet = self._heard
        path.on_goodbye = lambda reason: self._on_over(self, reason)

    def start(self) -> None:
        """Begin to probe."""
        self.leg.probe()
        self._timer = self._timers.call_later(PROBE_S, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.path.on_goodbye = None
        self.leg.close()

    def _heard(self) -> None:
        self._heard_at = self._now()
        if not self.proven.done():
            self.proven.set_result(None)
            self.leg.probe()  # the other end may have missed the ones before

    def _look(self) -> None:
        now = self._now()
        pause_s = ALIVE_S if self.proven.done() else PROBE_S
        if now - self._heard_at >= IDLE_S:
            self._on_over(self, "silent")
        elif self._is_unused(now):
            self._on_over(self, "unused")
        else:
            if now - self.leg.last_sent_at >= pause_s:
                self.leg.probe()
            self._timer = self._timers.call_later(pause_s, self._look)

    def _is_unused(self, now: float) -> bool:
        hosted = self.remote_seat
        return hosted is not None and not hosted.used and now - self._opened_at >= UNUSED_S


class Relays:
    """All relays of this gateway. `report` takes the events; without `start` there is no relay."""

    def __init__(
        self,
        *,
        seats: SeatFinder,
        report: Callable[[Event], None],
        timers: Timers,
        now: Callable[[], float],
        admit: Callable[[], Refusal | None] = lambda: None,
    ) -> None:
        """`admit` says why no further seat may be lent, or None."""
        self._seats = seats
        self._report = report
        self._timers = timers
        self._now = now
        self._admit = admit
        self._socket: RelaySocket | None = None
        self._relays: dict[str, _Relay] = {}

    def __len__(self) -> int:
        return len(self._relays)

    @property
    def address(self) -> str:
        """host:port for the Hello; "" when other gateways cannot reach this one."""
        if self._socket is None:
            return ""
        host, port = self._socket.address
        return f"{host}:{port}"

    async def start(self, bound: socket.socket) -> None:
        """Take relays on this UDP socket."""
        self._socket = await RelaySocket.open(bound)

    def stop(self) -> None:
        """End every relay and close the socket."""
        for relay in list(self._relays.values()):
            self._end(relay, "stopped", goodbye=RELEASED)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def find_seat(self, call_id: str, seat_id: str) -> RemoteSeat | None:
        """The seat of another gateway that was lent to this call."""
        for relay in self._relays.values():
            names = (relay.command.call_id, relay.command.seat_id)
            if relay.remote_seat is not None and names == (call_id, seat_id):
                return relay.remote_seat
        return None

    async def open(self, command: OpenRelay) -> Refusal | None:
        """Make our end and wait until the other one is heard."""
        relay = self._make(command)
        if isinstance(relay, Refusal):
            return relay
        self._relays[command.relay_id] = relay
        relay.start()
        try:
            await asyncio.wait_for(asyncio.shield(relay.proven), PROOF_S)
        except TimeoutError:
            self._end(relay, "unreachable", goodbye=RELEASED)
            return Refusal("relay_unreachable", "the other gateway is not heard")
        except asyncio.CancelledError:
            if relay.proven.cancelled():
                return Refusal("relay_closed", "the relay was closed while it was made")
            raise
        self._report(RelayChanged(command.relay_id, up=True, reason="heard"))
        return None

    def close(self, command: CloseRelay) -> Refusal | None:
        """End our end; one that is over already is as the desk wishes it."""
        relay = self._relays.get(command.relay_id)
        if relay is not None:
            self._end(relay, "closed by the desk", goodbye=RELEASED)
        return None

    def _make(self, command: OpenRelay) -> _Relay | Refusal:
        if self._socket is None:
            return Refusal("no_relay", "this gateway has no relay address")
        if command.relay_id in self._relays:
            return Refusal("relay_known", f"relay {command.relay_id} is open")
        if command.local != self.address:
            return Refusal("relay_address", f"this gateway's relay address is {self.address}")
        try:
            path = self._socket.join(_terms(command))
        except ValueError as fault:
            return Refusal("bad_relay", str(fault))
        relay = _Relay(command, path, timers=self._timers, now=self._now, on_over=self._over)
        refusal = None
        if command.hosts_call:
            self._host(relay)
        else:
            refusal = self._lend(relay)
        if refusal is not None:
            relay.stop()
            self._socket.leave(path)
            return refusal
        return relay

    def _host(self, relay: _Relay) -> None:
        def released(reason: str) -> None:
            self._end(relay, "the call is over", goodbye=reason)

        relay.remote_seat = RemoteSeat(relay.command.seat_id, relay.leg, released)

    def _lend(self, relay: _Relay) -> Refusal | None:
        refusal = self._admit()
        seat = self._seats.find(relay.command.seat_id)
        if refusal is not None:
            return refusal
        if seat is None:
            return Refusal("seat_not_connected", "the seat has no leg here")
        leg = seat.leg_for_call()
        if isinstance(leg, Refusal):
            return leg
        relay.loan = Loan(relay.command.call_id, seat, leg, relay.leg)
        relay.loan.start()
        return None

    def _over(self, relay: _Relay, reason: str) -> None:
        """The other end left, fell silent, or nobody used it."""
        goodbye = RELEASED if reason == "unused" else None
        self._end(relay, reason, goodbye=goodbye)

    def _end(self, relay: _Relay, reason: str, *, goodbye: str | None) -> None:
        if self._relays.pop(relay.command.relay_id, None) is None:
            return
        if goodbye is not None:
            relay.path.send_goodbye(goodbye)
        was_up = relay.proven.done()
        relay.proven.cancel()
        relay.stop()
        if self._socket is not None:
            self._socket.leave(relay.path)
        if relay.loan is not None:
            relay.loan.end(customer_gone=reason in (CUSTOMER_GONE, "silent"))
        if was_up:
            log.info("a relay ended", extra={"reason": reason})
            self._report(RelayChanged(relay.command.relay_id, up=False, reason=reason))


def _terms(command: OpenRelay) -> PathTerms:
    """The path of a command. Raises ValueError."""
    try:
        key = base64.b64decode(command.key, validate=True)
    except binascii.Error:
        raise ValueError("the key is not base64") from None
    return PathTerms(_address(command.remote), key, command.send_ssrc, command.receive_ssrc)


def _address(text: str) -> Address:
    """`host:port`. Raises ValueError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is not host:port")
    return host, int(port)
