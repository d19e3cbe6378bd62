"""What the desk's commands about a living call do: supervisors and second parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from softphone.calls import Call
from softphone.protocol import (
    AddParty,
    AddSeat,
    DropParty,
    Refusal,
    SetParties,
    StopSupervising,
    Supervise,
)
from softphone.switchboard.parties import NOT_BRIDGED, Parties
from softphone.talk.call_ports import TalkingSeat
from softphone.talk.conversation import Conversation
from softphone.talk.endings import not_known

NO_SEAT = Refusal("seat_not_connected", "the seat has no leg here")


class CallControl:
    """`find_seat(call_id, seat_id)` also knows seats lent by other gateways."""

    def __init__(
        self,
        parties: Parties,
        *,
        find_call: Callable[[str], Call | None],
        find_seat: Callable[[str, str], TalkingSeat | None],
    ) -> None:
        self._parties = parties
        self._find_call = find_call
        self._find_seat = find_seat

    def actions(self) -> Mapping[type[Any], Callable[[Any], Any]]:
        """For `server.Gateway`, by command."""
        return {
            Supervise: self.supervise,
            StopSupervising: self.stop_supervising,
            AddParty: self._parties.add_number,
            AddSeat: self.add_seat,
            SetParties: self.set_parties,
            DropParty: self.drop_party,
        }

    def supervise(self, command: Supervise) -> Refusal | None:
        conversation = self._conversation(command.call_id)
        if isinstance(conversation, Refusal):
            return conversation
        seat = self._find_seat(command.call_id, command.seat_id)
        if seat is None:
            return NO_SEAT
        return conversation.supervise(seat, command.mode, notice=command.notice)

    def stop_supervising(self, command: StopSupervising) -> Refusal | None:
        conversation = self._conversation(command.call_id)
        if isinstance(conversation, Refusal):
            return conversation
        return conversation.stop_supervising(command.seat_id)

    def add_seat(self, command: AddSeat) -> Refusal | None:
        seat = self._find_seat(command.call_id, command.seat_id)
        if isinstance(refusal := self._conversation(command.call_id), Refusal):
            return refusal
        if seat is None:
            return NO_SEAT
        return self._parties.add_seat(command.call_id, command.party_id, seat)

    def set_parties(self, command: SetParties) -> Refusal | None:
        conversation = self._conversation(command.call_id)
        if isinstance(conversation, Refusal):
            return conversation
        refusal = conversation.set_parties(command.mode)
        call = self._find_call(command.call_id)
        if refusal is None and conversation.seat is None and call is not None:
            call.stop_recording()  # it goes on between strangers
        return refusal

    def drop_party(self, command: DropParty) -> Refusal | None:
        conversation = self._conversation(command.call_id)
        return conversation if isinstance(conversation, Refusal) else conversation.drop_party()

    def _conversation(self, call_id: str) -> Conversation | Refusal:
        call = self._find_call(call_id)
        if call is None:
            return not_known(call_id)
        return call.conversation or NOT_BRIDGED
