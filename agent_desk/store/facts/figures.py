"""Managers' figures out of the facts; `store/reports/figures.py` says the same of rows.

The two are written apart on purpose: the rows are what is true, and `audit` holds one against the
other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.models.base import to_microseconds
from agent_desk.models.campaigns import CampaignTeam
from agent_desk.models.users import User
from agent_desk.store.campaigns import training
from agent_desk.store.facts.layout import CALLS, MARKS, STATES
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.status_sets import StatusSets
from agent_desk.store.lists import valid_calls
from agent_desk.store.lists.valid_calls import History
from agent_desk.store.reports import promises_of
from agent_desk.store.reports.figures import NO_REASON, FunnelCounts
from agent_desk.store.reports.operator_rows import OperatorRow
from agent_desk.store.reports.valid_call_counts import VALID

_MICROSECONDS = 1_000_000
LONGEST_RING = timedelta(hours=1)  # from lease to bridge, by far


@dataclass(frozen=True)
class Scope:
    """Which campaigns enter, and which people may be seen; None: all."""

    campaigns: frozenset[int] | None
    training: frozenset[int]
    histories: Mapping[int, History]

    def campaigns_in(self, column: Column) -> Column:
        """Which rows belong to campaigns that enter."""
        held = np.ones(len(column), bool)
        if self.training:
            held &= ~np.isin(column, sorted(self.training))
        if self.campaigns is not None:
            held &= np.isin(column, sorted(self.campaigns))
        return held


def scope_of(session: Session, campaign_id: int | None, teams: Collection[int] | None) -> Scope:
    """The campaigns of a report: one, those of some teams, or all; never those of practice."""
    campaigns: frozenset[int] | None = None
    if teams is not None:
        theirs = select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))
        campaigns = frozenset(session.scalars(theirs))
    if campaign_id is not None:
        campaigns = frozenset({campaign_id}) & (
            campaigns if campaigns is not None else {campaign_id}
        )
    return Scope(campaigns, training.ids(session), valid_calls.histories(session))


def operators(
    facts: Facts,
    session: Session,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    campaign_id: int | None = None,
    teams: Collection[int] | None = None,
    user_id: int | None = None,
) -> list[OperatorRow]:
    """Everybody who was logged in within [start, end), in order of username.

    As `store/reports/figures.operators`; people are seen by their team, not by their campaigns.
    """
    scope = scope_of(session, campaign_id, None)
    seconds, counts, away, calls = _states(facts, scope, start, end, now=now)
    codes = _codes(facts, scope, start, end, campaign_id)
    promises = promises_of.made(session, start, end, campaign_id, user_id)
    people = select(User.id, User.username, User.name).order_by(User.username)
    if teams is not None:
        people = people.where(User.team_id.in_(list(teams)))
    if user_id is not None:
        people = people.where(User.id == user_id)
    found = []
    seen = set(seconds) | set(calls) | set(codes) | set(promises)
    for key, username, name in session.execute(people):
        if key not in seen:
            continue
        spent, stays = seconds.get(key, {}), counts.get(key, {})
        found.append(
            OperatorRow(
                user_id=key,
                username=username,
                name=name,
                login_s=sum(spent.values()) / _MICROSECONDS,
                starting_s=spent.get("starting", 0) / _MICROSECONDS,
                idle_s=(spent.get("available", 0) + spent.get("reserved", 0)) / _MICROSECONDS,
                talk_s=spent.get("talking", 0) / _MICROSECONDS,
                hold_s=spent.get("hold", 0) / _MICROSECONDS,
                wrap_s=spent.get("wrap_up", 0) / _MICROSECONDS,
                away_s=spent.get("away", 0) / _MICROSECONDS,
                waits=stays.get("available", 0),
                wrap_ups=stays.get("wrap_up", 0),
                calls=calls.get(key, 0),
                promises=promises.get(key, 0),
                codes=codes.get(key, {}),
                away_by={
                    why: length / _MICROSECONDS for why, length in sorted(away.get(key, {}).items())
                },
            )
        )
    return found


def funnel(
    facts: Facts,
    session: Session,
    start: datetime,
    end: datetime,
    *,
    campaign_id: int | None = None,
    teams: Collection[int] | None = None,
) -> FunnelCounts:
    """Attempts placed in the period and what became of them; only those that are over."""
    scope = scope_of(session, campaign_id, teams)
    read = call_columns(facts, start, end, ("placed", "ring_ms"))
    enter = read["placed"] & scope.campaigns_in(read["campaign"])
    read = {name: column[enter] for name, column in read.items()}
    sets = StatusSets(facts.words("statuses"))
    campaigns = read["campaign"]
    found: dict[int, FunnelCounts] = {}
    answered = _counted(campaigns, read["ring_ms"] >= 0)
    bridged = _counted(campaigns, read["bridged"] >= 0)
    codes = _codes_by(campaigns, sets, read["statuses"])
    valid = _counted(campaigns, valid_ones(read, scope.histories, sets))
    for campaign in scope.histories:
        if valid.get(campaign) or VALID in codes[campaign]:
            codes[campaign][VALID] = valid.get(campaign, 0)
    for campaign, attempts in _counted(campaigns, np.ones(len(campaigns), bool)).items():
        found[campaign] = FunnelCounts(
            attempts, answered.get(campaign, 0), bridged.get(campaign, 0), codes.get(campaign, {})
        )
    totals: dict[str, int] = defaultdict(int)
    for counts in found.values():
        for code, count in counts.codes.items():
            totals[code] += count
    return FunnelCounts(
        attempts=sum(each.attempts for each in found.values()),
        answered=sum(each.answered for each in found.values()),
        bridged=sum(each.bridged for each in found.values()),
        codes=dict(totals),
        by_campaign=found,
    )


def valid_ones(
    read: Mapping[str, Column], histories: Mapping[int, History], sets: StatusSets
) -> Column:
    """Which calls were valid ones, by what their campaign defined for their day; in campaigns
    that say nothing, those on which the button was pressed.

    `read` has `campaign`, `statuses`, `leased`, `bridged`, `length_ms` and `identity_ok`.
    """
    found = sets.has(VALID)[read["statuses"]]
    for campaign_id, history in histories.items():
        here = read["campaign"] == campaign_id
        if not here.any():
            continue
        found = found & ~here
        starts = sorted({each.since for each in history.versions if each.since is not None})
        for first, end in zip([None, *starts], [*starts, None], strict=True):
            said = history.on(first)
            test = here & (read["bridged"] >= 0) & sets.has_one_of(said.statuses)[read["statuses"]]
            if said.talk_s:
                test &= read["length_ms"] >= said.talk_s * 1000
            if said.identity:
                test &= read["identity_ok"]
            if first is not None:
                test &= read["leased"] >= to_microseconds(instant_of(first, 0))
            if end is not None:
                test &= read["leased"] < to_microseconds(instant_of(end, 0))
            found |= test
    return found


def _states(
    facts: Facts, scope: Scope, start: datetime, end: datetime, *, now: datetime
) -> tuple[
    dict[int, dict[str, int]],
    dict[int, dict[str, int]],
    dict[int, dict[str, int]],
    dict[int, int],
]:
    """By user id: microseconds by state, stays by state, away by reason, calls put through."""
    stays = facts.intervals(start, min(end, now), now=now)
    enter = scope.campaigns_in(stays["campaign"])
    if not enter.all():
        stays = {name: column[enter] for name, column in stays.items()}
    users, states = stays["user"].astype(np.int64), stays["state"].astype(np.int64)
    spent = stays["ended"] - stays["began"]
    place = users * len(STATES) + states
    seconds: dict[int, dict[str, int]] = defaultdict(dict)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for key, length, number, met in zip(*_summed(place, spent, stays["counted"]), strict=True):
        if met:
            seconds[key // len(STATES)][STATES[key % len(STATES)]] = length
            counts[key // len(STATES)][STATES[key % len(STATES)]] = number
    away = stays["state"] == STATES.index("away")
    reasons = facts.words("reason")
    place = users[away] * len(reasons) + stays["reason"][away]
    away_by: dict[int, dict[str, int]] = defaultdict(dict)
    for key, length, _, met in zip(*_summed(place, spent[away], away[away]), strict=True):
        if met:
            theirs, why = away_by[key // len(reasons)], reasons[key % len(reasons)] or NO_REASON
            theirs[why] = theirs.get(why, 0) + length
    return seconds, counts, away_by, _counted(users, stays["call"])


def _summed(
    place: Column, lengths: Column, counted: Column
) -> tuple[list[int], list[int], list[int], list[int]]:
    """(place, sum of lengths, number counted, number of rows) of each place there is."""
    size = int(place.max()) + 1 if len(place) else 0
    met = np.bincount(place, minlength=size)
    numbers = np.bincount(place[counted], minlength=size)
    # In whole milliseconds and what is left of them: sums of floats are exact up to 2**53.
    whole, rest = np.divmod(lengths, 1000)
    sums = np.bincount(place, weights=whole, minlength=size).astype(np.int64) * 1000
    sums += np.bincount(place, weights=rest, minlength=size).astype(np.int64)
    there = np.flatnonzero(met)
    return there.tolist(), sums[there].tolist(), numbers[there].tolist(), met[there].tolist()


def _counted(by: Column, which: Column) -> dict[int, int]:
    """How many of those there are, by a number."""
    counts = np.bincount(by[which])
    there = np.flatnonzero(counts)
    return dict(zip(there.tolist(), counts[there].tolist(), strict=True))


def _codes_by(by: Column, sets: StatusSets, statuses: Column) -> dict[int, dict[str, int]]:
    """Calls with a status on, by a number and the status."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for code in sets.codes:
        for number, count in _counted(by, sets.has(code)[statuses]).items():
            found[number][code] = count
    return found


def _codes(
    facts: Facts, scope: Scope, start: datetime, end: datetime, campaign_id: int | None
) -> dict[int, dict[str, int]]:
    """By user id, calls with a status that was set in the period."""
    marks = facts.columns(MARKS, start, end, ("user", "campaign", "status"), by="at")
    statuses = facts.words("status")
    defined = [each for each in scope.histories if campaign_id in (None, each)]
    enter = scope.campaigns_in(marks["campaign"])
    if defined and VALID in statuses:
        pressed = marks["status"] == statuses.index(VALID)
        enter &= ~(pressed & np.isin(marks["campaign"], defined))
    place = marks["user"][enter].astype(np.int64) * len(statuses) + marks["status"][enter]
    codes: dict[int, dict[str, int]] = defaultdict(dict)
    for key, count in _counted(place, np.ones(len(place), bool)).items():
        codes[key // len(statuses)][statuses[key % len(statuses)]] = count
    for user, count in _valid_talks(facts, scope, start, end, defined).items():
        codes[user][VALID] = codes[user].get(VALID, 0) + count
    return codes


def _valid_talks(
    facts: Facts, scope: Scope, start: datetime, end: datetime, defined: Sequence[int]
) -> dict[int, int]:
    """By who ended them, valid calls put through in the period, of campaigns that define them."""
    if not defined:
        return {}
    # Whoever is put through in the first minutes of a period was called before it.
    read = call_columns(facts, start - LONGEST_RING, end, ("user",))
    first, last = to_microseconds(start), to_microseconds(end)
    enter = scope.campaigns_in(read["campaign"]) & np.isin(read["campaign"], defined)
    enter &= (read["bridged"] >= first) & (read["bridged"] < last) & (read["user"] > 0)
    read = {name: column[enter] for name, column in read.items()}
    sets = StatusSets(facts.words("statuses"))
    return _counted(read["user"], valid_ones(read, scope.histories, sets))


def call_columns(
    facts: Facts, start: datetime, end: datetime, more: Sequence[str]
) -> dict[str, Column]:
    """Columns of calls leased in [start, end), with those that say which were valid."""
    needed = ("campaign", "statuses", "leased", "bridged", "length_ms", "identity")
    read = facts.columns(CALLS, start, end, tuple(dict.fromkeys((*needed, *more))), by="leased")
    words = facts.words("identity")
    verified = words.index("verified") if "verified" in words else -1
    return {**read, "identity_ok": read["identity"] == verified}
