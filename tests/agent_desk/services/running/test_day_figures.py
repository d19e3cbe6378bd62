"""Today's figures: closed intervals, calls, marks and promises, anew at midnight JST."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.events import PromiseMade, PromiseWithdrawn, SeatMoved, StatusMarked
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, SeatId, UserId
from agent_desk.services.running.day_figures import COUNTED, JST, DayFigures, business_date
from tests.fakes.clock import NOON

TODAY = date(2026, 11, 24)
CALL = CallId("c" * 32)


def moved(before: str, after: str, at: datetime, *, call_id: str | None = None) -> SeatMoved:
    return SeatMoved(
        seat_id=SeatId("operator1"),
        user_id=UserId(1),
        from_state=before,
        to_state=after,
        reason=None,
        cause="test",
        call_id=CallId(call_id) if call_id else None,
        campaign_id=CampaignId(1),
        at=at,
    )


def shift(*steps: tuple[str, float], start: datetime = NOON) -> list[SeatMoved]:
    """Moves through states, each entered so many seconds after the one before."""
    events, state, at = [], "offline", start
    for after, wait_s in steps:
        at += timedelta(seconds=wait_s)
        call_id = CALL if after in ("reserved", "talking", "hold", "wrap_up") else None
        events.append(moved(state, after, at, call_id=call_id))
        state = after
    return events


def test_the_business_day_is_japans() -> None:
    assert business_date(datetime(2026, 11, 23, 14, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert business_date(datetime(2026, 11, 23, 15, 0, tzinfo=UTC)) == TODAY


def test_seconds_are_those_between_the_moves() -> None:
    figures = DayFigures(TODAY)
    figures.apply(
        shift(
            ("starting", 0),
            ("available", 10),
            ("reserved", 30),
            ("talking", 1),
            ("hold", 60),
            ("talking", 15),
            ("wrap_up", 40),
            ("available", 20),
        )
    )
    of = figures.of(1)
    assert of.seconds == {
        "available": 30.0,
        "reserved": 1.0,
        "talking": 100.0,
        "hold": 15.0,
        "wrap_up": 20.0,
    }
    assert of.idle_s() == 31.0
    assert of.calls == 1
    assert of.wrap_ups == 1


def test_coming_back_from_hold_is_not_another_call() -> None:
    figures = DayFigures(TODAY)
    figures.apply(shift(("available", 0), ("reserved", 1), ("talking", 1), ("hold", 5)))
    figures.apply([moved("hold", "talking", NOON + timedelta(seconds=20), call_id="other")])
    assert figures.of(1).calls == 1


def test_a_call_joined_again_is_the_same_call() -> None:
    figures = DayFigures(TODAY)
    joined = moved("reserved", "talking", NOON, call_id="a")
    figures.apply([joined, joined, moved("reserved", "talking", NOON, call_id="b")])
    assert figures.of(1).calls == 2


def test_a_mark_that_was_released_counts_no_more() -> None:
    figures = DayFigures(TODAY)

    def mark(call: str, on: bool) -> StatusMarked:
        return StatusMarked(
            CallId(call), SeatId("operator1"), UserId(1), CampaignId(1), "valid", on, NOON
        )

    figures.apply([mark("a", True), mark("a", True), mark("b", True)])
    assert figures.of(1).codes == {"valid": 2}
    figures.apply([mark("b", False), mark("b", False)])
    assert figures.of(1).codes == {"valid": 1}
    figures.apply([mark("c", True), mark("c", False)])
    assert figures.of(1).codes == {"valid": 1}


def test_what_is_kept_of_a_day_does_not_grow_with_its_calls() -> None:
    figures = DayFigures(TODAY)
    for number in range(50):
        joined = moved("reserved", "talking", NOON, call_id=f"call{number}")
        promise = PromiseMade(joined.call_id, CustomerId(1), UserId(1), TODAY, 5000, NOON)
        figures.apply([joined, promise])
    of = figures.of(1)
    assert (of.calls, of.promises) == (50, 50)
    assert "call48" not in repr(of)


def test_a_promise_made_anew_is_one_and_a_withdrawn_one_none() -> None:
    figures = DayFigures(TODAY)
    made = PromiseMade(CALL, CustomerId(1), UserId(1), TODAY, 5000, NOON)
    figures.apply([made, made])
    assert figures.of(1).promises == 1
    figures.apply([PromiseWithdrawn(CALL, UserId(1), NOON)])
    assert figures.of(1).promises == 0


def test_an_interval_over_midnight_is_shared_between_the_days() -> None:
    midnight = datetime(2026, 11, 25, 0, 0, tzinfo=JST)
    figures = DayFigures(TODAY)
    figures.apply(shift(("available", 0), start=midnight - timedelta(seconds=50)))

    assert figures.roll(midnight)
    assert figures.of(1).seconds == {}
    figures.apply([moved("available", "away", midnight + timedelta(seconds=30))])

    assert figures.of(1).seconds == {"available": 30.0}
    assert not figures.roll(midnight + timedelta(seconds=30))


def test_who_changed_is_told_once_each() -> None:
    figures = DayFigures(TODAY)
    assert figures.apply(shift(("starting", 0), ("available", 5))) == {1}
    assert figures.apply([]) == set()


STATES = st.sampled_from([*COUNTED, "starting"])


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.tuples(STATES, st.floats(0, 5000, allow_nan=False)), min_size=1, max_size=15))
def test_b28_seconds_add_up_to_the_time_logged_in(steps: list[tuple[str, float]]) -> None:
    events = shift(*steps)
    figures = DayFigures(TODAY)
    figures.apply(events)
    starting = sum(
        (after.at - before.at).total_seconds()
        for before, after in zip(events, events[1:], strict=False)
        if before.to_state == "starting"
    )
    logged_in = (events[-1].at - events[0].at).total_seconds()
    midnight = datetime(2026, 11, 25, 0, 0, tzinfo=JST)
    if events[-1].at <= midnight:
        assert abs(sum(figures.of(1).seconds.values()) + starting - logged_in) < 1e-3
