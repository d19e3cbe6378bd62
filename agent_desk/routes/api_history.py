"""`/api/v1` for what happened: calls and results by pages, for other systems and for managers.

`from` and `to` are instants with their offset, or Japanese days, the last of them included.
`updated_since` keeps what changed since an instant; a page's `next_cursor` is good for the same
question only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.dialer.business_time import at
from agent_desk.routes.api import instant
from agent_desk.routes.guards import person, requires
from agent_desk.services.actor import Actor
from agent_desk.services.api.history import MOST, USUAL, Asked, Page
from agent_desk.services.errors import ServiceError
from agent_desk.services.told import DATE, LARGEST, Told

blueprint = Blueprint("api_history", __name__, url_prefix="/api/v1")

READERS = ("manager", "admin")
PERSONAL = "customers:read"


@blueprint.get("/call-history")
@requires(*READERS, scope="calls:read")
def calls() -> ResponseReturnValue:
    """Calls by the instant they began, oldest first."""
    return paged("calls", current_app.extensions["desk"].history.calls(asked_page()))


@blueprint.get("/results")
@requires(*READERS, scope="results:read")
def results() -> ResponseReturnValue:
    """The newest version of each call's result, oldest first."""
    return paged("results", current_app.extensions["desk"].history.results(asked_page()))


def asked_page() -> Asked:
    """What is asked for, from the address; ServiceError bad-payload."""
    told, who = Told(request.args.to_dict()), person()
    return Asked(
        actor=Actor(who.username, who.role, who.teams),
        personal=g.token is None or PERSONAL in g.token.scopes,
        limit=_whole(told, "limit", most=MOST) or USUAL,
        cursor=told.text("cursor", ""),
        start=_start(told, "from"),
        end=told.maybe_end("to"),
        since=_start(told, "updated_since"),
        campaign_id=_whole(told, "campaign", most=LARGEST),
    )


def paged(name: str, page: Page) -> ResponseReturnValue:
    """A page as JSON."""
    return jsonify({name: [_plain(row) for row in page.rows], "next_cursor": page.next_cursor})


def _whole(told: Told, name: str, *, most: int) -> int | None:
    text = told.text(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and 1 <= int(text) <= most):
        raise ServiceError("bad-payload", reason=name)
    return int(text)


def _start(told: Told, name: str) -> datetime | None:
    """An instant, or the beginning of a Japanese day."""
    text = told.text(name, "")
    if not text or len(text) != DATE:
        return told.maybe_end(name) if text else None
    try:
        return at(date.fromisoformat(text), 0)
    except (ValueError, OverflowError):
        raise ServiceError("bad-payload", reason=name) from None


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value
