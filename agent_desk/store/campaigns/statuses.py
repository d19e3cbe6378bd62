"""The status buttons of a campaign, retired ones included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Status
from agent_desk.store import straight

LISTS = ("required", "excludes", "implies")


@dataclass(frozen=True)
class StatusRow:
    """One status button; `position` orders the funnel, `retry` names a ladder or is None."""

    code: str
    label_ja: str
    label_en: str
    hotkey: str | None
    colour: str
    position: int
    needs_identity: bool
    retry: str | None
    bars: str | None
    required: tuple[str, ...]
    retired: bool
    third_party: bool
    excludes: tuple[str, ...]  # codes that cannot be on the same call
    implies: tuple[str, ...]  # codes that are on the call with it


def of_campaign(session: Session, campaign_id: int) -> list[StatusRow]:
    """Every status the campaign ever had, in the order of its buttons."""
    columns = [getattr(Status, name) for name in StatusRow.__dataclass_fields__]
    query = select(*columns).where(Status.campaign_id == campaign_id)
    rows = session.execute(query.order_by(Status.position, Status.code))
    return [
        StatusRow(**{**row._mapping, **{name: tuple(getattr(row, name)) for name in LISTS}})
        for row in rows
    ]


def put(session: Session, campaign_id: int, code: str, values: Mapping[str, Any]) -> None:
    """A new status, or other columns of one that is there."""
    this = (Status.campaign_id == campaign_id, Status.code == code)
    if session.scalar(select(Status.code).where(*this)) is None:
        session.execute(insert(Status).values(campaign_id=campaign_id, code=code, **values))
    else:
        session.execute(update(Status).where(*this).values(**values))


def arrange(session: Session, campaign_id: int, codes: Sequence[str]) -> None:
    """Number the statuses in this order, from 1."""
    for position, code in enumerate(codes, start=1):
        session.execute(
            update(Status)
            .where(Status.campaign_id == campaign_id, Status.code == code)
            .values(position=position)
        )


def barring(session: Session, campaign_id: int) -> dict[str, str]:
    """What each status of the campaign bars: `product` or `number`."""
    found = straight.rows(session, _BARRING, {"campaign_id": campaign_id})
    return {code: str(bars) for code, bars in found}


# built once: every press of a status asks
_BARRING = select(Status.code, Status.bars).where(
    Status.campaign_id == bindparam("campaign_id"), Status.bars.is_not(None)
)
