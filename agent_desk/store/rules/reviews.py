"""Whom nobody solicits until a lead has looked: they hung up without a word, twice (R38-REVIEW)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.dialer.rules.profiles import PROFILES
from agent_desk.dialer.rules.refusals import HANG_UPS, REVIEW
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import StatusMark
from agent_desk.models.rules import Override
from agent_desk.store.leasing.past_attempts import AT_ONCE, RIGHT_PARTY
from agent_desk.store.lists import scope

RULE = "R38-REVIEW"
SOLICITING = tuple(kind for kind, profile in PROFILES.items() if profile.solicits)


@dataclass(frozen=True)
class ReviewRow:
    """One person for one product, hung up on us `times` in 30 days, the last time at `last_at`."""

    customer_id: int
    product_id: int
    times: int
    last_at: datetime

    @property
    def until(self) -> datetime:
        """Nobody solicits them before; a later look changes nothing."""
        return self.last_at + REVIEW


def waiting(
    session: Session, now: datetime, *, teams: Collection[int] | None, limit: int
) -> list[ReviewRow]:
    """Those nobody has reviewed, the newest first; `teams` (None: all) is who may see them."""
    left_at = func.coalesce(Attempt.placed_at, Attempt.leased_at)
    talk_us = type_coerce(AttemptOutcome.at, BigInteger) - type_coerce(Call.bridged_at, BigInteger)
    marked = exists().where(
        StatusMark.call_id == Attempt.id,
        StatusMark.code.in_(RIGHT_PARTY),
        StatusMark.marked,
        StatusMark.current,
    )
    lifted = exists().where(
        Override.rule_id == RULE,
        Override.until > now,
        Override.lifted_at.is_(None),
        or_(Override.customer_id == Attempt.customer_id, Override.number_key == Attempt.number_key),
    )
    query: Select[*tuple[Any, ...]] = (
        select(Attempt.customer_id, Campaign.product_id, func.count(), func.max(left_at))
        .join(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
        .join(Call, Call.id == Attempt.id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(
            Campaign.kind.in_(SOLICITING),
            Attempt.inbound.is_(False),
            Attempt.customer_id.is_not(None),
            Attempt.leased_at > now - REVIEW,
            or_(
                AttemptOutcome.outcome == "hung_up_at_once",
                and_(
                    AttemptOutcome.outcome == "human",
                    AttemptOutcome.by == "customer",
                    Call.bridged_at.is_not(None),
                    talk_us < AT_ONCE // timedelta(microseconds=1),
                ),
            ),
            Call.identity != "verified",
            ~marked,
            ~lifted,
        )
        .group_by(Attempt.customer_id, Campaign.product_id)
        .having(func.count() >= HANG_UPS)
        .order_by(func.max(left_at).desc())
        .limit(limit)
    )
    if teams is not None:
        query = query.where(Attempt.customer_id.in_(scope.customers_of(teams)))
    return [ReviewRow(*row) for row in session.execute(query)]
