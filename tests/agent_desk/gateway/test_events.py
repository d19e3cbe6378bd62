"""Numbered events: stored before they are acknowledged, once, in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from agent_desk.dialer.ids import GatewayId
from agent_desk.gateway.link import STUMBLES
from agent_desk.models.calls import AttemptOutcome
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.unit_of_work import Session
from softphone import protocol
from softphone.wire import codec as wire
from tests.agent_desk.gateway.newcomer import boots, connected, stored_seq
from tests.agent_desk.small_desk import SECRET, Shift, SmallDesk, ended
from tests.fakes.gateway import WireGateway


def test_events_are_stored_before_they_are_acknowledged(each_shift: Shift) -> None:
    shift = each_shift
    call_id = shift.available()
    before = shift.gateway.next_seq - 1
    assert stored_seq(shift.desk) == before
    assert shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1")) == before + 1
    assert stored_seq(shift.desk) == before + 1


def test_an_event_that_comes_again_after_a_reconnect_has_no_second_effect(
    each_shift: Shift,
) -> None:
    shift = each_shift
    gateway, desk = shift.gateway, shift.desk
    call_id = shift.talk()
    last = [gateway.envelope(ended(call_id))]
    first = gateway.deliver(*last)
    moves = desk.page("lead1", "/floor").follow()["seats"]["operator1"]

    gateway.disconnect()
    gateway.connect(SECRET)
    assert gateway.hello().acknowledged == first
    assert gateway.deliver(*last) == first
    gateway.snapshot(seats=("operator1",))

    assert desk.seat().state == "wrap_up"
    assert desk.page("lead1", "/floor").follow()["seats"]["operator1"] == moves
    with desk.desk.database.read() as session:
        outcomes = session.scalars(select(AttemptOutcome.attempt_id)).all()
    assert outcomes == [call_id]


def test_a_gap_is_not_jumped_over(shift: Shift) -> None:
    gateway = shift.gateway
    call_id = shift.available()
    stored = gateway.next_seq - 1
    lost = gateway.envelope(protocol.CallPlaced(call_id, "trunk1"))
    later = gateway.envelope(protocol.CallRinging(call_id, 180))

    assert gateway.deliver(later) == stored
    assert shift.desk.call(call_id).state == "leased"

    assert gateway.deliver(lost, later) == stored + 2
    assert shift.desk.call(call_id).state == "ringing"


def test_an_event_of_another_boot_is_not_taken(shift: Shift) -> None:
    gateway = shift.gateway
    stored = gateway.next_seq - 1
    gateway.boot_id = "boot2"
    assert gateway.tell(protocol.SeatUp("operator1")) == stored


def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, commits = shift.gateway, shift.desk.desk.commits
    call_id = shift.available()
    stored = gateway.next_seq - 1
    event = gateway.envelope(protocol.CallRinging(call_id, 180))

    def broken(session: Session, events: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patched:
        patched.setattr(commits, "_write_events", broken)
        assert gateway.deliver(event) == stored
    assert shift.desk.call(call_id).state == "leased"
    assert stored_seq(shift.desk) == stored

    assert gateway.deliver(event) == stored + 1
    assert shift.desk.call(call_id).state == "ringing"


def refuse_ringing(patched: pytest.MonkeyPatch, commits: GroupCommit) -> None:
    """No row that says a call rings can be written."""
    write = commits._write_events

    def broken(session: Session, events: Any) -> None:
        if any(getattr(event, "to_state", "") == "ringing" for event in events):
            raise OperationalError("INSERT", {}, Exception("disk full"))
        write(session, events)

    patched.setattr(commits, "_write_events", broken)


def test_events_before_one_that_could_not_be_stored_are_not_asked_for_again(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, commits = shift.gateway, shift.desk.desk.commits
    call_id = shift.available()
    stored = gateway.next_seq - 1
    good = gateway.envelope(protocol.CallPlaced(call_id, "trunk1"))
    bad = gateway.envelope(protocol.CallRinging(call_id, 180))
    with monkeypatch.context() as patched:
        refuse_ringing(patched, commits)
        assert gateway.deliver(good, bad) == stored + 1
    assert stored_seq(shift.desk) == stored + 1
    assert gateway.deliver(bad) == stored + 2


def test_events_after_one_that_could_not_be_stored_wait_for_it(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, commits = shift.gateway, shift.desk.desk.commits
    call_id = shift.available()
    stored = gateway.next_seq - 1
    bad = gateway.envelope(protocol.CallRinging(call_id, 180))
    later = gateway.envelope(protocol.SeatDown("operator1", "consent"))
    with monkeypatch.context() as patched:
        refuse_ringing(patched, commits)
        assert gateway.deliver(bad, later) == stored
        assert stored_seq(shift.desk) == stored

        # A row that can never be written must not silence the gateway for good.
        answers = [gateway.deliver(bad, later) for _ in range(STUMBLES)]
    assert answers[: STUMBLES - 2] == [stored] * (STUMBLES - 2)
    assert answers[-1] == stored + 2
    assert stored_seq(shift.desk) == stored + 2
    assert not shift.desk.seat().link.media_up


def test_an_event_the_core_refuses_counts_as_heard(shift: Shift) -> None:
    gateway = shift.gateway
    call_id = shift.talk()
    stored = gateway.next_seq - 1
    refusal = protocol.Refusal("no-line", "")
    assert gateway.tell(protocol.CallNotPlaced(call_id, refusal)) == stored + 1
    assert stored_seq(shift.desk) == stored + 1
    assert shift.desk.call(call_id).state == "bridged"


def test_events_a_new_database_has_never_seen_are_past_asking_for(small_desk: SmallDesk) -> None:
    gateway = connected(small_desk)
    gateway.next_seq = 50
    assert gateway.hello(first_seq=50).acknowledged == 49
    assert gateway.tell(protocol.SeatUp("operator1")) == 50


def test_events_still_being_stored_when_the_gateway_comes_back_hold_nothing_up(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow desk: the gateway had no answer, links anew, and only then its events are stored."""
    gateway, ledger = shift.gateway, shift.desk.desk.link._ledger
    call_id = shift.available()
    stored = gateway.next_seq - 1
    batch = [
        gateway.envelope(protocol.CallPlaced(call_id, "trunk1")),
        gateway.envelope(protocol.CallRinging(call_id, 180)),
    ]
    later = gateway.envelope(protocol.SeatDown("operator1", "consent"))
    read, former = ledger.last_event, gateway.sid

    def read_too_early(gateway_id: GatewayId, boot_id: str) -> int:
        monkeypatch.undo()
        early = read(gateway_id, boot_id)
        message = [wire.encode(each) for each in batch]
        shift.desk.server.say("/gateway", former, "events", message)
        return early

    monkeypatch.setattr(ledger, "last_event", read_too_early)
    gateway.connect(SECRET)
    assert gateway.hello().acknowledged == stored + 2
    assert gateway.deliver(later) == stored + 3
    assert shift.desk.call(call_id).state == "ringing"
    assert not shift.desk.seat().link.media_up


def test_events_stored_by_the_connection_before_are_heard_of_at_the_first_repetition(
    shift: Shift,
) -> None:
    gateway, link = shift.gateway, shift.desk.desk.link
    call_id = shift.available()
    batch = [
        gateway.envelope(protocol.CallPlaced(call_id, "trunk1")),
        gateway.envelope(protocol.CallRinging(call_id, 180)),
    ]
    former = link._connections[GatewayId("gw1")]
    gateway.connect(SECRET)
    gateway.hello()
    link._store_run(former, batch)  # it was in the middle of this when the link was made anew
    assert gateway.deliver(*batch) == gateway.next_seq - 1, "and not try by try, event by event"
    assert gateway.tell(protocol.SeatDown("operator1", "consent")) == gateway.next_seq - 1
    assert shift.desk.call(call_id).state == "ringing"


@settings(derandomize=True, max_examples=25, deadline=None)
@given(data=st.data())
def test_however_the_link_stutters_each_event_is_stored_once_and_in_order(
    stutter_desk: SmallDesk, data: st.DataObject
) -> None:
    gateway = WireGateway(stutter_desk.server, stutter_desk.clock, gateway_id="stutter")
    gateway.boot_id = f"boot-{next(boots)}"
    gateway.connect(SECRET)
    gateway.hello()
    outbox = [gateway.envelope(protocol.TrunkChanged("trunk1", n % 2 == 0, "")) for n in range(12)]
    acknowledged = stored_seq(stutter_desk, gateway.boot_id) or 0
    for _ in range(60):
        if acknowledged >= len(outbox):
            break
        first = data.draw(st.integers(0, len(outbox) - 1))
        count = data.draw(st.integers(0, 6))
        answer = gateway.deliver(*outbox[first : first + count])
        assert answer >= acknowledged
        assert answer - acknowledged <= count
        acknowledged = answer
        if data.draw(st.booleans()):
            gateway.disconnect()
            gateway.connect(SECRET)
            assert gateway.hello().acknowledged == acknowledged
    gateway.deliver(*outbox[acknowledged:])
    assert stored_seq(stutter_desk, gateway.boot_id) == len(outbox)
    gateway.disconnect()


@pytest.fixture(scope="module")
def stutter_desk(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("stutter")
    path = folder / "desk.db"
    path.write_bytes(sqlite_template.read_bytes())
    desk = SmallDesk(f"sqlite:///{path}", folder)
    yield desk
    desk.stop()
