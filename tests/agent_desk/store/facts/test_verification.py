"""`audit` finds facts that are not what the rows say, and takes no fresh correction for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from agent_desk.models.results import StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.services.reports import fact_checks
from agent_desk.store.facts import verification
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER
from tests.agent_desk.store.facts.random_centre import RandomCentre
from tests.agent_desk.store.facts.test_figures import finish

EVERY_DAY = 1000


@pytest.fixture
def centre(story: Story) -> RandomCentre:
    made = RandomCentre(story, 17)
    made.go_on(260)
    finish(made)
    made.now += timedelta(days=2)
    return made


@pytest.fixture
def differing(centre: RandomCentre, tmp_path: Path) -> Callable[[], list[str]]:
    writer = FactWriter(
        tmp_path / "facts",
        database=centre.story.database,
        identity="one",
        sealer=SEALER,
        now=lambda: centre.now,
    )
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)

    def told() -> list[str]:
        with centre.story.database.read() as session:
            found = verification.check(facts, session, days=EVERY_DAY, seed=1)
        return sorted({day for violation in found for day in violation.ids})

    return told


def test_facts_just_made_differ_nowhere(differing: Callable[[], list[str]]) -> None:
    assert differing() == []


def test_a_move_that_is_gone_is_found_on_its_day(
    centre: RandomCentre, differing: Callable[[], list[str]]
) -> None:
    with centre.story.database.write() as session:
        talking = select(SeatMove.id).where(
            SeatMove.to_state == "talking", SeatMove.campaign_id == centre.campaigns[0]
        )
        move = session.scalars(talking.limit(1)).one()
        session.execute(delete(SeatMove).where(SeatMove.id == move))
    assert differing()


def test_a_mark_taken_off_behind_everybodys_back_is_found(
    centre: RandomCentre, differing: Callable[[], list[str]]
) -> None:
    with centre.story.database.write() as session:
        on = select(StatusMark.id).where(
            StatusMark.current, StatusMark.marked, StatusMark.campaign_id == centre.campaigns[0]
        )
        mark = session.scalars(on.limit(1)).one()
        session.execute(update(StatusMark).where(StatusMark.id == mark).values(marked=False))
    assert differing()


def test_a_correction_the_facts_have_not_read_yet_is_no_fault(
    centre: RandomCentre, differing: Callable[[], list[str]]
) -> None:
    with centre.story.database.write() as session:
        for _ in range(5):
            centre.correct(session)
    assert differing() == []


def test_some_days_are_looked_at_where_there_are_many(
    centre: RandomCentre, differing: Callable[[], list[str]], tmp_path: Path
) -> None:
    facts = Facts(tmp_path / "facts", SEALER)
    chosen = verification._chosen(facts, 5, 3)
    assert len(set(chosen)) == 5
    assert max(chosen) == (centre.now + timedelta(hours=9)).date() - timedelta(days=1)
    assert chosen == verification._chosen(facts, 5, 3) != verification._chosen(facts, 5, 4)


def test_no_facts_are_no_fault(centre: RandomCentre, tmp_path: Path) -> None:
    with centre.story.database.read() as session:
        assert fact_checks.check(tmp_path / "nothing", session, SEALER) == []
