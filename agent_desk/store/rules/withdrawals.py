"""Which open attempts, and which entries of lists, a change of the facts concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.rules.profiles import PROFILES
from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.store.rows import callbacks
from agent_desk.store.rules import payments
from agent_desk.store.sealing import Sealer

_OURS = (Attempt.open, Attempt.inbound.is_(False))
PAID = "paid"  # why an entry is closed when nothing is owed any more
SCANNED = 50_000  # entries looked through at once when a whole area is released


def open_calls(
    session: Session, *, customer_ids: Collection[int] = (), number_keys: Collection[str] = ()
) -> list[str]:
    """Open attempts of ours on any of these people or numbers."""
    of_these = or_(Attempt.customer_id.in_(customer_ids), Attempt.number_key.in_(number_keys))
    return list(session.scalars(select(Attempt.id).where(*_OURS, of_these)))


def open_calls_on_lists(session: Session, customer_id: int, product_id: int) -> list[str]:
    """Open attempts of ours on a person for one product."""
    query = (
        select(Attempt.id)
        .join(ListEntry, ListEntry.id == Attempt.list_entry_id)
        .join(CustomerList, CustomerList.id == ListEntry.list_id)
        .where(*_OURS, Attempt.customer_id == customer_id, CustomerList.product_id == product_id)
    )
    return list(session.scalars(query))


def open_calls_in(session: Session, sealer: Sealer, *, area_key: str, prefix: str) -> list[str]:
    """Open attempts of ours in an area, or (with a prefix) to numbers that begin so."""
    query = (
        select(
            Attempt.id,
            Phone.number_sealed,
            Customer.prefecture_key,
            Customer.city_key,
            Customer.postcode_key,
            Customer.postcode_area_key,
        )
        .join(Phone, Phone.id == Attempt.phone_id)
        .join(Customer, Customer.id == Attempt.customer_id)
        .where(*_OURS)
    )
    return [
        call_id
        for call_id, sealed, *keys in session.execute(query)
        if area_key in keys or (prefix and sealer.open(sealed).startswith(prefix))
    ]


def wake(
    session: Session, customer_ids: Iterable[int], *, closed_for: Collection[str], at: datetime
) -> None:
    """Judge these people's entries again: those a rule put off, and those closed for a reason."""
    ids = list(customer_ids)
    mine = update(ListEntry).where(ListEntry.customer_id.in_(ids))
    put_off = mine.where(ListEntry.state == "ready", ListEntry.own_next_at.is_not(None))
    session.execute(put_off.values(next_at=ListEntry.own_next_at, own_next_at=None))
    if closed_for:
        closed = mine.where(ListEntry.state == "closed", ListEntry.closed_reason.in_(closed_for))
        session.execute(closed.values(state="ready", next_at=at, closed_reason=None))


def reopen_entries(
    session: Session, customer_ids: Collection[int], product_id: int, *, reason: str, at: datetime
) -> int:
    """Put people back on the lists of a product they were taken off for a reason; how many."""
    done = session.execute(
        update(ListEntry)
        .where(
            *_on_lists_of(customer_ids, product_id),
            ListEntry.state == "closed",
            ListEntry.closed_reason == reason,
        )
        .values(state="ready", next_at=at, closed_reason=None)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def follow_debts(
    session: Session,
    customer_ids: Collection[int],
    product_id: int,
    *,
    at: datetime,
    back: bool = True,
) -> set[int]:
    """After debts were told anew: off the product's lists who owes nothing any more (R54), and
    (with `back`) on them again who does. Who owes nothing."""
    owing = payments.owing(session, customer_ids, product_id)
    settled = set(customer_ids) - owing
    if owing and back:
        reopen_entries(session, owing, product_id, reason=PAID, at=at)
    if settled:
        close_entries(session, settled, product_id, reason=PAID, at=at)
    return settled


def follow_no_debts(
    session: Session, customer_ids: Collection[int], list_id: int, product_id: int, *, at: datetime
) -> None:
    """Off a list that duns, who came on it without an amount and has paid all there was (R54).

    A list of another kind of campaign may call them: paying is no reason against that.
    """
    calling = (
        select(Campaign.kind)
        .join(CampaignList, CampaignList.campaign_id == Campaign.id)
        .where(CampaignList.list_id == list_id)
    )
    kinds = set(session.scalars(calling))
    if kinds and all(PROFILES[kind].debts for kind in kinds):  # type: ignore[index]
        done = payments.paid_up(session, customer_ids, product_id)
        mine = (ListEntry.list_id == list_id, ListEntry.customer_id.in_(list(done)))
        _close(session, mine, reason=PAID, at=at)


def put_off_until(session: Session, until: datetime, *, after: int) -> tuple[list[int], int | None]:
    """Ids of entries a rule put off to `until` or later, among the next 50,000; where to go on."""
    last = session.scalar(select(func.max(ListEntry.id))) or 0
    if after >= last:
        return [], None
    upto = after + SCANNED
    query = select(ListEntry.id).where(
        and_(ListEntry.id > after, ListEntry.id <= upto),
        ListEntry.state == "ready",
        ListEntry.own_next_at.is_not(None),
        ListEntry.next_at >= until,
    )
    return list(session.scalars(query)), upto


def wake_entries(session: Session, entry_ids: Collection[int]) -> None:
    """Judge these entries again, if they are still put off."""
    chosen = update(ListEntry).where(
        ListEntry.id.in_(entry_ids),
        ListEntry.state == "ready",
        ListEntry.own_next_at.is_not(None),
    )
    session.execute(chosen.values(next_at=ListEntry.own_next_at, own_next_at=None))


def close_entries(
    session: Session, customer_ids: Collection[int], product_id: int, *, reason: str, at: datetime
) -> int:
    """Take people off every list of a product, with what was promised to call back; how many."""
    return _close(session, _on_lists_of(customer_ids, product_id), reason=reason, at=at)


def _close(
    session: Session, mine: tuple[ColumnElement[bool], ...], *, reason: str, at: datetime
) -> int:
    done = session.execute(
        update(ListEntry)
        .where(*mine, ListEntry.state == "ready")
        .values(state="closed", closed_reason=reason, own_next_at=None)
    )
    callbacks.cancel(session, session.scalars(select(ListEntry.id).where(*mine)).all(), at=at)
    return int(done.rowcount)  # type: ignore[attr-defined]


def _on_lists_of(
    customer_ids: Collection[int], product_id: int
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    lists = select(CustomerList.id).where(CustomerList.product_id == product_id)
    return ListEntry.customer_id.in_(list(customer_ids)), ListEntry.list_id.in_(lists)
