"""`/admin/filters`: building a filter with live counts, saving it, a list that follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, current_app, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.forms.filters import FollowForm, definition_of
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.admin.typed import beside
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.filter_choices import FilterChoices
from agent_desk.services.lists.filter_words import FilterWords
from agent_desk.services.lists.use_cases import ListServices

blueprint = Blueprint("admin_filters", __name__)
EMPTY: dict[str, Any] = {"all": []}


@blueprint.get("/admin/filters")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The builder, empty, and the filters there are."""
    return _page(EMPTY)


@blueprint.get("/admin/filters/<int:filter_id>")
@requires(*RUNNERS)
def one(filter_id: int) -> ResponseReturnValue:
    """A saved filter in the builder."""
    row = _lists().filters.one(filter_id, actor=_actor())
    return _page(row.definition, chosen=row, name=row.name)


@blueprint.post("/admin/filters/count")
@requires(*RUNNERS)
def count() -> ResponseReturnValue:
    """How many customers fit what is being built; sent as JSON, answered as JSON."""
    found = _lists().filters.count(request.get_json(silent=True), actor=_actor())
    return jsonify({"customers": found.customers, "exact": found.exact})


@blueprint.post("/admin/filters")
@requires(*RUNNERS)
def save() -> ResponseReturnValue:
    """Keep it under a name; under one that exists it is the next version."""
    name, definition = request.form.get("name", ""), definition_of(request.form)
    try:
        filter_id = _lists().filters.save(name, definition, actor=_actor())
    except ServiceError as refused:
        shown = definition if isinstance(definition, dict) else EMPTY
        told = beside(refused, {"name-needed": "name"})
        return _page(shown, name=name, refused=told), http_status(refused.error_id)
    return redirect(url_for("admin_filters.one", filter_id=filter_id), code=303)


@blueprint.post("/admin/filters/<int:filter_id>/restore")
@requires(*RUNNERS)
def restore(filter_id: int) -> ResponseReturnValue:
    """What an older version said, as the next one."""
    version = request.form.get("version", 0, type=int)
    _lists().filters.restore(filter_id, version, actor=_actor())
    return redirect(url_for("admin_filters.one", filter_id=filter_id), code=303)


@blueprint.post("/admin/filters/<int:filter_id>/list")
@requires(*RUNNERS)
def follow(filter_id: int) -> ResponseReturnValue:
    """A list whose members are those the filter finds."""
    form = FollowForm()
    row = _lists().filters.one(filter_id, actor=_actor())
    try:
        if not form.validate_on_submit():
            raise ServiceError("name-needed", field=next(iter(form.errors)))
        _lists().steering.follow(
            filter_id,
            name=form.list.data or "",
            campaign_id=form.campaign.data or 0,
            attach=form.attach.data,
            actor=_actor(),
        )
    except ServiceError as refused:
        told = beside(refused, {"name-needed": "list", "list-exists": "list"})
        answer = _page(row.definition, chosen=row, name=row.name, refused_list=told)
        return answer, http_status(refused.error_id)
    return redirect(url_for("admin_lists.page"), code=303)


def _lists() -> ListServices:
    services: ListServices = current_app.extensions["desk"].lists
    return services


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _history(filter_id: int, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Who changed what when, in words, and from where to go on."""
    before = request.args.get("before", type=int)
    found, more = _lists().filters.history(filter_id, before=before, actor=_actor())
    words = FilterWords(fields, lambda key, **said: translate(key, locale=g.locale, **said))
    pairs = zip(found, [*found[1:], None], strict=True)
    rows = [
        (row, words.changed(older.definition if older else None, row.definition))
        for row, older in (list(pairs)[:-1] if more else pairs)
    ]
    return {"history": rows, "older": rows[-1][0].version if more else None}


def _page(definition: Any, **values: Any) -> str:
    desk = current_app.extensions["desk"]
    choices = FilterChoices(database=desk.database, book=desk.book, steering=_lists().steering)
    fields = choices.fields(
        actor=_actor(), t=lambda key: translate(key, locale=g.locale), locale=g.locale
    )
    chosen = values.get("chosen")
    values |= _history(chosen.id, fields) if chosen is not None else {}
    return section_page(
        "filters",
        "filters.html",
        definition=dict(definition),
        fields=fields,
        columns=choices.columns(),
        filters=_lists().filters.saved(actor=_actor()),
        campaigns=overview().campaigns(person().teams),
        given=request.form,
        **values,
    )
