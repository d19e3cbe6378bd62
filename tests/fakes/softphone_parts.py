"""A whole gateway in the test's process, with fakes in place of trunk, sockets and browsers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from softphone.audio.ticker import Ticker
from softphone.clock import BusinessClock
from softphone.health.admission import Admission
from softphone.health.liveness import LoopLag
from softphone.link.epochs import EpochFile
from softphone.link.outbox import Outbox
from softphone.protocol import (
    AnswerCall,
    Command,
    CommandEnvelope,
    CommandReply,
    Event,
    PlaceCall,
    Prompt,
    ScreeningMode,
    TrunkShare,
    Welcome,
    encode,
)
from softphone.relay.relays import Relays
from softphone.routing.send_gate import SendGate
from softphone.routing.trunks import Trunks
from softphone.seats import Seats
from softphone.server import Gateway
from softphone.switchboard.call_control import CallControl
from softphone.switchboard.call_register import CallRegister
from softphone.switchboard.inbound_calls import InboundCalls
from softphone.switchboard.parties import Parties
from tests.fakes.legs import FakeCustomerAudio, FakeSeatLeg
from tests.fakes.timers import HandClock
from tests.fakes.trunk import FakeTrunk

NOON = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


class InnerGateway:
    """`gateway` is the real one; everything around it is at hand."""

    def __init__(self, data_dir: Path, *, boot_id: str = "boot") -> None:
        self._numbers = itertools.count(1)
        self.timers = HandClock()
        self.clock = BusinessClock(lambda: NOON)
        self.epochs = EpochFile(data_dir / "epoch")
        self.outbox = Outbox(gateway_id="gw1", boot_id=boot_id, clock=self.clock)
        self.gate = SendGate()
        self.trunk = FakeTrunk()
        self.audios: list[FakeCustomerAudio] = []
        self.legs: list[FakeSeatLeg] = []
        self.answer_fault: Exception | None = None
        self.answer_offer: Callable[[str], str] = lambda offer: "answer"
        trunks = Trunks(self.outbox.put)
        trunks.add(TrunkShare("t1", 2, 5.0), lambda on_state: self.trunk, orphans=lambda: 0)
        self.calls = CallRegister(
            trunks=trunks,
            gate=self.gate,
            clock=self.clock,
            is_current=lambda epoch: epoch >= self.epochs.newest,
            open_audio=self.open_audio,
            report=self.outbox.put,
            timers=self.timers,
            now=self.timers.now,
        )
        self.seats = Seats(self._answer, ticker=Ticker(), report=self.outbox.put)
        self.loop_lag = LoopLag(self.timers.now)
        self.free_descriptors = 1000
        self.admission = Admission(self.loop_lag, free=lambda: self.free_descriptors)
        self.relays = Relays(
            seats=self.seats,
            report=self.outbox.put,
            timers=self.timers,
            now=self.timers.now,
            admit=self.admission.refusal,
        )
        self.inbound = InboundCalls(
            calls=self.calls,
            open_audio=self.open_audio,
            refusal=self.admission.refusal,
            report=self.outbox.put,
            timers=self.timers,
            now=self.timers.now,
        )
        self.gateway = self._make_gateway(trunks, boot_id)

    def _make_gateway(self, trunks: Trunks, boot_id: str) -> Gateway:
        return Gateway(
            gateway_id="gw1",
            boot_id=boot_id,
            outbox=self.outbox,
            epochs=self.epochs,
            clock=self.clock,
            gate=self.gate,
            calls=self.calls,
            seats=self.seats,
            trunks=trunks,
            relays=self.relays,
            loop_lag=self.loop_lag,
            admission=self.admission,
            now=self.timers.now,
            refused=self.inbound.refused,
            actions={**self._control(trunks).actions(), AnswerCall: self.inbound.answer},
        )

    def _control(self, trunks: Trunks) -> CallControl:
        parties = Parties(
            trunks=trunks,
            gate=self.gate,
            clock=self.clock,
            open_audio=self.open_audio,
            find_call=self.calls.find,
        )
        return CallControl(
            parties,
            find_call=self.calls.find,
            find_seat=lambda call_id, seat_id: self.seats.find(seat_id),
        )

    async def open_audio(self, trunk_id: str) -> FakeCustomerAudio:
        self.audios.append(FakeCustomerAudio(answer_offer=self.answer_offer))
        return self.audios[-1]

    async def connect_seat(self, seat_id: str) -> FakeSeatLeg:
        """A seat whose leg is up."""
        await self.seats.open(seat_id, "offer")
        await self.legs[-1].connect()
        return self.legs[-1]

    async def _answer(self, offer_sdp: str) -> FakeSeatLeg:
        if self.answer_fault is not None:
            raise self.answer_fault
        self.legs.append(FakeSeatLeg(answer_sdp="the answer"))
        return self.legs[-1]

    async def send(
        self, command: Command, *, command_id: str = "", epoch: int = 1, gateway_id: str = "gw1"
    ) -> CommandReply:
        """A command as the link would hand it over."""
        command_id = command_id or f"cmd-{next(self._numbers)}"
        envelope = CommandEnvelope(command_id, epoch, gateway_id, command)
        return await self.gateway.command(encode(envelope))

    def events(self) -> list[Event]:
        """What the desk has not acknowledged."""
        return [envelope.event for envelope in self.outbox.batch(10_000)]

    async def stop(self) -> None:
        await self.calls.stop(within_s=0.0)
        await self.seats.stop(within_s=1.0)


def place_call(call_id: str = "c1", *, campaign_id: int = 3, number_key: str = "key1") -> PlaceCall:
    return PlaceCall(
        call_id=call_id,
        trunk_id="t1",
        campaign_id=campaign_id,
        number="+819000000001",
        number_key=number_key,
        caller_id="0312345678",
        not_after=NOON + timedelta(hours=2),
        ring_limit_s=25.0,
        screening=ScreeningMode.OFF,
        bridge_within_s=2.0,
        if_not_bridged=Prompt.SAFE_HARBOUR,
    )


def welcome(
    *,
    epoch: int = 1,
    acknowledged: int = 0,
    clock_offset_s: float = 0.0,
    shares: tuple[TrunkShare, ...] = (TrunkShare("t1", 2, 5.0),),
    stopped: tuple[int, ...] = (),
    blocked: tuple[str, ...] = (),
) -> Welcome:
    return Welcome(
        version=1,
        epoch=epoch,
        clock_offset_s=clock_offset_s,
        acknowledged=acknowledged,
        shares=shares,
        stopped_campaigns=stopped,
        blocked=blocked,
    )
