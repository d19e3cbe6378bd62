"""The frame around every page of `/admin`: which sections there are, and who has them.

A section is a module beside this one, with its blueprint, and a template under `admin/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template

from agent_desk.routes.guards import person
from agent_desk.services.campaigns.overview import Overview
from agent_desk.services.listening_audits.weeks import READERS as READERS_OF_LISTENING

RUNNERS = ("lead", "admin")
ADMINS = ("admin",)
REGULATORS = ("compliance", "admin")  # who answers for what the law asks
BLOCKERS = (*RUNNERS, "compliance")
READERS_OF_AUDIT = ("compliance", "auditor", "admin")
SEARCHERS = ("lead", "manager", "admin")
PLANNERS = ("manager", "admin")
READERS_OF_STRATEGY = ("lead", "manager", "compliance", "admin")


@dataclass(frozen=True)
class Section:
    """One page of the frame. Its title is `admin.<id>`, its one line `admin.about.<id>`."""

    id: str
    path: str
    roles: tuple[str, ...]


# By what one comes for, in the order of the menu; a group is titled `admin.group.<id>`.
GROUPS: dict[str, tuple[Section, ...]] = {
    "lists": (
        Section("imports", "/admin/imports", RUNNERS),
        Section("lists", "/admin/lists", RUNNERS),
        Section("filters", "/admin/filters", RUNNERS),
        Section("valid_calls", "/admin/valid-calls", RUNNERS),
        Section("customers", "/admin/customers", SEARCHERS),
        Section("do_not_call", "/admin/do-not-call", BLOCKERS),
    ),
    "campaigns": (
        Section("campaigns", "/admin/campaigns", RUNNERS),
        Section("statuses", "/admin/statuses", RUNNERS),
        Section("record_fields", "/admin/record-fields", RUNNERS),
        Section("promises", "/admin/promises", RUNNERS),
        Section("callbacks", "/admin/callbacks", RUNNERS),
        Section("orders", "/admin/orders", RUNNERS),
        Section("scripts", "/admin/scripts", BLOCKERS),
        Section("vips", "/admin/vips", RUNNERS),
        Section("messages", "/admin/messages", BLOCKERS),
        Section("strategy", "/admin/strategy", READERS_OF_STRATEGY),
        Section("training", "/admin/training", RUNNERS),
    ),
    "people": (
        Section("users", "/admin/users", ADMINS),
        Section("teams", "/admin/teams", ADMINS),
        Section("skills", "/admin/skills", ADMINS),
        Section("access", "/admin/access", ADMINS),
        Section("sessions", "/admin/sessions", ADMINS),
        Section("roles", "/admin/roles", READERS_OF_AUDIT),
        Section("shifts", "/admin/shifts", RUNNERS),
        Section("targets", "/admin/targets", RUNNERS),
    ),
    "house": (
        Section("tariffs", "/admin/tariffs", ADMINS),
        Section("payments", "/admin/payments", ADMINS),
        Section("tokens", "/admin/tokens", ADMINS),
        Section("thresholds", "/admin/thresholds", PLANNERS),
        Section("wallboards", "/admin/wallboards", SEARCHERS),
        Section("listening_audits", "/admin/listening-audits", READERS_OF_LISTENING),
        Section("audit", "/admin/audit", READERS_OF_AUDIT),
    ),
}


def groups_of(role: str) -> dict[str, list[Section]]:
    """The sections this role has, by group; groups without any are left out."""
    found = {
        group: [section for section in sections if role in section.roles]
        for group, sections in GROUPS.items()
    }
    return {group: sections for group, sections in found.items() if sections}


def section_page(section: str, template: str, **values: Any) -> str:
    """A section's page inside the frame; `template` is under `admin/`."""
    groups = groups_of(person().role)
    return render_template(f"admin/{template}", groups=groups, section=section, **values)


def overview() -> Overview:
    """What the person asking may see, read from the running desk."""
    desk = current_app.extensions["desk"]
    return Overview(
        database=desk.database,
        commits=desk.commits,
        book=desk.book,
        imports=desk.imports,
        clock=desk.clock,
    )
