"""Plans of investment and benefit by name: typed, kept by versions, never changed (A53, A54)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.reports.cost_inputs import in_range, submit, usable_name
from agent_desk.services.reports.roi import (
    BENEFIT,
    KINDS,
    SOURCES,
    TYPED,
    YEARS,
    Item,
    Periods,
    Plan,
)
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.reports import roi_plans
from agent_desk.store.reports.roi_plans import PlanRow
from agent_desk.store.unit_of_work import Database, Session

MOST_ITEMS = 30
MOST_YEN = 1_000_000_000_000
LONGEST_PERIOD = 366  # days


class RoiPlans:
    """Reads every version, writes the next one; each change is audited."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def all(self) -> list[Plan]:
        """Each plan as it stands, by name; those put away are left out."""
        with self._database.read() as session:
            return plans_of(session)

    def one(self, plan_id: int) -> Plan:
        """ServiceError plan-unknown."""
        found = next((plan for plan in self.all() if plan.id == plan_id), None)
        if found is None:
            raise ServiceError("plan-unknown")
        return found

    def history(self, plan_id: int) -> list[Plan]:
        """Every version of a plan, the newest first."""
        with self._database.read() as session:
            return [_plan(row) for row in roi_plans.every(session) if row.id == plan_id]

    def create(
        self, name: str, items: Sequence[Item], periods: Periods | None, *, actor: str
    ) -> int:
        """A new plan; its id. ServiceError: as `save`, and plan-exists."""
        name = usable_name(name)
        made: list[int] = []

        def found_new(session: Session) -> int | None:
            if roi_plans.id_of(session, name) is not None:
                return None
            made.append(roi_plans.add(session, name))
            return made[-1]

        self._add(found_new, 0, items, periods, retired=False, actor=actor, taken="plan-exists")
        return made[-1]

    def save(
        self,
        plan: Plan,
        items: Sequence[Item],
        periods: Periods | None,
        *,
        retired: bool = False,
        actor: str,
    ) -> None:
        """The next version of a plan that was read at `plan.version`.

        ServiceError: money-number, money-name, plan-items, plan-periods (details: field),
        money-changed, not-stored.
        """

        def known(session: Session) -> int | None:
            return plan.id if roi_plans.newest(session, plan.id) == plan.version else None

        self._add(known, plan.version, items, periods, retired=retired, actor=actor)

    def _add(
        self,
        whose: Any,
        base: int,
        items: Sequence[Item],
        periods: Periods | None,
        *,
        retired: bool,
        actor: str,
        taken: str = "money-changed",
    ) -> None:
        _check(items, periods)
        days = (
            None
            if periods is None
            else (periods.before_from, periods.before_to, periods.after_from, periods.after_to)
        )
        now = self._clock.now()

        def write(session: Session) -> bool:
            plan_id = whose(session)
            if plan_id is None:
                return False
            roi_plans.add_version(
                session,
                plan_id,
                base + 1,
                [asdict(item) for item in items],
                days,
                retired=retired,
                by=actor,
                at=now,
            )
            audit.append(
                session,
                at=now,
                actor=actor,
                action="roi.plan_changed",
                subject=f"roi_plan:{plan_id}",
                details={"version": base + 1, "retired": retired},
            )
            return True

        try:
            submit(self._commits, write)
        except ServiceError as refused:
            if refused.error_id == "money-changed" != taken:
                raise ServiceError(taken, field="name") from None
            raise


def plans_of(session: Session) -> list[Plan]:
    """The newest version of each plan that is not put away, by name."""
    newest: dict[int, PlanRow] = {}
    for row in roi_plans.every(session):
        newest.setdefault(row.id, row)
    return [_plan(row) for row in newest.values() if not row.retired]


def _plan(row: PlanRow) -> Plan:
    return Plan(
        id=row.id,
        name=row.name,
        version=row.version,
        items=tuple(_item(each) for each in row.items),
        periods=None if row.periods is None else Periods(*row.periods),
        made_by=row.made_by,
        made_at=row.made_at,
        retired=row.retired,
    )


def _item(told: Mapping[str, Any]) -> Item:
    return Item(**told)


def _check(items: Sequence[Item], periods: Periods | None) -> None:
    if len(items) > MOST_ITEMS:
        raise ServiceError("plan-items", most=MOST_ITEMS)
    for place, item in enumerate(items):
        usable_name(item.name, f"name-{place}")
        in_range(item.yen, 0, MOST_YEN, f"yen-{place}")
        in_range(item.from_year, 1, YEARS, f"from_year-{place}")
        in_range(item.step_yen, -MOST_YEN, MOST_YEN, f"step_yen-{place}")
        fed = item.source != TYPED
        if item.kind not in KINDS or item.source not in SOURCES or (fed and item.kind != BENEFIT):
            raise ServiceError("plan-items", most=MOST_ITEMS, field=f"source-{place}")
        if fed and periods is None:
            raise ServiceError("plan-periods", field="before_from", most=LONGEST_PERIOD)
    if periods is not None:
        _check_period(periods.before_from, periods.before_to, "before_from")
        _check_period(periods.after_from, periods.after_to, "after_from")


def _check_period(first: Any, last: Any, field: str) -> None:
    if not 0 <= (last - first).days < LONGEST_PERIOD:
        raise ServiceError("plan-periods", field=field, most=LONGEST_PERIOD)
