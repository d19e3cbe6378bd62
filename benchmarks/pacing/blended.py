"""Days of several campaigns on the same seats, dealt and paced by the product as it runs.

    python -m benchmarks.pacing.blended --seats 10 --hours 8 --seeds 4

The other simulations hand a pacer its snapshot; here the floor is built, and the product's own view
of it, its dealing of turns and its pacers decide. A day of campaigns with shares of their own
(`10/35`: people answer 10 % of one list's calls and 35 % of the other's) is set beside one campaign
with both lists in one (`10+35`) and, for what a pacer makes of lists it cannot tell apart, beside
one that calls them one after the other (`10>35`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent_desk.dialer.floor import (
    Answers,
    Call,
    CallState,
    Campaign,
    Floor,
    Gateway,
    Link,
    Mode,
    Seat,
    SeatState,
    Share,
)
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TrunkId,
    UserId,
)
from agent_desk.services.dialing.pacing import Pacing
from benchmarks.pacing import floor as simulated
from benchmarks.pacing.floor import Day, Line, Policy
from benchmarks.pacing.product import MORNING, PHASES, call_id, instant
from benchmarks.pacing.scenarios import BASE
from benchmarks.pacing.simulation import Simulation

GATEWAY, TRUNK = GatewayId("gateway"), TrunkId("trunk")
LATER = instant(10**6)
HEARD = Link(MORNING, LATER, True, True, True, LATER)  # all day long
RECORDING = "5a" * 32


@dataclass
class Tally:
    """One campaign's day."""

    attempts: int = 0
    live: int = 0
    abandoned: int = 0

    @property
    def abandonment(self) -> float:
        """Abandoned of live answers, %."""
        return 100.0 * self.abandoned / self.live if self.live else 0.0


class Blended(Simulation):
    """`people`: for each campaign, the share of its calls a person answers, by the second."""

    def __init__(
        self, desk: Desk, people: list[Callable[[float], float]], *, hours: float, seed: int
    ) -> None:
        self.dialing = 0  # the campaign whose lines are being started
        scenario = replace(BASE, hours=hours, people=lambda now: people[self.dialing](now))
        super().__init__(scenario, desk, seats=desk.seats, seed=seed)
        self.desk = desk

    def _ask(self) -> None:
        self.day.asked += 1
        self._asked_at = self.now
        for campaign, count in self.desk.turns(self):
            self.dialing = campaign
            self.start_lines(count)


class Desk(Policy):
    """The product's floor of the simulated day, and its dealing."""

    def __init__(self, *, campaigns: int, seats: int, mode: Mode, target: float = 0.03) -> None:
        self.seats = seats
        self.tallies = [Tally() for _ in range(campaigns)]
        self._of: dict[int, int] = {}  # line to campaign
        self._pacing = Pacing()
        self._campaigns = {
            CampaignId(index): Campaign(
                campaign_id=CampaignId(index),
                kind="sales",
                mode=mode,
                ratio=5.0 if mode == "predictive" else 1.0,
                running="running",
                abandon_target=target,
                safe_harbour=RECORDING,
            )
            for index in range(campaigns)
        }
        trunks = {TRUNK: Share(10 * seats, 10_000.0, up=True)}
        self._gateways = {
            GATEWAY: Gateway(GATEWAY, "boot", linked=True, trunks=trunks, safe_harbour=RECORDING)
        }
        serves = frozenset(self._campaigns)
        self._seats = {
            _seat_id(index): Seat(
                seat_id=_seat_id(index),
                user_id=UserId(index),
                team_id=None,
                campaign_id=CampaignId(0),
                gateway_id=GATEWAY,
                state=SeatState.AVAILABLE,
                since=MORNING,
                link=HEARD,
                checked=True,
                serves=serves,
            )
            for index in range(seats)
        }
        self._calls: dict[CallId, Call] = {}

    def turns(self, sim: Simulation) -> list[tuple[int, int]]:
        """Campaigns and how many calls each starts now, in turn."""
        floor = Floor(self._seats, self._calls, self._campaigns, self._gateways)
        decided = self._pacing.decisions(floor, instant(sim.now))
        return [(int(each.campaign_id), each.count) for each in decided if each.count]

    def line_started(self, sim: Simulation, line: Line) -> None:
        assert isinstance(sim, Blended)
        self._of[line.index] = sim.dialing
        self.tallies[sim.dialing].attempts += 1
        now = instant(sim.now)
        self._calls[call_id(line)] = Call(
            call_id=call_id(line),
            campaign_id=CampaignId(sim.dialing),
            list_entry_id=ListEntryId(line.index),
            customer_id=CustomerId(line.index),
            phone_id=PhoneId(line.index),
            number_key="",
            number_today=1,
            trunk_id=TRUNK,
            gateway_id=GATEWAY,
            state=CallState.RINGING,
            since=now,
            not_after=LATER,
            place_asked_at=now,
            rang_at=now,
        )

    def line_moved(self, sim: Simulation, line: Line, before: str) -> None:
        now, known = instant(sim.now), self._calls[call_id(line)]
        self._calls[call_id(line)] = replace(
            known,
            state=PHASES[line.state],
            since=now,
            answered_at=known.answered_at or now,
            seat_id=None if line.seat is None else _seat_id(line.seat.index),
        )

    def line_ending(self, sim: Simulation, line: Line) -> None:
        known = self._calls[call_id(line)]
        self._calls[call_id(line)] = replace(known, ending_at=instant(sim.now))

    def line_ended(self, sim: Simulation, line: Line, outcome: str) -> None:
        del self._calls[call_id(line)]
        campaign = self._of.pop(line.index)
        if line.offered_at is None:
            return
        tally = self.tallies[campaign]
        tally.live += 1
        tally.abandoned += outcome == "abandoned"
        counts = Answers(tally.live, tally.abandoned, tally.live, tally.abandoned)
        kept = self._campaigns[CampaignId(campaign)]
        self._campaigns[CampaignId(campaign)] = replace(kept, answers=counts)

    def seat_moved(self, sim: Simulation, seat: simulated.Seat, before: str) -> None:
        kept = self._seats[_seat_id(seat.index)]
        self._seats[_seat_id(seat.index)] = replace(
            kept, state=SeatState(seat.state), since=instant(sim.now)
        )


def _seat_id(index: int) -> SeatId:
    return SeatId(f"operator{index + 1}")


def lists(text: str, seconds: float) -> list[Callable[[float], float]]:
    """One share for each campaign of `10/35` (two), `10+35` (one, mixed), `10>35` (in turn)."""
    return [_share(campaign, seconds) for campaign in text.split("/")]


def _share(text: str, seconds: float) -> Callable[[float], float]:
    if "+" in text:
        shares = [float(part) / 100 for part in text.split("+")]
        return lambda _: sum(shares) / len(shares)
    parts = [float(part) / 100 for part in text.split(">")]
    return lambda now: parts[min(len(parts) - 1, int(now * len(parts) / seconds))]


def day(
    text: str, *, seats: int, hours: float, seed: int, mode: Mode = "predictive"
) -> tuple[Day, list[Tally]]:
    """What a day of these lists comes to, in all and for each campaign."""
    people = lists(text, hours * 3600.0)
    desk = Desk(campaigns=len(people), seats=seats, mode=mode)
    return Blended(desk, people, hours=hours, seed=seed).run(), desk.tallies


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pacing.blended")
    parser.add_argument("--lists", nargs="+", default=["20", "20/20", "10+35", "10/35", "10>35"])
    parser.add_argument("--seats", type=int, default=10)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--mode", choices=("predictive", "progressive"), default="predictive")
    asked = parser.parse_args()
    for text in asked.lists:
        days = [
            day(text, seats=asked.seats, hours=asked.hours, seed=seed, mode=asked.mode)
            for seed in range(asked.seeds)
        ]
        occupancy = sum(each.occupancy for each, _ in days) / len(days)
        told = []
        for campaign in range(len(days[0][1])):
            tallies = [of[campaign] for _, of in days]
            mean = sum(tally.abandonment for tally in tallies) / len(tallies)
            worst = max(tally.abandonment for tally in tallies)
            lines = sum(tally.attempts for tally in tallies) / len(tallies)
            told.append(f"abandoned {mean:.2f} % (worst {worst:.2f}), {lines:.0f} lines")
        print(f"{text:8} occupancy {occupancy:.1f} %   " + "   ".join(told), flush=True)


if __name__ == "__main__":
    main()
