"""The ledger of promises as leads look through it: due, kept, broken, in part, what was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign, CampaignTeam
from agent_desk.models.customers import Customer, Debt, Payment
from agent_desk.models.results import Promise, PromisePart
from agent_desk.models.users import User

STANDINGS = ("open", "due", "part", "kept", "broken", "withdrawn")


@dataclass(frozen=True)
class LedgerRow:
    """One promise; `parts` are (due_on, amount_yen, state), `paid` (on, amount_yen) since."""

    id: int
    made_at: datetime
    due_on: date
    amount_yen: int | None
    method: str | None
    state: str
    campaign: str
    product_id: int
    customer_id: int
    external_id: str | None
    name_sealed: bytes
    operator: str | None
    parts: Sequence[tuple[date, int | None, str]] = ()
    paid: Sequence[tuple[date, int]] = ()


@dataclass(frozen=True)
class LedgerFilter:
    """What is looked for. `standing`: one of `STANDINGS`, "" for all but those replaced."""

    standing: str = ""
    campaign_id: int | None = None
    due_from: date | None = None
    due_to: date | None = None


def page(
    session: Session,
    wanted: LedgerFilter,
    *,
    teams: Collection[int] | None,
    today: date,
    after: tuple[date, int] | None,
    limit: int,
) -> list[LedgerRow]:
    """Soonest due first, within the teams (None: all) whose campaigns the promises are of."""
    query = _standing(_PROMISES, wanted.standing, today)
    if wanted.campaign_id is not None:
        query = query.where(Campaign.id == wanted.campaign_id)
    if wanted.due_from is not None:
        query = query.where(Promise.due_on >= wanted.due_from)
    if wanted.due_to is not None:
        query = query.where(Promise.due_on <= wanted.due_to)
    if teams is not None:
        theirs = select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))
        query = query.where(Campaign.id.in_(theirs))
    if after is not None:
        due_on, last = after
        same = and_(Promise.due_on == due_on, Promise.id > last)
        query = query.where(or_(Promise.due_on > due_on, same))
    rows = session.execute(query.order_by(Promise.due_on, Promise.id).limit(limit)).all()
    parts = _parts(session, [row.id for row in rows])
    paid = _paid(session, {row.customer_id for row in rows})
    return [_row(row._asdict(), parts[row.id], paid[row.customer_id]) for row in rows]


def _row(
    row: Mapping[str, Any],
    parts: Sequence[tuple[date, int | None, str]],
    paid: Sequence[tuple[int, date, int]],
) -> LedgerRow:
    """With what came in for the product since the day it was promised."""
    since = business_date(row["made_at"])
    counted = [
        (on, amount)
        for product_id, on, amount in paid
        if product_id == row["product_id"] and on >= since
    ]
    return LedgerRow(**row, parts=parts, paid=counted)


def _standing(
    query: Select[*tuple[Any, ...]], standing: str, today: date
) -> Select[*tuple[Any, ...]]:
    kept_part = exists().where(PromisePart.promise_id == Promise.id, PromisePart.state == "kept")
    match standing:
        case "open" | "kept" | "withdrawn":
            return query.where(Promise.state == standing)
        case "due":
            return query.where(Promise.state == "open", Promise.due_on <= today)
        case "part":
            return query.where(Promise.state.in_(("open", "broken")), kept_part)
        case "broken":
            return query.where(Promise.state == "broken", ~kept_part)
    return query.where(Promise.state != "replaced")


def _parts(
    session: Session, promise_ids: Collection[int]
) -> dict[int, list[tuple[date, int | None, str]]]:
    found: dict[int, list[tuple[date, int | None, str]]] = defaultdict(list)
    query = select(
        PromisePart.promise_id, PromisePart.due_on, PromisePart.amount_yen, PromisePart.state
    ).where(PromisePart.promise_id.in_(promise_ids))
    for promise_id, due_on, amount, state in session.execute(query.order_by(PromisePart.position)):
        found[promise_id].append((due_on, amount, state))
    return found


def _paid(
    session: Session, customer_ids: Collection[int]
) -> dict[int, list[tuple[int, date, int]]]:
    found: dict[int, list[tuple[int, date, int]]] = defaultdict(list)
    query = (
        select(Debt.customer_id, Debt.product_id, Payment.paid_on, Payment.amount_yen)
        .join(Payment, Payment.debt_id == Debt.id)
        .where(Debt.customer_id.in_(customer_ids), Payment.reversed_at.is_(None))
        .order_by(Payment.paid_on, Payment.id)
    )
    for customer_id, product_id, on, amount in session.execute(query):
        found[customer_id].append((product_id, on, amount))
    return found


_PROMISES: Select[*tuple[Any, ...]] = (
    select(
        Promise.id,
        Promise.made_at,
        Promise.due_on,
        Promise.amount_yen,
        Promise.method,
        Promise.state,
        Campaign.name.label("campaign"),
        Campaign.product_id,
        Promise.customer_id,
        Customer.external_id,
        Customer.name_sealed,
        User.name.label("operator"),
    )
    .join(Call, Call.id == Promise.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .join(Customer, Customer.id == Promise.customer_id)
    .outerjoin(User, User.id == Promise.user_id)
    .where(Promise.state != "replaced", Campaign.training.is_(False))
)
