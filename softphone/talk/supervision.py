"""Supervisors in a call: they listen, whisper to the operator, or are heard by all.

A supervisor's seat is a seat like any other, and busy while it supervises. It comes and goes
without touching the call: whatever becomes of its browser, customer and operator go on.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.protocol import Event, Refusal, SupervisionChanged, SupervisionMode
from softphone.rtp.leg import Leg
from softphone.talk.call_ports import TalkingSeat
from softphone.talk.talks import Joint


class Supervisor:
    """One seat in somebody else's call; what the seat is busy with (`call_ports.Occupant`)."""

    def __init__(
        self,
        seat: TalkingSeat,
        leg: Leg,
        joint: Joint,
        *,
        on_dropped: Callable[[Supervisor], None],
    ) -> None:
        self.seat = seat
        self.mode: SupervisionMode | None = None
        self._leg = leg
        self._joint = joint
        self._on_dropped = on_dropped

    @property
    def seat_id(self) -> str:
        return self.seat.seat_id

    def come_in(self, mode: SupervisionMode) -> None:
        """Do this in the call, from now on."""
        self.mode = mode
        self._joint.supervise(self.seat_id, mode, self._leg)

    def leave(self) -> None:
        """Out of the call; the seat is free."""
        self._joint.stop_supervising(self.seat_id)
        self.seat.release(customer_gone=False)

    def mute(self, on: bool) -> None:
        """Keep the supervisor's voice from everybody, also while it would be heard."""
        self._joint.mute(on, who=self.seat_id)

    def seat_connected(self, leg: Leg) -> None:
        """The page was reloaded."""
        self._leg = leg
        if self.mode is not None:
            self.come_in(self.mode)

    def seat_dropped(self) -> None:
        """The browser is gone."""
        self._on_dropped(self)


class Supervision:
    """All supervisors of one bridged call, by seat id."""

    def __init__(self, call_id: str, joint: Joint, report: Callable[[Event], None]) -> None:
        self._call_id = call_id
        self._joint = joint
        self._report = report
        self._supervisors: dict[str, Supervisor] = {}

    def change(
        self, seat: TalkingSeat, mode: SupervisionMode, *, notice: bool = False
    ) -> Refusal | None:
        """Bring a seat in, with a tone for the operator if wanted, or let it do something else."""
        supervisor = self._supervisors.get(seat.seat_id)
        if supervisor is None:
            leg = seat.leg_for_call()
            if isinstance(leg, Refusal):
                return leg
            supervisor = Supervisor(seat, leg, self._joint, on_dropped=self._dropped)
            self._supervisors[seat.seat_id] = supervisor
            seat.take(supervisor)
            if notice:
                self._joint.announce()
        supervisor.come_in(mode)
        self._report(SupervisionChanged(self._call_id, seat.seat_id, mode))
        return None

    def stop(self, seat_id: str) -> Refusal | None:
        """Let a supervisor go."""
        if seat_id not in self._supervisors:
            return Refusal("not_supervising", "the seat does not supervise this call")
        self._supervisors.pop(seat_id).leave()
        self._report(SupervisionChanged(self._call_id, seat_id, None))
        return None

    def release(self, seat: TalkingSeat) -> bool:
        """Free a seat that is to take the call over; whether it supervised."""
        supervisor = self._supervisors.pop(seat.seat_id, None)
        if supervisor is not None:
            supervisor.leave()
        return supervisor is not None

    def end(self) -> None:
        """The call is over."""
        for seat_id in list(self._supervisors):
            self.stop(seat_id)

    def _dropped(self, supervisor: Supervisor) -> None:
        self.stop(supervisor.seat_id)
