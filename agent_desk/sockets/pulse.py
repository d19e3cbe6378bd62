"""`/pulse`: the browsers' heartbeats, without acknowledgement.

A thousand seats beat a thousand times a second at worst, so a beat touches one dictionary; the
newest beat of each seat joins the queue with the next tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.dialer.commands import ObservePulses, PulseOfSeat
from agent_desk.dialer.ids import SeatId
from agent_desk.services.ports import Clock, LegFigures
from agent_desk.services.seat.line_quality import LineQuality
from agent_desk.sockets.connections import Open
from agent_desk.sockets.events import PULSE_EVENTS, BadPayload, read_payload
from agent_desk.sockets.strict import StrictNamespace


class PulseBox:
    """The newest beat of each seat since it was last emptied."""

    def __init__(self) -> None:
        self._newest: dict[SeatId, PulseOfSeat] = {}

    def put(self, pulse: PulseOfSeat) -> None:
        self._newest[pulse.seat_id] = pulse

    def empty(self) -> ObservePulses | None:
        """One command with all beats, or None when there was none."""
        if not self._newest:
            return None
        pulses, self._newest = tuple(self._newest.values()), {}
        return ObservePulses(pulses)


class PulseNamespace(StrictNamespace):
    """Feeds the box; a malformed beat is dropped, a foreign socket cannot get here."""

    EVENTS = PULSE_EVENTS

    def __init__(self, *, box: PulseBox, clock: Clock, quality: LineQuality, **checks: Any) -> None:
        super().__init__("/pulse", **checks)
        self._box = box
        self._quality = quality
        self._clock = clock

    def _handle(self, event: str, sid: str, data: object) -> Any:
        """No acknowledgement, and nothing but a beat."""
        opened = self.connections.get(sid, self.namespace)
        rule = self.EVENTS.get(event)
        if opened is None or rule is None or opened.identity.role not in rule.roles:
            return  # a page that another tab replaced cannot keep the seat looking alive
        try:
            payload = read_payload(rule, data)
        except BadPayload:
            return
        self.on_pulse(opened, sid, payload, None)

    def on_pulse(
        self, opened: Open, sid: str, payload: Mapping[str, Any], command_id: str | None
    ) -> None:
        seat_id = SeatId(opened.identity.username)
        self._quality.page_says(seat_id, _figures(payload))
        self._box.put(
            PulseOfSeat(
                seat_id,
                at=self._clock.now(),
                track_live=payload["track_live"],
                track_unmuted=payload["track_unmuted"],
            )
        )


def _figures(payload: Mapping[str, Any]) -> LegFigures:
    """What the page measured; sound its browser had to invent was lost or late, and counts so."""
    return LegFigures(
        loss=max(0.0, payload["loss"] or 0.0, payload["concealed"] or 0.0),
        jitter_ms=max(0.0, payload["jitter_ms"] or 0.0),
        rtt_ms=payload["rtt_ms"] or None,  # 0: not known
    )
