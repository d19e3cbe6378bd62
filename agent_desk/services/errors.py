"""What a use case answers instead of doing it: one class, one stable id, details for a sentence.

Ids are API: pages translate them (`error.<id>` in the catalogue) and routes map them to a status.
Refusals of the core (`dialer/errors.py`) pass through under their own ids. `SERVICE_ERRORS` lists
what the services add; add to it, never rename.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SERVICE_ERRORS: frozenset[str] = frozenset(
    {
        "approver-unknown",  # nobody in charge has this username; details: username
        "access-unusable",  # a rule of getting in that makes no sense
        "address-refused",  # this role logs in from other addresses
        "area-unusable",  # no prefecture, city, postcode or number prefix
        "areas-unnamed",  # only hashes say where some customers live; details: customers
        "bad-ladder",  # waits nobody can climb; details: reason
        "bad-strategy",  # a strategy table that makes no sense; details: reason
        "bad-payload",  # a field is missing, of the wrong kind or too long
        "basis-unknown",  # no basis of a do-not-call entry is called so
        "block-unknown",  # no such do-not-call entry is in force
        "callback-forbidden",  # not at that time by the rules; details: earliest
        "booths-taken",  # as many operators are at work as there are booths; details: booths
        "call-forbidden",  # the calling rules say no; details: rules, next_allowed_at
        "campaign-changed",  # somebody published a version meanwhile: look at it first
        "campaign-unpublished",  # it is being set up: publish it first
        "campaign-unusable",  # a setting is out of its limits; details: field, reason
        "campaign-exists",  # there is a campaign of this name
        "call-unknown",  # no such call, in this person's scope
        "caller-unknown",  # nobody we know has the number of this call
        "callback-unknown",  # no such callback is open, in this person's scope
        "counterpart-needed",  # nothing tells who was spoken to, so the operator says it
        "correction-closed",  # corrected by oneself on the same day only
        "correction-stale",  # somebody else has corrected it meanwhile
        "field-locked",  # not a field operators may change here
        "field-required",  # a field must be filled in first; details: field
        "field-unusable",  # no field can be set up like this; details: reason
        "room-exists",  # there is a room of this name
        "room-size",  # too few or too many rows or columns; details: most
        "alert-over",  # it ended by itself, or never was
        "threshold-order",
        "room-too-small",  # somebody sits where there would be no desk any more
        "room-unknown",  # it was taken off the plan meanwhile
        "room-unnamed",  # no name, or too long a one; details: most
        "too-many-rooms",  # details: most
        "result-unknown",  # no saved result of this call, in this person's scope
        "code-wrong",  # of the second factor: wrong, too old or used
        "consent-needed",  # the override rests on a consent that is not on record
        "consent-unknown",  # no such consent is in force
        "cursor-unusable",  # not a cursor of ours, or one of another question
        "customer-erased",  # nothing says any more who this was
        "correction-own",  # somebody else must say yes or no
        "correction-unknown",  # none, out of scope, or decided already
        "correction-unusable",  # a day too long ago or minutes that cannot be; details: days
        "cooling-off-over",  # the notice was sent after the last day; details: until
        "order-call",  # nobody talked with the person that day, or the campaign takes no orders
        "order-cancelled",  # it was taken back already
        "order-date",  # a day before the order, or one to come
        "order-document",  # no number of the documents, or too long a one; details: most
        "order-exists",  # one is entered for the call already
        "order-unknown",  # no such order, in this person's scope
        "customer-unknown",  # nobody, or more than one person, has this 顧客番号
        "dial-unknown",  # nobody to be called by hand: not known, or on no list of the seat's
        "debt-unknown",  # no debt of the person fits, or several do
        "desk-outside-room",  # the room of the plan has no such row or column
        "day-unreadable",  # no day was typed; details: field
        "number-unreadable",  # no whole number was typed; details: field
        "day-is-over",  # what is set begins today at the earliest
        "demo-account",  # demo accounts open nothing when the desk can be reached from outside
        "erase-unconfirmed",  # what was typed to confirm is not the customer's id
        "erasure-bound",  # the law or a running matter keeps the data; details: reason, until
        "half-over",  # the log-in waited too long for its code, or had too many wrong ones
        "hold-unknown",  # no such hold is in force
        "idempotency-in-progress",  # the same request is being worked on
        "idempotency-key-reused",  # the key was used for another request
        "idempotency-key-unusable",  # not 1 to 255 printable characters
        "identity-locked",  # too many wrong answers on this call
        "identity-not-needed",  # the campaign asks for no 本人確認
        "expiry-forbidden",  # on this basis a do-not-call entry has no end
        "filter-unknown",  # no such filter of their teams
        "floor-view-exists",  # one of theirs has this name
        "floor-view-many",  # one has as many as one may; details: most
        "floor-view-name",  # no name, or too long a one; details: most
        "floor-view-unknown",  # none of theirs
        "filter-unusable",  # no filter; details: reason
        "gateway-away",  # the gateway that carried the call is not connected
        "gateway-too-old",  # it does not know what it was asked
        "import-cell-too-large",  # a cell or line nobody can have meant; details: row
        "import-empty",  # the file says nothing
        "import-encoding",  # neither UTF-8, CP932 nor EUC-JP
        "import-expired",  # nobody came back to it for a week
        "import-finished",  # the batch was finished or failed already
        "import-header",  # no column with names or none with numbers was recognised
        "import-mapping",  # what the columns hold is not complete; details: reason
        "import-running",  # another import fills or empties the list
        "import-sheet-unknown",  # the workbook has no such sheet
        "import-step",  # the import is at another step
        "import-too-large",  # more bytes than one upload may have
        "import-too-many-rows",  # more rows than one list takes
        "import-too-many-columns",  # details: columns
        "import-unknown",  # no such batch
        "import-unreadable",  # the stored file was changed, or its key is gone
        "import-workbook-broken",  # no workbook, whatever it is
        "import-workbook-old",  # an old or locked workbook
        "import-workbook-unsafe",  # it would unpack to more than it may; details: reason
        "ladder-unknown",  # no SIP messages of a call in this person's scope
        "last-admin",  # somebody must stay who may do everything
        "list-exists",  # there is a list of this name
        "list-unusable",  # rank or share out of bounds; details: field
        "list-unknown",  # no list of this id that a campaign of theirs calls
        "list-in-use",  # another campaign calls this list
        "listening-changed",  # the score sheet has a newer version: look at it first
        "listening-gone",  # the recording cannot be heard any more
        "listening-own-sheet",  # there is a sheet of theirs; the second is somebody else's
        "listening-remark",  # too long; details: most
        "listening-scored",  # all sheets that were wanted are there
        "listening-settings",  # numbers or criteria that make no sense; details: reason
        "listening-unanswered",  # a criterion without an answer; details: criteria
        "listening-undecidable",  # no two sheets, one of them is theirs, or decided before
        "listening-unheard",  # they have not played the recording
        "listening-unknown",  # no drawn call of theirs has this id
        "listening-week",  # no finished week begins on that day
        "locks-yourself-out",  # the rule would shut out who makes it; details: address
        "login-failed",  # wrong name or password, or a disabled account; never says which
        "login-locked",  # too many wrong passwords; details: seconds
        "message-at-work",  # none is left at a place of work
        "message-digits",  # it says other digits than those of the number to call back
        "message-pressing",  # it presses; details: word
        "message-too-soon",  # this person was left one within three days
        "message-unsigned",  # it does not say who called, and which number to call
        "network-unusable",  # neither an address nor a network; details: network
        "name-needed",  # between 1 and 100 characters
        "nobody-to-tell",  # nobody is there for a message, or all have acknowledged it
        "no-campaign",  # the operator's team has no campaign
        "no-practice",  # nobody has prepared practice for this campaign
        "not-for-tokens",  # for people who are signed in
        "not-in-scope",  # another team's campaign, seat or customer
        "not-stored",  # the database did not take it in time; nothing happened
        "not-your-call",  # the call named is not the one on this seat
        "not-yourself",  # nobody disables their own account
        "number-blocked",  # do-not-call
        "number-of-customer",  # it is the one who is on the line
        "number-or-customer",  # one of the two is meant, and only one
        "number-unusable",  # not a number that could be called; details: reason
        "outcome-needed",  # nothing was chosen to be tried anew
        "override-unknown",  # no such override is in force
        "payment-differs",  # the payment of this id is of another amount or day
        "payment-reversed",  # the payment of this id was taken back before
        "payment-unknown",  # no payment of this source and id
        "password-common",  # one of the first that are tried
        "password-long",  # details: most
        "password-name",  # it holds the username
        "password-same",  # the new one is the old one
        "password-short",  # details: least
        "password-unlike",  # the new one was typed in two ways
        "password-wrong",  # not the present one
        "person-unknown",  # nobody has this id
        "profile-unusable",  # a name, role or team nobody can have; details: reason
        "product-unknown",  # no product has this name
        "promise-settled",  # it was kept or broken: its status is not taken back
        "payments-header",  # a column of the file is missing
        "payments-too-large",  # more rows or bytes than one file of payments has
        "reason-needed",  # a do-not-call entry says why
        "recording-gone",  # failed, damaged, deleted or not readable; details: reason
        "recording-kept",  # its retention is not over
        "recording-link",  # the link is of somebody else, too old or changed
        "recording-unknown",  # no recording of a call in this person's scope
        "scope-missing",  # the token is not for this; details: scope
        "search-empty",  # nothing was typed to search for
        "search-too-short",  # details: characters, how many it takes
        "search-unusable",  # no number, end of a number or reading; details: field
        "script-changed",  # somebody saved a version meanwhile
        "script-refused",  # the rules say no, and nobody who may has allowed it; details: errors
        "script-too-long",  # details: most characters
        "statement-too-early",  # what must be said before it was not; details: statement
        "statement-unknown",  # the script has no such statement
        "statements-missing",  # the result waits for them; details: statements
        "safe-harbour-debt-word",  # what is said tells of a debt; details: word
        "safe-harbour-silence",  # it begins with silence, or is nothing else
        "safe-harbour-text",  # nobody wrote down what is said
        "safe-harbour-too-long",  # longer than 10 s
        "safe-harbour-unreadable",  # no WAV file of 16-bit samples
        "file-gone",  # it was looked at too long ago, or is taken already
        "row-twice",  # a file names somebody twice
        "role-too-low",  # somebody with a higher role must do this
        "rule-not-liftable",  # no override of this rule is possible
        "saved-report-changed",  # somebody changed it meanwhile: read it first
        "saved-report-many",  # one has as many as one may; details: most
        "saved-report-name",  # no name, or too long a one; details: most
        "saved-report-period",  # its question has no such days
        "saved-report-scheduled",  # it is sent by mail: delete the schedule first
        "saved-report-share",  # not with those: no such page for them, or no teams of one's own
        "saved-report-unknown",  # none that one sees, or not one's own
        "schedule-changed",  # somebody changed it meanwhile: read it first
        "schedule-many",  # one has as many as one may; details: most
        "schedule-recipients",  # nobody, too many, or people one may not choose
        "schedule-report",  # no saved report of one's own that can go by mail
        "schedule-unknown",  # none, or not one's own
        "schedule-waits",  # a mail of it to oneself is not sent yet
        "schedule-when",  # no rhythm there is
        "mail-no-address",  # the person has none
        "mail-not-set-up",  # no server is named
        "mail-unusable",  # not a mail address
        "month-changed",  # somebody made a newer version meanwhile: read it first
        "month-closed",  # it is closed already: restate it
        "month-day",  # no day every month has; details: most
        "month-not-over",  # its last day is not over
        "month-open",  # it has not been closed
        "month-reason",  # no words why, or too many; details: most
        "month-unknown",  # no month, or no earlier version of it
        "money-changed",  # somebody made a newer version meanwhile: read it first
        "money-name",  # no name, too long a one or not printable; details: field, most
        "money-number",  # out of its range; details: field, least, most
        "plan-exists",  # there is a plan of return of this name
        "plan-items",  # too many, or one that cannot be fed as it says; details: most, field
        "plan-periods",  # measured items need two periods of usable lengths; details: field, most
        "plan-unknown",  # no such plan of return
        "strategy-number",  # a cell of the table is out of its range; details: field, least, most
        "strategy-payments-twice",  # two rules for as many payments; details: field
        "strategy-unknown",  # there is no version of that number
        "strategy-changed",  # somebody made a newer version meanwhile: read it first
        "second-factor-needed",  # the role may not be without
        "second-factor-there",  # there is one already
        "seat-message-unknown",  # no message of today in this person's scope
        "session-unknown",  # it has ended, or never was
        "survey-after-hours",  # nobody may be called at this hour
        "survey-keys",  # the question does not name every key; details: keys
        "survey-left-alone",  # we have nothing to ask of who is to be left alone
        "survey-too-soon",  # this person was asked within a month
        "wallboard-unknown",  # no such link is in force in this person's scope
        "wallboard-unusable",  # a link cannot be like that; details: reason
        "version-unknown",  # the campaign has no such version
        "skill-in-use",  # somebody has it, or a campaign asks for it
        "skill-unknown",  # there is no skill of this code
        "skill-unusable",  # a skill cannot be named like that; details: reason
        "shift-unusable",  # nobody can work it, or it overlaps another
        "status-unusable",  # a status button cannot be like that; details: reason
        "target-unusable",  # no number of a day; details: most
        "token-refused",  # no token of ours, or one that has ended
        "token-unknown",  # no such token is in force
        "token-unusable",  # a token cannot be like that; details: reason
        "tariff-exists",  # there is a tariff of this name
        "tariff-in-use",  # campaigns are on it
        "tariff-too-soon",  # past calls keep their price; details: earliest
        "tariff-unknown",  # no such tariff, or a retired one
        "tariff-unusable",  # a tariff cannot be like that; details: reason
        "table-header",  # a file without the columns; details: columns
        "table-too-long",  # details: most
        "table-unreadable",  # no CSV file
        "team-exists",  # details: name
        "team-unknown",  # no such team
        "team-unusable",  # no name; details: most
        "obtained-later",  # data cannot have come from the future
        "template-unknown",  # the product has no such mapping template
        "too-many-events",  # the one before is not answered yet
        "too-many-messages",  # of one lead within a minute; details: most
        "too-many-requests",  # the token asks too often; details: seconds
        "unknown-reason",  # no such reason for being away
        "report-unready",  # the facts reports are counted from are being made
        "campaign-elsewhere",  # not one of the campaigns of the team of this seat
        "until-needed",  # an end in the future must be named
        "valid-call-unusable",  # no such status, or too long a talk; details: field
        "user-unknown",  # no operator has this username; details: username
        "username-unusable",  # letters, digits, - and _ only, 2 to 40 of them
        "user-exists",  # the username is taken
    }
)


class ServiceError(Exception):
    """The use case was refused; nothing was changed. `details` hold plain values."""

    def __init__(self, error_id: str, **details: Any) -> None:
        super().__init__(f"{error_id} {details}" if details else error_id)
        self.error_id = error_id
        self.details: Mapping[str, Any] = details
