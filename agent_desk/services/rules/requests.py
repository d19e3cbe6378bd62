"""What may be asked of the calling rules as JSON: one table for `/api/v1` and the command line.

Each request reads its fields, does its work and answers with plain values; refusals are
ServiceErrors. Ends are instants, or dates, which last to the end of that day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent_desk.services.actor import Actor
from agent_desk.services.rules.holds import Wish
from agent_desk.services.rules.overrides import Wanted
from agent_desk.services.rules.payments import Posted
from agent_desk.services.rules.use_cases import RuleServices
from agent_desk.services.told import Told
from agent_desk.store.rules.settings import CHANGEABLE

Request = Callable[[RuleServices, Told, Actor], dict[str, Any]]


def post_payment(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    posted = Posted(
        customer=told.text("customer"),
        amount_yen=told.whole("amount_yen"),
        paid_on=told.day("paid_on"),
        source=told.text("source"),
        payment_id=told.text("payment_id"),
        product=told.text("product", ""),
        debt=told.text("debt", ""),
    )
    entered = rules.payments.post(posted, actor=actor)
    return {"debt": entered.debt_id, "closed": entered.closed, "again": entered.again}


def reverse_payment(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    reversed_ = rules.payments.reverse(told.text("source"), told.text("payment_id"), actor=actor)
    return {"debt": reversed_.debt_id, "closed": reversed_.closed, "again": reversed_.again}


def put_hold(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    hold_id = rules.holds.put(
        told.text("customer"),
        reason=told.text("reason"),
        until=told.maybe_end("until"),
        document=told.text("document", ""),
        actor=actor,
    )
    return {"id": hold_id}


def release_hold(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    rules.holds.release(told.whole("id"), actor=actor)
    return {"ok": True}


def put_area_hold(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    hold_id = rules.holds.put_area(
        told.text("kind"),
        told.text("value"),
        reason=told.text("reason"),
        until=told.end("until"),
        actor=actor,
    )
    return {"id": hold_id}


def release_area_hold(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    rules.holds.release_area(told.whole("id"), actor=actor)
    return {"ok": True}


def set_wish(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    wish = Wish(
        from_minute=told.maybe_whole("from_minute"),
        until_minute=told.maybe_whole("until_minute"),
        weekdays=told.days("weekdays"),
        ends_on=told.maybe_day("ends_on"),
    )
    rules.holds.set_wish(told.text("customer"), wish, actor=actor)
    return {"ok": True}


def set_vip(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    rules.holds.set_vip(told.text("customer"), told.switch("on"), actor=actor)
    return {"ok": True}


def grant_override(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    wanted = Wanted(
        rule_id=told.text("rule"),
        subject=told.text("subject"),
        whom=told.text("whom"),
        reason=told.text("reason"),
        until=told.end("until"),
        manual_only=told.switch("manual_only", False),
    )
    return {"id": rules.overrides.grant(wanted, actor=actor)}


def lift_override(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    rules.overrides.lift(told.whole("id"), actor=actor)
    return {"ok": True}


def give_consent(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    consent_id = rules.overrides.consent(
        told.text("customer"),
        kind=told.text("kind"),
        evidence=told.text("evidence"),
        actor=actor,
    )
    return {"id": consent_id}


def withdraw_consent(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    rules.overrides.withdraw_consent(told.text("customer"), kind=told.text("kind"), actor=actor)
    return {"ok": True}


def note_refusal(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    row_id = rules.refusals.refuse(
        told.text("customer"),
        product=told.text("product"),
        reason=told.text("reason"),
        actor=actor,
    )
    return {"id": row_id}


def change_settings(rules: RuleServices, told: Told, actor: Actor) -> dict[str, Any]:
    rules.settings.change(told.text("campaign"), told.given(*CHANGEABLE), actor=actor)
    return {"ok": True}


# By the address below `/api/v1/` and `/internal/rules/`.
REQUESTS: Mapping[str, Request] = {
    "payments": post_payment,
    "payments/reverse": reverse_payment,
    "holds": put_hold,
    "holds/release": release_hold,
    "area-holds": put_area_hold,
    "area-holds/release": release_area_hold,
    "contact-wishes": set_wish,
    "vips": set_vip,
    "overrides": grant_override,
    "overrides/lift": lift_override,
    "consents": give_consent,
    "consents/withdraw": withdraw_consent,
    "refusals": note_refusal,
    "campaign-rules": change_settings,
}
