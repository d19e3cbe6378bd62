"""The carrier's own account of its calls, one JSON line per INVITE, ringing, answer, key and end.

Tests and audits read it as the other side's word: when each INVITE came, which dialogs are open,
whether a killed gateway left any behind. `live_calls` counts calls from INVITE to end, `answered`
those of them that are talking.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import orjson


def wall_time() -> datetime:
    return datetime.now(UTC)


class CallLog:
    """Counts calls and, given a file, appends a line for every change. Lines are flushed."""

    def __init__(
        self, path: Path | None = None, *, clock: Callable[[], datetime] = wall_time
    ) -> None:
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self._clock = clock
        self._answered: dict[str, bool] = {}

    @property
    def live_calls(self) -> int:
        return len(self._answered)

    @property
    def answered(self) -> int:
        return sum(self._answered.values())

    def invite(self, call: str, **details: Any) -> None:
        """An INVITE arrived; `call` is its Call-ID."""
        self._answered[call] = False
        self._write("invite", call, details)

    def ringing(self, call: str, **details: Any) -> None:
        self._write("ringing", call, details)

    def answer(self, call: str, **details: Any) -> None:
        self._answered[call] = True
        self._write("answer", call, details)

    def key(self, call: str, **details: Any) -> None:
        """The customer heard a key the caller pressed."""
        self._write("key", call, details)

    def end(self, call: str, **details: Any) -> None:
        """The call is over; saying so twice writes one line."""
        if self._answered.pop(call, None) is not None:
            self._write("end", call, details)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, event: str, call: str, details: dict[str, Any]) -> None:
        if self._file is None:
            return
        line = {
            "at": self._clock().isoformat(timespec="milliseconds"),
            "event": event,
            "call": call,
            **details,
            "live_calls": self.live_calls,
            "answered": self.answered,
        }
        self._file.write(orjson.dumps(line).decode() + "\n")
        self._file.flush()
