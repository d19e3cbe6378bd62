"""A gateway of a few lines that obeys as the real one does, and the trunk's own list of INVITEs.

It looks before it sends with the product's own `SendGate`, keeps its deadlines without a desk,
numbers its events and keeps them until they are stored, refuses an older desk, and says hello with
all it still holds. `invites` is what the SIP peer saw: it outlives gateway and desk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent_desk.dialer.deadlines import OUT_OF_REACH_S
from softphone import protocol as wire
from softphone.routing.send_gate import SendGate
from tests.agent_desk.small_desk import SECRET
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import WireGateway
from tests.fakes.io_server import FakeIoServer

SCREENED_AFTER_S = 0.6
PROMPT_S = 4.0
PERSON = wire.Verdict.HUMAN


@dataclass
class Invite:
    """One call as the trunk saw it; instants of business time."""

    call_id: str
    campaign_id: int
    number: str
    number_key: str
    not_after: datetime
    at: datetime
    rang: bool = False
    answered: bool = False
    bridged_with: str | None = None
    treated: bool = False  # a closing recording was played
    machine: bool = False
    untold: bool = False  # what became of it died with its gateway, or came after it was given up
    ended: datetime | None = None
    ended_by: str = ""

    @property
    def weighs(self) -> bool:
        """Whether it rang, was answered, or may have, for all anybody can tell (I5)."""
        return self.rang or self.answered or self.ended_by == "reboot"


@dataclass
class Line:
    """A live call in the gateway."""

    command: wire.PlaceCall
    invite: Invite
    phase: wire.CallPhase = wire.CallPhase.PLACED
    verdict: wire.Verdict = wire.Verdict.NOT_SCREENED
    answered_at: datetime | None = None
    offered_at: datetime | None = None
    treated_at: datetime | None = None
    seat_id: str | None = None
    by_desk: str | None = None  # the desk's cause for ending it


@dataclass
class BridgeAsked:
    """An order to bridge, and when it came."""

    seat_id: str
    call_id: str
    at: datetime
    seat_was_fit: bool  # by what its page and leg really did


class ModelGateway(WireGateway):
    """See the module."""

    def __init__(self, server: FakeIoServer, clock: FakeClock, *, gateway_id: str = "gw1") -> None:
        super().__init__(server, clock, gateway_id=gateway_id, boot_id="boot1", lines=6)
        self.invites: list[Invite] = []
        self.lines: dict[str, Line] = {}
        self.legs: set[str] = set()
        self.bridges: list[BridgeAsked] = []
        self.late: list[wire.Event] = []  # everything ever said, to be said again
        self.is_fit: Callable[[str], bool] = lambda seat_id: True
        self.linked = False
        self._outbox: list[wire.EventEnvelope] = []
        self._gate = SendGate()
        self._down_since = clock.now()
        self._boots = 1
        self._placed: set[str] = set()
        self._done: dict[str, wire.CommandReply] = {}

    # --- the link -------------------------------------------------------------------------------

    def link_up(self, server: FakeIoServer) -> bool:
        """Say hello to a desk and tell it everything; false when it is turned away."""
        if self.clock.now() - self._down_since > timedelta(seconds=OUT_OF_REACH_S):
            self._leave_untold()
        self.server = server
        self.connect(SECRET)
        welcome = self.hello(first_seq=self.first_seq)
        if not isinstance(welcome, wire.Welcome):
            self.disconnect()
            return False
        if welcome.epoch < self.newest_epoch:
            self.disconnect()
            return False
        self.newest_epoch = welcome.epoch
        self._forget(welcome.acknowledged)
        self._gate.replace(blocked=welcome.blocked, stopped=welcome.stopped_campaigns)
        self._cancel_blocked(welcome.blocked)
        self.linked = True
        self._tell_all()
        return True

    def link_down(self, *, noticed: bool) -> None:
        """The connection is gone; the desk may be dead, and then nobody notices."""
        if self.linked:
            self._down_since = self.clock.now()
        self.linked = False
        if noticed and ("/gateway", self.sid) in self.server.open:
            self.disconnect()

    @property
    def first_seq(self) -> int:
        return self.next_seq - len(self._outbox)

    def deliver_kept(self, order: list[int] | None = None) -> None:
        """Send what is kept; `order` are places in the batch, to send them shuffled and twice."""
        if not self.linked or not self._outbox:
            return
        kept = self._outbox[:64]
        batch = kept if order is None else [kept[place % len(kept)] for place in order]
        self._forget(self.deliver(*batch))

    def _tell_all(self) -> None:
        """A snapshot; what is kept goes out with the next delivery, as on the real link."""
        states = tuple(
            wire.CallState(call_id, line.command.trunk_id, line.phase, line.seat_id)
            for call_id, line in self.lines.items()
        )
        self.snapshot(calls=states, seats=tuple(sorted(self.legs)))

    def _forget(self, acknowledged: int) -> None:
        self._outbox = [each for each in self._outbox if each.seq > acknowledged]

    def say(self, event: wire.Event, *, again: bool = False) -> None:
        """Number an event and keep it until the desk has stored it."""
        self._outbox.append(self.envelope(event))
        if not again:
            self.late.append(event)

    # --- life -----------------------------------------------------------------------------------

    def reboot(self) -> None:
        """kill -9 and a new process: the journal's dialogs are ended first."""
        self.link_down(noticed=True)
        self._leave_untold()
        for line in self.lines.values():
            line.invite.ended, line.invite.ended_by = self.clock.now(), "reboot"
        self._boots += 1
        self.boot_id = f"boot{self._boots}"
        self.next_seq = 1
        self.lines, self.legs, self._outbox = {}, set(), []
        self._placed, self._done = set(), {}
        self._gate = SendGate()

    def _leave_untold(self) -> None:
        """What lives or was not heard yet may be written down as lost."""
        told_of = {getattr(each.event, "call_id", None) for each in self._outbox}
        for invite in self.invites:
            if invite.call_id in self.lines or invite.call_id in told_of:
                invite.untold = True

    def alive(self) -> None:
        """The one message a second."""
        if self.linked:
            rows = [
                wire.SeatLiveness(seat, True, 0.5, 0.0, -30.0, 0.0, 2.0, None)
                for seat in sorted(self.legs)
            ]
            self.live(*rows)

    def elapse(self) -> None:
        """What the gateway does by itself at this instant."""
        now = self.clock.now()
        for line in list(self.lines.values()):
            if line.by_desk is not None:
                self.end(line, wire.EndedBy.DESK, cause=line.by_desk)
            elif line.phase in (wire.CallPhase.PLACED, wire.CallPhase.RINGING):
                if now - line.invite.at > timedelta(seconds=line.command.ring_limit_s):
                    self.end(line, wire.EndedBy.GATEWAY, sip_code=487, cause="ring_limit")
            elif line.phase is wire.CallPhase.SCREENING:
                self._screen(line, now)
            elif line.phase is wire.CallPhase.WAITING:
                self._wait(line, now)
            elif line.treated_at is not None and now - line.treated_at > timedelta(
                seconds=PROMPT_S
            ):
                live = line.verdict is PERSON and line.seat_id is None
                self.end(line, wire.EndedBy.GATEWAY, abandoned=live, cause="treated")

    def _screen(self, line: Line, now: datetime) -> None:
        if line.answered_at and now - line.answered_at >= timedelta(seconds=SCREENED_AFTER_S):
            if line.invite.machine:
                line.verdict = wire.Verdict.MACHINE
                self.say(self._verdict(line, offered=False))
                self.end(line, wire.EndedBy.GATEWAY, cause="screened")
            else:
                line.verdict, line.offered_at = PERSON, now
                line.phase = wire.CallPhase.WAITING
                self.say(self._verdict(line, offered=True))

    def _verdict(self, line: Line, *, offered: bool) -> wire.CallScreened:
        ms = int(SCREENED_AFTER_S * 1000)
        return wire.CallScreened(line.command.call_id, line.verdict, ms, offered, "model")

    def _wait(self, line: Line, now: datetime) -> None:
        limit = timedelta(seconds=line.command.bridge_within_s)
        if line.offered_at is not None and now - line.offered_at > limit:
            self.treat(line, line.command.if_not_bridged)

    def treat(self, line: Line, prompt: wire.Prompt) -> None:
        """Play a closing recording."""
        line.phase, line.treated_at = wire.CallPhase.TREATED, self.clock.now()
        line.invite.treated = True
        self.say(wire.CallTreated(line.command.call_id, prompt, self._since_answer(line)))

    def _since_answer(self, line: Line) -> int:
        assert line.answered_at is not None
        return int((self.clock.now() - line.answered_at).total_seconds() * 1000)

    # --- what customers and the trunk do --------------------------------------------------------

    def ring(self, line: Line) -> None:
        line.phase, line.invite.rang = wire.CallPhase.RINGING, True
        self.say(wire.CallRinging(line.command.call_id, 180))

    def answer(self, line: Line, *, machine: bool) -> None:
        line.phase, line.answered_at = wire.CallPhase.SCREENING, self.clock.now()
        line.invite.answered, line.invite.machine = True, machine
        self.say(wire.CallAnswered(line.command.call_id))

    def turn_down(self, line: Line, code: int) -> None:
        """The trunk's final answer."""
        self.end(line, wire.EndedBy.TRUNK, sip_code=code, cause=f"sip_{code}")

    def hang_up(self, line: Line) -> None:
        """The customer goes."""
        self.end(line, wire.EndedBy.CUSTOMER, cause="bye")

    def end(
        self,
        line: Line,
        by: wire.EndedBy,
        *,
        sip_code: int | None = None,
        abandoned: bool = False,
        cause: str,
    ) -> None:
        """The one final word."""
        line.invite.ended, line.invite.ended_by = self.clock.now(), by.value
        del self.lines[line.command.call_id]
        treated = line.treated_at is not None and line.verdict is PERSON and line.seat_id is None
        if line.offered_at is not None and line.seat_id is None and by is wire.EndedBy.DESK:
            abandoned = True
        self.say(
            wire.CallEnded(
                call_id=line.command.call_id,
                by=by,
                sip_code=sip_code,
                q850=16,
                rang=line.invite.rang,
                answered=line.invite.answered,
                verdict=line.verdict,
                abandoned=abandoned or treated,
                seat_lost=False,
                cause=cause,
            )
        )

    # --- commands -------------------------------------------------------------------------------

    def _heard(self, event: str, data: Any, acknowledge: Any) -> None:
        envelope = wire.decode(wire.CommandEnvelope, data)
        self.commands.append(envelope.command)
        reply = self._done.get(envelope.command_id)
        if reply is None:
            refusal = self._obey(envelope)
            sdp = "v=0" if isinstance(envelope.command, wire.OpenSeat) else None
            reply = wire.CommandReply(envelope.command_id, refusal, sdp)
            self._done[envelope.command_id] = reply
        if acknowledge is not None:
            acknowledge(wire.encode(reply))

    def _obey(self, envelope: wire.CommandEnvelope) -> wire.Refusal | None:
        if envelope.epoch < self.newest_epoch:
            return wire.Refusal("stale_epoch", "an older desk")
        self.newest_epoch = envelope.epoch
        command = envelope.command
        match command:
            case wire.PlaceCall():
                return self._place(command)
            case wire.Bridge():
                return self._bridge(command)
            case wire.HangUp():
                return self._end_by_desk(command.call_id, command.cause)
            case wire.EndWithPrompt():
                return self._end_with_prompt(command)
            case wire.CloseSeat():
                self.legs.discard(command.seat_id)
            case _:
                self._guard(command)
        return None

    def _guard(self, command: wire.Command) -> None:
        """What must not leave any more, or may again."""
        match command:
            case wire.BlockNumbers():
                self._gate.block(command.number_keys)
                self._cancel_blocked(command.number_keys)
            case wire.UnblockNumbers():
                self._gate.unblock(command.number_keys)
            case wire.StopCampaign():
                self._gate.stop(command.campaign_id)
            case wire.ResumeCampaign():
                self._gate.resume(command.campaign_id)

    def _end_with_prompt(self, command: wire.EndWithPrompt) -> wire.Refusal | None:
        line = self.lines.get(command.call_id)
        if line is None:
            return wire.Refusal("call_unknown", "it is over")
        if line.phase in (wire.CallPhase.SCREENING, wire.CallPhase.WAITING):
            line.verdict = PERSON
            self.treat(line, command.prompt)
        elif line.treated_at is None:
            line.by_desk = command.cause
        return None

    def _place(self, command: wire.PlaceCall) -> wire.Refusal | None:
        if command.call_id in self._placed:
            return wire.Refusal("call_known", "placed before")
        self._placed.add(command.call_id)
        now = self.clock.now()
        refusal = self._gate.refusal(command, now)
        if refusal is not None:
            self.say(wire.CallNotPlaced(command.call_id, refusal))
            return None
        invite = Invite(
            call_id=command.call_id,
            campaign_id=command.campaign_id,
            number=command.number,
            number_key=command.number_key,
            not_after=command.not_after,
            at=now,
        )
        self.invites.append(invite)
        self.lines[command.call_id] = Line(command, invite)
        self.say(wire.CallPlaced(command.call_id, command.trunk_id))
        return None

    def _bridge(self, command: wire.Bridge) -> wire.Refusal | None:
        ready = self.is_fit(command.seat_id)
        self.bridges.append(BridgeAsked(command.seat_id, command.call_id, self.clock.now(), ready))
        line = self.lines.get(command.call_id)
        if line is None:
            return wire.Refusal("call_unknown", "it is over")
        if line.phase is not wire.CallPhase.WAITING or line.by_desk is not None:
            return wire.Refusal("call_not_waiting", f"the call is {line.phase}")
        if command.seat_id not in self.legs:
            return wire.Refusal("seat_not_connected", "the seat has no leg here")
        if any(other.seat_id == command.seat_id for other in self.lines.values()):
            return wire.Refusal("seat_busy", "the seat is in a call")
        line.phase, line.seat_id = wire.CallPhase.BRIDGED, command.seat_id
        line.invite.bridged_with = command.seat_id
        self.say(wire.CallBridged(command.call_id, command.seat_id, self._since_answer(line)))
        return None

    def _end_by_desk(self, call_id: str, cause: str) -> wire.Refusal | None:
        line = self.lines.get(call_id)
        if line is None:
            return wire.Refusal("call_unknown", "it is over")
        line.by_desk = cause
        return None

    def _cancel_blocked(self, number_keys: tuple[str, ...]) -> None:
        early = (wire.CallPhase.PLACED, wire.CallPhase.RINGING)
        for line in self.lines.values():
            if line.command.number_key in number_keys and line.phase in early:
                line.by_desk = "number_blocked"
