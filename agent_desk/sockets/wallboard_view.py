"""What `/wallboard` is sent: figures of campaigns and of all together, and of no person.

A screen on a wall is read by whoever walks past, so nothing here has a name, a number or a seat of
its own; what waits is told by since when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from agent_desk.dialer.abandonment import budget
from agent_desk.dialer.floor import Answers, Call, CallState, Campaign, Floor, Seat
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.dialer.seats import FREE
from agent_desk.dialer.sharing import campaigns_of
from agent_desk.services.campaigns.day_counts import DayCounts
from agent_desk.services.dialing.answer_rates import Answered, AnswerRates
from agent_desk.services.running.campaign_facts import CampaignBook, CampaignFacts
from agent_desk.services.seat.call_tools import CallGround
from agent_desk.services.seat.help import Help
from agent_desk.sockets.connections import Identity
from agent_desk.sockets.desk_view import instant
from agent_desk.sockets.rounds import Round

# A customer is on the line and nobody of ours is.
WAITING = frozenset({CallState.ANSWERED, CallState.SCREENING, CallState.WAITING})
DIALED = frozenset({CallState.LEASED, CallState.PLACED, CallState.RINGING})
COUNTED = ("contact", "valid", "promises")


def wall_pictures(ground: CallGround, rates: AnswerRates, help_: Help) -> WallPictures:
    """Built once per desk."""
    return WallPictures(
        book=ground.book,
        rates=rates,
        counts=DayCounts(database=ground.database, clock=ground.clock, aside=ground.hub.aside),
        raised=lambda seat_id: help_.hand(seat_id) is not None,
    )


@dataclass(frozen=True)
class Shown:
    """What a screen may be shown of one floor."""

    seats: tuple[Seat, ...]
    calls: tuple[Call, ...]


class WallPictures:
    """Builds what a link shows; a campaign's row is made once for all who look."""

    def __init__(
        self,
        *,
        book: CampaignBook,
        rates: AnswerRates,
        counts: DayCounts,
        raised: Callable[[SeatId], bool],
    ) -> None:
        """`raised`: whether the operator of a seat asks for help."""
        self._book = book
        self._rates = rates
        self.counts = counts
        self._raised = raised

    def state(self, identity: Identity, rows: Round, floor: Floor, now: datetime) -> dict[str, Any]:
        """The page of this link. Only calls and seats of its teams and campaigns are counted."""
        theirs = {
            campaign_id: facts
            for campaign_id, facts in self._book.all().items()
            if campaign_id in floor.campaigns and _shown_by(identity, facts)
        }
        seats = tuple(
            seat
            for seat in floor.seats.values()
            if seat.state != "offline"
            and (identity.teams is None or seat.team_id in identity.teams)
            and theirs.keys() & campaigns_of(seat)
        )
        of_campaign: dict[CampaignId, list[Seat]] = {}
        for seat in seats:
            there_for = campaigns_of(seat) if seat.state in FREE else {seat.campaign_id}
            for each in there_for:
                of_campaign.setdefault(each, []).append(seat)
        calls: dict[CampaignId, list[Call]] = {}
        for call in floor.calls.values():
            calls.setdefault(call.campaign_id, []).append(call)

        def row(campaign_id: CampaignId, facts: CampaignFacts) -> dict[str, Any]:
            shown = Shown(
                tuple(of_campaign.get(campaign_id, ())), tuple(calls.get(campaign_id, ()))
            )
            return self._row(floor.campaigns[campaign_id], facts, shown, now)

        campaigns = {
            str(each): rows.row(("wall", identity.teams, each), partial(row, each, facts))
            for each, facts in theirs.items()
        }
        shown = Shown(seats, tuple(call for each in theirs for call in calls.get(each, ())))
        return {
            "all": {"all": self._all(theirs, floor, shown, now)},
            "campaigns": campaigns,
        }

    def _row(
        self, campaign: Campaign, facts: CampaignFacts, shown: Shown, now: datetime
    ) -> dict[str, Any]:
        campaign_id = campaign.campaign_id
        return {
            "id": int(campaign_id),
            "name": facts.name,
            "running": campaign.running,
            **_people(shown),
            "answered": _rate([self._rates.last_hour(campaign_id, now)]),
            "abandoned": _abandoned([campaign.answers], campaign.abandon_target),
            "today": _today([self.counts.of(campaign_id)]),
        }

    def _all(
        self, theirs: Mapping[CampaignId, CampaignFacts], floor: Floor, shown: Shown, now: datetime
    ) -> dict[str, Any]:
        campaigns = [floor.campaigns[each] for each in theirs]
        return {
            **_people(shown),
            "answered": _rate([self._rates.last_hour(each, now) for each in theirs]),
            "abandoned": _abandoned(
                [each.answers for each in campaigns],
                min((each.abandon_target for each in campaigns), default=0.0),
            ),
            "today": _today([self.counts.of(each) for each in theirs]),
            "alerts": self._alerts(campaigns, floor, shown, now),
        }

    def _alerts(
        self, campaigns: Iterable[Campaign], floor: Floor, shown: Shown, now: datetime
    ) -> int:
        """Hands that are up, seats that cannot be heard, targets that are missed, gateways gone."""
        return (
            sum(self._raised(seat.seat_id) for seat in shown.seats)
            + sum(seat.health(now) != "ok" for seat in shown.seats)
            + sum(_over(each.answers, each.abandon_target) for each in campaigns)
            + sum(not each.linked and not each.draining for each in floor.gateways.values())
        )


def _shown_by(identity: Identity, facts: CampaignFacts) -> bool:
    if facts.training or facts.unpublished:
        return False
    named = identity.campaigns is None or int(facts.campaign_id) in identity.campaigns
    return named and (identity.teams is None or bool(identity.teams & facts.team_ids))


def _people(shown: Shown) -> dict[str, Any]:
    """Seats by state, and calls by how far they are."""
    seats = Counter(seat.state.value for seat in shown.seats)
    waiting = [call.answered_at or call.since for call in shown.calls if call.state in WAITING]
    return {
        "seats": dict(sorted(seats.items())),
        "dialing": sum(call.state in DIALED for call in shown.calls),
        "talking": sum(call.state is CallState.BRIDGED for call in shown.calls),
        "waiting": len(waiting),
        "waiting_since": instant(min(waiting)) if waiting else None,
    }


def _rate(answered: Iterable[Answered]) -> dict[str, int]:
    total = sum(answered, Answered())
    return {"attempts": total.attempts, "live": total.live}


def _abandoned(answers: Iterable[Answers], target: float) -> dict[str, Any]:
    """Of the last 24 hours; of several campaigns the strictest target."""
    every = list(answers)
    return {
        "live": sum(each.live_24h for each in every),
        "abandoned": sum(each.abandoned_24h for each in every),
        "target": target,
    }


def _over(answers: Answers, target: float) -> bool:
    return budget(answers, target).day.share > target


def _today(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    every = list(counts)
    return {code: sum(each.get(code, 0) for each in every) for code in COUNTED}
