"""What was learnt of the hours at which people answer, of each campaign and each customer.

Written in the transaction of the outcome it comes from, so that it can neither be lost nor counted
twice. A campaign's counts fade by `FADE` with each newer try in the same hour of the week, so some
hundreds of the newest weigh; a customer has too few for that.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.best_hour import Count, Rates, slot_of
from agent_desk.models.strategy import CampaignHour, CustomerHour

FADE = 0.998


def learn(
    session: Session, *, campaign_id: int, customer_id: int, tried_at: datetime, answered: bool
) -> None:
    """One try and whether a person answered it."""
    weekday, hour = slot_of(tried_at)
    slot = {"weekday": weekday, "hour": hour}
    one = int(answered)
    group = update(CampaignHour).filter_by(campaign_id=campaign_id, **slot)
    done = session.execute(
        group.values(tries=CampaignHour.tries * FADE + 1, answers=CampaignHour.answers * FADE + one)
    )
    if done.rowcount == 0:  # type: ignore[attr-defined]
        row = {"campaign_id": campaign_id, **slot, "tries": 1.0, "answers": float(one)}
        session.execute(insert(CampaignHour).values(**row))
    own = update(CustomerHour).filter_by(customer_id=customer_id, **slot)
    done = session.execute(
        own.values(tries=CustomerHour.tries + 1, answers=CustomerHour.answers + one)
    )
    if done.rowcount == 0:  # type: ignore[attr-defined]
        row = {"customer_id": customer_id, **slot, "tries": 1, "answers": one}
        session.execute(insert(CustomerHour).values(**row))


def rates(session: Session, campaign_id: int, customer_id: int) -> Rates:
    """A customer's chances to answer, as the campaign knows them."""
    group = select(
        CampaignHour.weekday, CampaignHour.hour, CampaignHour.tries, CampaignHour.answers
    ).where(CampaignHour.campaign_id == campaign_id)
    own = select(
        CustomerHour.weekday, CustomerHour.hour, CustomerHour.tries, CustomerHour.answers
    ).where(CustomerHour.customer_id == customer_id)
    return Rates(
        group={(row[0], row[1]): Count(row[2], row[3]) for row in session.execute(group)},
        own={(row[0], row[1]): Count(row[2], row[3]) for row in session.execute(own)},
    )
