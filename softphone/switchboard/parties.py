"""A second party in a bridged call: a third number that is called, or another seat.

A third number is called as any other: it has its own line of the trunk and its own audio, and it
passes the same last look as every call (`send_gate.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from softphone.calls import Call
from softphone.clock import BusinessClock
from softphone.protocol import AddParty, PlaceCall, Prompt, Refusal, ScreeningMode
from softphone.routing.routed_call import NotPlaced
from softphone.routing.send_gate import SendGate
from softphone.routing.trunks import Trunks
from softphone.rtp.leg import Leg
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.trunk.pacer import MOST_WAIT_S
from softphone.switchboard.call_register import OpenAudio, OpenedAudio
from softphone.talk.call_ports import CustomerAudio, SipCall, TalkingSeat
from softphone.talk.conversation import Conversation
from softphone.talk.endings import not_known
from softphone.talk.hearing import PARTY

NOT_BRIDGED = Refusal("call_not_bridged", "the call has no seat to talk with a party")
PRESENT = Refusal("party_present", "there is a second party already")


class ThirdNumber:
    """A party outside: from its INVITE to its end."""

    seat: TalkingSeat | None = None

    def __init__(self, command: AddParty, audio: CustomerAudio, conversation: Conversation) -> None:
        self.party_id = command.party_id
        self.number_key = command.number_key
        self.leg: Leg | None = None
        self._audio = audio
        self._conversation = conversation
        self._sip: SipCall | None = None
        self._rang = False

    def placed(self, sip: SipCall) -> None:
        self._sip = sip

    def leave(self) -> None:
        """Hang up, whatever phase it is in."""
        self.leg = None
        self._audio.close()
        if self._sip is not None:
            self._sip.hang_up("party dropped")

    # -- softphone.sip.calls.outbound.OutboundListener -------------------------------------------

    def on_ringing(self, code: int, sdp: str | None) -> None:
        """The operator hears our ringing tone; the network's own is not passed on."""
        if not self._rang:
            self._rang = True
            self._conversation.party_rings(self)

    def on_answer(self, sdp: str) -> None:
        if self._conversation.party is self:
            self._audio.connect(sdp)
            self.leg = self._audio.leg
            self._conversation.party_answers(self)

    def on_media(self, sdp: str) -> None:
        if self.leg is not None:
            self._audio.connect(sdp)
            self._conversation.joint.media_changed()

    def on_end(self, ending: SipEnding) -> None:
        self._audio.close()
        self._conversation.party_leaves(self, None if ending.answered else ending.code)


class SeatParty:
    """A colleague: what that seat is busy with (`call_ports.Occupant`)."""

    number_key = ""

    def __init__(
        self, party_id: str, seat: TalkingSeat, leg: Leg, conversation: Conversation
    ) -> None:
        self.party_id = party_id
        self.leg: Leg | None = leg
        self.seat: TalkingSeat | None = seat
        self._conversation = conversation

    def leave(self) -> None:
        if self.seat is not None:
            self.seat.release(customer_gone=False)

    # -- softphone.talk.call_ports.Occupant -----------------------------------------------------

    def mute(self, on: bool) -> None:
        self._conversation.joint.mute(on, who=PARTY)

    def seat_connected(self, leg: Leg) -> None:
        """The page was reloaded."""
        self.leg = leg
        self._conversation.joint.set_party(self._conversation.mode, leg)

    def seat_dropped(self) -> None:
        self.leave()
        self._conversation.party_leaves(self, None)


class Parties:
    """Brings second parties into calls."""

    def __init__(
        self,
        *,
        trunks: Trunks,
        gate: SendGate,
        clock: BusinessClock,
        open_audio: OpenAudio,
        find_call: Callable[[str], Call | None],
    ) -> None:
        self._trunks = trunks
        self._gate = gate
        self._clock = clock
        self._open_audio = open_audio
        self._find_call = find_call

    async def add_number(self, command: AddParty) -> Refusal | None:
        """Call a third number into a bridged call; what becomes of it is told by events."""
        refusal = self._obstacle(command.call_id)
        if refusal is None and not self._trunks.knows(command.trunk_id):
            refusal = Refusal("trunk_unknown", "this gateway has no such trunk")
        if refusal is not None:
            return refusal
        try:
            audio = await self._open_audio(command.trunk_id)
        except OSError as fault:
            return Refusal("no_media_port", str(fault))
        refusal = self._obstacle(command.call_id)  # the call may have ended meanwhile
        if refusal is None:
            refusal = self._place(command, audio)
        if refusal is not None:
            audio.close()
        return refusal

    def add_seat(self, call_id: str, party_id: str, seat: TalkingSeat) -> Refusal | None:
        """Bring another seat in; it is there at once."""
        conversation = self._conversation(call_id)
        if conversation is None:
            return self._obstacle(call_id)
        if conversation.party is not None:
            return PRESENT
        leg = seat.leg_for_call()
        if isinstance(leg, Refusal):
            return leg
        party = SeatParty(party_id, seat, leg, conversation)
        seat.take(party)
        conversation.invite(party)
        conversation.party_answers(party)
        return None

    def _place(self, command: AddParty, audio: OpenedAudio) -> Refusal | None:
        """The last look, and the INVITE."""
        conversation = self._conversation(command.call_id)
        if conversation is None:
            return NOT_BRIDGED
        latest = self._clock.now() + timedelta(seconds=MOST_WAIT_S)
        refusal = self._gate.refusal(_of_no_campaign(command), latest)
        if refusal is not None:
            return refusal
        party = ThirdNumber(command, audio, conversation)
        invite = OutboundInvite(
            call_id=f"{command.call_id}/{command.party_id}",
            number=command.number,
            caller_id=command.caller_id,
            sdp=audio.offer_sdp,
            ring_limit_s=command.ring_limit_s,
        )
        try:
            party.placed(self._trunks.place(command.trunk_id, invite, party))
        except NotPlaced as fault:
            return fault.refusal
        conversation.invite(party)
        return None

    def _conversation(self, call_id: str) -> Conversation | None:
        """Where a party could come in."""
        call = self._find_call(call_id)
        found = call.conversation if call is not None else None
        return found if found is not None and found.seat is not None else None

    def _obstacle(self, call_id: str) -> Refusal | None:
        """Why nobody can be brought into this call now."""
        if self._find_call(call_id) is None:
            return not_known(call_id)
        conversation = self._conversation(call_id)
        if conversation is None:
            return NOT_BRIDGED
        return PRESENT if conversation.party is not None else None


def _of_no_campaign(command: AddParty) -> PlaceCall:
    """As the last look sees it: a stopped campaign may bring its last calls to a good end."""
    return PlaceCall(
        call_id=command.call_id,
        trunk_id=command.trunk_id,
        campaign_id=0,
        number=command.number,
        number_key=command.number_key,
        caller_id=command.caller_id,
        not_after=command.not_after,
        ring_limit_s=command.ring_limit_s,
        screening=ScreeningMode.OFF,
        bridge_within_s=0.0,
        if_not_bridged=Prompt.APOLOGY,
    )
