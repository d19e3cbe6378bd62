"""F46: a call centre that hypothesis runs, kills and reorders, held to I1–I11 by what others saw.

The desk is the product's own, core and store, on a real database (`mortal_desk.py`); the gateway is
a model that obeys like the real one (`model_gateway.py`) and keeps the trunk's list of INVITEs; the
operators remember every acknowledgement they were given. A crash is a desk that stops at a marked
point and another one that starts from the rows.

Four operators share two campaigns that share people (`crowd.py`). Operators dial by hand and note
callbacks; leads change the mode, preview and predictive among them; customers are held, name a time
or ask never to be called (`leads.py`); evenings come. Who judges it is in `judgement.py`.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agent_desk.dialer import commands
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId, CustomerId, PhoneId, SeatId
from agent_desk.dialer.record_commands import SetCallback
from agent_desk.services.running.group_commit import Reply
from softphone import protocol as wire
from tests.agent_desk.small_desk import People
from tests.chaos.crowd import OPERATORS, PEOPLE, crowd
from tests.chaos.judgement import Judgement
from tests.chaos.leads import Leads, Witness
from tests.chaos.model_gateway import Line, ModelGateway
from tests.chaos.mortal_desk import POINTS, Death, Killed, MortalDesk, quick_folder
from tests.chaos.presses import Page, Press
from tests.fakes.clock import FakeClock

PULSE_FRESH = timedelta(seconds=3)
JST_AHEAD = timedelta(hours=9)
EVENING, MORNING = 20, 9  # o'clock: sales calls no earlier and no later (the campaigns' windows)
EDGE = timedelta(minutes=1)
HEALED_S = 240  # every deadline of the desk's own is over by then
PRESSES = (
    *("go_available",) * 4,
    *("go_away", "cancel_away", "hang_up", "hold", "mute", "extend_wrap_up"),
    *("next_customer", "dial_by_hand", "place_previewed", "skip_previewed"),
    *("mark_status", "mark_status", "draft_note", "save_result", "save_result", "save_result"),
    "set_callback",
)
PREVIEWED = ("place_previewed", "place_previewed", "place_previewed", "skip_previewed")
# What only says who presses.
PLAIN: Mapping[str, Callable[[SeatId], commands.Command]] = {
    "go_available": commands.GoAvailable,
    "cancel_away": commands.CancelAway,
    "hang_up": commands.HangUp,
    "extend_wrap_up": commands.ExtendWrapUp,
    "next_customer": commands.NextCustomer,
    "place_previewed": commands.PlacePreviewed,
}
FATES = (
    *("rings", "answers", "answers", "answers", "machine", "busy", "congested", "leaves"),
    *("rings", "answers", "answers", "answers", "answers", "no answer", "leaves", "leaves"),
)
HAPPENINGS = (
    *("an_operator_works",) * 24,
    *("a_customer_acts",) * 24,
    *("time_passes",) * 12,
    *("an_operator_presses",) * 4,
    *("events_come_shuffled_and_twice", "the_desk_will_be_killed") * 3,
    *("a_press_comes_again", "old_news_comes_again", "a_lead_starts", "the_pages_are_well") * 2,
    *("the_link_heals", "minutes_pass") * 2,
    *("a_lead_steers", "a_lead_paces", "a_customer_forbids_calls", "a_page_falters"),
    *("a_lead_paces", "a_customer_is_held", "a_hold_is_released", "a_hold_is_overridden"),
    *("an_override_is_taken_back", "a_customer_names_a_time", "a_night_passes"),
    *("the_link_breaks", "the_gateway_is_killed", "the_desk_is_killed"),
)
ROWS_EVERY = 10


class CallCentre(Leads, Judgement):
    """The world and its rules in plain methods; `CallCentreMachine` draws what happens."""

    def __init__(self, people: Callable[[], tuple[Path, People]] = crowd) -> None:
        logging.getLogger("agent_desk").setLevel(logging.CRITICAL)
        self.clock = FakeClock()
        self.desk = MortalDesk(quick_folder(), self.clock, populated=people)
        self.gateway = ModelGateway(self.desk.io.server, self.clock)
        self.gateway.is_fit = self.is_fit
        self.network = True  # between desk and gateway
        self.may_run = {campaign_id: {"running"} for campaign_id in self.campaigns}
        self.blocked_at: dict[str, datetime] = {}
        self.witness = Witness()
        users = self.desk.people.users
        self.names = [name for name in OPERATORS if name in users]
        self.pages = {name: Page(SeatId(name), users[name]) for name in self.names}
        self.presses: list[Press] = []
        self.superseded: list[MortalDesk] = []
        self._numbers = 0
        self.reconnect()
        for page in self.pages.values():
            self._open(page)

    def is_fit(self, seat_id: str) -> bool:
        """Whether this page and its microphone were heard by the desk that lives, and lately."""
        page = self.pages[seat_id]
        fresh = page.heard_at is not None and self.clock.now() - page.heard_at <= PULSE_FRESH
        return fresh and page.heard_microphone

    # --- surviving ------------------------------------------------------------------------------

    def alive(self, work: Any) -> None:
        """Do something; a desk that dies of it is followed by the next one."""
        try:
            work()
            self.desk.settle()
        except Killed:
            self.succeed()

    def succeed(self) -> None:
        """Another desk starts from the rows; everybody comes back and says again what is open."""
        self.desk.bury()
        self.gateway.link_down(noticed=False)
        self.desk.start()
        for page in self.pages.values():
            page.heard_at = None
        self.reconnect()
        for page in self.pages.values():
            self._open(page)
            if page.unanswered is not None:
                self._send(page, page.unanswered)

    def reconnect(self) -> None:
        if self.network and not self.gateway.linked:
            assert self.gateway.link_up(self.desk.io.server), "the newest desk was turned away"
            self.desk.settle()

    def _open(self, page: Page) -> None:
        team_id = self.desk.people.centre.team_id
        self.desk.life.seats.open(page.seat_id, user_id=page.user_id, team_id=team_id)
        if self.gateway.linked and page.seat_id not in self.gateway.legs:
            self.gateway.legs.add(page.seat_id)
            self.gateway.say(wire.SeatUp(page.seat_id))
        self._checked(page)

    def _checked(self, page: Page) -> None:
        seat = self.desk.life.commits.floor.seats.get(page.seat_id)
        if seat is not None and not seat.checked:
            self.desk.life.commits.submit(commands.PassDeviceCheck(page.seat_id))

    # --- what operators do ----------------------------------------------------------------------

    def press(self, name: str, button: str) -> None:
        page = self.pages[name]
        seat = self.desk.life.commits.floor.seats.get(page.seat_id)
        if page.unanswered is not None or seat is None:
            return
        self._numbers += 1
        number = self._numbers
        call_id = str(seat.call_id) if seat.call_id is not None else None
        value: Any = None
        if button == "mark_status":
            told = [p.value for p in page.acknowledged if (p.name, p.call_id) == (button, call_id)]
            value = not (told and told[-1])
        elif button in ("hold", "mute"):
            value = seat.state is not SeatState.HOLD if button == "hold" else not seat.muted
        elif button == "dial_by_hand":
            value = (self.campaigns[number % 2], PEOPLE[number % len(PEOPLE)])
        elif button == "set_callback":
            value = self.clock.now() + timedelta(minutes=5) if number % 4 else None
        elif button in ("draft_note", "save_result"):
            value = f"text {number}"
        press = Press(f"press-{number}", button, call_id, page.seat_id, value)
        self.presses.append(press)
        self._send(page, press)

    def _send(self, page: Page, press: Press) -> None:
        """Send it, the first time or again; the answer is kept once it comes."""
        page.unanswered = press
        put = self.desk.life.commits.put
        entry = put(self._command(page, press), command_id=press.command_id)
        try:
            entry.wait()
        finally:  # an answer that was given counts, also when the desk died right after it
            if entry.reply is not None:
                page.unanswered, press.reply = None, entry.reply
                if entry.reply.ok:
                    page.acknowledged.append(press)

    def _ask(self, page: Page, press: Press) -> Reply:
        submit = self.desk.life.commits.submit
        return submit(self._command(page, press), command_id=press.command_id)

    def _command(self, page: Page, press: Press) -> commands.Command:
        seat_id, call_id = page.seat_id, CallId(press.call_id or "")
        plain = PLAIN.get(press.name)
        if plain is not None:
            return plain(seat_id)
        match press.name:
            case "go_away":
                return commands.GoAway(seat_id, "break")
            case "hold":
                return commands.SetHold(seat_id, press.value)
            case "mute":
                return commands.SetMute(seat_id, press.value)
            case "mark_status":
                return commands.MarkStatus(seat_id, call_id, "contact", press.value)
            case "dial_by_hand":
                campaign_id, whom = press.value
                return commands.DialByHand(seat_id, campaign_id, CustomerId(whom), PhoneId(whom))
            case "set_callback":
                return SetCallback(seat_id, call_id, press.value, own=True)
            case "skip_previewed":
                return commands.SkipPreviewed(seat_id, "not-now")
            case "draft_note":
                return commands.DraftNote(seat_id, call_id, press.value)
        return commands.SaveResult(seat_id, call_id, press.value)

    def a_press_comes_again(self, place: int) -> None:
        """A page sends once more what was answered long ago (I8)."""
        answered = [press for press in self.presses if press.reply is not None]
        if not answered:
            return
        press = answered[place % len(answered)]
        page = self.pages[press.by]
        again = self._ask(page, press)
        assert again == press.reply, f"I8: {press.name} was {press.reply}, then {again}"

    # --- happenings: each makes something of a number from 0 to 63 -------------------------------

    def the_shift_begins(self) -> None:
        """Everybody is at work; what follows is about calls."""
        for name in self.names:
            self.press(name, "go_available")
        self.pass_time(2.0)

    def an_operator_works(self, pick: int) -> None:
        """Does what the state of the seat asks for."""
        name, pick = self._operator(pick)
        seat = self.desk.life.commits.floor.seats.get(SeatId(name))
        if seat is None:
            return
        call = self.desk.life.commits.floor.calls.get(seat.call_id or CallId(""))
        if seat.state is SeatState.RESERVED and call is not None and call.preview:
            self.press(name, PREVIEWED[pick % len(PREVIEWED)])
            return
        sensible = {
            SeatState.AVAILABLE: ("next_customer", "next_customer", "dial_by_hand"),
            SeatState.STARTING: ("go_available",),
            SeatState.AWAY: ("go_available",),
            SeatState.WRAP_UP: ("mark_status", "save_result", "save_result"),
            SeatState.TALKING: ("mark_status", "draft_note", "hold", "hang_up", "set_callback"),
            SeatState.HOLD: ("hold",),
        }.get(seat.state)
        if sensible is not None:
            self.press(name, sensible[pick % len(sensible)])

    def an_operator_presses(self, pick: int) -> None:
        name, pick = self._operator(pick)
        self.press(name, PRESSES[pick % len(PRESSES)])

    def _operator(self, pick: int) -> tuple[str, int]:
        """Who, and what is left of the number to say what they do."""
        return self.names[pick % len(self.names)], pick // len(self.names)

    def time_passes(self, pick: int) -> None:
        self.pass_time((0.2, 0.7, 1.0, 1.0, 2.5, 6.0, 6.0, 20.0)[pick % 8])

    def minutes_pass(self, pick: int) -> None:
        """As many as must lie between two calls to one person."""
        self.pass_time(190.0, step_s=10.0)

    def a_night_passes(self, pick: int) -> None:
        """Over the evening's end and the morning's beginning second by second."""
        for edge in (EVENING, MORNING):
            local = self.clock.now() + JST_AHEAD
            due = local.replace(hour=edge, minute=0, second=0) - EDGE
            due += timedelta(days=1) if due <= local else timedelta()
            self.pass_time((due - local).total_seconds(), step_s=1800.0)
            self.pass_time(2 * EDGE.total_seconds(), step_s=6.0)

    def a_customer_acts(self, pick: int) -> None:
        lines = list(self.gateway.lines.values())
        if lines:
            self.line_goes_on(lines[pick % len(lines)], FATES[(pick // 4) % len(FATES)])

    def events_come_shuffled_and_twice(self, pick: int) -> None:
        self.gateway.elapse()
        order = list(range(8)) * 2
        random.Random(pick).shuffle(order)
        self.gateway.deliver_kept(order[: 1 + pick % 16])

    def old_news_comes_again(self, pick: int) -> None:
        late = self.gateway.late
        if late:
            self.gateway.say(late[-1 - pick % min(len(late), 16)], again=True)

    def a_page_falters(self, pick: int) -> None:
        name, pick = self._operator(pick)
        page = self.pages[name]
        page.speaks, page.microphone = pick % 2 < 1, pick % 4 < 2

    def the_pages_are_well(self, pick: int) -> None:
        for page in self.pages.values():
            page.speaks = page.microphone = True

    def the_link_breaks(self, pick: int) -> None:
        self.network = False
        if self.gateway.linked:
            self.gateway.link_down(noticed=True)

    def the_link_heals(self, pick: int) -> None:
        self.network = True
        self.reconnect()

    def the_gateway_is_killed(self, pick: int) -> None:
        self.gateway.reboot()
        self.reconnect()
        for page in self.pages.values():
            self._open(page)

    def the_desk_will_be_killed(self, pick: int) -> None:
        self.desk.dies_at = Death(POINTS[pick % 8], 1 + pick // 8 % 4)

    def the_desk_is_killed(self, pick: int) -> None:
        raise Killed("now")

    # --- time -----------------------------------------------------------------------------------

    def pass_time(self, seconds: float, *, step_s: float = 1.0) -> None:
        left = seconds
        while left > 1e-9:
            step = min(step_s, left)
            left -= step
            self.clock.advance(step)
            self.live()

    def live(self) -> None:
        """What everybody does all the time, in the order in which it may happen."""
        self.gateway.elapse()
        self.gateway.deliver_kept()
        self.gateway.alive()
        self.beat()
        self.desk.tick()
        self.gateway.deliver_kept()
        self.desk.settle()

    def beat(self) -> None:
        pulses = []
        for page in self.pages.values():
            if page.speaks:
                pulses.append(
                    commands.PulseOfSeat(page.seat_id, self.clock.now(), True, page.microphone)
                )
                page.heard_at, page.heard_microphone = self.clock.now(), page.microphone
        if pulses:
            self.desk.life.commits.put(commands.ObservePulses(tuple(pulses)))

    # --- customers and trunk --------------------------------------------------------------------

    def line_goes_on(self, line: Line, fate: str) -> None:
        early = line.phase in (wire.CallPhase.PLACED, wire.CallPhase.RINGING)
        if early and fate == "rings" and line.phase is wire.CallPhase.PLACED:
            self.gateway.ring(line)
        elif early and fate in ("answers", "rings"):
            self.gateway.answer(line, machine=False)
        elif early and fate == "machine":
            self.gateway.answer(line, machine=True)
        elif early and fate == "busy":
            self.gateway.turn_down(line, 486)
        elif early and fate == "congested":
            self.gateway.turn_down(line, 503)
        elif not early and fate == "leaves":
            self._customer_leaves(line)

    def _customer_leaves(self, line: Line) -> None:
        if line.phase is not wire.CallPhase.TREATED:
            self.gateway.hang_up(line)

    # --- the end --------------------------------------------------------------------------------

    def heal(self) -> None:
        """Network, pages and desk are well, nobody works any more, and all deadlines pass."""
        self.desk.dies_at = None
        self.network = True
        self.alive(self.reconnect)
        for page in self.pages.values():
            page.speaks = page.microphone = True
        for which in (0, 1):
            self.alive(lambda which=which: self.steer("paused", which))  # type: ignore[misc]
        for name in self.names:  # nobody goes home with a customer on the screen
            self.alive(lambda name=name: self.press(name, "skip_previewed"))  # type: ignore[misc]
        for line in list(self.gateway.lines.values()):
            self._customer_leaves(line)
        self.pass_time(HEALED_S, step_s=4.0)

    def close(self) -> None:
        self.desk.close()


class CallCentreMachine(RuleBasedStateMachine):
    """What may happen, drawn: what is frequent in life is frequent here, or nothing would happen.

    One rule with a table of weights, because hypothesis draws its rules alike often and leaves some
    out of a run: a day without operators who work proves nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.centre = CallCentre()
        self.centre.the_shift_begins()
        self._turn = 0

    @rule(what=st.sampled_from(HAPPENINGS), pick=st.integers(0, 63))
    def something_happens(self, what: str, pick: int) -> None:
        self.centre.alive(lambda: getattr(self.centre, what)(pick))

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        self.centre.judge_live()
        self._turn += 1
        if self._turn % ROWS_EVERY == 0:
            self.centre.judge_rows()

    def teardown(self) -> None:
        try:
            self.centre.heal()
            self.centre.judge_live()
            self.centre.judge_rows()
            self.centre.judge_end()
        finally:
            self.centre.close()
