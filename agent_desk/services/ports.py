"""What the services need from outside, as contracts: the gateway, the pages, the clock, the hub.

The product's implementations are `gateway/link.py`, `sockets/publisher.py`, `clock.py` and what
`__main__.py` knows of its server; tests hand in the quiet ones of `tests/fakes/`. A house test
checks that each implementation has the methods and signatures written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from agent_desk.dialer.effects import (
    AddParty,
    AddSeat,
    AnswerCall,
    AskCustomer,
    BlockNumbers,
    Bridge,
    CloseSeatMedia,
    DropParty,
    EndWithPrompt,
    HangUp,
    Hold,
    LeaveMessage,
    Mute,
    PauseRecording,
    Refer,
    ResumeCampaign,
    SendDigits,
    SetParties,
    StopCampaign,
    StopSupervising,
    Supervise,
)
from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId, TrunkId

T = TypeVar("T")

GatewayEffect = (
    Bridge
    | AnswerCall
    | HangUp
    | EndWithPrompt
    | LeaveMessage
    | AskCustomer
    | Hold
    | Mute
    | PauseRecording
    | SendDigits
    | Refer
    | AddParty
    | AddSeat
    | SetParties
    | DropParty
    | Supervise
    | StopSupervising
    | CloseSeatMedia
    | BlockNumbers
    | StopCampaign
    | ResumeCampaign
)


class Clock(Protocol):
    """Business time and real time, both UTC."""

    @property
    def offset_s(self) -> float: ...

    @property
    def stepped(self) -> bool: ...

    def now(self) -> datetime: ...

    def real_now(self) -> datetime: ...

    def monotonic(self) -> float: ...


@dataclass(frozen=True)
class Placement:
    """Everything a gateway needs to treat one call rightly with no desk present."""

    call_id: CallId
    trunk_id: TrunkId
    campaign_id: CampaignId
    number: str  # E.164
    number_key: str
    caller_id: str
    not_after: datetime
    ring_limit_s: float
    screening: str
    bridge_within_s: float
    record: bool = False
    recording: str = ""  # SHA-256 of what is approved for abandoned calls
    fallback_trunk_ids: tuple[TrunkId, ...] = ()  # tried in order when trunks fail unrung


@dataclass(frozen=True)
class Arrival:
    """Somebody calls us: numbers in E.164, "" where withheld or not told."""

    call_id: CallId
    gateway_id: GatewayId
    trunk_id: TrunkId
    number: str = field(repr=False)
    called: str
    at: datetime


@dataclass(frozen=True)
class LadderMessage:
    """One SIP message of a call; `text` names nobody. `peer` is the trunk's host:port."""

    at: datetime
    sent: bool
    peer: str
    text: str


@dataclass(frozen=True)
class LegFigures:
    """One leg in one second. `loss` is a share; None where nothing could be measured."""

    loss: float = 0.0
    jitter_ms: float = 0.0
    rtt_ms: float | None = None
    mos: float | None = None
    noisy: bool = False
    level_dbfs: float | None = None  # of the operator's voice, RMS of the second


@dataclass(frozen=True)
class LineFigures:
    """What one gateway measured in one second: operators' legs, and customers' of bridged calls."""

    gateway_id: GatewayId
    seats: Mapping[SeatId, LegFigures]
    calls: Mapping[CallId, LegFigures]


class GatewayUnreachable(Exception):
    """No link to that gateway, or no answer from it in time."""


class GatewayRefused(Exception):
    """The gateway said no; `error_id` is stable."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id


class GatewayPort(Protocol):
    """Commands to the gateways. `perform` and `place` return at once; news comes as facts."""

    def place(self, gateway_id: GatewayId, placement: Placement) -> None:
        """Send one INVITE; GatewayUnreachable when it certainly was not sent."""

    def perform(self, effect: GatewayEffect) -> None:
        """Carry an effect to the gateway it names, or to all; lost when there is no link."""

    def confirm_stopped(self, campaign_ids: Sequence[CampaignId]) -> Sequence[GatewayId]:
        """Tell every gateway once more that no INVITE of these may leave, and wait for its word;
        the connected ones that did not give it within a second."""

    def open_seat(self, seat_id: SeatId, offer_sdp: str, *, where: GatewayId | None = None) -> str:
        """Make the seat's leg and return the answer; GatewayUnreachable, GatewayRefused.

        `where`: in this gateway and no other; None: wherever it is best.
        """

    def test_seat(self, seat_id: SeatId, kind: str) -> None:
        """Device check: `tone`, `echo` or `stop`; GatewayUnreachable, GatewayRefused."""

    def ladder(self, gateway_id: GatewayId, call_id: CallId) -> Sequence[LadderMessage]:
        """The SIP messages of a call it carried; GatewayUnreachable, GatewayRefused."""


class Publisher(Protocol):
    """What the pages are told, always after the commit."""

    def floor_changed(
        self, before: Floor, after: Floor, events: Sequence[Event], now: datetime
    ) -> None:
        """Push what differs to the seats it concerns and to the leads who see them."""

    def record_shown(self, seat_id: SeatId, call_id: CallId) -> None:
        """Push the caller record to the seat."""

    def leads_told(
        self, message_id: str, seat_id: SeatId | None, campaign_id: CampaignId | None
    ) -> None:
        """A line for the leads."""

    def seat_told(self, message_id: str, seat_id: SeatId) -> None:
        """A line for one operator."""


class Hub(Protocol):
    """What a service needs of the server it runs in; the product's is green, tests' are threads."""

    def spawn(self, work: Callable[..., None], *arguments: Any) -> None:
        """Run in the background."""

    def pause(self, seconds: float) -> None:
        """Let others run."""

    def off_hub(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run C code that takes long (a password hash) without holding everybody up."""

    def aside(self, work: Callable[..., T], *arguments: Any) -> T:
        """The same for who holds the write door: it never waits until a thread is free."""
