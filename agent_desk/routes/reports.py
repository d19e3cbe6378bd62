"""`/reports`: figures per operator and the funnel, on the page and as CSV."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from agent_desk.catalogue import catalogue, translate
from agent_desk.forms.reports import ReportForm
from agent_desk.routes.guards import person, requires
from agent_desk.services.reports.figures import Report, ReportService, csv_text

blueprint = Blueprint("reports", __name__)

READERS = ("lead", "manager", "compliance", "auditor", "admin")
COLUMNS = ("login_s", "starting_s", "idle_s", "talk_s", "hold_s", "wrap_s", "away_s", "calls")
AVERAGES = ("idle_avg_s", "talk_avg_s", "wrap_avg_s")
PAID = ("paid_s", "utilisation")


@blueprint.app_template_global()
def away_name(reason: str) -> str:
    """What people call a reason to be away; the code itself for one without a name."""
    key = f"away.{reason}"
    return translate(key, locale=g.locale) if key in catalogue(g.locale) else reason


@blueprint.get("/reports")
@requires(*READERS)
def page() -> ResponseReturnValue:
    """The report of a period; today when none is named."""
    form = _form()
    report = _report(form) if form.validate() else None
    return render_template("reports.html", form=form, report=report), 200 if report else 400


@blueprint.get("/reports/operators.csv")
@requires(*READERS)
def operators_csv() -> ResponseReturnValue:
    """The same rows as the page, for a spreadsheet."""
    form = _form()
    if not form.validate():
        return render_template("reports.html", form=form, report=None), 400
    first, last = form.days
    _service().note_export(
        first, last, campaign_id=form.campaign_id, actor=person().username, locale=g.locale
    )
    report = _report(form)
    codes = [status.code for status in report.statuses]
    keys = ("username", "name", *COLUMNS, *AVERAGES, *PAID, "promises")
    header = [_heading(key) for key in keys]
    header += [status.label for status in report.statuses]
    reasons = list(report.total.away_by)
    header += [_away_heading(reason) for reason in reasons]
    rows = [
        [_cell(getattr(row, key), 4 if key == "utilisation" else 1) for key in keys]
        + [row.codes.get(code, 0) for code in codes]
        + [_cell(row.away_by.get(reason, 0.0)) for reason in reasons]
        for row in report.rows
    ]
    response = Response(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    name = f"operators_{first:%Y%m%d}_{last:%Y%m%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _heading(key: str) -> str:
    """A column's name, with its unit: a spreadsheet shows durations as bare numbers."""
    name = translate(f"report.{key}", locale=g.locale)
    if not key.endswith("_s"):
        return name
    return translate("report.in_seconds", locale=g.locale, name=name)


def _away_heading(reason: str) -> str:
    """Away for one reason, in seconds."""
    name = translate("report.away_for", locale=g.locale, reason=away_name(reason))
    return translate("report.in_seconds", locale=g.locale, name=name)


def _cell(value: object, digits: int = 1) -> object:
    return round(value, digits) if isinstance(value, float) else ("" if value is None else value)


def _service() -> ReportService:
    service: ReportService = current_app.extensions["desk"].reports
    return service


def _form() -> ReportForm:
    today = _service().today().isoformat()
    given = MultiDict({"from": today, "to": today, "campaign": ""})
    for key in ("from", "to", "campaign"):
        if request.args.get(key):
            given[key] = request.args[key]
    form = ReportForm(given)
    form.offer_campaigns(_service().campaigns(person().teams))
    return form


def _report(form: ReportForm) -> Report:
    first, last = form.days
    return _service().report(
        first, last, campaign_id=form.campaign_id, teams=person().teams, locale=g.locale
    )
