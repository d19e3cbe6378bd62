"""Fields of the caller record: how a campaign shows them, and the customer's values."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import CampaignList
from agent_desk.models.customers import Customer
from agent_desk.models.lists import ListEntry
from agent_desk.models.record_fields import FieldEdit, RecordField
from agent_desk.store import straight
from agent_desk.store.customers import search_keys
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class FieldRow:
    """One field as a campaign has it: `editable`, `locked` or `hidden`."""

    name: str
    access: str
    required: bool


def of_campaign(session: Session, campaign_id: int) -> list[FieldRow]:
    """The fields a campaign has set up, in the order of its record."""
    found = straight.rows(session, _OF_CAMPAIGN, {"campaign_id": campaign_id})
    return [FieldRow(*row) for row in found]


def put(session: Session, campaign_id: int, row: FieldRow) -> None:
    """A field set up anew, at the end, or as it should be from now on."""
    this = (RecordField.campaign_id == campaign_id, RecordField.name == row.name)
    values = {"access": row.access, "required": row.required}
    done = session.execute(update(RecordField).where(*this).values(**values))
    if done.rowcount == 0:  # type: ignore[attr-defined]
        last = select(func.max(RecordField.position)).where(RecordField.campaign_id == campaign_id)
        position = (session.scalar(last) or 0) + 1
        key = {"campaign_id": campaign_id, "name": row.name, "position": position}
        session.execute(insert(RecordField).values(**key, **values))


def remove(session: Session, campaign_id: int, name: str) -> None:
    """As if it had never been set up: shown where the file has it, locked."""
    this = (RecordField.campaign_id == campaign_id, RecordField.name == name)
    session.execute(delete(RecordField).where(*this))


def arrange(session: Session, campaign_id: int, names: Sequence[str]) -> None:
    """Number the fields in this order, from 1."""
    for position, name in enumerate(names, start=1):
        this = (RecordField.campaign_id == campaign_id, RecordField.name == name)
        session.execute(update(RecordField).where(*this).values(position=position))


def in_files(session: Session, sealer: Sealer, campaign_id: int, *, sample: int) -> set[str]:
    """The names of columns that the newest customers of a campaign's lists came with."""
    query = (
        select(Customer.fields_sealed)
        .join(ListEntry, ListEntry.customer_id == Customer.id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .where(CampaignList.campaign_id == campaign_id, Customer.fields_sealed.is_not(None))
        .order_by(ListEntry.id.desc())
        .limit(sample)
    )
    return {name for sealed in session.scalars(query) for name, _ in _pairs(sealer, sealed)}


def values(session: Session, sealer: Sealer, customer_id: int) -> list[tuple[str, str]]:
    """The customer's file as it stands, column by column."""
    return _pairs(sealer, straight.scalar(session, _VALUES, {"customer_id": customer_id}))


def write(
    session: Session,
    sealer: Sealer,
    customer_id: int,
    *,
    name: str,
    value: str,
    call_id: str,
    user_id: int,
    at: datetime,
) -> bool:
    """Change one value, keep the one before, and be found by the new one; False when it is so."""
    before = values(session, sealer, customer_id)
    known = dict(before)
    if known.get(name, "") == value:
        return False
    after = list({**known, name: value}.items())
    gone = search_keys.field_keys_now(session, sealer, customer_id)
    text = json.dumps([list(pair) for pair in after], ensure_ascii=False)
    session.execute(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(fields_sealed=sealer.seal(text), updated_at=at)
    )
    found_by = search_keys.Findable("", None, fields=tuple(after))
    search_keys.write(session, customer_id, search_keys.keys_of(sealer, found_by), gone=gone)
    session.execute(
        insert(FieldEdit).values(
            customer_id=customer_id,
            call_id=call_id,
            user_id=user_id,
            name=name,
            before_sealed=sealer.seal(known[name]) if name in known else None,
            after_sealed=sealer.seal(value),
            at=at,
        )
    )
    return True


def shown(
    configured: Collection[FieldRow], file: Sequence[tuple[str, str]]
) -> list[tuple[FieldRow, str]]:
    """What the record shows: the campaign's fields in their order, then the rest of the file."""
    known = dict(file)
    named = {row.name for row in configured}
    rest = [(FieldRow(name, "locked", False), value) for name, value in file if name not in named]
    own = [(row, known.get(row.name, "")) for row in configured if row.access != "hidden"]
    return [*own, *rest]


def _pairs(sealer: Sealer, sealed: bytes | None) -> list[tuple[str, str]]:
    if sealed is None:
        return []
    return [(str(name), str(value)) for name, value in json.loads(sealer.open(sealed))]


# Built once: each record that is shown asks.
_OF_CAMPAIGN = (
    select(RecordField.name, RecordField.access, RecordField.required)
    .where(RecordField.campaign_id == bindparam("campaign_id"))
    .order_by(RecordField.position, RecordField.id)
)
_VALUES = select(Customer.fields_sealed).where(Customer.id == bindparam("customer_id"))
