"""`/api/v1` of the calling rules: holds, overrides, payments, refusals, list previews, hand calls.

`internal_rules` is the same table for the command line, behind the worker's key.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.dialer.ids import SeatId
from agent_desk.routes.guards import internal, person, requires
from agent_desk.routes.internal import refused
from agent_desk.routes.repeats import repeatable
from agent_desk.services.actor import CLI, Actor
from agent_desk.services.dialing.hand_calls import HandCalls
from agent_desk.services.dialing.list_previews import ListPreviews
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.requests import REQUESTS
from agent_desk.services.told import Told

blueprint = Blueprint("rules", __name__, url_prefix="/api/v1")
internal_rules = Blueprint("internal_rules", __name__, url_prefix="/internal/rules")
internal_rules.register_error_handler(ServiceError, refused)

LEADERS = ("lead", "manager", "compliance", "admin")
# Who posts money, and who changes what a campaign may do.
OFFICE = ("manager", "admin")


def _answer(name: str, actor: Actor) -> ResponseReturnValue:
    told = Told(request.get_json(silent=True))
    return jsonify(REQUESTS[name](_desk().rules, told, actor)), 201


def _ask(name: str) -> ResponseReturnValue:
    who = person()
    return _answer(name, Actor(who.username, who.role, who.teams))


@internal_rules.post("/<path:name>")
@internal
def ask_internally(name: str) -> ResponseReturnValue:
    """Any of the requests, from the command line."""
    if name not in REQUESTS:
        abort(404)
    return _answer(name, CLI)


@blueprint.post("/payments")
@requires(*OFFICE, scope="payments:write")
@repeatable
def post_payment() -> ResponseReturnValue:
    """Money received; who owes nothing any more is not called (R54)."""
    return _ask("payments")


@blueprint.post("/payments/reverse")
@requires(*OFFICE, scope="payments:write")
@repeatable
def reverse_payment() -> ResponseReturnValue:
    """A payment that never was: what it settled is owed again."""
    return _ask("payments/reverse")


@blueprint.get("/holds")
@requires(*LEADERS)
def holds() -> ResponseReturnValue:
    """Holds in force, of people (by their ids) and of areas."""
    people, places = _desk().rules.holds.current(teams=person().teams)
    return jsonify(
        {
            "holds": [_plain(asdict(row)) for row in people],
            "area_holds": [_plain(asdict(row)) for row in places],
        }
    )


@blueprint.post("/holds")
@requires(*LEADERS)
@repeatable
def put_hold() -> ResponseReturnValue:
    """Leave a person alone: hardship, a complaint, a lawyer's notice (R06, R36, R60)."""
    return _ask("holds")


@blueprint.get("/reviews")
@requires(*LEADERS)
def reviews() -> ResponseReturnValue:
    """People of one's teams who hung up without a word, twice, and wait for a lead's look (R38)."""
    rows = _desk().rules.refusals.to_review(teams=person().teams)
    return jsonify({"reviews": [_plain({**asdict(row), "until": row.until}) for row in rows]})


@blueprint.post("/holds/release")
@requires(*LEADERS)
@repeatable
def release_hold() -> ResponseReturnValue:
    """End a hold."""
    return _ask("holds/release")


@blueprint.post("/area-holds")
@requires(*LEADERS)
@repeatable
def put_area_hold() -> ResponseReturnValue:
    """Call nobody in an area (R06)."""
    return _ask("area-holds")


@blueprint.post("/area-holds/release")
@requires(*LEADERS)
@repeatable
def release_area_hold() -> ResponseReturnValue:
    """End an area's hold."""
    return _ask("area-holds/release")


@blueprint.post("/contact-wishes")
@requires(*LEADERS)
@repeatable
def set_wish() -> ResponseReturnValue:
    """When a person wants to be called (R02)."""
    return _ask("contact-wishes")


@blueprint.post("/vips")
@requires(*LEADERS)
@repeatable
def set_vip() -> ResponseReturnValue:
    """Whom only people call, one at a time (A33)."""
    return _ask("vips")


@blueprint.get("/overrides")
@requires(*LEADERS)
def overrides() -> ResponseReturnValue:
    """Overrides in force; numbers and areas by their keys."""
    lines = _desk().rules.overrides.current(teams=person().teams)
    return jsonify({"overrides": [_plain(asdict(line)) for line in lines]})


@blueprint.post("/overrides")
@requires(*LEADERS)
@repeatable
def grant_override() -> ResponseReturnValue:
    """Set a rule aside for somebody, for a while."""
    return _ask("overrides")


@blueprint.post("/overrides/lift")
@requires(*LEADERS)
@repeatable
def lift_override() -> ResponseReturnValue:
    """Take an override back."""
    return _ask("overrides/lift")


@blueprint.post("/consents")
@requires(*LEADERS)
@repeatable
def give_consent() -> ResponseReturnValue:
    """Note what a person agreed to."""
    return _ask("consents")


@blueprint.post("/consents/withdraw")
@requires(*LEADERS)
@repeatable
def withdraw_consent() -> ResponseReturnValue:
    """Note that a person agrees no more."""
    return _ask("consents/withdraw")


@blueprint.post("/refusals")
@requires(*LEADERS)
@repeatable
def note_refusal() -> ResponseReturnValue:
    """Who does not want to be solicited for a product (R38)."""
    return _ask("refusals")


@blueprint.post("/campaign-rules")
@requires(*OFFICE)
@repeatable
def change_settings() -> ResponseReturnValue:
    """A campaign's own limits."""
    return _ask("campaign-rules")


@blueprint.get("/lists/<int:list_id>/preview")
@requires(*LEADERS)
def preview(list_id: int) -> ResponseReturnValue:
    """Who of a list may be called now, and what keeps the others back."""
    desk = _desk()
    previews = ListPreviews(
        database=desk.database,
        sealer=desk.rules.sealer,
        clock=desk.clock,
        hub=desk.hub,
        practice=desk.config.practice,
    )
    return jsonify(_plain(asdict(previews.preview(list_id, teams=person().teams))))


@blueprint.post("/hand-calls")
@requires("operator", "lead")
@repeatable
def dial() -> ResponseReturnValue:
    """Show a seat a customer chosen by hand: one's own, or (leads) a seat of one's teams."""
    desk, who = _desk(), person()
    told = Told(request.get_json(silent=True))
    seat = who.username if who.role == "operator" else told.text("seat")
    hand = HandCalls(
        database=desk.database,
        sealer=desk.rules.sealer,
        commits=desk.commits,
        clock=desk.clock,
        practice=desk.config.practice,
    )
    hand.dial(
        SeatId(seat),
        told.text("customer"),
        position=told.whole("position", 1),
        actor=who.username,
        teams=who.teams if who.role == "lead" else None,
    )
    return jsonify({"ok": True}), 202


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Instants as ISO 8601 in UTC."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }


def _desk() -> Any:
    """The running desk (`agent_desk/desk.py`, which is above the routes)."""
    return current_app.extensions["desk"]
