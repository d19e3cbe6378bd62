"""Looking customers up: by number, its last four digits, 顧客番号, beginning of kana or name.

What is sealed cannot be searched for parts in the middle, and the page says so. Who searches sees
the customers of their teams only. Each search and what it found is on the audit trail, without
what was typed (I13).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.ports import Clock
from agent_desk.services.rules.trail import note
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.customers import search, search_keys
from agent_desk.store.customers.search import FoundRow, Wanted
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

SHOWN = 50
KANA_FROM = 2  # characters: one alone begins a twentieth of all names
KANA_KEYED, NAME_KEYED = 8, 3  # characters of the longest beginnings that have keys
LOOKED_THROUGH = 500  # people whose names are opened to compare what is longer than the keys


@dataclass(frozen=True)
class Asked:
    """What was typed into the fields of the page; "" for one left empty."""

    number: str = ""
    last4: str = ""
    external_id: str = ""
    kana: str = ""
    name: str = ""

    @property
    def by(self) -> list[str]:
        """Which fields were used."""
        return [field for field, text in vars(self).items() if text.strip()]


@dataclass(frozen=True)
class Found:
    """Who fits, newest first; `more`: there are others, so say more."""

    rows: tuple[FoundRow, ...]
    more: bool


class CustomerSearch:
    """Searches and notes it."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        practice: bool,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._practice = practice

    def find(self, asked: Asked, *, actor: Actor) -> Found:
        """Who fits everything that was typed, within the actor's teams.

        ServiceError: search-empty, search-too-short, search-unusable (details: field), not-stored.
        """
        found = self.look(asked, actor=actor)
        ids = [row.customer_id for row in found.rows]

        def rows(session: Session) -> None:
            note(
                session,
                "customer.searched",
                subject="customers",
                at=self._clock.now(),
                actor=actor,
                details={"by": asked.by, "found": ids, "more": found.more},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        return found

    def look(self, asked: Asked, *, actor: Actor) -> Found:
        """As `find`, for whoever notes it themselves."""
        wanted, fits = self._wanted(asked)
        with self._database.read() as session:
            most = SHOWN + 1 if fits is None else LOOKED_THROUGH
            ids = search.find(session, wanted, teams=actor.teams, limit=most)
            rows = search.rows(session, self._sealer, ids)
        more = len(ids) == most
        if fits is not None:
            rows = [row for row in rows if fits(row)]
        return Found(tuple(rows[:SHOWN]), more or len(rows) > SHOWN)

    def _wanted(self, asked: Asked) -> tuple[Wanted, Callable[[FoundRow], bool] | None]:
        kana, name = _kana(asked.kana), normalise.name(asked.name)
        keys = []
        if last4 := _last4(asked.last4):
            keys.append(search_keys.last4_key(self._sealer, last4))
        if kana:
            keys.append(self._sealer.search_key("kana-prefix", kana[:KANA_KEYED]))
        if name:
            keys.append(self._sealer.search_key("name-prefix", name[:NAME_KEYED]))
        wanted = Wanted(
            keys=tuple(keys),
            number_key=self._number_key(asked.number),
            external_id=asked.external_id.strip() or None,
        )
        if wanted.empty:
            raise ServiceError("search-empty")
        if len(kana) <= KANA_KEYED and len(name) <= NAME_KEYED:
            return wanted, None
        return (
            wanted,
            lambda row: (
                (row.kana or "").startswith(kana) and normalise.name(row.name).startswith(name)
            ),
        )

    def _number_key(self, text: str) -> str | None:
        if not text.strip():
            return None
        try:
            return self._sealer.number_key(normalise.number(text, practice=self._practice).e164)
        except normalise.BadValue:
            raise ServiceError("search-unusable", field="number") from None


def _last4(text: str) -> str:
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    if digits and not re.fullmatch(r"\d{4}", digits, re.ASCII):
        raise ServiceError("search-unusable", field="last4")
    return digits


def _kana(text: str) -> str:
    try:
        kana = normalise.kana(text)
    except normalise.BadValue:
        raise ServiceError("search-unusable", field="kana") from None
    if kana and len(kana) < KANA_FROM:
        raise ServiceError("search-too-short", characters=KANA_FROM)
    return kana
