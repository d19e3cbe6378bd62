"""`/api/v1` for other systems' customers: sent in batches, put on lists, barred from calls."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.api_history import asked_page, paged
from agent_desk.routes.guards import person, requires
from agent_desk.routes.repeats import repeatable
from agent_desk.services.actor import Actor
from agent_desk.services.api.intake import Intake
from agent_desk.services.errors import ServiceError
from agent_desk.services.told import Told

blueprint = Blueprint("api_customers", __name__, url_prefix="/api/v1")

OFFICE = ("admin",)


@blueprint.post("/customers")
@requires(*OFFICE, scope="customers:write")
@repeatable
def upsert_customers() -> ResponseReturnValue:
    """Customers of a source, added or brought up to date; each has its own answer."""
    return _answer(_desk().intake.take(_told(), actor=_actor()))


@blueprint.post("/lists/<int:list_id>/entries")
@requires(*OFFICE, scope="lists:write")
@repeatable
def upsert_entries(list_id: int) -> ResponseReturnValue:
    """The same, and each is on the list afterwards."""
    return _answer(_desk().intake.enter(list_id, _told(), actor=_actor()))


@blueprint.get("/do-not-call")
@requires(*OFFICE, scope="do_not_call:read")
def blocks() -> ResponseReturnValue:
    """Entries in force, in the order they were made, by pages."""
    return paged("entries", _desk().history.blocks(asked_page()))


@blueprint.post("/do-not-call")
@requires(*OFFICE, scope="do_not_call:write")
@repeatable
def block() -> ResponseReturnValue:
    """Nobody calls this number, or this customer, from now on (I9)."""
    told, service, who = _told(), _desk().do_not_call, person()
    number, customer = told.text("number", ""), told.text("customer", "")
    if bool(number) is bool(customer):
        raise ServiceError("bad-payload", reason="number or customer")
    if number:
        service.block_number(number, reason=told.text("reason"), actor=who.username)
    else:
        _desk().intake.check_customer(customer, actor=_actor())
        service.block_customer(customer, reason=told.text("reason"), actor=who.username)
    return jsonify({"ok": True}), 201


def _answer(intake: Intake) -> ResponseReturnValue:
    rows = [{"index": index, **asdict(each)} for index, each in enumerate(intake.results)]
    return jsonify({**intake.counts, "results": rows})


def _told() -> Told:
    return Told(request.get_json(silent=True))


def _actor() -> Actor:
    who = person()
    return Actor(who.username, who.role, who.teams)


def _desk() -> Any:
    return current_app.extensions["desk"]
