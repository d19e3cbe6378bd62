"""What makes a call of a campaign a valid one (有効コール), by version, and as a condition.

By default it is what operators mark as `valid`. A campaign may ask for other statuses, for a talk
of so many seconds, or for 本人確認.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, exists, func, insert, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call
from agent_desk.models.filters import ValidCall
from agent_desk.models.results import StatusMark

LONGEST_TALK_S = 3600


@dataclass(frozen=True)
class Definition:
    """All of it must hold: one of the statuses marked, so long a talk, the right person."""

    statuses: tuple[str, ...] = ("valid",)
    talk_s: int = 0
    identity: bool = False

    def test(self, campaign_id: int) -> ColumnElement[bool]:
        """The condition on a row of `calls`."""
        marked = (
            exists()
            .where(
                StatusMark.call_id == Call.id,
                StatusMark.current,
                StatusMark.marked,
                StatusMark.code.in_(self.statuses),
            )
            .correlate(Call)
        )
        tests = [Call.campaign_id == campaign_id, Call.bridged_at.is_not(None), marked]
        if self.talk_s:
            # Instants are microseconds in the database; as instants they cannot be subtracted.
            length = func.coalesce(_number(Call.ended_at), 0) - _number(Call.bridged_at)
            tests.append(length >= self.talk_s * 1_000_000)
        if self.identity:
            tests.append(Call.identity == "verified")
        return and_(*tests)


def _number(instant: Any) -> Any:
    """An instant's column as the number it is stored as."""
    return type_coerce(instant, BigInteger)


def current(session: Session) -> dict[int, Definition]:
    """The newest definition of each campaign that has one of its own."""
    query = select(ValidCall.campaign_id, ValidCall.definition).order_by(ValidCall.version)
    return {campaign_id: read(said) for campaign_id, said in session.execute(query)}


def read(said: Mapping[str, Any]) -> Definition:
    """A definition as it is stored."""
    return Definition(tuple(said["statuses"]), int(said["talk_s"]), bool(said["identity"]))


def change(
    session: Session, campaign_id: int, definition: Definition, *, actor: str, at: datetime
) -> int:
    """Make the next version; its number."""
    newest = select(func.max(ValidCall.version)).where(ValidCall.campaign_id == campaign_id)
    version = (session.scalar(newest) or 0) + 1
    said = {**asdict(definition), "statuses": list(definition.statuses)}
    session.execute(
        insert(ValidCall).values(
            campaign_id=campaign_id, version=version, definition=said, actor=actor, at=at
        )
    )
    return version
