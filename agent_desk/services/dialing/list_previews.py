"""Who of a list may be called now, how many each rule keeps back, and when the first is free.

The same judge as the lease's looks at the entries one after another, so the answer is what the
dialer would find; a long list is looked at in part, and the answer says how much of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agent_desk.services.dialing.judging import Judge
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock, Hub
from agent_desk.store.leasing.facts import load_facts
from agent_desk.store.leasing.verdicts import VerdictRow
from agent_desk.store.lists import preview as list_preview
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

MOST = 2_000
CHUNK = 100  # judged at a stretch; then others have their turn
NAMED = 100


@dataclass(frozen=True)
class ListPreview:
    """Counts of entries. `blocked` by rule id; one kept back by two rules is in both.

    `waiting`: a retry's time has not come. `in_call`: being called, or the result is not saved.
    `callable_entries` names the first hundred by list entry and customer id. `more`: there are
    entries that were not looked at.
    """

    examined: int
    callable_now: int
    waiting: int
    in_call: int
    blocked: Mapping[str, int]
    next_at: datetime | None
    callable_entries: tuple[tuple[int, int], ...]
    more: bool


@dataclass
class _Counted:
    now: datetime
    examined: int = 0
    callable_now: int = 0
    waiting: int = 0
    in_call: int = 0
    blocked: Counter[str] = field(default_factory=Counter)
    next_at: datetime | None = None
    named: list[tuple[int, int]] = field(default_factory=list)

    def due(self, at: datetime | None) -> None:
        """Somebody is free at this instant."""
        if at is not None and (self.next_at is None or at < self.next_at):
            self.next_at = at

    def judged(
        self, entry: tuple[int, int], allowed: bool, closing: str, kept: list[VerdictRow]
    ) -> None:
        """One entry; `kept` is what the judge said of it, if anything, and is used up."""
        if allowed:
            self.callable_now += 1
            self.due(self.now)
            if len(self.named) < NAMED:
                self.named.append(entry)
        elif not kept:
            self.blocked[closing] += 1
        for row in kept:
            if not row.allowed:
                self.blocked.update(row.rule_ids)
                self.due(row.until)
        kept.clear()


class ListPreviews:
    """Reads only."""

    def __init__(
        self, *, database: Database, sealer: Sealer, clock: Clock, hub: Hub, practice: bool
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._hub = hub
        self._practice = practice

    def preview(self, list_id: int, *, teams: frozenset[int] | None) -> ListPreview:
        """Judge the first 2,000 entries; ServiceError list-unknown for none of theirs."""
        counted = _Counted(self._clock.now())
        after, whole = 0, True
        while whole and counted.examined < MOST:
            after, whole = self._part(list_id, counted, after=after, teams=teams)
            self._hub.pause(0)
        return ListPreview(
            examined=counted.examined,
            callable_now=counted.callable_now,
            waiting=counted.waiting,
            in_call=counted.in_call,
            blocked=dict(sorted(counted.blocked.items())),
            next_at=counted.next_at,
            callable_entries=tuple(counted.named),
            more=whole,
        )

    def _part(
        self, list_id: int, counted: _Counted, *, after: int, teams: frozenset[int] | None
    ) -> tuple[int, bool]:
        """Where to go on, and whether there may be more."""
        now = counted.now
        with self._database.read() as session:
            found = list_preview.campaign_of(session, list_id)
            if found is None or (teams is not None and not teams & found[1]):
                raise ServiceError("list-unknown")
            campaign_id = found[0]
            listed = list_preview.entries(session, list_id, after=after, limit=CHUNK)
            settings = rule_settings.settings(session, campaign_id, now)
            judge = Judge(settings, self._sealer, now, practice=self._practice)
            judged = []
            for each in listed:
                if each.leased:
                    counted.in_call += 1
                elif each.row.next_at > now and not each.put_off:
                    counted.waiting += 1
                    counted.due(each.row.next_at)
                else:
                    judged.append(each.row)
            for candidate, ledger in load_facts(session, campaign_id, judged, now):
                said = judge(candidate, ledger)
                entry = (candidate.entry.list_entry_id, candidate.entry.customer_id)
                counted.judged(entry, said.allowed, said.closing, judge.kept)
        counted.examined += len(listed)
        return (listed[-1].row.list_entry_id if listed else after), len(listed) == CHUNK
