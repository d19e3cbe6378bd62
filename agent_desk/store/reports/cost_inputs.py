"""Wages, premiums, monthly costs and contracts as people typed them, each version once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.costs import CostRates, ServiceContract


def rates(session: Session) -> list[CostRates]:
    """Every version, in order."""
    return list(session.scalars(select(CostRates).order_by(CostRates.version)))


def newest_rates(session: Session) -> int:
    """The number of the newest version; 0 before any."""
    return session.scalar(select(func.max(CostRates.version))) or 0


def add_rates(session: Session, values: dict[str, int | bool | date], **made: object) -> None:
    """Write the next version; `made` is version, made_by and made_at."""
    session.execute(insert(CostRates).values(**values, **made))


def contracts(session: Session) -> list[ServiceContract]:
    """Every version of each contract, by name, in order."""
    by_name = select(ServiceContract).order_by(ServiceContract.name, ServiceContract.version)
    return list(session.scalars(by_name))


def newest_contract(session: Session, name: str) -> int:
    """The number of the newest version of the contract of this name; 0 when there is none."""
    mine = select(func.max(ServiceContract.version)).where(ServiceContract.name == name)
    return session.scalar(mine) or 0


def add_contract(
    session: Session,
    name: str,
    version: int,
    values: dict[str, int | date],
    *,
    retired: bool,
    by: str,
    at: datetime,
) -> None:
    """Write the next version of a contract."""
    row = {"name": name, "version": version, "retired": retired, "made_by": by, "made_at": at}
    session.execute(insert(ServiceContract).values(**values, **row))


def contract_id(session: Session, name: str, version: int) -> int:
    """The row of a version."""
    mine = (ServiceContract.name == name, ServiceContract.version == version)
    return session.scalars(select(ServiceContract.id).where(*mine)).one()
