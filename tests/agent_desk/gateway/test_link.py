"""The desk's end of the wire: hello, numbered events, snapshots, orders and their refusals."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from socketio.exceptions import ConnectionRefusedError as Refused
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from agent_desk.dialer.effects import BlockNumbers, HangUp, StopCampaign
from agent_desk.dialer.gateway_facts import GatewayLost, GatewaySnapshot, GatewayWelcomed
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId
from agent_desk.gateway.link import STUMBLES
from agent_desk.models.calls import AttemptOutcome, Call
from agent_desk.models.system import GatewayEvents
from agent_desk.services.group_commit import NOT_STORED, Entry
from agent_desk.services.ports import GatewayRefused, GatewayUnreachable
from agent_desk.store.unit_of_work import Session
from softphone import protocol
from softphone.wire import codec as wire
from tests.agent_desk.small_desk import SECRET, Shift, SmallDesk, ended
from tests.fakes.gateway import WireGateway

boots = itertools.count(1)


def connected(desk: SmallDesk, **options: Any) -> WireGateway:
    """A gateway that has said nothing yet."""
    gateway = WireGateway(desk.server, desk.clock, **options)
    gateway.connect(SECRET)
    return gateway


def stored_seq(desk: SmallDesk, boot_id: str = "boot1") -> int | None:
    with desk.desk.database.read() as session:
        return session.scalar(
            select(GatewayEvents.last_seq).where(GatewayEvents.boot_id == boot_id)
        )


# --- hello ------------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", [None, {}, {"secret": ""}, {"secret": "guess"}, {"secret": 7}])
def test_without_the_secret_no_gateway_gets_in(small_desk: SmallDesk, auth: object) -> None:
    with pytest.raises(Refused):
        small_desk.server.connect("/gateway", "sid", auth)


def test_a_gateway_is_welcomed_with_epoch_offset_and_its_share(small_desk: SmallDesk) -> None:
    welcome = connected(small_desk).hello()
    assert welcome.epoch == 1
    assert welcome.clock_offset_s == small_desk.clock.offset_s
    assert welcome.acknowledged == 0
    assert welcome.shares == (protocol.TrunkShare("trunk1", 10, 50.0),)
    gateway = small_desk.desk.commits.floor.gateways[GatewayId("gw1")]
    assert not gateway.linked, "the snapshot makes it so"
    assert not any(share.up for share in gateway.trunks.values()), "the snapshot will say"


def test_another_version_is_refused_with_a_reason(small_desk: SmallDesk) -> None:
    refusal = connected(small_desk).hello(version=2)
    assert refusal.error_id == "protocol-version"
    assert small_desk.desk.link.linked == {}


def test_a_desk_that_was_superseded_is_told_so_and_gets_no_gateway(small_desk: SmallDesk) -> None:
    gateway = connected(small_desk)
    gateway.newest_epoch = 2
    assert gateway.hello().error_id == "stale-epoch"
    assert gateway.tell(protocol.CallPlaced("c" * 32, "trunk1")) == -1


def test_who_has_not_said_hello_is_not_listened_to(small_desk: SmallDesk) -> None:
    gateway = connected(small_desk)
    assert gateway.tell(protocol.SeatUp("operator1")) == -1
    assert gateway.snapshot() == {"acknowledged": False}
    gateway.live()
    small_desk.settle()
    assert small_desk.desk.commits.floor.gateways == {}


@pytest.mark.parametrize("event", ["hello", "events", "snapshot", "liveness", "nonsense"])
@pytest.mark.parametrize("data", [None, 7, [], {}, {"type": "Hello"}, [{"type": "x"}]])
def test_what_is_not_of_the_protocol_is_answered_with_nothing(
    small_desk: SmallDesk, event: str, data: object
) -> None:
    gateway = small_desk.gateway()
    answer = gateway.send(event, data)
    assert answer in (None, {"acknowledged": 0}, {"acknowledged": -1})
    assert small_desk.desk.link.linked == {"gw1": True}


def test_stopped_campaigns_and_blocks_come_with_the_welcome(small_desk: SmallDesk) -> None:
    lead = small_desk.page("lead1", "/floor")
    lead.do("set_campaign_running", campaign_id=small_desk.campaign_id, running="stopped")
    assert connected(small_desk).hello().stopped_campaigns == (small_desk.campaign_id,)


# --- events -----------------------------------------------------------------------------------


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


def test_events_before_one_that_could_not_be_stored_are_not_asked_for_again(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, commits = shift.gateway, shift.desk.desk.commits
    call_id = shift.available()
    stored = gateway.next_seq - 1
    good = gateway.envelope(protocol.CallPlaced(call_id, "trunk1"))
    bad = gateway.envelope(protocol.CallRinging(call_id, 180))
    write = commits._write_events

    def broken(session: Session, events: Any) -> None:
        if any(getattr(event, "to_state", "") == "ringing" for event in events):
            raise OperationalError("INSERT", {}, Exception("disk full"))
        write(session, events)

    with monkeypatch.context() as patched:
        patched.setattr(commits, "_write_events", broken)
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
    write = commits._write_events

    def broken(session: Session, events: Any) -> None:
        if any(getattr(event, "to_state", "") == "ringing" for event in events):
            raise OperationalError("INSERT", {}, Exception("disk full"))
        write(session, events)

    with monkeypatch.context() as patched:
        patched.setattr(commits, "_write_events", broken)
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


# --- snapshots and orders ---------------------------------------------------------------------


def test_nothing_is_placed_before_the_snapshot(small_desk: SmallDesk) -> None:
    gateway = connected(small_desk)
    gateway.hello()
    assert small_desk.desk.link.linked == {"gw1": False}
    gateway.snapshot()
    assert small_desk.desk.link.linked == {"gw1": True}


def test_a_snapshot_waits_for_the_events_that_came_before_it(shift: Shift) -> None:
    """The call has ended in the gateway; its end is still in the outbox, and comes first."""
    gateway, desk = shift.gateway, shift.desk
    call_id = shift.talk()
    gateway.disconnect()
    last = gateway.envelope(ended(call_id))
    gateway.connect(SECRET)
    gateway.hello()

    gateway.snapshot(seats=("operator1",))
    assert desk.desk.link.linked == {"gw1": False}
    assert desk.seat().state == "talking", "not called unknown: its end is on the way"

    gateway.deliver(last)
    assert desk.desk.link.linked == {"gw1": True}
    assert desk.seat().state == "wrap_up"
    with desk.desk.database.read() as session:
        assert session.scalars(select(AttemptOutcome.outcome)).all() == ["human"]


def test_an_order_the_gateway_refuses_releases_the_attempt(each_desk: SmallDesk) -> None:
    shift = Shift.begin(each_desk)
    shift.gateway.refuse["PlaceCall"] = "no-line"
    call_id = shift.available()
    each_desk.settle()
    assert CallId(call_id) not in each_desk.desk.commits.floor.calls
    with each_desk.desk.database.read() as session:
        outcome = session.get(AttemptOutcome, call_id)
        assert outcome is not None
        assert (outcome.outcome, outcome.counts) == ("not_placed", False)


def test_an_order_nobody_answers_counts_as_placed_and_is_not_sent_again(shift: Shift) -> None:
    shift.gateway.answers = False
    call_id = shift.available()
    shift.gateway.disconnect()
    shift.desk.tick(0.2)
    assert shift.desk.call(call_id).place_asked_at is not None
    orders = [c for c in shift.gateway.commands if isinstance(c, protocol.PlaceCall)]
    assert [order.call_id for order in orders] == [call_id]


def test_a_placement_holds_all_the_gateway_needs_with_no_desk_present(shift: Shift) -> None:
    shift.available()
    order = shift.gateway.newest(protocol.PlaceCall)
    assert order.number.startswith("+8190")
    assert order.not_after > shift.desk.clock.now()
    assert order.ring_limit_s == 25.0
    assert order.screening is protocol.ScreeningMode.STRICT
    assert order.bridge_within_s == 2.0
    assert order.if_not_bridged is protocol.Prompt.SAFE_HARBOUR


def test_a_lost_gateway_keeps_its_calls_and_gets_no_new_ones(shift: Shift) -> None:
    call_id = shift.talk()
    shift.gateway.disconnect()
    shift.desk.settle()
    assert shift.desk.call(call_id).state == "bridged"
    assert not shift.desk.desk.commits.floor.gateways[GatewayId("gw1")].linked
    with pytest.raises(GatewayUnreachable):
        shift.desk.desk.link.open_seat(SeatId("operator1"), "v=0")


def test_a_restarted_gateway_has_lost_its_calls(shift: Shift) -> None:
    call_id = shift.talk()
    shift.gateway.disconnect()
    again = shift.desk.gateway(boot_id="boot2")
    assert again.newest_epoch == 0
    shift.desk.settle()
    assert shift.desk.seat().state == "wrap_up"
    with shift.desk.desk.database.read() as session:
        assert session.scalars(select(AttemptOutcome.outcome)).all() == ["system_failure"]
        assert session.get(Call, call_id) is not None


def test_a_socket_that_was_replaced_does_not_take_the_link_down_with_it(
    small_desk: SmallDesk,
) -> None:
    old = small_desk.gateway()
    new = small_desk.gateway()
    old.disconnect()
    small_desk.settle()
    assert small_desk.desk.link.linked == {"gw1": True}
    assert small_desk.desk.commits.floor.gateways[GatewayId("gw1")].linked
    assert new.tell(protocol.SeatUp("operator1")) == 1


def test_effects_reach_the_gateway_they_name_or_all_of_them(small_desk: SmallDesk) -> None:
    first, second = small_desk.gateway("gw1"), small_desk.gateway("gw2")
    first.commands.clear()
    second.commands.clear()
    link = small_desk.desk.link
    link.perform(HangUp(CallId("c"), GatewayId("gw2"), "operator"))
    link.perform(BlockNumbers(("k",)))
    link.perform(StopCampaign(CampaignId(1)))
    link.perform(HangUp(CallId("c"), GatewayId("gone"), "operator"))
    assert [type(c).__name__ for c in first.commands] == ["BlockNumbers", "StopCampaign"]
    assert [type(c).__name__ for c in second.commands] == ["HangUp", "BlockNumbers", "StopCampaign"]


def test_the_leg_is_made_in_the_gateway_with_the_fewest_seats(small_desk: SmallDesk) -> None:
    first, second = small_desk.gateway("gw1"), small_desk.gateway("gw2")
    for name, gateway in (("operator1", first), ("operator2", second)):
        page = small_desk.page(name)
        answer = page.do("media_offer", sdp="v=0")
        assert answer["answer_sdp"] == "v=0 answer"
        gateway.tell(protocol.SeatUp(name))
        small_desk.settle()
        assert small_desk.seat(name).gateway_id == gateway.gateway_id
        assert gateway.newest(protocol.OpenSeat).seat_id == name


def test_a_refused_leg_is_a_named_error(small_desk: SmallDesk) -> None:
    gateway = small_desk.gateway()
    gateway.refuse["OpenSeat"] = "bad-offer"
    page = small_desk.page("operator1")
    assert page.refused("media_offer", sdp="v=0") == "bad-offer"
    with pytest.raises(GatewayRefused):
        small_desk.desk.link.open_seat(SeatId("operator1"), "v=0")
    assert page.refused("device_test", kind="whistle") == "bad-payload"


# --- what cannot be stored --------------------------------------------------------------------


class Storage:
    """Lets a test forbid the desk to store a kind of fact."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, desk: SmallDesk) -> None:
        self.refused = 0
        self._fact: type | None = None
        self._times = 0
        put = desk.desk.commits.put

        def guarded(command: Any, **options: Any) -> Any:
            if self._fact is None or not isinstance(command, self._fact) or self._times == 0:
                return put(command, **options)
            self._times -= 1
            self.refused += 1
            entry = Entry(command, None, None, always=False)
            entry.settle(NOT_STORED)
            return entry

        monkeypatch.setattr(desk.desk.commits, "put", guarded)

    def fails(self, fact: type, *, times: int = -1) -> None:
        self._fact, self._times = fact, times

    def works(self) -> None:
        self._fact = None


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, small_desk: SmallDesk) -> Storage:
    return Storage(monkeypatch, small_desk)


def test_a_hello_that_cannot_be_stored_is_refused_and_welcome_the_next_time(
    small_desk: SmallDesk, storage: Storage
) -> None:
    gateway = connected(small_desk)
    storage.fails(GatewayWelcomed)
    assert gateway.hello().error_id == "not-stored"
    assert small_desk.desk.link.linked == {}
    assert gateway.tell(protocol.SeatUp("operator1")) == -1

    storage.works()
    again = small_desk.gateway()
    assert small_desk.desk.link.linked == {"gw1": True}
    assert again.newest_epoch == 0


def test_a_snapshot_that_could_not_be_stored_is_taken_before_the_next_events(
    small_desk: SmallDesk, storage: Storage
) -> None:
    gateway = connected(small_desk)
    gateway.hello()
    storage.fails(GatewaySnapshot, times=2)
    gateway.snapshot()
    assert small_desk.desk.link.linked == {"gw1": False}

    news = gateway.envelope(protocol.TrunkChanged("trunk1", False, "down"))
    assert gateway.deliver(news) == 0, "what came after the snapshot waits for it"
    assert gateway.deliver(news) == 1
    small_desk.settle()
    assert small_desk.desk.link.linked == {"gw1": True}
    floor = small_desk.desk.commits.floor.gateways[GatewayId("gw1")]
    assert floor.linked
    assert not any(share.up for share in floor.trunks.values()), "the newest word holds"


def test_a_gateway_with_no_news_has_its_snapshot_taken_with_the_next_liveness(
    small_desk: SmallDesk, storage: Storage
) -> None:
    gateway = connected(small_desk)
    gateway.hello()
    storage.fails(GatewaySnapshot)
    gateway.snapshot()
    gateway.live()
    assert small_desk.desk.link.linked == {"gw1": False}
    assert gateway.newest(protocol.SendSnapshot), "a snapshot that waits grows old"

    storage.works()
    gateway.live()
    assert small_desk.desk.link.linked == {"gw1": True}


def test_the_loss_of_a_gateway_is_told_until_it_is_stored(
    small_desk: SmallDesk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(small_desk.desk.link, "_pause", pauses.append)
    gateway = small_desk.gateway()
    storage.fails(GatewayLost, times=3)
    gateway.disconnect()
    small_desk.settle()
    assert len(pauses) == storage.refused == 3
    assert not small_desk.desk.commits.floor.gateways[GatewayId("gw1")].linked


def test_a_gateway_that_came_back_is_not_told_lost_any_more(
    small_desk: SmallDesk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = small_desk.gateway()
    monkeypatch.setattr(small_desk.desk.link, "_pause", lambda _: small_desk.gateway())
    storage.fails(GatewayLost)
    gateway.disconnect()
    assert storage.refused == 1
    assert small_desk.desk.commits.floor.gateways[GatewayId("gw1")].linked
