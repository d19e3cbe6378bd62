"""Attempts and the calls they became, each attempt's one outcome, recordings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Hash, Id


class Attempt(Base):
    """One INVITE, written before it is sent. Counts from commit until an outcome releases it.

    I2: one open attempt of ours per customer and per number, by partial unique indexes.

    An `inbound` row is a call that came in: it never counts, was never placed, and names no
    customer when nobody we know has the number; then `number_sealed` keeps it.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        Index(
            "uq_attempts_open_customer",
            "customer_id",
            unique=True,
            sqlite_where=text("open = 1 AND inbound = 0"),
            postgresql_where=text("open AND NOT inbound"),
        ),
        Index(
            "uq_attempts_open_number",
            "number_key",
            unique=True,
            sqlite_where=text("open = 1 AND inbound = 0"),
            postgresql_where=text("open AND NOT inbound"),
        ),
        Index("ix_attempts_customer_id_leased_at", "customer_id", "leased_at"),
        Index("ix_attempts_number_key_leased_at", "number_key", "leased_at"),
        Index("ix_attempts_campaign_id_leased_at", "campaign_id", "leased_at"),
        Index("ix_attempts_leased_at", "leased_at"),
    )

    id: Mapped[str] = mapped_column(CallKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    inbound: Mapped[bool] = mapped_column(default=False, server_default=false())
    list_entry_id: Mapped[int | None] = mapped_column(ForeignKey("list_entries.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id"), index=True)
    number_key: Mapped[str | None] = mapped_column(Hash)  # None: it was withheld
    number_sealed: Mapped[bytes | None]  # of a caller nobody knows
    # By which rate it is charged, where the kind of the number does not say; see dialer/charges.py.
    line: Mapped[str | None] = mapped_column(Code)
    number_today: Mapped[int]  # which counted attempt of the day this is for the customer
    cap_today: Mapped[int]  # the cap it was judged by
    trunk_id: Mapped[str] = mapped_column(Code)
    # The number the customer saw, as the gateway told; "" when it was withheld, None: not told.
    caller_id: Mapped[str | None]
    gateway_id: Mapped[str] = mapped_column(Code)
    seat_id: Mapped[str | None] = mapped_column(Code)  # preview: the seat that asked
    desk_epoch: Mapped[int]
    leased_at: Mapped[datetime]
    not_after: Mapped[datetime]
    placed_at: Mapped[datetime | None]
    open: Mapped[bool] = mapped_column(default=True)
    counts: Mapped[bool] = mapped_column(default=True)
    # The campaign's when it was leased; what it costs follows from that and the call (I16).
    tariff_id: Mapped[int | None] = mapped_column(BigInteger)


class Call(Base):
    """What an attempt became. I1: one live call per operator, by a partial unique index.

    One that a lead has taken over is still the operator's to write up, but not to talk on.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index(
            "uq_calls_live_seat",
            "seat_user_id",
            unique=True,
            sqlite_where=text("live = 1 AND taken_over_by IS NULL"),
            postgresql_where=text("live AND taken_over_by IS NULL"),
        ),
        Index("ix_calls_seat_user_id_bridged_at", "seat_user_id", "bridged_at"),
        Index("ix_calls_customer_id_leased_at", "customer_id", "leased_at"),
        Index(
            "ix_calls_answered",
            "leased_at",
            sqlite_where=text("answered_at IS NOT NULL"),
            postgresql_where=text("answered_at IS NOT NULL"),
        ),
        Index("ix_calls_live", "id", sqlite_where=text("live = 1"), postgresql_where=text("live")),
    )

    id: Mapped[str] = mapped_column(CallKey, ForeignKey("attempts.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    seat_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(Code, default="leased")
    live: Mapped[bool] = mapped_column(default=True)
    since: Mapped[datetime]
    leased_at: Mapped[datetime]
    rang_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    greeting_end_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    bridged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # When its line was free, where that was later: what it costs is counted to here.
    line_ended_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(Code)
    evidence: Mapped[str | None]
    ended_by: Mapped[str | None] = mapped_column(Code)
    identity: Mapped[str] = mapped_column(Code, default="unknown")
    identity_factor: Mapped[str | None] = mapped_column(Code)
    record: Mapped[bool] = mapped_column(default=False, server_default=false())  # must be recorded
    taken_over_by: Mapped[int | None] = mapped_column(Id, default=None)  # the lead, a user


class AttemptOutcome(Base):
    """How the network ended an attempt. I6: one, final, by the primary key."""

    __tablename__ = "attempt_outcomes"
    __table_args__ = (
        Index("ix_attempt_outcomes_campaign_id_at", "campaign_id", "at"),
        Index(
            "ix_attempt_outcomes_abandoned",
            "at",
            sqlite_where=text("abandoned = 1"),
            postgresql_where=text("abandoned"),
        ),
    )

    attempt_id: Mapped[str] = mapped_column(CallKey, ForeignKey("attempts.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    outcome: Mapped[str] = mapped_column(Code)
    blame: Mapped[str] = mapped_column(Code)
    by: Mapped[str] = mapped_column(Code)
    counts: Mapped[bool]
    answered: Mapped[bool]
    live_answer: Mapped[bool]
    abandoned: Mapped[bool]
    sip_code: Mapped[int | None]
    q850: Mapped[int | None]
    cause: Mapped[str]
    at: Mapped[datetime]


class CallPrompt(Base):
    """A recording the gateway played to the customer (evidence for rules R21, R23).

    `recording` is the SHA-256 of its file; "" where the gateway did not tell.
    """

    __tablename__ = "call_prompts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    prompt: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
    recording: Mapped[str] = mapped_column(Hash, default="", server_default="")


class Recording(Base):
    """What became of the recording of a call (I12); a row means that the gateway reported it.

    `state`: sealed (the gateway closed the file), verified (the worker opened every chunk and made
    the Opus), damaged, failed (nothing was written; `reason` says why), deleting (retention is
    over, the files are being removed), deleted. Paths are below `RECORDING_DIR`, the hashes are
    those of the sealed files.
    """

    __tablename__ = "recordings"
    __table_args__ = (Index("ix_recordings_state_started_at", "state", "started_at"),)

    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), primary_key=True)
    path: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(Hash)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Code, default="sealed", server_default="sealed")
    duration_ms: Mapped[int | None]
    paused_ms: Mapped[int] = mapped_column(default=0, server_default="0")
    truncated: Mapped[bool] = mapped_column(default=False, server_default=false())
    reason: Mapped[str | None] = mapped_column(Code)  # why it failed, ends early or is damaged
    verified_at: Mapped[datetime | None]
    opus_path: Mapped[str | None]
    opus_sha256: Mapped[str | None] = mapped_column(Hash)
    opus_size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    retention_rule: Mapped[str | None] = mapped_column(Code)
    delete_after: Mapped[datetime | None]  # None while it is not known: a debt is still open
    deleted_at: Mapped[datetime | None]


class RecordingPause(Base):
    """Recording paused by the operator (words that must not be kept), or taken up again."""

    __tablename__ = "recording_pauses"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    paused: Mapped[bool]
    at: Mapped[datetime]


class DeletionCertificate(Base):
    """Proof that a recording was deleted: what it was, by which rule, when, by whom (R51)."""

    __tablename__ = "deletion_certificates"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("recordings.call_id"), unique=True)
    sha256: Mapped[str | None] = mapped_column(Hash)
    opus_sha256: Mapped[str | None] = mapped_column(Hash)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    rule: Mapped[str] = mapped_column(Code)
    delete_after: Mapped[datetime]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
