"""The lease of one number somebody chose by hand: judged like any other, written like any other.

A refusal changes nothing: the entry keeps the time at which the dialer looks at it. One that was
closed stays closed after the call, whatever the retry ladder says (`store/rows/list_progress.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.store.leasing.candidates import EntryRow
from agent_desk.store.leasing.facts import Candidate, PhoneRow, load_facts
from agent_desk.store.leasing.lease import Judgement, Lease, Route
from agent_desk.store.leasing.past_attempts import Ledger
from agent_desk.store.rows import attempts as attempt_rows
from agent_desk.store.rows.attempts import LeasedRow

Judge = Callable[[Candidate, PhoneRow, Ledger], Judgement]


def chosen(session: Session, campaign_id: int, customer_id: int, phone_id: int) -> EntryRow | None:
    """The customer's entry on the lists of a campaign, if the number is theirs; else None."""
    query = (
        select(
            ListEntry.id,
            ListEntry.list_id,
            ListEntry.customer_id,
            ListEntry.priority,
            ListEntry.next_at,
            ListEntry.tries,
        )
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .join(Phone, Phone.customer_id == ListEntry.customer_id)
        .where(
            CampaignList.campaign_id == campaign_id,
            CampaignList.enabled,
            ListEntry.customer_id == customer_id,
            Phone.id == phone_id,
        )
        .order_by(ListEntry.state.desc(), ListEntry.id)
        .limit(1)
    )
    found = session.execute(query).first()
    return None if found is None else EntryRow(*found)


def phone_at(session: Session, customer_id: int, position: int) -> int | None:
    """The id of a customer's n-th number, from 1."""
    query = select(Phone.id).where(Phone.customer_id == customer_id)
    ids = list(session.scalars(query.order_by(Phone.position, Phone.id)))
    return ids[position - 1] if 0 < position <= len(ids) else None


def with_number(session: Session, number_key: str) -> list[tuple[int, int]]:
    """Who has a number: customer and phone, oldest first."""
    query = select(Phone.customer_id, Phone.id).where(Phone.number_key == number_key)
    return [(row[0], row[1]) for row in session.execute(query.order_by(Phone.id))]


def who(session: Session, phone_id: int) -> tuple[bytes, bytes]:
    """Name and number, sealed, of a phone's customer."""
    query = select(Customer.name_sealed, Phone.number_sealed).join(
        Customer, Customer.id == Phone.customer_id
    )
    row = session.execute(query.where(Phone.id == phone_id)).one()
    return row[0], row[1]


def lease(
    session: Session,
    campaign_id: int,
    entry: EntryRow,
    phone_id: int,
    *,
    now: datetime,
    judge: Judge,
    route: Route,
    call_id: str,
    desk_epoch: int,
    seat_id: str,
) -> Lease:
    """Write the one attempt, or say why not."""
    [(candidate, ledger)] = load_facts(session, campaign_id, [entry], now, lock=True)
    phone = next(each for each in candidate.phones if each.phone_id == phone_id)
    said = judge(candidate, phone, ledger)
    if not said.allowed or said.not_after is None or said.cap_today is None:
        return Lease((), WhyCode.NO_DIALABLE.value, said.next_allowed_at)
    if ledger.busy or ledger.number_busy(phone.number_key):
        return Lease((), WhyCode.NO_DIALABLE.value, None)
    row = LeasedRow(
        call_id=call_id,
        campaign_id=campaign_id,
        list_entry_id=entry.list_entry_id,
        customer_id=entry.customer_id,
        phone_id=phone_id,
        number_key=phone.number_key,
        number_today=ledger.counted_on(business_date(now)) + 1,
        cap_today=said.cap_today,
        trunk_id=route.trunk_id,
        gateway_id=route.gateway_id,
        not_after=said.not_after,
        line=said.line,
    )
    record = session.scalar(select(Campaign.recording).where(Campaign.id == campaign_id))
    attempt_rows.write(
        session, [row], now=now, seat_id=seat_id, desk_epoch=desk_epoch, record=bool(record)
    )
    return Lease((row,), "", None)
