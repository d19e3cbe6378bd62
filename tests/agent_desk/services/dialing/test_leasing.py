"""Every lease is answered, whatever is wrong with the rows it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.business_time import JST
from agent_desk.dialer.commands import StartCalls
from agent_desk.dialer.effects import Lease, PlaceCall
from agent_desk.dialer.floor import Share
from agent_desk.dialer.ids import CampaignId, TrunkId
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.customers import Phone
from agent_desk.models.lists import ListEntry
from agent_desk.services.dialing.draining import Draining
from agent_desk.services.dialing.lease_answers import LeaseAnswers
from agent_desk.services.dialing.leasing import Dialing
from agent_desk.services.dialing.second_look import SecondLook
from agent_desk.services.dialing.trunk_choice import Rank
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.ports import Placement
from agent_desk.store.rules import holds, overrides
from agent_desk.store.unit_of_work import Database
from tests import builders
from tests.agent_desk.services.running_desk import Running, running
from tests.agent_desk.store.desk_rows import (
    NOON,
    SEALER,
    Centre,
    add_customer,
    add_entries,
    add_entry,
    small_centre,
)
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import QuietGateway

POOL = ("0399990001", "0399990002")


@dataclass
class Centred:
    """A running loop, and the dialing beside it, on the rows of a small centre."""

    loop: Running
    dialing: Dialing
    database: Database
    centre: Centre
    gateway: QuietGateway
    calls: Withdrawals

    def order(self) -> list[Placement]:
        """Carry out the orders to call that the engine gave."""
        self.loop.settle()
        for effect in self.loop.effects:
            if isinstance(effect, PlaceCall):
                self.dialing.place(effect)
        return self.gateway.placed

    def ask(self, count: int) -> None:
        """Have the engine ask for a lease, and do what it asked."""
        campaign_id = CampaignId(self.centre.campaign_id)
        assert self.loop.commits.submit(StartCalls(campaign_id, count, "", None)).ok
        self.loop.settle()
        asked = [effect for effect in self.loop.effects if isinstance(effect, Lease)]
        assert self.loop.floor.leasing[campaign_id] == count
        self.dialing.lease(asked[-1])
        self.loop.settle()

    @property
    def leasing(self) -> int:
        return self.loop.floor.leasing.get(CampaignId(self.centre.campaign_id), 0)


@pytest.fixture
def centred(database: Database, clock: FakeClock) -> Iterator[Centred]:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 2)
    shares = {TrunkId(name): Share(10, 50.0, up=True) for name in ("main", "spare", "third")}
    gateway = replace(builders.gateway(), trunks=shares)
    floor = builders.floor_of(campaigns=[builders.campaign(centre.campaign_id)], gateways=[gateway])
    loop = running(floor, database=database, clock=clock)
    quiet = QuietGateway()
    look = SecondLook(sealer=SEALER, clock=clock, practice=True)
    calls = Withdrawals(database=database, commits=loop.commits, clock=clock, look=look)
    dialing = Dialing(
        database=database,
        sealer=SEALER,
        commits=loop.commits,
        gateway=quiet,
        clock=clock,
        epoch=1,
        practice=True,
        calls=calls,
        answers=LeaseAnswers(database=database, commits=loop.commits, epoch=1),
        draining=Draining(),
        trunk_caller_ids={"spare": "0312340000"},
        trunk_numbers={"main": POOL},
        trunk_ranks={
            TrunkId("main"): Rank(1, 3),
            TrunkId("third"): Rank(1, 1),
            TrunkId("spare"): Rank(2, 1),
        },
    )
    yield Centred(loop, dialing, database, centre, quiet, calls)
    loop.stop()


def spoil_first_number(database: Database) -> None:
    with database.write() as session:
        first = session.scalar(select(Phone.id).order_by(Phone.id).limit(1))
        session.execute(update(Phone).where(Phone.id == first).values(number_sealed=b"spoilt"))


def test_a_number_that_cannot_be_opened_closes_its_entry_and_no_other(centred: Centred) -> None:
    spoil_first_number(centred.database)
    centred.ask(1)
    assert centred.leasing == 0
    assert len(centred.loop.floor.calls) == 1
    with centred.database.read() as session:
        entries = session.scalars(select(ListEntry).order_by(ListEntry.id)).all()
    assert [(entry.state, entry.closed_reason) for entry in entries] == [
        ("closed", "unreadable"),
        ("leased", None),
    ]


def test_calls_are_dealt_to_the_trunks_and_the_others_come_along(centred: Centred) -> None:
    centred.ask(2)
    first, second = centred.order()
    assert (first.trunk_id, first.fallback_trunk_ids) == ("main", ("third", "spare"))
    assert second.fallback_trunk_ids in (("third", "spare"), ("main", "spare"))
    assert first.caller_id in POOL


def test_leases_one_after_the_other_keep_the_weights(centred: Centred) -> None:
    with centred.database.write() as session:
        for number in range(6):
            customer_id = add_customer(session, f"+81900000000{number}")
            add_entry(session, centred.centre.list_id, customer_id)
    for _ in range(8):
        centred.ask(1)
    dealt = [call.trunk_id for call in centred.loop.floor.calls.values()]
    assert (dealt.count(TrunkId("main")), dealt.count(TrunkId("third"))) == (6, 2)


def test_a_lease_that_fails_is_answered_all_the_same(
    centred: Centred, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise LookupError("no such campaign")

    monkeypatch.setattr("agent_desk.store.leasing.lease.lease", fail)
    centred.ask(2)
    assert centred.leasing == 0
    assert not centred.loop.floor.calls


def test_in_the_evening_the_hours_are_why_also_when_all_has_been_put_off(
    centred: Centred, clock: FakeClock
) -> None:
    clock.advance(13 * 3600)
    for _ in range(2):  # the first look puts off whatever was due, the second finds nothing
        centred.ask(2)
        why = centred.loop.floor.why[CampaignId(centred.centre.campaign_id)]
        assert why.reason == "outside-hours"
        assert why.next_allowed_at is not None
        assert why.next_allowed_at.astimezone(JST).hour == 9
        clock.advance(6)


def test_nothing_is_ordered_for_who_was_held_between_lease_and_order(centred: Centred) -> None:
    centred.ask(2)
    first, second = centred.loop.floor.calls.values()
    with centred.database.write() as session:
        holds.put(
            session,
            int(first.customer_id or 0),
            now=NOON,
            reason="lawyer_notice",
            until=holds.FOR_GOOD,
            actor="lead1",
        )
    centred.calls.withdraw(lambda session: [], reason="held", ringing=True)
    assert [placed.call_id for placed in centred.order()] == [second.call_id]
    centred.loop.settle()
    assert list(centred.loop.floor.calls) == [second.call_id]
    with centred.database.read() as session:
        ended = session.get_one(AttemptOutcome, first.call_id)
        blocked = session.scalars(select(AuditRow).where(AuditRow.action == "call.blocked")).one()
    assert (ended.outcome, ended.cause, ended.counts) == ("not_placed", "withdrawn", False)
    assert (blocked.details["rules"], blocked.details["channel"]) == (["R36"], "auto")
    assert blocked.details["entries"][0]["customer"] == first.customer_id


@pytest.mark.parametrize(("lifted_by_hand", "placed"), [(True, True), (False, False)])
def test_a_preview_is_judged_again_as_one_and_a_number_chosen_by_hand_as_such(
    centred: Centred, lifted_by_hand: bool, placed: bool
) -> None:
    """An override for calls by hand carries those alone."""
    centred.ask(1)
    [call] = centred.loop.floor.calls.values()
    customer_id = int(call.customer_id or 0)
    with centred.database.write() as session:
        holds.put(
            session,
            customer_id,
            now=NOON,
            reason="lawyer_notice",
            until=holds.FOR_GOOD,
            actor="lead1",
        )
        overrides.add(
            session,
            customer_id=customer_id,
            rule_id="R36",
            role="manager",
            actor="manager1",
            reason="court asks",
            manual_only=True,
            made_at=NOON,
            until=NOON + timedelta(days=1),
        )
        session.execute(update(Attempt).values(seat_id="operator1"))
    if lifted_by_hand:
        centred.calls.look.chosen_by_hand([call.call_id], alive=())
    centred.calls.withdraw(lambda session: [], reason="held", ringing=True)
    assert len(centred.order()) == placed
