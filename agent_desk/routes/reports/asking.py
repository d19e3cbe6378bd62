"""How a page of `/reports` gets its figures: asked of the process beside the desk, waited for
green, put into the frame or handed out as a file.

`publish` gives a page its addresses: the page, `.csv` (`encoding=cp932` for older Excels), `.xlsx`,
`/print`, `/job`, which has it made in the background however long it takes, and `/save`, which
keeps the question under a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import Form

from agent_desk.forms.reports import ReportForm
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.reports.frame import ReportPage, framed
from agent_desk.routes.reports.waiting import browser_gone
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import periods
from agent_desk.services.reports.figures import ReportService
from agent_desk.services.reports.files import CONTENT_TYPES, CSV_CP932, CSV_UTF8, EXTENSIONS, XLSX
from agent_desk.services.reports.making import Asked
from agent_desk.services.reports.requests import PAGE, PRINT, Answer

PART = 65536


@dataclass(frozen=True)
class Question:
    """What an address asks: its form (with what is wrong) and, of a good one, the parameters."""

    form: Form
    params: Mapping[str, str]

    @property
    def query(self) -> str:
        """For the addresses of files and of the next try."""
        return query_of(self.params)


def query_of(params: Mapping[str, str]) -> str:
    """Several values of one parameter have line breaks between them
    (`services/reports/call_questions.py`)."""
    return urlencode([(key, each) for key, told in params.items() for each in told.split("\n")])


Reader = Callable[[], Question]


def service() -> ReportService:
    """Reports of the running desk."""
    found: ReportService = current_app.extensions["desk"].reports
    return found


def given_period() -> MultiDict[str, str]:
    """`from`, `to` and `campaign`; today and all of them when none is named."""
    today = service().today().isoformat()
    given = MultiDict({"from": today, "to": today, "campaign": ""})
    for key in ("from", "to", "campaign"):
        if request.args.get(key):
            given[key] = request.args[key]
    return given


def read_period() -> Question:
    """A period and perhaps a campaign."""
    given = given_period()
    form = ReportForm(given)
    form.offer_campaigns(service().campaigns(person().teams))
    return Question(form, {key: str(given[key]) for key in ("from", "to", "campaign")})


def publish(
    blueprint: Blueprint,
    page: ReportPage,
    read: Reader,
    *,
    template: str = "reports/report.html",
) -> None:
    """Register the addresses of a page."""
    guard = requires(*page.roles)

    def shown() -> ResponseReturnValue:
        return _page(page, read(), template)

    def printed() -> ResponseReturnValue:
        return _page(page, read(), "reports/print.html", form=PRINT)

    def csv() -> ResponseReturnValue:
        form = CSV_CP932 if request.args.get("encoding") == "cp932" else CSV_UTF8
        return _file(page, read(), form)

    def xlsx() -> ResponseReturnValue:
        return _file(page, read(), XLSX)

    def job() -> ResponseReturnValue:
        return _begin(page, read())

    def save() -> ResponseReturnValue:
        return _save(page, read())

    for path, name, view, method in (
        (page.path, page.id, shown, "GET"),
        (f"{page.files}.csv", f"{page.id}_csv", csv, "GET"),
        (f"{page.files}.xlsx", f"{page.id}_xlsx", xlsx, "GET"),
        (f"{page.files}/print", f"{page.id}_print", printed, "GET"),
        (f"{page.files}/job", f"{page.id}_job", job, "POST"),
        (f"{page.files}/save", f"{page.id}_save", save, "POST"),
    ):
        blueprint.add_url_rule(path, name, guard(view), methods=[method])


def asked(page: ReportPage, params: Mapping[str, str]) -> Asked:
    """The question with the scope of who is signed in."""
    who = person()
    return Asked(
        kind=page.kind,
        params=params,
        teams=who.teams,
        user_id=who.user_id if page.own or who.role == "operator" else None,
        username=who.username,
        locale=g.locale,
        now=service().now(),
        role=who.role,
    )


def _page(
    page: ReportPage, question: Question, template: str, form: str = PAGE
) -> ResponseReturnValue:
    """The page with its figures, or with why they are not there and a way to try again."""
    values = _values(question)
    if not question.form.validate():
        return framed(page.id, template, **values), 400
    try:
        answer = service().requests.ask(asked(page, question.params), form, gone=browser_gone())
    except ServiceError as error:
        if not error.error_id.startswith("report-"):
            raise
        values["fault"] = error.error_id
        return framed(page.id, template, **values), http_status(error.error_id)
    # Made and escaped by our own process from our own templates.
    values["fragment"] = Markup(answer.body.decode())
    return framed(page.id, template, **values), 200


def _values(question: Question) -> dict[str, Any]:
    """What every report page is drawn with; neither figures nor a fault yet."""
    return {
        "form": question.form,
        "query": question.query,
        "today": service().today().isoformat(),
        "periods": periods.offered(question.params),
        "fragment": None,
        "fault": None,
    }


def _file(page: ReportPage, question: Question, form: str) -> ResponseReturnValue:
    if not question.form.validate():
        return framed(page.id, "reports/report.html", **_values(question)), 400
    service().note_export(page.kind, question.params, form, actor=person().username)
    answer = service().requests.ask(asked(page, question.params), form, gone=browser_gone())
    return handed_out(answer, form, page.kind, question.params)


def _begin(page: ReportPage, question: Question) -> ResponseReturnValue:
    """Have it made in the background, as the `form` that was chosen."""
    form = request.form.get("form", PAGE)
    if not question.form.validate() or form not in (PAGE, *EXTENSIONS):
        raise ServiceError("bad-payload", reason="form")
    job_id = service().requests.begin(asked(page, question.params), form)
    return redirect(f"/reports/jobs/{job_id}", 303)


def _save(page: ReportPage, question: Question) -> ResponseReturnValue:
    """Keep the question under a name, for oneself."""
    if not question.form.validate():
        raise ServiceError("bad-payload", reason="form")
    saved_id = service().saved.keep(
        page.id,
        question.params,
        name=request.form.get("name", ""),
        period=request.form.get("period", periods.FIXED),
        who=person(),
    )
    return redirect(f"/reports/saved#saved-{saved_id}", 303)


def handed_out(answer: Answer, form: str, kind: str, params: Mapping[str, str]) -> Response:
    """A file as it lies in the folder of reports, part by part."""
    desk = current_app.extensions["desk"]
    parts = _parts(desk.config.data_dir / "reports" / answer.file, desk.hub.pause)
    response = Response(parts, content_type=CONTENT_TYPES[form])
    days = [params[key].replace("-", "") for key in ("from", "to") if params.get(key)]
    name = "_".join((kind, *days)) + f".{EXTENSIONS[form]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Characters-Replaced"] = str(answer.replaced)
    return response


def _parts(path: Path, pause: Callable[[float], None]) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PART):
            yield part
            pause(0)
