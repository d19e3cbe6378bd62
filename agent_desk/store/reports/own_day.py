"""What an operator did on the days before, to compare the present one with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import business_date
from agent_desk.models.calls import Call
from agent_desk.models.results import Promise, StatusMark
from agent_desk.store.campaigns import training
from agent_desk.store.reports import valid_call_counts


@dataclass(frozen=True)
class PastDays:
    """Sums over `days` on which there was at least one talk."""

    days: int
    calls: int
    promises: int
    talk_s: float
    marks: Mapping[str, int]  # calls by status; valid ones as their campaigns define them


def past_days(session: Session, user_id: int, *, since: datetime, until: datetime) -> PastDays:
    """Talks that began in [since, until), of one operator."""
    mine: list[ColumnElement[bool]] = [
        Call.seat_user_id == user_id,
        Call.bridged_at >= since,
        Call.bridged_at < until,
        training.counts(Call.campaign_id),
    ]
    talks: dict[object, int] = defaultdict(int)
    talk_s = 0.0
    for began, ended in session.execute(select(Call.bridged_at, Call.ended_at).where(*mine)):
        if began is not None:
            talks[business_date(began)] += 1
            talk_s += (ended - began).total_seconds() if ended is not None else 0.0
    promises = session.scalar(
        select(func.count(Promise.id))
        .join(Call, Call.id == Promise.call_id)
        .where(*mine, Promise.state.not_in(("withdrawn", "replaced")))
    )
    # As reports count them, and as `valid_call_counts` takes them away again: by who pressed.
    marks = session.execute(
        select(StatusMark.code, func.count(StatusMark.call_id.distinct()))
        .where(
            StatusMark.user_id == user_id,
            StatusMark.at >= since,
            StatusMark.at < until,
            StatusMark.current,
            StatusMark.marked,
            training.counts(StatusMark.campaign_id),
        )
        .group_by(StatusMark.code)
    )
    codes = {user_id: {row[0]: int(row[1]) for row in marks}}
    valid_call_counts.put(session, codes, since, until, campaign_id=None, user_ids=[user_id])
    by_code = {code: count for code, count in codes[user_id].items() if count > 0}
    return PastDays(len(talks), sum(talks.values()), promises or 0, talk_s, by_code)
