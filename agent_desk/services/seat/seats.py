"""What an operator does at the seat: each verb becomes one command through the write door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date

from agent_desk.dialer import commands
from agent_desk.dialer.floor import Call, Seat
from agent_desk.dialer.ids import CallId, SeatId, TeamId, UserId
from agent_desk.dialer.promises import PromisePart
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import GatewayPort, GatewayRefused, GatewayUnreachable
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit

AWAY_REASONS = frozenset({"break", "training", "meeting", "other"})


class SeatService:
    """Verbs of one operator's seat. Each raises ServiceError with a stable id when refused."""

    def __init__(
        self,
        *,
        commits: GroupCommit,
        gateway: GatewayPort,
        campaigns: CampaignBook,
        entering: Callable[[int], AbstractContextManager[None]] = lambda user_id: nullcontext(),
    ) -> None:
        """`entering` is the door to a booth: it raises ServiceError when all are taken."""
        self._entering = entering
        self._commits = commits
        self._gateway = gateway
        self._campaigns = campaigns

    # --- coming and going -----------------------------------------------------------------------

    def open(self, seat_id: SeatId, *, user_id: int, team_id: int | None) -> None:
        """The operator's page is there; a live seat keeps its campaign, state and call.

        It serves all campaigns of the team, and begins with the first that runs; one that practises
        serves nothing else.
        """
        floor = self._commits.floor
        seat = floor.seats.get(seat_id)
        theirs = self._campaigns.served_by(team_id)
        if seat is not None and self._campaigns.is_training(seat.campaign_id):
            first, theirs = seat.campaign_id, frozenset()
        elif seat is not None and (seat.campaign_id in theirs or seat.call_id or not theirs):
            first = seat.campaign_id
        elif not theirs:
            raise ServiceError("no-campaign")
        else:
            active = [each for each in theirs if floor.campaigns[each].running == "running"]
            first = min(active or theirs)
        team = TeamId(team_id) if team_id is not None else None
        with self._entering(user_id):
            skills = self._campaigns.skills_of(user_id)
            command = commands.OpenSeat(seat_id, UserId(user_id), team, first, theirs, skills)
            self._submit(command)

    def serve_anew(self) -> None:
        """The campaigns of teams may be others: tell every seat whose are, but who practises."""
        for seat in list(self._commits.floor.seats.values()):
            theirs = self._campaigns.served_by(seat.team_id)
            practises = self._campaigns.is_training(seat.campaign_id)
            if theirs and theirs != seat.serves and not practises:
                self._submit(commands.Serve(seat.seat_id, theirs))

    def move(self, seat_id: SeatId, team_id: int) -> None:
        """The operator is of another team from this moment on; a call in hand goes on.

        Where that team works on nothing, the seat is away after the call.
        """
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None or seat.team_id == team_id:
            return
        theirs = self._campaigns.served_by(team_id)
        if self._campaigns.is_training(seat.campaign_id):
            theirs = seat.serves
        elif not theirs:
            self._commits.submit(commands.GoAway(seat_id, "other"))
        self._submit(commands.Serve(seat_id, theirs, TeamId(team_id)))

    def close(self, seat_id: SeatId, *, cause: str) -> None:
        """Log-out; refused while a customer is on the seat."""
        if seat_id in self._commits.floor.seats:
            self._submit(
                commands.CloseSeat(seat_id, "disabled" if cause == "disabled" else "logout")
            )

    def offer_media(self, seat_id: SeatId, sdp: str) -> str:
        """Make (or remake) the standing leg; the SDP answer."""
        try:
            return self._gateway.open_seat(seat_id, sdp)
        except GatewayUnreachable:
            raise ServiceError("gateway-down") from None
        except GatewayRefused as refused:
            raise ServiceError(refused.error_id.replace("_", "-")) from None

    def test_device(self, seat_id: SeatId, kind: str) -> None:
        """Device check: `tone`, `echo` or `stop`."""
        try:
            self._gateway.test_seat(seat_id, kind)
        except GatewayUnreachable:
            raise ServiceError("gateway-down") from None
        except GatewayRefused as refused:
            raise ServiceError(refused.error_id.replace("_", "-")) from None

    # --- state ----------------------------------------------------------------------------------

    def pass_device_check(self, seat_id: SeatId, command_id: str | None) -> None:
        self._submit(commands.PassDeviceCheck(seat_id), command_id)

    def go_available(self, seat_id: SeatId, command_id: str | None) -> None:
        self._require_campaign(seat_id)
        self._submit(commands.GoAvailable(seat_id), command_id)

    def go_away(self, seat_id: SeatId, reason: str, *, command_id: str | None) -> None:
        if reason not in AWAY_REASONS:
            raise ServiceError("unknown-reason")
        self._submit(commands.GoAway(seat_id, reason), command_id)

    def cancel_away(self, seat_id: SeatId, command_id: str | None) -> None:
        self._require_campaign(seat_id)
        self._submit(commands.CancelAway(seat_id), command_id)

    def hang_up(
        self, seat_id: SeatId, command_id: str | None, *, skips_survey: bool = False
    ) -> None:
        self._submit(commands.HangUp(seat_id, skips_survey), command_id)

    def hold(self, seat_id: SeatId, on: bool, *, command_id: str | None) -> None:
        self._submit(commands.SetHold(seat_id, on), command_id)

    def mute(self, seat_id: SeatId, on: bool, *, command_id: str | None) -> None:
        self._submit(commands.SetMute(seat_id, on), command_id)

    def pause_recording(self, seat_id: SeatId, on: bool, *, command_id: str | None) -> None:
        self._submit(commands.PauseRecording(seat_id, on), command_id)

    def extend_wrap_up(self, seat_id: SeatId, command_id: str | None) -> None:
        self._submit(commands.ExtendWrapUp(seat_id), command_id)

    # --- preview --------------------------------------------------------------------------------

    def next_customer(self, seat_id: SeatId, command_id: str | None) -> None:
        """The next of a campaign that previews, or a VIP kept for the operator by any other."""
        seat = self._commits.floor.seats.get(seat_id)
        kept_by = None if seat is None else self._campaigns.keeps_vips_for(seat)
        self._submit(commands.NextCustomer(seat_id, kept_by), command_id)

    def place_previewed(self, seat_id: SeatId, command_id: str | None) -> None:
        self._submit(commands.PlacePreviewed(seat_id), command_id)

    def skip_previewed(self, seat_id: SeatId, reason: str, *, command_id: str | None) -> None:
        self._submit(commands.SkipPreviewed(seat_id, reason), command_id)

    # --- the call's paper -----------------------------------------------------------------------

    def mark_status(
        self, seat_id: SeatId, call_id: CallId, *, code: str, on: bool, command_id: str | None
    ) -> None:
        self._submit(commands.MarkStatus(seat_id, call_id, code, on), command_id)

    def set_promise(
        self,
        seat_id: SeatId,
        call_id: CallId,
        *,
        due_on: date,
        amount_yen: int | None,
        method: str | None = None,
        parts: Sequence[tuple[date, int]] = (),
        command_id: str | None,
    ) -> None:
        if amount_yen is not None and amount_yen <= 0:
            raise ServiceError("promise-amount")
        plan = tuple(PromisePart(*part) for part in parts)
        self._submit(
            commands.SetPromise(seat_id, call_id, due_on, amount_yen, method, plan), command_id
        )

    def withdraw_promise(self, seat_id: SeatId, call_id: CallId, *, command_id: str | None) -> None:
        self._submit(commands.WithdrawPromise(seat_id, call_id), command_id)

    def draft_note(
        self, seat_id: SeatId, call_id: CallId, *, text: str, command_id: str | None
    ) -> None:
        self._submit(commands.DraftNote(seat_id, call_id, text), command_id)

    def save_result(
        self,
        seat_id: SeatId,
        call_id: CallId,
        *,
        note: str,
        counterpart: str | None,
        command_id: str | None,
    ) -> None:
        self._submit(commands.SaveResult(seat_id, call_id, note, counterpart), command_id)

    # --- shared ---------------------------------------------------------------------------------

    def live(self, seat_id: SeatId, call_id: CallId) -> tuple[Seat, Call]:
        """The seat and the call on it; ServiceError `not-your-call` when that is not so."""
        floor = self._commits.floor
        seat, call = floor.seats.get(seat_id), floor.calls.get(call_id)
        if seat is None or call is None or seat.call_id != call_id:
            raise ServiceError("not-your-call")
        return seat, call

    def _require_campaign(self, seat_id: SeatId) -> None:
        """No next call without one: the seat still names the campaign of its last."""
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None or self._campaigns.is_training(seat.campaign_id):
            return
        if not seat.serves and not self._campaigns.served_by(seat.team_id):
            raise ServiceError("no-campaign")

    def _submit(self, command: commands.Command, command_id: str | None = None) -> None:
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)
