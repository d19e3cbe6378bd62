"""What an operator records during a call and its wrap-up: statuses, identity, promise, note.

The screen only offers what is allowed; here it is decided. `contact` and `valid` may be marked at
any time from the bridge on. What says that *this person* was spoken to needs 本人確認 where the
campaign asks for it, and a verified identity that something rests on is not taken back silently.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from agent_desk.dialer import commands, seats
from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import (
    CallbackAsked,
    IdentityRecorded,
    NoteDrafted,
    PromiseMade,
    PromiseWithdrawn,
    StatusMarked,
)
from agent_desk.dialer.floor import Call, Campaign, Seat
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.promises import METHODS, Promised, adds_up

LONGEST_CALLBACK = timedelta(days=60)
WRONG_NUMBER = "wrong_number"  # the status of who is not the person called
PAYMENT_DATE = "payment_date"  # the status that stands for a promise with a date


def own_call(draft: Draft, seat_id: SeatId, call_id: CallId, event: str) -> tuple[Seat, Call]:
    """Seat and call, when the law allows the event there and the call is this seat's."""
    seat = draft.seat(seat_id)
    seats.target(seat.state, event, seat_id)
    call = draft.calls.get(seat.call_id)
    if call is None or call.call_id != call_id:
        raise Refused(ErrorId.NOT_YOUR_CALL)
    return seat, call


def mark_status(draft: Draft, command: commands.MarkStatus) -> None:
    """Press or release a status; what is already so stays so."""
    seat, call = own_call(draft, command.seat_id, command.call_id, "MarkStatus")
    campaign = draft.campaign(call.campaign_id)
    needs_identity = {status.code: status.needs_identity for status in campaign.statuses}
    if command.code not in needs_identity:
        raise Refused(ErrorId.STATUS_UNKNOWN, code=command.code)
    if (command.code in call.codes) is command.on:
        return
    if command.code == PAYMENT_DATE:
        raise Refused(ErrorId.PROMISE_MISSING if command.on else ErrorId.PROMISE_STANDS)
    if not command.on:
        _refuse_contained(campaign, call, command.code)
        _mark(draft, seat, call, command.code, on=False)
        return
    if needs_identity[command.code]:
        _require_identity(call, campaign)
    for_others = {each.code for each in campaign.statuses if each.third_party}
    if campaign.identity_needed and call.identity != "third_party" and command.code in for_others:
        raise Refused(ErrorId.THIRD_PARTY_NEEDED)
    refuse_contradiction(campaign, call.codes | {command.code})
    call = _mark(draft, seat, call, command.code, on=True)
    for code in sorted(implied(campaign, {command.code}) - call.codes - {PAYMENT_DATE}):
        call = _mark(draft, seat, call, code, on=True)


def implied(campaign: Campaign, codes: Collection[str]) -> frozenset[str]:
    """What these statuses say as well: who refused was spoken to."""
    known = {status.code for status in campaign.statuses}
    said = [status.implies for status in campaign.statuses if status.code in codes]
    return frozenset().union(*said) & known


def refuse_contradiction(campaign: Campaign, codes: Collection[str]) -> None:
    """Refused(status-contradicts) where two of them cannot both be true: 拒否 and アポ."""
    for status in campaign.statuses:
        against = sorted(status.excludes & set(codes))
        if status.code in codes and against:
            raise Refused(ErrorId.STATUS_CONTRADICTS, code=status.code, other=against[0])


def _refuse_contained(campaign: Campaign, call: Call, code: str) -> None:
    """A status another one contains is released with that one."""
    for status in campaign.statuses:
        if status.code in call.codes and code in status.implies:
            raise Refused(ErrorId.STATUS_CONTAINED, code=code, other=status.code)


def _mark(draft: Draft, seat: Seat, call: Call, code: str, *, on: bool) -> Call:
    codes = call.codes | {code} if on else call.codes - {code}
    call = replace(call, codes=codes)
    draft.put_call(call)
    draft.emit(
        StatusMarked(
            call_id=call.call_id,
            seat_id=seat.seat_id,
            user_id=seat.user_id,
            campaign_id=call.campaign_id,
            code=code,
            on=on,
            at=draft.now,
        )
    )
    return call


def _require_identity(call: Call, campaign: Campaign) -> None:
    if campaign.identity_needed and call.identity != "verified":
        raise Refused(ErrorId.IDENTITY_NEEDED)


def required_by(campaign: Campaign, codes: Collection[str]) -> frozenset[str]:
    """What the campaign wants filled in where these statuses are marked."""
    wanted = [status.required for status in campaign.statuses if status.code in codes]
    return frozenset().union(*wanted)


def counterpart(call: Call, campaign: Campaign) -> str:
    """Who was spoken to, for the record of the negotiation (R50), as far as the marks tell.

    `customer`, `third_party`, `somebody_else` (番号違い), `unverified` (spoke, and was not asked
    or not recognised), `unknown`. `nobody` is what only the operator can say, and has said by
    leaving a message on a machine.
    """
    if call.message:
        return "nobody"
    if WRONG_NUMBER in call.codes:
        return "somebody_else"
    if call.identity == "third_party":
        return "third_party"
    if call.identity == "verified":
        return "customer"
    if not call.codes:
        return "unknown"
    return "unverified" if campaign.identity_needed else "customer"


def asks_counterpart(campaign: Campaign, call: Call) -> bool:
    """Whether only the operator can say who was spoken to: a negotiation nobody was named in."""
    told = counterpart(call, campaign) not in ("unverified", "unknown")
    known = call.customer_id is not None and call.bridged_at is not None
    return campaign.identity_needed and known and not told


def record_identity(draft: Draft, command: commands.RecordIdentity) -> None:
    """What 本人確認 came to; not taken back while a promise or a status rests on it."""
    seat, call = own_call(draft, command.seat_id, command.call_id, "RecordIdentity")
    campaign = draft.campaign(call.campaign_id)
    resting = {status.code for status in campaign.statuses if status.needs_identity}
    resting.add(PAYMENT_DATE)
    if campaign.identity_needed and command.state != "verified" and call.codes & resting:
        raise Refused(ErrorId.IDENTITY_IN_USE)
    if command.state != "matched":
        draft.put_call(replace(call, identity=command.state))
    draft.emit(
        IdentityRecorded(call.call_id, seat.user_id, command.state, command.factor, draft.now)
    )


def set_promise(draft: Draft, command: commands.SetPromise) -> None:
    """支払日設定: from today to `promise_max_days` ahead; replaces an earlier one of this call."""
    seat, call = own_call(draft, command.seat_id, command.call_id, "SetPromise")
    campaign = draft.campaign(call.campaign_id)
    customer_id = call.customer_id
    if customer_id is None:
        raise Refused(ErrorId.CALLER_UNKNOWN)
    _require_identity(call, campaign)
    method, parts = command.method, command.parts
    promised = Promised(command.due_on, command.amount_yen, method, parts)
    refuse_promise(campaign, promised, today=business_date(draft.now))
    refuse_contradiction(campaign, call.codes | {PAYMENT_DATE})
    call = replace(call, promise_due=command.due_on)
    draft.put_call(call)
    draft.emit(
        PromiseMade(
            call_id=call.call_id,
            customer_id=customer_id,
            user_id=seat.user_id,
            due_on=command.due_on,
            amount_yen=command.amount_yen,
            at=draft.now,
            method=method,
            parts=parts,
        )
    )
    if PAYMENT_DATE not in call.codes:
        _mark(draft, seat, call, PAYMENT_DATE, on=True)


def refuse_promise(campaign: Campaign, promised: Promised, *, today: date) -> None:
    """Refused(promise-…, amount-required) where a promise cannot be kept like this."""
    latest = today + timedelta(days=campaign.promise_max_days)
    if not today <= promised.due_on <= latest:
        raise Refused(ErrorId.PROMISE_DATE, latest=latest.isoformat())
    if promised.amount_yen is not None and promised.amount_yen <= 0:
        raise Refused(ErrorId.PROMISE_AMOUNT)
    if promised.method is not None and promised.method not in METHODS:
        raise Refused(ErrorId.PROMISE_METHOD)
    if not adds_up(promised):
        raise Refused(ErrorId.PROMISE_PARTS)
    if promised.parts and len(promised.parts) not in campaign.instalment_counts:
        raise Refused(ErrorId.PROMISE_PLAN, n=len(promised.parts))
    if promised.amount_yen is None and "amount" in required_by(campaign, {PAYMENT_DATE}):
        raise Refused(ErrorId.AMOUNT_REQUIRED)


def withdraw_promise(draft: Draft, command: commands.WithdrawPromise) -> None:
    """Take this call's promise back, and the status with it."""
    seat, call = own_call(draft, command.seat_id, command.call_id, "WithdrawPromise")
    if call.promise_due is None:
        raise Refused(ErrorId.PROMISE_MISSING)
    call = replace(call, promise_due=None)
    draft.put_call(call)
    draft.emit(PromiseWithdrawn(call.call_id, seat.user_id, draft.now))
    _mark(draft, seat, call, PAYMENT_DATE, on=False)


def set_callback(draft: Draft, command: commands.SetCallback) -> None:
    """When the customer asked to be called again; replaces an earlier wish of this call."""
    seat, call = own_call(draft, command.seat_id, command.call_id, "SetCallback")
    if call.customer_id is None or call.list_entry_id is None:
        raise Refused(ErrorId.CALLER_UNKNOWN)
    latest = draft.now + LONGEST_CALLBACK
    if command.due_at is not None and not draft.now < command.due_at <= latest:
        raise Refused(ErrorId.CALLBACK_TIME, days=LONGEST_CALLBACK.days)
    draft.put_call(replace(call, callback_at=command.due_at, callback_own=command.own))
    draft.emit(
        CallbackAsked(
            call_id=call.call_id,
            customer_id=call.customer_id,
            list_entry_id=call.list_entry_id,
            campaign_id=call.campaign_id,
            user_id=seat.user_id,
            own=command.own,
            due_at=command.due_at,
            at=draft.now,
        )
    )


def draft_note(draft: Draft, command: commands.DraftNote) -> None:
    """The note as typed so far."""
    seat, call = own_call(draft, command.seat_id, command.call_id, "DraftNote")
    draft.emit(NoteDrafted(call.call_id, seat.user_id, command.text, draft.now))
