"""Tariffs: what calls cost, from which day on, and which campaign is on which.

A call that was made keeps its price. So a version never changes; the next one begins on a later
day, tomorrow at the earliest; and a campaign that is put on another tariff leaves its past calls
under the one they were leased under.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from agent_desk.dialer.charges import BASES, KINDS, Rate, Terms, Version
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.day_figures import business_date
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import tariffs
from agent_desk.store.campaigns.tariffs import TariffRow
from agent_desk.store.invariants.charges import fingerprint
from agent_desk.store.unit_of_work import Database, Session

LONGEST_NAME = 60
MOST_YEN = 100_000_000
MOST_SEN = 10_000_000
MOST_UNIT_S = 86_400


class TariffService:
    """For administrators; every change is audited."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def all(self) -> list[TariffRow]:
        """Every tariff, by name, retired ones too."""
        with self._database.read() as session:
            return tariffs.every(session)

    def one(self, tariff_id: int) -> TariffRow:
        """ServiceError tariff-unknown."""
        found = next((row for row in self.all() if row.id == tariff_id), None)
        if found is None:
            raise ServiceError("tariff-unknown")
        return found

    def today(self) -> date:
        """The business day, JST."""
        return business_date(self._clock.now())

    def create(self, name: str, version: Version, *, actor: str) -> int:
        """A new tariff with its first version, which may begin on any day; its id.

        ServiceError: tariff-exists, tariff-unusable (details: reason), not-stored.
        """
        name = name.strip()
        _check(version.terms)
        if not 1 <= len(name) <= LONGEST_NAME:
            raise ServiceError("tariff-unusable", reason="name")
        if any(row.name == name for row in self.all()):
            raise ServiceError("tariff-exists", name=name)
        made: list[int] = []

        def write(session: Session) -> int:
            made.append(tariffs.add(session, name, at=self._clock.now()))
            return made[-1]

        self._add_version(write, version, actor=actor)
        return made[-1]

    def add_version(self, tariff_id: int, version: Version, *, actor: str) -> None:
        """Other terms from a later day on.

        ServiceError: tariff-unknown, tariff-too-soon (details: earliest), tariff-unusable,
        not-stored.
        """
        known = self.one(tariff_id)
        _check(version.terms)
        earliest = self.today() + timedelta(days=1)
        taken = {each.from_on for each in known.versions}
        if version.from_on < earliest or version.from_on in taken:
            raise ServiceError("tariff-too-soon", earliest=earliest.isoformat())
        self._add_version(lambda session: tariff_id, version, actor=actor)

    def retire(self, tariff_id: int, *, actor: str) -> None:
        """Offer it no more. ServiceError: tariff-unknown, tariff-in-use, not-stored."""
        if self.one(tariff_id).campaigns:
            raise ServiceError("tariff-in-use")
        self._change(
            lambda session: tariffs.retire(session, tariff_id),
            action="tariff.retired",
            subject=f"tariff:{tariff_id}",
            actor=actor,
        )

    def put_on(self, campaign_id: int, tariff_id: int | None, *, actor: str) -> None:
        """Price the calls a campaign makes from now on; None: nothing prices them.

        ServiceError: tariff-unknown, also for one that is retired; not-stored.
        """
        if tariff_id is not None and self.one(tariff_id).retired:
            raise ServiceError("tariff-unknown")
        self._change(
            lambda session: tariffs.put_on(session, campaign_id, tariff_id),
            action="campaign.tariff",
            subject=f"campaign:{campaign_id}",
            actor=actor,
            tariff=tariff_id,
        )

    # --- inside ---------------------------------------------------------------------------------

    def _add_version(
        self, tariff_of: Callable[[Session], int], version: Version, *, actor: str
    ) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            write_version(session, tariff_of(session), version, by=actor, at=now)

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")

    def _change(
        self,
        write: Callable[[Session], None],
        *,
        action: str,
        subject: str,
        actor: str,
        **details: int | None,
    ) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            write(session)
            audit.append(
                session, at=now, actor=actor, action=action, subject=subject, details=details
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def write_version(
    session: Session, tariff_id: int, version: Version, *, by: str, at: datetime
) -> None:
    """A version and, for the check of I16, the hash of what it says in the audit trail."""
    added = tariffs.add_version(session, tariff_id, version, by=by, at=at)
    audit.append(
        session,
        at=at,
        actor=by,
        action="tariff.version_added",
        subject=f"tariff:{tariff_id}",
        details={"version": added, "terms": fingerprint(version)},
    )


def _check(terms: Terms) -> None:
    wrong = {
        "kind": terms.kind not in KINDS,
        "billed_by": terms.billed_by not in BASES,
        "fees": not all(0 <= yen <= MOST_YEN for yen in (terms.basic_yen, terms.seat_yen)),
        "price": not all(_usable(rate) for rate in (terms.fixed, terms.mobile)),
        "included": not 0 <= terms.included_s <= MOST_UNIT_S,
    }
    found = next((reason for reason, is_so in wrong.items() if is_so), None)
    if found is not None:
        raise ServiceError("tariff-unusable", reason=found)


def _usable(rate: Rate) -> bool:
    return 0 <= rate.price_sen <= MOST_SEN and 1 <= rate.unit_s <= MOST_UNIT_S
