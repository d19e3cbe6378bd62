"""How many calls were valid ones, in campaigns that say what that means (有効コール).

Everywhere else it is the calls on which operators pressed the button. Where a campaign has said it
(`store/lists/valid_calls.py`), each call is judged by what was defined for its day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.results import StatusMark
from agent_desk.store.campaigns import training
from agent_desk.store.lists import valid_calls

VALID = "valid"


def of_campaigns(session: Session, scope: Sequence[ColumnElement[bool]]) -> dict[int, int]:
    """Valid calls of the attempts in `scope`, of each campaign that says what they are."""
    found = {}
    for campaign_id, history in valid_calls.histories(session).items():
        query = select(func.count()).select_from(Call).join(Attempt, Attempt.id == Call.id)
        found[campaign_id] = session.scalar(query.where(*scope, history.test(campaign_id))) or 0
    return found


def put(
    session: Session,
    codes: dict[int, dict[str, int]],
    start: datetime,
    end: datetime,
    *,
    campaign_id: int | None,
    user_ids: Collection[int] | None,
) -> None:
    """Into `codes` (calls with a status, by operator), instead of how often it was pressed in those
    campaigns. A call counts on the day it was put through, for who ended it. `user_ids`: of these
    people only, who then have a place in `codes`; None: of all."""
    for each, history in valid_calls.histories(session).items():
        if campaign_id not in (None, each):
            continue
        for person, count in _pressed(session, start, end, each, user_ids):
            codes[person][VALID] = codes[person].get(VALID, 0) - count
        whose = Call.seat_user_id.is_not(None)
        if user_ids is not None:
            whose = Call.seat_user_id.in_(list(user_ids))
        talks = select(Call.seat_user_id, func.count()).where(
            Call.bridged_at >= start,
            Call.bridged_at < end,
            whose,
            training.counts(Call.campaign_id),
            history.test(each),
        )
        for found, count in session.execute(talks.group_by(Call.seat_user_id)):
            if found is not None:
                codes[found][VALID] = codes[found].get(VALID, 0) + count


def _pressed(
    session: Session,
    start: datetime,
    end: datetime,
    campaign_id: int,
    user_ids: Collection[int] | None,
) -> list[tuple[int, int]]:
    """How `figures` counts the button in this campaign."""
    query = select(StatusMark.user_id, func.count(StatusMark.call_id.distinct())).where(
        StatusMark.at >= start,
        StatusMark.at < end,
        StatusMark.current,
        StatusMark.marked,
        StatusMark.code == VALID,
        StatusMark.campaign_id == campaign_id,
        training.counts(StatusMark.campaign_id),
        *((StatusMark.user_id.in_(list(user_ids)),) if user_ids is not None else ()),
    )
    return [(row[0], row[1]) for row in session.execute(query.group_by(StatusMark.user_id))]
