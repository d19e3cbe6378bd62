"""What leads do in operators' calls: each verb within the lead's teams, each use a row.

The row and its place in the audit trail are written by the engine's events, in the transaction
that decides; here the scope is checked, and the leg is made where the call is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable

from agent_desk.dialer import commands
from agent_desk.dialer.floor import Call, Seat
from agent_desk.dialer.ids import SeatId, TeamId, UserId
from agent_desk.dialer.supervisor import MODES
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import GatewayPort, GatewayRefused, GatewayUnreachable
from agent_desk.services.running.group_commit import GroupCommit

Teams = frozenset[int] | None
Present = Callable[[], Iterable[tuple[str, Teams]]]  # leads with a page open, and their scope


class Supervision:
    """Each verb may raise ServiceError. `lead` is the username, and the id of the lead's leg."""

    def __init__(self, *, commits: GroupCommit, gateway: GatewayPort) -> None:
        self._commits = commits
        self._gateway = gateway

    def offer_media(
        self, lead: str, sdp: str, *, user_id: int, teams: Teams, seat_id: SeatId
    ) -> str:
        """Make the lead's own leg, in the gateway of the call on this seat; the SDP answer."""
        seat = self._seat(seat_id, teams)
        self._submit(commands.OpenSupervisor(SeatId(lead), UserId(user_id), _teams(teams)), None)
        call = self._call(seat)
        where = seat.gateway_id if call is None else call.gateway_id
        try:
            return self._gateway.open_seat(SeatId(lead), sdp, where=where)
        except GatewayUnreachable:
            raise ServiceError("gateway-down") from None
        except GatewayRefused as refused:
            raise ServiceError(refused.error_id.replace("_", "-")) from None

    def supervise(
        self, lead: str, seat_id: SeatId, mode: str, *, teams: Teams, command_id: str | None
    ) -> None:
        """Into the call of this seat, or another mode in it."""
        self._seat(seat_id, teams)
        if mode not in MODES:
            raise ServiceError("bad-payload", reason="mode")
        command = commands.Supervise(SeatId(lead), seat_id, mode, uuid.uuid4().hex)
        self._submit(command, command_id)

    def follow(self, lead: str, *, on: bool, command_id: str | None) -> None:
        """The next calls of the same operator as well."""
        self._submit(commands.FollowSeat(SeatId(lead), on), command_id)

    def mute(self, lead: str, *, on: bool, command_id: str | None) -> None:
        self._submit(commands.MuteSupervisor(SeatId(lead), on), command_id)

    def hold(self, lead: str, *, on: bool, command_id: str | None) -> None:
        """The customer of a call that was taken over waits with music, or talks on."""
        self._submit(commands.HoldTaken(SeatId(lead), on), command_id)

    def stop(self, lead: str, *, command_id: str | None) -> None:
        """Out of the call; one that was taken over is hung up."""
        self._submit(commands.StopSupervising(SeatId(lead)), command_id)

    def look_who_is_there(self, present: Present) -> None:
        """Leads whose pages are gone, signed out or disabled do not stay in calls."""
        supervisors = self._commits.floor.supervisors
        if not supervisors:
            return
        scopes = dict(present())
        for lead, supervisor in supervisors.items():
            if lead not in scopes:
                if supervisor.page_gone_at is None:
                    self._commits.put(commands.LeaveFloor(lead))
                continue
            teams = _teams(scopes[lead])
            if supervisor.page_gone_at is not None or supervisor.teams != teams:
                self._commits.put(commands.AttendFloor(lead, teams))

    # --- inside ---------------------------------------------------------------------------------

    def _seat(self, seat_id: SeatId, teams: Teams) -> Seat:
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None:
            raise ServiceError("seat-not-open")
        if teams is not None and seat.team_id not in teams:
            raise ServiceError("not-in-scope")
        return seat

    def _call(self, seat: Seat) -> Call | None:
        return self._commits.floor.calls.get(seat.call_id) if seat.call_id is not None else None

    def _submit(self, command: commands.Command, command_id: str | None) -> None:
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)


def _teams(teams: Teams) -> frozenset[TeamId] | None:
    return None if teams is None else frozenset(map(TeamId, teams))
