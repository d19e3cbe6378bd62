"""`/admin/roles`: which role has which page, read from the guards themselves (A47).

Nothing is kept beside them: a page that is added, or whose guard is changed, is in the table as it
is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from agent_desk.catalogue import catalogue
from agent_desk.routes.admin.frame import GROUPS, READERS_OF_AUDIT, section_page
from agent_desk.routes.guards import EVERYBODY, requires
from agent_desk.routes.reports.frame import GROUPS as REPORT_GROUPS

blueprint = Blueprint("admin_roles", __name__)
ROLES = ("operator", "lead", "manager", "compliance", "auditor", "admin")
# Files and other forms of a page have its roles; what only scripts ask for is no page.
_NO_PAGE = re.compile(
    r"\.(?:csv|xlsx|json|js)$|/(?:print|state|progress|ice-servers)$|^/(?:api|static|internal)/"
)


_BEHIND_OTHERS = {
    "/admin/campaigns/new": "campaign.new",
    "/admin/listening-audits/results": "listening.nav.results",
    "/admin/listening-audits/settings": "listening.nav.settings",
    "/admin/users/new": "admin.user.new",
}


@dataclass(frozen=True)
class PageRoles:
    """One page; `title` is an id of the catalogue, "" for one without."""

    path: str
    title: str
    roles: frozenset[str]


@blueprint.get("/admin/roles")
@requires(*READERS_OF_AUDIT)
def page() -> ResponseReturnValue:
    """The table: a line for each page, a column for each role."""
    return section_page("roles", "roles.html", pages=list(pages()), roles=ROLES)


def pages() -> Iterator[PageRoles]:
    """Every page people open by its address, in the order of their addresses."""
    titles = _titles()
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda each: each.rule):
        guard: frozenset[str] = getattr(
            current_app.view_functions[rule.endpoint], "guard", frozenset()
        )
        if _is_page(rule) and guard and guard <= EVERYBODY:
            yield PageRoles(rule.rule, titles.get(rule.rule, ""), guard)


def _is_page(rule: Rule) -> bool:
    methods = rule.methods or set()
    return "GET" in methods and not rule.arguments and not _NO_PAGE.search(rule.rule)


def _titles() -> dict[str, str]:
    """What the pages of the menus are called, and those that one comes to from another."""
    found = {each.path: f"admin.{each.id}" for group in GROUPS.values() for each in group}
    found |= {each.path: f"reports.{each.id}" for group in REPORT_GROUPS.values() for each in group}
    known = {f"/{name}": f"page.{name}" for name in ("account", "desk", "floor", "admin")}
    known |= _BEHIND_OTHERS
    words = catalogue("ja")
    return {path: key for path, key in {**known, **found}.items() if key in words}
