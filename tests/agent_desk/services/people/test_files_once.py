"""Files kept for a moment: for one person, as what they are, and not more than a few."""

from __future__ import annotations

from datetime import timedelta

from agent_desk.services.people.files_once import LIFETIME, MOST, FilesOnce
from tests.fakes.clock import FakeClock


def test_a_file_is_taken_once_by_whose_it_is_and_as_what_it_is(clock: FakeClock) -> None:
    files = FilesOnce(clock)
    name = files.keep(1, b"a", kind="users")
    assert files.take(2, name, kind="users") is None
    assert files.take(1, name, kind="payments") is None
    assert files.look(1, name, kind="users") == b"a"
    assert files.take(1, name, kind="users") == b"a"
    assert files.take(1, name, kind="users") is None


def test_a_file_is_gone_after_its_time(clock: FakeClock) -> None:
    files = FilesOnce(clock)
    name = files.keep(1, b"a", kind="users")
    clock.advance((LIFETIME + timedelta(seconds=1)).total_seconds())
    assert files.take(1, name, kind="users") is None


def test_whoever_keeps_many_loses_their_own_oldest(clock: FakeClock) -> None:
    files = FilesOnce(clock)
    other = files.keep(2, b"other", kind="users")
    names = [files.keep(1, b"a", kind="users") for _ in range(MOST + 2)]
    assert [files.look(1, name, kind="users") for name in names] == [None] * 2 + [b"a"] * MOST
    assert files.take(2, other, kind="users") == b"other"
