"""Wages, premiums, monthly costs and contracts: what people type, for the reports on money.

Nothing typed is ever changed: a correction is the next version, so that a report of last year can
say by which figures it was made, and whose they were. Rates hold from a day on, which may lie in
the past: then that past is priced anew, and the number of the version says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.reports.contracts import Contract
from agent_desk.services.reports.costs import Rates
from agent_desk.services.running.day_figures import business_date
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.reports import cost_inputs
from agent_desk.store.unit_of_work import Database, Session

MOST_WAGE = 100_000
MOST_PERCENT = 200
MOST_YEN = 100_000_000
LONGEST_TERM = 120
LONGEST_NAME = 60
# Of each number somebody types, the least and the most it may be.
RATE_LIMITS = {
    "wage_yen": (0, MOST_WAGE),
    "evening_percent": (0, MOST_PERCENT),
    "night_percent": (0, MOST_PERCENT),
    "holiday_percent": (0, MOST_PERCENT),
    "holiday_weekdays": (0, 127),
    "monthly_yen": (0, MOST_YEN),
}
CONTRACT_LIMITS = {
    "term_months": (0, LONGEST_TERM),
    "setup_yen": (0, MOST_YEN),
    "monthly_yen": (0, MOST_YEN),
    "early_percent": (0, 100),
}


class CostInputs:
    """Reads every version, writes the next one; each change is audited."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def today(self) -> date:
        """The business day, JST."""
        return business_date(self._clock.now())

    def rates(self) -> list[Rates]:
        """Every version, in order."""
        with self._database.read() as session:
            return rates_of(session)

    def contracts(self) -> list[Contract]:
        """Each contract as it stands, by name; those that are over are left out."""
        with self._database.read() as session:
            return contracts_of(session)

    def save_rates(self, made: Rates, *, actor: str) -> Rates:
        """The next version, of rates that were read at version `made.version`.

        ServiceError: money-number (details: field, least, most), money-changed, not-stored.
        """
        check(made, RATE_LIMITS)
        base, now = made.version, self._clock.now()
        columns = (*RATE_LIMITS, "from_on")
        values = {name: getattr(made, name) for name in columns}

        def write(session: Session) -> bool:
            if cost_inputs.newest_rates(session) != base:
                return False
            row = {**values, "national_holidays": made.national}
            cost_inputs.add_rates(session, row, version=base + 1, made_by=actor, made_at=now)
            audit.append(
                session,
                at=now,
                actor=actor,
                action="costs.rates_changed",
                subject=f"cost_rates:{base + 1}",
                details={"from": made.from_on.isoformat()},
            )
            return True

        self._write(write)
        return self.rates()[-1]

    def save_contract(self, made: Contract, *, retired: bool = False, actor: str) -> None:
        """The next version of a contract that was read at version `made.version`; 0: a new one.

        ServiceError: money-name, money-number (details: field), money-changed, not-stored.
        """
        check(made, CONTRACT_LIMITS)
        name, now = usable_name(made.name), self._clock.now()
        values = {column: getattr(made, column) for column in (*CONTRACT_LIMITS, "begun_on")}

        def write(session: Session) -> bool:
            if cost_inputs.newest_contract(session, name) != made.version:
                return False
            version = made.version + 1
            cost_inputs.add_contract(
                session, name, version, values, retired=retired, by=actor, at=now
            )
            audit.append(
                session,
                at=now,
                actor=actor,
                action="costs.contract_changed",
                subject=f"service_contract:{cost_inputs.contract_id(session, name, version)}",
                details={"version": version, "retired": retired},
            )
            return True

        self._write(write)

    def _write(self, write: Callable[[Session], bool]) -> None:
        submit(self._commits, write)


def rates_of(session: Session) -> list[Rates]:
    """Every version of the rates, in order."""
    return [
        Rates(
            version=row.version,
            from_on=row.from_on,
            wage_yen=row.wage_yen,
            evening_percent=row.evening_percent,
            night_percent=row.night_percent,
            holiday_percent=row.holiday_percent,
            holiday_weekdays=row.holiday_weekdays,
            national=row.national_holidays,
            monthly_yen=row.monthly_yen,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row in cost_inputs.rates(session)
    ]


def contracts_of(session: Session) -> list[Contract]:
    """The newest version of each contract that is not over, by name."""
    newest = {row.name: row for row in cost_inputs.contracts(session)}
    return [
        Contract(
            name=row.name,
            version=row.version,
            begun_on=row.begun_on,
            term_months=row.term_months,
            setup_yen=row.setup_yen,
            monthly_yen=row.monthly_yen,
            early_percent=row.early_percent,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row in newest.values()
        if not row.retired
    ]


def submit(commits: WriteDoor, write: Callable[[Session], bool]) -> None:
    """Write through the one door; ServiceError money-changed where `write` says no, not-stored."""
    written = False

    def rows(session: Session) -> None:
        nonlocal written
        # Inside the one write door, so nobody can come between the look and the row.
        written = write(session)

    if not commits.submit(None, rows=rows).ok:
        raise ServiceError("not-stored")
    if not written:
        raise ServiceError("money-changed")


def check(made: object, limits: dict[str, tuple[int, int]]) -> None:
    """ServiceError money-number (details: field, least, most) for the first that is out of them."""
    for field, (least, most) in limits.items():
        in_range(getattr(made, field), least, most, field)


def in_range(number: int | None, least: int, most: int, field: str) -> int:
    """The number; ServiceError money-number (details: field, least, most)."""
    if number is None or not least <= number <= most:
        raise ServiceError("money-number", field=field, least=f"{least:,}", most=f"{most:,}")
    return number


def usable_name(name: str, field: str = "name", known: Sequence[str] = ()) -> str:
    """A name without spaces around it; ServiceError money-name (details: field, most)."""
    found = name.strip()
    if not 1 <= len(found) <= LONGEST_NAME or not found.isprintable() or found in known:
        raise ServiceError("money-name", field=field, most=LONGEST_NAME)
    return found
