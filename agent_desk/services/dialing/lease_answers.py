"""The answers to leases, until the engine has them for good.

A lease commits before the engine hears of it, so its answer may not be lost: the campaign would
wait for it for ever, and the customers would stay taken. An answer that could not be stored is
given again. And where a commit reported a failure although it was done (a server that went away
just then), attempts stand open that nobody told the engine of: they are found by asking the rows,
and never placed, for what they were judged by is old by then.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from agent_desk.dialer.commands import AttemptsLeased, LeasedAttempt
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    TrunkId,
)
from agent_desk.services.dialing.trunk_choice import Room
from agent_desk.services.running.group_commit import NOT_STORED, Entry, GroupCommit
from agent_desk.store.leasing import unheard
from agent_desk.store.rows.attempts import LeasedRow
from agent_desk.store.unit_of_work import Database

log = logging.getLogger(__name__)


@dataclass
class _Told:
    answer: AttemptsLeased
    entry: Entry


class LeaseAnswers:
    """Those the engine has not decided yet, and a look at what it was never told."""

    def __init__(self, *, database: Database, commits: GroupCommit, epoch: int) -> None:
        self._database = database
        self._commits = commits
        self._epoch = epoch
        self._told: list[_Told] = []
        self._missing: frozenset[CallId] = frozenset()

    def tell(self, answer: AttemptsLeased) -> None:
        """Hand it to the engine."""
        self._told.append(_Told(answer, self._commits.put(answer)))

    def repeat(self) -> None:
        """Give again what could not be stored."""
        for told in self._open():
            if told.entry.reply == NOT_STORED:
                log.warning("the answer to a lease is given again")
                told.entry = self._commits.put(told.answer)

    def without_lines_of(self, room: Room) -> Room:
        """The room that is left when those lines are taken of which the floor knows nothing yet."""
        left = dict(room)
        for told in self._open():
            for attempt in told.answer.attempts:
                key = (attempt.gateway_id, attempt.trunk_id)
                if key in left and attempt.call_id not in self._commits.floor.calls:
                    left[key] -= 1
        return left

    def look_for_unheard(self) -> None:
        """Release open attempts of this desk that the engine did not know last time either."""
        with self._database.read() as session:
            rows = {CallId(row.call_id): row for row in unheard.open_attempts(session, self._epoch)}
        told = {each.call_id for one in self._open() for each in one.answer.attempts}
        missing = frozenset(rows) - told - frozenset(self._commits.floor.calls)
        self._release({call_id: rows[call_id] for call_id in missing & self._missing})
        self._missing = missing - self._missing

    def _release(self, rows: Mapping[CallId, LeasedRow]) -> None:
        ordered = sorted(rows.values(), key=attrgetter("campaign_id"))
        for campaign_id, own in groupby(ordered, key=attrgetter("campaign_id")):
            attempts = tuple(leased_attempt(row) for row in own)
            log.warning("%d attempts nobody was told of are released", len(attempts))
            self.tell(
                AttemptsLeased(
                    campaign_id=CampaignId(campaign_id),
                    asked=0,
                    attempts=attempts,
                    reason="",
                    next_allowed_at=None,
                    seat_id=None,
                    unheard=True,
                )
            )

    def _open(self) -> list[_Told]:
        self._told = [
            told
            for told in self._told
            if told.entry.reply is None or told.entry.reply == NOT_STORED
        ]
        return self._told


def leased_attempt(row: LeasedRow) -> LeasedAttempt:
    """A row in the engine's words."""
    return LeasedAttempt(
        call_id=CallId(row.call_id),
        campaign_id=CampaignId(row.campaign_id),
        list_entry_id=ListEntryId(row.list_entry_id),
        customer_id=CustomerId(row.customer_id),
        phone_id=PhoneId(row.phone_id),
        number_key=row.number_key,
        number_today=row.number_today,
        trunk_id=TrunkId(row.trunk_id),
        gateway_id=GatewayId(row.gateway_id),
        not_after=row.not_after,
        cap_today=row.cap_today,
    )
