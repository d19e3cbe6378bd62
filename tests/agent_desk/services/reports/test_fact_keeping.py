"""Facts kept up by a thread: unready at first, then the newest, made anew when damaged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import fact_keeping
from agent_desk.services.reports.fact_keeping import FactKeeper
from agent_desk.store.facts.layout import CALLS
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER, add_entries, at, small_centre
from tests.waiting import until

MONTH = "2026-11"


@pytest.fixture
def story(database: Database) -> Story:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 8)
    made = Story(database, centre)
    a_busy_call(made, 0)
    return made


def a_busy_call(story: Story, second: float) -> None:
    row = story.lease(at(second))
    story.write(story.moved(row, "leased", "ringing", at(second + 1)))
    story.write(story.finished(row, "busy", at(second + 2)))


@pytest.fixture
def keeper(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FactKeeper]:
    monkeypatch.setattr(fact_keeping, "EVERY_S", 0.01)
    yield from keeping(story, tmp_path / "facts", SEALER)


def keeping(story: Story, directory: Path, sealer: Sealer) -> Iterator[FactKeeper]:
    stopping = threading.Event()
    made = FactKeeper(
        directory,
        database=story.database,
        sealer=sealer,
        now=lambda: at(7200),
        stopping=stopping,
    )
    thread = made.start()
    yield made
    stopping.set()
    thread.join(10)


def still(story: Story, directory: Path) -> FactKeeper:
    """One that keeps nothing by itself."""
    return FactKeeper(
        directory,
        database=story.database,
        sealer=SEALER,
        now=lambda: at(7200),
        stopping=threading.Event(),
    )


def calls(keeper: FactKeeper) -> int:
    """How many the newest facts have; -1 while there are none."""
    try:
        return keeper.facts().rows(CALLS, MONTH)
    except ServiceError as unready:
        assert unready.error_id == "report-unready"
        return -1


def test_facts_follow_the_rows_and_a_report_keeps_its_own(story: Story, keeper: FactKeeper) -> None:
    until(lambda: calls(keeper) == 1, what="the first call")
    held = keeper.facts()
    a_busy_call(story, 60)
    until(lambda: calls(keeper) == 2, what="the second call")
    assert held.rows(CALLS, MONTH) == 1


def test_nothing_is_told_before_everything_was_read(story: Story, tmp_path: Path) -> None:
    keeper = still(story, tmp_path / "facts")
    assert calls(keeper) == -1
    writer = keeper.writer()
    a_busy_call(story, 60)
    short = FactWriter(
        writer.directory,
        database=story.database,
        identity=writer.manifest.database,
        sealer=SEALER,
        now=lambda: at(7200),
        portion=1,
    )
    assert not short.one_pass().whole
    assert calls(keeper) == -1, "half a month is no month"
    short.catch_up()
    assert calls(keeper) == 2


@pytest.mark.parametrize("damage", ["cut", "none of ours"])
def test_what_cannot_be_read_is_made_anew(story: Story, tmp_path: Path, damage: str) -> None:
    first = still(story, tmp_path / "facts")
    until(first.keep_once, what="everything is read")
    assert calls(first) == 1
    begun = first.facts().begun
    (path,) = (tmp_path / "facts" / CALLS / MONTH).glob("*.facts")
    path.write_bytes(path.read_bytes()[:100] if damage == "cut" else b"?" * 5000)
    again = still(story, tmp_path / "facts")
    assert calls(again) == -1
    until(again.keep_once, what="everything is read once more")
    assert calls(again) == 1
    assert again.facts().begun != begun


def test_words_of_a_key_nobody_has_any_more_are_made_anew(story: Story, tmp_path: Path) -> None:
    for sealer in (SEALER, Sealer.of_keys([b"n" * 32], b"i" * 32)):
        for keeper in keeping(story, tmp_path / "facts", sealer):
            until(lambda keeper=keeper: calls(keeper) == 1, what="facts by this key")
            assert "busy" in keeper.facts().words("outcome")
