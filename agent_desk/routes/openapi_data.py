"""What `/api/v1` says of other systems' customers, lists, payments, calls and results, as data."""

from __future__ import annotations

from typing import Any

from agent_desk.routes.openapi_terms import (
    DAY,
    ID,
    INSTANT,
    MAYBE_DAY,
    MAYBE_INSTANT,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MAYBE_WHOLE,
    SWITCH,
    TEXT,
    WHEN,
    WHOLE,
    array_of,
    asked,
    get,
    partial,
    post,
    record,
    schema,
)

ABOUT = (
    "People use a session and its CSRF token; other systems a Bearer token with scopes, teams and "
    "an end. Refusals are application/problem+json. Lists come by pages: send `next_cursor` back "
    "as `cursor`. Changes may be sent again with the same Idempotency-Key. docs/api.md tells how."
)
# What opens to a token, and which scope it needs; a test compares it with the routes.
SCOPES = {
    ("get", "/api/v1/campaigns"): "campaigns:read",
    ("get", "/api/v1/lists"): "lists:read",
    ("get", "/api/v1/reports/operators"): "reports:read",
    ("post", "/api/v1/customers"): "customers:write",
    ("post", "/api/v1/lists/{list_id}/entries"): "lists:write",
    ("post", "/api/v1/payments"): "payments:write",
    ("post", "/api/v1/payments/reverse"): "payments:write",
    ("get", "/api/v1/do-not-call"): "do_not_call:read",
    ("post", "/api/v1/do-not-call"): "do_not_call:write",
    ("get", "/api/v1/call-history"): "calls:read",
    ("get", "/api/v1/results"): "results:read",
}

SHORT = {"type": "string", "maxLength": 500}
EXAMPLE = {
    "source": "crm",
    "customers": [
        {
            "external_id": "C-1001",
            "name": "山田 花子",
            "kana": "ヤマダ ハナコ",
            "numbers": [{"number": "090-0000-0042"}],
            "birth_date": "1980-04-01",
            "debts": [{"product": "カード", "amount_yen": 30000, "due_on": "2026-11-30"}],
        }
    ],
}

SCHEMAS: dict[str, Any] = {
    "PhoneTold": partial({"number": SHORT}, work=SWITCH),
    "DebtTold": partial(
        {"product": SHORT, "amount_yen": {"type": "integer", "minimum": 0, "maximum": 10**12}},
        due_on=DAY,
        external_id={"type": "string", "maxLength": 64},
    ),
    "CustomerTold": partial(
        {
            "name": {"type": "string", "minLength": 1, "maxLength": 500},
            "numbers": {**array_of("PhoneTold"), "minItems": 1, "maxItems": 6},
        },
        external_id={"type": "string", "maxLength": 64},
        kana=SHORT,
        birth_date=DAY,
        town=SHORT,
        member_number=SHORT,
        prefecture=SHORT,
        city=SHORT,
        postcode=SHORT,
        priority={"type": "integer", "minimum": 0, "maximum": 9, "default": 5},
        debts={**array_of("DebtTold"), "maxItems": 20},
        fields={"type": "object", "maxProperties": 40, "additionalProperties": SHORT},
    ),
    "Taken": record(
        index=WHOLE,
        state={"enum": ["added", "updated", "refused"]},
        reason=MAYBE_TEXT,
        customer_id=MAYBE_WHOLE,
        entry_id=MAYBE_WHOLE,
        new_entry=SWITCH,
    ),
    "Intake": record(added=WHOLE, updated=WHOLE, refused=WHOLE, results=array_of("Taken")),
    "PastCall": record(
        id=TEXT,
        at=INSTANT,
        inbound=SWITCH,
        campaign_id=WHOLE,
        campaign=TEXT,
        list_id=MAYBE_WHOLE,
        customer_id=MAYBE_WHOLE,
        operator=MAYBE_TEXT,
        outcome=MAYBE_TEXT,
        sip_code=MAYBE_WHOLE,
        answered_at=MAYBE_INSTANT,
        ended_at=MAYBE_INSTANT,
        talk_s=MAYBE_NUMBER,
        customer_source=MAYBE_TEXT,
        external_id=MAYBE_TEXT,
        number=MAYBE_TEXT,
    ),
    "Result": record(
        id=WHOLE,
        at=INSTANT,
        call_id=TEXT,
        version=WHOLE,
        campaign_id=WHOLE,
        campaign=TEXT,
        customer_id=MAYBE_WHOLE,
        operator=TEXT,
        codes={"type": "array", "items": TEXT},
        recorded=SWITCH,
        counterpart=MAYBE_TEXT,
        promise_state=MAYBE_TEXT,
        promise_due_on=MAYBE_DAY,
        promise_yen=MAYBE_WHOLE,
        customer_source=MAYBE_TEXT,
        external_id=MAYBE_TEXT,
        note=MAYBE_TEXT,
    ),
    "Block": record(
        id=WHOLE,
        customer_id=MAYBE_WHOLE,
        product=MAYBE_TEXT,
        since=INSTANT,
        number=MAYBE_TEXT,
        reason=MAYBE_TEXT,
    ),
}

CUSTOMERS = {"type": "array", "items": schema("CustomerTold"), "maxItems": 200}
PAGE = (
    asked("limit", {"type": "integer", "minimum": 1, "maximum": 200}, needed=False),
    asked("cursor", {"type": "string", "maxLength": 400}, needed=False),
)
PERIOD = (
    asked("from", WHEN, needed=False),
    asked("to", WHEN, needed=False),
    asked("updated_since", WHEN, needed=False),
    asked("campaign", ID, needed=False),
)

PATHS: dict[str, Any] = {
    "/api/v1/customers": post(
        "Add customers of a source, or bring them up to date; each has its own answer",
        record(source={"type": "string", "minLength": 1, "maxLength": 100}, customers=CUSTOMERS),
        schema("Intake"),
        status="200",
        example=EXAMPLE,
    ),
    "/api/v1/lists/{list_id}/entries": post(
        "The same, and each is on the list afterwards; its source is the list's",
        record(customers=CUSTOMERS),
        schema("Intake"),
        asked("list_id", ID, place="path", needed=True),
        status="200",
        example={"customers": EXAMPLE["customers"]},
    ),
    "/api/v1/do-not-call": {
        **get(
            "Do-not-call entries in force, in the order they were made; numbers and reasons are "
            "told to those who may read customers",
            record(entries=array_of("Block"), next_cursor=MAYBE_TEXT),
            *PAGE,
        ),
        **post(
            "Nobody calls this number, or this customer, from now on: name one of the two",
            partial(
                {"reason": {"type": "string", "minLength": 1, "maxLength": 64}},
                number=SHORT,
                customer=SHORT,
            ),
            record(ok=SWITCH),
            example={"number": "090-0000-0042", "reason": "本人の申し出"},
        ),
    },
    "/api/v1/call-history": get(
        "Calls by the instant they began, oldest first; the number and 顧客番号 are told to those "
        "who may read customers",
        record(calls=array_of("PastCall"), next_cursor=MAYBE_TEXT),
        *PERIOD,
        *PAGE,
    ),
    "/api/v1/results": get(
        "The newest version of each call's result, oldest first; notes and promises are told to "
        "those who may read customers",
        record(results=array_of("Result"), next_cursor=MAYBE_TEXT),
        *PERIOD,
        *PAGE,
    ),
}
