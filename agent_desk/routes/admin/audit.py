"""`/admin/audit`: who did what to what, and when; ids and codes, never a name or a number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import catalogue, translate
from agent_desk.dialer.business_time import at as midnight
from agent_desk.routes.admin.frame import READERS_OF_AUDIT, section_page
from agent_desk.routes.admin.trail_words import (
    actor_in_words,
    details_in_words,
    shortened,
    subject_in_words,
)
from agent_desk.routes.guards import person, requires
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.spreadsheets import inert
from agent_desk.services.people.trail import Trail
from agent_desk.store.audit_trail import TrailRow, Wanted

blueprint = Blueprint("admin_audit", __name__)

COLUMNS = ("at", "actor", "done", "action", "subject", "details")
_FIELDS = ("from", "to", "actor", "action", "subject")


@blueprint.get("/admin/audit")
@requires(*READERS_OF_AUDIT)
def page() -> ResponseReturnValue:
    """The newest rows that fit, page by page."""
    given = {name: request.args.get(name, "").strip()[:100] for name in _FIELDS}
    try:
        shown = _trail().page(_wanted(given), request.args.get("before", type=int))
        refused = None
    except ServiceError as error:
        shown, refused = _trail().page(Wanted(), None), error
    asked: dict[str, Any] = {key: value for key, value in given.items() if value}
    return section_page(
        "audit",
        "audit.html",
        rows=shown.rows,
        sentence=lambda row: sentence(row.action, g.locale),
        told=partial(details_in_words, locale=g.locale),
        about=partial(subject_in_words, locale=g.locale),
        who=partial(actor_in_words, locale=g.locale),
        names=_trail().names(),
        shortened=shortened,
        given=given,
        actions=_actions(g.locale),
        refused=refused,
        export=url_for("admin_audit.export", **asked),
        following=shown.before and url_for("admin_audit.page", before=shown.before, **asked),
    )


@blueprint.get("/admin/audit.csv")
@requires(*READERS_OF_AUDIT)
def export() -> ResponseReturnValue:
    """The rows that fit as a file; taking it is noted."""
    given = {name: request.args.get(name, "").strip()[:100] for name in _FIELDS}
    pieces = _trail().export(_wanted(given), actor=person().username)
    response = Response(_csv(pieces, g.locale), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def sentence(action: str, locale: str) -> str:
    """What was done, in words; the action itself where nobody has found words yet."""
    key = f"audit.{action.replace('.', ':')}"
    return translate(key, locale=locale) if key in catalogue(locale) else action


def details_of(details: Mapping[str, Any]) -> str:
    """The codes of a row in one line, as its file tells them."""
    return ", ".join(f"{key}={_plain(value)}" for key, value in details.items())


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _actions(locale: str) -> list[tuple[str, str]]:
    """Every action that has words, with them, in their order."""
    known = [
        (key.removeprefix("audit.").replace(":", "."), text)
        for key, text in catalogue(locale).items()
        if key.startswith("audit.")
    ]
    return sorted(known, key=lambda each: each[1])


def _csv(pieces: Iterator[list[TrailRow]], locale: str) -> Iterator[str]:
    """Rows for a spreadsheet, none of whose cells runs as a formula."""
    yield "\ufeff" + _line([translate(f"admin.audit.{each}", locale=locale) for each in COLUMNS])
    for rows in pieces:
        yield "".join(
            _line(
                [
                    row.at.isoformat(),
                    row.actor,
                    sentence(row.action, locale),
                    row.action,
                    row.subject,
                    details_of(row.details),
                ]
            )
            for row in rows
        )


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([inert(cell) for cell in cells])
    return out.getvalue()


def _trail() -> Trail:
    desk = current_app.extensions["desk"]
    return Trail(database=desk.database, commits=desk.commits, clock=desk.clock, hub=desk.hub)


def _wanted(given: Mapping[str, str]) -> Wanted:
    """What is asked for; days are JST, both included. ServiceError `bad-payload`."""
    last = _day(given["to"])
    return Wanted(
        start=_begin(_day(given["from"])),
        end=_begin(last + timedelta(days=1)) if last is not None else None,
        actor=given["actor"] or None,
        action=given["action"] or None,
        subject=given["subject"] or None,
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ServiceError("bad-payload", reason="day") from None


def _begin(day: date | None) -> datetime | None:
    return None if day is None else midnight(day, 0)
