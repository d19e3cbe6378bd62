"""What is known of a seat's page and audio leg at an instant. Part of the floor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PULSE_FRESH_S = 3.0  # older: the seat is never offered a call
PULSE_SLOW_S = 12.0  # pages off duty send every 5 s; two missed ones are suspicious
PULSE_LOST_S = 30.0  # older: a seat without a call is set away (lagged)
MEDIA_FRESH_S = 3.0  # gateways report every second
CONSENT_FRESH_S = 15.0  # RFC 7675 sends a check about every 5 s and gives up at 30 s

Health = Literal["ok", "stale", "lost"]


@dataclass(frozen=True)
class Link:
    """What is known of a seat's page and audio leg. `opened_at` is when the page connected."""

    opened_at: datetime
    pulse_at: datetime | None = None
    track_live: bool = False
    track_unmuted: bool = False
    media_up: bool = False
    media_at: datetime | None = None
    consent_age_s: float = 0.0  # at `media_at`
    loss: float = 0.0
    jitter_ms: float = 0.0

    @property
    def heard_at(self) -> datetime:
        """When the page was heard last; when it connected if it never was."""
        return self.pulse_at or self.opened_at

    def pulse_age_s(self, now: datetime) -> float:
        """Seconds since the page was heard."""
        return (now - self.heard_at).total_seconds()

    def media_alive(self, now: datetime) -> bool:
        """The leg is up, its gateway said so lately, and ICE consent is alive."""
        if not self.media_up or self.media_at is None:
            return False
        age = (now - self.media_at).total_seconds()
        return age <= MEDIA_FRESH_S and self.consent_age_s + age <= CONSENT_FRESH_S

    def proven(self, now: datetime) -> bool:
        """Page, microphone and audio leg are all known to work at this instant."""
        return (
            self.pulse_at is not None
            and (now - self.pulse_at).total_seconds() <= PULSE_FRESH_S
            and self.track_live
            and self.track_unmuted
            and self.media_alive(now)
        )

    def health(self, now: datetime, *, fresh_s: float = PULSE_FRESH_S) -> Health:
        """Of the page's heartbeat only; `media_up` tells of the audio leg."""
        age = self.pulse_age_s(now)
        if age <= fresh_s:
            return "ok"
        return "stale" if age <= PULSE_LOST_S else "lost"
