"""`/admin/listening-audits`: the week's recordings to be heard, their sheets, and the figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import dated, translate
from agent_desk.dialer.business_time import JST
from agent_desk.routes.admin.frame import section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.listening_audits.results import SPANS, ExportedSheet
from agent_desk.services.listening_audits.scoring import DECIDERS
from agent_desk.services.listening_audits.sheet import LEVELS, MOST_CRITERIA, Criterion
from agent_desk.services.listening_audits.use_cases import ListeningAudits
from agent_desk.services.listening_audits.weeks import LISTENERS, READERS, WEEK
from agent_desk.services.recordings.listening import LISTENERS as HEARERS
from agent_desk.services.reports.figures import csv_text
from agent_desk.store.listening_audits.samples import SHOWN

blueprint = Blueprint("admin_listening_audits", __name__)

SETTERS = ("manager", "compliance", "admin")
COLUMNS = (
    *("week", "team", "operator", "username", "talked_at", "call", "position", "listener"),
    *("criterion", "level", "points", "total", "knocked_out", "stands", "remark"),
)
LONGEST_ID = 18  # digits a database holds
MOST_SPARE = 3  # empty lines for new criteria


@blueprint.get("/admin/listening-audits")
@requires(*READERS)
def page() -> ResponseReturnValue:
    """One week, by default the last finished one; which is drawn when a listener first opens it."""
    found = _audits().weeks.open(
        person(),
        _monday(request.args.get("week", "")),
        shown=request.args.get("show") or "all",
        after=_after(request.args.get("after", "")),
    )
    same = {"week": found.monday.isoformat(), "show": request.args.get("show") or "all"}
    return section_page(
        "listening_audits",
        "listening_audits.html",
        found=found,
        kinds=SHOWN,
        same=same,
        listens=person().role in LISTENERS,
        named=_named,
        following=found.following and f"{found.following[0]}.{found.following[1]}",
    )


@blueprint.get("/admin/listening-audits.csv")
@requires(*READERS)
def export() -> ResponseReturnValue:
    """The sheets of a drawn week, a line for each criterion of each."""
    monday = _monday(request.args.get("week", "")) or _audits().weeks.mondays()[0]
    header = [translate(f"listening.column.{key}", locale=g.locale) for key in COLUMNS]
    rows = [row for sheet in _audits().results.export(person(), monday) for row in _lines(sheet)]
    response = Response(csv_text(header, rows), mimetype="text/csv")
    name = f"listening_audit_{monday:%Y%m%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/admin/listening-audits/<int:sample_id>")
@requires(*READERS)
def sample(sample_id: int) -> ResponseReturnValue:
    """One drawn call: its recording, the sheet to fill in, and the sheets that may be seen."""
    return _sample(sample_id)


@blueprint.post("/admin/listening-audits/<int:sample_id>/score")
@requires(*LISTENERS)
def score(sample_id: int) -> ResponseReturnValue:
    """Store a sheet."""
    answers = {
        key.removeprefix("level."): value
        for key, value in request.form.items()
        if key.startswith("level.")
    }
    remark = request.form.get("remark", "")
    return _done(
        sample_id, lambda: _audits().scoring.score(person(), sample_id, answers, remark=remark)
    )


@blueprint.post("/admin/listening-audits/<int:sample_id>/decide")
@requires(*DECIDERS)
def decide(sample_id: int) -> ResponseReturnValue:
    """A third person says which of two sheets stands."""
    stands = request.form.get("stands", type=int)
    remark = request.form.get("decision", "")
    return _done(
        sample_id,
        lambda: _audits().scoring.decide(person(), sample_id, stands=stands, remark=remark),
    )


@blueprint.get("/admin/listening-audits/results")
@requires(*READERS)
def results() -> ResponseReturnValue:
    """Means by team and operator over weeks, and how far two listeners agree."""
    weeks = request.args.get("weeks", SPANS[1], type=int)
    after = request.args.get("after", "")
    if not (after.isdecimal() and len(after) < LONGEST_ID):
        after = ""
    found = _audits().results.over_weeks(person(), weeks=weeks, after=int(after) if after else None)
    return section_page(
        "listening_audits", "listening_results.html", found=found, weeks=weeks, spans=SPANS
    )


@blueprint.get("/admin/listening-audits/settings")
@requires(*READERS)
def settings() -> ResponseReturnValue:
    """How many are drawn, and the score sheet."""
    return _settings(None)


@blueprint.post("/admin/listening-audits/settings")
@requires(*SETTERS)
def set_settings() -> ResponseReturnValue:
    """The next version of both; weeks that are drawn keep theirs."""
    try:
        _audits().sheets.set(
            per_operator=_number("per_operator"),
            second_percent=_number("second_percent"),
            criteria=_criteria(),
            based_on=_number("based_on"),
            actor=person(),
        )
    except ServiceError as refused:
        return _settings(refused), http_status(refused.error_id)
    return redirect(url_for("admin_listening_audits.settings"), code=303)


def _done(sample_id: int, work: Callable[[], None]) -> ResponseReturnValue:
    try:
        work()
    except ServiceError as refused:
        if refused.error_id == "listening-unknown":
            raise
        return _sample(sample_id, refused), http_status(refused.error_id)
    return redirect(url_for("admin_listening_audits.sample", sample_id=sample_id), code=303)


def _sample(sample_id: int, refused: ServiceError | None = None) -> str:
    return section_page(
        "listening_audits",
        "listening_sample.html",
        found=_audits().scoring.one(person(), sample_id),
        refused=refused,
        levels=LEVELS,
        listens=person().role in LISTENERS,
        hears=person().role in HEARERS,
        typed=request.form if refused else {},
    )


def _settings(refused: ServiceError | None) -> str:
    newest = _audits().sheets.newest()
    spare = min(MOST_SPARE, MOST_CRITERIA - len(newest.criteria))
    blank = Criterion("", "", "", 0)
    stale = refused is not None and refused.error_id == "listening-changed"
    return section_page(
        "listening_audits",
        "listening_settings.html",
        newest=newest,
        refused=refused,
        typed=request.form if refused and not stale else {},
        lines=_lines_typed() if refused and not stale else [*newest.criteria, *[blank] * spare],
        sets=person().role in SETTERS,
    )


def _criteria() -> list[Criterion]:
    """Those with a name; a line whose names were emptied is left out."""
    return [each for each in _lines_typed() if each.label_ja or each.label_en]


def _lines_typed() -> list[Criterion]:
    form = request.form
    names = ("code", "label_ja", "label_en", "points")
    rows = zip(*(form.getlist(name) for name in names), strict=False)
    knock_outs = set(form.getlist("knock_out"))  # the numbers of their lines
    return [
        Criterion(
            code.strip(),
            label_ja.strip(),
            label_en.strip(),
            int(points) if points.isascii() and points.isdecimal() and len(points) < 6 else 0,
            str(line) in knock_outs,
        )
        for line, (code, label_ja, label_en, points) in enumerate(rows)
    ]


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise ServiceError("listening-settings", reason=name)
    return int(text)


def _lines(sheet: ExportedSheet) -> list[list[object]]:
    """A line for each criterion of one sheet, in the order of `COLUMNS`."""
    row = sheet.row
    total = "" if row.permille is None else row.permille / 10
    return [
        [
            *(row.monday.isoformat(), row.team or "", row.operator, row.username),
            *(row.talked_at.astimezone(JST).isoformat(sep=" ", timespec="seconds"), row.call_id),
            *(row.position, row.listener, each.label(g.locale)),
            translate(f"listening.level.{sheet.levels[each.code]}", locale=g.locale),
            *(each.points, total, int(row.knocked_out), row.stands or "", sheet.remark),
        ]
        for each in sheet.settings.criteria
        if each.code in sheet.levels
    ]


def _named(monday: date) -> str:
    """A week by its first and last day."""
    sunday = monday + WEEK - timedelta(days=1)
    return translate(
        "listening.week_name",
        locale=g.locale,
        begin=dated(monday, locale=g.locale),
        end=dated(sunday, locale=g.locale),
    )


def _monday(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ServiceError("listening-week") from None


def _after(text: str) -> tuple[int, int] | None:
    operator_id, _, place = text.partition(".")
    if not text:
        return None
    if not (operator_id.isdecimal() and place.isdecimal() and len(text) < LONGEST_ID):
        raise ServiceError("bad-payload", reason="after")
    return int(operator_id), int(place)


def _audits() -> ListeningAudits:
    audits: ListeningAudits = current_app.extensions["desk"].listening_audits
    return audits
