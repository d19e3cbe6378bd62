"""What a gateway reports: the numbered events of the wire, one dataclass each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.wire.asking import CustomerAnswered
from softphone.wire.commands import Prompt
from softphone.wire.control import PartyMode, SupervisionMode


class Verdict(StrEnum):
    """What screening took the answering party for; `uncertain` is treated as a human."""

    HUMAN = "human"
    MACHINE = "machine"
    ANNOUNCEMENT = "announcement"
    TONE = "tone"
    SILENCE = "silence"
    UNCERTAIN = "uncertain"
    NOT_SCREENED = "not_screened"


class EndedBy(StrEnum):
    """Who ended a call."""

    CUSTOMER = "customer"
    DESK = "desk"
    GATEWAY = "gateway"  # ring limit, screening, a rule carried by PlaceCall, a lost seat
    TRUNK = "trunk"  # the carrier refused, failed or never answered


@dataclass(frozen=True)
class Refusal:
    """Why the other side will not talk or will not do it; `error_id` is stable."""

    error_id: str
    message: str


@dataclass(frozen=True)
class CallPlaced:
    """The INVITE has left."""

    call_id: str
    trunk_id: str
    caller_id: str | None = None  # the number shown; "" when withheld, None where nobody tells


@dataclass(frozen=True)
class CallNotPlaced:
    """The INVITE never left, and never will: nothing counts against the customer's caps."""

    call_id: str
    refusal: Refusal


@dataclass(frozen=True)
class CallRinging:
    """The first 18x."""

    call_id: str
    sip_code: int


@dataclass(frozen=True)
class CallAnswered:
    """200 OK."""

    call_id: str


@dataclass(frozen=True)
class CallScreened:
    """What answered. `offered` says that the gateway now waits for a `Bridge`."""

    call_id: str
    verdict: Verdict
    greeting_end_ms: int | None  # since the answer; None when no greeting was heard
    offered: bool
    evidence: str


@dataclass(frozen=True)
class CallBridged:
    """Audio runs both ways; `after_ms` since the answer."""

    call_id: str
    seat_id: str
    after_ms: int


@dataclass(frozen=True)
class CallTreated:
    """A prompt began playing to the customer; `after_ms` since the answer."""

    call_id: str
    prompt: Prompt
    after_ms: int
    recording: str = ""  # SHA-256 (hex) of the file that plays


@dataclass(frozen=True)
class MessageLeft:
    """What an answering machine was told of a `LeaveMessage`: all of it (`whole`), or a part."""

    call_id: str
    recording: str
    played_ms: int
    whole: bool


@dataclass(frozen=True)
class SeatSilent:
    """No media from the seat of a bridged call for a second, or media again (`silent` false)."""

    call_id: str
    seat_id: str
    silent: bool


@dataclass(frozen=True)
class CallEnded:
    """The one final word on a call.

    `sip_code` is the final answer (None when the call was established), `abandoned` means a live
    person was not bridged in time, `seat_lost` that the operator's leg did not come back.
    """

    call_id: str
    by: EndedBy
    sip_code: int | None
    q850: int | None
    rang: bool
    answered: bool
    verdict: Verdict
    abandoned: bool
    seat_lost: bool
    cause: str
    early_media: str = ""  # what was heard before an answer (SIT, announcement), as evidence


@dataclass(frozen=True)
class SeatUp:
    """The seat's leg is connected and audio can run."""

    seat_id: str


@dataclass(frozen=True)
class SeatDown:
    """The seat's leg is gone."""

    seat_id: str
    reason: str


@dataclass(frozen=True)
class TrunkChanged:
    """A trunk became usable or unusable."""

    trunk_id: str
    up: bool
    reason: str


@dataclass(frozen=True)
class OrphansCleared:
    """Dialogs left by a killed process were ended with BYE or CANCEL."""

    trunk_id: str
    count: int


@dataclass(frozen=True)
class CallRerouted:
    """The trunk failed without ringing; the INVITE goes out on the next one."""

    call_id: str
    trunk_id: str  # the one now tried
    sip_code: int | None  # what the one before answered; None when it said nothing
    caller_id: str | None = None  # the number shown there, as of `CallPlaced`


@dataclass(frozen=True)
class CallArrived:
    """Somebody calls one of our numbers. Rung at once; `AnswerCall`, `Bridge`, … say what then."""

    call_id: str  # given by the gateway
    trunk_id: str
    number: str  # E.164; "" when withheld
    called: str  # E.164: our number that was called; "" when the trunk did not say


@dataclass(frozen=True)
class DigitHeard:
    """The customer pressed a key; `in_band` when it was found as tones in the audio."""

    call_id: str
    digit: str
    duration_ms: int
    in_band: bool


@dataclass(frozen=True)
class PartyChanged:
    """What became of the second party: `state` is dialing, ringing, joined or gone.

    `mode` is None when there is no party any more.
    """

    call_id: str
    party_id: str
    state: str
    mode: PartyMode | None
    sip_code: int | None


@dataclass(frozen=True)
class CallReferred:
    """The carrier took the call over (`accepted`), or would not."""

    call_id: str
    accepted: bool
    sip_code: int | None


@dataclass(frozen=True)
class SupervisionChanged:
    """A supervisor's seat does this in the call now; `mode` is None when it has left."""

    call_id: str
    seat_id: str
    mode: SupervisionMode | None


@dataclass(frozen=True)
class RecordingEnded:
    """A sealed file is complete. `path` is below `RECORDING_DIR`; the hash is of the file.

    `truncated`: the call went on after it, for the gateway was killed or the disk failed.
    """

    call_id: str
    path: str
    sha256: str
    size_bytes: int
    duration_ms: int
    started_at: datetime
    paused_ms: int
    truncated: bool = False


@dataclass(frozen=True)
class RecordingFailed:
    """Nothing, or not all, was recorded, and why (`error_id` is stable)."""

    call_id: str
    path: str
    reason: Refusal


@dataclass(frozen=True)
class RelayChanged:
    """The path to another gateway carries packets, or carries none any more."""

    relay_id: str
    up: bool
    reason: str


@dataclass(frozen=True)
class MessageNotHeld:
    """A recording the desk wants held, and why it is not; tried again later."""

    recording: str
    reason: Refusal


@dataclass(frozen=True)
class MessagesHeld:
    """The recordings this gateway can play, those of its own included, and those it cannot."""

    recordings: tuple[str, ...]
    refused: tuple[MessageNotHeld, ...]


Event = (
    CallPlaced
    | CallNotPlaced
    | CallRinging
    | CallAnswered
    | CallScreened
    | CallBridged
    | CallTreated
    | MessageLeft
    | CustomerAnswered
    | SeatSilent
    | CallEnded
    | SeatUp
    | SeatDown
    | TrunkChanged
    | OrphansCleared
    | CallRerouted
    | CallArrived
    | DigitHeard
    | PartyChanged
    | CallReferred
    | SupervisionChanged
    | RecordingEnded
    | RecordingFailed
    | RelayChanged
    | MessagesHeld
)
