"""Questions of reports that are kept under a name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.saved_reports import SavedReport
from agent_desk.models.users import User


@dataclass(frozen=True)
class SavedRow:
    """One question and whom it is shared with: a role, teams, or nobody. `left`: its owner does not
    log in any more."""

    id: int
    user_id: int
    username: str
    owner: str
    left: bool
    name: str
    page: str
    params: Mapping[str, str]
    period: str
    shared_role: str | None
    shared_teams: frozenset[int] | None
    version: int
    changed_at: datetime


def of_or_shared(session: Session, user_id: int, *, left: bool) -> list[SavedRow]:
    """Somebody's own and every shared one, by name; who of those sees it is for the service.
    `left`: and those of who has left."""
    wanted = [
        SavedReport.user_id == user_id,
        SavedReport.shared_role.is_not(None),
        SavedReport.shared_teams.is_not(None),
    ]
    if left:
        wanted.append(User.enabled.is_(False))
    query = _every().where(or_(*wanted))
    found = session.execute(query.order_by(SavedReport.name, SavedReport.id))
    return [_row(*each) for each in found]


def by_id(session: Session, saved_id: int) -> SavedRow | None:
    """The one of this id, whosever it is."""
    found = session.execute(_every().where(SavedReport.id == saved_id)).first()
    return None if found is None else _row(*found)


def count_of(session: Session, user_id: int) -> int:
    """How many somebody has."""
    query = select(func.count()).select_from(SavedReport).where(SavedReport.user_id == user_id)
    return session.scalar(query) or 0


def add(
    session: Session,
    *,
    user_id: int,
    name: str,
    page: str,
    params: Mapping[str, str],
    period: str,
    at: datetime,
) -> int:
    """Keep a new one, shared with nobody; its id."""
    row = session.execute(
        insert(SavedReport).values(
            user_id=user_id,
            name=name,
            page=page,
            params=dict(params),
            period=period,
            shared_role=None,
            shared_teams=None,
            version=1,
            made_at=at,
            changed_at=at,
        )
    )
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def change(
    session: Session,
    saved_id: int,
    *,
    based_on: int,
    name: str,
    period: str,
    shared_role: str | None,
    shared_teams: Collection[int] | None,
    at: datetime,
) -> bool:
    """The next version; False when it is not the one that was read."""
    changed = session.execute(
        update(SavedReport)
        .where(SavedReport.id == saved_id, SavedReport.version == based_on)
        .values(
            name=name,
            period=period,
            shared_role=shared_role,
            shared_teams=None if shared_teams is None else sorted(shared_teams),
            version=based_on + 1,
            changed_at=at,
        )
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def take_over(
    session: Session, saved_id: int, user_id: int, *, from_user: int, at: datetime
) -> bool:
    """Make it somebody else's, the rest as it is; False when it is not of `from_user`, or they
    are back."""
    gone = select(User.id).where(User.id == from_user, User.enabled.is_(False))
    changed = session.execute(
        update(SavedReport)
        .where(SavedReport.id == saved_id, SavedReport.user_id == from_user, gone.exists())
        .values(user_id=user_id, version=SavedReport.version + 1, changed_at=at)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def remove(session: Session, saved_id: int) -> bool:
    """Forget it; whether it was there."""
    gone = session.execute(delete(SavedReport).where(SavedReport.id == saved_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def _every() -> Select[SavedReport, str, str, bool]:
    columns = (SavedReport, User.username, User.name, User.enabled)
    return select(*columns).join(User, User.id == SavedReport.user_id)


def _row(saved: SavedReport, username: str, owner: str, enabled: bool) -> SavedRow:
    teams = saved.shared_teams
    return SavedRow(
        id=saved.id,
        user_id=saved.user_id,
        username=username,
        owner=owner,
        left=not enabled,
        name=saved.name,
        page=saved.page,
        params=saved.params,
        period=saved.period,
        shared_role=saved.shared_role,
        shared_teams=None if teams is None else frozenset(teams),
        version=saved.version,
        changed_at=saved.changed_at,
    )
