"""What an administrator decides of a campaign: pages, choices and limits.

The limits are those of the rules of calling (`dialer/rules/facts.py`) and of the core; no page can
widen them. Settings are mappings of plain values, see `store/campaigns/versions.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from agent_desk.dialer.cooling_off import KINDS, LEGAL_DAYS, MOST_DAYS
from agent_desk.dialer.promises import MOST_PARTS
from agent_desk.dialer.rules.facts import (
    HARD_CLOSE_MINUTE,
    HARD_DAILY_CAP,
    HARD_MIN_GAP,
    HARD_OPEN_MINUTE,
    HARD_RING_LIMIT_S,
    LEAST_RING_S,
)
from agent_desk.dialer.rules.profiles import PROFILES
from agent_desk.services.campaigns import shown_numbers
from agent_desk.services.campaigns.shown_numbers import UNKNOWN, Fault, ShownBy
from agent_desk.services.rules.settings import BOUNDS as RULE_BOUNDS

Settings = Mapping[str, Any]

# The wizard's pages, and in which order their fields stand. The first has twelve at most.
PAGES: Mapping[str, tuple[str, ...]] = {
    "basics": (
        "name",
        "teams",
        "mode",
        "lists",
        "scheduled",
        "start_minute",
        "end_minute",
        "weekdays",
        "closed_on_holidays",
        "caller_id",
        "daily_cap",
        "recording",
    ),
    "dialing": (
        "ratio",
        "abandon_target",
        "ring_limit_s",
        "screening",
        "skills",
        "local_caller_ids",
        "first_on",
        "last_on",
    ),
    "limits": (
        "window_start_minute",
        "window_end_minute",
        "min_gap_minutes",
        "spacing_minutes",
        "weekly_cap",
        "total_cap",
        "total_days",
        "max_tries",
        "reg_f",
    ),
    "talk": (
        "script_of",
        "third_party_script_of",
        "statuses_of",
        "identity_needed",
        "identity_factors",
        "identity_tries",
        "promise_max_days",
        "instalment_counts",
        "cooling_off_days",
        "talk_limit_s",
    ),
    "after_call": (
        "wrap_up_policy",
        "wrap_up_s",
        "wrap_up_extension_s",
        "wrap_up_extensions",
        "after_wrap_up",
        "survey_share",
        "survey_wait_s",
        "loud_dbfs",
        "supervision_tone",
        "supervision_shown",
        "recording_years",
        "tariff_id",
    ),
}
FIELDS = tuple(name for names in PAGES.values() for name in names)

# When a change is true. What is not named here: from the next call on.
FROM = {
    "name": "at_once",
    "mode": "at_once",
    "ratio": "at_once",
    "abandon_target": "at_once",
    "teams": "at_once",
    "skills": "at_once",
    "talk_limit_s": "at_once",
    "survey_share": "at_once",
    "survey_wait_s": "at_once",
    "supervision_tone": "at_once",
    "supervision_shown": "at_once",
    "scheduled": "next_start",
    "start_minute": "next_start",
    "end_minute": "next_start",
    "weekdays": "next_start",
    "first_on": "next_start",
    "last_on": "next_start",
}
# Fields that mean something only where money is owed, and where somebody is asked for something.
OF_DEBTS = frozenset({"spacing_minutes", "reg_f", "promise_max_days", "instalment_counts"})
OF_SOLICITING = frozenset({"total_cap", "total_days", "identity_needed"})
OF_ORDERS = frozenset({"cooling_off_days"})  # kinds that take orders

MODES = ("preview", "progressive", "ratio", "predictive")
SCREENINGS = ("off", "watch", "strict")
POLICIES = ("optional", "timed", "extendable", "open")
AFTER = ("available", "away")
FACTORS = ("birth_date", "address_town", "phone_last4", "member_last4")
MOST_FACTORS = 3
CHOICES = {
    "mode": MODES,
    "screening": SCREENINGS,
    "wrap_up_policy": POLICIES,
    "after_wrap_up": AFTER,
}
# Lowest and highest.
BOUNDS: Mapping[str, tuple[float, float]] = {
    "daily_cap": (1, HARD_DAILY_CAP),
    "ratio": (1.0, 5.0),
    "abandon_target": (0.0, 0.03),
    "ring_limit_s": (LEAST_RING_S, HARD_RING_LIMIT_S),
    "min_gap_minutes": (HARD_MIN_GAP.total_seconds() // 60, 24 * 60),
    "max_tries": (1, 50),
    "wrap_up_s": (5, 3600),
    "wrap_up_extension_s": (10, 600),
    "wrap_up_extensions": (0, 10),
    "survey_share": (0, 100),
    "survey_wait_s": (3, 15),
    "loud_dbfs": (-40, -3),
    "identity_tries": (1, 5),
    "promise_max_days": (1, 92),
    "cooling_off_days": (LEGAL_DAYS, MOST_DAYS),
    "recording_years": (1, 30),
    "talk_limit_s": (30, 14_400),
    **RULE_BOUNDS,
}
# None: as the campaign's kind has it.
MAY_BE_NONE = frozenset({*RULE_BOUNDS, "recording_years", "talk_limit_s"})
WINDOWS = (("window_start_minute", "window_end_minute"), ("start_minute", "end_minute"))
LONGEST_NAME = 60


def fields_of(page: str, kind: str) -> tuple[str, ...]:
    """The fields of a page that speak for this kind of campaign (`rules.profiles`)."""
    profile = PROFILES[kind]  # type: ignore[index]
    left_out = frozenset().union(
        OF_DEBTS if not profile.debts else (),
        OF_SOLICITING if not profile.solicits else (),
        OF_ORDERS if kind not in KINDS else (),
    )
    return tuple(name for name in PAGES[page] if name not in left_out)


def faults(wanted: Settings, *, kind: str, shown_by: ShownBy = UNKNOWN) -> list[Fault]:
    """Everything that is wrong; none, and the settings can be used."""
    found = [*_of_numbers(wanted), *_of_choices(wanted), *_of_hours(wanted), *_of_days(wanted)]
    name = str(wanted["name"]).strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        found.append(Fault("name", "name", 1, LONGEST_NAME))
    if not wanted["teams"]:
        found.append(Fault("teams", "teams"))
    if kind == "collections" and wanted["wrap_up_policy"] == "optional":
        # R50: who was spoken to and what was said is written down of each call.
        found.append(Fault("wrap_up_policy", "record_needed"))
    found += _of_identity(wanted, kind)
    if not all(2 <= count <= MOST_PARTS for count in wanted["instalment_counts"]):
        found.append(Fault("instalment_counts", "instalments", 2, MOST_PARTS))
    found += shown_numbers.faults(
        str(wanted["caller_id"]), wanted["local_caller_ids"], shown_by=shown_by
    )
    order = {name: place for place, name in enumerate(FIELDS)}
    return sorted(found, key=lambda each: order.get(each.field, 0))


def changed(before: Settings, after: Settings) -> list[str]:
    """The fields that differ, in the order of the pages; an old version does not know them all."""
    both = before.keys() & after.keys()
    return [name for name in FIELDS if name in both and before[name] != after[name]]


def _of_numbers(wanted: Settings) -> list[Fault]:
    found = []
    for name, (lowest, highest) in BOUNDS.items():
        value = wanted[name]
        if value is None and name in MAY_BE_NONE:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not lowest <= value <= highest:
            found.append(Fault(name, "bounds", lowest, highest))
    return found


def _of_choices(wanted: Settings) -> list[Fault]:
    return [Fault(name, "choice") for name, values in CHOICES.items() if wanted[name] not in values]


def _of_hours(wanted: Settings) -> list[Fault]:
    found = []
    for first, last in WINDOWS if wanted["scheduled"] else WINDOWS[:1]:
        start, end = wanted[first], wanted[last]
        if start is None or end is None:
            found.append(Fault(first if start is None else last, "time_needed"))
        elif start < HARD_OPEN_MINUTE:
            found.append(Fault(first, "too_early"))
        elif end > HARD_CLOSE_MINUTE:
            found.append(Fault(last, "too_late"))
        elif start >= end:
            found.append(Fault(last, "hours_reversed"))
    return found


def _of_days(wanted: Settings) -> list[Fault]:
    if not wanted["scheduled"]:
        return []
    found = []
    if not wanted["weekdays"] or not set(wanted["weekdays"]) <= set(range(7)):
        found.append(Fault("weekdays", "weekdays"))
    first, last = wanted["first_on"], wanted["last_on"]
    if first and last and date.fromisoformat(first) > date.fromisoformat(last):
        found.append(Fault("last_on", "days_reversed"))
    return found


def _of_identity(wanted: Settings, kind: str) -> list[Fault]:
    factors = wanted["identity_factors"]
    if not set(factors) <= set(FACTORS) or not 1 <= len(set(factors)) <= MOST_FACTORS:
        return [Fault("identity_factors", "factors", 1, MOST_FACTORS)]
    if kind == "collections" and not wanted["identity_needed"]:
        return [Fault("identity_needed", "identity_law")]
    return []
