"""Keys of other systems to `/api/v1`, and what their repeated requests were answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id


class ApiToken(Base):
    """A key of another system. Only its hash is kept: a copy of the table opens nothing.

    `shown` is how it begins, so that people can tell which it is. Instants are in real time.
    """

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Code)
    shown: Mapped[str] = mapped_column(Code)
    token_hash: Mapped[str] = mapped_column(Hash, unique=True)
    scopes: Mapped[list[Any]]
    team_ids: Mapped[list[Any] | None]  # whose customers and calls; None: every team's
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiAnswer(Base):
    """What a request with an Idempotency-Key was answered; status None while it is worked on.

    The answer is sealed, for it may hold what the request asked about.
    """

    __tablename__ = "api_answers"

    owner: Mapped[str] = mapped_column(Code, primary_key=True)  # who asked
    key_hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    request_hash: Mapped[str] = mapped_column(Hash)
    status: Mapped[int | None]
    content_type: Mapped[str | None] = mapped_column(Code)
    location: Mapped[str | None]
    body_sealed: Mapped[bytes | None]
    at: Mapped[datetime] = mapped_column(index=True)
