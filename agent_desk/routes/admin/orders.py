"""`/admin/orders`: orders taken on calls, and until when they may be taken back (R39)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.cooling_off import KINDS, STANDINGS
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.admin.typed import beside, day
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.orders import OrderLine, Orders, Taken, WantedOrders
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.figures import csv_text

blueprint = Blueprint("admin_orders", __name__)
# Where what is refused for is told.
OF_NEW = {
    **dict.fromkeys(("customer-unknown", "order-call", "order-exists"), "customer"),
    **{"not-in-scope": "campaign", "order-date": "ordered_on"},
}
OF_DOCUMENTS = {"order-date": "on", "order-document": "document_id"}
OF_CANCELLATION = dict.fromkeys(("order-date", "cooling-off-over"), "sent_on")

COLUMNS = (
    *("standing", "until", "ordered_on", "documents_on", "document_id", "cancelled_on"),
    *("customer_number", "name", "product", "campaign", "call"),
)


@blueprint.get("/admin/orders")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """By standing and campaign; all of them by default."""
    return _page(None)


@blueprint.get("/admin/orders.csv")
@requires(*RUNNERS)
def export() -> ResponseReturnValue:
    """The same rows for a spreadsheet."""
    lines = _orders().export(_actor(), _wanted())
    header = [translate(f"order.{key}", locale=g.locale) for key in COLUMNS]
    response = Response(csv_text(header, [_cells(line) for line in lines]), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
    return response


@blueprint.post("/admin/orders")
@requires(*RUNNERS)
def enter() -> ResponseReturnValue:
    """An order that was taken on a call."""

    def work() -> None:
        if not request.form.get("campaign", type=int):
            raise ServiceError("bad-payload", field="campaign")
        taken = Taken(
            customer=request.form.get("customer", ""),
            campaign_id=int(request.form["campaign"]),
            ordered_on=day("ordered_on"),
        )
        _orders().enter(taken, actor=_actor())

    return _done(work, OF_NEW)


@blueprint.post("/admin/orders/<int:order_id>/documents")
@requires(*RUNNERS)
def documents(order_id: int) -> ResponseReturnValue:
    """The statutory documents were received."""
    return _done(
        lambda: _orders().receive(
            order_id,
            on=day("on"),
            document_id=request.form.get("document_id", ""),
            actor=_actor(),
        ),
        OF_DOCUMENTS,
        order_id=order_id,
    )


@blueprint.post("/admin/orders/<int:order_id>/cancel")
@requires(*RUNNERS)
def cancel(order_id: int) -> ResponseReturnValue:
    """The person takes the order back."""
    return _done(
        lambda: _orders().cancel(order_id, sent_on=day("sent_on"), actor=_actor()),
        OF_CANCELLATION,
        order_id=order_id,
    )


def _done(
    work: Callable[[], object], fields: Mapping[str, str], *, order_id: int | None = None
) -> ResponseReturnValue:
    try:
        work()
    except ServiceError as refused:
        return _page(beside(refused, fields), order_id), http_status(refused.error_id)
    return redirect(url_for("admin_orders.page"), code=303)


def _page(refused: ServiceError | None, order_id: int | None = None) -> str:
    wanted = _wanted()
    found = _orders().page(_actor(), wanted, before=request.args.get("before", type=int))
    campaigns = overview().campaigns(person().teams)
    return section_page(
        "orders",
        "orders.html",
        found=found,
        wanted=wanted,
        refused=refused,
        refused_of=order_id,
        typed=request.form,
        standings=STANDINGS,
        campaigns=[each for each in campaigns if each.kind in KINDS],
        today=business_date(current_app.extensions["desk"].clock.now()),
        same={key: value for key, value in request.args.items() if key != "before"},
    )


def _cells(line: OrderLine) -> list[object]:
    row = line.row
    standing = translate(f"order.standing.{line.standing}", locale=g.locale)
    days = (row.cooling_off_until, row.ordered_on, row.documents_on)
    until, ordered, received = ("" if day is None else day.isoformat() for day in days)
    cancelled = "" if row.cancelled_on is None else row.cancelled_on.isoformat()
    return [
        *(standing, until, ordered, received, row.document_id or "", cancelled),
        *(row.external_id or "", line.name, row.product, row.campaign, row.call_id),
    ]


def _wanted() -> WantedOrders:
    return WantedOrders(
        standing=request.args.get("standing", ""),
        campaign_id=request.args.get("campaign", type=int),
    )


def _orders() -> Orders:
    orders: Orders = current_app.extensions["desk"].orders
    return orders


def _actor() -> Actor:
    who = person()
    return Actor(who.username, who.role, who.teams)
