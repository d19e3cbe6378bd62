"""Whose turn it is at the one door for writes: commands, what is behind them, or all others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from agent_desk.dialer import commands
from agent_desk.dialer.events import Event
from agent_desk.services.running.group_commit import (
    BEHIND_S,
    DONE,
    GATHER_S,
    QUIET_S,
)
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.services.running.small_commits import Make, away, moves, value


def test_what_is_behind_has_turns_of_its_own_when_no_command_waits(
    make: Make, database: Database
) -> None:
    commits = make()
    portions = [commits.put(None, rows=value(name, ""), behind=True) for name in ("one", "two")]
    command = commits.put(away("break"))

    assert [commits.run_once() for _ in range(3)] == [1, 1, 1]

    assert command.reply == DONE
    assert moves(database) == ["away"]
    assert [each.reply for each in portions] == [DONE, DONE]
    assert commits.committed_batches == 3
    assert commits.run_once() == 0


def test_what_is_behind_has_its_turn_however_much_is_said(make: Make) -> None:
    now = [100.0]
    commits = make(monotonic=lambda: now[0])
    portion = commits.put(None, rows=value("portion", ""), behind=True)
    settled = []
    for _ in range(4):
        commits.put(commands.Tick())
        commits.run_once()
        settled.append(portion.reply)
        now[0] += 0.6 * BEHIND_S

    assert settled == [None, None, DONE, DONE]


def test_a_command_waits_for_one_portion_however_slow_the_disk_is(make: Make) -> None:
    now = [100.0]

    def written(name: str) -> Callable[[Session], None]:
        def write(session: Session) -> None:
            value(name, "")(session)
            now[0] += 2 * BEHIND_S

        return write

    commits = make(monotonic=lambda: now[0])
    portions = [commits.put(None, rows=written(name), behind=True) for name in ("one", "two")]
    commits.run_once()
    command = commits.put(away("break"))
    commits.run_once()

    assert [each.reply for each in (*portions, command)] == [DONE, None, DONE]


def test_the_loop_waits_for_a_moment_of_quiet_before_what_is_behind(make: Make) -> None:
    now = [100.0]
    commits = make(monotonic=lambda: now[0])
    loop = threading.Thread(target=commits.run_forever, daemon=True)
    loop.start()
    assert commits.submit(away("break")) == DONE
    portion = commits.put(None, rows=value("portion", ""), behind=True)
    assert commits.submit(commands.Tick()) == DONE
    assert portion.reply is None

    now[0] += QUIET_S

    assert portion.wait() == DONE
    commits.stop()
    loop.join()


@pytest.mark.parametrize(("took", "stood_back"), [(0.004, 0.004), (0.5, GATHER_S)])
def test_the_loop_stands_back_as_long_as_a_batch_took_and_no_longer_than_people_bear(
    make: Make, database: Database, took: float, stood_back: float
) -> None:
    now = [100.0]
    rests: list[float] = []

    def write(session: Session, events: Sequence[Event]) -> None:
        now[0] += took

    def stand_back(seconds: float) -> None:
        rests.append(round(seconds, 6))
        commits.stop()

    commits = make(write_events=write, monotonic=lambda: now[0], stand_back=stand_back)
    commits.put(away("break"))

    commits.run_forever()

    assert rests == [stood_back]


def test_the_loop_does_not_stand_back_after_what_was_behind(make: Make) -> None:
    now = [100.0]
    rests: list[float] = []
    commits = make(monotonic=lambda: now[0], stand_back=rests.append)

    def portion(session: Session) -> None:
        now[0] += 0.01
        commits.stop()

    commits.put(None, rows=portion, behind=True)
    now[0] += QUIET_S

    commits.run_forever()

    assert rests == []


def test_what_is_behind_is_committed_aside_and_commands_are_not(
    make: Make, database: Database
) -> None:
    aside: list[object] = []

    def run(work: Callable[..., object], *arguments: object) -> object:
        aside.append(arguments[-1])
        return work(*arguments)

    commits = make(aside=run)
    commits.put(away("break"))
    commits.put(None, rows=value("portion", ""), behind=True)
    while commits.run_once():
        pass

    assert aside == (["COMMIT"] if database.dialect == "sqlite" else [])
    assert moves(database) == ["away"]
