"""What the rules of calling look at, and what they answer: person, number, campaign, past.

Everything is a fact at one instant, loaded by the caller; no rule reads anything else. Instants
carry their offset; minutes count from 0:00 JST; dates are Japanese. Where a fact is unknown its
default is the one that forbids more, except for marks nobody has set (do-not-call, holds).

**Hard limits.** A `CampaignRules` outside them cannot exist: what a setting would widen is
narrowed when the object is made, so that no rule can forget to; what makes no sense at all raises
ValueError. `LIMITS` says which setting is kept within what, and by which rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Kind = Literal["collections", "sales", "dormant", "survey"]
Channel = Literal["auto", "preview", "manual", "ivr", "ai", "sms"]
Pacing = Literal["preview", "progressive", "overdial"]
Delinquency = Literal["d1_30", "d31_90", "d91"]

HARD_OPEN_MINUTE = 8 * 60
HARD_CLOSE_MINUTE = 21 * 60
LEAST_RING_S = 15.0  # R16: nobody reaches a telephone sooner (TSR and Ofcom ask for as much)
HARD_RING_LIMIT_S = 60.0  # R13: the set-up must be released within 120 s by law, 60 s by product
HARD_DAILY_CAP = 3  # R10, JFSA 自主規制 69条
HARD_WEEKLY_CAP = 21  # R11
HARD_TOTAL_CAP = 6  # R14
LEAST_TOTAL_DAYS = 30  # R14
HARD_MIN_GAP = timedelta(minutes=3)  # R13
WEEKLY_CAPS: Mapping[str, int] = MappingProxyType({"d1_30": 2, "d31_90": 3, "d91": 7})
DAY_MINUTES = 24 * 60


class Limit(NamedTuple):
    """Both ends are included; None is no limit on that side."""

    low: Any
    high: Any

    def narrow(self, value: Any) -> Any:
        """The value within the limits that is nearest to this one."""
        if self.low is not None and value < self.low:
            return self.low
        return self.high if self.high is not None and value > self.high else value


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "open_minute": Limit(HARD_OPEN_MINUTE, None),
        "close_minute": Limit(None, HARD_CLOSE_MINUTE),
        "ring_limit_s": Limit(LEAST_RING_S, HARD_RING_LIMIT_S),
        "daily_cap": Limit(None, HARD_DAILY_CAP),
        "weekly_cap": Limit(None, HARD_WEEKLY_CAP),
        "min_gap": Limit(HARD_MIN_GAP, None),
        "total_cap": Limit(None, HARD_TOTAL_CAP),
        "total_days": Limit(LEAST_TOTAL_DAYS, None),
    }
)


@dataclass(frozen=True)
class Lift:
    """An override in force until (not at) this instant: a rule set aside for person or campaign.

    Which rules can be, by whom and on which channels, is `rules.lifting.LIFTABLE`; a lift of any
    other rule has no effect. `manual_only`: only for calls an operator dials by hand.
    """

    rule_id: str
    until: datetime
    manual_only: bool = False


@dataclass(frozen=True)
class Hold:
    """Why a person is left alone, and until when (None: until somebody releases it).

    `reason`: bereavement, hospital, disaster (R06), complaint (R60), lawyer_notice or bankruptcy
    (R36, which has no end whatever `until` says).
    """

    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class ContactWish:
    """When a person said to call (R02, 貸金業法21条1項2号): at no other time.

    From `from_minute` to `until_minute`, through midnight when that is earlier; on these weekdays
    (0 is Monday; None: any); up to and with `ends_on` (None: until it is taken back).
    """

    from_minute: int = 0
    until_minute: int = DAY_MINUTES
    weekdays: frozenset[int] | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class CustomerFacts:
    """The person, as all campaigns and lists know them together.

    * `refused`: refused to be solicited for the campaign's product, on any list or import (R38).
    * `holds`: every hold that stands on them; each speaks for its own rule (R06, R36, R60).
    * `area_hold_until`: the longest hold on their prefecture, city, postcode or number (R06).
    * `delinquency`: class by days overdue; None is judged like the class called least (R11).
    * `weekly_adjust`: attempts a week more or less than the class has (A32), by payment history.
    * `owes`: False once every debt of the campaign's product is paid (R54).
    * `promise_due`: date of the open promise that is due last (R12).
    * `callback_at`: when they asked us to call again, while that is still to be done (R12). What
      somebody else who answered asked for is not theirs.
    """

    do_not_call: bool = False
    refused: bool = False
    holds: tuple[Hold, ...] = ()
    area_hold_until: datetime | None = None
    wish: ContactWish | None = None
    delinquency: Delinquency | None = None
    weekly_adjust: int = 0
    owes: bool = True
    promise_due: date | None = None
    callback_at: datetime | None = None
    vip: bool = False
    lifts: tuple[Lift, ...] = ()


@dataclass(frozen=True)
class PhoneFacts:
    """The number in E.164 with its plus, or None where only its key is at hand.

    `unusable`: its form was refused at import, or the network said that it does not exist.
    `workplace`: it rings at the person's place of work (R34).
    """

    number: str | None
    do_not_call: bool = False
    unusable: bool = False
    workplace: bool = False


@dataclass(frozen=True)
class CampaignRules:
    """A campaign's own settings, always within the hard limits.

    Not every setting speaks for every kind of campaign: `rules.profiles.PROFILES` says which.

    * `spacing`: between attempts on a person in collections (R12); `min_gap` in all kinds (R13).
    * `grace_days` after a promise's due date before it counts as broken (R12).
    * `weekly_caps` by delinquency class, per 7 days (R11).
    * `weekly_cap`: attempts per person and 7 days in all kinds, whatever the class may have (R11).
    * `total_cap` attempts per list entry's list in `total_days` days (R14).
    * `holidays`: closed on `closed_days` (R05). Those are the Japanese holidays and the firm's own,
      of at least the months ahead that entries may be put off to; surveys keep weekend hours then.
    * `reg_f`: US Regulation F as well (R15).
    * `pacing`: `overdial` where more lines than idle seats may ring.
    * `practice`: every trunk it may use is the practice carrier.
    """

    kind: Kind
    open_minute: int = 9 * 60
    close_minute: int = 20 * 60
    ring_limit_s: float = 25.0
    daily_cap: int = 2
    min_gap: timedelta = timedelta(minutes=15)
    practice: bool = False
    weekly_caps: Mapping[str, int] = field(default_factory=lambda: WEEKLY_CAPS, hash=False)
    weekly_cap: int = HARD_WEEKLY_CAP
    spacing: timedelta = timedelta(hours=3)
    grace_days: int = 3
    total_cap: int = 3
    total_days: int = 30
    reg_f: bool = False
    holidays: bool = False
    closed_days: frozenset[date] = frozenset()
    channel: Channel = "auto"
    pacing: Pacing = "progressive"
    lifts: tuple[Lift, ...] = ()

    def __post_init__(self) -> None:
        """Refuse nonsense (ValueError), narrow what is too wide."""
        for name, sensible in SENSIBLE.items():
            if not sensible(getattr(self, name)):
                raise ValueError(f"{name}: {getattr(self, name)!r} makes no sense")
        for name, limit in LIMITS.items():
            object.__setattr__(self, name, limit.narrow(getattr(self, name)))
        caps = {each: min(cap, HARD_WEEKLY_CAP) for each, cap in self.weekly_caps.items()}
        object.__setattr__(self, "weekly_caps", MappingProxyType({**WEEKLY_CAPS, **caps}))


SENSIBLE: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "kind": lambda kind: kind in ("collections", "sales", "dormant", "survey"),
        "open_minute": lambda minute: 0 <= minute <= DAY_MINUTES,
        "close_minute": lambda minute: 0 <= minute <= DAY_MINUTES,
        "ring_limit_s": lambda seconds: seconds > 0,
        "daily_cap": lambda cap: cap >= 1,
        "weekly_cap": lambda cap: cap >= 1,
        "weekly_caps": lambda caps: (
            caps.keys() <= WEEKLY_CAPS.keys() and min(caps.values(), default=0) >= 0
        ),
        "spacing": lambda spacing: spacing >= timedelta(),
        "grace_days": lambda days: days >= 0,
        "total_cap": lambda cap: cap >= 1,
    }
)


@dataclass(frozen=True)
class Try:
    """An earlier attempt of ours: when the INVITE left, whether it is open, whether it counts.

    It counts when the telephone rang or was answered, or when nobody can tell. `talked`: with the
    person meant; `third_party`: someone else answered; `abandoned`: a live answer nobody took in
    time; `machine`: one answered; `hung_up`: they answered and hung up at once. `same_debt`: for
    this campaign's product. `ended_at` is None while open, or where it was not kept.
    """

    at: datetime
    open: bool
    counts: bool
    talked: bool = False
    third_party: bool = False
    abandoned: bool = False
    machine: bool = False
    same_list: bool = True
    same_debt: bool = True
    ended_at: datetime | None = None
    hung_up: bool = False

    @property
    def weighs(self) -> bool:
        """For caps and spacing: an open one may still ring."""
        return self.open or self.counts


@dataclass(frozen=True)
class Ledger:
    """Earlier attempts, any order, at least those of the last `total_days` days and one.

    `person`: to this person, over all numbers, lists, campaigns and channels. `number`: to this
    number, whoever was meant. The same attempt is usually in both.
    """

    person: tuple[Try, ...] = ()
    number: tuple[Try, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """`rule_ids` that forbid it now; `next_allowed_at` is None when allowed, or never.

    `lifted`: rules that would have forbidden it but for an override. Never is for good only when
    one of `calling_rules.FOR_GOOD` forbids it; else it is until the facts change.
    """

    allowed: bool
    rule_ids: tuple[str, ...] = ()
    next_allowed_at: datetime | None = None
    lifted: tuple[str, ...] = ()
