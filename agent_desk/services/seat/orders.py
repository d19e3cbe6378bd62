"""What leads do with operators' seats: away, available, log-out, another campaign, end a wrap-up.

The engine queues what must wait for the call in hand and writes each order and its end; here the
scope is checked, and whoever was logged out is signed out as well.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

from agent_desk.dialer import commands
from agent_desk.dialer.events import Event, SeatOrderEnded
from agent_desk.dialer.floor import Seat
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.dialer.seat_order import SeatOrder, What
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.seats import AWAY_REASONS
from agent_desk.store.people.accounts import end_sessions_of

Teams = frozenset[int] | None
WHEN = frozenset({"after_call", "now"})


class SeatOrders:
    """Each verb may raise ServiceError. `by` is the lead's username."""

    def __init__(
        self,
        *,
        commits: GroupCommit,
        clock: Clock,
        campaigns: CampaignBook,
        hub: Hub,
        user_ended: Callable[[int], None],
    ) -> None:
        """`user_ended` closes what a person has open."""
        self._commits = commits
        self._clock = clock
        self._campaigns = campaigns
        self._hub = hub
        self._user_ended = user_ended

    def order(
        self,
        seat_id: SeatId,
        what: str,
        *,
        when: str,
        reason: str | None,
        campaign_id: int | None,
        further: Sequence[str],
        note: str,
        by: str,
        teams: Teams,
        command_id: str | None,
    ) -> None:
        """After the call by default; with `now` refused while one is in hand.

        `campaign_id` is the campaign to begin with, `further` the others the seat serves.
        """
        seat = self._seat(seat_id, teams)
        if what not in get_args(What) or when not in WHEN:
            raise ServiceError("bad-payload", reason="what" if when in WHEN else "when")
        if what == "away" and reason not in AWAY_REASONS:
            raise ServiceError("unknown-reason")
        chosen: tuple[CampaignId, ...] = ()
        if what == "work_on":
            chosen = self._chosen(seat, campaign_id, further)
        made = SeatOrder(
            order_id=uuid.uuid4().hex,
            what=what,  # type: ignore[arg-type]  # one of them
            by=SeatId(by),
            at=self._clock.now(),
            reason=reason if what == "away" else None,
            campaigns=chosen,
            note=note.strip(),
        )
        self._submit(commands.OrderSeat(seat_id, made, when == "now"), command_id)

    def cancel(self, seat_id: SeatId, *, by: str, teams: Teams, command_id: str | None) -> None:
        """Take back what waits."""
        self._seat(seat_id, teams)
        self._submit(commands.CancelOrder(seat_id, SeatId(by)), command_id)

    def finish_wrap_up(
        self, seat_id: SeatId, *, note: str, by: str, teams: Teams, command_id: str | None
    ) -> None:
        """The result becomes unrecorded; the draft is kept."""
        self._seat(seat_id, teams)
        self._submit(commands.FinishWrapUp(seat_id, SeatId(by), note.strip()), command_id)

    def committed(self, events: Sequence[Event]) -> None:
        """Whoever was logged out by an order has no session any more."""
        for event in events:
            if not isinstance(event, SeatOrderEnded):
                continue
            if (event.order.what, event.how) == ("logout", "done"):
                self._hub.spawn(partial(self._sign_out, int(event.user_id)))

    # --- inside ---------------------------------------------------------------------------------

    def _chosen(
        self, seat: Seat, campaign_id: int | None, further: Sequence[str]
    ) -> tuple[CampaignId, ...]:
        if campaign_id is None or not all(each.isascii() and each.isdecimal() for each in further):
            raise ServiceError("bad-payload", reason="campaign_id")
        first = CampaignId(campaign_id)
        others = sorted({CampaignId(int(each)) for each in further} - {first})
        if not {first, *others} <= may_serve(seat, self._campaigns):
            raise ServiceError("campaign-elsewhere")
        return (first, *others)

    def _seat(self, seat_id: SeatId, teams: Teams) -> Seat:
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None:
            raise ServiceError("seat-not-open")
        if teams is not None and seat.team_id not in teams:
            raise ServiceError("not-in-scope")
        return seat

    def _submit(self, command: commands.Command, command_id: str | None) -> None:
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def _sign_out(self, user_id: int) -> None:
        """The page learns of it at once: it would look open, without a seat, for a minute."""
        at = self._clock.real_now()
        self._commits.submit(
            None, rows=lambda session: end_sessions_of(session, user_id, at=at, reason="ended")
        )
        self._user_ended(user_id)


def may_serve(seat: Seat, campaigns: CampaignBook) -> frozenset[CampaignId]:
    """The campaigns a seat can be given: its team's; who practises is left alone."""
    if campaigns.is_training(seat.campaign_id):
        return frozenset()
    return campaigns.served_by(seat.team_id)
