"""How calls sounded."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code


class CallQuality(Base):
    """A call in whole seconds of being measured; written once, when it is over.

    MOS is of the worse leg of each second, its mean and its lowest mean of five seconds; None when
    nothing was heard. Loss is the mean of the worse leg. `*_s` are seconds in which that side's leg
    was poor, or its background noisy; `*_why` is what it suffered from most (loss, jitter, delay).
    """

    __tablename__ = "call_quality"

    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), primary_key=True)
    seconds: Mapped[int]
    mos_hundredths: Mapped[int | None]
    worst_mos_hundredths: Mapped[int | None]
    loss_permille: Mapped[int]
    poor_operator_s: Mapped[int]
    poor_customer_s: Mapped[int]
    poor_operator_why: Mapped[str | None] = mapped_column(Code)
    poor_customer_why: Mapped[str | None] = mapped_column(Code)
    noisy_operator_s: Mapped[int]
    noisy_customer_s: Mapped[int]
