"""Rows of calls that came in, and who a number belongs to, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desk.dialer import events
from agent_desk.dialer.floor import CallState
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TrunkId,
)
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback
from agent_desk.store.campaigns import campaigns
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.reports import figures as reporting
from agent_desk.store.rows import floor as floor_rows
from agent_desk.store.rows import inbound as inbound_rows
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import (
    SEALER,
    add_customer,
    add_entry,
    at,
)

CALLER = CallId("c" * 32)
SHARED = "+81312340000"


def came_in(story: Story, when: datetime, **known: Any) -> events.CallCameIn:
    """A stranger calls, unless said otherwise."""
    plain = events.CallCameIn(
        call_id=CALLER,
        campaign_id=CampaignId(story.centre.campaign_id),
        list_entry_id=None,
        customer_id=None,
        phone_id=None,
        number=SHARED,
        number_key=SEALER.number_key(SHARED),
        trunk_id=TrunkId("trunk1"),
        gateway_id=GatewayId("gw1"),
        desk_epoch=1,
        at=when,
    )
    return replace(plain, **known)


def of_entry(story: Story, entry_id: int) -> dict[str, Any]:
    """What is known when this entry's customer calls."""
    with story.database.read() as session:
        entry = session.get_one(ListEntry, entry_id)
        phone = session.scalars(select(Phone).where(Phone.customer_id == entry.customer_id)).one()
        return {
            "list_entry_id": ListEntryId(entry.id),
            "customer_id": CustomerId(entry.customer_id),
            "phone_id": PhoneId(phone.id),
            "number": SEALER.open(phone.number_sealed),
            "number_key": phone.number_key,
        }


def ended(story: Story, outcome: str, when: datetime, **known: Any) -> events.CallFinished:
    plain = events.CallFinished(
        call_id=CALLER,
        list_entry_id=known.get("list_entry_id"),
        customer_id=known.get("customer_id"),
        campaign_id=CampaignId(story.centre.campaign_id),
        outcome=outcome,
        blame="none",
        by="customer",
        counts=False,
        answered=True,
        live_answer=False,
        abandoned=False,
        sip_code=None,
        q850=None,
        cause="",
        seat_id=None,
        at=when,
        inbound=True,
    )
    return plain


def talked(story: Story, when: datetime, **known: Any) -> None:
    """It came in, was bridged to operator1 and is over."""
    moved = events.CallMoved(CALLER, "ringing", "waiting", when, SeatId("operator1"))
    story.write(
        came_in(story, when, **known),
        moved,
        replace(moved, from_state="waiting", to_state="bridged"),
        ended(story, "human", when, **known),
    )


def entry(story: Story, entry_id: int) -> ListEntry:
    with story.database.read() as session:
        return session.get_one(ListEntry, entry_id)


def violations(story: Story) -> list[str]:
    with story.database.read() as session:
        return [found.invariant for found in invariants.check(session)]


def test_a_strangers_number_is_kept_sealed_and_a_customers_is_not_kept_twice(
    story: Story,
) -> None:
    story.write(came_in(story, at(1)))
    story.write(came_in(story, at(2), call_id=CallId("d" * 32), **of_entry(story, 1)))
    with story.database.read() as session:
        stranger, customer = session.scalars(select(Attempt).order_by(Attempt.leased_at)).all()
        assert (stranger.inbound, stranger.counts, stranger.placed_at) == (True, False, None)
        assert stranger.number_sealed is not None and SHARED.encode() not in stranger.number_sealed
        assert customer.number_sealed is None
        assert inbound_rows.number_of(session, SEALER, stranger.id) == SHARED
        assert inbound_rows.number_of(session, SEALER, customer.id) == ""


def test_a_withheld_number_has_no_key_so_that_two_of_them_are_not_one(story: Story) -> None:
    for call_id in ("d" * 32, "e" * 32):
        hidden = came_in(story, at(1), call_id=CallId(call_id), number="", number_key="")
        story.write(hidden)
    with story.database.read() as session:
        assert session.scalars(select(Attempt.number_key)).all() == [None, None]


def test_it_is_on_the_floor_again_after_a_crash(story: Story) -> None:
    known = of_entry(story, 1)
    story.write(came_in(story, at(1), **known))
    reserved = events.CallMoved(CALLER, "ringing", "ringing", at(2), SeatId("operator1"))
    story.write(reserved)
    with story.database.read() as session:
        [call] = floor_rows.load(session, at(3)).calls
    assert (call.inbound, call.state, call.seat_id) == (True, CallState.RINGING, "operator1")
    assert call.bridge_asked_at == at(1), "the order to bridge may have left"
    assert call.customer_id == known["customer_id"]


def test_our_attempt_and_the_customers_own_call_may_both_be_open(story: Story) -> None:
    row = story.lease(at(1))
    known = of_entry(story, row.list_entry_id)
    story.write(came_in(story, at(2), **known))
    assert violations(story) == []


def test_an_attempt_begun_while_the_customer_calls_us_breaks_i2(story: Story) -> None:
    known = of_entry(story, 1)
    story.write(came_in(story, at(5), **known))
    row = story.lease(at(6))
    assert row.customer_id != known["customer_id"], "the lease passes over who is on the line"
    with story.database.write() as session:
        session.execute(
            update(Attempt)
            .where(Attempt.id == row.call_id)
            .values(customer_id=known["customer_id"], number_key=known["number_key"])
        )
    assert violations(story) == ["I2"]


@pytest.mark.parametrize(("prompt", "broken"), [("all_busy", []), ("please_wait", ["I3"])])
def test_a_caller_sent_away_was_told_so(story: Story, prompt: str, broken: list[str]) -> None:
    story.write(
        came_in(story, at(1)),
        events.CallPromptPlayed(CALLER, prompt, at(2)),
        ended(story, "missed", at(3)),
    )
    assert violations(story) == broken


def test_nothing_of_it_counts_and_the_funnel_knows_only_our_own_attempts(story: Story) -> None:
    known = of_entry(story, 1)
    talked(story, at(10), **known)
    with story.database.read() as session:
        counted = session.scalars(select(AttemptOutcome.counts)).all()
        funnel = reporting.funnel(session, at(0), at(100))
        bridged = session.scalars(select(Call.bridged_at)).all()
    assert counted == [False]
    assert bridged == [at(10)]
    assert (funnel.attempts, funnel.answered, funnel.bridged) == (0, 0, 0)


def test_a_customer_who_was_spoken_to_is_not_called_so_soon(story: Story) -> None:
    known = of_entry(story, 1)
    story.write(
        events.CallbackDue(
            call_id=CallId(story.lease(at(0)).call_id),
            customer_id=known["customer_id"],
            list_entry_id=known["list_entry_id"],
            campaign_id=CampaignId(story.centre.campaign_id),
            cause="missed",
            at=at(0),
        )
    )
    before = entry(story, 1)
    talked(story, at(10), **known)
    after = entry(story, 1)
    assert after.next_at > at(3600)
    assert (after.tries, after.priority) == (before.tries, before.own_priority)
    with story.database.read() as session:
        assert session.scalars(select(Callback.state)).all() == ["done"]


@pytest.mark.parametrize("state", ["closed", "leased"])
def test_a_closed_entry_and_one_our_attempt_holds_are_left_alone(story: Story, state: str) -> None:
    with story.database.write() as session:
        session.execute(update(ListEntry).where(ListEntry.id == 1).values(state=state))
    before = entry(story, 1)
    talked(story, at(10), **of_entry(story, 1))
    after = entry(story, 1)
    assert (after.state, after.next_at) == (state, before.next_at)


def test_a_caller_who_got_nobody_leaves_the_entry_as_it_was(story: Story) -> None:
    known = of_entry(story, 1)
    before = entry(story, 1)
    story.write(came_in(story, at(1), **known), ended(story, "gave_up", at(2), **known))
    assert entry(story, 1).next_at == before.next_at


# --- who has the number -----------------------------------------------------------------------


def test_nobody_has_a_number_nobody_has(story: Story) -> None:
    with story.database.read() as session:
        assert inbound_rows.caller(session, "0" * 64, campaign_id=None) is None


def test_of_a_household_it_is_the_one_tried_last(story: Story) -> None:
    with story.database.write() as session:
        mother, daughter = (add_customer(session, SHARED, name=name) for name in ("母", "娘"))
        entries = [
            add_entry(session, story.centre.list_id, customer, priority=priority)
            for priority, customer in enumerate((daughter, mother))
        ]
    first = story.lease(at(1))
    story.write(story.finished(first, "no_answer", at(2)))
    assert first.customer_id == daughter
    with story.database.write() as session:
        found = inbound_rows.caller(session, SEALER.number_key(SHARED), campaign_id=None)
    assert found is not None
    assert (found.customer_id, found.list_entry_id, found.shared) == (daughter, entries[0], True)
    assert found.campaign_id == story.centre.campaign_id


def test_of_several_campaigns_it_is_the_one_whose_number_was_called(story: Story) -> None:
    row = story.lease(at(1))
    story.write(story.finished(row, "no_answer", at(2)))
    with story.database.write() as session:
        other = other_campaign(session)
        session.execute(update(Attempt).where(Attempt.id == row.call_id).values(campaign_id=other))
    second = story.lease(at(3))
    with story.database.write() as session:
        session.execute(
            update(Attempt)
            .where(Attempt.id == second.call_id)
            .values(customer_id=row.customer_id, open=False)
        )
        key = row.number_key
        newest = inbound_rows.caller(session, key, campaign_id=None)
        called = inbound_rows.caller(session, key, campaign_id=other)
    assert newest is not None and newest.campaign_id == story.centre.campaign_id
    assert called is not None and called.campaign_id == other


def other_campaign(session: Any) -> int:
    """Another campaign."""
    return campaigns.add_campaign(
        session, at=at(), name="autumn", kind="sales", product_id=1, running="running"
    )


def test_a_customer_never_tried_is_known_by_their_list(story: Story) -> None:
    known = of_entry(story, 1)
    with story.database.read() as session:
        found = inbound_rows.caller(session, known["number_key"], campaign_id=None)
    assert found is not None
    assert (found.list_entry_id, found.shared) == (1, False)


def test_a_customer_on_no_list_is_still_known(story: Story) -> None:
    with story.database.write() as session:
        customer = add_customer(session, SHARED)
        found = inbound_rows.caller(session, SEALER.number_key(SHARED), campaign_id=None)
    assert found is not None
    assert (found.customer_id, found.list_entry_id, found.campaign_id) == (customer, None, None)


def test_the_operator_who_talked_last_is_found(story: Story) -> None:
    known = of_entry(story, 1)
    with story.database.read() as session:
        assert inbound_rows.operator_of(session, known["customer_id"]) is None
    talked(story, at(10), **known)
    with story.database.read() as session:
        assert inbound_rows.operator_of(session, known["customer_id"]) == "operator1"
