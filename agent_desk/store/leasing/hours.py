"""What was learnt of the hours at which people answer, of each campaign and each customer.

Written in the transaction of the outcome it comes from, so that it can neither be lost nor counted
twice. A campaign's counts fade by `FADE` with each newer try in the same hour of the week, so some
hundreds of the newest weigh; a customer has too few for that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from agent_desk.dialer.best_hour import Count, Rates, slot_of
from agent_desk.models.strategy import CampaignHour, CustomerHour
from agent_desk.store.kept_plans import kept

FADE = 0.998


def learn(
    session: Session, *, campaign_id: int, customer_id: int, tried_at: datetime, answered: bool
) -> None:
    """One try and whether a person answered it."""
    weekday, hour = slot_of(tried_at)
    connection = session.connection()
    group, own = _LEARN[connection.dialect.name]
    values = {"weekday": weekday, "hour": hour, "answers": int(answered)}
    connection.execute(group, {**values, "campaign_id": campaign_id})
    connection.execute(own, {**values, "customer_id": customer_id})


def rates(session: Session, campaign_id: int, customer_id: int) -> Rates:
    """A customer's chances to answer, as the campaign knows them."""
    connection = session.connection()
    group = connection.execute(_GROUP, {"campaign_id": campaign_id})
    own = connection.execute(_OWN, {"customer_id": customer_id})
    return Rates(
        group={(row[0], row[1]): Count(row[2], row[3]) for row in group},
        own={(row[0], row[1]): Count(row[2], row[3]) for row in own},
    )


# Built once: each outcome asks.


def _upserts(insert: Any) -> tuple[Any, Any]:
    """Add one try to an hour that has a row, or make the row."""
    group = insert(CampaignHour.__table__).values(tries=1.0)
    newer = group.excluded.answers
    own = insert(CustomerHour.__table__).values(tries=1)
    return (
        kept(
            group.on_conflict_do_update(
                index_elements=["campaign_id", "weekday", "hour"],
                set_={
                    "tries": CampaignHour.tries * FADE + 1,
                    "answers": CampaignHour.answers * FADE + newer,
                },
            )
        ),
        kept(
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
_GROUP = kept(
    select(CampaignHour.weekday, CampaignHour.hour, CampaignHour.tries, CampaignHour.answers).where(
        CampaignHour.campaign_id == bindparam("campaign_id")
    )
)
_OWN = kept(
    select(CustomerHour.weekday, CustomerHour.hour, CustomerHour.tries, CustomerHour.answers).where(
        CustomerHour.customer_id == bindparam("customer_id")
    )
)
