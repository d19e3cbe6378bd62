"""Why the core did not do what was asked: a machine's law was broken, or a rule said no.

    CoreError
    ├── IllegalMove   a machine has no such move: a bug, or news that came too late to matter
    └── Refused       a person asked for something that is not possible now, and can be told why

Either one means that nothing at all was changed. `ErrorId` values are API: pages translate them
(`error.<id>` in the catalogue), tests and operators' manuals name them. Add to them, never rename.
"""

from __future__ import annotations

from enum import StrEnum


class ErrorId(StrEnum):
    """Every refusal of the core. The value is stable."""

    SEAT_NOT_OPEN = "seat-not-open"  # no page has opened this seat
    DEVICE_CHECK_MISSING = "device-check-missing"  # microphone and speaker not yet heard to work
    MEDIA_DOWN = "media-down"  # the audio leg between page and gateway is not connected
    PAGE_NOT_HEARD = "page-not-heard"  # no heartbeat from the page lately
    MICROPHONE_MUTED = "microphone-muted"  # the track is muted by the browser or the system
    CALL_ON_SEAT = "call-on-seat"  # not while a call is reserved for or on the seat
    RESULT_MISSING = "result-missing"  # wrap-up ends by saving the result, not by a button
    NOT_IN_WRAP_UP = "not-in-wrap-up"  # only possible during wrap-up
    NOT_AVAILABLE = "not-available"  # only possible while available
    NO_CALL = "no-call"  # there is no call to do this with
    NOT_YOUR_CALL = "not-your-call"  # the call named is not the one on this seat
    NO_PARTY = "no-party"  # there is nobody else in the call
    PARTY_PRESENT = "party-present"  # there is somebody else in the call already
    PARTY_NOT_JOINED = "party-not-joined"  # they have not answered yet
    COLLEAGUE_BUSY = "colleague-busy"  # not available, or not heard
    COLLEAGUE_ELSEWHERE = "colleague-elsewhere"  # works for another campaign, or on another gateway
    DIGITS_UNUSABLE = "digits-unusable"  # 1 to 32 of 0-9 * # A-D
    NO_MESSAGE = "no-message"  # none may be left on answering machines of this campaign
    NO_SURVEY = "no-survey"  # the customer of this call is not to be asked for a score
    SURVEY_OTHER_PERSON = "survey-other-person"  # only the customer is asked
    PERSON_ON_LINE = "person-on-line"  # a message is for machines
    NOTHING_QUEUED = "nothing-queued"  # no away is queued
    NOTHING_ORDERED = "nothing-ordered"  # no lead's order waits for this seat
    EXTENSIONS_USED_UP = "extensions-used-up"  # wrap-up was extended as often as allowed
    NOT_PREVIEW = "not-preview"  # the campaign does not preview customers
    NOTHING_PREVIEWED = "nothing-previewed"  # no customer is shown and waiting to be called
    NEXT_ALREADY_ASKED = "next-already-asked"  # the next customer is being looked for
    CAMPAIGN_NOT_RUNNING = "campaign-not-running"
    CAMPAIGN_UNKNOWN = "campaign-unknown"
    GATEWAY_DOWN = "gateway-down"
    STATUS_UNKNOWN = "status-unknown"  # the campaign has no such status code
    IDENTITY_NEEDED = "identity-needed"  # 本人確認 first
    THIRD_PARTY_NEEDED = "third-party-needed"  # the status is for talks with somebody else
    IDENTITY_IN_USE = "identity-in-use"  # a promise or status rests on the verified identity
    PROMISE_DATE = "promise-date"  # in the past, or further ahead than the campaign allows
    PROMISE_AMOUNT = "promise-amount"  # not a positive number of yen
    PROMISE_MISSING = "promise-missing"  # payment_date is marked by setting a promise
    PROMISE_METHOD = "promise-method"  # not one of the ways to pay
    PROMISE_PLAN = "promise-plan"  # no plan of so many parts is offered; details: n
    PROMISE_PARTS = "promise-parts"  # the parts of a plan do not follow each other or add up
    NOTE_REQUIRED = "note-required"  # a status that is marked asks for a note
    AMOUNT_REQUIRED = "amount-required"  # a promise needs an amount here
    CALLBACK_REQUIRED = "callback-required"  # a status that is marked asks for a callback
    STATUS_CONTRADICTS = "status-contradicts"  # two statuses that cannot both be true
    STATUS_CONTAINED = "status-contained"  # another status that is marked says this as well
    CALLER_UNKNOWN = "caller-unknown"  # nobody we know has the number of this call
    CALLBACK_TIME = "callback-time"  # in the past, or further ahead than a callback is kept
    PROMISE_STANDS = "promise-stands"  # withdraw the promise to release payment_date
    NOT_RECORDED = "not-recorded"  # the campaign's calls are not recorded
    RATIO_OUT_OF_RANGE = "ratio-out-of-range"  # 1.0 to 5.0 lines per idle seat
    TARGET_OUT_OF_RANGE = "target-out-of-range"  # at most 3.0 % may be abandoned
    NO_OWN_LEG = "no-own-leg"  # the lead's page has made no leg yet
    NOT_SUPERVISING = "not-supervising"  # the lead is in nobody's call
    NOT_IN_SCOPE = "not-in-scope"  # a seat of another team
    SUPERVISOR_ELSEWHERE = "supervisor-elsewhere"  # the lead's leg is on another gateway
    SUPERVISED_ALREADY = "supervised-already"  # another lead is heard in the call; details: by
    CALL_TAKEN_OVER = "call-taken-over"  # the call is the lead's own: it is ended, not left
    NO_SAFE_HARBOUR = "no-safe-harbour"  # no recording for abandoned calls is approved


class CoreError(Exception):
    """Base of what `engine.decide` raises; the floor is as it was."""


class IllegalMove(CoreError):
    """The machine has no move for this event in this state."""

    def __init__(self, machine: str, state: str, event: str, id_: str) -> None:
        super().__init__(f"{machine} {id_}: no move for {event} in state {state}")
        self.machine = machine
        self.state = state
        self.event = event
        self.id = id_


class Refused(CoreError):
    """A rule said no; `details` hold plain values a sentence can be made of."""

    def __init__(self, error_id: ErrorId, **details: str | int | float | None) -> None:
        super().__init__(f"{error_id.value} {details}" if details else error_id.value)
        self.error_id = error_id
        self.details = details
