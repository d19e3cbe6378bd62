"""What became of a call's recording. Part of `events.py`, under whose name it is known.

Instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CallId, UserId


@dataclass(frozen=True)
class RecordingPaused:
    """The operator wants the next words not to be kept (`on`), or kept again."""

    call_id: CallId
    user_id: UserId
    on: bool
    at: datetime


@dataclass(frozen=True)
class RecordingKept:
    """A sealed file of a call is complete; `truncated`: the call went on after it."""

    call_id: CallId
    path: str
    sha256: str
    size_bytes: int
    duration_ms: int
    paused_ms: int
    truncated: bool
    started_at: datetime
    at: datetime


@dataclass(frozen=True)
class RecordingFailed:
    """Not all of a call, or nothing (`path` is ""), was recorded."""

    call_id: CallId
    path: str
    reason: str
    at: datetime
