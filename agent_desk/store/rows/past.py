"""What happened before this desk: notes, promises and talks that come with a customer's file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, AttemptOutcome, Call, Recording
from agent_desk.models.campaigns import CampaignList
from agent_desk.models.customers import Note, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Promise
from agent_desk.store.sealing import Sealer

RANG_FOR = timedelta(seconds=8)


@dataclass(frozen=True)
class Callee:
    """Somebody on a list, and the number they were called at."""

    customer_id: int
    phone_id: int
    number_key: str


@dataclass(frozen=True)
class PastTalk:
    """A talk that was recorded; the file is there."""

    call_id: str
    campaign_id: int
    operator_id: int
    customer: Callee
    begun: datetime
    duration_ms: int
    path: str
    sha256: str
    size_bytes: int


def add_note(
    session: Session, sealer: Sealer, customer_id: int, *, text: str, at: datetime
) -> None:
    """A note nobody here wrote."""
    session.execute(
        insert(Note).values(customer_id=customer_id, text_sealed=sealer.seal(text), at=at)
    )


def add_promise(
    session: Session,
    customer_id: int,
    *,
    due_on: date,
    amount_yen: int,
    state: str,
    made_at: datetime,
) -> None:
    """A promise made elsewhere; `state` is kept or broken."""
    session.execute(
        insert(Promise).values(
            customer_id=customer_id,
            due_on=due_on,
            amount_yen=amount_yen,
            state=state,
            made_at=made_at,
        )
    )


def never_called(session: Session, campaign_id: int, *, limit: int) -> list[Callee]:
    """The last on a campaign's lists of whom no attempt is known."""
    called = exists().where(Attempt.customer_id == ListEntry.customer_id)
    query = (
        select(Phone.customer_id, Phone.id, Phone.number_key)
        .join(ListEntry, ListEntry.customer_id == Phone.customer_id)
        .join(CampaignList, CampaignList.list_id == ListEntry.list_id)
        .where(CampaignList.campaign_id == campaign_id, Phone.position == 1, ~called)
        .order_by(ListEntry.id.desc())
        .limit(limit)
    )
    return [Callee(*row) for row in session.execute(query)]


def add_talk(session: Session, talk: PastTalk) -> None:
    """A talk between somebody we called and an operator, ended by the customer.

    It belongs to no list's progress and has no tariff: it was neither this list's nor is it billed.
    """
    ended = talk.begun + timedelta(milliseconds=talk.duration_ms)
    _add_call(session, talk, ended)
    session.execute(
        insert(AttemptOutcome).values(
            attempt_id=talk.call_id,
            campaign_id=talk.campaign_id,
            outcome="human",
            blame="none",
            by="customer",
            counts=True,
            answered=True,
            live_answer=True,
            abandoned=False,
            cause="bye",
            at=ended,
        )
    )
    session.execute(
        insert(Recording).values(
            call_id=talk.call_id,
            path=talk.path,
            sha256=talk.sha256,
            size_bytes=talk.size_bytes,
            started_at=talk.begun,
            ended_at=ended,
            duration_ms=talk.duration_ms,
        )
    )


def _add_call(session: Session, talk: PastTalk, ended: datetime) -> None:
    """The attempt and the call it became."""
    leased = talk.begun - RANG_FOR
    shared = {
        "id": talk.call_id,
        "campaign_id": talk.campaign_id,
        "customer_id": talk.customer.customer_id,
        "leased_at": leased,
    }
    session.execute(
        insert(Attempt).values(
            **shared,
            phone_id=talk.customer.phone_id,
            number_key=talk.customer.number_key,
            number_today=1,
            cap_today=1,
            trunk_id="practice",
            gateway_id="gw1",
            desk_epoch=0,
            placed_at=leased,
            not_after=talk.begun,
            open=False,
        )
    )
    session.execute(
        insert(Call).values(
            **shared,
            seat_user_id=talk.operator_id,
            state="ended",
            live=False,
            since=ended,
            rang_at=leased,
            answered_at=talk.begun,
            offered_at=talk.begun,
            bridged_at=talk.begun,
            ended_at=ended,
            ended_by="customer",
            record=True,
        )
    )
