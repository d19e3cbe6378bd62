"""The answer to a lease reaches the engine, whatever the database does meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.dialer.commands import AttemptsLeased, LeasedAttempt
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId, GatewayId, TrunkId
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.lists import ListEntry
from agent_desk.services.dialing import leasing
from agent_desk.services.dialing.lease_answers import LeaseAnswers, leased_attempt
from agent_desk.services.running.group_commit import DONE, Entry
from agent_desk.store.rows.attempts import LeasedRow
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import NOON

TRUNK = (GatewayId("gw1"), TrunkId("trunk1"))


def attempt_of(number: int) -> LeasedAttempt:
    row = LeasedRow(f"call-{number}", 1, number, number, number, "key", 1, 2, "trunk1", "gw1", NOON)
    return leased_attempt(row)


def job(desk: SmallDesk, name: str) -> Callable[[], object]:
    """What the desk does by itself now and then."""
    [work] = [each.work for each in desk.desk.routine.jobs() if each.name == name]
    return work


def attempts(desk: SmallDesk) -> list[Attempt]:
    with desk.desk.database.read() as session:
        return list(session.scalars(select(Attempt)))


def preview(shift: Shift) -> None:
    shift.desk.desk.campaigns.set_pacing(
        shift.desk.seat().campaign_id, mode="preview", ratio=1.0, actor="lead1", teams=None
    )
    shift.alive()
    shift.page.do("go_available")


def test_an_answer_that_could_not_be_stored_is_given_again(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away between the lease's commit and that of its answer."""
    preview(shift)
    commits: Any = shift.desk.desk.commits
    write, broken = commits._write_events, [True]

    def failing(session: Any, events: Sequence[Any]) -> None:
        if broken[0] and attempts(shift.desk):
            raise OSError("disk full")
        write(session, events)

    monkeypatch.setattr(commits, "_write_events", failing)
    shift.page.do("next_customer")
    shift.desk.tick()
    [attempt] = attempts(shift.desk)
    assert attempt.open
    assert not commits.floor.calls
    broken[0] = False
    job(shift.desk, "leases")()
    shift.desk.settle()
    assert list(commits.floor.calls) == [attempt.id]
    assert shift.desk.seat().call_id == attempt.id
    assert set(commits.floor.leasing.values()) == {0}


def test_what_was_committed_although_the_commit_failed_is_released(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = leasing.leasing.lease

    def lost(session: Any, *rest: Any, **more: Any) -> Any:
        lease(session, *rest, **more)
        session.commit()
        raise ConnectionError("the server went away")

    monkeypatch.setattr(leasing.leasing, "lease", lost)
    preview(shift)
    shift.page.do("next_customer")
    shift.desk.tick()
    [attempt] = attempts(shift.desk)
    assert attempt.open
    monkeypatch.setattr(leasing.leasing, "lease", lease)
    look = job(shift.desk, "unheard")
    look()
    shift.desk.settle()
    assert attempts(shift.desk)[0].open, (
        "it might be on its way: only what is missing twice is lost"
    )
    look()
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        outcome = session.scalars(select(AttemptOutcome)).one()
        entry = session.get_one(ListEntry, attempt.list_entry_id)
        assert (outcome.outcome, outcome.counts, outcome.cause) == ("not_placed", False, "unheard")
        assert entry.state == "ready"
    assert not attempts(shift.desk)[0].open


def test_what_the_engine_knows_is_left_alone(shift: Shift) -> None:
    shift.available()
    look = job(shift.desk, "unheard")
    look()
    look()
    shift.desk.settle()
    [attempt] = attempts(shift.desk)
    assert attempt.open


class Busy:
    """A loop that has not come to anything yet, then has decided and stored it all."""

    def __init__(self) -> None:
        self.floor = Floor()
        self.entries: list[Entry] = []

    def put(self, command: AttemptsLeased) -> Entry:
        self.entries.append(Entry(command, None, None, always=False))
        return self.entries[-1]


def test_lines_of_a_lease_nobody_has_decided_yet_are_taken(database: Database) -> None:
    """Two campaigns lease in one batch: the second sees what the first has taken."""
    busy = Busy()
    answers = LeaseAnswers(database=database, commits=busy, epoch=1)  # type: ignore[arg-type]
    answers.tell(AttemptsLeased(CampaignId(1), 2, (attempt_of(1), attempt_of(2)), "", None, None))
    room = {TRUNK: 3, (GatewayId("gw2"), TRUNK[1]): 1}
    assert answers.without_lines_of(room) == {**room, TRUNK: 1}
    busy.entries[0].settle(DONE)
    assert answers.without_lines_of(room) == room
