"""A campaign's own limits within the rules of calling, changed and audited."""

from __future__ import annotations

from typing import Any

from agent_desk.dialer.rules.facts import HARD_TOTAL_CAP, HARD_WEEKLY_CAP, LEAST_TOTAL_DAYS
from agent_desk.services.actor import Actor
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Database, Session

# Lowest and highest of what is a number; the tables and the core hold the same limits.
BOUNDS = {
    "spacing_minutes": (15, 10_080),
    "weekly_cap": (1, HARD_WEEKLY_CAP),
    "total_cap": (1, HARD_TOTAL_CAP),
    "total_days": (LEAST_TOTAL_DAYS, 90),
}


class RuleSettingsService:
    """ServiceErrors leave everything as it was."""

    def __init__(self, *, database: Database, clock: Clock, calls: Withdrawals) -> None:
        self._database = database
        self._clock = clock
        self._calls = calls

    def change(self, campaign: str, values: dict[str, Any], *, actor: Actor) -> None:
        """Set spacing, caps per list, holidays or Regulation F; None: as the kind has it.

        ServiceError: role-too-low, not-in-scope, bad-payload, not-stored.
        """
        actor.needs("manager")
        if not values:
            raise ServiceError("bad-payload", reason="empty")
        for name, value in values.items():
            if not _fits(name, value):
                raise ServiceError("bad-payload", reason=name)
        with self._database.read() as session:
            found = campaigns.by_name(session, campaign)
        if found is None:
            raise ServiceError("not-in-scope", campaign=campaign)
        now = self._clock.now()

        def rows(session: Session) -> None:
            rule_settings.change(session, found[0], at=now, **values)
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="campaign.rules",
                subject=f"campaign:{found[0]}",
                details=values,
            )

        self._calls.write(rows)


def _fits(name: str, value: object) -> bool:
    if name in rule_settings.SWITCHES:
        return isinstance(value, bool)
    if name not in BOUNDS:
        return False
    low, high = BOUNDS[name]
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value is None or (whole and low <= int(str(value)) <= high)
