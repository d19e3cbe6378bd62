"""`/admin/tariffs`: what calls cost, from when on, who is on what, and a month's bill."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from agent_desk.dialer.charges import version_on, yen_text
from agent_desk.forms.tariffs import MonthForm, TariffForm, VersionForm
from agent_desk.routes.admin.frame import ADMINS, overview, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.campaigns.tariffs import TariffService
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.bills import BillService

blueprint = Blueprint("admin_tariffs", __name__)


@blueprint.get("/admin/tariffs")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """The tariffs, the campaigns' choice, and the form for another one."""
    return _page(TariffForm(formdata=None, from_on=_tariffs().today()))


@blueprint.post("/admin/tariffs")
@requires(*ADMINS)
def create() -> ResponseReturnValue:
    """A new tariff."""
    form = TariffForm()
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        made = _tariffs().create(form.name.data, form.version, actor=person().username)
    except ServiceError as refused:
        form.name.errors = [f"error.{refused.error_id}"]
        return _page(form), http_status(refused.error_id)
    return redirect(url_for("admin_tariffs.one", tariff_id=made), code=303)


@blueprint.get("/admin/tariffs/<int:tariff_id>")
@requires(*ADMINS)
def one(tariff_id: int) -> ResponseReturnValue:
    """A tariff's versions and a month's bill under it."""
    newest = _tariffs().one(tariff_id).versions[-1].terms
    given = {
        **vars(newest),
        "fixed_yen": yen_text(newest.fixed.price_sen).replace(",", ""),
        "fixed_unit_s": newest.fixed.unit_s,
        "mobile_yen": yen_text(newest.mobile.price_sen).replace(",", ""),
        "mobile_unit_s": newest.mobile.unit_s,
    }
    return _one(tariff_id, VersionForm(formdata=None, data=given))


@blueprint.post("/admin/tariffs/<int:tariff_id>/versions")
@requires(*ADMINS)
def add_version(tariff_id: int) -> ResponseReturnValue:
    """Other terms from a later day on."""
    form = VersionForm()
    if not form.validate_on_submit():
        return _one(tariff_id, form), 400
    try:
        _tariffs().add_version(tariff_id, form.version, actor=person().username)
    except ServiceError as refused:
        if refused.error_id == "tariff-unknown":
            raise
        form.from_on.errors = [f"error.{refused.error_id}"]
        return _one(tariff_id, form), http_status(refused.error_id)
    return redirect(url_for("admin_tariffs.one", tariff_id=tariff_id), code=303)


@blueprint.post("/admin/tariffs/<int:tariff_id>/retire")
@requires(*ADMINS)
def retire(tariff_id: int) -> ResponseReturnValue:
    """Offer it no more."""
    _tariffs().retire(tariff_id, actor=person().username)
    return redirect(url_for("admin_tariffs.page"), code=303)


@blueprint.post("/admin/tariffs/campaigns/<int:campaign_id>")
@requires(*ADMINS)
def put_on(campaign_id: int) -> ResponseReturnValue:
    """Put a campaign on a tariff, or on none."""
    tariff_id = request.form.get("tariff", type=int)
    _tariffs().put_on(campaign_id, tariff_id, actor=person().username)
    return redirect(url_for("admin_tariffs.page"), code=303)


def _page(form: TariffForm) -> str:
    rows = _tariffs().all()
    today = _tariffs().today()
    chosen = {key: row.id for row in rows for key, _ in row.campaigns}
    return section_page(
        "tariffs",
        "tariffs.html",
        form=form,
        tariffs=[(row, version_on(row.versions, today)) for row in rows],
        campaigns=overview().campaigns(None),
        chosen=chosen,
        yen=yen_text,
    )


def _one(tariff_id: int, form: VersionForm) -> str:
    asked = MonthForm(MultiDict(request.args))
    usable = asked.validate()
    found = _bills().month(
        tariff_id,
        asked.first_day if usable else None,
        wanted=asked.wanted if usable else None,
    )
    return section_page(
        "tariffs",
        "tariff.html",
        form=form,
        asked=asked,
        found=found,
        today=_tariffs().today(),
        current=version_on(found.tariff.versions, _tariffs().today()),
        yen=yen_text,
    )


def _tariffs() -> TariffService:
    desk = current_app.extensions["desk"]
    return TariffService(database=desk.database, commits=desk.commits, clock=desk.clock)


def _bills() -> BillService:
    desk = current_app.extensions["desk"]
    booths = desk.people.access.rules.booths
    return BillService(database=desk.database, clock=desk.clock, booths=booths)
