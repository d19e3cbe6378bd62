"""Everybody who is in one bridged call: the seat's talk, supervisors, and a second party.

The customer is there from beginning to end. The seat can be handed on: to a supervisor who takes
over, to another seat after a transfer; and after a transfer to an outside number there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from softphone.audio.prompts import Sound
from softphone.protocol import (
    Event,
    PartyChanged,
    PartyMode,
    Refusal,
    SupervisionChanged,
    SupervisionMode,
)
from softphone.rtp.leg import Leg
from softphone.sip.transport.timing import Timers
from softphone.talk.call_ports import TalkingSeat
from softphone.talk.line_watch import LineWatch
from softphone.talk.supervision import Supervision
from softphone.talk.talks import Joint, Names, Talk


class Party(Protocol):
    """A second party (`parties.py`). `leg` is None until it has answered."""

    party_id: str
    number_key: str  # "" for a seat
    leg: Leg | None
    seat: TalkingSeat | None  # when it is one of ours

    def leave(self) -> None: ...


@dataclass(frozen=True)
class Surroundings:
    """What a conversation needs of its call. Instants are loop time."""

    call_id: str
    report: Callable[[Event], None]
    timers: Timers
    now: Callable[[], float]
    answered_at: float
    on_lost: Callable[[], None]  # the operator's browser did not come back
    on_deserted: Callable[[], None]  # the party the customer was left with is gone
    on_dead_air: Callable[[], None]  # nothing comes from the customer's side: is there a call?


class Conversation:
    """See the module. Made when a call is bridged; `end` is its last word."""

    def __init__(self, around: Surroundings, joint: Joint, seat: TalkingSeat) -> None:
        self.joint = joint
        self.seat: TalkingSeat | None = seat
        self.party: Party | None = None
        self.mode = PartyMode.CONSULT
        self._around = around
        self._supervision = Supervision(around.call_id, joint, around.report)
        self._talk: Talk | None = self._sit_down(seat)
        self._watch = LineWatch(
            around.timers, silent_s=joint.customer_silent_s, ask=around.on_dead_air
        )

    @property
    def seat_id(self) -> str | None:
        return self.seat.seat_id if self.seat is not None else None

    def begin(self, *, zip_tone: bool, greeting: Sound | None, on_hold: bool = False) -> None:
        """Join customer and seat; `CallBridged` follows when audio runs both ways. `on_hold`: as
        in `media_changed`, from before."""
        if self._talk is not None:
            self._talk.start(zip_tone=zip_tone, greeting=greeting)
            self._talk.note_far_hold(on_hold)

    def hold(self, on: bool) -> Refusal | None:
        if self._talk is None:
            return Refusal("transferred", "no seat is in the call any more")
        self._talk.hold(on)
        return None

    def media_changed(self, *, on_hold: bool) -> None:
        """The customer's side was re-negotiated; `on_hold`: it does not want to hear us now."""
        self.joint.media_changed()
        if self._talk is not None:
            self._talk.note_far_hold(on_hold)

    def end(self, *, customer_gone: bool) -> None:
        """Everybody goes; the operator hears a tone when it was not their doing."""
        self._watch.stop()
        self._supervision.end()
        if self.party is not None:
            self._dismiss(self.party)
        if self._talk is not None:
            self._talk.end()
        else:
            self.joint.separate()
        if self.seat is not None:
            self.seat.release(customer_gone=customer_gone)
        self._talk = self.seat = None

    def come_home(self, seat: TalkingSeat) -> None:
        """A seat has a leg here. If it is the one that was lent to this call by another gateway,
        which has died or is left, the talk goes on with this leg as after a reload."""
        away = self.seat
        if away is None or away is seat or away.seat_id != seat.seat_id or self._talk is None:
            return
        leg = seat.leg_for_call()
        if isinstance(leg, Refusal):
            return
        self.seat = seat
        seat.take(self._talk)
        self._talk.seat_connected(leg)
        away.release(customer_gone=False)

    # --- supervisors ------------------------------------------------------------------------

    def supervise(
        self, seat: TalkingSeat, mode: SupervisionMode, *, notice: bool = False
    ) -> Refusal | None:
        """Let a seat supervise this call, or take it over."""
        if seat is self.seat:
            return Refusal("seat_busy", "the seat is the one of this call")
        if self.seat is None:
            return Refusal("transferred", "no seat is in the call any more")
        if mode is not SupervisionMode.TAKE_OVER:
            return self._supervision.change(seat, mode, notice=notice)
        listened = self._supervision.release(seat)
        refusal = self._hand_over(seat)
        if refusal is None:
            self._around.report(SupervisionChanged(self._around.call_id, seat.seat_id, mode))
        elif listened:  # its leg is gone, or dying: it is out of the call
            self._around.report(SupervisionChanged(self._around.call_id, seat.seat_id, None))
        return refusal

    def stop_supervising(self, seat_id: str) -> Refusal | None:
        return self._supervision.stop(seat_id)

    # --- the second party -------------------------------------------------------------------

    def invite(self, party: Party) -> None:
        """A second party is on its way: the customer waits with music meanwhile."""
        self.party, self.mode = party, PartyMode.CONSULT
        self.joint.set_party(self.mode)
        self._tell(party, "dialing")

    def party_rings(self, party: Party) -> None:
        if party is self.party:
            self.joint.indicate_ringing(True)
            self._tell(party, "ringing")

    def party_answers(self, party: Party) -> None:
        """Its leg is there now."""
        if party is self.party:
            self.joint.indicate_ringing(False)
            self.joint.set_party(self.mode, party.leg)
            self._tell(party, "joined")

    def party_leaves(self, party: Party, sip_code: int | None) -> None:
        """It hung up, would not come, or is lost: seat and customer go on, if there is a seat."""
        if party is not self.party:
            return
        self._forget(party, sip_code)
        if self.seat is None:
            self._around.on_deserted()

    def set_parties(self, mode: PartyMode) -> Refusal | None:
        """Change who hears whom."""
        party = self.party
        if party is None or self.seat is None:
            return Refusal("no_party", "there is no second party to talk with")
        if party.leg is None:
            return Refusal("party_not_joined", "the party has not answered")
        self.mode = mode
        if mode is PartyMode.TRANSFERRED and party.seat is not None:
            return self._transfer_to(party.seat, party)
        self.joint.set_party(mode)
        if mode is PartyMode.TRANSFERRED:
            self._leave_to_party(self.seat)
        self._tell(party, "joined")
        return None

    def drop_party(self) -> Refusal | None:
        """Seat and customer are alone again."""
        if self.party is None or self.seat is None:
            return Refusal("no_party", "there is no second party, or it has the call")
        self._dismiss(self.party)
        return None

    def drop_blocked(self, number_keys: Collection[str]) -> None:
        """Give up a party on its way to a number that must not be called any more."""
        party = self.party
        if party is not None and party.leg is None and party.number_key in number_keys:
            self._dismiss(party)

    # --- inside -----------------------------------------------------------------------------

    def _sit_down(self, seat: TalkingSeat) -> Talk:
        around = self._around
        talk = Talk(
            Names(around.call_id, seat.seat_id),
            self.joint,
            report=around.report,
            timers=around.timers,
            now=around.now,
            answered_at=around.answered_at,
            on_lost=around.on_lost,
        )
        seat.take(talk)
        return talk

    def _hand_over(self, seat: TalkingSeat) -> Refusal | None:
        """The call goes on with this seat, which is free, in place of the first."""
        leg = seat.leg_for_call()
        if isinstance(leg, Refusal):
            return leg
        assert self.seat is not None and self._talk is not None, "nobody to take over from"
        self._talk.leave()
        self.joint.hold(False)
        self.joint.mute(False)
        self.joint.replace_seat(leg)
        self.seat.release(customer_gone=False)
        self.seat = seat
        self._talk = self._sit_down(seat)
        self._talk.resume()
        return None

    def _transfer_to(self, seat: TalkingSeat, party: Party) -> Refusal | None:
        """The other seat has the call now, and is no party any more."""
        self.party = None
        self.joint.set_party(None)
        party.leave()
        refusal = self._hand_over(seat)
        if refusal is None:
            self._tell(party, "joined")
        else:
            self._forget(party, None)
        return refusal

    def _leave_to_party(self, seat: TalkingSeat) -> None:
        """Customer and party go on by themselves, and nobody of ours overhears them."""
        self._supervision.end()
        if self._talk is not None:
            self._talk.leave()
        self.joint.drop_seat()
        seat.release(customer_gone=False)
        self._talk = self.seat = None

    def _dismiss(self, party: Party) -> None:
        self._forget(party, None)
        party.leave()

    def _forget(self, party: Party, sip_code: int | None) -> None:
        self.party = None
        self.joint.indicate_ringing(False)
        self.joint.set_party(None)
        news = PartyChanged(self._around.call_id, party.party_id, "gone", None, sip_code)
        self._around.report(news)

    def _tell(self, party: Party, state: str) -> None:
        news = PartyChanged(self._around.call_id, party.party_id, state, self.mode, None)
        self._around.report(news)
