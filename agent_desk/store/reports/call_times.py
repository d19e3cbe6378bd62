"""How long operators held and wrote down each call: from the history of their seats.

The customer is on the line from the bridge to the end (`calls`); what the operator did meanwhile
and afterwards only the seats know. A call that was handed on has the seconds of all its operators.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.seat_moves import SeatMove


@dataclass(frozen=True)
class CallTimes:
    """Seconds with the customer talking, on hold, and of wrap-up (情報入力)."""

    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_s: float = 0.0


_NAMES = {"talking": "talk_s", "hold": "hold_s", "wrap_up": "wrap_s"}


def of_calls(session: Session, call_ids: Collection[str], now: datetime) -> dict[str, CallTimes]:
    """By call id, of those that reached a seat; an interval that still runs counts up to `now`.

    The row of a seat that leaves a call names the call too, so each interval has its end.
    """
    query = (
        select(SeatMove.call_id, SeatMove.user_id, SeatMove.to_state, SeatMove.at)
        .where(SeatMove.call_id.in_(list(call_ids)))
        .order_by(SeatMove.call_id, SeatMove.user_id, SeatMove.at, SeatMove.id)
    )
    seconds: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(_NAMES.values(), 0.0))
    for (call_id, _), moves in groupby(session.execute(query), key=lambda row: row[:2]):
        steps = [(state, at) for _, _, state, at in moves]
        for (state, began), (_, ended) in pairwise([*steps, ("", now)]):
            if state in _NAMES:
                seconds[call_id][_NAMES[state]] += (ended - began).total_seconds()
    return {call_id: CallTimes(**found) for call_id, found in seconds.items()}
