"""The leads' tiles, each made anew only when something it shows is another.

On a floor of a thousand, some fifty seats move in a second, and the leads are told four times in
each. So a commit says which seats it touched (`touch`); what changes without one (how well a page
and a line are heard, a hand, messages, valid calls, names) is compared, which is a glance.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from agent_desk.dialer.floor import Floor, Seat
from agent_desk.dialer.ids import SeatId
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.day_figures import DayFigures
from agent_desk.services.seat.call_tools import CallTools
from agent_desk.services.seat.line_quality import LineQuality
from agent_desk.sockets.floor_orders import orders_view
from agent_desk.sockets.floor_view import tile_view
from agent_desk.sockets.rounds import Round

Names = Mapping[str, tuple[str, str]]  # by seat: the operator's and the team's
Tile = dict[str, Any]


class Tiles:
    """One tile per live seat. `at_work_for` names a seat's campaigns, `customer` masks who is on
    its line."""

    def __init__(
        self,
        *,
        floor: Callable[[], Floor],
        figures: DayFigures,
        campaigns: CampaignBook,
        calls: CallTools,
        quality: LineQuality,
        clock: Clock,
        names: Callable[[], Names],
        at_work_for: Callable[[Seat], str],
        customer: Callable[[Seat, Floor], Mapping[str, str] | None],
    ) -> None:
        self._floor = floor
        self._figures = figures
        self._campaigns = campaigns
        self._calls = calls
        self._quality = quality
        self._clock = clock
        self._names = names
        self._at_work_for = at_work_for
        self._customer = customer
        self._made: dict[SeatId, tuple[object, Tile]] = {}  # what was compared, and the tile
        self._touched: set[SeatId] = set()
        self._anew = False
        self._common: object = None
        # To read how many valid calls there are may take a while, and another look come meanwhile.
        self._one_look = threading.Lock()

    def touch(self, seat_ids: Iterable[SeatId]) -> None:
        """These seats are to be looked at with the next look."""
        self._touched.update(seat_ids)

    def forget(self) -> None:
        """All of them are."""
        self._anew = True

    def now(self) -> dict[str, Tile]:
        """Every live seat's tile. One that says what it said before is the very same object."""
        with self._one_look:
            self._look()
            return {str(seat_id): tile for seat_id, (_, tile) in self._made.items()}

    # --- inside ---------------------------------------------------------------------------------

    def _look(self) -> None:
        touched, self._touched = self._touched, set()
        anew, self._anew = self._anew, False
        floor, names, now = self._floor(), self._names(), self._clock.now()
        known = self._made if self._same_for_all(floor, names) and not anew else {}
        live = {each: seat for each, seat in floor.seats.items() if seat.state != "offline"}
        codes = self._calls.own_valid_calls.codes_of(
            {int(seat.user_id): self._figures.of(int(seat.user_id)) for seat in live.values()}
        )
        made: dict[SeatId, tuple[object, Tile]] = {}
        for seat_id, seat in live.items():
            beside = self._beside(seat, codes[int(seat.user_id)], now)
            before = known.get(seat_id)
            if before is None or seat_id in touched or before[0] != beside:
                tile = self._make(seat, floor, codes[int(seat.user_id)], names, now)
                shown = self._made.get(seat_id)
                before = (beside, tile if shown is None or shown[1] != tile else shown[1])
            made[seat_id] = before
        self._made = made

    def _same_for_all(self, floor: Floor, names: Names) -> bool:
        """Whether what many tiles show together is as before: names, and campaigns."""
        common = [
            (facts.name, facts.training, facts.team_ids, floor.campaigns[campaign_id].running)
            for campaign_id, facts in self._campaigns.all().items()
            if campaign_id in floor.campaigns
        ]
        before, self._common = self._common, (names, common)
        return isinstance(before, tuple) and before[0] is names and before[1] == common

    def _beside(self, seat: Seat, codes: Mapping[str, int], now: datetime) -> object:
        """What no commit tells of this seat."""
        return (
            seat.health(now),
            self._quality.view(seat.seat_id, seat.call_id),
            self._calls.help.hand(seat.seat_id),
            self._calls.seat_messages.waiting(seat.seat_id),
            codes,
        )

    def _make(
        self, seat: Seat, floor: Floor, codes: Mapping[str, int], names: Names, now: datetime
    ) -> Tile:
        return tile_view(
            seat,
            floor=floor,
            names=names,
            campaign_name=self._at_work_for(seat),
            figures=self._figures.of(int(seat.user_id)),
            codes=codes,
            quality=self._quality.view(seat.seat_id, seat.call_id),
            hand=self._calls.help.hand(seat.seat_id),
            unread=self._calls.seat_messages.waiting(seat.seat_id),
            orders=orders_view(seat, names, self._campaigns),
            customer=self._customer(seat, floor),
            now=now,
        )


def of_teams(
    rows: Round, tiles: Mapping[str, Any], floor: Floor, teams: Collection[int]
) -> Mapping[str, Any]:
    """The tiles of these teams: sorted once a round, for all leads who look."""

    def by_team() -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for seat_id, tile in tiles.items():
            seat = floor.seats.get(SeatId(seat_id))
            if seat is not None:
                found.setdefault(str(seat.team_id), {})[seat_id] = tile
        return found

    sorted_tiles = rows.row("tiles by team", by_team)
    own = [sorted_tiles[name] for name in map(str, sorted(teams)) if name in sorted_tiles]
    if len(own) == 1:
        return own[0]
    found: dict[str, Any] = {}
    for each in own:
        found.update(each)
    return found
