"""Everything about weekly audits of recordings, as one value for the pages."""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.services.listening_audits.results import AuditResults
from agent_desk.services.listening_audits.scoring import Scoring
from agent_desk.services.listening_audits.settings import AuditSheets
from agent_desk.services.listening_audits.weeks import AuditWeeks
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database


@dataclass(frozen=True)
class ListeningAudits:
    """The four things done here."""

    weeks: AuditWeeks
    scoring: Scoring
    results: AuditResults
    sheets: AuditSheets


def listening_audits(
    *,
    database: Database,
    sealer: Sealer,
    commits: WriteDoor,
    clock: Clock,
    hub: Hub,
    seed_key: bytes,
) -> ListeningAudits:
    """See the modules; they hold nothing of their own."""
    return ListeningAudits(
        weeks=AuditWeeks(
            database=database, commits=commits, clock=clock, hub=hub, seed_key=seed_key
        ),
        scoring=Scoring(database=database, sealer=sealer, commits=commits, clock=clock),
        results=AuditResults(database=database, sealer=sealer, commits=commits, clock=clock),
        sheets=AuditSheets(database=database, commits=commits, clock=clock),
    )
