"""Gateways without audio: the product's own link and outbox, and customers who do as it is written.

What a gateway says on the wire, in which order and when, is what the real one says with screening
off; its media plane is what is missing. So the desk gets every event it would get from a floor of
this size: one message a second about every leg and every bridged call, and for each call what
became of it.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from random import Random

from agent_desk.services.dialing.safe_harbours import SHIPPED
from benchmarks.desk_load.figures import Figures
from benchmarks.desk_load.plan import Fate, fate_of
from softphone import protocol as wire
from softphone.clock import BusinessClock
from softphone.link.desk_link import DeskLink
from softphone.link.outbox import Outbox

TRUNK = "practice"
RECORDING = sha256(SHIPPED.read_bytes()).hexdigest()


@dataclass
class Line:
    """One call in a gateway."""

    order: wire.PlaceCall
    fate: Fate
    placed_at: datetime
    phase: wire.CallPhase = wire.CallPhase.PLACED
    answered: float = 0.0  # monotonic
    answered_at: datetime | None = None
    bridged_at: datetime | None = None
    seat_id: str | None = None
    rang: bool = False
    treated: bool = False
    timer: asyncio.TimerHandle | None = None


class ScriptedGateway:
    """What `DeskLink` carries to and fro; see the module."""

    def __init__(
        self, gateway_id: str, figures: Figures, clock: BusinessClock, *, lines: int, rate: float
    ) -> None:
        self.gateway_id = gateway_id
        self.boot_id = uuid.uuid4().hex
        self.outbox = Outbox(gateway_id=gateway_id, boot_id=self.boot_id, clock=clock)
        self.on_snapshot_wanted: Callable[[], None] = lambda: None
        self.lines: dict[str, Line] = {}
        self.legs: dict[str, float] = {}  # jitter of each seat's
        self.answers: dict[str, tuple[str, float]] = {}  # by call: number, monotonic
        self._figures = figures
        self._clock = clock
        self._share = wire.TrunkShare(TRUNK, lines, rate)
        self._epoch = 0
        self._rng = Random(gateway_id)

    # --- DeskLink's Gateway -----------------------------------------------------------------------

    def hello(self) -> wire.Hello:
        return wire.Hello(
            version=wire.VERSION,
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            newest_epoch=self._epoch,
            first_seq=self.outbox.first_seq,
            next_seq=self.outbox.next_seq,
            trunks=(self._share,),
            safe_harbour=RECORDING,
            messages=(RECORDING,),
        )

    def welcomed(self, welcome: wire.Welcome) -> None:
        self._epoch = welcome.epoch
        self._clock.offset_s = welcome.clock_offset_s
        self.outbox.acknowledge(welcome.acknowledged)

    def snapshot(self) -> wire.Snapshot:
        return wire.Snapshot(
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            next_seq=self.outbox.next_seq,
            calls=tuple(
                wire.CallState(call_id, TRUNK, line.phase, line.seat_id)
                for call_id, line in self.lines.items()
            ),
            seats=tuple(wire.SeatState(seat_id, True) for seat_id in self.legs),
            trunks=(wire.TrunkChanged(TRUNK, True, ""),),
        )

    def liveness(self) -> wire.Liveness:
        wobble = self._rng.random
        return wire.Liveness(
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            at=self._clock.now(),
            loop_lag_ms=1.0,
            seats=tuple(
                wire.SeatLiveness(
                    seat_id=seat_id,
                    connected=True,
                    consent_age_s=round(wobble() * 4, 3),
                    packet_age_s=0.02,
                    level_dbfs=-30.0,
                    loss=0.0,
                    jitter_ms=round(jitter * (0.8 + 0.4 * wobble()), 2),
                    rtt_ms=24.0,
                    mos=4.31,
                )
                for seat_id, jitter in self.legs.items()
            ),
            trunks=(wire.TrunkLiveness(TRUNK, True, len(self.lines)),),
            calls=tuple(
                wire.CallQuality(call_id, 0.0, round(4 * wobble(), 2), 31.0, 0.0, 4.2, False)
                for call_id, line in self.lines.items()
                if line.phase is wire.CallPhase.BRIDGED
            ),
        )

    async def command(self, data: object) -> wire.CommandReply:
        envelope = wire.decode(wire.CommandEnvelope, data)
        refusal = self._obey(envelope.command)
        sdp = "v=0\r\n" if isinstance(envelope.command, wire.OpenSeat) else None
        return wire.CommandReply(envelope.command_id, refusal, sdp)

    # --- commands -------------------------------------------------------------------------------

    def _obey(self, command: wire.Command) -> wire.Refusal | None:
        match command:
            case wire.PlaceCall():
                return self._place(command)
            case wire.Bridge():
                return self._bridge(command)
            case wire.HangUp():
                return self._hang_up(command.call_id, command.cause)
            case wire.EndWithPrompt():
                return self._hang_up(command.call_id, command.cause)
            case wire.OpenSeat():
                self.legs[command.seat_id] = 1.0 + 5.0 * self._rng.random()
                self._say(wire.SeatUp(command.seat_id))
            case wire.CloseSeat():
                if self.legs.pop(command.seat_id, None) is not None:
                    self._say(wire.SeatDown(command.seat_id, "closed"))
            case wire.SendSnapshot():
                self.on_snapshot_wanted()
        return None

    def _place(self, order: wire.PlaceCall) -> wire.Refusal | None:
        now = self._clock.now()
        self._figures.count("attempts")
        if now > order.not_after:
            self._figures.count("orders past their time")
            self._say(wire.CallNotPlaced(order.call_id, wire.Refusal("too_late", "")))
            return None
        fate = fate_of(order.number)
        self.lines[order.call_id] = Line(order, fate, now)
        self._say(wire.CallPlaced(order.call_id, order.trunk_id, order.caller_id))
        begin = self._turn_down if fate.kind == "busy" else self._ring
        self._later(order.call_id, fate.rings_s if fate.kind == "busy" else 0.3, begin)
        return None

    def _bridge(self, order: wire.Bridge) -> wire.Refusal | None:
        line = self.lines.get(order.call_id)
        if line is None or line.treated:
            return wire.Refusal("call_unknown", "it is over")
        if order.seat_id not in self.legs:
            return wire.Refusal("seat_not_connected", "the seat has no leg here")
        line.phase, line.seat_id = wire.CallPhase.BRIDGED, order.seat_id
        line.bridged_at = self._clock.now()
        self._figures.count("bridges")
        self._say(wire.CallBridged(order.call_id, order.seat_id, self._since_answer(line)))
        talks_s = line.fate.talks_s + (0.0 if line.fate.customer_ends else 20.0)
        self._later(order.call_id, talks_s, self._customer_goes)
        return None

    def _hang_up(self, call_id: str, cause: str) -> wire.Refusal | None:
        line = self.lines.get(call_id)
        if line is None:
            return wire.Refusal("call_unknown", "it is over")
        abandoned = line.answered_at is not None and line.bridged_at is None
        self._end(call_id, wire.EndedBy.DESK, cause=cause, abandoned=abandoned)
        return None

    # --- what customers do ----------------------------------------------------------------------

    def _ring(self, call_id: str, line: Line) -> None:
        line.phase, line.rang = wire.CallPhase.RINGING, True
        self._say(wire.CallRinging(call_id, 180))
        then = self._answer if line.fate.kind == "answered" else self._give_up
        self._later(call_id, line.fate.rings_s, then)

    def _answer(self, call_id: str, line: Line) -> None:
        line.phase, line.answered = wire.CallPhase.WAITING, time.monotonic()
        line.answered_at = self._clock.now()
        self.answers[call_id] = (line.order.number, line.answered)
        self._figures.count("answers")
        self._say(wire.CallAnswered(call_id))
        verdict = wire.Verdict.NOT_SCREENED
        self._say(wire.CallScreened(call_id, verdict, None, True, "not screened"))
        self._later(call_id, line.order.bridge_within_s, self._treat)

    def _treat(self, call_id: str, line: Line) -> None:
        """Nobody came in time: the recording, and the end."""
        line.phase, line.treated = wire.CallPhase.TREATED, True
        self._figures.count("abandoned")
        prompt, after_ms = wire.Prompt.SAFE_HARBOUR, self._since_answer(line)
        self._say(wire.CallTreated(call_id, prompt, after_ms, line.order.recording))
        self._later(call_id, 4.0, self._treated)

    def _treated(self, call_id: str, line: Line) -> None:
        self._end(call_id, wire.EndedBy.GATEWAY, cause="treated", abandoned=True)

    def _customer_goes(self, call_id: str, line: Line) -> None:
        self._end(call_id, wire.EndedBy.CUSTOMER, cause="bye")

    def _turn_down(self, call_id: str, line: Line) -> None:
        self._end(call_id, wire.EndedBy.TRUNK, sip_code=486, q850=17, cause="busy")

    def _give_up(self, call_id: str, line: Line) -> None:
        self._end(call_id, wire.EndedBy.GATEWAY, sip_code=487, cause="ring_limit")

    def end_all(self) -> None:
        """Every customer hangs up, or does not answer any more."""
        for call_id, line in list(self.lines.items()):
            if line.answered_at is not None:
                self._customer_goes(call_id, line)
            else:
                self._give_up(call_id, line)

    # --- inside ---------------------------------------------------------------------------------

    def _end(
        self,
        call_id: str,
        by: wire.EndedBy,
        *,
        cause: str,
        sip_code: int | None = None,
        q850: int | None = None,
        abandoned: bool = False,
    ) -> None:
        line = self.lines.pop(call_id)
        if line.timer is not None:
            line.timer.cancel()
        self.answers.pop(call_id, None)
        ended = wire.CallEnded(
            call_id=call_id,
            by=by,
            sip_code=sip_code,
            q850=q850,
            rang=line.rang,
            answered=line.answered_at is not None,
            verdict=wire.Verdict.NOT_SCREENED,
            abandoned=abandoned,
            seat_lost=False,
            cause=cause,
        )
        self._say(ended)
        if line.order.record and line.bridged_at is not None:
            self._say(self._recorded(call_id, line, line.bridged_at))

    def _recorded(self, call_id: str, line: Line, began: datetime) -> wire.RecordingEnded:
        seconds = (self._clock.now() - began).total_seconds()
        return wire.RecordingEnded(
            call_id=call_id,
            path=str(Path(f"{began:%Y%m%d}") / f"{call_id}.adr"),
            sha256=sha256(call_id.encode()).hexdigest(),
            size_bytes=int(seconds * 16_000),
            duration_ms=int(seconds * 1000),
            started_at=began,
            paused_ms=0,
        )

    def _since_answer(self, line: Line) -> int:
        return int((time.monotonic() - line.answered) * 1000)

    def _later(self, call_id: str, seconds: float, what: Callable[[str, Line], None]) -> None:
        """The call's one timer; a new one takes the place of the old."""

        def due() -> None:
            line = self.lines.get(call_id)
            if line is not None:
                what(call_id, line)

        line = self.lines[call_id]
        if line.timer is not None:
            line.timer.cancel()
        line.timer = asyncio.get_running_loop().call_later(seconds, due)

    def _say(self, event: wire.Event) -> None:
        self._figures.count("gateway events")
        self.outbox.put(event)


class ScriptedGateways:
    """All of them, with their links."""

    def __init__(
        self, figures: Figures, *, url: str, secret: str, count: int, lines: int, rate: float
    ) -> None:
        self.clock = BusinessClock()
        self.all = [
            ScriptedGateway(f"gw{n + 1}", figures, self.clock, lines=lines, rate=rate)
            for n in range(count)
        ]
        self._links = [DeskLink(each, url=url, secret=secret) for each in self.all]

    def run(self) -> Sequence[asyncio.Task[None]]:
        """Connect, and stay connected."""
        return [asyncio.create_task(each.run()) for each in self._links]

    @property
    def in_step(self) -> bool:
        return all(each.in_step for each in self._links)

    @property
    def live(self) -> int:
        """Calls at this moment."""
        return sum(len(each.lines) for each in self.all)

    def end_all(self) -> None:
        """Every customer hangs up."""
        for each in self.all:
            each.end_all()

    def answered_at(self, call_id: str, number: str) -> float | None:
        """When (monotonic) this call was answered by this number; None when it was another's, 0
        where the call is over."""
        for each in self.all:
            if call_id in each.answers:
                answered_by, at = each.answers[call_id]
                return at if answered_by == number else None
        return 0.0
