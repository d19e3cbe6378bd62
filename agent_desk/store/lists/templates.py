"""Mapping templates: what the columns of a product's files are called, under a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.imports import ImportBatch, ImportTemplate


@dataclass(frozen=True)
class TemplateRow:
    """`columns`: [heading as headings are compared, what it holds]."""

    id: int
    name: str
    columns: Sequence[Sequence[str]]
    updated_at: datetime


def of_product(session: Session, product_id: int) -> list[TemplateRow]:
    """The templates of a product, by name."""
    query = select(
        ImportTemplate.id, ImportTemplate.name, ImportTemplate.columns, ImportTemplate.updated_at
    ).where(ImportTemplate.product_id == product_id)
    return [TemplateRow(*row) for row in session.execute(query.order_by(ImportTemplate.name))]


def save(
    session: Session, product_id: int, name: str, columns: Sequence[Any], *, at: datetime
) -> int:
    """Keep a template, in place of one of this name; its id."""
    mine = (ImportTemplate.product_id == product_id, ImportTemplate.name == name)
    values = {"columns": list(columns), "updated_at": at}
    found = session.scalar(select(ImportTemplate.id).where(*mine))
    if found is not None:
        session.execute(update(ImportTemplate).where(*mine).values(**values))
        return found
    row = insert(ImportTemplate).values(product_id=product_id, name=name, **values)
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]


def remove(session: Session, product_id: int, template_id: int) -> bool:
    """Forget a template of a product; False when it has none of this id."""
    done = session.execute(
        delete(ImportTemplate).where(
            ImportTemplate.id == template_id, ImportTemplate.product_id == product_id
        )
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def sources(session: Session, limit: int = 100) -> list[str]:
    """Sources imports have named, each once."""
    query = select(ImportBatch.source).where(ImportBatch.source != "").distinct()
    return sorted(session.scalars(query.limit(limit)))
