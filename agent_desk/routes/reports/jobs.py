"""`/reports/jobs/<job_id>`: a long report on its way: how far it is, to cancel it, what was made.

A job is of who asked for it, and of nobody else.
"""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, redirect
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.reports.asking import handed_out, query_of, service
from agent_desk.routes.reports.frame import framed, page_of_kind
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.requests import DONE, ENDED, PAGE, Request

blueprint = Blueprint("report_jobs", __name__)


@blueprint.get("/reports/jobs/<job_id>")
@requires()
def page(job_id: str) -> ResponseReturnValue:
    """How far it is; when it is done, the report or the way to its file."""
    try:
        job = _job(job_id)
    except ServiceError as error:
        return _forgotten(job_id, error)
    made = job.form == PAGE and job.answer is not None
    # Made and escaped by our own process from our own templates.
    fragment = Markup(job.answer.body.decode()) if made and job.answer else None
    shown = framed(
        page_of_kind(job.asked.kind).id,
        "reports/job.html",
        job=job,
        query=query_of(job.asked.params),
        fragment=fragment,
        fault=None,
    )
    return shown, 200


@blueprint.get("/reports/jobs/<job_id>/state")
@requires()
def state(job_id: str) -> ResponseReturnValue:
    """The same for the page's script."""
    job = _job(job_id)
    return jsonify(
        {
            "state": job.state,
            "share": round(job.share, 3),
            "words": job.words,
            "over": job.state in ENDED,
        }
    )


@blueprint.get("/reports/jobs/<job_id>/file")
@requires()
def file(job_id: str) -> ResponseReturnValue:
    """The file that was made; who takes it away is noted."""
    job = _job(job_id)
    if job.state != DONE or job.answer is None or not job.answer.file:
        abort(404)
    asked = job.asked
    service().note_export(asked.kind, asked.params, job.form, actor=person().username)
    return handed_out(job.answer, job.form, asked.kind, asked.params)


@blueprint.post("/reports/jobs/<job_id>/cancel")
@requires()
def cancel(job_id: str) -> ResponseReturnValue:
    """Let it be; what was made of it so far is thrown away."""
    service().requests.cancel(_job(job_id))
    return redirect(f"/reports/jobs/{job_id}", 303)


def _job(job_id: str) -> Request:
    who = person()
    return service().requests.job(job_id, username=who.username, teams=who.teams)


def _forgotten(job_id: str, error: ServiceError) -> ResponseReturnValue:
    """The desk was started anew since, or it is long ago: where to ask again, if that is known."""
    run = service().log.named(job_id, username=person().username)
    if run is None:
        raise error
    shown = framed(
        page_of_kind(run.kind).id,
        "reports/job.html",
        job=None,
        query=query_of(run.params),
        fragment=None,
        fault=error.error_id,
    )
    return shown, http_status(error.error_id)
