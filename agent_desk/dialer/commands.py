"""What may be asked of the engine: by an operator, a lead, the clock, the lease or a gateway.

Every command is a frozen value. `decide(floor, command, now)` either turns it into a new floor,
events and effects, or raises `IllegalMove`/`Refused` and changes nothing. Commands that come from
outside carry a command id in their envelope (`services/running/group_commit.py`); the id is not
the core's business. Instants inside a command are when the thing happened at its source, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# ruff: noqa: PLC0414  # they are commands like those below, and known under this name
from agent_desk.dialer.campaign_commands import ApproveSafeHarbour as ApproveSafeHarbour
from agent_desk.dialer.campaign_commands import SetAbandonTarget as SetAbandonTarget
from agent_desk.dialer.campaign_commands import SetCampaignRunning as SetCampaignRunning
from agent_desk.dialer.campaign_commands import SetPacing as SetPacing
from agent_desk.dialer.campaign_commands import SetScreening as SetScreening
from agent_desk.dialer.campaign_commands import StopCampaigns as StopCampaigns
from agent_desk.dialer.floor import Answers, Campaign
from agent_desk.dialer.gateway_facts import GatewayFact
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TeamId,
    TrunkId,
    UserId,
)
from agent_desk.dialer.link_commands import MediaOfSeat as MediaOfSeat
from agent_desk.dialer.link_commands import ObserveMedia as ObserveMedia
from agent_desk.dialer.link_commands import ObservePulses as ObservePulses
from agent_desk.dialer.link_commands import PulseOfSeat as PulseOfSeat
from agent_desk.dialer.link_commands import Serve as Serve
from agent_desk.dialer.link_commands import WorkOn as WorkOn
from agent_desk.dialer.message_commands import ApproveMessage as ApproveMessage
from agent_desk.dialer.message_commands import LeaveMessage as LeaveMessage
from agent_desk.dialer.party_commands import CallColleague as CallColleague
from agent_desk.dialer.party_commands import CallNumber as CallNumber
from agent_desk.dialer.party_commands import DropParty as DropParty
from agent_desk.dialer.party_commands import HandOver as HandOver
from agent_desk.dialer.party_commands import SendDigits as SendDigits
from agent_desk.dialer.party_commands import SetPartyMode as SetPartyMode
from agent_desk.dialer.record_commands import DraftNote as DraftNote
from agent_desk.dialer.record_commands import ExtendWrapUp as ExtendWrapUp
from agent_desk.dialer.record_commands import MarkStatus as MarkStatus
from agent_desk.dialer.record_commands import RecordIdentity as RecordIdentity
from agent_desk.dialer.record_commands import SaveResult as SaveResult
from agent_desk.dialer.record_commands import SetCallback as SetCallback
from agent_desk.dialer.record_commands import SetPromise as SetPromise
from agent_desk.dialer.record_commands import WithdrawPromise as WithdrawPromise
from agent_desk.dialer.seat_order import CancelOrder as CancelOrder
from agent_desk.dialer.seat_order import FinishWrapUp as FinishWrapUp
from agent_desk.dialer.seat_order import OrderSeat as OrderSeat
from agent_desk.dialer.skill_changes import SetSkill as SetSkill
from agent_desk.dialer.supervision_commands import AttendFloor as AttendFloor
from agent_desk.dialer.supervision_commands import FollowSeat as FollowSeat
from agent_desk.dialer.supervision_commands import HoldTaken as HoldTaken
from agent_desk.dialer.supervision_commands import LeaveFloor as LeaveFloor
from agent_desk.dialer.supervision_commands import MuteSupervisor as MuteSupervisor
from agent_desk.dialer.supervision_commands import OpenSupervisor as OpenSupervisor
from agent_desk.dialer.supervision_commands import StopSupervising as StopSupervising
from agent_desk.dialer.supervision_commands import Supervise as Supervise
from agent_desk.dialer.survey_commands import ApprovePrompt as ApprovePrompt
from agent_desk.dialer.survey_commands import HandToSurvey as HandToSurvey
from agent_desk.dialer.survey_commands import HangUp as HangUp

# --- the operator's seat ---------------------------------------------------------------------


@dataclass(frozen=True)
class OpenSeat:
    """The operator's page is connected (first page of the day, a reload, or a second tab).

    `serves` are the campaigns of the team, `campaign_id` the one to begin with. `skills` are for a
    seat that is not there yet; of one that is, the floor knows better.
    """

    seat_id: SeatId
    user_id: UserId
    team_id: TeamId | None
    campaign_id: CampaignId
    serves: frozenset[CampaignId] = frozenset()
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CloseSeat:
    """Log-out, or the lead or the server ends the seat; refused while a call is on it.

    `at` is when nobody was at it any more; None: now.
    """

    seat_id: SeatId
    cause: Literal["logout", "disabled", "system"]
    at: datetime | None = None


@dataclass(frozen=True)
class PassDeviceCheck:
    """Microphone, speaker and media path were heard to work."""

    seat_id: SeatId


@dataclass(frozen=True)
class GoAvailable:
    """待機: the next customer may be connected."""

    seat_id: SeatId


@dataclass(frozen=True)
class GoAway:
    """離席 with a reason; queued while a call is reserved or on the seat."""

    seat_id: SeatId
    reason: str


@dataclass(frozen=True)
class CancelAway:
    """Take back a queued 離席."""

    seat_id: SeatId


@dataclass(frozen=True)
class SetHold:
    """保留 on or off."""

    seat_id: SeatId
    on: bool


@dataclass(frozen=True)
class SetMute:
    """Microphone off or on; an attribute, not a state."""

    seat_id: SeatId
    on: bool


@dataclass(frozen=True)
class PauseRecording:
    """Words that must not be kept come (a card number), or are over."""

    seat_id: SeatId
    on: bool


@dataclass(frozen=True)
class NextCustomer:
    """Preview mode: show me the next customer before calling.

    In any mode with `kept_by`: the next of those this campaign keeps for me (VIPs).
    """

    seat_id: SeatId
    kept_by: CampaignId | None = None


@dataclass(frozen=True)
class DialByHand:
    """Show me this customer, whatever the mode, to be called on this number for this campaign."""

    seat_id: SeatId
    campaign_id: CampaignId
    customer_id: CustomerId
    phone_id: PhoneId


@dataclass(frozen=True)
class PlacePreviewed:
    """Preview mode: call the customer shown."""

    seat_id: SeatId


@dataclass(frozen=True)
class SkipPreviewed:
    """Preview mode: not this one; the list entry goes back."""

    seat_id: SeatId
    reason: str


# --- the lease -------------------------------------------------------------------------------


@dataclass(frozen=True)
class LeasedAttempt:
    """One row the lease transaction wrote before any INVITE. `number_today` counts from 1, at most
    to `cap_today`, by which it was judged."""

    call_id: CallId
    campaign_id: CampaignId
    list_entry_id: ListEntryId
    customer_id: CustomerId
    phone_id: PhoneId
    number_key: str
    number_today: int
    trunk_id: TrunkId
    gateway_id: GatewayId
    not_after: datetime
    cap_today: int = 0


@dataclass(frozen=True)
class AttemptsLeased:
    """The answer to a `Lease` effect: what was asked for and what there was.

    `unheard`: attempts of an answer that was lost, found later; they are not placed any more.
    """

    campaign_id: CampaignId
    asked: int
    attempts: tuple[LeasedAttempt, ...]
    reason: str  # why fewer than asked, a why-not-dialing code; "" when all there are lines for
    next_allowed_at: datetime | None
    seat_id: SeatId | None  # preview: the seat that asked
    unheard: bool = False


# --- leads, rules and the clock --------------------------------------------------------------


@dataclass(frozen=True)
class StartCalls:
    """What the pacer, which learns from committed events beside the floor, decided on it."""

    campaign_id: CampaignId
    count: int
    reason: str  # a why-not-dialing code, "" when nothing holds the dialer back
    seat_id: SeatId | None  # preview: the seat that asked


@dataclass(frozen=True)
class ConfigureCampaign:
    """A campaign's settings as saved. What has its own command (running, pacing, answers) stays;
    of a version that is `published`, mode, ratio, abandon target and screening are new as well."""

    campaign: Campaign
    published: bool = False


@dataclass(frozen=True)
class CountAnswers:
    """A fresh count of the rolling windows, for what was counted as `seen` before it was taken.

    When calls have ended since, it is out of date and changes nothing.
    """

    campaign_id: CampaignId
    answers: Answers
    seen: Answers


@dataclass(frozen=True)
class BlockCustomer:
    """Do-not-call took effect: queued and ringing attempts of these numbers end now."""

    number_keys: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class WithdrawCalls:
    """These queued attempts may not be called any more; `ringing`: nor those that ring already."""

    call_ids: tuple[CallId, ...]
    reason: str
    ringing: bool


@dataclass(frozen=True)
class Tick:
    """Time passed: deadlines are looked at and the pacer is asked. Several times a second."""


Command = (
    OpenSeat
    | CloseSeat
    | PassDeviceCheck
    | GoAvailable
    | GoAway
    | CancelAway
    | HangUp
    | SetHold
    | SetMute
    | PauseRecording
    | SendDigits
    | CallNumber
    | CallColleague
    | SetPartyMode
    | HandOver
    | DropParty
    | LeaveMessage
    | HandToSurvey
    | ExtendWrapUp
    | NextCustomer
    | DialByHand
    | PlacePreviewed
    | SkipPreviewed
    | ObservePulses
    | ObserveMedia
    | WorkOn
    | SetSkill
    | OrderSeat
    | CancelOrder
    | FinishWrapUp
    | Serve
    | MarkStatus
    | RecordIdentity
    | SetPromise
    | SetCallback
    | WithdrawPromise
    | DraftNote
    | SaveResult
    | AttemptsLeased
    | SetCampaignRunning
    | StopCampaigns
    | SetScreening
    | StartCalls
    | SetPacing
    | SetAbandonTarget
    | ApproveSafeHarbour
    | ApproveMessage
    | ApprovePrompt
    | ConfigureCampaign
    | CountAnswers
    | BlockCustomer
    | WithdrawCalls
    | OpenSupervisor
    | AttendFloor
    | LeaveFloor
    | Supervise
    | FollowSeat
    | MuteSupervisor
    | HoldTaken
    | StopSupervising
    | Tick
    | GatewayFact
)
