"""A desk that is started again stands where the last one stopped, and trusts nothing it cannot see.

The last desk is simply left behind, as by a kill: nothing of it is tidied up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.customers import Debt
from agent_desk.models.lists import ListEntry
from agent_desk.models.seat_moves import SeatMove
from agent_desk.services.dialing.judging import Judge
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.leasing.candidates import entry_row
from agent_desk.store.leasing.facts import load_facts
from agent_desk.store.rules import holds
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Session
from softphone import protocol
from tests.agent_desk.small_desk import BORN, SECRET, Shift, SmallDesk, ended
from tests.agent_desk.store.desk_rows import SEALER
from tests.fakes.gateway import WireGateway


class Restarts:
    """Starts desks one after the other on the same rows."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self.desks: list[SmallDesk] = []

    def start(self) -> SmallDesk:
        clock = self.desks[-1].clock if self.desks else None
        self.desks.append(SmallDesk(self._url, self._folder, clock=clock))
        return self.desks[-1]

    def stop(self) -> None:
        for desk in self.desks:
            desk.stop()


@pytest.fixture
def restarts(database_url: str, tmp_path: Path) -> Iterator[Restarts]:
    made = Restarts(database_url, tmp_path)
    yield made
    made.stop()


def reconnect(desk: SmallDesk, old: WireGateway) -> WireGateway:
    """The same gateway, the same boot, on the new desk."""
    gateway = WireGateway(desk.server, desk.clock, boot_id=old.boot_id)
    gateway.next_seq = old.next_seq
    gateway.newest_epoch = old.newest_epoch
    gateway.connect(SECRET)
    return gateway


def violations(desk: SmallDesk) -> list[str]:
    with desk.desk.database.read() as session:
        return [f"{found.invariant}: {found.text}" for found in invariants.check(session)]


def test_each_start_has_an_epoch_of_its_own(restarts: Restarts) -> None:
    epochs = [restarts.start().gateway().hello().epoch for _ in range(3)]
    assert epochs == [1, 2, 3]


def test_a_live_talk_survives_the_desk(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    call_id = shift.talk()
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.page.do("set_promise", call_id=call_id, due_on="2026-11-30", amount_yen=5000)
    shift.page.do("draft_note", call_id=call_id, text="途中のメモ")
    before = shift.page.follow()

    desk = restarts.start()
    page = desk.page("operator1")
    after = page.follow()

    assert after["seat"]["state"] == "talking"
    for key in (
        "id",
        "state",
        "identity",
        "codes",
        "promise",
        "note",
        "bridged_at",
        "number_today",
    ):
        assert after["call"][key] == before["call"][key], key
    assert after["record"]["debts"] == before["record"]["debts"]
    assert after["metrics"]["calls"] == before["metrics"]["calls"]
    assert after["metrics"]["codes"] == before["metrics"]["codes"]
    assert after["seat"]["media"] == "down", "not believed before it is heard again"

    gateway = reconnect(desk, shift.gateway)
    gateway.hello()
    call = protocol.CallState(call_id, "trunk1", protocol.CallPhase.BRIDGED, "operator1")
    gateway.snapshot(calls=(call,), seats=("operator1",))
    desk.settle()
    assert page.follow()["seat"]["media"] == "up"
    assert page.follow()["seat"]["state"] == "talking"
    assert violations(desk) == []


def test_queued_away_and_mute_survive_the_desk(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    shift.talk()
    shift.page.do("go_away", reason="meeting")
    shift.page.do("mute", on=True)

    desk = restarts.start()
    seat = desk.desk.commits.floor.seats[SeatId("operator1")]
    assert (seat.queued_away, seat.muted) == ("meeting", True)


def test_a_call_that_ended_meanwhile_ends_when_the_gateway_tells(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    call_id = shift.talk()
    desk = restarts.start()
    page = desk.page("operator1")
    gateway = reconnect(desk, shift.gateway)
    welcome = gateway.hello()
    assert welcome.acknowledged == gateway.next_seq - 1

    gateway.tell(ended(call_id))
    gateway.snapshot(seats=("operator1",))
    desk.settle()
    assert page.follow()["seat"]["state"] == "wrap_up"
    page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    assert violations(desk) == []


def test_a_call_the_gateway_knows_no_more_is_a_system_failure(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    call_id = shift.talk()
    desk = restarts.start()
    gateway = reconnect(desk, shift.gateway)
    gateway.boot_id = "boot2"
    gateway.next_seq = 1
    gateway.hello()
    gateway.snapshot()
    desk.settle()
    with desk.desk.database.read() as session:
        outcome = session.get(AttemptOutcome, call_id)
        assert outcome is not None
        assert outcome.outcome == "system_failure"
    assert violations(desk) == []


def test_wrap_up_goes_on_with_its_deadline(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    call_id = shift.talk()
    shift.end(call_id)
    shift.page.do("extend_wrap_up")
    before = shift.page.follow()["seat"]
    desk = restarts.start()
    after = desk.page("operator1").follow()["seat"]
    assert (after["state"], after["deadline"]) == ("wrap_up", before["deadline"])
    assert after["extensions_left"] == before["extensions_left"]


def test_an_attempt_that_was_never_ordered_or_never_heard_of_is_settled(
    restarts: Restarts,
) -> None:
    shift = Shift.begin(restarts.start())
    call_id = shift.available()
    desk = restarts.start()
    assert CallId(call_id) in desk.desk.commits.floor.calls, "it may exist: its order was sent"
    gateway = reconnect(desk, shift.gateway)
    gateway.hello()
    desk.clock.advance(60)
    gateway.snapshot(seats=("operator1",))
    desk.settle()
    assert CallId(call_id) not in desk.desk.commits.floor.calls
    with desk.desk.database.read() as session:
        assert len(session.scalars(select(AttemptOutcome.attempt_id)).all()) == 1
    assert violations(desk) == []


@pytest.mark.parametrize(("what", "withdrawn"), [("held", True), ("paid", False), ("", False)])
def test_who_was_held_when_the_desk_died_is_rung_no_longer(
    restarts: Restarts, what: str, withdrawn: bool
) -> None:
    """It died between the rows and the order to end the call; R54 lets one that rings finish."""
    shift = Shift.begin(restarts.start())
    call_id = shift.available()
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    shift.desk.settle()
    call = shift.desk.call(call_id)
    with shift.desk.desk.database.write() as session:
        if what == "held":
            columns = {"reason": "bankruptcy", "until": holds.FOR_GOOD, "actor": "lead1"}
            holds.put(session, int(call.customer_id or 0), now=shift.desk.clock.now(), **columns)
        elif what == "paid":
            session.execute(
                insert(Debt).values(
                    customer_id=call.customer_id,
                    product_id=1,
                    amount_yen=0,
                    created_at=shift.desk.clock.now(),
                    closed_at=shift.desk.clock.now(),
                )
            )
    desk = restarts.start()
    gateway = reconnect(desk, shift.gateway)
    gateway.hello()
    there = protocol.CallState(call_id, "trunk1", protocol.CallPhase.RINGING, None)
    gateway.snapshot(calls=(there,), seats=("operator1",))
    desk.settle()
    asked = [
        order.call_id for order in gateway.commands if isinstance(order, protocol.EndWithPrompt)
    ]
    assert asked == ([call_id] if withdrawn else [])
    assert (desk.call(call_id).ending_at is not None) is withdrawn


def rules_allow(desk: SmallDesk, session: Session, entry: ListEntry) -> bool:
    """At the entry's own time, as a lease would see it then."""
    settings = rule_settings.settings(session, desk.campaign_id or 1, entry.next_at)
    judge = Judge(settings, SEALER, entry.next_at, practice=desk.desk.config.practice)
    found = entry_row(session, entry.id)
    assert found is not None
    ((candidate, ledger),) = load_facts(session, settings.campaign_id, [found], entry.next_at)
    return judge(candidate, ledger).allowed


@pytest.mark.parametrize("told", ["before", "after"])
def test_a10_everybody_who_did_not_answer_has_a_time_the_rules_allow_over_a_restart(
    restarts: Restarts, told: str
) -> None:
    """Five rang out; the end of the last one is told before the desk dies, or after."""
    shift = Shift.begin(restarts.start())
    tried = [shift.available()]
    for number in range(5):
        call_id = tried[-1]
        ringing = protocol.CallRinging(call_id, 180)
        shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), ringing)
        unanswered = ended(
            call_id,
            by=protocol.EndedBy.TRUNK,
            answered=False,
            verdict=protocol.Verdict.NOT_SCREENED,
            sip_code=480,
            cause="",
        )
        if number < 4:
            shift.gateway.tell(unanswered)
            shift.desk.settle()
            shift.alive()
            tried.append(shift.placed())
    if told == "before":
        shift.gateway.tell(unanswered)
    shift.desk.settle()
    desk = restarts.start()
    gateway = reconnect(desk, shift.gateway)
    gateway.hello()
    if told == "after":
        gateway.tell(unanswered)
    gateway.snapshot(seats=("operator1",))
    desk.settle()
    assert len(set(tried)) == 5
    with desk.desk.database.read() as session:
        attempts = session.scalars(select(Attempt).where(Attempt.id.in_(tried))).all()
        outcomes = session.scalars(
            select(AttemptOutcome.outcome).where(AttemptOutcome.attempt_id.in_(tried))
        ).all()
        entries = [session.get_one(ListEntry, each.list_entry_id) for each in attempts]
        assert list(outcomes) == ["no_answer"] * 5
        assert [entry.state for entry in entries] == ["ready"] * 5
        assert all(entry.next_at > desk.clock.now() for entry in entries)
        assert all(rules_allow(desk, session, entry) for entry in entries)
        others = select(ListEntry.state).where(ListEntry.id.not_in([e.id for e in entries]))
        assert set(session.scalars(others)) <= {"ready", "leased"}, "nobody else is lost"
    assert violations(desk) == []


def test_nothing_is_offered_to_a_seat_merely_because_it_was_there(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    shift.alive()
    shift.page.do("go_available")
    shift.desk.settle()
    desk = restarts.start()
    seat = desk.seat()
    assert seat.state == "available"
    assert not seat.proven_ready(desk.clock.now())


def test_the_old_desk_cannot_place_calls_any_more(restarts: Restarts) -> None:
    old = restarts.start()
    first = old.gateway()
    new = restarts.start()
    second = reconnect(new, first)
    epoch = second.hello().epoch
    first.disconnect()
    first.newest_epoch = epoch
    first.connect(SECRET)
    assert first.hello().error_id == "stale-epoch"


def test_a_day_goes_on_with_its_figures(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.desk.clock.advance(30)
    shift.end(call_id)
    shift.desk.clock.advance(10)
    shift.alive()
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    before = shift.page.follow()["metrics"]
    desk = restarts.start()
    after = desk.page("operator1").follow()["metrics"]
    assert after == before


# --- a desk that was away for a night -----------------------------------------------------------


def moves(desk: SmallDesk) -> list[tuple[str, datetime]]:
    """Where operator1's seat went, and when."""
    with desk.desk.database.read() as session:
        rows = session.execute(select(SeatMove.to_state, SeatMove.at).order_by(SeatMove.id))
        return [(row.to_state, row.at) for row in rows]


def over_night(restarts: Restarts, shift: Shift) -> SmallDesk:
    """The desk is noted to live, stops, and is started again on the next day."""
    shift.desk.desk.routine.note_alive()
    shift.desk.settle()
    shift.desk.clock.advance(24 * 3600)
    desk = restarts.start()
    desk.settle()
    return desk


@pytest.mark.parametrize("at_work", ["available", "away", "wrap_up"])
def test_who_had_no_call_when_the_desk_stopped_for_the_night_left_then(
    restarts: Restarts, at_work: str
) -> None:
    shift = Shift.begin(restarts.start())
    if at_work == "wrap_up":
        shift.end(shift.talk())
    else:
        shift.available()
        if at_work == "away":
            shift.page.do("go_away", reason="break")
    assert shift.desk.seat().state == at_work
    stopped_at = shift.desk.clock.now()

    desk = over_night(restarts, shift)

    assert "operator1" not in desk.desk.commits.floor.seats
    assert moves(desk)[-1] == ("offline", stopped_at)
    assert not [found for found in violations(desk) if found.startswith("I10")]


def test_a_talk_whose_gateway_stopped_for_the_night_too_ended_then(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    shift.talk()
    shift.page.do("hold", on=True)
    stopped_at = shift.desk.clock.now()

    desk = over_night(restarts, shift)
    assert desk.seat().state == "hold", "the gateway may still hold the talk"
    desk.gateway(boot_id="another")
    desk.tick()  # nobody wrote the result in time,
    desk.tick()  # nor waits for the next customer
    desk.desk.routine.tidy()
    desk.settle()

    left = moves(desk)[-4:]
    assert [state for state, _ in left] == ["wrap_up", "available", "away", "offline"]
    assert left[0][1] == stopped_at
    assert left[-1][1] - stopped_at <= timedelta(seconds=60), "the time of a wrap-up at most"
    assert not [found for found in violations(desk) if found.startswith("I10")]


def test_a_short_stop_ends_nobodys_shift(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    shift.page.do("go_away", reason="break")
    shift.desk.desk.routine.note_alive()
    shift.desk.settle()
    shift.desk.clock.advance(14 * 60)
    assert restarts.start().seat().state == "away"
