"""The invariant of charges: I16.

What a call cost is stored nowhere, so no stored figure can disagree with its call; tests show that
pricing a row twice gives the same. What rows can tell of is whether the price of a past call could
have changed: whether a version of its tariff is what it was when it was made, and whether one was
slipped in behind its back.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at
from agent_desk.dialer.charges import Version
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt
from agent_desk.models.tariffs import TariffVersion
from agent_desk.store.campaigns.tariffs import terms_of
from agent_desk.store.invariants.violation import Violation


def fingerprint(version: Version) -> str:
    """A hash of what a version says, kept in the audit trail."""
    return hashlib.sha256(repr(version).encode()).hexdigest()


def past_calls_keep_their_price(session: Session, newest: datetime) -> list[Violation]:
    """I16: a version is what its audit row says, and none began before it was made.

    The first version of a tariff may: no call was leased under it before.
    """
    rows = session.scalars(select(TariffVersion).order_by(TariffVersion.id)).all()
    if not rows:
        return []
    noted = _noted(session)
    found = []
    for row in rows:
        ids = (f"tariff_version:{row.id}",)
        if noted.get(row.id) != fingerprint(Version(row.from_on, terms_of(row))):
            found.append(Violation("I16", "a tariff is not what it was when it was made", ids))
        elif _priced_anew(session, row):
            found.append(Violation("I16", "a tariff began when calls had been made under it", ids))
    return found


def _noted(session: Session) -> dict[int, str]:
    query = select(AuditRow.details).where(AuditRow.action == "tariff.version_added")
    return {told["version"]: told["terms"] for told in session.scalars(query)}


def _priced_anew(session: Session, row: TariffVersion) -> bool:
    """Whether calls had been leased under the tariff on its days when the version was made."""
    query = select(
        exists().where(
            Attempt.tariff_id == row.tariff_id,
            Attempt.leased_at >= at(row.from_on, 0),
            Attempt.leased_at < row.made_at,
        )
    )
    return bool(session.scalar(query))
