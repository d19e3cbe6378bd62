"""The columns that files of customers have had, for whoever filters by one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.imports import ImportBatch

LOOKED_AT = 50  # the newest files


def newest(session: Session) -> list[str]:
    """Names of columns, those of the newest file first, each once."""
    query = select(ImportBatch.header).where(ImportBatch.header.is_not(None))
    headers = session.scalars(query.order_by(ImportBatch.id.desc()).limit(LOOKED_AT))
    return list(
        dict.fromkeys(str(name).strip() for header in headers for name in header or [] if name)
    )
