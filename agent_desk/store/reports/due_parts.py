"""Parts of promises by the day they fall due, and what was paid towards them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from agent_desk.dialer.promises import Paid
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign, Product
from agent_desk.models.customers import Customer, Debt, Payment
from agent_desk.models.results import Promise, PromisePart
from agent_desk.models.users import User
from agent_desk.store.reports.scope import of_campaigns


@dataclass(frozen=True)
class PromisesWanted:
    """Promises with a part due on the days `first` to `last`, both included; None: of any."""

    first: date
    last: date
    teams: Collection[int] | None = None
    campaign_id: int | None = None
    user_id: int | None = None
    product_id: int | None = None


@dataclass(frozen=True)
class PromisedPart:
    """One part, with its promise. `amount_yen` None: how much was left open."""

    promise_id: int
    position: int
    due_on: date
    amount_yen: int | None
    state: str
    promise_state: str
    made_at: datetime
    call_id: str
    called_at: datetime
    customer_id: int
    external_id: str | None
    product_id: int
    product: str
    campaign: str
    operator: str | None
    username: str | None


def parts(session: Session, wanted: PromisesWanted) -> list[PromisedPart]:
    """All parts of those promises, also the ones due on other days: by promise, in order."""
    query = _PARTS.where(Promise.id.in_(_ids(wanted))).order_by(Promise.id, PromisePart.position)
    return [PromisedPart(*row) for row in session.execute(query)]


def payments(session: Session, wanted: PromisesWanted) -> Mapping[tuple[int, int], Sequence[Paid]]:
    """What came in and was not taken back, by (customer, product), oldest first."""
    customers = select(Promise.customer_id).where(Promise.id.in_(_ids(wanted)))
    query = (
        select(Debt.customer_id, Debt.product_id, Payment.paid_on, Payment.amount_yen)
        .join(Payment, Payment.debt_id == Debt.id)
        .where(Debt.customer_id.in_(customers), Payment.reversed_at.is_(None))
        .order_by(Payment.paid_on, Payment.id)
    )
    found: dict[tuple[int, int], list[Paid]] = defaultdict(list)
    for customer_id, product_id, on, amount in session.execute(query):
        found[customer_id, product_id].append(Paid(on, amount))
    return found


def people(session: Session, teams: Collection[int] | None) -> list[tuple[int, str]]:
    """(id, name) of the operators in scope, who make promises, in order of name."""
    query = select(User.id, User.name).where(User.role == "operator")
    if teams is not None:
        query = query.where(User.team_id.in_(list(teams)))
    return [(row[0], row[1]) for row in session.execute(query.order_by(User.name, User.id))]


def products(session: Session, teams: Collection[int] | None) -> list[tuple[int, str]]:
    """(id, name) of the products of campaigns in scope, in order of name."""
    theirs = select(Campaign.product_id).where(*of_campaigns(Campaign.id, teams=teams))
    query = select(Product.id, Product.name).where(Product.id.in_(theirs)).order_by(Product.name)
    return [(row[0], row[1]) for row in session.execute(query)]


def _ids(wanted: PromisesWanted) -> Select[*tuple[Any, ...]]:
    due = select(PromisePart.promise_id).where(
        PromisePart.due_on >= wanted.first, PromisePart.due_on <= wanted.last
    )
    query = (
        select(Promise.id)
        .join(Call, Call.id == Promise.call_id)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .where(
            Promise.id.in_(due),
            Promise.state != "replaced",
            *of_campaigns(Campaign.id, teams=wanted.teams, campaign_id=wanted.campaign_id),
        )
    )
    if wanted.user_id is not None:
        query = query.where(Promise.user_id == wanted.user_id)
    if wanted.product_id is not None:
        query = query.where(Campaign.product_id == wanted.product_id)
    return query


_PARTS: Select[*tuple[Any, ...]] = (
    select(
        Promise.id,
        PromisePart.position,
        PromisePart.due_on,
        PromisePart.amount_yen,
        PromisePart.state,
        Promise.state,
        Promise.made_at,
        Promise.call_id,
        Call.leased_at,
        Promise.customer_id,
        Customer.external_id,
        Campaign.product_id,
        Product.name,
        Campaign.name,
        User.name,
        User.username,
    )
    .join(PromisePart, PromisePart.promise_id == Promise.id)
    .join(Call, Call.id == Promise.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .join(Product, Product.id == Campaign.product_id)
    .join(Customer, Customer.id == Promise.customer_id)
    .outerjoin(User, User.id == Promise.user_id)
)
