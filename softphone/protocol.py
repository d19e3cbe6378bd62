"""The wire between desk and gateway: every message, and how it becomes JSON and back.

Both sides speak version 1 over the Socket.IO namespace `/gateway`; there is no other channel.

* The gateway opens with `hello` (a call whose reply is a `Welcome` or a `Refusal`), then sends one
  `snapshot`, then `event`s. Each event carries a number (`seq`) that grows by one within a boot of
  the gateway; the desk's acknowledgement means *stored*, and until it comes the event stays in the
  gateway's outbox and is sent again after a reconnect. `liveness` goes once a second, unnumbered:
  only the newest one means anything.
* The desk sends `command`s. The acknowledgement (`CommandReply`) means *accepted* or *refused*;
  what became of it arrives as events. A command id has one effect however often it is delivered,
  and a command of an older desk epoch than the newest one seen is refused: a desk that was
  superseded cannot place calls.
* `HoldMessages` names the recordings people approved, by hash. The gateway fetches what it lacks
  with `message_part` (a call: `FetchMessage`, answered by a `MessagePart` or a `Refusal`), checks
  the hash, and tells with `MessagesHeld` what it can play; a copy nobody names any more is gone.
* `PlaceCall` is self-contained: with no desk present the gateway still treats the answered call as
  the law asks (`not_after`, ring limit, screening, what happens when nobody bridges in time).

Instants are *business* time: UTC ISO 8601, shifted on both sides by `Welcome.clock_offset_s`.
Samples of every message stand in `tests/fixtures/protocol/v1`; a change there is a new version.
This module is imported by both sides and therefore uses the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.wire.asking import AskCustomer, CustomerAnswered
from softphone.wire.codec import ProtocolError, decode, encode
from softphone.wire.commands import (
    BlockNumbers,
    Bridge,
    CloseSeat,
    Command,
    EndWithPrompt,
    HangUp,
    Hold,
    LeaveMessage,
    Mute,
    OpenSeat,
    PlaceCall,
    Prompt,
    ResumeCampaign,
    ScreeningMode,
    SendSnapshot,
    SetShares,
    StopCampaign,
    TestSeat,
    TrunkShare,
    UnblockNumbers,
)
from softphone.wire.control import (
    AddParty,
    AddSeat,
    AnswerCall,
    CloseRelay,
    DropParty,
    OpenRelay,
    PartyMode,
    PauseRecording,
    Refer,
    SendDigits,
    SendLadder,
    SetParties,
    StopSupervising,
    Supervise,
    SupervisionMode,
)
from softphone.wire.copies import FetchMessage, HoldMessages, MessagePart
from softphone.wire.events import (
    CallAnswered,
    CallArrived,
    CallBridged,
    CallEnded,
    CallNotPlaced,
    CallPlaced,
    CallReferred,
    CallRerouted,
    CallRinging,
    CallScreened,
    CallTreated,
    DigitHeard,
    EndedBy,
    Event,
    MessageLeft,
    MessageNotHeld,
    MessagesHeld,
    OrphansCleared,
    PartyChanged,
    RecordingEnded,
    RecordingFailed,
    Refusal,
    RelayChanged,
    SeatDown,
    SeatSilent,
    SeatUp,
    SupervisionChanged,
    TrunkChanged,
    Verdict,
)
from softphone.wire.liveness import (
    CallQuality,
    Liveness,
    RefusedCalls,
    SeatLiveness,
    TrunkLiveness,
)

__all__ = [
    "AddParty",
    "AddSeat",
    "AnswerCall",
    "AskCustomer",
    "BlockNumbers",
    "Bridge",
    "CallAnswered",
    "CallArrived",
    "CallBridged",
    "CallEnded",
    "CallNotPlaced",
    "CallPhase",
    "CallPlaced",
    "CallQuality",
    "CallReferred",
    "CallRerouted",
    "CallRinging",
    "CallScreened",
    "CallState",
    "CallTreated",
    "CloseRelay",
    "CloseSeat",
    "Command",
    "CommandEnvelope",
    "CommandReply",
    "CustomerAnswered",
    "DigitHeard",
    "DropParty",
    "EndWithPrompt",
    "EndedBy",
    "Event",
    "EventEnvelope",
    "FetchMessage",
    "HangUp",
    "Hello",
    "Hold",
    "HoldMessages",
    "LadderLine",
    "LeaveMessage",
    "Liveness",
    "Message",
    "MessageLeft",
    "MessageNotHeld",
    "MessagePart",
    "MessagesHeld",
    "Mute",
    "NAMESPACE",
    "OpenRelay",
    "OpenSeat",
    "OrphansCleared",
    "PartyChanged",
    "PartyMode",
    "PauseRecording",
    "PlaceCall",
    "Prompt",
    "ProtocolError",
    "RecordingEnded",
    "RecordingFailed",
    "Refer",
    "Refusal",
    "RefusedCalls",
    "RelayChanged",
    "ResumeCampaign",
    "ScreeningMode",
    "SeatDown",
    "SeatLiveness",
    "SeatSilent",
    "SeatState",
    "SeatUp",
    "SendDigits",
    "SendLadder",
    "SendSnapshot",
    "SetParties",
    "SetShares",
    "Snapshot",
    "StopCampaign",
    "StopSupervising",
    "Supervise",
    "SupervisionChanged",
    "SupervisionMode",
    "TestSeat",
    "TrunkChanged",
    "TrunkLiveness",
    "TrunkShare",
    "UnblockNumbers",
    "VERSION",
    "Verdict",
    "Welcome",
    "decode",
    "encode",
]

VERSION = 1
NAMESPACE = "/gateway"


@dataclass(frozen=True)
class Hello:
    """First message of a gateway. `first_seq`/`next_seq` bound the outbox: [first, next)."""

    version: int
    gateway_id: str
    boot_id: str
    newest_epoch: int
    first_seq: int
    next_seq: int
    trunks: tuple[TrunkShare, ...]  # what this gateway's configuration says the trunks can carry
    relay_address: str = ""  # host:port other gateways reach this one at; "" when it has none
    safe_harbour: str = ""  # SHA-256 (hex) of the file played to abandoned calls; "": not told
    messages: tuple[str, ...] = ()  # the same of every recording it holds, copies included


@dataclass(frozen=True)
class Welcome:
    """The desk's answer. `acknowledged` is the last event number of this boot it has stored."""

    version: int
    epoch: int
    clock_offset_s: float
    acknowledged: int
    shares: tuple[TrunkShare, ...]
    stopped_campaigns: tuple[int, ...]
    blocked: tuple[str, ...]


@dataclass(frozen=True)
class CommandEnvelope:
    """One command on its way; `gateway_id` is whom it is for."""

    command_id: str
    epoch: int
    gateway_id: str
    command: Command


@dataclass(frozen=True)
class LadderLine:
    """One SIP message of a call: its first line and the headers worth reading, numbers redacted."""

    at: datetime
    sent: bool  # by us
    peer: str  # host:port
    text: str


@dataclass(frozen=True)
class CommandReply:
    """Accepted (`refusal` is None) or refused.

    `answer_sdp` only for `OpenSeat`, `ladder` only for `SendLadder`.
    """

    command_id: str
    refusal: Refusal | None
    answer_sdp: str | None
    ladder: tuple[LadderLine, ...] = ()


class CallPhase(StrEnum):
    """Where a call is, as the gateway knows it."""

    PLACED = "placed"
    RINGING = "ringing"
    SCREENING = "screening"
    WAITING = "waiting"  # offered to the desk, not bridged
    BRIDGED = "bridged"
    TREATED = "treated"  # a closing prompt is playing


@dataclass(frozen=True)
class EventEnvelope:
    """One numbered event; `at` is when it happened, in business time."""

    gateway_id: str
    boot_id: str
    seq: int
    at: datetime
    event: Event


@dataclass(frozen=True)
class CallState:
    """One live call in a snapshot."""

    call_id: str
    trunk_id: str
    phase: CallPhase
    seat_id: str | None


@dataclass(frozen=True)
class SeatState:
    """One seat's leg in a snapshot."""

    seat_id: str
    connected: bool


@dataclass(frozen=True)
class Snapshot:
    """Everything alive in the gateway, after all events below `next_seq` have happened."""

    gateway_id: str
    boot_id: str
    next_seq: int
    calls: tuple[CallState, ...]
    seats: tuple[SeatState, ...]
    trunks: tuple[TrunkChanged, ...]


Message = (
    Hello
    | Welcome
    | Refusal
    | CommandEnvelope
    | CommandReply
    | EventEnvelope
    | Snapshot
    | Liveness
    | FetchMessage
    | MessagePart
)
