"""Showing and editing the strategy table: a change is the next version, and audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from agent_desk.dialer.strategy import BadStrategy, Strategy, parse
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.strategy import table as strategy_rows
from agent_desk.store.unit_of_work import Database, Session


@dataclass(frozen=True)
class Change:
    """One cell that differs: `name` of the class, or the rule for so many payments, `subject`.

    None is a rule that is not there.
    """

    name: str
    subject: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Edition:
    """One version with who made it and when; nobody made the one the product comes with."""

    strategy: Strategy
    made_by: str = ""
    made_at: datetime | None = None

    def changes(self, before: Strategy) -> list[Change]:
        """What it says otherwise than the version before it, in the order of the page."""
        found = [
            Change(name, row.delinquency, getattr(was, name), getattr(row, name))
            for was, row in zip(before.rows, self.strategy.rows, strict=True)
            for name in ("weekly_calls", "ai_percent")
            if getattr(was, name) != getattr(row, name)
        ]
        rules = [
            {rule.on_time: rule.fewer for rule in each.payment_rules}
            for each in (before, self.strategy)
        ]
        return found + [
            Change("payments", str(count), rules[0].get(count), rules[1].get(count))
            for count in sorted(rules[0].keys() | rules[1].keys())
            if rules[0].get(count) != rules[1].get(count)
        ]

    def to_plain(self) -> dict[str, Any]:
        """As the API and the command line show it, and as `StrategyService.edit` takes it."""
        return {
            "version": self.strategy.version,
            "made_by": self.made_by,
            "made_at": None if self.made_at is None else self.made_at.isoformat(),
            "classes": [
                {
                    "delinquency": row.delinquency,
                    "weekly_calls": row.weekly_calls,
                    "ai_percent": row.ai_percent,
                    "human_percent": row.human_percent,
                }
                for row in self.strategy.rows
            ],
            "payments": [
                {"on_time": rule.on_time, "fewer": rule.fewer}
                for rule in self.strategy.payment_rules
            ],
        }


class StrategyService:
    """Reads every version, writes the next one."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def current(self) -> Edition:
        """The version in force."""
        with self._database.read() as session:
            return _edition(session, strategy_rows.newest(session))

    def editions(self) -> list[Edition]:
        """Every version, the newest first, down to the one the product comes with."""
        with self._database.read() as session:
            made = [row.version for row in strategy_rows.versions(session)]
            return [_edition(session, version) for version in (*made, 0)]

    def history(self) -> list[tuple[Edition, list[Change]]]:
        """Every version, the newest first, with what it changed; the first changed nothing."""
        editions = self.editions()
        told = [(new, new.changes(old.strategy)) for new, old in pairwise(editions)]
        return [*told, (editions[-1], [])]

    def restore(self, version: int, *, base: int, actor: str) -> Edition:
        """Make an older version the next one; ServiceError strategy-unknown, as `edit`."""
        with self._database.read() as session:
            try:
                found = strategy_rows.of_version(session, version)
            except LookupError:
                raise ServiceError("strategy-unknown") from None
        plain = Edition(found).to_plain()
        return self.edit(
            base=base,
            classes=plain["classes"],
            payments=plain["payments"],
            actor=actor,
            restored=version,
        )

    def read_as_next(
        self,
        *,
        base: int,
        classes: Sequence[Mapping[str, object]],
        payments: Sequence[Mapping[str, object]],
    ) -> Strategy:
        """The version that `edit` would make of the same; ServiceError bad-strategy."""
        try:
            return parse(base + 1, classes, payments)
        except BadStrategy as bad:
            raise ServiceError("bad-strategy", reason=str(bad)) from None

    def edit(
        self,
        *,
        base: int,
        classes: Sequence[Mapping[str, object]],
        payments: Sequence[Mapping[str, object]],
        actor: str,
        restored: int | None = None,
    ) -> Edition:
        """Make the next version of a table that was read as version `base`.

        `restored` is the older version it repeats, for the audit.

        ServiceError: bad-strategy (details: reason), strategy-changed when there is a newer one
        than was read, not-stored.
        """
        made = self.read_as_next(base=base, classes=classes, payments=payments)
        now = self._clock.now()
        written = False

        def rows(session: Session) -> None:
            nonlocal written
            # Inside the one write door, so nobody can come between the look and the row.
            written = strategy_rows.newest(session) == base
            if not written:
                return
            strategy_rows.add(session, made, by=actor, at=now)
            audit.append(
                session,
                at=now,
                actor=actor,
                action="strategy.changed",
                subject=f"strategy:{made.version}",
                details=_details(made) | ({} if restored is None else {"restored": restored}),
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        if not written:
            raise ServiceError("strategy-changed")
        return Edition(made, actor, now)


def _edition(session: Session, version: int) -> Edition:
    found = strategy_rows.of_version(session, version)
    for row in strategy_rows.versions(session):
        if row.version == version:
            return Edition(found, row.made_by, row.made_at)
    return Edition(found)


def _details(made: Strategy) -> dict[str, Any]:
    classes: dict[str, str] = {
        row.delinquency: f"{row.weekly_calls}/7d, {row.ai_percent}% AI" for row in made.rows
    }
    payments = ", ".join(f"{rule.on_time}: -{rule.fewer}" for rule in made.payment_rules)
    return {**classes, "payments": payments}
