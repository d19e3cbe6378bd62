"""`/admin/promises`: the ledger of promises to pay, with the payments that were counted."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import business_date
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.promise_pages import PromiseLine, PromisePages
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.figures import csv_text
from agent_desk.store.records.promise_ledger import STANDINGS, LedgerFilter

blueprint = Blueprint("admin_promises", __name__)

COLUMNS = (
    *("due_on", "amount", "standing", "paid", "customer_number", "name", "campaign"),
    *("operator", "made_on", "method"),
)


@blueprint.get("/admin/promises")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """By standing, campaign and due date; all that stand by default."""
    wanted = _wanted()
    found = _promises().page(_actor(), wanted, cursor=request.args.get("cursor", ""))
    return section_page(
        "promises",
        "promises.html",
        found=found,
        wanted=wanted,
        standings=STANDINGS,
        campaigns=overview().campaigns(person().teams),
        same={key: value for key, value in request.args.items() if key != "cursor"},
    )


@blueprint.get("/admin/promises.csv")
@requires(*RUNNERS)
def export() -> ResponseReturnValue:
    """The same rows for a spreadsheet."""
    lines = _promises().export(_actor(), _wanted())
    header = [translate(f"ledger.{key}", locale=g.locale) for key in COLUMNS]
    response = Response(csv_text(header, [_cells(line) for line in lines]), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="promises.csv"'
    return response


def _cells(line: PromiseLine) -> list[object]:
    row = line.row
    amount = "" if row.amount_yen is None else row.amount_yen
    standing = translate(f"ledger.standing.{line.standing}", locale=g.locale)
    method = translate(f"promise_method.{row.method}", locale=g.locale) if row.method else ""
    return [
        *(row.due_on.isoformat(), amount, standing, line.paid_yen, row.external_id or ""),
        *(line.name, row.campaign, row.operator or ""),
        *(business_date(row.made_at).isoformat(), method),
    ]


def _wanted() -> LedgerFilter:
    return LedgerFilter(
        standing=request.args.get("standing", ""),
        campaign_id=request.args.get("campaign", type=int),
        due_from=_day("from"),
        due_to=_day("to"),
    )


def _day(name: str) -> date | None:
    text = request.args.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ServiceError("bad-payload", reason=name) from None


def _promises() -> PromisePages:
    promises: PromisePages = current_app.extensions["desk"].promise_pages
    return promises


def _actor() -> Actor:
    who = person()
    return Actor(who.username, who.role, who.teams)
