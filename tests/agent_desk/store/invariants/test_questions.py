"""The invariants' questions: silent on a lawful day, and each one finds its own violation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.results import Result
from agent_desk.models.seat_moves import SeatMove
from agent_desk.store import system
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.invariants.violation import Violation
from agent_desk.store.rows import floor as floor_rows
from agent_desk.store.rules import do_not_call
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import at


def found(story: Story) -> list[Violation]:
    with story.database.read() as session:
        return invariants.check(session)


def broken(story: Story) -> set[str]:
    return {violation.invariant for violation in found(story)}


def a_day(story: Story) -> str:
    """A talk with its result, a busy number, a machine, one call ringing, one talk going on."""
    story.available("operator1", at())
    story.available("operator2", at())
    talk = story.lease(at(1))
    story.bridge(talk, "operator1", at(2))
    story.hang_up(talk, "operator1", at(60))
    story.save(talk, "operator1", at(80), codes=("contact",))
    busy = story.lease(at(81))
    story.write(story.moved(busy, "leased", "ringing", at(82)))
    story.write(story.finished(busy, "busy", at(83)))
    machine = story.lease(at(84))
    story.write(story.moved(machine, "leased", "screening", at(85), verdict="machine"))
    story.write(story.finished(machine, "machine", at(86), answered=True))
    going_on = story.lease(at(87))
    story.bridge(going_on, "operator2", at(88))
    ringing = story.lease(at(89))
    story.write(story.moved(ringing, "leased", "ringing", at(90)))
    return talk.call_id


def test_an_empty_database_breaks_nothing(story: Story) -> None:
    assert found(story) == []


def test_a_lawful_day_breaks_nothing_and_what_is_alive_is_no_violation(story: Story) -> None:
    a_day(story)
    assert found(story) == []


def test_what_a_killed_desk_left_is_a_violation_only_if_the_next_one_overlooks_it(
    story: Story,
) -> None:
    a_day(story)
    with story.database.write() as session:
        epoch = system.begin_epoch(session) + 1
        system.put(session, system.DESK_EPOCH, str(epoch))
    assert found(story) == []  # killed, or started and not yet recovered
    with story.database.write() as session:
        system.finish_recovery(session, epoch, at=at(95))
    assert broken(story) == {"I2"}
    with story.database.write() as session:
        open_calls = [call.call_id for call in floor_rows.load(session, at(96)).calls]
        floor_rows.take_over(session, open_calls, epoch)
    assert found(story) == []


def test_a_call_that_rings_for_ever_is_stuck_once_the_world_has_moved_on(story: Story) -> None:
    a_day(story)
    story.write(story.seat("operator1", "away", at(800), from_state="available", reason="break"))
    (violation,) = found(story)
    assert (violation.invariant, violation.text[:7]) == ("I2", "ringing")


def test_a_desk_that_was_stopped_overnight_finds_nothing_stuck_at_its_start(story: Story) -> None:
    a_day(story)
    morning = at(20 * 3600)
    with story.database.write() as session:
        system.begin_epoch(session)
        system.finish_recovery(session, 1, at=morning)
    story.write(story.seat("operator1", "away", morning, from_state="available", reason="break"))
    assert found(story) == []


def _no_index(name: str) -> Callable[[Story], None]:
    def drop(story: Story) -> None:
        with story.database.write() as session:
            session.execute(text(f"DROP INDEX {name}"))

    return drop


def two_calls_on_a_seat(story: Story) -> None:
    _no_index("uq_calls_live_seat")(story)
    row = story.lease(at(91))
    story.write(story.moved(row, "leased", "waiting", at(92), seat_id="operator2"))


def a_seat_with_a_dead_call(story: Story) -> None:
    with story.database.write() as session:
        call_id = session.scalar(text("SELECT call_id FROM seat_moves WHERE to_state = 'wrap_up'"))
    story.write(story.seat("operator1", "talking", at(99), from_state="available", call_id=call_id))


def two_attempts_on_a_number(story: Story) -> None:
    _no_index("uq_attempts_open_number")(story)
    row = story.lease(at(91))
    with story.database.write() as session:
        other = session.scalar(text("SELECT number_key FROM attempts ORDER BY id DESC LIMIT 1"))
        session.execute(update(Attempt).where(Attempt.open).values(number_key=other))
    assert row


def an_answer_that_came_to_nothing(story: Story) -> None:
    with story.database.write() as session:
        session.execute(
            update(AttemptOutcome)
            .where(AttemptOutcome.outcome == "machine")
            .values(outcome="human", live_answer=True)
        )


def an_invite_at_night(story: Story) -> None:
    night = at() + timedelta(hours=12)
    with story.database.write() as session:
        session.execute(update(Attempt).values(placed_at=night, not_after=night))


def an_invite_too_late(story: Story) -> None:
    with story.database.write() as session:
        session.execute(update(Attempt).values(not_after=at(-60)))


def one_attempt_too_many(story: Story) -> None:
    with story.database.write() as session:
        session.execute(text("UPDATE attempts SET customer_id = 1 WHERE open = false"))
        session.execute(update(Attempt).values(cap_today=2))


def a_second_call_too_soon(story: Story) -> None:
    """After a preview somebody looked at for an hour: the INVITE counts, not the lease."""
    with story.database.write() as session:
        first, second = session.scalars(select(Attempt).order_by(Attempt.leased_at).limit(2))
        second.customer_id, second.cap_today = first.customer_id, 3
        first.leased_at, first.placed_at = at(-3600), at(2)
        second.placed_at = at(150)


def a_call_that_rang_and_was_released(story: Story) -> None:
    with story.database.write() as session:
        rang = select(Call.id).where(Call.rang_at.is_not(None))
        session.execute(update(Attempt).where(Attempt.id.in_(rang)).values(counts=False))


def a_lost_call_that_was_released(story: Story) -> None:
    row = story.lease(at(91))
    story.write(story.moved(row, "leased", "placed", at(92)))
    story.write(story.finished(row, "system_failure", at(93), counts=False, sip_code=None))


def an_outcome_of_an_open_attempt(story: Story) -> None:
    with story.database.write() as session:
        session.execute(delete(AttemptOutcome).where(AttemptOutcome.outcome == "busy"))


def a_talk_without_a_result(story: Story) -> None:
    with story.database.write() as session:
        session.execute(delete(Result))


def a_missing_version(story: Story) -> None:
    with story.database.write() as session:
        session.execute(update(Result).values(version=2))


def a_call_to_somebody_blocked(story: Story) -> None:
    with story.database.write() as session:
        key = session.scalar(text("SELECT number_key FROM attempts LIMIT 1"))
        do_not_call.add(session, since=at(-60), reason="r", source="s", number_key=key)


def a_gap_between_states(story: Story) -> None:
    with story.database.write() as session:
        session.execute(delete(SeatMove).where(SeatMove.to_state == "reserved"))


def a_move_before_the_last(story: Story) -> None:
    story.write(story.seat("operator1", "away", at(10), from_state="available", reason="break"))


def a_call_that_lives_on(story: Story) -> None:
    with story.database.write() as session:
        ended = Call.state == "ended"
        session.execute(update(Call).where(ended, Call.bridged_at.is_(None)).values(live=True))


@pytest.mark.parametrize(
    ("spoil", "invariant"),
    [
        (two_calls_on_a_seat, "I1"),
        (a_seat_with_a_dead_call, "I1"),
        (two_attempts_on_a_number, "I2"),
        (an_answer_that_came_to_nothing, "I3"),
        (an_invite_at_night, "I4"),
        (an_invite_too_late, "I4"),
        (one_attempt_too_many, "I5"),
        (a_second_call_too_soon, "I5"),
        (a_call_that_rang_and_was_released, "I5"),
        (a_lost_call_that_was_released, "I5"),
        (an_outcome_of_an_open_attempt, "I6"),
        (a_call_that_lives_on, "I6"),
        (a_talk_without_a_result, "I7"),
        (a_missing_version, "I7"),
        (a_call_to_somebody_blocked, "I9"),
        (a_gap_between_states, "I10"),
        (a_move_before_the_last, "I10"),
    ],
)
def test_each_violation_is_found_and_named(
    story: Story, spoil: Callable[[Story], None], invariant: str
) -> None:
    a_day(story)
    spoil(story)
    violations = [each for each in found(story) if each.invariant == invariant]
    assert violations and all(each.ids and each.text for each in violations)


def test_a_block_that_came_while_the_call_rang_is_lawful(story: Story) -> None:
    row = story.lease(at(1))
    story.write(story.moved(row, "leased", "placed", at(2)))
    with story.database.write() as session:
        do_not_call.add(session, since=at(1.5), reason="r", source="s", number_key=row.number_key)
    story.write(story.finished(row, "cancelled", at(3)))
    assert found(story) == []


def test_a_block_that_was_lifted_before_is_none(story: Story) -> None:
    row = story.lease(at(10))
    with story.database.write() as session:
        block = do_not_call.add(
            session, since=at(-60), reason="r", source="s", number_key=row.number_key
        )
        do_not_call.lift(session, block, at=at(5))
    assert found(story) == []


def test_an_audit_trail_that_was_changed_is_a_violation(story: Story) -> None:
    with story.database.write() as session:
        values = "1, 'a', 'b', 'c', '{}', 1, '0'"
        columns = "at, actor, action, subject, details, position, hash"
        session.execute(text(f"INSERT INTO audit ({columns}) VALUES ({values})"))
    with story.database.read() as session:
        violations = invariants.check_audit_chain(session, b"k" * 32, ())
    assert [each.invariant for each in violations] == ["I14"]
