"""What is got back of what is owed: recovery and cure rates, days to collect, first attempts.

Pure: what was counted goes in, ratios come out. A ratio of nothing is None, never 0: nobody was
asked, so nobody refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Ratios of fewer than so many are shown with a warning: one case more or less moves them by
# three points.
FEW = 30


@dataclass(frozen=True)
class Recovery:
    """A period's collections. An account is one debt that was on a list of a campaign.

    `accounts` owed something when the period began, or when they were put on the list within it;
    `owed_yen` is how much that was. `payers` of them paid `collected_yen` in the period, in
    `payments` payments that came `days` days after assignment, added up. Of `delinquent` customers
    who were overdue when the period began, `cured` were not any more when it ended.
    """

    accounts: int = 0
    owed_yen: int = 0
    payers: int = 0
    collected_yen: int = 0
    payments: int = 0
    days: int = 0
    delinquent: int = 0
    cured: int = 0

    @property
    def by_count(self) -> float | None:
        """回収率（件数）: accounts that paid ÷ accounts assigned (A02)."""
        return ratio(self.payers, self.accounts)

    @property
    def by_yen(self) -> float | None:
        """回収率（金額）: yen collected ÷ yen outstanding assigned (A02)."""
        return ratio(self.collected_yen, self.owed_yen)

    @property
    def cure_rate(self) -> float | None:
        """Customers back to current ÷ delinquent at the start."""
        return ratio(self.cured, self.delinquent)

    @property
    def days_to_collect(self) -> float | None:
        """平均回収期間: mean of paid date − assignment date, each payment alike (A04)."""
        return ratio(self.days, self.payments)


@dataclass(frozen=True)
class FirstAttempts:
    """The first attempts of list entries: how many were placed, how many came to a contact."""

    attempts: int = 0
    contacts: int = 0

    @property
    def contact_rate(self) -> float | None:
        """初回架電での接触率: contacts ÷ attempts, number 1 of each list entry only (A03)."""
        return ratio(self.contacts, self.attempts)


@dataclass(frozen=True)
class Owed:
    """A debt as it stands, with the payments that came since the period began.

    `counted`: it is among those that still owe something and were added up by the database.
    """

    assigned_on: date
    counted: bool
    paid: tuple[tuple[date, int], ...]


def with_payments(before: Recovery, owing: Iterable[Owed], first: date, last: date) -> Recovery:
    """`before` has the accounts that owe something now and how much; add what was paid since the
    period [first, last] began, and the accounts that owe nothing any more because of it.

    What somebody owed at the start is what is left and every payment since: debts shrink.
    """
    accounts, owed_yen = before.accounts, before.owed_yen
    payers = collected = payments = days = 0
    for each in owing:
        if each.assigned_on > last:
            continue
        since = max(first, each.assigned_on)
        theirs = [(on, yen) for on, yen in each.paid if on >= since and yen > 0]
        if not theirs:
            continue
        owed_yen += sum(yen for _, yen in theirs)
        accounts += not each.counted
        within = [(on, yen) for on, yen in theirs if on <= last]
        payers += bool(within)
        collected += sum(yen for _, yen in within)
        payments += len(within)
        days += sum((on - each.assigned_on).days for on, _ in within)
    return Recovery(
        accounts=accounts,
        owed_yen=owed_yen,
        payers=payers,
        collected_yen=collected,
        payments=payments,
        days=days,
        delinquent=before.delinquent,
        cured=before.cured,
    )


def ratio(part: float, whole: float) -> float | None:
    """A part of a whole; None where there is no whole."""
    return part / whole if whole > 0 else None
