"""The whole gateway on one page: each part is made once, here, and handed to those who need it."""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
from functools import partial
from typing import Any

from config import GatewayConfig
from softphone.audio.prompts import load_messages, load_sounds
from softphone.audio.shelf import Shelf
from softphone.audio.ticker import Ticker
from softphone.background import Background
from softphone.clock import BusinessClock
from softphone.customer.line import MediaRoom
from softphone.health.admission import Admission
from softphone.health.ladder_file import LadderFile, LadderReader
from softphone.health.liveness import LoopLag
from softphone.link.desk_link import DeskLink
from softphone.link.epochs import EpochFile
from softphone.link.fetching import fetch_messages
from softphone.link.outbox import Outbox
from softphone.media_plane import PLANES, MediaPlane, PlaneName
from softphone.process import Process
from softphone.protocol import (
    AnswerCall,
    AskCustomer,
    HoldMessages,
    LeaveMessage,
    PauseRecording,
    Refer,
    SendDigits,
    SendLadder,
)
from softphone.recording.recorder import Recorder
from softphone.relay.relays import Relays
from softphone.relay.socket import RECEIVE_BUFFER
from softphone.routing.send_gate import SendGate
from softphone.rtp.ports import PortPool
from softphone.seats import Seats
from softphone.server import Action, Gateway
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.ladder import Ladders
from softphone.switchboard.call_control import CallControl
from softphone.switchboard.call_register import CallRegister
from softphone.switchboard.inbound_calls import InboundCalls
from softphone.switchboard.messages import Messages
from softphone.switchboard.parties import Parties
from softphone.switchboard.questions import Questions
from softphone.switchboard.referrals import Referrals
from softphone.trunk_wiring import LineMaker, build_trunks
from softphone.webrtc.leg import WebRtcSettings


def build(config: GatewayConfig, plane: PlaneName = "direct") -> Process:
    """Make all parts; `plane` carries the seats' audio.

    Raises OSError or ValueError when the data directory cannot be used.
    """
    parts = _Parts(config, plane)
    gateway = parts.make_gateway()
    link = DeskLink(
        gateway,
        url=config.desk_url,
        secret=config.gateway_secret,
        tls=_pinned(config),
        fetch=partial(fetch_messages, parts.shelf),
    )
    return Process(
        gateway=gateway,
        link=link,
        calls=parts.calls,
        inbound=parts.inbound,
        seats=parts.seats,
        trunks=parts.trunks,
        journal=parts.journal,
        background=parts.background,
        relays=parts.relays,
        admission=parts.admission,
        recorder=parts.recorder,
        ladder_file=parts.ladder_file,
        open_relay_socket=lambda: _relay_socket(config, parts.ports),
        drain_s=config.drain_s,
    )


class _Parts:
    """The parts, made in the order in which they need each other."""

    def __init__(self, config: GatewayConfig, plane: PlaneName) -> None:
        self._config = config
        self._loop = asyncio.get_running_loop()
        self._boot_id = secrets.token_hex(8)
        self.clock, self.gate, self.background = BusinessClock(), SendGate(), Background()
        self.epochs = EpochFile(config.data_dir / "epoch")
        self.journal = DialogJournal(config.data_dir / "dialogs.journal")
        self.outbox = Outbox(gateway_id=config.gateway_id, boot_id=self._boot_id, clock=self.clock)
        self.report = self.outbox.put
        self.ports = PortPool(*config.rtp_ports)
        self.ticker = Ticker()
        self.loop_lag = LoopLag(self._loop.time, limit_ms=config.lag_limit_ms)
        self.admission = Admission(self.loop_lag)
        self.recorder = _recorder(config, self.outbox, self.clock)
        answer = _media_plane(config, plane, self.ports).answer
        self.seats = Seats(answer, ticker=self.ticker, report=self.report)
        self.sounds = load_sounds(config.prompt_dir)
        by_hand = [*load_messages(config.prompt_dir).values(), self.sounds.safe_harbour]
        own = {sound.sha256: sound for sound in by_hand}
        self.shelf = Shelf(config.data_dir / "messages", own, report=self.report)
        self._make_trunks()
        self._make_calls()

    def _make_trunks(self) -> None:
        config, clock = self._config, self.clock
        self.ladder_file = LadderFile(config.data_dir / "ladders", today=lambda: clock.now().date())
        self.ladders = Ladders(now=clock.now, keep=self.ladder_file.put)
        self.trunks = build_trunks(
            config, report=self.report, journal=self.journal, clock=clock, ladders=self.ladders
        )
        room = MediaRoom(
            ports=self.ports,
            ticker=self.ticker,
            sounds=self.sounds,
            background=self.background,
            approved=self.shelf.find_placed,
        )
        self._lines = LineMaker(config, room, self.trunks)

    def _make_calls(self) -> None:
        now, timers = self._loop.time, self._loop
        self.calls = CallRegister(
            trunks=self.trunks,
            gate=self.gate,
            clock=self.clock,
            is_current=lambda epoch: epoch >= self.epochs.newest,
            open_audio=self._lines.open,
            report=self.report,
            timers=timers,
            now=now,
            record=self.recorder.record,
        )
        self.inbound = InboundCalls(
            calls=self.calls,
            open_audio=self._lines.open,
            refusal=self.admission.refusal,
            report=self.report,
            timers=timers,
            now=now,
            record=self.recorder.record,
        )
        self.trunks.on_arrival = self.inbound.take
        self.seats.on_connected = self.calls.seat_connected
        self.relays = Relays(
            seats=self.seats,
            report=self.report,
            timers=timers,
            now=now,
            admit=self.admission.refusal,
        )

    def make_gateway(self) -> Gateway:
        """What obeys the desk, with everything it can be told to do."""
        return Gateway(
            gateway_id=self._config.gateway_id,
            boot_id=self._boot_id,
            outbox=self.outbox,
            epochs=self.epochs,
            clock=self.clock,
            gate=self.gate,
            calls=self.calls,
            seats=self.seats,
            trunks=self.trunks,
            relays=self.relays,
            loop_lag=self.loop_lag,
            admission=self.admission,
            now=self._loop.time,
            refused=self.inbound.refused,
            safe_harbour=self.sounds.safe_harbour.sha256,
            messages=lambda: self.shelf.held,
            actions=self._actions(),
        )

    def _actions(self) -> dict[type[Any], Action]:
        parties = Parties(
            trunks=self.trunks,
            gate=self.gate,
            clock=self.clock,
            open_audio=self._lines.open,
            find_call=self.calls.find,
        )
        control = CallControl(
            parties,
            find_call=self.calls.find,
            find_seat=lambda call_id, seat_id: (
                self.relays.find_seat(call_id, seat_id) or self.seats.find(seat_id)
            ),
        )
        messages = Messages(self.shelf.find, find_call=self.calls.find, report=self.report)
        questions = Questions(self.shelf.find, find_call=self.calls.find, report=self.report)
        return {
            LeaveMessage: messages.leave,
            AskCustomer: questions.ask,
            HoldMessages: self.shelf.hold,
            PauseRecording: self.recorder.pause,
            SendDigits: self.calls.press,
            AnswerCall: self.inbound.answer,
            SendLadder: LadderReader(self.ladders, self.ladder_file).send,
            Refer: Referrals(self.calls, self.report).refer,
            **control.actions(),
        }


def _recorder(config: GatewayConfig, outbox: Outbox, clock: BusinessClock) -> Recorder:
    recorder = Recorder(
        directory=config.recording_dir,
        notes=config.data_dir / "recordings",
        keys=config.recording_keys,
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
