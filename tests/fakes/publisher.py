"""A publisher that keeps what it was told, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CallId, CampaignId, SeatId


class QuietPublisher:
    """Implements `services.ports.Publisher`."""

    def __init__(self) -> None:
        self.floors: list[Floor] = []
        self.events: list[Event] = []
        self.records: list[tuple[SeatId, CallId]] = []
        self.told: list[tuple[str, SeatId | None, CampaignId | None]] = []
        self.seats_told: list[tuple[str, SeatId]] = []

    def floor_changed(
        self, before: Floor, after: Floor, events: Sequence[Event], now: datetime
    ) -> None:
        self.floors.append(after)
        self.events.extend(events)

    def record_shown(self, seat_id: SeatId, call_id: CallId) -> None:
        self.records.append((seat_id, call_id))

    def leads_told(
        self, message_id: str, seat_id: SeatId | None, campaign_id: CampaignId | None
    ) -> None:
        self.told.append((message_id, seat_id, campaign_id))

    def seat_told(self, message_id: str, seat_id: SeatId) -> None:
        self.seats_told.append((message_id, seat_id))
