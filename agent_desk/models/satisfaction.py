"""What customers think of the calls: scores by a key at the end, and what they said of us."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Hash, Id, one_of

STATES = ("asking", "answered", "silent", "wrong_key", "hung_up", "failed", "skipped")


class PromptApproval(Base):
    """A recording somebody approved to be played to a campaign's customers, or withdrew.

    `kind` says for what ("survey_question", "survey_thanks"). The newest row of campaign and kind
    holds; without a hash none is played. Rows are never changed.
    """

    __tablename__ = "prompt_approvals"
    __table_args__ = (Index("ix_prompt_approvals_campaign_id_kind", "campaign_id", "kind"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    kind: Mapped[str] = mapped_column(Code)
    sha256: Mapped[str] = mapped_column(Hash)
    text: Mapped[str]
    duration_ms: Mapped[int]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class CallScore(Base):
    """A customer who was drawn to be asked for a score at the end of a call; once per call.

    `state`: asking (nobody told what came of it), answered, silent, wrong_key, hung_up, failed
    (the gateway could not ask), skipped (the operator ended the call without asking). `question`
    is the SHA-256 of what was asked, `user_id` whose talk it was, `tries` how often it was asked.
    """

    __tablename__ = "call_scores"
    __table_args__ = (
        CheckConstraint(one_of("state", *STATES), name="state"),
        CheckConstraint("(state = 'answered') = (score IS NOT NULL)", name="answer"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        Index("ix_call_scores_asked_at", "asked_at"),
        Index("ix_call_scores_customer_id_asked_at", "customer_id", "asked_at"),
    )

    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(Code)
    asked_at: Mapped[datetime]
    question: Mapped[str] = mapped_column(Hash)
    score: Mapped[int | None]
    via: Mapped[str | None] = mapped_column(Code)  # "key"
    tries: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]


class CustomerVoice(Base):
    """What a customer said of us (お客様の声), written down by who heard it.

    `heard`: in the talk, by its operator, or in its recording, by somebody in charge.
    """

    __tablename__ = "customer_voices"
    __table_args__ = (
        CheckConstraint(one_of("heard", "talk", "recording"), name="heard"),
        UniqueConstraint("call_id", "user_id", "heard", name="uq_customer_voices_call_id"),
        Index("ix_customer_voices_at", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    heard: Mapped[str] = mapped_column(Code)
    text_sealed: Mapped[bytes]
    at: Mapped[datetime]
