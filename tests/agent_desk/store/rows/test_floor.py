"""The floor as the rows have it, after whatever happened."""

from __future__ import annotations

from agent_desk.dialer import events
from agent_desk.dialer.floor import CallState
from agent_desk.dialer.ids import CallId, SeatId, UserId
from agent_desk.models.calls import Attempt
from agent_desk.store.rows import floor as floor_rows
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import at


def load(story: Story) -> floor_rows.FloorRows:
    with story.database.read() as session:
        return floor_rows.load(session, at(1000))


def test_an_empty_day_has_campaigns_and_nothing_else(story: Story) -> None:
    rows = load(story)
    assert (rows.seats, rows.calls) == ([], [])
    campaign = rows.campaigns[story.centre.campaign_id]
    assert (campaign.kind, campaign.running, campaign.mode) == (
        "collections",
        "running",
        "progressive",
    )
    assert [status.code for status in campaign.statuses] == ["contact", "valid", "payment_date"]


def test_a_talk_comes_back_with_seat_marks_and_identity(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at(1))
    story.bridge(row, "operator1", at(2))
    story.mark(row, "operator1", "contact", at(3))
    story.mark(row, "operator1", "valid", at(3))
    story.mark(row, "operator1", "valid", at(4), on=False)
    user_id = UserId(story.centre.users["operator1"])
    story.write(
        events.IdentityRecorded(CallId(row.call_id), user_id, "verified", "birth_date", at(4))
    )
    rows = load(story)
    (call,) = rows.calls
    assert (call.state, call.seat_id) == (CallState.BRIDGED, "operator1")
    assert (call.codes, call.identity) == (frozenset({"contact"}), "verified")
    assert (call.placed_at, call.bridged_at) == (at(2), at(2))
    (seat,) = rows.seats
    assert (seat.seat_id, seat.state, seat.call_id) == ("operator1", "talking", row.call_id)
    assert (seat.campaign_id, seat.team_id) == (story.centre.campaign_id, story.centre.team_id)


def test_a_leased_attempt_counts_as_placed_for_nobody_knows(story: Story) -> None:
    row = story.lease(at(1))
    (call,) = load(story).calls
    assert (call.call_id, call.state) == (row.call_id, CallState.LEASED)
    assert call.place_asked_at == at(1)


def test_a_customer_reserved_for_a_seat_may_be_talking_by_now(story: Story) -> None:
    story.available("operator1", at())
    row, other = story.lease(at(1)), story.lease(at(1))
    call_id = CallId(row.call_id)
    story.write(
        events.CallMoved(call_id, "leased", "waiting", at(3)),
        events.CallMoved(CallId(other.call_id), "leased", "waiting", at(3)),
        events.CallMoved(call_id, "waiting", "waiting", at(4), seat_id=SeatId("operator1")),
    )
    calls = {call.call_id: call for call in load(story).calls}
    assert calls[call_id].bridge_asked_at == at(3)
    assert calls[CallId(other.call_id)].bridge_asked_at is None


def test_a_wrap_up_comes_back_with_its_call_and_its_moved_deadline(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at(1))
    story.bridge(row, "operator1", at(2))
    story.hang_up(row, "operator1", at(60))
    for minute in (3, 4):
        story.write(
            events.WrapUpExtended(
                SeatId("operator1"),
                UserId(story.centre.users["operator1"]),
                CallId(row.call_id),
                at(minute * 60),
                at(70),
            )
        )
    rows = load(story)
    (seat,) = rows.seats
    assert (seat.state, seat.deadline, seat.extensions) == ("wrap_up", at(240), 2)
    (call,) = rows.calls
    assert (call.state, call.outcome, call.ended_at) == (CallState.ENDED, "human", at(60))


def test_what_was_pressed_on_the_call_comes_back_as_it_was_last(story: Story) -> None:
    user_id = UserId(story.centre.users["operator1"])
    seat_id = SeatId("operator1")
    story.available("operator1", at())
    row = story.lease(at(1))
    call_id = CallId(row.call_id)
    story.bridge(row, "operator1", at(2))
    assert (load(story).seats[0].queued_away, load(story).seats[0].muted) == (None, False)
    story.write(
        events.AwayQueued(seat_id, user_id, call_id, "meal", at(3)),
        events.MuteSet(seat_id, user_id, call_id, True, at(3)),
    )
    assert (load(story).seats[0].queued_away, load(story).seats[0].muted) == ("meal", True)
    story.write(
        events.AwayQueued(seat_id, user_id, call_id, None, at(4)),
        events.MuteSet(seat_id, user_id, call_id, False, at(4)),
    )
    assert (load(story).seats[0].queued_away, load(story).seats[0].muted) == (None, False)


def test_who_logged_out_and_what_ended_stays_away(story: Story) -> None:
    story.available("operator1", at())
    story.write(story.seat("operator1", "offline", at(5), from_state="available"))
    row = story.lease(at(1))
    story.write(story.finished(row, "busy", at(3)))
    rows = load(story)
    assert (rows.seats, rows.calls) == ([], [])


def test_open_attempts_pass_into_the_care_of_the_new_desk(story: Story) -> None:
    kept, ended = story.lease(at(1)), story.lease(at(1))
    story.write(story.finished(ended, "busy", at(3)))
    with story.database.write() as session:
        floor_rows.take_over(session, [kept.call_id, ended.call_id], 4)
    with story.database.read() as session:
        epochs = {
            row: session.get(Attempt, row).desk_epoch for row in (kept.call_id, ended.call_id)
        }
    assert epochs == {kept.call_id: 4, ended.call_id: 1}
