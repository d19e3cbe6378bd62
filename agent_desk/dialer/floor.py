"""The floor: everything the dialer knows at one instant, as one immutable value.

A floor is never changed. `engine.decide` makes the next one out of it, and the loop around the
engine (group commit) makes that one *the* floor only after its rows are durable; a failed commit
simply keeps the old value. Nothing in here is read from a clock: each question that depends on
time takes `now`.

* `seats` holds the seats that are not offline. A seat that is closed leaves the floor.
* `calls` holds attempts from the lease until they are ended, and an ended one for as long as its
  operator is in wrap-up. A gateway's word on any other call id is old news.
* `campaigns` and `gateways` are what the engine must know of them to decide, no more.
* `leasing` counts, per campaign, attempts asked of the lease transaction and not yet answered.
* `why` is what the team lead reads under "why not dialing".
* `supervisors` are leads with a leg of their own, by its id: neither seats nor capacity.

Instants are UTC, durations seconds. A field is None until the thing it tells of has happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

# ruff: noqa: PLC0414  # they are of the floor like those below, and known under its name
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
from agent_desk.dialer.page_link import CONSENT_FRESH_S as CONSENT_FRESH_S
from agent_desk.dialer.page_link import MEDIA_FRESH_S as MEDIA_FRESH_S
from agent_desk.dialer.page_link import PULSE_FRESH_S as PULSE_FRESH_S
from agent_desk.dialer.page_link import PULSE_LOST_S as PULSE_LOST_S
from agent_desk.dialer.page_link import PULSE_SLOW_S as PULSE_SLOW_S
from agent_desk.dialer.page_link import Health as Health
from agent_desk.dialer.page_link import Link as Link
from agent_desk.dialer.party import Party
from agent_desk.dialer.promises import USUAL_COUNTS
from agent_desk.dialer.seat_order import SeatOrder
from agent_desk.dialer.supervisor import Supervisor as Supervisor
from agent_desk.dialer.survey import Survey
from agent_desk.dialer.why_codes import WhyCode


class SeatState(StrEnum):
    """Where an operator's seat is; code and `data-state` alike."""

    OFFLINE = "offline"
    STARTING = "starting"
    AVAILABLE = "available"
    RESERVED = "reserved"
    TALKING = "talking"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    AWAY = "away"


class CallState(StrEnum):
    """Where an attempt is."""

    LEASED = "leased"
    PLACED = "placed"
    RINGING = "ringing"
    ANSWERED = "answered"
    SCREENING = "screening"
    WAITING = "waiting"
    BRIDGED = "bridged"
    ENDED = "ended"


FAST_PULSE_STATES = frozenset({SeatState.STARTING, SeatState.AVAILABLE, SeatState.RESERVED})


class NextCustomerRequest(StrEnum):
    """Preview mode: how far the wish for the next customer has come."""

    NONE = "none"
    ASKED = "asked"  # the pacer is to decide
    LEASING = "leasing"  # the lease transaction is looking


@dataclass(frozen=True)
class Seat:
    """An operator's live presence. `call_id` is set from reserved to the end of wrap-up."""

    seat_id: SeatId
    user_id: UserId
    team_id: TeamId | None
    campaign_id: CampaignId  # of this call or, between two, of the last one
    gateway_id: GatewayId | None
    state: SeatState
    since: datetime
    link: Link
    reason: str | None = None  # of away
    call_id: CallId | None = None
    queued_away: str | None = None
    deadline: datetime | None = None  # of wrap-up
    extensions: int = 0  # of this wrap-up, so far
    muted: bool = False
    checked: bool = False  # the device check was passed
    next_customer: NextCustomerRequest = NextCustomerRequest.NONE
    consulted_on: CallId | None = None  # away as the colleague in somebody's call
    serves: frozenset[CampaignId] = frozenset()  # all whose calls it may be offered: the team's
    assigned: frozenset[CampaignId] = frozenset()  # of those, the ones a lead left it; none: all
    order: SeatOrder | None = None  # of a lead
    skills: frozenset[str] = frozenset()  # codes of what its operator can do
    lacks: frozenset[CampaignId] = frozenset()  # that ask for one it has not (`skills.py`)

    def proven_ready(self, now: datetime) -> bool:
        """Available, and the next call's audio would be heard: the only seats that are capacity."""
        return self.state is SeatState.AVAILABLE and self.checked and self.link.proven(now)

    def health(self, now: datetime) -> Health:
        """Of the page's heartbeat, by the rhythm it is expected to keep in this state."""
        fresh = PULSE_FRESH_S if self.state in FAST_PULSE_STATES else PULSE_SLOW_S
        return self.link.health(now, fresh_s=fresh)


@dataclass(frozen=True)
class Call:
    """One attempt and the call it became; or a call that came in (`inbound`).

    Of a caller nobody knows there is no entry, customer or phone; `number_key` is "" when the
    number was withheld.
    """

    call_id: CallId
    campaign_id: CampaignId
    list_entry_id: ListEntryId | None
    customer_id: CustomerId | None
    phone_id: PhoneId | None
    number_key: str
    number_today: int  # this is the customer's n-th attempt of the business day, from 1
    trunk_id: TrunkId
    gateway_id: GatewayId
    state: CallState
    since: datetime
    not_after: datetime
    preview: bool = False
    seat_id: SeatId | None = None  # reserved for, or bridged to
    place_asked_at: datetime | None = None  # PlaceCall was sent; from here the attempt may exist
    placed_at: datetime | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    greeting_end_at: datetime | None = None
    offered_at: datetime | None = None
    bridge_asked_at: datetime | None = None
    bridged_at: datetime | None = None
    ended_at: datetime | None = None
    ending_at: datetime | None = None  # asked to end; no seat is offered any more
    prompt_at: datetime | None = None  # of the newest recording played to the customer
    verdict: str | None = None
    identity: str = "unknown"
    codes: frozenset[str] = frozenset()
    promise_due: date | None = None
    callback_at: datetime | None = None  # asked for on this call
    callback_own: bool = False
    outcome: str | None = None
    ended_by: str | None = None
    recording_paused: bool = False
    prompt: str | None = None  # the recording of `prompt_at`
    inbound: bool = False
    out_of_hours: bool = False  # inbound: it came when nobody works; the caller is told so
    known_to: SeatId | None = None  # inbound: the seat whose operator talked with them last
    answer_asked_at: datetime | None = None  # inbound: the gateway is to answer, music until a seat
    call_back: bool = False  # inbound: a caller we lose is to be called, first of all
    party: Party | None = None
    # The campaign as it was then: what is set anew is for later calls. See `Draft.terms`.
    leased_under: Campaign | None = field(default=None, compare=False, repr=False)
    message: str = ""  # for an answering machine: leaving, left, cut_off
    survey: str = ""  # of the customer: asking, answered, unanswered
    caller_id: str | None = None  # the number that is shown, "" for none; None: nobody said yet
    cap_today: int = 0  # how many attempts the customer may have that day, as it was judged
    taken_by: SeatId | None = None  # the lead who talks now; `seat_id` writes the result

    @property
    def may_exist(self) -> bool:
        """Whether an INVITE may have left: only a preview nobody has placed cannot have one."""
        return (
            self.place_asked_at is not None
            or not self.preview
            or self.state is not CallState.LEASED
        )

    def bridge_by(self, within_s: float) -> datetime | None:
        """Until when the customer may wait: counted from the end of the greeting, else, as the
        gateway does, from the offer: it took its time to tell that nobody spoke."""
        begin = self.greeting_end_at or self.offered_at or self.answered_at
        return None if begin is None else begin + timedelta(seconds=within_s)


@dataclass(frozen=True)
class StatusCode:
    """A status a campaign's operators may mark."""

    code: str
    needs_identity: bool = False
    required: frozenset[str] = frozenset()  # of `note`, `amount`, `callback`
    excludes: frozenset[str] = frozenset()  # codes that cannot stand beside it
    implies: frozenset[str] = frozenset()  # codes that come with it
    third_party: bool = False  # for talks with somebody else than the customer


@dataclass(frozen=True)
class Answers:
    """Live answers and how many of them were abandoned, in two rolling windows (R20)."""

    live_24h: int = 0
    abandoned_24h: int = 0
    live_30d: int = 0
    abandoned_30d: int = 0


Running = Literal["running", "paused", "draining", "stopped"]
Mode = Literal["preview", "progressive", "ratio", "predictive"]
Screening = Literal["off", "watch", "strict"]
# After-call work: `optional` ends by itself and what was pressed is the result; `timed` has a
# deadline, `extendable` one that may be put off, `open` none.
WrapUpPolicy = Literal["optional", "timed", "extendable", "open"]
# What becomes of a stopped campaign's customers nobody is joined to yet (R59): they are served as
# if nothing had happened, or who rings is let go and who answered hears the recording.
InFlight = Literal["finish", "message"]


@dataclass(frozen=True)
class Campaign:
    """What the engine must know of a campaign. `running_by`, `running_at`: who set `running` last,
    and when; empty and None until somebody did."""

    campaign_id: CampaignId
    kind: Literal["collections", "sales", "dormant", "survey"]
    mode: Mode
    ratio: float
    running: Running
    ring_limit_s: float = 25.0
    running_by: str = ""
    running_at: datetime | None = None
    screening: Screening = "strict"
    bridge_within_s: float = 2.0
    wrap_up_policy: WrapUpPolicy = "extendable"
    wrap_up_s: float = 60.0
    wrap_up_extension_s: float = 60.0
    wrap_up_extensions: int = 2
    after_wrap_up: Literal["available", "away"] = "away"
    identity_needed: bool = False
    statuses: tuple[StatusCode, ...] = ()
    promise_max_days: int = 60
    instalment_counts: Sequence[int] = USUAL_COUNTS  # into how many parts a promise may be shared
    recording: bool = True
    abandon_target: float = 0.01
    answers: Answers = Answers()
    safe_harbour: str = ""  # SHA-256 of the recording approved for abandoned calls; "": none
    message: str = ""  # the same of the one for answering machines
    survey: Survey = Survey()
    loud_dbfs: float = -12.0  # an operator's voice above this for over a second is shown (A57)
    supervision_tone: bool = False  # the operator hears that a lead comes in
    supervision_shown: bool = True  # the operator sees who only listens
    skills: Sequence[str] = ()  # a seat has all of them, or is not offered its calls


def wrap_up_until(campaign: Campaign, begin: datetime) -> datetime | None:
    """The deadline of after-call work that begins then; None: there is none."""
    if campaign.wrap_up_policy == "open":
        return None
    return begin + timedelta(seconds=campaign.wrap_up_s)


@dataclass(frozen=True)
class Share:
    """The part of a trunk one gateway may use, and what is left of its calls per second.

    A bucket of one second's calls (never less than one) fills at `calls_per_second`; each
    `PlaceCall` takes one. The gateway enforces the same rate; this only keeps us from asking.
    """

    lines: int
    calls_per_second: float
    up: bool
    reason: str = ""  # what the gateway says of a trunk that is not up
    tokens: float | None = None  # at `tokens_at`; None: full
    tokens_at: datetime | None = None

    def calls_now(self, now: datetime) -> float:
        """Calls the rate allows at this instant (a fraction is not yet a call)."""
        if self.calls_per_second <= 0:
            return 0.0
        burst = max(1.0, self.calls_per_second)
        if self.tokens is None or self.tokens_at is None:
            return burst
        elapsed = max(0.0, (now - self.tokens_at).total_seconds())
        return min(burst, self.tokens + elapsed * self.calls_per_second)


@dataclass(frozen=True)
class Gateway:
    """A gateway and its trunks. `linked`: commands reach it, and it has told all it had to tell."""

    gateway_id: GatewayId
    boot_id: str
    linked: bool
    trunks: Mapping[TrunkId, Share]
    lost_at: datetime | None = None
    safe_harbour: str = ""  # SHA-256 of the recording it plays to abandoned calls
    messages: tuple[str, ...] = ()  # the same of every recording it can play
    refused_messages: tuple[tuple[str, str], ...] = ()  # what it could not fetch: hash, error id
    relay_address: str = ""  # where other gateways send a lent seat's audio; "": nowhere
    overloaded: bool = False  # its voices run late
    draining: bool = False  # it finishes its calls and leaves

    @property
    def takes_new(self) -> bool:
        """Whether new calls, new seats and other gateways' calls may be brought to it."""
        return self.linked and not self.overloaded and not self.draining


@dataclass(frozen=True)
class Why:
    """The pacer's last decision; `dry_at` is when a lease last found too little to call."""

    count: int
    reason: str
    at: datetime
    next_allowed_at: datetime | None = None
    dry_at: datetime | None = None
    dry_reason: WhyCode = WhyCode.NOTHING


@dataclass(frozen=True)
class Floor:
    """See the head of this module."""

    seats: Mapping[SeatId, Seat] = field(default_factory=dict)
    calls: Mapping[CallId, Call] = field(default_factory=dict)
    campaigns: Mapping[CampaignId, Campaign] = field(default_factory=dict)
    gateways: Mapping[GatewayId, Gateway] = field(default_factory=dict)
    leasing: Mapping[CampaignId, int] = field(default_factory=dict)
    why: Mapping[CampaignId, Why] = field(default_factory=dict)
    supervisors: Mapping[SeatId, Supervisor] = field(default_factory=dict)
