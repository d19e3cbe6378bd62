"""What makes a call of a campaign a valid one (有効コール), by version, and as a condition.

By default it is what operators mark as `valid`. A campaign may ask for other statuses, for a talk
of so many seconds, or for 本人確認. A call is judged by what was defined for its own day, so that a
figure that was reported stays what it was, unless somebody says that days past are counted anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at as instant_of
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


@dataclass(frozen=True)
class Version:
    """A definition for the days from `since` on (JST); None: for all days."""

    since: date | None
    definition: Definition


@dataclass(frozen=True)
class History:
    """All versions of a campaign, oldest first. Of a day the newest counts that is for it."""

    versions: tuple[Version, ...] = ()

    @property
    def newest(self) -> Version:
        """What was defined last."""
        return self.versions[-1] if self.versions else Version(None, Definition())

    def on(self, day: date | None) -> Definition:
        """The definition for a day; None: for all days before the first one named."""
        for version in reversed(self.versions):
            if version.since is None or (day is not None and version.since <= day):
                return version.definition
        return Definition()

    def test(self, campaign_id: int) -> ColumnElement[bool]:
        """The condition on a row of `calls`, each by its own day."""
        starts = sorted({each.since for each in self.versions if each.since is not None})
        spans: list[ColumnElement[bool]] = []
        for first, end in zip([None, *starts], [*starts, None], strict=True):
            tests = [self.on(first).test(campaign_id)]
            if first is not None:
                tests.append(Call.leased_at >= instant_of(first, 0))
            if end is not None:
                tests.append(Call.leased_at < instant_of(end, 0))
            spans.append(and_(*tests))
        return or_(*spans)


def _number(instant: Any) -> Any:
    """An instant's column as the number it is stored as."""
    return type_coerce(instant, BigInteger)


def histories(session: Session) -> dict[int, History]:
    """Of each campaign that has a definition of its own."""
    columns = (ValidCall.campaign_id, ValidCall.since, ValidCall.definition)
    found: dict[int, list[Version]] = defaultdict(list)
    for campaign_id, since, said in session.execute(select(*columns).order_by(ValidCall.version)):
        found[campaign_id].append(Version(since, read(said)))
    return {campaign_id: History(tuple(each)) for campaign_id, each in found.items()}


def read(said: Mapping[str, Any]) -> Definition:
    """A definition as it is stored."""
    return Definition(tuple(said["statuses"]), int(said["talk_s"]), bool(said["identity"]))


def change(
    session: Session,
    campaign_id: int,
    definition: Definition,
    *,
    since: date | None,
    actor: str,
    at: datetime,
) -> int:
    """Make the next version, for the days from `since` on or for all; its number."""
    newest = select(func.max(ValidCall.version)).where(ValidCall.campaign_id == campaign_id)
    version = (session.scalar(newest) or 0) + 1
    said = {**asdict(definition), "statuses": list(definition.statuses)}
    session.execute(
        insert(ValidCall).values(
            campaign_id=campaign_id,
            version=version,
            since=since,
            definition=said,
            actor=actor,
            at=at,
        )
    )
    return version
