"""What audits of recordings came to (A48), beside an operator's other figures.

Of talks of the period whose score is final: no sheet that only its writer may see yet is in it, as
in the report of scores. Whose row it is decides who sees it; nobody's own is kept from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent_desk.store.listening_audits import scores
from agent_desk.store.listening_audits.scores import NO_TALKS
from agent_desk.store.reports.operator_rows import OperatorRow
from agent_desk.store.unit_of_work import Session


def with_scores(
    session: Session,
    rows: Sequence[OperatorRow],
    start: datetime,
    end: datetime,
    campaign_id: int | None = None,
) -> list[OperatorRow]:
    """The rows with the scores of their talks in [start, end), of one campaign or all."""
    found = scores.of_talks(session, start, end, campaign_id=campaign_id)
    return [
        replace(
            row,
            audit_calls=told.calls,
            audit_rated=told.rated,
            audit_permille=told.permille,
        )
        for row in rows
        for told in (found.get(row.user_id, NO_TALKS),)
    ]
