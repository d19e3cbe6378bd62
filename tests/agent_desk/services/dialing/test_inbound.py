"""Who calls us, through the whole desk: from the gateway's word to the operator's page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Phone
from agent_desk.models.results import Callback, Result
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.rules import do_not_call
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk, ended
from tests.agent_desk.store.desk_rows import NOON, SEALER

CALL = "e" * 32
OURS = "+81312345678"
STRANGER = "+81398765432"


def arrive(shift: Shift, number: str, *, called: str = OURS, call_id: str = CALL) -> None:
    shift.gateway.tell(protocol.CallArrived(call_id, "trunk1", number, called))
    shift.desk.settle()


def available(shift: Shift) -> None:
    """Waiting; the dialer, which has nothing to do with this, is paused."""
    pause(shift.desk)
    show_number(shift.desk, shift.desk.campaign_id)
    shift.alive()
    shift.page.do("go_available")


def show_number(desk: SmallDesk, campaign_id: int) -> None:
    """Calls of this campaign show the number callers of these tests call."""
    with desk.desk.database.write() as session:
        session.execute(
            update(Campaign).where(Campaign.id == campaign_id).values(caller_id="03-1234-5678")
        )
    desk.desk.book.reload()


def pause(desk: SmallDesk) -> None:
    lead = desk.page("lead1", "/floor")
    lead.do("set_campaign_running", campaign_id=desk.campaign_id, running="paused")
    desk.settle()


def bridged(shift: Shift, call_id: str = CALL) -> None:
    shift.gateway.tell(
        protocol.CallAnswered(call_id), protocol.CallBridged(call_id, shift.seat_id, 900)
    )
    shift.desk.settle()


def numbers(desk: SmallDesk) -> str:
    """The number of the first customer on the list."""
    with desk.desk.database.read() as session:
        return SEALER.open(session.scalars(select(Phone.number_sealed)).first() or b"")


def test_a_customer_who_calls_back_is_shown_to_who_takes_the_call(each_shift: Shift) -> None:
    shift = each_shift
    available(shift)
    arrive(shift, numbers(shift.desk))
    assert shift.gateway.newest(protocol.Bridge).call_id == CALL
    bridged(shift)
    state = shift.page.follow()
    assert state["seat"]["state"] == "talking"
    assert (state["call"]["inbound"], state["call"]["state"]) == (True, "bridged")
    assert (state["record"]["known"], state["record"]["shared"]) == (True, False)
    assert state["record"]["customer"]["name"]
    assert state["record"]["debts"] is None, "before 本人確認 nothing is told"
    lead = shift.desk.page("lead1", "/floor")
    assert lead.follow()["seats"][shift.seat_id]["inbound"] is True
    shift.end(CALL)
    shift.page.do("save_result", call_id=CALL, note="called us", counterpart="unknown")
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        assert session.scalars(select(AttemptOutcome.outcome)).all() == ["human"]
        assert session.scalars(select(Result.customer_id)).all() == [1]
        assert invariants.check(session) == []


def test_a_stranger_is_shown_as_one_and_the_number_only_in_part(each_shift: Shift) -> None:
    shift = each_shift
    available(shift)
    arrive(shift, STRANGER)
    bridged(shift)
    record = shift.page.follow()["record"]
    assert (record["known"], record["customer"]["name"]) == (False, "")
    assert record["customer"]["phone_masked"].endswith("5432")
    assert "9876" not in str(record)
    assert record["identity"]["needed"] is False
    assert shift.page.refused("check_identity", call_id=CALL, answer="x") in (
        "caller-unknown",
        "identity-not-needed",
    )
    shift.end(CALL)
    shift.page.do("save_result", call_id=CALL, note="wrong number", counterpart="unknown")
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        assert session.scalars(select(Result.customer_id)).all() == [None]
        assert invariants.check(session) == []


def test_who_withholds_the_number_is_a_stranger_without_one(shift: Shift) -> None:
    available(shift)
    arrive(shift, "")
    bridged(shift)
    assert shift.page.follow()["record"]["customer"]["phone_masked"] == ""


def test_two_of_a_household_are_told_apart_by_who_was_called_last(shift: Shift) -> None:
    with shift.desk.desk.database.write() as session:
        first = session.scalars(select(Phone).order_by(Phone.id)).first()
        assert first is not None
        session.execute(
            update(Phone)
            .where(Phone.id == first.id + 1)
            .values(number_key=first.number_key, number_sealed=first.number_sealed)
        )
    available(shift)
    arrive(shift, numbers(shift.desk))
    bridged(shift)
    assert shift.page.follow()["record"]["shared"] is True


def test_nobody_is_free_and_the_caller_is_called_back_unless_they_asked_not_to_be(
    small_desk: SmallDesk,
) -> None:
    gateway = small_desk.gateway()
    lead = small_desk.page("lead1", "/floor")
    pause(small_desk)
    number = numbers(small_desk)
    for call_id, blocked in (("a" * 32, False), ("b" * 32, True)):
        if blocked:
            with small_desk.desk.database.write() as session:
                key = SEALER.number_key(number)
                do_not_call.add(session, since=NOON, reason="asked", source="x", number_key=key)
        gateway.tell(protocol.CallArrived(call_id, "trunk1", number, OURS))
        small_desk.settle()
        assert gateway.newest(protocol.AnswerCall) == protocol.AnswerCall(call_id, 60.0)
        gateway.tell(
            protocol.CallAnswered(call_id),
            protocol.CallTreated(call_id, protocol.Prompt.PLEASE_WAIT, 0),
            protocol.CallTreated(call_id, protocol.Prompt.ALL_BUSY, 60_000),
            ended(call_id, by=protocol.EndedBy.GATEWAY, abandoned=True, cause="no_seat"),
        )
        small_desk.settle()
    lead.follow()
    assert lead.notices == ["caller-missed", "caller-missed"]
    with small_desk.desk.database.read() as session:
        assert session.scalars(select(Callback.call_id)).all() == ["a" * 32]
        assert session.scalars(select(AttemptOutcome.abandoned)).all() == [False, False]
        assert invariants.check(session) == []
    counted = small_desk.desk.metrics.render()[0].decode()
    assert 'desk_inbound_outcomes_total{outcome="missed"} 2.0' in counted
    assert "desk_calls_abandoned_total 0.0" in counted


@pytest.mark.parametrize("how", ["evening", "stopped", "new year"])
def test_when_nobody_works_on_it_the_caller_is_told_so(small_desk: SmallDesk, how: str) -> None:
    gateway = small_desk.gateway()
    if how == "evening":
        small_desk.clock.advance(timedelta(hours=9).total_seconds())  # 21:00 in Japan
    elif how == "new year":
        holiday = datetime(2027, 1, 1, 3, tzinfo=UTC)  # a Friday, 12:00 in Japan
        small_desk.clock.advance((holiday - small_desk.clock.now()).total_seconds())
    else:
        lead = small_desk.page("lead1", "/floor")
        lead.do("set_campaign_running", campaign_id=small_desk.campaign_id, running="stopped")
        small_desk.settle()
    gateway.tell(protocol.CallArrived(CALL, "trunk1", numbers(small_desk), OURS))
    small_desk.settle()
    assert gateway.newest(protocol.EndWithPrompt).prompt is protocol.Prompt.CLOSED


def test_on_a_holiday_a_campaign_at_work_takes_who_calls_back(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    available(shift)
    monkeypatch.setattr("agent_desk.services.dialing.inbound.is_holiday", lambda day: True)
    arrive(shift, numbers(shift.desk))
    assert shift.gateway.newest(protocol.Bridge).call_id == CALL


def test_a_stranger_goes_to_the_campaign_that_shows_the_number_they_called(
    sqlite_url: str, tmp_path: Path
) -> None:
    desk = SmallDesk(sqlite_url, tmp_path)
    try:
        show_number(desk, desk.people.other_campaign_id)
        gateway = desk.gateway()
        for call_id, called in (("a" * 32, OURS), ("b" * 32, "+81311112222"), ("d" * 32, "")):
            gateway.tell(protocol.CallArrived(call_id, "trunk1", STRANGER, called))
            desk.settle()
        with desk.desk.database.read() as session:
            rows = session.execute(select(Attempt.id, Attempt.campaign_id))
            found = {row[0][0]: row[1] for row in rows}
        assert found == {
            "a": desk.people.other_campaign_id,
            "b": desk.campaign_id,
            "d": desk.campaign_id,
        }
    finally:
        desk.stop()


def test_what_happened_while_the_desk_was_away_is_made_good(small_desk: SmallDesk) -> None:
    gateway = small_desk.gateway()
    gateway.disconnect()
    number = numbers(small_desk)
    news = [
        gateway.envelope(event, at=small_desk.clock.now())
        for event in (
            protocol.CallArrived(CALL, "trunk1", number, OURS),
            protocol.CallAnswered(CALL),
            protocol.CallTreated(CALL, protocol.Prompt.ALL_BUSY, 0),
            ended(CALL, by=protocol.EndedBy.GATEWAY, abandoned=True, cause="desk_silent"),
        )
    ]
    gateway.commands.clear()
    gateway.connect("shared by desk and gateway")
    gateway.hello()
    gateway.deliver(*news)
    gateway.snapshot()
    small_desk.settle()
    about_it = [c for c in gateway.commands if getattr(c, "call_id", "") == CALL]
    assert about_it == []
    with small_desk.desk.database.read() as session:
        assert session.scalars(select(AttemptOutcome.outcome)).all() == ["missed"]
        assert session.scalars(select(Callback.state)).all() == ["open"]
