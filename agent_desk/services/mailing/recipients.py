"""Who gets a report by mail, and what they may see of it.

Whom a report is sent to is decided when a schedule is made, what it holds when it is sent: each
recipient's own scope at that moment, as if they had opened the page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agent_desk.services.people.accounts import Person
from agent_desk.store.people import accounts
from agent_desk.store.people.accounts import EVERY_TEAM, AccountRow
from agent_desk.store.people.users import led_teams
from agent_desk.store.reports import schedules
from agent_desk.store.unit_of_work import Session

# Who makes schedules. Nobody is sent mail who works at a seat: they have their page there.
SCHEDULERS = ("lead", "manager", "admin")
RECIPIENTS = ("lead", *EVERY_TEAM)

# Why somebody gets none.
DISABLED, NO_ROLE, NO_ADDRESS, OWNER_GONE = "disabled", "no-role", "no-address", "owner-gone"


@dataclass(frozen=True)
class Sendable:
    """A page of reports as mail knows it: its maker, who has it, whether it is about oneself."""

    kind: str
    roles: Collection[str]
    own: bool = False


Sendables = Mapping[str, Sendable]


@dataclass(frozen=True)
class Recipient:
    """Somebody one may choose. Their address is shown to nobody but administrators."""

    user_id: int
    name: str
    role: str
    has_address: bool


def offered(session: Session, who: Person, page: Sendable) -> list[Recipient]:
    """Whom this person may have the page sent to, by name: people who have it themselves; of
    those bound to teams a lead chooses among the own ones'."""
    led = led_teams(session)
    return [
        Recipient(each.user_id, each.name, each.role, each.has_address)
        for each in schedules.people(session)
        if each.role in RECIPIENTS and each.role in page.roles
        if who.teams is None
        or each.user_id == who.user_id
        or each.role in EVERY_TEAM
        or (led.get(each.user_id, set()) | {each.team_id}) & who.teams
    ]


def why_none(account: AccountRow, address: str | None, page: Sendable | None) -> str | None:
    """Why this person gets no mail with the page now; None when they do."""
    if not account.enabled:
        return DISABLED
    if page is None or account.role not in page.roles or account.role not in RECIPIENTS:
        return NO_ROLE
    return None if address else NO_ADDRESS


def owner_of(session: Session, user_id: int, page: Sendable | None) -> AccountRow | None:
    """Who made a schedule, as long as they may have it sent."""
    owner = accounts.by_id(session, user_id)
    if owner is None or page is None or not owner.enabled:
        return None
    return owner if owner.role in SCHEDULERS and owner.role in page.roles else None
