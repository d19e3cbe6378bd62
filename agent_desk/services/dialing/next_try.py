"""When a list entry is really tried again: the ladder's instant, moved by rules and best hour.

The ladder says how long to wait at least; here the calling rules say from when on the customer
may be called after that, and what was learnt of his hours picks a better one of the same day. So
an entry that waits has a time at which it can be called (as far as is known today): what lists and
the floor show is true, and no lease spends its time on entries that are forbidden anyway.

It happens in the transaction of the outcome. The lease judges once more when the time has come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent_desk.dialer.best_hour import choose
from agent_desk.dialer.rules.facts import Channel
from agent_desk.services.dialing.judging import Judge
from agent_desk.store.leasing import hours
from agent_desk.store.leasing.candidates import entry_row
from agent_desk.store.leasing.facts import load_facts
from agent_desk.store.leasing.lease import Judgement
from agent_desk.store.rows.context import Arranged
from agent_desk.store.rows.journal import Journal
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Session

# Holds without an end have one in the year 9999: nothing is looked up around that.
FARTHEST = timedelta(days=400)


@dataclass(frozen=True)
class Asked:
    """A wish no row tells of yet: on which call, and whether it is the customer's own (R12)."""

    call_id: str
    by_customer: bool


class NextTry:
    """The `arrange` of `store/rows/list_progress.py`."""

    def __init__(self, *, sealer: Sealer, practice: bool) -> None:
        self._sealer = sealer
        self._practice = practice

    def __call__(
        self,
        session: Session,
        *,
        campaign_id: int,
        list_entry_id: int,
        due_at: datetime,
        shiftable: bool,
        asked: Asked | None = None,
    ) -> Arranged:
        """From `due_at` on the first instant that is allowed, or a better hour of that day.

        `asked`: somebody asks for it right now, on a call that will be over by then.
        An entry that will never be allowed keeps `due_at`: the lease closes it then, and says why.
        """
        entry = entry_row(session, list_entry_id)
        if entry is None:
            return Arranged(due_at)
        channel: Channel = "preview" if entry.vip else "auto"
        # Loaded once: what comes into force between the instants looked at, the lease will see.
        settings = rule_settings.settings(session, campaign_id, due_at)
        candidate, ledger = next(iter(load_facts(session, campaign_id, [entry], due_at)))
        if asked is not None:
            ledger = ledger.when_over(asked.call_id)
            if asked.by_customer:
                candidate = replace(candidate, callback_at=due_at)

        def judge(instant: datetime) -> Judgement:
            asked = Judge(settings, self._sealer, instant, practice=self._practice, channel=channel)
            return asked(candidate, ledger)

        earliest, allowed = _first_allowed(judge, due_at)
        if allowed is None or allowed.not_after is None or not shiftable:
            return Arranged(earliest, put_off=earliest > due_at)
        rates = hours.rates(session, campaign_id, entry.customer_id)
        better = choose(earliest, allowed.not_after, rates, customer_id=entry.customer_id)
        # A wish or a hold may begin in between.
        if better != earliest and not judge(better).allowed:
            better = earliest
        return Arranged(better, put_off=earliest > due_at)


def journal(sealer: Sealer, *, practice: bool) -> Journal:
    """The writer of events that knows when customers are tried again."""
    return Journal(sealer, NextTry(sealer=sealer, practice=practice))


def _first_allowed(
    judge: Callable[[datetime], Judgement], due_at: datetime
) -> tuple[datetime, Judgement | None]:
    """From `due_at` on; with None when no instant is known at which it is allowed.

    One answer may lead to a day whose own rules say no once more.
    """
    instant = due_at
    for _ in range(3):
        found = judge(instant)
        if found.allowed:
            return instant, found
        if found.next_allowed_at is None or found.next_allowed_at <= instant:
            return due_at, None
        instant = found.next_allowed_at
        if instant - due_at > FARTHEST:
            return instant, None
    return instant, None
