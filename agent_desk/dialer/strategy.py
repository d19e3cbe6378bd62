"""How often a customer is called, and by whom: the table by class of delinquency.

The class of a customer is a matter of days: how long the oldest debt still open has been overdue
(1–30, 31–90, 91 and more; a debt due today is not overdue). It belongs to the person, as the caps
do, so it is taken over all debts. A `Strategy` is one version of the table; a change is the next
version, never an edit, so what was decided can be understood later by its number.

**Share of human and AI.** Who is for whom is drawn by a keyed hash of customer and version: the
same for ever within a version, without a row to keep, and spread evenly (within ±3 points over a
thousand customers of a list). A customer drawn for the AI at 60 % is also for it at 80 %: the draw
is one number below 100 that is compared with the share, so a change of class moves only those it
must. `version` 0 is the table the product comes with.

**Payment history.** So many payments on time in succession, so many attempts a week fewer. On time
is a payment up to its debt's due date, or up to the date promised for it; a late one begins the
count anew. The cap never falls below 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from math import gcd
from typing import Literal

Delinquency = Literal["d1_30", "d31_90", "d91"]
Channel = Literal["human", "ai"]

CLASSES: tuple[Delinquency, ...] = ("d1_30", "d31_90", "d91")
FIRST_DAYS: Mapping[Delinquency, int] = {"d1_30": 1, "d31_90": 31, "d91": 91}
HARD_WEEKLY_CALLS = 21  # R11: three a day, the most R10 allows, on seven days
MOST_PAYMENT_RULES = 10
BLOCK = 100
STRIDES = tuple(n for n in range(1, BLOCK) if gcd(n, BLOCK) == 1)


class BadStrategy(ValueError):
    """The table cannot be used; the text says why."""


@dataclass(frozen=True)
class ClassRow:
    """One class: attempts in seven days, and the percentage of customers left to the AI."""

    delinquency: Delinquency
    weekly_calls: int
    ai_percent: int

    @property
    def human_percent(self) -> int:
        return 100 - self.ai_percent


@dataclass(frozen=True)
class PaymentRule:
    """From `on_time` payments in succession on, `fewer` attempts a week."""

    on_time: int
    fewer: int


@dataclass(frozen=True)
class Strategy:
    """One version of the table; making one that makes no sense raises `BadStrategy`."""

    version: int
    rows: tuple[ClassRow, ...]
    payment_rules: tuple[PaymentRule, ...] = ()

    def __post_init__(self) -> None:
        if tuple(row.delinquency for row in self.rows) != CLASSES:
            raise BadStrategy("each class once, in order of days")
        for row in self.rows:
            if not 0 <= row.weekly_calls <= HARD_WEEKLY_CALLS:
                raise BadStrategy(f"calls a week: 0 to {HARD_WEEKLY_CALLS}")
            if not 0 <= row.ai_percent <= 100:
                raise BadStrategy("share of the AI: 0 to 100 %")
        counts = [rule.on_time for rule in self.payment_rules]
        if len(set(counts)) < len(counts) or len(counts) > MOST_PAYMENT_RULES:
            raise BadStrategy("each number of payments once")
        for rule in self.payment_rules:
            if rule.on_time < 1 or not 0 <= rule.fewer <= HARD_WEEKLY_CALLS:
                raise BadStrategy("payments from 1, attempts fewer from 0")

    def row(self, delinquency: Delinquency) -> ClassRow:
        return next(row for row in self.rows if row.delinquency == delinquency)

    @property
    def weekly_caps(self) -> dict[str, int]:
        """R11's caps by class."""
        return {row.delinquency: row.weekly_calls for row in self.rows}

    def weekly_adjust(self, on_time: int) -> int:
        """A32: 0 or less; of the rules that apply the one that asks for the longest history."""
        found = [rule for rule in self.payment_rules if rule.on_time <= on_time]
        return -max(found, key=lambda rule: rule.on_time).fewer if found else 0

    def weekly_limit(self, delinquency: Delinquency, on_time: int) -> int:
        """Attempts in seven days for who is in this class and has paid so often on time."""
        return max(0, self.row(delinquency).weekly_calls + self.weekly_adjust(on_time))

    def channel(self, customer_id: int, delinquency: str | None) -> Channel:
        """Whom the customer is left to; without a class (nothing overdue) to people."""
        if delinquency not in CLASSES:
            return "human"
        share = self.row(delinquency).ai_percent
        return "ai" if draw(customer_id, self.version) < share else "human"


BUILT_IN = Strategy(
    version=0,
    rows=(
        ClassRow("d1_30", weekly_calls=2, ai_percent=95),
        ClassRow("d31_90", weekly_calls=3, ai_percent=80),
        ClassRow("d91", weekly_calls=7, ai_percent=60),
    ),
    payment_rules=(PaymentRule(on_time=3, fewer=1),),
)


def draw(customer_id: int, version: int) -> int:
    """A whole number from 0 to 99: the same each time it is asked.

    Of a hundred customers numbered in a row each gets another one, in an order hashed for them and
    the version, so that a list of a thousand has its share as exactly as it can be had.
    """
    block, place = divmod(customer_id, BLOCK)
    digest = blake2b(f"{version}:{block}".encode(), digest_size=8).digest()
    stride = STRIDES[digest[0] % len(STRIDES)]
    return (place * stride + int.from_bytes(digest[1:])) % BLOCK


def class_on(due_on: date | None, day: date) -> Delinquency | None:
    """The class of a debt due on `due_on` as of `day`."""
    if due_on is None:
        return None
    overdue = (day - due_on).days
    found: Delinquency | None = None
    for code in CLASSES:
        if overdue >= FIRST_DAYS[code]:
            found = code
    return found


@dataclass(frozen=True)
class ClassMove:
    """From `before` to `after`, on the business day the debts say."""

    before: Delinquency | None
    after: Delinquency | None
    on: date


def moves(
    due_on: date | None, *, before: Delinquency | None, since: date | None, today: date
) -> Iterator[ClassMove]:
    """What changed from the last review to today's: each boundary crossed on its own day.

    `since` is the day of the last review that was finished (None: there was none, then only
    today's class is known); `due_on` is the due date of the oldest debt still open.
    """
    crossings: list[date] = []
    if due_on is not None and since is not None:
        crossings = [
            day
            for day in (due_on + timedelta(days=FIRST_DAYS[code]) for code in CLASSES)
            if since < day < today
        ]
    for day in (*crossings, today):
        after = class_on(due_on, day)
        if after != before:
            yield ClassMove(before, after, day)
            before = after


@dataclass(frozen=True)
class Paid:
    """One payment and the days by which it was asked for: the debt's due date, dates promised."""

    on: date
    asked_by: tuple[date, ...]

    @property
    def on_time(self) -> bool:
        return any(self.on <= day for day in self.asked_by)


def on_time_run(payments: Iterable[Paid]) -> int:
    """How many of the newest payments in succession were on time."""
    run = 0
    for payment in sorted(payments, key=lambda each: each.on, reverse=True):
        if not payment.on_time:
            break
        run += 1
    return run


def parse(
    version: int, classes: Sequence[Mapping[str, object]], payments: Sequence[Mapping[str, object]]
) -> Strategy:
    """A table from plain values, as an editor sends it; `BadStrategy` for anything else."""
    rows = {str(row.get("delinquency")): row for row in classes}
    if len(rows) != len(classes) or set(rows) != set(CLASSES):
        raise BadStrategy("each class once")
    return Strategy(
        version=version,
        rows=tuple(
            ClassRow(code, _whole(rows[code], "weekly_calls"), _whole(rows[code], "ai_percent"))
            for code in CLASSES
        ),
        payment_rules=tuple(
            sorted(
                (PaymentRule(_whole(row, "on_time"), _whole(row, "fewer")) for row in payments),
                key=lambda rule: rule.on_time,
            )
        ),
    )


def _whole(row: Mapping[str, object], name: str) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadStrategy(f"{name} is a whole number")
    return value
