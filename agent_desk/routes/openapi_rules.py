"""What `/api/v1` says of the calling rules: the fields of each request, as data.

A field whose name ends in `?` may be left out or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, dict[str, Any]]

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
SWITCH: dict[str, Any] = {"type": "boolean"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
# An instant with its offset, or a date: the end of that Japanese day.
END: dict[str, Any] = {"type": "string"}
DAYS: dict[str, Any] = {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 6}}
HOLD: dict[str, Any] = {
    "enum": ["bereavement", "hospital", "disaster", "complaint", "lawyer_notice", "bankruptcy"]
}
CONSENT: dict[str, Any] = {"enum": ["after_hours", "workplace"]}
MADE: Fields = {"id": WHOLE}
DONE: Fields = {"ok": SWITCH}
ROWS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}

# path → summary, fields asked for, fields answered
POSTS: Mapping[str, tuple[str, Fields, Fields]] = {
    "payments": (
        "Enter a payment; who owes nothing any more is not called",
        {
            "customer": TEXT,
            "amount_yen": WHOLE,
            "paid_on": DAY,
            "source": TEXT,
            "payment_id": TEXT,
            "product?": TEXT,
            "debt?": TEXT,
        },
        {"debt": WHOLE, "closed": SWITCH, "again": SWITCH},
    ),
    "payments/reverse": (
        "Take a payment back; what it settled is owed again and called again",
        {"source": TEXT, "payment_id": TEXT},
        {"debt": WHOLE, "closed": SWITCH, "again": SWITCH},
    ),
    "holds": (
        "Leave a person alone",
        {"customer": TEXT, "reason": HOLD, "until?": END, "document?": TEXT},
        MADE,
    ),
    "holds/release": ("End a hold of a person", {"id": WHOLE}, DONE),
    "area-holds": (
        "Call nobody in an area",
        {
            "kind": {"enum": ["prefecture", "city", "postcode", "number_prefix"]},
            "value": TEXT,
            "reason": TEXT,
            "until": END,
        },
        MADE,
    ),
    "area-holds/release": ("End a hold of an area", {"id": WHOLE}, DONE),
    "contact-wishes": (
        "When a person wants to be called; without times the wish is taken back",
        {
            "customer": TEXT,
            "from_minute?": WHOLE,
            "until_minute?": WHOLE,
            "weekdays?": DAYS,
            "ends_on?": DAY,
        },
        DONE,
    ),
    "vips": ("Whom only people call, one at a time", {"customer": TEXT, "on": SWITCH}, DONE),
    "overrides": (
        "Set a rule aside for somebody, for a while",
        {
            "rule": TEXT,
            "subject": {"enum": ["customer", "number", "campaign", "area"]},
            "whom": TEXT,
            "reason": TEXT,
            "until": END,
            "manual_only?": SWITCH,
        },
        MADE,
    ),
    "overrides/lift": ("Take an override back", {"id": WHOLE}, DONE),
    "consents": (
        "Note what a person agreed to",
        {"customer": TEXT, "kind": CONSENT, "evidence": TEXT},
        MADE,
    ),
    "consents/withdraw": (
        "Note that a person agrees no more",
        {"customer": TEXT, "kind": CONSENT},
        DONE,
    ),
    "refusals": (
        "Who does not want to be solicited for a product",
        {"customer": TEXT, "product": TEXT, "reason": TEXT},
        MADE,
    ),
    "campaign-rules": (
        "A campaign's own limits; null is as its kind has them",
        {
            "campaign": TEXT,
            "spacing_minutes?": WHOLE,
            "weekly_cap?": WHOLE,
            "total_cap?": WHOLE,
            "total_days?": WHOLE,
            "closed_on_holidays?": SWITCH,
            "reg_f?": SWITCH,
        },
        DONE,
    ),
    "hand-calls": (
        "Show a seat a customer to be called by hand; leads name the seat",
        {"customer": TEXT, "position?": WHOLE, "seat?": TEXT},
        DONE,
    ),
}
EXAMPLES: Mapping[str, Any] = {
    "payments": {
        "customer": "C-1001",
        "amount_yen": 30000,
        "paid_on": "2026-11-24",
        "source": "bank",
        "payment_id": "2026-11-24-0001",
    },
    "payments/reverse": {"source": "bank", "payment_id": "2026-11-24-0001"},
    "holds": {"customer": "C-1001", "reason": "hospital", "until": "2026-12-31"},
}
GETS: Mapping[str, tuple[str, Fields]] = {
    "holds": ("Holds in force", {"holds": ROWS, "area_holds": ROWS}),
    "reviews": ("People who hung up twice and wait for a lead's look", {"reviews": ROWS}),
    "overrides": ("Overrides in force", {"overrides": ROWS}),
    "lists/{list_id}/preview": (
        "Who of a list may be called now, and what keeps the others back",
        {
            "examined": WHOLE,
            "callable_now": WHOLE,
            "waiting": WHOLE,
            "in_call": WHOLE,
            "blocked": {"type": "object", "additionalProperties": WHOLE},
            "next_at": {"type": ["string", "null"], "format": "date-time"},
            "callable_entries": {"type": "array", "items": {"type": "array", "items": WHOLE}},
            "more": SWITCH,
        },
    ),
}
# Those that answer "accepted": the call comes with the next lease.
ACCEPTED = frozenset({"hand-calls"})
