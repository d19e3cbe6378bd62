"""How a gateway is: the message of the second. Part of `softphone.protocol`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SeatLiveness:
    """One seat's leg, as of now. Ages in seconds, level in dBFS, loss as a fraction."""

    seat_id: str
    connected: bool
    consent_age_s: float
    packet_age_s: float
    level_dbfs: float
    loss: float
    jitter_ms: float
    rtt_ms: float | None
    mos: float | None = None  # estimate of what the operator hears, 1.0-4.5; None: nothing heard
    noisy: bool = False  # the microphone carries noise where it should be quiet


@dataclass(frozen=True)
class CallQuality:
    """The trunk's side of one bridged call: what arrives, and what RTCP says of what we send."""

    call_id: str
    loss: float  # of arriving packets in the last second
    jitter_ms: float
    rtt_ms: float | None
    sent_loss: float | None  # what the far end reports of our packets
    mos: float | None
    noisy: bool


@dataclass(frozen=True)
class TrunkLiveness:
    """One trunk's use in this gateway, and what its SIP holds at the moment."""

    trunk_id: str
    up: bool
    lines_in_use: int
    transactions: int = 0
    dialogs: int = 0
    turned_away: int = 0  # who called while every line was in use, since the start


@dataclass(frozen=True)
class RefusedCalls:
    """Calls that came in and were refused unheard since the start, by one reason."""

    reason: str
    count: int


@dataclass(frozen=True)
class Liveness:
    """The one message a second."""

    gateway_id: str
    boot_id: str
    at: datetime
    loop_lag_ms: float
    seats: tuple[SeatLiveness, ...]
    trunks: tuple[TrunkLiveness, ...]
    calls: tuple[CallQuality, ...] = ()
    overloaded: bool = False  # takes no new calls until the loop is in time again
    draining: bool = False  # finishes its calls and leaves
    refused: tuple[RefusedCalls, ...] = ()
