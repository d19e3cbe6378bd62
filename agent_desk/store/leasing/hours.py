"""What was learnt of the hours at which people answer, of each campaign and each customer.

Written in the transaction of the outcome it comes from, so that it can neither be lost nor counted
twice. A campaign's counts fade by `FADE` with each newer try in the same hour of the week, so some
hundreds of the newest weigh; a customer has too few for that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, bindparam, cast, literal_column, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from agent_desk.dialer.best_hour import Count, Rates, Slot, slot_of
from agent_desk.models.strategy import CampaignHour, CustomerHour
from agent_desk.store import straight

FADE = 0.998


def learn(
    session: Session, *, campaign_id: int, customer_id: int, tried_at: datetime, answered: bool
) -> None:
    """One try and whether a person answered it."""
    weekday, hour = slot_of(tried_at)
    group, own = _LEARN[session.connection().dialect.name]
    values = {"weekday": weekday, "hour": hour, "answers": int(answered)}
    straight.write(session, group, {**values, "campaign_id": campaign_id})
    straight.write(session, own, {**values, "customer_id": customer_id})


def rates(session: Session, campaign_id: int, customer_id: int) -> Rates:
    """A customer's chances to answer, as the campaign knows them."""
    group: dict[Slot, Count] = {}
    own: dict[Slot, Count] = {}
    whose = {"campaign_id": campaign_id, "customer_id": customer_id}
    for is_own, weekday, hour, tries, answers in straight.rows(session, _BOTH, whose):
        (own if is_own else group)[weekday, hour] = Count(tries, answers)
    return Rates(group=group, own=own)


# Built once: each outcome asks.


def _upserts(insert: Any) -> tuple[Any, Any]:
    """Add one try to an hour that has a row, or make the row."""
    group = insert(CampaignHour.__table__).values(tries=1.0)
    newer = group.excluded.answers
    own = insert(CustomerHour.__table__).values(tries=1)
    return (
        (
            group.on_conflict_do_update(
                index_elements=["campaign_id", "weekday", "hour"],
                set_={
                    "tries": CampaignHour.tries * FADE + 1,
                    "answers": CampaignHour.answers * FADE + newer,
                },
            )
        ),
        (
            own.on_conflict_do_update(
                index_elements=["customer_id", "weekday", "hour"],
                set_={
                    "tries": CustomerHour.tries + 1,
                    "answers": CustomerHour.answers + own.excluded.answers,
                },
            )
        ),
    )


_LEARN = {"sqlite": _upserts(sqlite.insert), "postgresql": _upserts(postgresql.insert)}
_BOTH = union_all(
    *(
        select(
            literal_column(is_own, Boolean).label("is_own"),
            table.weekday,
            table.hour,
            cast(table.tries, Float).label("tries"),
            cast(table.answers, Float).label("answers"),
        ).where(whose)
        for is_own, table, whose in (
            ("FALSE", CampaignHour, CampaignHour.campaign_id == bindparam("campaign_id")),
            ("TRUE", CustomerHour, CustomerHour.customer_id == bindparam("customer_id")),
        )
    )
)
