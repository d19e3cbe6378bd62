"""What an operator records on a call: statuses, identity, promise, note, and the result.

Part of `commands.py`, under whose name they are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.promises import PromisePart


@dataclass(frozen=True)
class MarkStatus:
    """Press (on) or release (off) a status button: 接触, 有効コール, or the campaign's own."""

    seat_id: SeatId
    call_id: CallId
    code: str
    on: bool


@dataclass(frozen=True)
class RecordIdentity:
    """What 本人確認 came to; the comparison itself is made by `services/seat/identity.py`.

    `matched`: this factor is right and others are still to be asked.
    """

    seat_id: SeatId
    call_id: CallId
    state: Literal["verified", "third_party", "unknown", "matched"]
    factor: str


@dataclass(frozen=True)
class SetPromise:
    """支払日設定: a dated promise to pay. Marks the status `payment_date` with it."""

    seat_id: SeatId
    call_id: CallId
    due_on: date
    amount_yen: int | None
    method: str | None = None
    parts: tuple[PromisePart, ...] = ()  # of a plan; none: all on `due_on`


@dataclass(frozen=True)
class WithdrawPromise:
    """Undo the promise of this call before the result is saved."""

    seat_id: SeatId
    call_id: CallId


@dataclass(frozen=True)
class SetCallback:
    """The customer asks to be called again at `due_at`; None takes it back.

    `own`: by this operator, as long as there is somebody who sees whom he calls; else by anyone.
    """

    seat_id: SeatId
    call_id: CallId
    due_at: datetime | None
    own: bool = False


@dataclass(frozen=True)
class DraftNote:
    """The note as typed so far; the server keeps it."""

    seat_id: SeatId
    call_id: CallId
    text: str


@dataclass(frozen=True)
class SaveResult:
    """End of wrap-up: the note and the marks become the call's result; frees the seat.

    `counterpart` is what the operator says of who was spoken to (R50), where nothing else tells.
    """

    seat_id: SeatId
    call_id: CallId
    note: str
    counterpart: str | None = None


@dataclass(frozen=True)
class ExtendWrapUp:
    """More time for after-call work, as often as the campaign allows."""

    seat_id: SeatId
