"""The promise of a result that is corrected: dates, parts, amount and way of paying said anew.

What was promised before stays as a row that was replaced, also when it was kept or broken by then;
the ledger counts the newest, judged by what was paid since the call. What was judged is not taken
back with its status: that it was broken stays true.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.floor import Campaign
from agent_desk.dialer.promises import Promised
from agent_desk.dialer.results import PAYMENT_DATE, refuse_promise
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules import promise_ledger
from agent_desk.store.records.saved_results import SavedResult
from agent_desk.store.rules import payments
from agent_desk.store.unit_of_work import Session


def counts(campaign: Campaign, saved: SavedResult) -> tuple[int, ...]:
    """Into how many parts the promise may be shared: the campaign's plans, and the saved one."""
    mine = {len(saved.promise.promised.parts)} if saved.promise is not None else set()
    return tuple(sorted({*campaign.instalment_counts, *mine} - {0}))


def changed(
    before: SavedResult, codes: Collection[str], wanted: Promised | None
) -> Promised | None:
    """What is promised anew; None where the promise stays, or there is none.

    ServiceError: promise-settled, promise-missing, caller-unknown.
    """
    if PAYMENT_DATE not in codes:
        if before.promise is not None and before.promise.state != "open":
            raise ServiceError("promise-settled")
        return None
    if wanted is None and PAYMENT_DATE not in before.codes:
        raise ServiceError("promise-missing")
    if wanted is None or (before.promise is not None and wanted == before.promise.promised):
        return None
    if before.customer_id is None:
        raise ServiceError("caller-unknown")
    return wanted


def refuse(campaign: Campaign, promised: Promised, before: SavedResult) -> None:
    """Refused(promise-…, amount-required) where it could not have been promised on that call."""
    offered = replace(campaign, instalment_counts=counts(campaign, before))
    refuse_promise(offered, promised, today=business_date(before.first_at))


def judge_anew(session: Session, before: SavedResult, *, at: datetime) -> None:
    """Where the new promise stands by what was paid since the call."""
    if before.customer_id is None:
        return
    whose = (before.customer_id, before.product_id)
    promise_ledger.match(session, *whose, at=at)
    kept = before.promise is not None and before.promise.state == "kept"
    if kept and not payments.owes(session, *whose):
        payments.keep_promises(session, *whose, at=at)
