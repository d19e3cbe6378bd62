"""What must be done after the commit: the only way the core reaches the outside world.

`services/running/effects.py` has one runner per class (a house test checks that none is missing).
Effects are run after the rows of the same batch are durable, in order but for `urgent_first`, and
may be lost by a crash; what they stand for is then found again from the rows by
`services/running/recovery.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    PhoneId,
    SeatId,
    TrunkId,
)
from agent_desk.dialer.supervisor import SupervisionMode

PARTY_WITHIN = timedelta(seconds=10)  # until a third number's INVITE must have left


@dataclass(frozen=True)
class Lease:
    """Select, judge and write up to `count` attempts, then feed back `AttemptsLeased`."""

    campaign_id: CampaignId
    count: int
    seat_id: SeatId | None  # preview: for this seat
    customer_id: CustomerId | None = None  # by hand: this customer, on this number
    phone_id: PhoneId | None = None


@dataclass(frozen=True)
class PlaceCall:
    """Send the INVITE of a leased attempt."""

    call_id: CallId
    gateway_id: GatewayId


@dataclass(frozen=True)
class JudgeAgain:
    """Look once more at what this gateway still calls: nobody may want it any more."""

    gateway_id: GatewayId


@dataclass(frozen=True)
class Bridge:
    """Join call and seat; `lent_by` is the seat's gateway when it is not the call's."""

    call_id: CallId
    seat_id: SeatId
    gateway_id: GatewayId
    lent_by: GatewayId | None = None
    record: bool = False  # a call that came in; of those we place the order said it


@dataclass(frozen=True)
class AnswerCall:
    """Answer a call that came in, without a seat yet; the gateway gives up after `within_s`."""

    call_id: CallId
    gateway_id: GatewayId
    within_s: float


@dataclass(frozen=True)
class HangUp:
    """End a call in the gateway, in whatever phase it is."""

    call_id: CallId
    gateway_id: GatewayId
    cause: str


@dataclass(frozen=True)
class EndWithPrompt:
    """Play `safe_harbour`, `apology`, `closed` or `all_busy`, then end the call."""

    call_id: CallId
    gateway_id: GatewayId
    prompt: str
    cause: str


@dataclass(frozen=True)
class LeaveMessage:
    """Free the operator, say this recording (SHA-256) to the machine, then end the call."""

    call_id: CallId
    gateway_id: GatewayId
    recording: str


@dataclass(frozen=True)
class AskCustomer:
    """Free the operator, play this question (SHA-256), wait for a key, thank, then end the call."""

    call_id: CallId
    gateway_id: GatewayId
    question: str
    thanks: str
    wait_s: float


@dataclass(frozen=True)
class Hold:
    """Hold music to the customer, or back."""

    call_id: CallId
    gateway_id: GatewayId
    on: bool


@dataclass(frozen=True)
class Mute:
    """Drop the seat's microphone, or let it through."""

    seat_id: SeatId
    gateway_id: GatewayId
    on: bool


@dataclass(frozen=True)
class PauseRecording:
    """Write silence instead of what is said, or go on recording."""

    call_id: CallId
    gateway_id: GatewayId
    on: bool


@dataclass(frozen=True)
class SendDigits:
    """Keys towards the customer's side."""

    call_id: CallId
    gateway_id: GatewayId
    digits: str = field(repr=False)


@dataclass(frozen=True)
class Refer:
    """Ask the carrier to transfer the call to a number."""

    call_id: CallId
    party_id: str
    gateway_id: GatewayId
    target: str = field(repr=False)  # E.164


@dataclass(frozen=True)
class AddParty:
    """Call a third number into the call."""

    call_id: CallId
    party_id: str
    gateway_id: GatewayId
    trunk_id: TrunkId
    number: str = field(repr=False)  # E.164
    number_key: str
    caller_id: str
    not_after: datetime


@dataclass(frozen=True)
class AddSeat:
    """Bring a colleague's seat into the call."""

    call_id: CallId
    party_id: str
    gateway_id: GatewayId
    seat_id: SeatId


@dataclass(frozen=True)
class SetParties:
    """Change who hears whom."""

    call_id: CallId
    party_id: str
    gateway_id: GatewayId
    mode: Literal["consult", "conference", "transferred"]


@dataclass(frozen=True)
class DropParty:
    """End the second party's leg."""

    call_id: CallId
    party_id: str
    gateway_id: GatewayId


@dataclass(frozen=True)
class Supervise:
    """Bring a lead's leg into the call, or change what it does there; `notice`: with a short tone
    for the operator."""

    call_id: CallId
    seat_id: SeatId
    gateway_id: GatewayId
    mode: SupervisionMode
    notice: bool = False


@dataclass(frozen=True)
class StopSupervising:
    """The lead's leg leaves the call."""

    call_id: CallId
    seat_id: SeatId
    gateway_id: GatewayId


@dataclass(frozen=True)
class CloseSeatMedia:
    """Take the seat's leg down."""

    seat_id: SeatId
    gateway_id: GatewayId


@dataclass(frozen=True)
class BlockNumbers:
    """Push these number keys to every gateway's block-set."""

    number_keys: tuple[str, ...]


@dataclass(frozen=True)
class StopCampaign:
    """Tell every gateway that no INVITE of this campaign may leave."""

    campaign_id: CampaignId


@dataclass(frozen=True)
class ResumeCampaign:
    """Tell every gateway that INVITEs of this campaign may leave."""

    campaign_id: CampaignId


@dataclass(frozen=True)
class ShowCallerRecord:
    """Load the caller record and push it to the seat's page."""

    seat_id: SeatId
    call_id: CallId


@dataclass(frozen=True)
class TellLeads:
    """A line for the leads of the seat's team, by catalogue id."""

    message_id: str
    seat_id: SeatId | None
    campaign_id: CampaignId | None


@dataclass(frozen=True)
class TellSeat:
    """A line for the operator, by catalogue id."""

    message_id: str
    seat_id: SeatId


Effect = (
    Lease
    | PlaceCall
    | JudgeAgain
    | Bridge
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
    | ShowCallerRecord
    | TellLeads
    | TellSeat
)


def urgent_first(decided: Iterable[Effect]) -> list[Effect]:
    """What a customer on the line waits for goes before orders to call others.

    Nothing else changes places: what ends a call stays behind the order that began it.
    """
    ordered: list[Effect] = []
    calls: list[Effect] = []
    for effect in decided:
        if isinstance(effect, PlaceCall):
            calls.append(effect)
            continue
        if not isinstance(effect, Bridge | ShowCallerRecord | Lease):
            ordered += calls
            calls.clear()
        ordered.append(effect)
    return ordered + calls
