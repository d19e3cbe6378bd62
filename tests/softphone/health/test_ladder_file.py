"""The ladders of past calls on disk: redacted, found by call, bounded, forgotten after a week."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from softphone.health.ladder_file import KEPT_DAYS, LadderFile, LadderReader, lines_of
from softphone.protocol import CommandReply, Refusal, SendLadder
from softphone.sip.calls.ladder import Ladders, Passed
from tests.softphone.sip.calls.test_ladder import INVITE

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
REPLY = b"SIP/2.0 486 Busy Here\r\nCall-ID: 1f2e3d@10.0.0.1\r\n\r\n"
PEER = ("10.0.0.2", 5060)


def passed(offset_s: float = 0.0) -> list[Passed]:
    at = AT + timedelta(seconds=offset_s)
    return [
        Passed(at, True, PEER, INVITE),
        Passed(at + timedelta(milliseconds=9), False, PEER, REPLY),
    ]


class Days:
    today = date(2026, 11, 22)

    def __call__(self) -> date:
        return self.today


Make = Callable[..., LadderFile]


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def make(tmp_path: Path, days: Days) -> Iterator[Make]:
    made: list[LadderFile] = []

    def start(**limits: int) -> LadderFile:
        file = LadderFile(tmp_path / "ladders", today=days, **limits)
        file.start()
        made.append(file)
        return file

    yield start
    for file in made:
        file.stop(within_s=5)


async def test_a_ladder_is_found_by_its_call_and_in_order(make: Make) -> None:
    file = make()
    file.put("c1", passed(5))  # the trunk tried second
    file.put("c2", passed())
    file.put("c1", passed())
    found = await file.find("c1")
    assert [line.at for line in found] == sorted(line.at for line in found)
    assert [line.sent for line in found] == [True, False, True, False]
    assert found[:2] == lines_of(passed())
    assert found[0].peer == "10.0.0.2:5060"
    assert await file.find("c3") == ()
    assert await file.find('c1","x') == ()


async def test_nothing_on_disk_says_who_was_called(make: Make, tmp_path: Path) -> None:
    file = make()
    file.put("c1", passed())
    await file.find("c1")
    (path,) = (tmp_path / "ladders").iterdir()
    text = path.read_text()
    assert "12345678" not in text
    assert "Yamada" not in text
    assert "secretaccount" not in text
    assert "c2VjcmV0" not in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_each_day_has_its_file_and_a_week_is_kept(
    make: Make, tmp_path: Path, days: Days
) -> None:
    file = make()
    first = days.today
    for _ in range(KEPT_DAYS + 2):
        file.put(f"c{days.today.day}", passed())
        await file.find("wait for it")
        days.today += timedelta(days=1)
    names = sorted(path.name for path in (tmp_path / "ladders").iterdir())
    assert len(names) == KEPT_DAYS
    assert names[0] == f"ladders-{first + timedelta(days=2)}.jsonl"
    assert await file.find(f"c{first.day}") == ()
    assert await file.find(f"c{first.day + 2}") != ()


async def test_a_day_that_grows_too_large_is_cut_off_and_that_is_said_once(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = make(most_octets=2000)
    with caplog.at_level(logging.ERROR):
        for number in range(10):
            file.put(f"c{number}", passed())
        await file.find("c9")
    (path,) = (tmp_path / "ladders").iterdir()
    assert path.stat().st_size <= 2000
    assert len(caplog.records) == 1
    assert await file.find("c0") != ()


async def test_a_torn_line_is_passed_over(make: Make, tmp_path: Path) -> None:
    file = make()
    file.put("c1", passed())
    await file.find("c1")
    (path,) = (tmp_path / "ladders").iterdir()
    with path.open("ab") as torn:
        torn.write(b'{"call":"c2","lines":[["2026')
    assert await file.find("c2") == ()
    assert await file.find("c1") != ()


async def test_a_directory_that_cannot_be_used_costs_the_ladders_and_nothing_else(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "ladders").write_text("a file is in the way")
    file = make()
    file.put("c1", passed())
    assert await asyncio.wait_for(file.find("c1"), 5) == ()


async def test_stopping_writes_what_is_left(tmp_path: Path, days: Days) -> None:
    file = LadderFile(tmp_path / "ladders", today=days)
    for number in range(50):
        file.put(f"c{number}", passed())
    file.start()
    file.stop(within_s=5)
    again = LadderFile(tmp_path / "ladders", today=days)
    again.start()
    assert await again.find("c49") != ()
    again.stop(within_s=5)


async def test_the_ladder_of_a_call_is_told_while_it_lives_and_afterwards(make: Make) -> None:
    file = make()
    ladders = Ladders(keep=file.put)
    reader = LadderReader(ladders, file)
    assert await reader.send(SendLadder("c1")) == Refusal(
        "ladder_unknown", "nothing is kept of this call"
    )
    ladders.begin("1f2e3d@10.0.0.1", "c1")
    ladders.received(REPLY, PEER)
    told = await reader.send(SendLadder("c1"))
    assert isinstance(told, CommandReply)
    ladders.end("1f2e3d@10.0.0.1")
    assert await reader.send(SendLadder("c1")) == told
    assert told.ladder[0].text.startswith("SIP/2.0 486 Busy Here")
