"""What the desk may ask of a gateway: the commands of the wire, one dataclass each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from softphone.wire.asking import AskCustomer
from softphone.wire.control import (
    AddParty,
    AddSeat,
    AnswerCall,
    CloseRelay,
    DropParty,
    OpenRelay,
    PauseRecording,
    Refer,
    SendDigits,
    SendLadder,
    SetParties,
    StopSupervising,
    Supervise,
)
from softphone.wire.copies import HoldMessages


class ScreeningMode(StrEnum):
    """What is done about answering machines before an operator hears the call."""

    OFF = "off"  # bridge at 200 OK
    WATCH = "watch"  # bridge at the first voice, report the verdict when it is known
    STRICT = "strict"  # bridge humans only


class Prompt(StrEnum):
    """Recordings the gateway holds."""

    SAFE_HARBOUR = "safe_harbour"
    HOLD = "hold"
    APOLOGY = "apology"
    PLEASE_WAIT = "please_wait"  # to somebody who called us: a seat is being looked for
    CLOSED = "closed"  # to somebody who called us outside the hours
    ALL_BUSY = "all_busy"  # to somebody who called us and got no seat: we shall call back


@dataclass(frozen=True)
class TrunkShare:
    """The part of a trunk one gateway may use: simultaneous lines and new calls per second."""

    trunk_id: str
    lines: int
    calls_per_second: float


@dataclass(frozen=True)
class PlaceCall:
    """Send one INVITE. Refused when late (`not_after`), blocked, stopped, or out of lines."""

    call_id: str
    trunk_id: str
    campaign_id: int
    number: str  # E.164
    number_key: str  # what the block-set holds instead of the number
    caller_id: str
    not_after: datetime
    ring_limit_s: float
    screening: ScreeningMode
    bridge_within_s: float  # from the end of the greeting
    if_not_bridged: Prompt  # played, then the call is ended and reported abandoned
    # Tried in this order, within `not_after`, while the trunks before them failed without ringing.
    fallback_trunk_ids: tuple[str, ...] = ()
    record: bool = False  # from the bridge to the end
    # SHA-256 (hex) of what `safe_harbour` is for this call; the gateway's own where it holds none.
    recording: str = ""


@dataclass(frozen=True)
class Bridge:
    """Join a waiting call and a seat's standing leg."""

    call_id: str
    seat_id: str
    zip_tone: bool
    # After the zip tone the operator hears, under the live voice, how the customer answered.
    replay_greeting: bool = False
    record: bool = False  # a call that came in; of those we place `PlaceCall` says it


@dataclass(frozen=True)
class HangUp:
    """End a call in whatever phase it is: CANCEL while ringing, BYE after the answer."""

    call_id: str
    cause: str


@dataclass(frozen=True)
class EndWithPrompt:
    """Play a recording to the customer, then hang up."""

    call_id: str
    prompt: Prompt
    cause: str


@dataclass(frozen=True)
class LeaveMessage:
    """An answering machine: the operator is freed, this recording is said to it, and we hang up.

    `recording` is the SHA-256 (hex) of one of the files `Hello.messages` names.
    """

    call_id: str
    recording: str


@dataclass(frozen=True)
class Hold:
    """Hold music to the customer and silence to the seat, or back."""

    call_id: str
    on: bool


@dataclass(frozen=True)
class Mute:
    """Drop what the seat's microphone sends."""

    seat_id: str
    on: bool


@dataclass(frozen=True)
class OpenSeat:
    """Make (or, after a reload, remake) a seat's standing leg; the reply carries the answer."""

    seat_id: str
    offer_sdp: str


@dataclass(frozen=True)
class CloseSeat:
    """Take the seat's leg down."""

    seat_id: str


@dataclass(frozen=True)
class TestSeat:
    """Device check: a tone to the operator, their own voice back, or stop either."""

    __test__ = False  # the name is the message's, not a test case's

    seat_id: str
    kind: Literal["tone", "echo", "stop"]


@dataclass(frozen=True)
class BlockNumbers:
    """Never call these again; calls to them that ring now are cancelled."""

    number_keys: tuple[str, ...]


@dataclass(frozen=True)
class UnblockNumbers:
    """Lift a block."""

    number_keys: tuple[str, ...]


@dataclass(frozen=True)
class StopCampaign:
    """No INVITE of this campaign leaves any more, until `ResumeCampaign`."""

    campaign_id: int


@dataclass(frozen=True)
class ResumeCampaign:
    """INVITEs of this campaign may leave again."""

    campaign_id: int


@dataclass(frozen=True)
class SetShares:
    """A new split of the trunks among the gateways."""

    shares: tuple[TrunkShare, ...]


@dataclass(frozen=True)
class SendSnapshot:
    """Ask for a fresh `Snapshot`."""


Command = (
    PlaceCall
    | Bridge
    | HangUp
    | EndWithPrompt
    | LeaveMessage
    | AskCustomer
    | Hold
    | Mute
    | OpenSeat
    | CloseSeat
    | TestSeat
    | BlockNumbers
    | UnblockNumbers
    | StopCampaign
    | ResumeCampaign
    | SetShares
    | SendSnapshot
    | SendDigits
    | PauseRecording
    | Refer
    | AddParty
    | AddSeat
    | SetParties
    | DropParty
    | Supervise
    | StopSupervising
    | AnswerCall
    | OpenRelay
    | CloseRelay
    | SendLadder
    | HoldMessages
)
