"""`/admin/customers`: looking somebody up, their record, its export and its erasure."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.customers import SearchForm
from agent_desk.routes.admin.frame import RUNNERS, SEARCHERS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.customers.search import Asked
from agent_desk.services.customers.use_cases import CustomerServices
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.normalise import national
from agent_desk.services.rules.use_cases import RuleServices

blueprint = Blueprint("admin_customers", __name__)


@blueprint.get("/admin/customers")
@requires(*SEARCHERS)
def page() -> ResponseReturnValue:
    """The form, and what can be searched for."""
    return _page(SearchForm(formdata=None))


@blueprint.post("/admin/customers")
@requires(*SEARCHERS)
def search() -> ResponseReturnValue:
    """Who fits, within the asker's teams."""
    form = SearchForm()
    if not form.validate_on_submit():
        return _page(form), 400
    fields = {name: form[name].data or "" for name in Asked.__dataclass_fields__}
    try:
        found = _customers().search.find(Asked(**fields), actor=_actor())
    except ServiceError as refused:
        return _page(form, refused=refused), http_status(refused.error_id)
    return _page(form, found=found)


@blueprint.get("/admin/customers/<int:customer_id>")
@requires(*SEARCHERS)
def record(customer_id: int) -> ResponseReturnValue:
    """One customer's record."""
    return _record(customer_id, refused=None)


@blueprint.post("/admin/customers/<int:customer_id>/vip")
@requires(*RUNNERS)
def vip(customer_id: int) -> ResponseReturnValue:
    """Have the person called by the operators named for VIPs alone, or by anybody again."""
    rules: RuleServices = current_app.extensions["desk"].rules
    rules.holds.set_vip(f"#{customer_id}", request.form.get("on") == "yes", actor=_actor())
    return redirect(url_for("admin_customers.record", customer_id=customer_id), code=303)


@blueprint.post("/admin/customers/<int:customer_id>/export")
@requires("manager", "admin")
def export(customer_id: int) -> ResponseReturnValue:
    """Everything held about the person."""
    data = _customers().records.export(customer_id, actor=_actor())
    answer = Response(data, mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=customer-{customer_id}.json"
    return answer


@blueprint.post("/admin/customers/<int:customer_id>/erase")
@requires("admin")
def erase(customer_id: int) -> ResponseReturnValue:
    """Take out who it was, where nothing binds."""
    try:
        if request.form.get("confirm", "").strip() != str(customer_id):
            raise ServiceError("erase-unconfirmed", field="confirm")
        _customers().erasure.erase(customer_id, actor=_actor())
    except ServiceError as refused:
        if refused.error_id == "customer-unknown":
            raise
        return _record(customer_id, refused=refused), http_status(refused.error_id)
    return redirect(url_for("admin_customers.record", customer_id=customer_id), code=303)


def _customers() -> CustomerServices:
    services: CustomerServices = current_app.extensions["desk"].customers
    return services


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _page(form: SearchForm, **values: object) -> str:
    return section_page("customers", "customers.html", form=form, **values)


def _record(customer_id: int, *, refused: ServiceError | None) -> str:
    services = _customers()
    shown = services.records.open(customer_id, actor=_actor())
    return section_page(
        "customers",
        "customer.html",
        customer=shown,
        orders=current_app.extensions["desk"].orders.standing_of(customer_id),
        bound=services.erasure.bound_by(customer_id),
        refused=refused,
        whole_numbers=person().role != "lead",
        national=national,
    )
