"""The gateway itself: what each command of the desk does, and what the desk is told when it asks.

It decides nothing about campaigns. A command is accepted or refused at once; everything else is an
event. Commands of an older desk epoch are refused, and one that comes twice has one effect.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from softphone import protocol as wire
from softphone.clock import BusinessClock
from softphone.health.admission import Admission
from softphone.health.liveness import LoopLag
from softphone.health.quality import SeatQuality, TrunkQuality
from softphone.link.command_log import CommandLog
from softphone.link.epochs import EpochFile, Superseded
from softphone.link.outbox import Outbox
from softphone.protocol import EndedBy, Refusal
from softphone.relay.relays import Relays
from softphone.routing.send_gate import SendGate
from softphone.routing.trunks import Trunks
from softphone.rtp.ports import PortsUsedUp
from softphone.seats import Seats
from softphone.switchboard.call_register import CallRegister
from softphone.switchboard.inbound_calls import InboundCall
from softphone.talk.endings import not_known
from softphone.webrtc.addresses import NoUsableAddress
from softphone.webrtc.offer import BadOffer

log = logging.getLogger(__name__)

Outcome = Refusal | None
# What one kind of command does. A `CommandReply` is for those that answer more than yes or no.
Action = Callable[[Any], Outcome | wire.CommandReply | Awaitable[Outcome | wire.CommandReply]]


class Gateway:
    """All parts together. `link.desk_link.DeskLink` feeds it and carries what it says."""

    def __init__(
        self,
        *,
        gateway_id: str,
        boot_id: str,
        outbox: Outbox,
        epochs: EpochFile,
        clock: BusinessClock,
        gate: SendGate,
        calls: CallRegister,
        seats: Seats,
        trunks: Trunks,
        relays: Relays,
        loop_lag: LoopLag,
        admission: Admission,
        now: Callable[[], float],
        refused: Mapping[str, int] = MappingProxyType({}),
        safe_harbour: str = "",
        messages: Callable[[], tuple[str, ...]] = tuple,
        actions: Mapping[type[Any], Action] | None = None,
    ) -> None:
        """`actions`: what further commands do, by class, from the parts that carry them out.
        `refused`: a living count of the calls that came in and were refused, by why.
        `safe_harbour`: the hash of its own recording for abandoned calls; `messages`: those of all
        recordings it can play now."""
        self.gateway_id = gateway_id
        self.boot_id = boot_id
        self.outbox = outbox
        self.loop_lag = loop_lag
        self.admission = admission
        self.on_snapshot_wanted: Callable[[], None] = lambda: None
        self._epochs = epochs
        self._clock = clock
        self._gate = gate
        self._calls = calls
        self._seats = seats
        self._trunks = trunks
        self._relays = relays
        self._quality = SeatQuality(now)
        self._trunk_quality = TrunkQuality()
        self._refused = refused
        self._safe_harbour = safe_harbour
        self._messages = messages
        self._log = CommandLog(now)
        self._actions: dict[type[Any], Action] = {
            wire.OpenSeat: self._open_seat,
            wire.Bridge: self._bridge,
            wire.HangUp: self._hang_up,
            wire.EndWithPrompt: self._end_with_prompt,
            wire.Hold: self._hold,
            wire.Mute: self._mute,
            wire.CloseSeat: lambda command: self._seats.close(command.seat_id),
            wire.TestSeat: self._test_seat,
            wire.BlockNumbers: self._block,
            wire.UnblockNumbers: lambda command: self._gate.unblock(command.number_keys),
            wire.StopCampaign: self._stop_campaign,
            wire.ResumeCampaign: lambda command: self._gate.resume(command.campaign_id),
            wire.SetShares: lambda command: self._trunks.set_shares(command.shares),
            wire.SendSnapshot: lambda command: self.on_snapshot_wanted(),
            wire.OpenRelay: relays.open,
            wire.CloseRelay: relays.close,
            **(actions or {}),
        }

    @property
    def commands(self) -> frozenset[type[Any]]:
        """Everything the desk can ask for."""
        return frozenset({wire.PlaceCall, *self._actions})

    # --- what the desk is told --------------------------------------------------------------

    def hello(self) -> wire.Hello:
        return wire.Hello(
            version=wire.VERSION,
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            newest_epoch=self._epochs.newest,
            first_seq=self.outbox.first_seq,
            next_seq=self.outbox.next_seq,
            trunks=self._trunks.full_shares,
            relay_address=self._relays.address,
            safe_harbour=self._safe_harbour,
            messages=self._messages(),
        )

    def snapshot(self) -> wire.Snapshot:
        return wire.Snapshot(
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            next_seq=self.outbox.next_seq,
            calls=self._calls.states(),
            seats=self._seats.states(),
            trunks=self._trunks.states(),
        )

    def liveness(self) -> wire.Liveness:
        return wire.Liveness(
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            at=self._clock.now(),
            loop_lag_ms=self.loop_lag.take_ms(),
            seats=self._quality.measure(self._seats.all_seats()),
            trunks=self._trunks.liveness(),
            calls=self._trunk_quality.measure(self._calls.all_calls()),
            overloaded=self.admission.overloaded,
            draining=self.admission.draining,
            refused=tuple(wire.RefusedCalls(why, n) for why, n in sorted(self._refused.items())),
        )

    # --- what the desk says -----------------------------------------------------------------

    def welcomed(self, welcome: wire.Welcome) -> None:
        """Obey this desk from now on. Raises `Superseded`, or ValueError for a false number."""
        if not self._epochs.admit(welcome.epoch):
            raise Superseded(f"epoch {welcome.epoch} is older than {self._epochs.newest}")
        self.outbox.acknowledge(welcome.acknowledged)
        self._clock.offset_s = welcome.clock_offset_s
        self._trunks.set_shares(welcome.shares)
        self._gate.replace(blocked=welcome.blocked, stopped=welcome.stopped_campaigns)
        self._calls.cancel_blocked(frozenset(welcome.blocked))

    async def command(self, data: object) -> wire.CommandReply:
        """Accept or refuse one command as it came from the wire."""
        try:
            envelope = wire.decode(wire.CommandEnvelope, data)
        except wire.ProtocolError as fault:
            log.warning("a command cannot be read", extra={"reason": str(fault)})
            command_id = data.get("command_id") if isinstance(data, dict) else None
            return _reply(str(command_id or ""), Refusal("malformed", str(fault)))
        return await self._log.once(envelope.command_id, lambda: self._obey(envelope))

    async def _obey(self, envelope: wire.CommandEnvelope) -> wire.CommandReply:
        if envelope.gateway_id != self.gateway_id:
            refusal = Refusal("wrong_gateway", f"this is gateway {self.gateway_id}")
        elif not self._epochs.admit(envelope.epoch):
            newest = self._epochs.newest
            refusal = Refusal("stale_epoch", f"epoch {envelope.epoch} is older than {newest}")
        else:
            return await self._act(envelope)
        log.warning("a command is refused", extra={"reason": refusal.error_id})
        return _reply(envelope.command_id, refusal)

    async def _act(self, envelope: wire.CommandEnvelope) -> wire.CommandReply:
        command = envelope.command
        if isinstance(command, wire.PlaceCall):
            outcome: Outcome | wire.CommandReply = self.admission.refusal() or self._calls.place(
                command, epoch=envelope.epoch
            )
        else:
            result = self._actions[type(command)](command)
            outcome = await result if inspect.isawaitable(result) else result
        reply = outcome if isinstance(outcome, wire.CommandReply) else _reply("", outcome)
        if reply.refusal is not None:
            kind = type(command).__name__
            log.info("a command is refused", extra={"kind": kind, "reason": reply.refusal.error_id})
        return replace(reply, command_id=envelope.command_id)

    # --- calls ------------------------------------------------------------------------------

    def _bridge(self, command: wire.Bridge) -> Outcome:
        call = self._calls.find(command.call_id)
        lent = self._relays.find_seat(command.call_id, command.seat_id)
        seat = lent or self._seats.find(command.seat_id)
        if call is None:
            return not_known(command.call_id)
        if seat is None:
            return Refusal("seat_not_connected", "the seat has no leg here")
        if command.record and isinstance(call, InboundCall):
            call.record_bridged()
        greet = command.replay_greeting
        return call.bridge(seat, zip_tone=command.zip_tone, replay_greeting=greet)

    def _hang_up(self, command: wire.HangUp) -> Outcome:
        live = self._calls.hang_up(command.call_id, cause=command.cause)
        return None if live else not_known(command.call_id)

    def _end_with_prompt(self, command: wire.EndWithPrompt) -> Outcome:
        call = self._calls.find(command.call_id)
        if call is None:
            return not_known(command.call_id)
        call.end_with_prompt(command.prompt, by=EndedBy.DESK, cause=command.cause)
        return None

    def _hold(self, command: wire.Hold) -> Outcome:
        call = self._calls.find(command.call_id)
        return call.hold(command.on) if call is not None else not_known(command.call_id)

    def _block(self, command: wire.BlockNumbers) -> Outcome:
        self._gate.block(command.number_keys)
        self._calls.cancel_blocked(frozenset(command.number_keys))
        return None

    def _stop_campaign(self, command: wire.StopCampaign) -> Outcome:
        self._gate.stop(command.campaign_id)
        self._calls.cancel_unsent(command.campaign_id)
        return None

    # --- seats ------------------------------------------------------------------------------

    async def _open_seat(self, command: wire.OpenSeat) -> wire.CommandReply:
        refusal = self.admission.refusal()
        # A page that is reloaded replaces the leg it has, also in the middle of a talk.
        if refusal is not None and self._seats.find(command.seat_id) is None:
            return _reply("", refusal)
        try:
            answer = await self._seats.open(command.seat_id, command.offer_sdp)
        except BadOffer as fault:
            return _reply("", Refusal("bad_offer", str(fault)))
        except NoUsableAddress as fault:
            return _reply("", Refusal("no_usable_address", str(fault)))
        except PortsUsedUp as fault:
            return _reply("", Refusal("no_media_port", str(fault)))
        except OSError as fault:
            return _reply("", Refusal("no_media_port", f"no socket: {fault.strerror}"))
        return wire.CommandReply("", None, answer)

    def _mute(self, command: wire.Mute) -> Outcome:
        seat = self._seats.find(command.seat_id)
        return seat.mute(command.on) if seat is not None else _no_seat()

    def _test_seat(self, command: wire.TestSeat) -> Outcome:
        seat = self._seats.find(command.seat_id)
        return seat.test(command.kind) if seat is not None else _no_seat()


def _no_seat() -> Refusal:
    return Refusal("seat_not_connected", "the seat has no leg here")


def _reply(command_id: str, refusal: Refusal | None) -> wire.CommandReply:
    return wire.CommandReply(command_id, refusal, None)
