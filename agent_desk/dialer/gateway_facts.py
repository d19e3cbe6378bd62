"""What a gateway tells the engine: commands too, for the engine decides what they mean.

They are the wire's events (`softphone/wire/events.py`) in the core's own types;
`agent_desk/gateway/translate.py` turns one into the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TrunkId,
)
from agent_desk.dialer.message_commands import MessageLeft as MessageLeft  # noqa: PLC0414
from agent_desk.dialer.message_commands import MessageRefused as MessageRefused  # noqa: PLC0414
from agent_desk.dialer.party_commands import CallReferred as CallReferred  # noqa: PLC0414
from agent_desk.dialer.party_commands import PartyChanged as PartyChanged  # noqa: PLC0414
from agent_desk.dialer.party_commands import PartyRefused as PartyRefused  # noqa: PLC0414
from agent_desk.dialer.supervision_commands import (
    SupervisionChanged as SupervisionChanged,  # noqa: PLC0414
)
from agent_desk.dialer.supervision_commands import (
    SupervisionRefused as SupervisionRefused,  # noqa: PLC0414
)
from agent_desk.dialer.survey_commands import AskRefused as AskRefused  # noqa: PLC0414
from agent_desk.dialer.survey_commands import CustomerAnswered as CustomerAnswered  # noqa: PLC0414


@dataclass(frozen=True)
class GatewayWelcomed:
    """A gateway said hello. A boot id other than the last one ends its calls."""

    gateway_id: GatewayId
    boot_id: str
    trunks: tuple[tuple[TrunkId, int, float], ...]  # id, lines, calls per second (its share)
    relay_address: str = ""
    safe_harbour: str = ""
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessagesHeld:
    """The recordings a gateway can play (SHA-256), and those it could not fetch: hash, error id."""

    gateway_id: GatewayId
    messages: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GatewayLost:
    """The link is down; calls go on in the gateway and are reconciled when it is back."""

    gateway_id: GatewayId


@dataclass(frozen=True)
class LiveCall:
    """One call the gateway holds, in its snapshot."""

    call_id: CallId
    phase: Literal["placed", "ringing", "screening", "waiting", "bridged", "treated"]
    seat_id: SeatId | None


@dataclass(frozen=True)
class GatewaySnapshot:
    """Everything alive in a gateway; what the floor has and the gateway has not is over."""

    gateway_id: GatewayId
    boot_id: str
    calls: tuple[LiveCall, ...]
    connected_seats: tuple[SeatId, ...]
    trunks_up: tuple[TrunkId, ...]


@dataclass(frozen=True)
class CallArrived:
    """Somebody calls us; `services/dialing/inbound.py` has added who it may be, and whom to ask.

    `number` (E.164) is for the row only and "" when withheld. `known_to` is the seat whose operator
    talked with this customer last. `call_back`: the customer may be called if we lose them.
    """

    call_id: CallId
    gateway_id: GatewayId
    trunk_id: TrunkId
    at: datetime
    campaign_id: CampaignId
    list_entry_id: ListEntryId | None
    customer_id: CustomerId | None
    phone_id: PhoneId | None
    number: str = field(repr=False)
    number_key: str
    desk_epoch: int
    out_of_hours: bool
    known_to: SeatId | None
    call_back: bool


@dataclass(frozen=True)
class CallPlaced:
    """The INVITE left, with this number shown; "" when it was withheld, None: not told."""

    call_id: CallId
    at: datetime
    caller_id: str | None = None


@dataclass(frozen=True)
class CallNotPlaced:
    """The INVITE never left: the attempt is released and counts for nothing."""

    call_id: CallId
    at: datetime
    error_id: str


@dataclass(frozen=True)
class CallRerouted:
    """The trunk failed without ringing; the INVITE goes out on another one of the same gateway."""

    call_id: CallId
    trunk_id: TrunkId
    at: datetime
    sip_code: int | None
    caller_id: str | None = None


@dataclass(frozen=True)
class CallRinging:
    """First 18x."""

    call_id: CallId
    at: datetime


@dataclass(frozen=True)
class CallAnswered:
    """200 OK."""

    call_id: CallId
    at: datetime


@dataclass(frozen=True)
class CallScreened:
    """A verdict of answering-machine screening; `offered` means the gateway awaits a bridge."""

    call_id: CallId
    at: datetime
    verdict: str
    greeting_end_ms: int | None
    offered: bool
    evidence: str


@dataclass(frozen=True)
class CallBridged:
    """Two-way audio runs."""

    call_id: CallId
    seat_id: SeatId
    at: datetime


@dataclass(frozen=True)
class BridgeRefused:
    """The gateway would not join them: the seat's leg is not what the desk took it for."""

    call_id: CallId
    seat_id: SeatId
    at: datetime
    error_id: str


@dataclass(frozen=True)
class CallTreated:
    """A closing or holding prompt began."""

    call_id: CallId
    at: datetime
    prompt: str
    recording: str = ""  # SHA-256 of the file that plays


@dataclass(frozen=True)
class SeatSilent:
    """The seat of a bridged call sends no media, or does again."""

    call_id: CallId
    seat_id: SeatId
    at: datetime
    silent: bool


@dataclass(frozen=True)
class CallEnded:
    """The gateway's final word; `outcomes.classify` turns it into outcome and blame."""

    call_id: CallId
    at: datetime
    by: Literal["customer", "desk", "gateway", "trunk"]
    sip_code: int | None
    q850: int | None
    rang: bool
    answered: bool
    verdict: str
    abandoned: bool
    seat_lost: bool
    cause: str
    early_media: str = ""  # what was heard before an answer, as evidence


@dataclass(frozen=True)
class RecordingEnded:
    """The sealed file of a call is complete; `truncated`: the call went on after it."""

    call_id: CallId
    at: datetime
    path: str
    sha256: str
    size_bytes: int
    duration_ms: int
    paused_ms: int
    truncated: bool
    started_at: datetime


@dataclass(frozen=True)
class RecordingFailed:
    """Not all, or nothing (`path` is ""), was recorded; `reason` is a stable code."""

    call_id: CallId
    at: datetime
    path: str
    reason: str


@dataclass(frozen=True)
class SeatMediaUp:
    """The seat's WebRTC leg is connected, and in which gateway."""

    seat_id: SeatId
    gateway_id: GatewayId
    at: datetime


@dataclass(frozen=True)
class SeatMediaDown:
    """The seat's WebRTC leg in this gateway is gone; None for a desk that did not note it."""

    seat_id: SeatId
    at: datetime
    reason: str
    gateway_id: GatewayId | None = None


@dataclass(frozen=True)
class TrunkChanged:
    """A trunk became usable or unusable."""

    gateway_id: GatewayId
    trunk_id: TrunkId
    up: bool
    reason: str = ""


GatewayFact = (
    GatewayWelcomed
    | GatewayLost
    | GatewaySnapshot
    | CallArrived
    | CallPlaced
    | CallNotPlaced
    | CallRerouted
    | CallRinging
    | CallAnswered
    | CallScreened
    | CallBridged
    | BridgeRefused
    | CallTreated
    | SeatSilent
    | PartyChanged
    | PartyRefused
    | CallReferred
    | SupervisionChanged
    | SupervisionRefused
    | MessageLeft
    | MessagesHeld
    | MessageRefused
    | CustomerAnswered
    | AskRefused
    | CallEnded
    | RecordingEnded
    | RecordingFailed
    | SeatMediaUp
    | SeatMediaDown
    | TrunkChanged
)
