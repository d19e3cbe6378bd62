"""Day after day of the year: calls with all that follows from them, and the moves of seats."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.seat_moves import SeatMove
from benchmarks.reports.loader import Loader
from benchmarks.reports.people import CAMPAIGNS, LISTS, TEAMS, Centre
from benchmarks.reports.seats import Talk, moves_of

# outcome, its share, SIP code, whose doing
OUTCOMES = (
    ("no_answer", 0.48, 480, "customer"),
    ("busy", 0.08, 486, "customer"),
    ("machine", 0.12, 200, "none"),
    ("invalid_number", 0.04, 404, "list"),
    ("human", 0.28, 200, "none"),
)
CHANCES = (("contact", 0.8), ("valid", 0.5), ("payment_date", 0.4))
DAY_S = 9 * 3600
SECOND = 1_000_000
BRIDGED = 0.985  # of those who answer

COLUMNS: dict[Any, str] = {
    Attempt: "id campaign_id inbound list_entry_id customer_id phone_id number_key number_today"
    " cap_today trunk_id caller_id gateway_id desk_epoch leased_at not_after placed_at open counts",
    Call: "id campaign_id customer_id seat_user_id state live since leased_at answered_at"
    " bridged_at ended_at verdict ended_by identity record",
    AttemptOutcome: "attempt_id campaign_id outcome blame by counts answered live_answer abandoned"
    " sip_code q850 cause at",
    StatusMark: "id call_id user_id campaign_id code marked current at",
    Result: "id call_id version customer_id campaign_id user_id codes recorded counterpart at",
    Promise: "id call_id customer_id user_id due_on amount_yen state made_at",
    SeatMove: "id seat_id user_id from_state to_state reason cause call_id campaign_id at",
}


@dataclass
class Dialed:
    """One attempt and what became of it. Instants are microseconds; None: it did not happen."""

    call_id: str
    customer: int
    campaign: int
    number: int  # of the day
    outcome: tuple[str, float, int, str]
    leased: int
    answered: int | None
    ended: int
    bridged: int | None = None
    user: int | None = None
    codes: list[str] = field(default_factory=list)


class Days:
    """Writes them."""

    def __init__(
        self, loader: Loader, centre: Centre, *, customers: int, rng: random.Random
    ) -> None:
        self._loader = loader
        self._centre = centre
        self._customers = customers
        self._rng = rng
        self.calls = self.moves = 0
        self._next: dict[Any, int] = defaultdict(int)

    def write(self, day: date, calls: int, moves: int) -> None:
        """One day with so many calls and about so many moves."""
        start = to_microseconds(instant_of(day, 9 * 60))
        rows: dict[Any, list[tuple[Any, ...]]] = {model: [] for model in COLUMNS}
        talks: dict[int, list[Talk]] = defaultdict(list)
        shares = [each[1] for each in OUTCOMES]
        for number, outcome in enumerate(self._rng.choices(OUTCOMES, shares, k=calls)):
            leased = start + number * (DAY_S - 900) * SECOND // calls
            dialed = self._dialed(number, outcome, leased)
            self._network(rows, dialed)
            if dialed.user is not None and dialed.bridged is not None:
                talk = Talk(dialed.call_id, dialed.campaign, dialed.bridged, dialed.ended)
                talks[dialed.user].append(talk)
                self._recorded(rows, dialed, day)
        end = start + DAY_S * SECOND
        spare = moves - 5 * sum(map(len, talks.values())) - 3 * len(self._centre.operators)
        for move in moves_of(self._centre, talks, start, end, spare=spare, rng=self._rng):
            rows[SeatMove].append((self._id(SeatMove), *move))
        for model, columns in COLUMNS.items():
            self._loader.load(model, columns, rows[model])
        self.calls += calls
        self.moves = self._next[SeatMove]

    def _id(self, model: Any) -> int:
        self._next[model] += 1
        return self._next[model]

    def _dialed(self, number: int, outcome: tuple[str, float, int, str], leased: int) -> Dialed:
        rng = self._rng
        customer = rng.randrange(1, self._customers + 1)
        place = customer % LISTS
        answered = leased + rng.randrange(4 * SECOND, 20 * SECOND) if outcome[2] == 200 else None
        dialed = Dialed(
            f"{rng.getrandbits(128):032x}",
            customer,
            self._centre.campaigns[place % CAMPAIGNS],
            number,
            outcome,
            leased,
            answered,
            (answered or leased) + rng.randrange(5 * SECOND, 25 * SECOND),
        )
        if outcome[0] == "human" and answered is not None and rng.random() < BRIDGED:
            operators = self._centre.operators
            chosen = rng.randrange(max(1, len(operators) // TEAMS)) * TEAMS + place % TEAMS
            dialed.user = operators[chosen % len(operators)][0]
            dialed.bridged = answered + rng.randrange(100_000, 1_900_000)
            dialed.ended = dialed.bridged + rng.randrange(10 * SECOND, 240 * SECOND)
            dialed.codes = self._codes()
        return dialed

    def _codes(self) -> list[str]:
        found: list[str] = []
        for code, chance in CHANCES:
            if self._rng.random() >= chance:
                return found or [self._rng.choice(("third_party", "refused"))]
            found.append(code)
        return found

    def _network(self, rows: dict[Any, list[tuple[Any, ...]]], of: Dialed) -> None:
        """The attempt, its call, its outcome."""
        outcome, _, sip, blame = of.outcome
        ours = (of.call_id, of.campaign)
        trunk, gateway = f"trunk{of.number % 2 + 1}", f"gw{of.number % 2 + 1}"
        shown, until = "+81345670000", of.leased + 60 * SECOND
        rows[Attempt].append(
            (*ours, False, of.customer, of.customer, of.customer, f"k{of.customer}", 1, 2, trunk)
            + (shown, gateway, 1, of.leased, until, of.leased, False, True)
        )
        verdict = (outcome if outcome == "machine" else "human") if sip == 200 else None
        by = "customer" if of.number % 3 else "operator"
        identity = "verified" if of.bridged and self._rng.random() < 0.6 else "unknown"
        rows[Call].append(
            (*ours, of.customer, of.user, "ended", False, of.ended, of.leased, of.answered)
            + (of.bridged, of.ended, verdict, by, identity, of.bridged is not None)
        )
        live, answered = outcome == "human", sip == 200
        rows[AttemptOutcome].append(
            (*ours, outcome, blame, "customer", True, answered, live, live and of.bridged is None)
            + (sip, 16 if answered else 17, "", of.ended)
        )

    def _recorded(self, rows: dict[Any, list[tuple[Any, ...]]], of: Dialed, day: date) -> None:
        """What the operator pressed and saved."""
        for code in of.codes:
            mark = (of.call_id, of.user, of.campaign, code, True, True, of.ended)
            rows[StatusMark].append((self._id(StatusMark), *mark))
        saved = (of.customer, of.campaign, of.user, json.dumps(of.codes), True, "customer")
        later = of.ended + 30 * SECOND
        rows[Result].append((self._id(Result), of.call_id, 1, *saved, later))
        if "payment_date" in of.codes:
            due = (day + timedelta(days=7)).isoformat()
            yen = self._rng.randrange(1, 60) * 1000
            state = self._rng.choice(("open", "kept", "broken"))
            whose = (of.call_id, of.customer, of.user)
            rows[Promise].append((self._id(Promise), *whose, due, yen, state, of.ended))
