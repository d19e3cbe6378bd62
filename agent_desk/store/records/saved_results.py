"""Results as they were saved: the newest version of a call's, and an operator's calls of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer.promises import Promised, PromisePart
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Note
from agent_desk.models.results import Promise, Result
from agent_desk.models.results import PromisePart as PartRow
from agent_desk.models.users import User
from agent_desk.store.sealing import Sealer

PAST = ("withdrawn", "replaced")  # promises that do not count any more


@dataclass(frozen=True)
class SavedPromise:
    """The promise of a call that counts; `state`: `open`, or what it was judged to be."""

    promised: Promised
    state: str


@dataclass(frozen=True)
class SavedResult:
    """The newest version of a call's result. `owner_id` had the call, `first_at` is when its first
    version was saved: the day all of them count on."""

    call_id: str
    version: int
    first_at: datetime
    owner_id: int
    owner: str
    owner_team_id: int | None
    campaign_id: int
    product_id: int
    customer_id: int | None
    list_entry_id: int | None
    phone_id: int | None
    identity: str
    codes: frozenset[str]
    counterpart: str
    recorded: bool
    note_id: int | None
    note_sealed: bytes | None
    promise: SavedPromise | None


@dataclass(frozen=True)
class OwnCall:
    """One of an operator's calls of a day."""

    call_id: str
    at: datetime
    name_sealed: bytes | None
    campaign_id: int
    campaign: str
    codes: tuple[str, ...]
    version: int
    recorded: bool


@dataclass(frozen=True)
class Version:
    """One version of a result; `reason` is a lead's, "" for one's own."""

    version: int
    at: datetime
    by: str
    codes: tuple[str, ...]
    reason: str


def newest(session: Session, call_id: str) -> SavedResult | None:
    """What holds of a call; None while nothing was saved."""
    first = select(func.min(Result.at)).where(Result.call_id == call_id).scalar_subquery()
    query = (
        select(Result, Call, User, Attempt, Note.text_sealed, Campaign.product_id, first)
        .join(Call, Call.id == Result.call_id)
        .join(User, User.id == func.coalesce(Call.seat_user_id, Result.user_id))
        .join(Attempt, Attempt.id == Result.call_id)
        .join(Campaign, Campaign.id == Result.campaign_id)
        .outerjoin(Note, Note.id == Result.note_id)
        .where(Result.call_id == call_id)
        .order_by(Result.version.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    result, call, owner, attempt, note_sealed, product_id, first_at = found
    return SavedResult(
        call_id=call_id,
        version=result.version,
        first_at=first_at,
        owner_id=owner.id,
        owner=owner.username,
        owner_team_id=owner.team_id,
        campaign_id=result.campaign_id,
        product_id=product_id,
        customer_id=result.customer_id,
        list_entry_id=attempt.list_entry_id,
        phone_id=attempt.phone_id,
        identity=call.identity,
        codes=frozenset(result.codes),
        counterpart=result.counterpart or "unknown",
        recorded=result.recorded,
        note_id=result.note_id,
        note_sealed=note_sealed,
        promise=_promise(session, call_id),
    )


def _promise(session: Session, call_id: str) -> SavedPromise | None:
    query = select(Promise).where(Promise.call_id == call_id, Promise.state.not_in(PAST))
    promise = session.scalars(query.order_by(Promise.id.desc()).limit(1)).first()
    if promise is None:
        return None
    rows = session.execute(
        select(PartRow.due_on, PartRow.amount_yen)
        .where(PartRow.promise_id == promise.id)
        .order_by(PartRow.position)
    ).all()
    plan = [PromisePart(due_on, amount) for due_on, amount in rows if amount is not None]
    parts = tuple(plan) if len(plan) > 1 else ()
    promised = Promised(promise.due_on, promise.amount_yen, promise.method, parts)
    return SavedPromise(promised, promise.state)


def own_since(session: Session, user_id: int, since: datetime, *, limit: int) -> list[OwnCall]:
    """An operator's calls with a result whose talk began since then, newest first."""
    newer = aliased(Result)
    query = (
        select(
            Result.call_id,
            Call.bridged_at.label("at"),
            Customer.name_sealed,
            Result.campaign_id,
            Campaign.name.label("campaign"),
            Result.codes,
            Result.version,
            Result.recorded,
        )
        .join(Call, Call.id == Result.call_id)
        .join(Campaign, Campaign.id == Result.campaign_id)
        .outerjoin(Customer, Customer.id == Result.customer_id)
        .where(
            Call.seat_user_id == user_id,
            Call.bridged_at >= since,
            ~exists().where(newer.call_id == Result.call_id, newer.version > Result.version),
        )
        .order_by(Call.bridged_at.desc())
        .limit(limit)
    )
    rows = session.execute(query)
    return [OwnCall(**{**row._mapping, "codes": tuple(row.codes)}) for row in rows]


def versions(session: Session, sealer: Sealer, call_id: str) -> list[Version]:
    """Every version of a call's result, oldest first."""
    query = (
        select(Result.version, Result.at, User.name, Result.codes, Result.reason_sealed)
        .join(User, User.id == Result.user_id)
        .where(Result.call_id == call_id)
        .order_by(Result.version)
    )
    return [
        Version(version, at, by, tuple(codes), sealer.open_optional(reason) or "")
        for version, at, by, codes, reason in session.execute(query)
    ]
