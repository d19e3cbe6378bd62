"""The whole gateway on one page: each part is made once, here, and handed to those who need it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from config import GatewayConfig
from softphone.admission import Admission
from softphone.audio.prompts import load_sounds
from softphone.audio.ticker import Ticker
from softphone.background import Background
from softphone.call_control import CallControl
from softphone.call_register import CallRegister
from softphone.clock import BusinessClock
from softphone.customer_line import MediaRoom
from softphone.epochs import EpochFile
from softphone.inbound_calls import InboundCalls
from softphone.ladder_file import LadderFile, LadderReader
from softphone.link import DeskLink
from softphone.liveness import LoopLag
from softphone.media_plane import PLANES, MediaPlane, PlaneName
from softphone.outbox import Outbox
from softphone.parties import Parties
from softphone.protocol import AnswerCall, PauseRecording, Refer, SendDigits, SendLadder
from softphone.recorder import Recorder
from softphone.referrals import Referrals
from softphone.relay import Relays
from softphone.relay_socket import RECEIVE_BUFFER
from softphone.rtp.ports import PortPool
from softphone.seats import Seats
from softphone.send_gate import SendGate
from softphone.server import Gateway
from softphone.sip.journal import DialogJournal
from softphone.sip.ladder import Ladders
from softphone.trunk_wiring import LineMaker, build_trunks
from softphone.trunks import Trunks
from softphone.webrtc.leg import WebRtcSettings

log = logging.getLogger(__name__)

DRAIN_LOOK_S = 0.1


@dataclass
class Process:
    """The parts of a running gateway that are started and stopped."""

    gateway: Gateway
    link: DeskLink
    calls: CallRegister
    seats: Seats
    trunks: Trunks
    journal: DialogJournal
    background: Background
    relays: Relays
    admission: Admission
    recorder: Recorder
    ladder_file: LadderFile
    open_relay_socket: Callable[[], socket.socket | None]
    drain_s: float

    async def run(self, stop: asyncio.Event, *, drain: asyncio.Event) -> None:
        """Work until told to go: `stop` ends every call and leaves within two seconds, `drain`
        lets those that live finish first, for at most `drain_s`."""
        self.recorder.start()
        self.ladder_file.start()
        await self._start_relays()
        await self.trunks.start()
        tasks = [
            asyncio.create_task(self.link.run()),
            asyncio.create_task(self.gateway.loop_lag.watch()),
        ]
        await self._work(stop, drain)
        log.info("stopping", extra={"count": len(self.calls)})
        await self.calls.stop(within_s=0.2)
        await self.trunks.stop(within_s=0.6)
        self.relays.stop()
        await self.recorder.stop(within_s=0.3)
        self.ladder_file.stop(within_s=0.2)
        await self.link.flush(within_s=0.3)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=0.3)
        await self.seats.stop(within_s=0.3)
        await self.background.stop(within_s=0.1)
        self.journal.close()

    async def _start_relays(self) -> None:
        try:
            bound = self.open_relay_socket()
            if bound is not None:
                await self.relays.start(bound)
        except OSError as fault:
            log.error("no relay to other gateways", extra={"reason": str(fault)})

    async def _work(self, stop: asyncio.Event, drain: asyncio.Event) -> None:
        """Until it is time to go; once `drain` is set, as soon as no call is left."""
        waits = [asyncio.create_task(event.wait()) for event in (stop, drain)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if stop.is_set():
            return
        log.info("draining", extra={"count": len(self.calls)})
        self.admission.draining = True
        self.link.send_liveness_now()
        loop = asyncio.get_running_loop()
        until = loop.time() + self.drain_s
        while len(self.calls) + len(self.relays) > 0 and loop.time() < until:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), DRAIN_LOOK_S)
                return


def build(config: GatewayConfig, plane: PlaneName = "direct") -> Process:
    """Make all parts; `plane` carries the seats' audio.

    Raises OSError or ValueError when the data directory cannot be used.
    """
    loop = asyncio.get_running_loop()
    boot_id = secrets.token_hex(8)
    clock, gate, background = BusinessClock(), SendGate(), Background()
    epochs = EpochFile(config.data_dir / "epoch")
    journal = DialogJournal(config.data_dir / "dialogs.journal")
    outbox = Outbox(gateway_id=config.gateway_id, boot_id=boot_id, clock=clock)
    ports = PortPool(*config.rtp_ports)
    ticker = Ticker()
    ladder_file = LadderFile(config.data_dir / "ladders", today=lambda: clock.now().date())
    ladders = Ladders(now=clock.now, keep=ladder_file.put)
    trunks = build_trunks(config, report=outbox.put, journal=journal, clock=clock, ladders=ladders)
    seats = Seats(_media_plane(config, plane, ports).answer, ticker=ticker, report=outbox.put)
    room = MediaRoom(
        ports=ports, ticker=ticker, sounds=load_sounds(config.prompt_dir), background=background
    )
    lines = LineMaker(config, room, trunks)
    recorder = _recorder(config, outbox, clock)
    calls = CallRegister(
        trunks=trunks,
        gate=gate,
        clock=clock,
        is_current=lambda epoch: epoch >= epochs.newest,
        open_audio=lines.open,
        report=outbox.put,
        timers=loop,
        now=loop.time,
        record=recorder.record,
    )
    loop_lag = LoopLag(loop.time, limit_ms=config.lag_limit_ms)
    admission = Admission(loop_lag)
    relays = Relays(
        seats=seats, report=outbox.put, timers=loop, now=loop.time, admit=admission.refusal
    )
    inbound = InboundCalls(
        calls=calls,
        open_audio=lines.open,
        refusal=admission.refusal,
        report=outbox.put,
        timers=loop,
        now=loop.time,
        record=recorder.record,
    )
    trunks.on_arrival = inbound.take
    parties = Parties(
        trunks=trunks,
        gate=gate,
        clock=clock,
        open_audio=lines.open,
        find_call=calls.find,
    )
    control = CallControl(
        parties,
        find_call=calls.find,
        find_seat=lambda call_id, seat_id: (
            relays.find_seat(call_id, seat_id) or seats.find(seat_id)
        ),
    )
    gateway = Gateway(
        gateway_id=config.gateway_id,
        boot_id=boot_id,
        outbox=outbox,
        epochs=epochs,
        clock=clock,
        gate=gate,
        calls=calls,
        seats=seats,
        trunks=trunks,
        relays=relays,
        loop_lag=loop_lag,
        admission=admission,
        now=loop.time,
        actions={
            PauseRecording: recorder.pause,
            SendDigits: calls.press,
            AnswerCall: inbound.answer,
            SendLadder: LadderReader(ladders, ladder_file).send,
            **control.actions(),
            Refer: Referrals(calls, outbox.put).refer,
        },
    )
    link = DeskLink(gateway, url=config.desk_url, secret=config.gateway_secret, tls=_pinned(config))
    return Process(
        gateway=gateway,
        link=link,
        calls=calls,
        seats=seats,
        trunks=trunks,
        journal=journal,
        background=background,
        relays=relays,
        admission=admission,
        recorder=recorder,
        ladder_file=ladder_file,
        open_relay_socket=lambda: _relay_socket(config, ports),
        drain_s=config.drain_s,
    )


def _recorder(config: GatewayConfig, outbox: Outbox, clock: BusinessClock) -> Recorder:
    recorder = Recorder(
        directory=config.recording_dir,
        notes=config.data_dir / "recordings",
        key=config.recording_key,
        report=outbox.put,
        business_now=clock.now,
    )
    outbox.on_stored = recorder.stored
    return recorder


def _relay_socket(config: GatewayConfig, ports: PortPool) -> socket.socket | None:
    """The socket other gateways reach this one at; None without a setting. Raises OSError."""
    if config.relay_bind is None:
        return None
    host, port = config.relay_bind
    if not port:
        return ports.bind(host, receive_buffer=RECEIVE_BUFFER)
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _media_plane(config: GatewayConfig, name: PlaneName, ports: PortPool) -> MediaPlane:
    return PLANES[name](
        WebRtcSettings(
            udp_ports=ports,
            public_address=config.public_address or "",
            include_loopback=config.offer_loopback,
        )
    )


def _pinned(config: GatewayConfig) -> ssl.SSLContext | None:
    """Trust the desk's own certificate and no other, when one is named."""
    if config.desk_certificate is None:
        return None
    context = ssl.create_default_context(cafile=str(config.desk_certificate))
    # The certificate itself is pinned; its names may be those of the desk's public address.
    context.check_hostname = False
    return context
