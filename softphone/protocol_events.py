"""What a gateway reports: the numbered events of the wire, one dataclass each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softphone.protocol_commands import Prompt


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


Event = (
    CallPlaced
    | CallNotPlaced
    | CallRinging
    | CallAnswered
    | CallScreened
    | CallBridged
    | CallTreated
    | SeatSilent
    | CallEnded
    | SeatUp
    | SeatDown
    | TrunkChanged
    | OrphansCleared
)
