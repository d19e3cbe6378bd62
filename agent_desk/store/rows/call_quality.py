"""How calls sounded: written once, when a call is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from agent_desk.models.quality import CallQuality

Why = Literal["loss", "jitter", "delay"]


@dataclass(frozen=True)
class CallSummary:
    """A whole call, of `seconds` measured.

    Opinions (MOS, 1.0 to 4.5) and loss (a share) are of the worse leg of each second; `poor_s` and
    `noisy_s` are seconds by side, `operator` and `customer`; `why` is what a poor side suffered
    from most.
    """

    call_id: str
    seconds: int
    mos: float | None
    worst_mos: float | None
    loss: float
    poor_s: Mapping[str, int]
    why: Mapping[str, Why]
    noisy_s: Mapping[str, int]


def note(session: Session, *, summary: CallSummary) -> None:
    """Write the row of a call that is over."""
    session.execute(
        insert(CallQuality).values(
            call_id=summary.call_id,
            seconds=summary.seconds,
            mos_hundredths=_hundredths(summary.mos),
            worst_mos_hundredths=_hundredths(summary.worst_mos),
            loss_permille=round(summary.loss * 1000),
            poor_operator_s=summary.poor_s["operator"],
            poor_customer_s=summary.poor_s["customer"],
            poor_operator_why=summary.why.get("operator"),
            poor_customer_why=summary.why.get("customer"),
            noisy_operator_s=summary.noisy_s["operator"],
            noisy_customer_s=summary.noisy_s["customer"],
        )
    )


def _hundredths(mos: float | None) -> int | None:
    return None if mos is None else round(mos * 100)
