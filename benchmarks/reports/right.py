"""Are the figures what the rows say? Counted again by plain SQL and a loop, at random places.

Random days of the year: everybody's figures and the funnel, by the SQL of `store/reports`. Random
hours: calls by random axes, read row by row with statements of their own and added up one by one.
The busiest month as a whole: by operator and outcome, by one statement.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from agent_desk.dialer.business_time import JST
from agent_desk.dialer.business_time import at as instant_of
from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.store.facts import figures, pivot
from agent_desk.store.facts.layout import CALLS
from agent_desk.store.facts.reading import Facts
from agent_desk.store.reports import figures as reporting
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.reports.people import CAMPAIGNS
from benchmarks.reports.questions import end_of

FIELDS = ("項目1", "項目7", "項目20", "項目40")
AXES = (
    *("day", "hour", "operator", "team", "campaign", "product", "list", "outcome", "identity"),
    *("try_number", "delinquency"),
    *(f"field:{name}" for name in FIELDS),
)
SUMS = (
    *("attempts", "answered", "bridged", "status:contact", "valid", "promises", "promised_yen"),
    *("first_attempts", "talk_ms", "hold_ms", "wrap_ms"),
)
_PERIOD = "a.leased_at >= :start AND a.leased_at < :end AND a.placed_at IS NOT NULL"
_CALLS = f"""
SELECT a.id, a.leased_at, a.customer_id, c.answered_at, c.bridged_at, c.identity, o.outcome,
       coalesce(u.name, ''), coalesce(t.name, ''), g.name, p.name, l.name,
       coalesce(k.delinquency, ''), k.fields_sealed,
       (SELECT count(*) FROM attempts b
         WHERE b.list_entry_id = a.list_entry_id AND b.placed_at IS NOT NULL
           AND (b.leased_at < a.leased_at OR (b.leased_at = a.leased_at AND b.id <= a.id)))
  FROM attempts a JOIN calls c ON c.id = a.id JOIN attempt_outcomes o ON o.attempt_id = a.id
  JOIN campaigns g ON g.id = a.campaign_id JOIN products p ON p.id = g.product_id
  JOIN list_entries e ON e.id = a.list_entry_id JOIN lists l ON l.id = e.list_id
  JOIN customers k ON k.id = a.customer_id
  LEFT JOIN users u ON u.id = c.seat_user_id LEFT JOIN teams t ON t.id = u.team_id
 WHERE {_PERIOD}"""
_MARKS = f"""
SELECT m.call_id, m.code FROM attempts a JOIN status_marks m ON m.call_id = a.id
 WHERE {_PERIOD} AND m.current AND m.marked"""
_PROMISES = f"""
SELECT m.call_id, m.amount_yen FROM attempts a JOIN promises m ON m.call_id = a.id
 WHERE {_PERIOD} AND m.state NOT IN ('withdrawn', 'replaced')"""
_MOVES = f"""
SELECT m.call_id, m.user_id, m.to_state, m.at FROM attempts a JOIN seat_moves m ON m.call_id = a.id
 WHERE {_PERIOD} ORDER BY m.call_id, m.user_id, m.at, m.id"""
_MONTH = f"""
SELECT coalesce(u.name, ''), o.outcome, count(*),
       sum(CASE WHEN c.answered_at IS NOT NULL THEN 1 ELSE 0 END),
       sum(CASE WHEN c.bridged_at IS NOT NULL THEN 1 ELSE 0 END)
  FROM attempts a JOIN calls c ON c.id = a.id JOIN attempt_outcomes o ON o.attempt_id = a.id
  LEFT JOIN users u ON u.id = c.seat_user_id
 WHERE {_PERIOD} GROUP BY coalesce(u.name, ''), o.outcome"""


class Wrong(Exception):
    """The facts are not what the rows say."""


def check(
    facts: Facts, database: Database, sealer: Sealer, month: date, *, samples: int, seed: int
) -> str:
    """What was compared; raises `Wrong`."""
    rng = random.Random(seed)
    calls = 0
    with database.read() as session:
        for _ in range(samples):
            _one_day(facts, session, _day(facts, rng), rng.choice((None, _campaign(rng))))
            start = instant_of(_day(facts, rng), rng.randrange(9, 18) * 60)
            axes = tuple(rng.sample(AXES, rng.randrange(1, 4)))
            calls += _one_hour(facts, session, sealer, start, axes)
        groups = _month(facts, session, month)
    return (
        f"{samples} random days of operators and funnel, {samples} random hours ({calls:,} calls)"
        f" by random axes, {groups:,} groups of the busiest month: every figure as counted over"
        f" the rows (seed {seed})"
    )


def _day(facts: Facts, rng: random.Random) -> date:
    """A working day of the year."""
    month = date.fromisoformat(f"{rng.choice(facts.months(CALLS))}-01")
    days = [month + timedelta(days=n) for n in range(end_of(month).day)]
    return rng.choice([day for day in days if day.weekday() < 5])


def _campaign(rng: random.Random) -> int:
    return rng.randrange(1, CAMPAIGNS + 1)


def _one_day(facts: Facts, session: Any, day: date, campaign: int | None) -> None:
    asked = (session, instant_of(day, 0), instant_of(day + timedelta(days=1), 0))
    told = figures.operators(facts, *asked, now=facts.as_of, campaign_id=campaign)
    counted = reporting.operators(*asked, now=facts.as_of, campaign_id=campaign)
    steps = figures.funnel(facts, *asked, campaign_id=campaign)
    if told != counted or steps != reporting.funnel(*asked, campaign_id=campaign):
        raise Wrong(f"{day}, campaign {campaign}")


def _one_hour(
    facts: Facts, session: Any, sealer: Sealer, start: datetime, axes: Sequence[str]
) -> int:
    end = start + timedelta(hours=1)
    expected: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    rows = _by_hand(session, sealer, start, end)
    for words, sums in rows:
        expected[tuple(words[axis] for axis in axes)].update(sums)
    told = {key: {name: sums[name] for name in SUMS} for key, sums in expected.items()}
    if _pivoted(facts, session, start, end, axes, SUMS) != told:
        raise Wrong(f"{start}, by {', '.join(axes)}")
    return len(rows)


def _pivoted(
    facts: Facts,
    session: Any,
    start: datetime,
    end: datetime,
    axes: Sequence[str],
    sums: Sequence[str],
) -> dict[tuple[str, ...], dict[str, int]]:
    """By names; operators of one name together."""
    asked = pivot.Asked(start, end, tuple(axes), tuple(sums), {})
    found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for group in pivot.pivot(facts, session, asked, figures.scope_of(session, None, None)):
        found[group.names].update(group.sums)
    return {key: {name: counts[name] for name in sums} for key, counts in found.items()}


def _by_hand(
    session: Any, sealer: Sealer, start: datetime, end: datetime
) -> list[tuple[Mapping[str, str], Mapping[str, int]]]:
    """Each call of the hour: what it is counted under, and what it adds."""
    period = {"start": to_microseconds(start), "end": to_microseconds(end)}
    on: dict[str, set[str]] = defaultdict(set)
    for call_id, code in session.execute(text(_MARKS), period):
        on[call_id].add(code)
    yen: dict[str, list[int]] = defaultdict(list)
    for call_id, amount in session.execute(text(_PROMISES), period):
        yen[call_id].append(amount or 0)
    spent = _spent(session, period)
    found: list[tuple[Mapping[str, str], Mapping[str, int]]] = []
    for row in session.execute(text(_CALLS), period):
        call_id, leased, _, answered, bridged, identity, outcome, *names, sealed, tries = row
        at = from_microseconds(leased).astimezone(JST)
        fields = dict(json.loads(sealer.open(bytes(sealed)) or "[]"))
        told = dict(
            zip(
                ("operator", "team", "campaign", "product", "list", "delinquency"),
                names,
                strict=True,
            )
        )
        told |= {"day": f"{at:%Y-%m-%d}", "hour": str(at.hour), "outcome": outcome}
        told |= {"identity": identity, "try_number": str(tries)}
        told |= {f"field:{name}": fields.get(name, "") for name in FIELDS}
        sums = {
            "attempts": 1,
            "answered": int(answered is not None),
            "bridged": int(bridged is not None),
            "status:contact": int("contact" in on[call_id]),
            "valid": int("valid" in on[call_id]),
            "promises": int(call_id in yen),
            "promised_yen": sum(yen.get(call_id, ())),
            "first_attempts": int(tries == 1),
        }
        for name, state in (("talk_ms", "talking"), ("hold_ms", "hold"), ("wrap_ms", "wrap_up")):
            sums[name] = spent[call_id][state] // 1000 if bridged is not None else 0
        found.append((told, sums))
    return found


def _spent(session: Any, period: Mapping[str, int]) -> dict[str, Counter[str]]:
    """Microseconds of each call by the state its operator's seat was in."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    before: tuple[str, int, str, int] | None = None
    for call_id, user, state, at in session.execute(text(_MOVES), period):
        if before is not None and before[:2] == (call_id, user):
            found[call_id][before[2]] += at - before[3]
        before = (call_id, user, state, at)
    return found


def _month(facts: Facts, session: Any, month: date) -> int:
    start, end = instant_of(month, 0), instant_of(end_of(month) + timedelta(days=1), 0)
    period = {"start": to_microseconds(start), "end": to_microseconds(end)}
    sums = ("attempts", "answered", "bridged")
    rows = session.execute(text(_MONTH), period)
    expected = {
        (name, outcome): dict(zip(sums, map(int, counts), strict=True))
        for name, outcome, *counts in rows
    }
    if _pivoted(facts, session, start, end, ("operator", "outcome"), sums) != expected:
        raise Wrong(f"{month:%Y-%m} by operator and outcome")
    return len(expected)
