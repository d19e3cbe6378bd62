"""Predictive pacing: what a pacer has learnt, and the recordings approved for abandoned calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id


class PacerMemory(Base):
    """What a campaign's pacer has learnt, as text of its own making (JSON with a version)."""

    __tablename__ = "pacer_memories"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    memory: Mapped[str]
    saved_at: Mapped[datetime]


class SafeHarbour(Base):
    """A recording somebody approved for a campaign's abandoned calls (R21), or withdrew.

    The newest row of a campaign holds; without a hash none is approved. `sha256` is that of the
    file the gateways play, `text` what is said in it. Rows are never changed: they are the evidence
    of who let what be played when.
    """

    __tablename__ = "safe_harbours"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    sha256: Mapped[str] = mapped_column(Hash)
    text: Mapped[str]
    duration_ms: Mapped[int]
    approved_by: Mapped[str] = mapped_column(Code)
    approved_at: Mapped[datetime]
