"""Tariffs and their versions, and which campaigns are on which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.charges import Rate, Terms, Version
from agent_desk.models.campaigns import Campaign
from agent_desk.models.tariffs import Tariff, TariffVersion


@dataclass(frozen=True)
class TariffRow:
    """One tariff. `versions` in the order they come into force, `campaigns` (id, name) on it."""

    id: int
    name: str
    retired: bool
    versions: tuple[Version, ...] = ()
    campaigns: tuple[tuple[int, str], ...] = ()


def every(session: Session) -> list[TariffRow]:
    """Each tariff there ever was, by name."""
    versions = versions_of(session)
    on_it: dict[int | None, list[tuple[int, str]]] = {}
    query = select(Campaign.tariff_id, Campaign.id, Campaign.name).order_by(Campaign.id)
    for tariff_id, campaign_id, name in session.execute(query):
        on_it.setdefault(tariff_id, []).append((campaign_id, name))
    rows = session.execute(select(Tariff.id, Tariff.name, Tariff.retired).order_by(Tariff.name))
    return [
        TariffRow(
            *row, versions=tuple(versions.get(row[0], ())), campaigns=tuple(on_it.get(row[0], ()))
        )
        for row in rows
    ]


def versions_of(session: Session) -> dict[int, list[Version]]:
    """The versions of each tariff, in the order they come into force."""
    found: dict[int, list[Version]] = {}
    query = select(TariffVersion).order_by(TariffVersion.tariff_id, TariffVersion.from_on)
    for row in session.scalars(query):
        found.setdefault(row.tariff_id, []).append(Version(row.from_on, terms_of(row)))
    return found


def terms_of(row: TariffVersion) -> Terms:
    """What a stored version says."""
    return Terms(
        kind=row.kind,
        fixed=Rate(row.fixed_sen, row.fixed_unit_s),
        mobile=Rate(row.mobile_sen, row.mobile_unit_s),
        basic_yen=row.basic_yen,
        seat_yen=row.seat_yen,
        billed_by=row.billed_by,
        included_s=row.included_s,
    )


def add(session: Session, name: str, *, at: datetime) -> int:
    """The id of a new tariff without any version."""
    statement = insert(Tariff).values(name=name, created_at=at).returning(Tariff.id)
    return session.scalars(statement).one()


def add_version(
    session: Session, tariff_id: int, version: Version, *, by: str, at: datetime
) -> int:
    """The id of a new version."""
    terms = version.terms
    values: dict[str, Any] = {
        "tariff_id": tariff_id,
        "from_on": version.from_on,
        "kind": terms.kind,
        "billed_by": terms.billed_by,
        "basic_yen": terms.basic_yen,
        "seat_yen": terms.seat_yen,
        "fixed_sen": terms.fixed.price_sen,
        "fixed_unit_s": terms.fixed.unit_s,
        "mobile_sen": terms.mobile.price_sen,
        "mobile_unit_s": terms.mobile.unit_s,
        "included_s": terms.included_s,
        "made_by": by,
        "made_at": at,
    }
    statement = insert(TariffVersion).values(**values).returning(TariffVersion.id)
    return session.scalars(statement).one()


def retire(session: Session, tariff_id: int) -> None:
    """Offer it to no campaign any more; calls keep it."""
    session.execute(update(Tariff).where(Tariff.id == tariff_id).values(retired=True))


def put_on(session: Session, campaign_id: int, tariff_id: int | None) -> None:
    """Have the calls leased from now on cost what this tariff says; those before keep theirs."""
    statement = update(Campaign).where(Campaign.id == campaign_id)
    session.execute(statement.values(tariff_id=tariff_id))
