"""What a load is made of: how many there are of everything, and what each customer will do.

Everything follows from the number of seats, so that a search can scale all of it together, and
from the customer's number: gateway and page read the same fate from it without a word between
them, and every run plays the same calls.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from random import Random

SEATS_A_TEAM = 50
SEATS_A_CAMPAIGN = 125
SEATS_A_GATEWAY = 1_000
# Of the room the trunks have: enough for 40 attempts and 8 bridges a second at 1,000 seats.
CALLS_PER_SECOND_A_SEAT = 0.046
LINES_A_SEAT = 1.5
ANSWERED = 0.22
BUSY = 0.13


@dataclass(frozen=True)
class Plan:
    """One load. `warm_s` and `measured_s` begin when every seat has been available once."""

    seats: int
    viewers: int
    warm_s: float
    measured_s: float

    @property
    def teams(self) -> int:
        return max(1, self.seats // SEATS_A_TEAM)

    @property
    def campaigns(self) -> int:
        return max(1, min(self.teams, self.seats // SEATS_A_CAMPAIGN))

    @property
    def gateways(self) -> int:
        return -(-self.seats // SEATS_A_GATEWAY)

    @property
    def lines(self) -> int:
        return int(self.seats * LINES_A_SEAT)

    @property
    def calls_per_second(self) -> float:
        return max(2.0, self.seats * CALLS_PER_SECOND_A_SEAT)

    @property
    def customers(self) -> int:
        """For the whole run and the minute in which seats come, with some to spare: each campaign
        calls its own."""
        return int(self.calls_per_second * (self.warm_s + self.measured_s + 90) * 1.3) + 200


@dataclass(frozen=True)
class Fate:
    """What becomes of one call, from its number alone. Seconds."""

    kind: str  # answered, busy, no_answer
    rings_s: float  # from the INVITE to what comes then
    talks_s: float
    wraps_s: float
    customer_ends: bool
    valid: bool  # what the operator marks besides `contact`


def fate_of(number: str) -> Fate:
    """Read it from the number (E.164)."""
    rng = Random(zlib.crc32(number.encode()))
    draw = rng.random()
    if draw < ANSWERED:
        kind, rings_s = "answered", rng.uniform(1.5, 8.0)
    elif draw < ANSWERED + BUSY:
        kind, rings_s = "busy", rng.uniform(0.3, 1.0)
    else:
        kind, rings_s = "no_answer", rng.uniform(4.0, 9.0)
    return Fate(
        kind=kind,
        rings_s=rings_s,
        talks_s=rng.uniform(15.0, 65.0),
        wraps_s=rng.uniform(4.0, 14.0),
        customer_ends=rng.random() < 0.6,
        valid=rng.random() < 0.4,
    )


def numbers(count: int) -> list[str]:
    """Practice numbers in E.164, no two alike."""
    return [f"+81900{place:07d}" for place in range(count)]


def usernames(count: int) -> list[str]:
    """The operators' log-ins."""
    return [f"op{number:04d}" for number in range(1, count + 1)]


@dataclass(frozen=True)
class ViewerPlan:
    """Somebody who looks at the floor. `teams` are places in the list of teams; None is all."""

    username: str
    role: str
    teams: tuple[int, ...] | None


def viewers(plan: Plan) -> list[ViewerPlan]:
    """A third leads one team, a third several, a third sees the whole floor."""
    found = []
    for place in range(plan.viewers):
        name, turn = f"view{place + 1:03d}", place // 3
        first = turn % plan.teams
        if place % 3 == 0:
            found.append(ViewerPlan(name, "lead", (first,)))
        elif place % 3 == 1:
            some = {(first + step) % plan.teams for step in range(2 + turn % 4)}
            found.append(ViewerPlan(name, "lead", tuple(sorted(some))))
        else:
            found.append(ViewerPlan(name, "admin" if turn % 4 == 0 else "manager", None))
    return found
