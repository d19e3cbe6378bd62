"""The funnel: how many calls got how far, where most are lost, and what left the way.

Campaigns have steps of their own, so of several together a step is compared with the step before it
in each campaign that has it, and with those campaigns' attempts only: a campaign that never asks
for an appointment loses nobody there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent_desk.store.reports.figures import FunnelCounts

LINE = ("attempts", "answered", "bridged")  # what the line brings, before anybody presses anything
NOBODY = FunnelCounts(attempts=0, answered=0, bridged=0, codes={})


@dataclass(frozen=True)
class StatusColumn:
    """One status of a campaign; several campaigns may share a code. `leaves`: it bars somebody."""

    code: str
    label: str
    leaves: bool = False


@dataclass(frozen=True)
class FunnelStep:
    """One step: how many calls reached it, how many of the step before did not, and what part of
    the step before and of the first came this far. `worst`: most are lost here, by share."""

    code: str
    label: str
    count: int
    rate_prev: float | None
    rate_first: float | None
    lost: int | None = None
    worst: bool = False


def merged(ways: Sequence[Sequence[StatusColumn]]) -> list[StatusColumn]:
    """Every code once; what a campaign has between two others goes between them."""
    found: list[StatusColumn] = []
    for way in ways:
        place = 0
        for status in way:
            known = [each.code for each in found]
            if status.code in known:
                place = known.index(status.code) + 1
            else:
                found.insert(place, status)
                place += 1
    return found


def funnel(counts: FunnelCounts, ways: Mapping[int, Sequence[StatusColumn]]) -> list[FunnelStep]:
    """Attempts → answered → bridged → the statuses in their order; `ways` by campaign."""
    steps: list[FunnelStep] = []
    before = None
    for code in LINE:
        count = getattr(counts, code)
        steps.append(_step(StatusColumn(code, ""), count, before, counts.attempts))
        before = count
    # Who refused or was somebody else has left the way to the end: a column, but not a step of it.
    kept = {key: [each for each in way if not each.leaves] for key, way in ways.items()}
    pressed = [_pressed(status, counts, kept) for status in merged(list(kept.values()))]
    return steps + _worst_marked(pressed)


def outcomes(counts: FunnelCounts, ways: Mapping[int, Sequence[StatusColumn]]) -> list[FunnelStep]:
    """What ended the way before its end, as a share of all attempts."""
    every = counts.attempts
    left = [status for status in merged(list(ways.values())) if status.leaves]
    found = [(status, counts.codes.get(status.code, 0)) for status in left]
    return [
        FunnelStep(status.code, status.label, count, None, count / every if every else None)
        for status, count in found
    ]


def _pressed(
    status: StatusColumn, counts: FunnelCounts, ways: Mapping[int, Sequence[StatusColumn]]
) -> FunnelStep:
    """A step of those campaigns that have it."""
    reached = before = attempts = 0
    for campaign_id, way in ways.items():
        codes = [each.code for each in way]
        if status.code not in codes:
            continue
        own = counts.by_campaign.get(campaign_id, NOBODY)
        place = codes.index(status.code)
        reached += own.codes.get(status.code, 0)
        before += own.codes.get(codes[place - 1], 0) if place else own.bridged
        attempts += own.attempts
    return _step(status, reached, before, attempts)


def _step(status: StatusColumn, count: int, before: int | None, first: int) -> FunnelStep:
    return FunnelStep(
        code=status.code,
        label=status.label,
        count=count,
        rate_prev=count / before if before else None,
        rate_first=count / first if first and before is not None else None,
        lost=None if before is None else max(0, before - count),
    )


def _worst_marked(steps: Sequence[FunnelStep]) -> list[FunnelStep]:
    """The step the smallest share came to; nobody lost anywhere, none."""
    losing = [each for each in steps if each.rate_prev is not None and each.lost]
    worst = min(losing, key=lambda each: each.rate_prev or 0.0, default=None)
    return [replace(each, worst=each is worst) for each in steps]
