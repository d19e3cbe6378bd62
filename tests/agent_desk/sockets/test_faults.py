"""What goes wrong at the seat itself: two pages, no microphone, no result, no account any more.

`SEAT_FAULTS` is how often each is gone through; a few times here, many in a soak.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from sqlalchemy import select

from agent_desk.models.results import Result
from agent_desk.services.people.departures import Departures
from agent_desk.store.people import departures
from softphone import protocol
from tests.agent_desk.small_desk import Shift

ROUNDS = int(os.environ.get("SEAT_FAULTS", "2"))


def silent(shift: Shift, seconds: float) -> None:
    """Heartbeats go on; nobody presses anything."""
    for _ in range(round(seconds / 5)):
        shift.desk.clock.advance(5.0)
        shift.alive()


def test_f10_the_newest_page_has_the_seat_the_older_one_nothing_and_the_call_goes_on(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    page = shift.page
    for _ in range(ROUNDS):
        newer = shift.desk.page("operator1", who=page.who)
        assert "taken_over" in [sent.event for sent in page.heard()]
        assert not page.open, "it can ask for nothing any more"
        newer.do("media_offer", sdp="v=0")
        state = newer.follow()
        assert (state["seat"]["state"], state["call"]["id"]) == ("talking", call_id)
        newer.do("mark_status", call_id=call_id, code="contact", on=True)
        page = newer
    assert not [each for each in shift.gateway.commands if isinstance(each, protocol.HangUp)]
    assert shift.desk.call(call_id).ended_at is None


def test_f10_a_second_login_is_a_second_page(shift: Shift) -> None:
    call_id = shift.talk()
    elsewhere = shift.desk.page("operator1")  # another browser, another session
    assert not shift.page.open
    assert elsewhere.follow()["call"]["id"] == call_id


@pytest.mark.parametrize(
    "beat",
    [
        {"track_live": False, "track_unmuted": False},  # unplugged, or no permission any more
        {"track_live": True, "track_unmuted": False},  # muted by the machine
    ],
)
def test_f12_a_seat_nobody_would_hear_is_offered_nobody(
    shift: Shift, beat: dict[str, bool]
) -> None:
    call_id = shift.available()
    for _ in range(ROUNDS):
        _beat(shift, track_live=True, track_unmuted=True)
        assert shift.desk.seat().proven_ready(shift.desk.clock.now())
        _beat(shift, **beat)
        assert not shift.desk.seat().proven_ready(shift.desk.clock.now()), "with the next beat"
    shift.answer(call_id)
    bridged = [each for each in shift.gateway.commands if isinstance(each, protocol.Bridge)]
    assert not bridged, "a customer would have heard nothing"


def _beat(shift: Shift, *, track_live: bool, track_unmuted: bool) -> None:
    page = shift.page
    beat = {"track_live": track_live, "track_unmuted": track_unmuted, "hidden": False}
    shift.desk.server.say("/pulse", f"{page.sid}-pulse", "pulse", beat)
    shift.gateway.live("operator1")
    shift.desk.tick()


def test_f13_who_never_writes_a_result_is_counted_moved_on_and_told_of(shift: Shift) -> None:
    lead = shift.desk.page("lead1", "/floor")
    call_id = shift.talk()
    shift.page.do("draft_note", call_id=call_id, text="途中まで")
    shift.end(call_id)
    assert shift.page.follow()["seat"]["state"] == "wrap_up"
    silent(shift, 65)
    assert shift.page.follow()["seat"]["state"] == "available", "as the campaign says"
    lead.follow()
    assert "result-unrecorded" in lead.notices
    with shift.desk.desk.database.read() as session:
        [result] = session.scalars(select(Result)).all()
    assert (result.call_id, result.recorded) == (call_id, False)


def disable(shift: Shift) -> None:
    admin = shift.desk.person("admin1")
    shift.desk.desk.set_enabled(shift.page.who.user_id, "operator1", False, actor=admin)


def test_f34_whoever_is_disabled_is_out_at_once_and_the_customer_is_served_to_the_end(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    disable(shift)
    shift.desk.tick(1.0)
    assert not shift.page.open, "within a second"
    assert shift.desk.call(call_id).ended_at is None, "the customer is not cut off"
    assert shift.desk.seat().queued_away is not None, "and nobody else is offered"
    shift.end(call_id)
    shift.desk.desk.people.departures.step()  # once a second
    assert "operator1" not in shift.desk.desk.commits.floor.seats
    with shift.desk.desk.database.read() as session:
        [result] = session.scalars(select(Result)).all()
    assert (result.call_id, result.recorded) == (call_id, False)


def test_f34_a_desk_that_is_started_again_in_mid_call_still_knows_who_is_to_leave(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    disable(shift)
    shift.desk.tick(1.0)
    desk = shift.desk.desk
    again = Departures(
        database=desk.database, commits=desk.commits, clock=desk.clock, seats=desk.seats
    )
    again.step()
    assert "operator1" in desk.commits.floor.seats, "the customer is still served"
    shift.end(call_id)
    again.step()
    assert "operator1" not in desk.commits.floor.seats
    with desk.database.read() as session:
        assert departures.every(session) == set(), "and it is done once"


def test_f34_between_calls_the_seat_is_closed_with_the_page(shift: Shift) -> None:
    disable(shift)
    shift.desk.tick(1.0)
    assert not shift.page.open
    assert "operator1" not in shift.desk.desk.commits.floor.seats


def test_whoever_is_moved_to_another_team_is_there_at_once_and_the_call_in_hand_goes_on(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    before, after = shift.desk.page("lead1", "/floor"), shift.desk.page("lead2", "/floor")
    assert shift.seat_id in before.follow()["seats"]
    assert shift.seat_id not in after.follow()["seats"]
    administration = shift.desk.desk.people.administration
    who = administration.user(shift.page.who.user_id)
    teams = {each.name: each.id for each in administration.teams()}
    administration.change(who.id, replace(who.profile, team_id=teams["second"]), actor="admin1")
    shift.desk.tick()
    seat = shift.desk.seat()
    assert (seat.team_id, seat.serves) == (teams["second"], {shift.desk.people.other_campaign_id})
    assert shift.seat_id not in before.follow()["seats"]
    assert shift.seat_id in after.follow()["seats"]
    assert not shift.page.open, "the page comes back as who the operator is now"
    again = shift.desk.page("operator1")
    assert again.follow()["call"]["id"] == call_id
    again.do("mark_status", call_id=call_id, code="contact", on=True)
    assert shift.desk.call(call_id).ended_at is None
    shift.end(call_id)
    again.do("save_result", call_id=call_id, note="", counterpart="unknown")
    assert shift.desk.seat().campaign_id == shift.desk.people.other_campaign_id


def test_whoever_is_moved_to_a_team_without_a_campaign_has_no_more_calls_of_the_old_one(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    administration = shift.desk.desk.people.administration
    team_id = administration.create_team("third", actor="admin1")
    who = administration.user(shift.page.who.user_id)
    administration.change(who.id, replace(who.profile, team_id=team_id), actor="admin1")
    again = shift.desk.page("operator1")
    assert again.refused("cancel_away") == "no-campaign"
    shift.end(call_id)
    again.do("save_result", call_id=call_id, note="", counterpart="unknown")
    assert shift.desk.seat().state == "away"
    assert again.refused("go_available") == "no-campaign"
