"""The engine under a storm: operators, a gateway that repeats and reorders, time, lost links.

The storm plays the lease (it never leases a customer who is being called, as the database's
unique indexes do) and a gateway (it tells of its calls what could be true, but out of order and
more than once). After each step the design's invariants are looked at on floor and rows.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent_desk.dialer import commands, effects, events, gateway_facts, supervisor
from agent_desk.dialer.commands import Command
from agent_desk.dialer.engine import HANDLERS, decide
from agent_desk.dialer.errors import IllegalMove, Refused
from agent_desk.dialer.events import CallFinished, CallMoved, SeatMoved
from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.gateway_facts import LiveCall
from agent_desk.dialer.ids import CallId, SeatId, UserId
from tests.agent_desk.dialer.floors import (
    CAMPAIGN,
    GATEWAY,
    TRUNK,
    A,
    B,
    C,
    World,
    attempt,
    ended,
    screened,
)

SEATS = (A, B, C)
LEADS = (SeatId("lead1"), SeatId("lead2"))
CUSTOMERS = 4
MODES = st.sampled_from(["progressive", "progressive", "ratio", "preview"])
RUNNING = st.sampled_from(["running", "running", "running", "paused", "stopped"])
SELDOM = st.sampled_from([False, False, False, True])
UNANSWERED_CODES = st.sampled_from([404, 480, 486, 487, 503, 603])
VERDICTS = st.sampled_from(["human", "uncertain", "machine"])
seat_ids = st.sampled_from(SEATS)


class Storm(RuleBasedStateMachine):
    """One campaign, three seats, four customers, one gateway."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(after_wrap_up="available", wrap_up_s=5.0)
        self.leased: dict[CallId, int] = {}  # call → customer
        self.told: list[Any] = []  # facts on their way, in no order
        self.boot = 1
        self.parts = 0

    # --- the loop: invariants that need the decision itself -------------------------------------

    def step(self, command: Command) -> None:
        before = self.world.floor
        try:
            decided = self.world.run(command)
        except (Refused, IllegalMove):
            assert self.world.floor is before
            return
        for effect in decided.effects:
            if isinstance(effect, effects.Bridge):
                self.check_offer(effect)
            if isinstance(effect, effects.Lease):
                self.answer_lease(effect)
            if isinstance(effect, effects.Supervise | effects.StopSupervising):
                mode = effect.mode if isinstance(effect, effects.Supervise) else None
                did = gateway_facts.SupervisionChanged(
                    effect.call_id, effect.seat_id, self.world.now, mode
                )
                self.told.append(did)

    def check_offer(self, bridge: effects.Bridge) -> None:
        """I11: page, microphone and audio leg are proven at the instant of the offer."""
        seat = self.world.seat(bridge.seat_id)
        assert seat.link.proven(self.world.now)
        assert (seat.state, seat.call_id) == (SeatState.RESERVED, bridge.call_id)
        self.told.append(gateway_facts.CallBridged(bridge.call_id, bridge.seat_id, self.world.now))

    def answer_lease(self, lease: effects.Lease) -> None:
        busy = {self.leased[call_id] for call_id in self.live()}
        free = [customer for customer in range(CUSTOMERS) if customer not in busy]
        found = []
        for customer in free[: lease.count]:
            number = len(self.leased) + 1
            self.leased[CallId(f"call-{number}")] = customer
            found.append(attempt(number, customer=customer, key=f"key-{customer}"))
        self.step(
            commands.AttemptsLeased(CAMPAIGN, lease.count, tuple(found), "", None, lease.seat_id)
        )

    def finished(self) -> list[CallFinished]:
        return self.world.happened(CallFinished)

    def live(self) -> set[CallId]:
        return self.leased.keys() - {event.call_id for event in self.finished()}

    def number(self, data: st.DataObject) -> int:
        call_id = data.draw(st.sampled_from(sorted(self.leased)))
        return int(call_id.removeprefix("call-"))

    # --- operators, the lead and the clock ------------------------------------------------------

    @initialize()
    def morning(self) -> None:
        for seat_id in SEATS:
            self.get_ready(seat_id)

    @rule(seat_id=seat_ids)
    def get_ready(self, seat_id: SeatId) -> None:
        self.world.open(seat_id)
        self.step(gateway_facts.SeatMediaUp(seat_id, GATEWAY, self.world.now))
        self.step(commands.PassDeviceCheck(seat_id))
        self.world.hear(seat_id)
        self.step(commands.GoAvailable(seat_id))

    @rule(seat_id=seat_ids, data=st.data())
    def press(self, seat_id: SeatId, data: st.DataObject) -> None:
        seat = self.world.floor.seats.get(seat_id)
        call_id = (seat.call_id if seat is not None else None) or CallId("call-1")
        pressed: list[Command] = [
            commands.GoAvailable(seat_id),
            commands.GoAway(seat_id, "meal"),
            commands.CancelAway(seat_id),
            commands.HangUp(seat_id),
            commands.SetHold(seat_id, True),
            commands.SetHold(seat_id, False),
            commands.SetMute(seat_id, True),
            commands.ExtendWrapUp(seat_id),
            commands.NextCustomer(seat_id),
            commands.PlacePreviewed(seat_id),
            commands.SkipPreviewed(seat_id, "later"),
            commands.MarkStatus(seat_id, call_id, "contact", True),
            commands.SaveResult(seat_id, call_id, ""),
            commands.CloseSeat(seat_id, "logout"),
        ]
        self.step(data.draw(st.sampled_from(pressed)))

    @rule(lead=st.sampled_from(LEADS), seat_id=seat_ids, data=st.data())
    def supervise(self, lead: SeatId, seat_id: SeatId, data: st.DataObject) -> None:
        """A lead with a leg presses something, or is thrown out."""
        self.parts += 1
        mode = data.draw(st.sampled_from(supervisor.MODES))
        self.step(commands.OpenSupervisor(lead, UserId(90 + LEADS.index(lead)), None))
        self.step(gateway_facts.SeatMediaUp(lead, GATEWAY, self.world.now))
        pressed: list[Command] = [
            commands.Supervise(lead, seat_id, mode, f"part-{self.parts}"),
            commands.FollowSeat(lead, data.draw(st.booleans())),
            commands.MuteSupervisor(lead, data.draw(st.booleans())),
            commands.HoldTaken(lead, data.draw(st.booleans())),
            commands.StopSupervising(lead),
            commands.LeaveFloor(lead),
            gateway_facts.SeatMediaDown(lead, self.world.now, "closed", GATEWAY),
        ]
        self.step(pressed[0])
        self.step(data.draw(st.sampled_from(pressed)))

    @rule(mode=MODES, running=RUNNING)
    def steer(self, mode: Any, running: Any) -> None:
        self.step(commands.SetPacing(CAMPAIGN, mode, 2.0))
        self.step(commands.SetCampaignRunning(CAMPAIGN, running))

    @rule(count=st.integers(1, 3), seat_id=st.sampled_from([None, None, *SEATS]))
    def start_calls(self, count: int, seat_id: SeatId | None) -> None:
        self.step(commands.StartCalls(CAMPAIGN, 1 if seat_id else count, "", seat_id))

    @rule(customer=st.integers(0, CUSTOMERS - 1), really=SELDOM)
    def block(self, customer: int, really: bool) -> None:
        if really:
            self.step(commands.BlockCustomer((f"key-{customer}",), "do-not-call"))

    @rule(seconds=st.sampled_from([0.3, 1.0, 2.5, 3.2, 11.0, 40.0]), unheard=SELDOM)
    def time_passes(self, seconds: float, unheard: bool) -> None:
        self.world.wait(seconds)
        if not unheard:
            self.world.hear()
        self.step(commands.Tick())

    @rule(seat_id=seat_ids, unmuted=st.booleans())
    def audio_fails(self, seat_id: SeatId, unmuted: bool) -> None:
        """The system mutes the microphone, or the leg goes down; the next heartbeat mends it."""
        pulse = commands.PulseOfSeat(seat_id, self.world.now, True, unmuted)
        self.step(commands.ObservePulses((pulse,)))
        if unmuted:
            self.step(gateway_facts.SeatMediaDown(seat_id, self.world.now, "closed"))

    # --- the gateway ----------------------------------------------------------------------------

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), verdict=VERDICTS)
    def customer_answers(self, data: st.DataObject, verdict: str) -> None:
        self.answers(self.number(data), verdict)

    def answers(self, number: int, verdict: str) -> None:
        now, call_id = self.world.now, CallId(f"call-{number}")
        self.told.append(gateway_facts.CallPlaced(call_id, now))
        self.told.append(gateway_facts.CallRinging(call_id, now))
        self.told.append(gateway_facts.CallAnswered(call_id, now))
        self.told.append(screened(number, now, verdict=verdict, offered=verdict != "machine"))

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), code=UNANSWERED_CODES, rang=st.booleans())
    def nobody_answers(self, data: st.DataObject, code: int, rang: bool) -> None:
        facts = {"by": "trunk", "answered": False, "rang": rang, "sip_code": code}
        self.told.append(ended(self.number(data), self.world.now, **facts))

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), by=st.sampled_from(["customer", "desk", "gateway"]), verdict=VERDICTS)
    def call_ends(self, data: st.DataObject, by: str, verdict: str) -> None:
        self.told.append(ended(self.number(data), self.world.now, by=by, verdict=verdict))

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), prompt=st.sampled_from(["safe_harbour", "hold", None]))
    def gateway_acts_alone(self, data: st.DataObject, prompt: str | None) -> None:
        call_id = CallId(f"call-{self.number(data)}")
        if prompt is None:
            self.told.append(gateway_facts.CallNotPlaced(call_id, self.world.now, "blocked"))
        else:
            self.told.append(gateway_facts.CallTreated(call_id, self.world.now, prompt))

    @rule(verdict=VERDICTS, data=st.data(), late=SELDOM)
    def a_call_comes(self, verdict: str, data: st.DataObject, late: bool) -> None:
        """The ordinary course: somebody is leased, answers, and the news comes in order."""
        self.step(commands.StartCalls(CAMPAIGN, 1, "", None))
        if not (alive := sorted(self.live())):
            return
        number = int(data.draw(st.sampled_from(alive)).removeprefix("call-"))
        self.answers(number, verdict)
        if not late:
            self.all_news_arrives()
            self.all_news_arrives()

    @precondition(lambda self: self.told)
    @rule(data=st.data(), again=st.booleans())
    def news_arrives(self, data: st.DataObject, again: bool) -> None:
        index = data.draw(st.integers(0, len(self.told) - 1))
        fact = self.told[index] if again else self.told.pop(index)
        self.step(fact)

    @precondition(lambda self: self.told)
    @rule()
    def all_news_arrives(self) -> None:
        news, self.told = self.told, []
        for fact in news:
            self.step(fact)

    @rule(really=SELDOM)
    def link_is_lost(self, really: bool) -> None:
        if really:
            self.step(gateway_facts.GatewayLost(GATEWAY))

    @rule(really=SELDOM, restarted=SELDOM, data=st.data())
    def link_is_back(self, really: bool, restarted: bool, data: st.DataObject) -> None:
        linked = self.world.floor.gateways[GATEWAY].linked
        if linked and not really:
            return
        self.boot += restarted
        boot_id = f"boot-{self.boot}"
        self.step(gateway_facts.GatewayWelcomed(GATEWAY, boot_id, ((TRUNK, 10, 10.0),)))
        known = [call_id for call_id in sorted(self.live()) if not data.draw(SELDOM)]
        calls = tuple(LiveCall(call_id, "waiting", None) for call_id in known)
        self.step(gateway_facts.GatewaySnapshot(GATEWAY, boot_id, calls, SEATS, (TRUNK,)))

    # --- what must hold at every instant --------------------------------------------------------

    @invariant()
    def each_seat_has_the_call_its_state_speaks_of(self) -> None:
        """I1, and the coupling of the two machines."""
        held = Counter(seat.call_id for seat in self.world.floor.seats.values() if seat.call_id)
        assert all(count == 1 for count in held.values())
        for seat in self.world.floor.seats.values():
            if seat.state in (SeatState.RESERVED, SeatState.TALKING, SeatState.HOLD):
                assert seat.call_id is not None
                call = self.world.floor.calls[seat.call_id]
                assert call.seat_id == seat.seat_id
                bridged = call.state is CallState.BRIDGED
                assert bridged is (seat.state is not SeatState.RESERVED)
                assert call.state is not CallState.ENDED
            elif seat.state is SeatState.WRAP_UP:
                assert seat.call_id is not None
                call = self.world.floor.calls[seat.call_id]
                assert call.state is CallState.ENDED or call.taken_by is not None
                assert seat.deadline is not None
            else:
                assert seat.call_id is None
                assert seat.queued_away is None

    @invariant()
    def each_bridged_call_has_its_seat(self) -> None:
        seats = self.world.floor.seats
        for call in self.world.floor.calls.values():
            if call.state in (CallState.BRIDGED, CallState.ENDED):
                assert call.seat_id is not None
                if call.taken_by is not None and call.state is CallState.BRIDGED:
                    continue  # its operator may be with the next customer
                assert seats[call.seat_id].call_id == call.call_id

    @invariant()
    def no_attempt_is_lost_or_ended_twice(self) -> None:
        """I2 and I6: on the floor alive, or finished once; customers are called one at a time."""
        finished = Counter(event.call_id for event in self.finished())
        assert all(count == 1 for count in finished.values())
        alive = {
            call.call_id
            for call in self.world.floor.calls.values()
            if call.state is not CallState.ENDED
        }
        assert alive == self.live()
        customers = Counter(self.leased[call_id] for call_id in alive)
        assert all(count == 1 for count in customers.values())

    @invariant()
    def a_live_answer_is_never_nothing(self) -> None:
        """I3: bridged, abandoned, gone by itself, or a machine."""
        moved = self.world.happened(CallMoved)
        bridged = {move.call_id for move in moved if move.to_state == "bridged"}
        for event in self.finished():
            if event.outcome in ("human", "seat_lost"):
                assert event.call_id in bridged
            elif event.live_answer and event.call_id not in bridged:
                assert event.abandoned or event.outcome == "hung_up_at_once"
            if event.outcome == "not_placed":
                assert not event.counts

    @invariant()
    def who_hears_a_call_has_a_row_and_no_more_than_one_is_heard(self) -> None:
        asked = {each.part_id for each in self.world.happened(events.SupervisionAsked)}
        over = Counter(each.part_id for each in self.world.happened(events.SupervisionEnded))
        assert all(count == 1 for count in over.values())
        running, heard = set(), Counter[CallId]()
        for lead in self.world.floor.supervisors.values():
            used = lead.supervised
            if used is None:
                continue
            assert self.world.floor.calls[used.call_id].state is CallState.BRIDGED
            running |= {part.part_id for part in (used.now, used.asked) if part is not None}
            heard[used.call_id] += used.mode in supervisor.AUDIBLE
        assert asked - over.keys() == running
        assert all(count <= 1 for count in heard.values())

    @invariant()
    def moves_of_a_seat_follow_each_other(self) -> None:
        """I10: each interval begins where the last one ended."""
        for seat_id in SEATS:
            state, at = "offline", None
            for move in self.world.happened(SeatMoved):
                if move.seat_id != seat_id:
                    continue
                assert move.from_state == state
                assert at is None or move.at >= at
                state, at = move.to_state, move.at
            assert state == self.world.state(seat_id)

    def teardown(self) -> None:
        """When the gateway has said its last word and time has passed, nothing hangs."""
        for call_id in sorted(self.live()):
            self.step(ended(int(call_id.removeprefix("call-")), self.world.now))
        assert not self.live()
        self.world.wait(400)
        self.step(commands.Tick())
        busy = {SeatState.RESERVED, SeatState.TALKING, SeatState.HOLD, SeatState.WRAP_UP}
        assert not busy & {seat.state for seat in self.world.floor.seats.values()}
        assert not self.world.floor.calls
        assert all(each.supervised is None for each in self.world.floor.supervisors.values())


TestStorm = Storm.TestCase
TestStorm.settings = settings(
    max_examples=150,
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_every_command_has_its_handler() -> None:
    assert set(HANDLERS) == set(commands.Command.__args__)


def test_the_same_question_has_the_same_answer() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.answer(1)
    command = screened(1, world.now)
    first = decide(world.floor, command, world.now)
    assert decide(world.floor, command, world.now) == first
    assert first.floor is not world.floor
