"""The frame around every page of `/reports`: which pages there are, and who has them.

A page is one row here, a maker in `services/reports/kinds.py`, a template below
`templates/reports/fragments`, and one call of `publish` in `asking.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, render_template

from agent_desk.routes.guards import person
from agent_desk.services.mailing.recipients import SCHEDULERS, Sendable
from agent_desk.services.reports import closed_notes
from agent_desk.services.reports.money_asked import COST_READERS
from agent_desk.services.reports.pages import stamp

READERS = ("lead", "manager", "compliance", "auditor", "admin")
EVERYBODY = ("operator", *READERS)  # an operator sees only what is about themselves
ADMINISTRATORS = ("admin",)
READERS_OF_RUNS = ("manager", "auditor", "admin")
READERS_OF_MONTHS = ("manager", "compliance", "auditor", "admin")


@dataclass(frozen=True)
class ReportPage:
    """Its title is `reports.<id>` in the catalogue. `kind`: its maker; "": not made beside the
    desk. `files`: where its files are, `<files>.csv` and so on."""

    id: str
    path: str
    roles: tuple[str, ...]
    kind: str = ""
    files: str = ""
    in_menu: bool = True  # one comes to the others from a page
    own: bool = False  # of whoever asks, and of nobody else


# By what one comes for, in the order of the menu; a group is titled `reports.group.<id>`.
GROUPS: dict[str, tuple[ReportPage, ...]] = {
    "own": (
        ReportPage("saved", "/reports/saved", EVERYBODY),
        ReportPage("schedules", "/reports/schedules", SCHEDULERS),
    ),
    "people": (
        ReportPage("operators", "/reports", READERS, "operators", "/reports/operators"),
        ReportPage("me", "/reports/me", EVERYBODY, "me", "/reports/me", own=True),
        ReportPage("timeline", "/reports/timeline", EVERYBODY, "timeline", "/reports/timeline"),
        ReportPage("scores", "/reports/scores", READERS, "scores", "/reports/scores"),
    ),
    "calls": (
        ReportPage("calls", "/reports/calls", READERS),
        ReportPage("analysis", "/reports/analysis", READERS, "analysis", "/reports/analysis"),
        ReportPage("trend", "/reports/trend", READERS, "trend", "/reports/trend"),
        ReportPage("heat_map", "/reports/heat-map", READERS, "heat_map", "/reports/heat-map"),
        ReportPage(
            "calls_behind",
            "/reports/analysis/calls",
            READERS,
            "calls_behind",
            "/reports/analysis/calls",
            in_menu=False,
        ),
        ReportPage("ranking", "/reports/ranking", READERS, "ranking", "/reports/ranking"),
        ReportPage("hang_ups", "/reports/hang-ups", READERS, "hang_ups", "/reports/hang-ups"),
        ReportPage("hints", "/reports/hints", READERS, "hints", "/reports/hints"),
        ReportPage("promises", "/reports/promises", READERS, "promises", "/reports/promises"),
        ReportPage("dialer", "/reports/dialer", READERS, "dialer", "/reports/dialer"),
        ReportPage(
            "satisfaction",
            "/reports/satisfaction",
            READERS,
            "satisfaction",
            "/reports/satisfaction",
        ),
        ReportPage("voices", "/reports/satisfaction/voices", READERS, in_menu=False),
    ),
    "money": (
        ReportPage("costs", "/reports/costs", COST_READERS, "costs", "/reports/costs"),
        ReportPage("cost_rates", "/reports/costs/rates", COST_READERS),
        ReportPage(
            "comparison", "/reports/comparison", READERS, "comparison", "/reports/comparison"
        ),
        ReportPage("roi", "/reports/roi", COST_READERS, "roi", "/reports/roi"),
        ReportPage("roi_plans", "/reports/roi/plans", COST_READERS),
        ReportPage("what_if", "/reports/what-if", READERS, "what_if", "/reports/what-if"),
    ),
    "rules": (
        ReportPage(
            "compliance", "/reports/compliance", READERS, "compliance", "/reports/compliance"
        ),
    ),
    "log": (
        ReportPage("months", "/reports/months", READERS_OF_MONTHS, "months", "/reports/months"),
        ReportPage("metrics", "/reports/metrics", EVERYBODY, "metrics", "/reports/metrics"),
        ReportPage("runs", "/reports/runs", READERS_OF_RUNS),
        ReportPage("all_schedules", "/reports/schedules/all", ADMINISTRATORS),
    ),
}


def page_named(page_id: str) -> ReportPage:
    """LookupError when there is none."""
    for pages in GROUPS.values():
        for page in pages:
            if page.id == page_id:
                return page
    raise LookupError(page_id)


def page_of_kind(kind: str) -> ReportPage:
    """The page whose maker this is; LookupError when there is none."""
    for pages in GROUPS.values():
        for page in pages:
            if page.kind == kind:
                return page
    raise LookupError(kind)


def sendables() -> dict[str, Sendable]:
    """The pages that can go by mail, by id: those made beside the desk."""
    return {
        page.id: Sendable(page.kind, page.roles, page.own)
        for pages in GROUPS.values()
        for page in pages
        if page.kind
    }


def groups_of(role: str) -> dict[str, list[ReportPage]]:
    """The pages this role has, by group; groups without any are left out."""
    found = {
        group: [page for page in pages if page.in_menu and role in page.roles]
        for group, pages in GROUPS.items()
    }
    return {group: pages for group, pages in found.items() if pages}


def closed_within(periods: Sequence[tuple[date, date]]) -> dict[str, Any]:
    """For `_closed.html` on a page the desk draws itself: it shows what is there now."""
    found = closed_notes.within(current_app.extensions["desk"].database, periods)
    return {"closed": found, "figures_at": "/reports", "stamp": stamp}


def framed(page_id: str, template: str, **values: Any) -> str:
    """A page inside the frame; `template` is under `templates/`."""
    groups = groups_of(person().role)
    return render_template(
        template, report_groups=groups, report_page=page_named(page_id), **values
    )
