"""What happened: facts the engine decided, written as rows in the same transaction.

`store/rows/journal.py` has one writer per class (a house test checks that none is missing), and
after the commit `sockets/publisher.py` tells the pages what they are about. An event is
never undone; a correction is another event. Instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

# ruff: noqa: PLC0414  # they are events like those below, and known under this name
from agent_desk.dialer.campaign_events import AbandonTargetSet as AbandonTargetSet
from agent_desk.dialer.campaign_events import CampaignRunningSet as CampaignRunningSet
from agent_desk.dialer.campaign_events import PacingSet as PacingSet
from agent_desk.dialer.campaign_events import SafeHarbourApproved as SafeHarbourApproved
from agent_desk.dialer.campaign_events import ScreeningSet as ScreeningSet
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TrunkId,
    UserId,
)
from agent_desk.dialer.message_events import CallPromptPlayed as CallPromptPlayed
from agent_desk.dialer.message_events import MessageApproved as MessageApproved
from agent_desk.dialer.message_events import MessageAsked as MessageAsked
from agent_desk.dialer.message_events import MessageLeft as MessageLeft
from agent_desk.dialer.party_events import DigitsSent as DigitsSent
from agent_desk.dialer.party_events import PartyAsked as PartyAsked
from agent_desk.dialer.party_events import PartyMoved as PartyMoved
from agent_desk.dialer.promises import PromisePart
from agent_desk.dialer.recording_events import RecordingFailed as RecordingFailed
from agent_desk.dialer.recording_events import RecordingKept as RecordingKept
from agent_desk.dialer.recording_events import RecordingPaused as RecordingPaused
from agent_desk.dialer.seat_order import SeatOrdered as SeatOrdered
from agent_desk.dialer.seat_order import SeatOrderEnded as SeatOrderEnded
from agent_desk.dialer.seat_order import WrapUpFinished as WrapUpFinished
from agent_desk.dialer.skill_changes import SkillSet as SkillSet
from agent_desk.dialer.supervision_events import CallTakenOver as CallTakenOver
from agent_desk.dialer.supervision_events import SupervisionAsked as SupervisionAsked
from agent_desk.dialer.supervision_events import SupervisionBegan as SupervisionBegan
from agent_desk.dialer.supervision_events import SupervisionEnded as SupervisionEnded
from agent_desk.dialer.survey_events import LineFreed as LineFreed
from agent_desk.dialer.survey_events import PromptApproved as PromptApproved
from agent_desk.dialer.survey_events import ScoreAsked as ScoreAsked
from agent_desk.dialer.survey_events import ScoreGiven as ScoreGiven


@dataclass(frozen=True)
class SeatMoved:
    """One row of the seat's history. Intervals between two rows are what metrics add up."""

    seat_id: SeatId
    user_id: UserId
    from_state: str
    to_state: str
    reason: str | None  # of away
    cause: str  # the command or deadline that moved it
    call_id: CallId | None
    campaign_id: CampaignId | None
    at: datetime


@dataclass(frozen=True)
class CallCameIn:
    """Somebody calls us. `number` (E.164) is "" when it was withheld."""

    call_id: CallId
    campaign_id: CampaignId
    list_entry_id: ListEntryId | None
    customer_id: CustomerId | None
    phone_id: PhoneId | None
    number: str = field(repr=False)
    number_key: str
    trunk_id: TrunkId
    gateway_id: GatewayId
    desk_epoch: int
    at: datetime


@dataclass(frozen=True)
class CallMoved:
    """The call machine took a step (`to_state` is never `ended`: that is `CallFinished`)."""

    call_id: CallId
    from_state: str
    to_state: str
    at: datetime
    seat_id: SeatId | None = None  # the seat it is for after this step; None: no seat (any more)
    verdict: str | None = None  # set when screened
    greeting_end_ms: int | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class CallFinished:
    """The one final outcome of an attempt (I6)."""

    call_id: CallId
    list_entry_id: ListEntryId | None
    customer_id: CustomerId | None
    campaign_id: CampaignId
    outcome: str
    blame: str
    by: str
    counts: bool  # whether the attempt counts against the customer's caps
    answered: bool
    live_answer: bool  # a person answered: the denominator of the abandonment rate
    abandoned: bool
    sip_code: int | None
    q850: int | None
    cause: str
    seat_id: SeatId | None
    at: datetime
    inbound: bool = False
    evidence: str = ""  # what was heard before an answer; empty: nothing that tells anything


@dataclass(frozen=True)
class CallerIdShown:
    """The number whoever is called sees, as the gateway told it; "" when it was withheld, None
    where it did not tell."""

    call_id: CallId
    caller_id: str | None


@dataclass(frozen=True)
class CallRerouted:
    """The call goes out on another trunk; `sip_code` is what the one before said, if anything."""

    call_id: CallId
    trunk_id: TrunkId
    sip_code: int | None
    at: datetime


@dataclass(frozen=True)
class StatusMarked:
    """A status button was pressed (`on`) or released."""

    call_id: CallId
    seat_id: SeatId
    user_id: UserId
    campaign_id: CampaignId
    code: str
    on: bool
    at: datetime


@dataclass(frozen=True)
class IdentityRecorded:
    """What 本人確認 came to."""

    call_id: CallId
    user_id: UserId
    state: str
    factor: str
    at: datetime


@dataclass(frozen=True)
class PromiseMade:
    """支払日設定; replaces an earlier promise of the same call."""

    call_id: CallId
    customer_id: CustomerId
    user_id: UserId
    due_on: date
    amount_yen: int | None
    at: datetime
    method: str | None = None
    parts: tuple[PromisePart, ...] = ()


@dataclass(frozen=True)
class PromiseWithdrawn:
    """The promise of this call was taken back."""

    call_id: CallId
    user_id: UserId
    at: datetime


@dataclass(frozen=True)
class NoteDrafted:
    """The note as typed so far."""

    call_id: CallId
    user_id: UserId
    text: str
    at: datetime


@dataclass(frozen=True)
class CallbackAsked:
    """The customer wants to be called again at `due_at` (None: not any more), by `own` operator."""

    call_id: CallId
    customer_id: CustomerId
    list_entry_id: ListEntryId
    campaign_id: CampaignId
    user_id: UserId
    own: bool
    due_at: datetime | None
    at: datetime


@dataclass(frozen=True)
class ResultRecorded:
    """The result of a call. `recorded` is false when the wrap-up deadline passed: `unrecorded`."""

    call_id: CallId
    customer_id: CustomerId | None
    list_entry_id: ListEntryId | None
    campaign_id: CampaignId
    user_id: UserId
    codes: tuple[str, ...]  # the statuses marked at that moment
    note: str | None  # None: the draft stands
    recorded: bool
    at: datetime
    counterpart: str = "unknown"  # who was spoken to (R50)


@dataclass(frozen=True)
class WrapUpExtended:
    """The wrap-up deadline moved."""

    seat_id: SeatId
    user_id: UserId
    call_id: CallId
    deadline: datetime
    at: datetime


@dataclass(frozen=True)
class AwayQueued:
    """離席 was asked for after this call and its wrap-up, or taken back (`reason` None)."""

    seat_id: SeatId
    user_id: UserId
    call_id: CallId
    reason: str | None
    at: datetime


@dataclass(frozen=True)
class MuteSet:
    """The operator's microphone was closed (`on`) for this call, or opened again."""

    seat_id: SeatId
    user_id: UserId
    call_id: CallId
    on: bool
    at: datetime


@dataclass(frozen=True)
class CallbackDue:
    """A customer who lost the line, or called us in vain, is to be called first.

    `cause` is the outcome: `seat_lost`, `system_failure`, `missed`, `gave_up`.
    """

    call_id: CallId
    customer_id: CustomerId
    list_entry_id: ListEntryId
    campaign_id: CampaignId
    cause: str
    at: datetime


@dataclass(frozen=True)
class GatewayBooted:
    """A gateway said hello; `restarted` when its earlier calls are lost."""

    gateway_id: GatewayId
    boot_id: str
    restarted: bool
    at: datetime


Event = (
    SeatMoved
    | CallCameIn
    | CallMoved
    | CallFinished
    | CallPromptPlayed
    | CallRerouted
    | CallerIdShown
    | StatusMarked
    | IdentityRecorded
    | PromiseMade
    | PromiseWithdrawn
    | NoteDrafted
    | ResultRecorded
    | WrapUpExtended
    | AwayQueued
    | SeatOrdered
    | SeatOrderEnded
    | WrapUpFinished
    | SkillSet
    | MuteSet
    | DigitsSent
    | PartyAsked
    | PartyMoved
    | SupervisionAsked
    | SupervisionBegan
    | SupervisionEnded
    | CallTakenOver
    | MessageAsked
    | MessageLeft
    | MessageApproved
    | PromptApproved
    | ScoreAsked
    | ScoreGiven
    | LineFreed
    | RecordingPaused
    | RecordingKept
    | RecordingFailed
    | CallbackDue
    | CallbackAsked
    | CampaignRunningSet
    | PacingSet
    | SafeHarbourApproved
    | AbandonTargetSet
    | ScreeningSet
    | GatewayBooted
)
