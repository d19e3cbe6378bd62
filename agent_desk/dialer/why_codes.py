"""Why the dialer starts no more calls than it does: one stable code, shown to the team lead."""

from __future__ import annotations

from enum import StrEnum


class WhyCode(StrEnum):
    """Reason of a `Decision` or of a short lease; `why.<code>` in the catalogue. Values are API."""

    NOTHING = ""  # nothing holds the dialer back
    CAMPAIGN_PAUSED = "campaign-paused"  # a lead paused it
    CAMPAIGN_DRAINING = "campaign-draining"  # seats finish, no new calls
    CAMPAIGN_STOPPED = "campaign-stopped"
    GATEWAY_DOWN = "gateway-down"  # no gateway is linked
    GATEWAY_OVERLOADED = "gateway-overloaded"  # every linked gateway runs late, or leaves
    GATEWAY_DRAINING = "gateway-draining"  # every linked gateway finishes its calls and leaves
    TRUNK_DOWN = "trunk-down"  # gateways are there, no trunk is usable
    NO_SEATS = "no-seats"  # nobody is logged in to this campaign
    NO_SEAT_AVAILABLE = "no-seat-available"  # all are talking, wrapping up or away
    NO_SEAT_READY = (
        "no-seat-ready"  # available seats are not proven ready (page, microphone, media)
    )
    AWAITING_OPERATOR = "awaiting-operator"  # preview: nobody has asked for a customer
    ENOUGH_LINES = "enough-lines"  # the lines in flight serve the idle seats
    ABANDON_BUDGET = "abandon-budget"  # another line would risk more abandonment than it may cost
    BUDGET_SPENT = "budget-spent"  # 3.0 % of 24 h are abandoned: one line per idle ready seat
    FEW_SEATS = "few-seats"  # under three ready seats: one line per idle one
    OTHERS_LINES = "others-lines"  # lines of campaigns on the same seats serve the idle ones
    OTHERS_CARE = "others-care"  # a campaign on the same seats has one line per idle seat
    NO_SAFE_HARBOUR = "no-safe-harbour"  # no approved recording for abandoned calls (R21)
    CLOCK_STEPPED = "clock-stepped"  # the machine's clock was set: the hour is not certain
    DESK_DRAINING = "desk-draining"  # the desk is about to be replaced
    TRUNK_FULL = "trunk-full"  # every line is in use
    CALLS_PER_SECOND = "calls-per-second"  # the carrier's rate is used up for the moment
    NO_DIALABLE = "no-dialable"  # no list entry may be called now
    OUTSIDE_HOURS = "outside-hours"  # the legal or the campaign's window is closed
    LIST_EMPTY = "list-empty"  # every list entry is finished
