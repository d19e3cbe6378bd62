"""The SIP ladders of past calls: a file a day, kept for a week, written by a thread of its own.

One line of JSON holds the messages of one dialog of one call, as `sip.ladder.describe` tells them,
so numbers, names and keys never reach the disk. The files are readable by their owner only; a day
that would grow beyond its bound is cut off there, and that is logged once.
"""

from __future__ import annotations

import asyncio
import logging
import mmap
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import orjson

from softphone.protocol import CommandReply, LadderLine, Refusal, SendLadder
from softphone.sip.calls.ladder import MOST_MESSAGES, Ladders, Passed, describe

log = logging.getLogger(__name__)

KEPT_DAYS = 7
MOST_OCTETS_A_DAY = 512 << 20
_NAME = re.compile(r"^ladders-(\d{4}-\d{2}-\d{2})\.jsonl$")

_Work = Callable[[], None]


def lines_of(passed: list[Passed]) -> tuple[LadderLine, ...]:
    """Messages as the wire carries them."""
    return tuple(
        LadderLine(each.at, each.sent, f"{each.peer[0]}:{each.peer[1]}", describe(each.data))
        for each in passed
    )


class LadderFile:
    """`today()` is the business day. Nothing here waits for the disk but the thread."""

    def __init__(
        self,
        directory: Path,
        *,
        today: Callable[[], date],
        most_octets: int = MOST_OCTETS_A_DAY,
    ) -> None:
        self._directory = directory
        self._today = today
        self._most_octets = most_octets
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ladders", daemon=True)
        self._day: date | None = None
        self._file: int | None = None
        self._octets = 0
        self._faulty = False

    def start(self) -> None:
        """Begin to write. What was put before is written now."""
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """Write what is left, and end."""
        self._work.put(None)
        if self._thread.is_alive():
            self._thread.join(within_s)

    def put(self, call_id: str, passed: list[Passed]) -> None:
        """Keep the messages of a dialog that is over."""
        self._work.put(lambda: self._write(call_id, passed))

    async def find(self, call_id: str) -> tuple[LadderLine, ...]:
        """What is kept of a call, in order; nothing when it is not known, or too long ago."""
        answer: Future[tuple[LadderLine, ...]] = Future()
        self._work.put(lambda: answer.set_result(self._read(call_id)))
        return await asyncio.wrap_future(answer)

    # --- in the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
        self._close()

    def _write(self, call_id: str, passed: list[Passed]) -> None:
        lines = [[at, sent, peer, text] for at, sent, peer, text in map(_row, lines_of(passed))]
        line = orjson.dumps({"call": call_id, "lines": lines}) + b"\n"
        try:
            self._open_today()
            if self._file is None or self._octets + len(line) > self._most_octets:
                self._complain("a day's ladders are cut off")
                return
            os.write(self._file, line)
            self._octets += len(line)
            self._faulty = False
        except OSError as fault:
            self._complain(f"ladders cannot be written: {fault.strerror}")

    def _complain(self, reason: str) -> None:
        if not self._faulty:
            self._faulty = True
            log.error("SIP ladders are not kept", extra={"reason": reason})

    def _open_today(self) -> None:
        today = self._today()
        if today == self._day and self._file is not None:
            return
        self._close()
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"ladders-{today.isoformat()}.jsonl"
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._octets = os.fstat(self._file).st_size
        self._day = today
        self._forget(today - timedelta(days=KEPT_DAYS))

    def _forget(self, until: date) -> None:
        for path, day in self._days():
            if day <= until:
                path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _read(self, call_id: str) -> tuple[LadderLine, ...]:
        found: list[LadderLine] = []
        for path, _ in sorted(self._days(), reverse=True):
            try:
                found += _search(path, call_id)
            except OSError as fault:
                self._complain(f"ladders cannot be read: {fault.strerror}")
        return tuple(sorted(found, key=lambda line: line.at)[:MOST_MESSAGES])

    def _days(self) -> list[tuple[Path, date]]:
        if not self._directory.is_dir():
            return []
        named = ((path, _NAME.match(path.name)) for path in self._directory.iterdir())
        return [(path, date.fromisoformat(match[1])) for path, match in named if match]


def _row(line: LadderLine) -> tuple[str, bool, str, str]:
    return (line.at.isoformat(), line.sent, line.peer, line.text)


def _search(path: Path, call_id: str) -> list[LadderLine]:
    """The lines of a call in one file; a torn last line is passed over."""
    wanted = orjson.dumps({"call": call_id})[:-1] + b","
    found: list[LadderLine] = []
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return found
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as kept:
            at = kept.find(wanted)
            while at >= 0:
                end = kept.find(b"\n", at)
                if end < 0:
                    break
                for row in orjson.loads(kept[at:end])["lines"]:
                    found.append(LadderLine(datetime.fromisoformat(row[0]), *row[1:]))
                at = kept.find(wanted, end)
    return found


class LadderReader:
    """Answers `SendLadder`, for calls that live and for those that are over."""

    def __init__(self, ladders: Ladders, file: LadderFile) -> None:
        self._ladders = ladders
        self._file = file

    async def send(self, command: SendLadder) -> CommandReply | Refusal:
        """The messages in order; a call may have dialogs of both kinds."""
        live = lines_of(self._ladders.live(command.call_id))
        past = await self._file.find(command.call_id)
        lines = tuple(dict.fromkeys((*past, *live)))[:MOST_MESSAGES]
        if not lines:
            return Refusal("ladder_unknown", "nothing is kept of this call")
        return CommandReply("", None, None, ladder=lines)
