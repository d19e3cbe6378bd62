"""Callbacks: looked at by the rules when made, and still on the page after a reload."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.business_time import JST
from agent_desk.models.campaigns import Campaign
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback
from tests.agent_desk.small_desk import BORN, Shift


def at(shift: Shift, days: int, hour: int) -> str:
    day = (shift.desk.clock.now() + timedelta(days=days)).astimezone(JST)
    return datetime(day.year, day.month, day.day, hour, tzinfo=JST).isoformat()


def test_the_page_finds_the_callback_again_after_a_reload(shift: Shift) -> None:
    call_id = shift.talk()
    due_at = at(shift, 2, 15)
    shift.page.do("set_callback", call_id=call_id, due_at=due_at, own=True)
    shown = shift.page.follow()["call"]["callback"]
    assert datetime.fromisoformat(shown["due_at"]) == datetime.fromisoformat(due_at)
    assert shown["own"] is True
    another = shift.desk.page("operator1", who=shift.page.who)
    assert another.follow()["call"]["callback"] == shown
    another.do("set_callback", call_id=call_id, due_at=None, own=False)
    assert another.follow()["call"]["callback"] is None


@pytest.mark.parametrize("hour", [3, 7, 21, 23])
def test_a_time_the_rules_forbid_is_refused_with_the_first_that_is_allowed(
    shift: Shift, hour: int
) -> None:
    call_id = shift.talk()
    asked = {"call_id": call_id, "due_at": at(shift, 2, hour), "own": False}
    answer = shift.page.ask("set_callback", **asked)
    assert answer["error"]["id"] == "callback-forbidden"
    assert answer["error"]["details"]["earliest"].endswith(" 09:00")
    with shift.desk.desk.database.read() as session:
        assert list(session.scalars(select(Callback))) == []


def test_a_call_that_still_lives_is_over_by_the_time_they_want_to_be_called(shift: Shift) -> None:
    """Later the same day; the gap between two calls holds from the call that is up."""
    call_id = shift.talk()
    now = shift.desk.clock.now()
    soon, later = (now + timedelta(minutes=each) for each in (5, 25))
    asked = {"call_id": call_id, "own": True}
    refused = shift.page.ask("set_callback", **asked, due_at=soon.isoformat())["error"]
    assert refused["details"]["earliest"].startswith(f"{now.astimezone(JST):%m/%d} 12:15")
    shift.page.do("set_callback", **asked, due_at=later.isoformat())
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="nobody")
    with shift.desk.desk.database.read() as session:
        kept = session.scalars(select(Callback)).one()
        assert (kept.state, kept.due_at) == ("open", later)
        entry = session.get_one(ListEntry, kept.list_entry_id)
        assert (entry.state, entry.next_at) == ("ready", later)


def test_a_repeated_command_is_answered_as_before(shift: Shift) -> None:
    call_id = shift.talk()
    asked = {"call_id": call_id, "due_at": at(shift, 2, 15), "own": False}
    for _ in range(2):
        shift.page.do("set_callback", command_id="12345678", **asked)
    with shift.desk.desk.database.read() as session:
        assert len(list(session.scalars(select(Callback)))) == 1


def collecting(shift: Shift) -> str:
    """Talking in a campaign that collects; the call's id."""
    desk = shift.desk.desk
    with desk.database.write() as session:
        session.execute(update(Campaign).values(kind="collections"))
    desk.book.reload()
    return shift.talk()


def test_a_customer_who_was_talked_with_is_called_back_at_the_time_they_asked_for(
    shift: Shift,
) -> None:
    """The seven days of rest after a talk are not for whoever wants to be called sooner."""
    call_id = collecting(shift)
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    for hour in (15, 11):
        shift.page.do("set_callback", call_id=call_id, due_at=at(shift, 1, hour), own=True)
        told = shift.page.follow()["call"]["callback"]["due_at"]
        assert datetime.fromisoformat(told) == datetime.fromisoformat(at(shift, 1, hour))
    late = {"call_id": call_id, "due_at": at(shift, 1, 22), "own": True}
    refused = shift.page.ask("set_callback", **late)["error"]
    next_morning = datetime.fromisoformat(at(shift, 2, 9)).strftime("%m/%d %H:%M")
    assert refused["details"] == {"earliest": next_morning}


def test_who_answers_for_a_customer_does_not_shorten_their_rest(shift: Shift) -> None:
    """Somebody else's word is no wish of the customer's: they are left alone until the next day."""
    call_id = collecting(shift)
    shift.page.do("third_party", call_id=call_id)
    asked = {"call_id": call_id, "due_at": at(shift, 0, 16), "own": False}
    assert shift.page.ask("set_callback", **asked)["error"]["id"] == "callback-forbidden"
    shift.page.do("set_callback", **{**asked, "due_at": at(shift, 1, 16)})
