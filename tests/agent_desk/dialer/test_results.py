"""Statuses, identity, promise and note: what may be recorded when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from agent_desk.dialer import commands
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import (
    IdentityRecorded,
    NoteDrafted,
    PromiseMade,
    PromiseWithdrawn,
    ResultRecorded,
    StatusMarked,
)
from agent_desk.dialer.floor import StatusCode
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import A, B, World, campaign

CALL = CallId("call-1")
TODAY = date(2026, 5, 12)


def talking(**settings: object) -> World:
    world = World(**settings)
    world.ready()
    world.bridge()
    return world


def verify(world: World) -> None:
    world.run(commands.RecordIdentity(A, CALL, "verified", "birth_date"))


def refused(world: World, command: commands.Command) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refusal:
        world.run(command)
    assert world.floor is before
    return refusal.value.error_id


@pytest.mark.parametrize("code", ["contact", "valid"])
def test_contact_and_valid_are_marked_at_any_time_from_the_bridge_on(code: str) -> None:
    world = talking()
    world.run(commands.MarkStatus(A, CALL, code, True))
    world.run(commands.MarkStatus(A, CALL, code, True))
    assert world.call().codes == {code}
    assert len(world.happened(StatusMarked)) == 1
    world.run(commands.SetHold(A, True))
    world.run(commands.MarkStatus(A, CALL, code, False))
    assert world.call().codes == frozenset()
    world.end()
    world.run(commands.MarkStatus(A, CALL, code, True))
    assert [mark.on for mark in world.happened(StatusMarked)] == [True, False, True]


def test_nothing_is_recorded_before_the_bridge() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    assert refused(world, commands.MarkStatus(A, CALL, "contact", True)) is ErrorId.NO_CALL


def test_an_unknown_status_is_refused() -> None:
    world = talking()
    assert refused(world, commands.MarkStatus(A, CALL, "sold", True)) is ErrorId.STATUS_UNKNOWN


def test_the_call_of_another_seat_is_refused() -> None:
    world = World()
    world.ready(A, B)
    world.bridge(1, A)
    world.lease(2)
    world.offer(2)
    for command in (
        commands.MarkStatus(A, CallId("call-2"), "contact", True),
        commands.RecordIdentity(A, CallId("call-2"), "verified", "birth_date"),
        commands.SetPromise(A, CallId("call-2"), TODAY, None),
        commands.WithdrawPromise(A, CallId("call-2")),
        commands.DraftNote(A, CallId("call-2"), "text"),
    ):
        assert refused(world, command) is ErrorId.NOT_YOUR_CALL


def test_a_status_about_the_person_needs_the_identity_check() -> None:
    world = talking()
    mark = commands.MarkStatus(A, CALL, "person", True)
    assert refused(world, mark) is ErrorId.IDENTITY_NEEDED
    verify(world)
    world.run(mark)
    assert "person" in world.call().codes


def test_a_campaign_without_identity_check_asks_for_none() -> None:
    world = talking(identity_needed=False)
    world.run(commands.MarkStatus(A, CALL, "person", True))
    world.run(commands.SetPromise(A, CALL, TODAY, None))
    assert world.call().codes == {"person", "payment_date"}


def test_a_third_party_may_not_make_the_promise() -> None:
    world = talking()
    world.run(commands.RecordIdentity(A, CALL, "third_party", "birth_date"))
    assert refused(world, commands.SetPromise(A, CALL, TODAY, 1000)) is ErrorId.IDENTITY_NEEDED
    assert world.happened(IdentityRecorded)[0].state == "third_party"


def test_a_promise_marks_the_payment_date_and_is_replaced_by_a_later_one() -> None:
    world = talking()
    verify(world)
    world.run(commands.SetPromise(A, CALL, TODAY + timedelta(days=3), 10_000))
    world.run(commands.SetPromise(A, CALL, TODAY + timedelta(days=5), 8_000))
    assert world.call().promise_due == TODAY + timedelta(days=5)
    assert [promise.amount_yen for promise in world.happened(PromiseMade)] == [10_000, 8_000]
    assert [mark.code for mark in world.happened(StatusMarked)] == ["payment_date"]
    world.end()
    world.run(commands.SaveResult(A, CALL, ""))
    assert world.happened(ResultRecorded)[0].codes == ("payment_date",)


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (60, True), (61, False)])
def test_a_promise_is_from_today_to_the_longest_allowed(days: int, allowed: bool) -> None:
    world = talking()
    verify(world)
    command = commands.SetPromise(A, CALL, TODAY + timedelta(days=days), None)
    if allowed:
        world.run(command)
    else:
        assert refused(world, command) is ErrorId.PROMISE_DATE


def test_today_is_the_date_in_japan() -> None:
    world = talking()
    verify(world)
    world.wait(14 * 3600)  # 00:00 JST of the next day, still the 12th in UTC
    assert refused(world, commands.SetPromise(A, CALL, TODAY, None)) is ErrorId.PROMISE_DATE


@pytest.mark.parametrize("amount", [0, -5])
def test_a_promise_of_nothing_is_refused(amount: int) -> None:
    world = talking()
    verify(world)
    assert refused(world, commands.SetPromise(A, CALL, TODAY, amount)) is ErrorId.PROMISE_AMOUNT


def test_a_withdrawn_promise_takes_the_status_with_it() -> None:
    world = talking()
    assert refused(world, commands.WithdrawPromise(A, CALL)) is ErrorId.PROMISE_MISSING
    verify(world)
    world.run(commands.SetPromise(A, CALL, TODAY, None))
    world.run(commands.WithdrawPromise(A, CALL))
    assert (world.call().promise_due, world.call().codes) == (None, frozenset())
    assert len(world.happened(PromiseWithdrawn)) == 1


def test_payment_date_is_pressed_by_setting_a_promise_only() -> None:
    world = talking()
    verify(world)
    press = commands.MarkStatus(A, CALL, "payment_date", True)
    release = commands.MarkStatus(A, CALL, "payment_date", False)
    assert refused(world, press) is ErrorId.PROMISE_MISSING
    world.run(commands.SetPromise(A, CALL, TODAY, None))
    assert world.run(press).events == ()
    assert refused(world, release) is ErrorId.PROMISE_STANDS


def test_an_identity_something_rests_on_is_not_taken_back() -> None:
    world = talking()
    verify(world)
    world.run(commands.SetPromise(A, CALL, TODAY, None))
    back = commands.RecordIdentity(A, CALL, "third_party", "birth_date")
    assert refused(world, back) is ErrorId.IDENTITY_IN_USE
    world.run(commands.WithdrawPromise(A, CALL))
    world.run(back)
    assert world.call().identity == "third_party"


def test_the_note_is_kept_as_typed() -> None:
    world = talking()
    world.run(commands.DraftNote(A, CALL, "月末に入金"))
    world.end()
    world.run(commands.DraftNote(A, CALL, "月末に入金予定"))
    assert [note.text for note in world.happened(NoteDrafted)] == ["月末に入金", "月末に入金予定"]


REFUSAL = (
    StatusCode("contact"),
    StatusCode("appointment"),
    StatusCode("payment_date"),
    StatusCode(
        "refused",
        excludes=frozenset({"appointment", "payment_date"}),
        implies=frozenset({"contact", "of another campaign"}),
    ),
)


def test_a_refusal_says_that_somebody_was_spoken_to() -> None:
    world = talking(identity_needed=False, statuses=REFUSAL)
    world.run(commands.MarkStatus(A, CALL, "refused", True))
    assert world.call().codes == {"refused", "contact"}
    release = commands.MarkStatus(A, CALL, "contact", False)
    assert refused(world, release) is ErrorId.STATUS_CONTAINED
    world.run(commands.MarkStatus(A, CALL, "refused", False))
    world.run(release)
    assert world.call().codes == set()


@pytest.mark.parametrize(
    ("first", "then"), [("refused", "appointment"), ("appointment", "refused")]
)
def test_who_refused_agreed_to_nothing(first: str, then: str) -> None:
    world = talking(identity_needed=False, statuses=REFUSAL)
    world.run(commands.MarkStatus(A, CALL, first, True))
    assert refused(world, commands.MarkStatus(A, CALL, then, True)) is ErrorId.STATUS_CONTRADICTS
    assert then not in world.call().codes


def test_who_refused_promised_nothing() -> None:
    world = talking(identity_needed=False, statuses=REFUSAL)
    world.run(commands.MarkStatus(A, CALL, "refused", True))
    promise = commands.SetPromise(A, CALL, TODAY, None)
    assert refused(world, promise) is ErrorId.STATUS_CONTRADICTS


def test_what_came_to_contradict_itself_is_not_saved() -> None:
    world = talking(identity_needed=False)
    world.run(commands.MarkStatus(A, CALL, "contact", True))
    world.run(commands.MarkStatus(A, CALL, "valid", True))
    world.end()
    changed = campaign(
        identity_needed=False,
        statuses=(StatusCode("contact"), StatusCode("valid", excludes=frozenset({"contact"}))),
    )
    world.run(commands.ConfigureCampaign(changed))
    assert refused(world, commands.SaveResult(A, CALL, "")) is ErrorId.STATUS_CONTRADICTS
