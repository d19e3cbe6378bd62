"""What a status bars: this number of this person at once, or the person for the product (R38).

番号違い takes effect when it is pressed and ends when it is released: whoever answered there is
somebody else. 拒否 takes effect with the result. A corrected result takes back what an earlier
version barred, unless something else bars it too.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer import events
from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Phone
from agent_desk.models.results import Result, StatusMark
from agent_desk.store import audit, straight
from agent_desk.store.campaigns import statuses
from agent_desk.store.rows.context import RowContext
from agent_desk.store.rules import do_not_call, withdrawals

NUMBER, PRODUCT = "number", "product"
WRONG_NUMBER = "wrong_number"  # why a number of a person is not called
REFUSED = "refused"
# built once: every result asks
_PRODUCT = select(Campaign.product_id, Campaign.kind).where(Campaign.id == bindparam("campaign_id"))


def bars_number(session: Session, campaign_id: int, codes: Collection[str]) -> bool:
    """Whether one of these statuses says that the number is not the person's."""
    barring = statuses.barring(session, campaign_id)
    return any(barring.get(code) == NUMBER for code in codes)


def status_marked(context: RowContext, event: events.StatusMarked) -> None:
    """A status that bars the number was pressed or released."""
    if not bars_number(context.session, event.campaign_id, [event.code]):
        return
    phone_id = context.session.scalar(select(Attempt.phone_id).where(Attempt.id == event.call_id))
    if phone_id is not None:
        _bar_number(context, event, phone_id)


def _bar_number(context: RowContext, event: events.StatusMarked, phone_id: int) -> None:
    if not event.on and _says_another(context.session, event, phone_id):
        return
    before, after = (None, WRONG_NUMBER) if event.on else (WRONG_NUMBER, None)
    changed = context.session.execute(
        update(Phone)
        .where(Phone.id == phone_id, Phone.unusable_reason.is_not_distinct_from(before))
        .values(unusable_reason=after)
    )
    if changed.rowcount:  # type: ignore[attr-defined]
        audit.append(
            context.session,
            at=event.at,
            actor=context.seat_of(event.user_id),
            action="number.barred" if event.on else "number.unbarred",
            subject=f"phone:{phone_id}",
            details={"call": event.call_id},
        )


def _says_another(session: Session, event: events.StatusMarked, phone_id: int) -> bool:
    """Whether another call's mark says of this number that it is not the person's."""
    others = (
        select(StatusMark.campaign_id, StatusMark.code)
        .join(Attempt, Attempt.id == StatusMark.call_id)
        .where(
            Attempt.phone_id == phone_id,
            StatusMark.call_id != event.call_id,
            StatusMark.current,
            StatusMark.marked,
        )
    )
    return any(bars_number(session, campaign, [code]) for campaign, code in session.execute(others))


def result_recorded(context: RowContext, event: events.ResultRecorded) -> None:
    """Who refused on the call is not solicited for the product again, on any list (R38)."""
    session = context.session
    of_campaign = {"campaign_id": event.campaign_id}
    [(product_id, kind)] = straight.rows(session, _PRODUCT, of_campaign)
    if event.customer_id is None or kind == "collections":
        return
    barring = statuses.barring(session, event.campaign_id)
    if not any(barring.get(code) == PRODUCT for code in event.codes):
        _take_back(context, event)
        return
    actor = context.seat_of(event.user_id)
    row_id = do_not_call.refuse(
        session,
        event.customer_id,
        product_id,
        at=event.at,
        reason=REFUSED,
        source=actor,
        call_id=event.call_id,
    )
    withdrawals.close_entries(session, [event.customer_id], product_id, reason=REFUSED, at=event.at)
    audit.append(
        session,
        at=event.at,
        actor=actor,
        action="refusal.noted",
        subject=f"customer:{event.customer_id}",
        details={"product": product_id, "do_not_call": row_id, "call": event.call_id},
    )


def _refused_too(session: Session, event: events.ResultRecorded) -> str | None:
    """Another call of the person, for the same product, whose newest result is a refusal."""
    newer = aliased(Result)
    product = select(Campaign.product_id).where(Campaign.id == event.campaign_id)
    others = (
        select(Result.call_id, Result.campaign_id, Result.codes)
        .join(Campaign, Campaign.id == Result.campaign_id)
        .where(
            Result.customer_id == event.customer_id,
            Result.call_id != event.call_id,
            Campaign.product_id == product.scalar_subquery(),
            ~exists().where(newer.call_id == Result.call_id, newer.version > Result.version),
        )
    )
    for call_id, campaign_id, codes in session.execute(others):
        barring = statuses.barring(session, campaign_id)
        if any(barring.get(code) == PRODUCT for code in codes):
            return str(call_id)
    return None


def _take_back(context: RowContext, event: events.ResultRecorded) -> None:
    """What an earlier version of this result barred is barred no more, unless on another call the
    person refused the product as well: then that one stands for it."""
    held = do_not_call.of_call(context.session, event.call_id)
    other = _refused_too(context.session, event) if held else None
    if other is not None:
        do_not_call.rest_on(context.session, held, other)
        return
    lifted = do_not_call.lift_of_call(context.session, event.call_id, at=event.at)
    if not lifted:
        return
    assert event.customer_id is not None
    withdrawals.wake(context.session, [event.customer_id], closed_for=(REFUSED,), at=event.at)
    audit.append(
        context.session,
        at=event.at,
        actor=context.seat_of(event.user_id),
        action="refusal.corrected",
        subject=f"customer:{event.customer_id}",
        details={"do_not_call": lifted, "call": event.call_id},
    )
