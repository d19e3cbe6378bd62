"""On what a do-not-call entry rests, and whether it may have an end.

Who asked not to be called, or refused to be solicited (特定商取引法17条, R38: indefinitely), is not
called until somebody answers for lifting it. A number given wrongly will be somebody else's one
day, an external register is of its date, and what was meant for a time ends with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.errors import ServiceError

REQUEST, REFUSAL = "request", "refusal"
BASES = (REQUEST, REFUSAL, "wrong_number", "register", "temporary")
MAY_END = frozenset({"wrong_number", "register", "temporary"})
MUST_END = frozenset({"temporary"})
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Terms:
    """Basis, product (None: every product), and the last day in Japan (None: no end)."""

    basis: str = REQUEST
    product_id: int | None = None
    last_day: date | None = None

    def expires_at(self, now: datetime) -> datetime | None:
        """The instant it ends; ServiceError basis-unknown, expiry-forbidden, until-needed."""
        if self.basis not in BASES:
            raise ServiceError("basis-unknown")
        if self.last_day is None:
            if self.basis in MUST_END:
                raise ServiceError("until-needed")
            return None
        if self.basis not in MAY_END:
            raise ServiceError("expiry-forbidden")
        today = business_date(now)
        if not today <= self.last_day <= today + LONGEST:
            raise ServiceError("until-needed")
        return at(self.last_day + timedelta(days=1), 0)


def last_day(expires_at: datetime) -> date:
    """The last day in Japan on which an entry with this end is in force."""
    return business_date(expires_at - timedelta(microseconds=1))
