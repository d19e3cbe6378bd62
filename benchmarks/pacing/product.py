"""The product's own pacers in the simulator: fed and asked as the product's loop does it.

A pacer sees a `PacingSnapshot` and committed events (`agent_desk/dialer/events.py`), nothing else;
what the simulator knows beyond them stays here. Views are kept and only what moved is made anew.
A missed machine is a person to the product: `answers` and `CallFinished.live_answer` count it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent_desk.dialer.events import CallFinished, CallMoved, CallPromptPlayed, Event, SeatMoved
from agent_desk.dialer.floor import Answers, CallState, Mode, SeatState
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, ListEntryId, SeatId, UserId
from agent_desk.dialer.pacing import (
    MAX_RATIO,
    Decision,
    LineView,
    Pacer,
    PacingSnapshot,
    SeatView,
    pacer_for,
)
from agent_desk.dialer.predictive.pacer import PredictivePacer
from benchmarks.pacing.floor import Line, Policy, Seat
from benchmarks.pacing.simulation import Simulation

MORNING = datetime(2026, 4, 6, 0, 0, tzinfo=UTC)  # 9:00 in Japan, a Monday
CAMPAIGN = CampaignId(1)
WRAP_UP_LIMIT = timedelta(minutes=3)
PHASES = {
    "ringing": CallState.RINGING,
    "screening": CallState.SCREENING,
    "waiting": CallState.WAITING,
    "bridged": CallState.BRIDGED,
}
CAUSES = {
    "reserved": "CallScreened",
    "talking": "CallBridged",
    "wrap_up": "CallEnded",
    "available": "SaveResult",
    "away": "GoAway",
    "offline": "CloseSeat",
}
BLAMES = {"human": "none", "abandoned": "us", "seat_lost": "us"}


def instant(seconds: float) -> datetime:
    """The simulator's clock as the product's."""
    return MORNING + timedelta(seconds=seconds)


class ProductPacer(Policy):
    """A `Pacer` of the product. `target` is the campaign's abandonment target, 0–1."""

    def __init__(
        self,
        pacer: Pacer,
        *,
        mode: Mode = "predictive",
        ratio: float = MAX_RATIO,
        target: float = 0.03,
    ) -> None:
        self.pacer = pacer
        self.mode: Mode = mode
        self.every_second = mode == "predictive"
        self.ratio = ratio
        self.target = target
        self.live = 0
        self.abandoned = 0
        self.last: Decision | None = None
        self._seats: list[SeatView] = []
        self._lines: dict[int, LineView] = {}
        self._ids: list[SeatId] = []
        self._offline: set[int] = set()
        self._answers = Answers()
        self._clock = (0.0, MORNING)

    def begin(self, sim: Simulation) -> None:
        self._ids = [SeatId(f"operator{seat.index + 1}") for seat in sim.seats]
        for seat in sim.seats:
            self._seats.append(SeatView(self._ids[seat.index], SeatState.AVAILABLE, MORNING, True))
            self._tell_seat(seat, "starting", "GoAvailable", MORNING)

    def now(self, sim: Simulation) -> datetime:
        """The simulator's clock as the product's."""
        if self._clock[0] != sim.now:
            self._clock = sim.now, instant(sim.now)
        return self._clock[1]

    def wanted(self, sim: Simulation) -> int:
        now = self.now(sim)
        self.last = self.pacer.decide(self.snapshot(sim), now)
        return self.last.count

    def snapshot(self, sim: Simulation) -> PacingSnapshot:
        """The campaign as the product's pacer sees it."""
        seats = self._seats
        if self._offline:
            seats = [view for at, view in enumerate(seats) if at not in self._offline]
        scenario = sim.scenario
        return PacingSnapshot(
            campaign_id=CAMPAIGN,
            mode=self.mode,
            ratio=self.ratio,
            running="running",
            abandon_target=self.target,
            answers=self._answers,
            seats=tuple(seats),
            lines=tuple(self._lines.values()),
            leasing=0,
            gateways_linked=1,
            trunks_up=1,
            lines_room=sim.lines_room - len(sim.lines),
            calls_now=10_000,
            calls_per_second=10_000.0,
            ring_limit_s=scenario.ring_limit_s,
            bridge_within_s=scenario.bridge_within_s,
        )

    # --- what the product would have committed ------------------------------------------------

    def _tell(self, event: Event, now: datetime) -> None:
        self.pacer.observe(event, now)

    def _tell_seat(self, seat: Seat, before: str, cause: str, now: datetime) -> None:
        line = seat.line
        self._tell(
            SeatMoved(
                seat_id=self._ids[seat.index],
                user_id=UserId(seat.index + 1),
                from_state=before,
                to_state=seat.state,
                reason=None,
                cause=cause,
                call_id=None if line is None else call_id(line),
                campaign_id=CAMPAIGN,
                at=now,
            ),
            now,
        )

    def _tell_line(
        self, line: Line, before: str, after: str, now: datetime, verdict: str | None = None
    ) -> None:
        known = self._lines[line.index].call_id
        seat_id = None if line.seat is None else self._ids[line.seat.index]
        self._tell(CallMoved(known, before, after, now, seat_id, verdict), now)

    def seat_moved(self, sim: Simulation, seat: Seat, before: str) -> None:
        now = self.now(sim)
        state = SeatState(seat.state)
        if state is SeatState.OFFLINE:
            self._offline.add(seat.index)
        self._seats[seat.index] = SeatView(
            self._ids[seat.index],
            state,
            now,
            state is SeatState.AVAILABLE,
            now + WRAP_UP_LIMIT if state is SeatState.WRAP_UP else None,
        )
        if state is SeatState.RESERVED and seat.line is not None:
            self._tell_seat(seat, before, CAUSES[seat.state], now)
            self._tell_line(seat.line, "waiting", "waiting", now)
            return
        cause = "GoAvailable" if before == "away" else CAUSES[seat.state]
        self._tell_seat(seat, before, cause, now)

    def line_started(self, sim: Simulation, line: Line) -> None:
        now = self.now(sim)
        self._lines[line.index] = LineView(call_id(line), CallState.RINGING, now, now, None, None)
        self._tell_line(line, "leased", "placed", now)
        self._tell_line(line, "placed", "ringing", now)

    def line_moved(self, sim: Simulation, line: Line, before: str) -> None:
        now = self.now(sim)
        known = self._lines[line.index]
        self._lines[line.index] = LineView(
            known.call_id,
            PHASES[line.state],
            now,
            known.rang_since,
            known.answered_at or now,
            None if line.seat is None else self._ids[line.seat.index],
        )
        if line.state == "screening":
            self._tell_line(line, before, "answered", now)
            self._tell_line(line, "answered", "screening", now)
        else:
            verdict = "human" if line.state == "waiting" else None
            self._tell_line(line, before, line.state, now, verdict)

    def line_ending(self, sim: Simulation, line: Line) -> None:
        now = self.now(sim)
        known = self._lines[line.index]
        self._lines[line.index] = LineView(
            known.call_id,
            known.phase,
            known.since,
            known.rang_since,
            known.answered_at,
            None,
            True,
        )
        self._tell(CallPromptPlayed(known.call_id, "safe_harbour", now), now)

    def line_ended(self, sim: Simulation, line: Line, outcome: str) -> None:
        now = self.now(sim)
        self._lines.pop(line.index, None)
        abandoned = outcome == "abandoned" or line.lost
        live = line.offered_at is not None
        if live or abandoned:
            self.live += live
            self.abandoned += abandoned
            self._answers = Answers(self.live, self.abandoned, self.live, self.abandoned)
        self._tell(
            CallFinished(
                call_id=call_id(line),
                list_entry_id=ListEntryId(line.index),
                customer_id=CustomerId(line.index),
                campaign_id=CAMPAIGN,
                outcome=outcome,
                blame=BLAMES.get(outcome, "customer"),
                by="customer" if outcome == "human" else "gateway",
                counts=True,
                answered=line.answered_at is not None,
                live_answer=live,
                abandoned=abandoned,
                sip_code=None,
                q850=None,
                cause=outcome,
                seat_id=None if line.seat is None else self._ids[line.seat.index],
                at=now,
            ),
            now,
        )


def predictive(*, cap: float | None, target: float) -> ProductPacer:
    """The product's predictive pacer; with `cap` None without the ratio's limit."""
    pacer = PredictivePacer(None) if cap is None else pacer_for("predictive", cap)
    return ProductPacer(pacer, ratio=cap or MAX_RATIO, target=target)


def call_id(line: Line) -> CallId:
    """The product's name of a line."""
    return CallId(f"{line.index:032x}")
