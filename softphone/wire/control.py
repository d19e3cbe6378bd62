"""What may be asked of a call that lives: digits, parties, supervision, relays, its SIP ladder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PartyMode(StrEnum):
    """Who hears whom when a call has a second party besides its seat."""

    CONSULT = "consult"  # seat and party talk, the customer hears music
    CONFERENCE = "conference"  # all three
    TRANSFERRED = "transferred"  # customer and party go on, the seat is released


class SupervisionMode(StrEnum):
    """What a supervisor's seat does in a call of another seat."""

    LISTEN = "listen"  # hears both
    WHISPER = "whisper"  # and is heard by the operator
    BARGE = "barge"  # and by the customer
    TAKE_OVER = "take_over"  # talks to the customer; the operator is released


@dataclass(frozen=True)
class SendDigits:
    """Keys pressed towards the customer (RFC 4733): `0-9`, `*`, `#`, `A-D`, at most 32."""

    call_id: str
    digits: str


@dataclass(frozen=True)
class PauseRecording:
    """On: silence is written until it is off again, for words that must not be kept."""

    call_id: str
    on: bool


@dataclass(frozen=True)
class Refer:
    """Blind transfer by the carrier (REFER, RFC 3515); `target` is E.164. We hang up when done."""

    call_id: str
    target: str


@dataclass(frozen=True)
class AddParty:
    """Call a third number into a bridged call, beginning in `consult`."""

    call_id: str
    party_id: str
    trunk_id: str
    number: str  # E.164
    number_key: str
    caller_id: str
    not_after: datetime
    ring_limit_s: float


@dataclass(frozen=True)
class AddSeat:
    """Bring another seat into a bridged call, beginning in `consult`. `party_id` names it there."""

    call_id: str
    party_id: str
    seat_id: str


@dataclass(frozen=True)
class SetParties:
    """Change who hears whom; refused while the party has not answered."""

    call_id: str
    mode: PartyMode


@dataclass(frozen=True)
class DropParty:
    """End the second party's leg; seat and customer are joined again."""

    call_id: str


@dataclass(frozen=True)
class Supervise:
    """Bring a supervisor's seat into a bridged call, or change what it does there, without a gap.

    The seat is the supervisor's own standing leg, opened by `OpenSeat`. `notice`: who comes in is
    announced to the operator, and to nobody else, by a short tone.
    """

    call_id: str
    seat_id: str
    mode: SupervisionMode
    notice: bool = False


@dataclass(frozen=True)
class StopSupervising:
    """The supervisor's seat leaves the call."""

    call_id: str
    seat_id: str


@dataclass(frozen=True)
class AnswerCall:
    """Take a call that came in, without a seat yet: `please_wait` and music until `Bridge`.

    `Bridge` alone answers and joins; `EndWithPrompt` answers, plays and hangs up; `HangUp`
    refuses. Not bridged `within_s` after the answer: `all_busy` plays, and we hang up.
    """

    call_id: str
    within_s: float


@dataclass(frozen=True)
class OpenRelay:
    """One end of a path between two gateways, for a call whose seat is on another one.

    The end with `hosts_call` runs the call: there `Bridge` may name the seat afterwards. The other
    end has the seat's leg and lends it. Packets are SRTP under `key` (base64 of 30 octets, RFC 3711
    AES_CM_128_HMAC_SHA1_80), sent and taken only between the two addresses named here.
    """

    relay_id: str
    call_id: str
    seat_id: str
    hosts_call: bool
    local: str  # host:port of this gateway, as its Hello said
    remote: str  # host:port of the other one
    send_ssrc: int
    receive_ssrc: int
    key: str


@dataclass(frozen=True)
class CloseRelay:
    """The path is not needed any more."""

    relay_id: str


@dataclass(frozen=True)
class SendLadder:
    """Ask for the SIP messages of a call, over or not; the reply carries them, redacted."""

    call_id: str
