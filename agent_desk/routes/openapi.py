"""The description of `/api/v1` in OpenAPI 3.1: data, no logic. `/api/v1/openapi.json` shows it."""

from __future__ import annotations

import re
from typing import Any

from agent_desk.routes import openapi_data, openapi_rules
from agent_desk.routes.openapi_terms import (
    DAY,
    ID,
    INSTANT,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MAYBE_WHOLE,
    NUMBER,
    TEXT,
    WHOLE,
    answers,
    array_of,
    asked,
    get,
    partial,
    post,
    record,
    schema,
)

SCHEMAS: dict[str, Any] = {
    "Problem": record(
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        what_to_do=TEXT,
        error_id=TEXT,
        details={"type": "object"},
    ),
    "ProblemKind": record(type=TEXT, title=TEXT, status=WHOLE, what_to_do=TEXT, error_id=TEXT),
    "Me": record(username=TEXT, name=TEXT, role=TEXT, locale=TEXT),
    "Campaign": record(id=WHOLE, name=TEXT, kind=TEXT, mode=TEXT, ratio=NUMBER, running=TEXT),
    "List": record(
        list_id=WHOLE,
        name=TEXT,
        product=TEXT,
        campaign_id=MAYBE_WHOLE,
        campaign=MAYBE_TEXT,
        ready=WHOLE,
        waiting=WHOLE,
        closed=WHOLE,
    ),
    "Import": record(
        id=WHOLE,
        list=TEXT,
        file_name=TEXT,
        state={"enum": ["queued", "finished", "failed"]},
        error_id=MAYBE_TEXT,
        created_at=INSTANT,
        ended_at={"type": ["string", "null"], "format": "date-time"},
        rows=MAYBE_WHOLE,
        added=WHOLE,
        updated=WHOLE,
        duplicates=WHOLE,
        errors=WHOLE,
    ),
    "Operator": record(
        username=TEXT,
        name=TEXT,
        login_s=NUMBER,
        starting_s=NUMBER,
        idle_s=NUMBER,
        talk_s=NUMBER,
        hold_s=NUMBER,
        wrap_s=NUMBER,
        away_s=NUMBER,
        calls=WHOLE,
        idle_avg_s=MAYBE_NUMBER,
        talk_avg_s=MAYBE_NUMBER,
        wrap_avg_s=MAYBE_NUMBER,
        promises=WHOLE,
        codes={"type": "object", "additionalProperties": WHOLE},
        away_by={"type": "object", "additionalProperties": NUMBER},
        audit_calls=MAYBE_WHOLE,
        audit_mean=MAYBE_NUMBER,
    ),
    "Listening": record(
        url=TEXT,
        expires_in_s=WHOLE,
        started_at=INSTANT,
        duration_ms=WHOLE,
        paused_ms=WHOLE,
        truncated={"type": "boolean"},
    ),
    "Call": record(
        id=TEXT,
        inbound={"type": "boolean"},
        at=INSTANT,
        number=TEXT,
        anonymous={"type": "boolean"},
        campaign=TEXT,
        operator=TEXT,
        outcome=MAYBE_TEXT,
        outcome_label=TEXT,
        sip_code=MAYBE_WHOLE,
        talk_s=MAYBE_NUMBER,
        hold_s=MAYBE_NUMBER,
        wrap_s=MAYBE_NUMBER,
        mos=MAYBE_NUMBER,
        worst_mos=MAYBE_NUMBER,
        faults={"type": "array", "items": record(side=TEXT, what=TEXT, seconds=WHOLE)},
        recording=MAYBE_TEXT,
        verdict=MAYBE_TEXT,
        evidence=MAYBE_TEXT,
        charge_sen=MAYBE_WHOLE,
        caller_id=MAYBE_TEXT,
        practised={"type": "boolean"},
        ended_by=MAYBE_TEXT,
    ),
    "StrategyClass": record(
        delinquency={"enum": ["d1_30", "d31_90", "d91"]},
        weekly_calls=WHOLE,
        ai_percent=WHOLE,
        human_percent=WHOLE,
    ),
    "PaymentRule": record(on_time=WHOLE, fewer=WHOLE),
    "Strategy": record(
        version=WHOLE,
        made_by=TEXT,
        made_at={"type": ["string", "null"], "format": "date-time"},
        classes=array_of("StrategyClass"),
        payments=array_of("PaymentRule"),
    ),
    "SipMessage": record(at=INSTANT, sent={"type": "boolean"}, peer=TEXT, text=TEXT),
    "FunnelStep": record(
        code=TEXT,
        label=TEXT,
        count=WHOLE,
        rate_prev=MAYBE_NUMBER,
        rate_first=MAYBE_NUMBER,
        lost=MAYBE_WHOLE,
        worst={"type": "boolean"},
    ),
}
UPLOAD = record(
    file={"type": "string", "format": "binary"}, list=TEXT, campaign=TEXT, source=TEXT, basis=TEXT
)


PATHS: dict[str, Any] = {
    "/api/v1/openapi.json": {
        "get": {
            "summary": "This document",
            "security": [],
            "responses": answers({"type": "object"}),
        }
    },
    "/api/v1/problems/{error_id}": {
        "get": {
            "summary": "What the `type` of a problem stands for",
            "security": [],
            "parameters": [asked("error_id", TEXT, place="path", needed=True)],
            "responses": answers(schema("ProblemKind")),
        }
    },
    "/api/v1/me": get("Who is signed in", schema("Me")),
    "/api/v1/campaigns": get("Campaigns in scope", record(campaigns=array_of("Campaign"))),
    "/api/v1/lists": get("Lists in scope, newest first", record(lists=array_of("List"))),
    "/api/v1/imports": post(
        "Queue a file of customers for import",
        UPLOAD,
        schema("Import"),
        media="multipart/form-data",
    ),
    "/api/v1/imports/{batch_id}": get(
        "How far an import is",
        schema("Import"),
        asked("batch_id", ID, place="path", needed=True),
    ),
    "/api/v1/recordings/{call_id}/url": post(
        "A link to the recording of a call, for the asker and a minute",
        None,
        schema("Listening"),
        asked("call_id", TEXT, place="path", needed=True),
        status="200",
    ),
    "/api/v1/recordings/play/{link}": {
        "get": {
            "summary": "The sound such a link leads to, as Ogg or WAV; ranges are answered",
            "parameters": [
                asked("link", TEXT, place="path", needed=True),
                asked("Range", TEXT, place="header", needed=False),
            ],
            "responses": {
                "200": {"description": "all of it"},
                "206": {"description": "the range asked for"},
                "default": answers({})["default"],
            },
        }
    },
    "/api/v1/calls": get(
        "The calls of a JST day in scope, newest first, by pages",
        record(calls=array_of("Call"), next_cursor=TEXT),
        asked("day", DAY, needed=False),
        asked("campaign", TEXT, needed=False),
        asked("show", {"enum": ["all", "talked"]}, needed=False),
        asked("cursor", TEXT, needed=False),
    ),
    "/api/v1/calls/{call_id}/ladder": get(
        "The SIP messages of a call, without numbers or names",
        record(messages=array_of("SipMessage")),
        asked("call_id", TEXT, place="path", needed=True),
    ),
    "/api/v1/strategy": {
        **get("The strategy table in force", schema("Strategy")),
        **post(
            "Make the next version of the table that was read as version `base`",
            record(base=WHOLE, classes=array_of("StrategyClass"), payments=array_of("PaymentRule")),
            schema("Strategy"),
        ),
    },
    "/api/v1/strategy/versions": get(
        "Every version of the strategy table, the newest first",
        record(versions=array_of("Strategy")),
    ),
    "/api/v1/reports/operators": get(
        "Figures per operator and the funnel, JST days, both included",
        {
            "type": "object",
            "properties": {
                "from": DAY,
                "to": DAY,
                "as_of": INSTANT,
                "closed": {
                    "type": ["object", "null"],
                    "description": "Of a closed month, which version of it these figures are of",
                    "properties": {
                        "month": TEXT,
                        "version": WHOLE,
                        "kind": {"enum": ["closed", "restated", "returned"]},
                        "shown": {"enum": ["closed", "now"]},
                    },
                },
                "operators": array_of("Operator"),
                "funnel": array_of("FunnelStep"),
            },
            "required": ["as_of", "closed", "from", "funnel", "operators", "to"],
        },
        asked("from", DAY, needed=True),
        asked("to", DAY, needed=True),
        asked("campaign", TEXT, needed=False),
        asked("figures", {"enum": ["now"]}, needed=False),
    ),
}


def _rules() -> dict[str, Any]:
    """The paths of `openapi_rules.py`."""
    paths: dict[str, Any] = {}
    for name, (summary, answer) in openapi_rules.GETS.items():
        places = [
            asked(each, ID, place="path", needed=True) for each in re.findall(r"{(\w+)}", name)
        ]
        paths[f"/api/v1/{name}"] = get(summary, record(**answer), *places)
    for name, (summary, told, answer) in openapi_rules.POSTS.items():
        needed = {field: of for field, of in told.items() if not field.endswith("?")}
        others = {field.rstrip("?"): of for field, of in told.items() if field.endswith("?")}
        status = "202" if name in openapi_rules.ACCEPTED else "201"
        path = paths.setdefault(f"/api/v1/{name}", {})
        body = partial(needed, **others)
        example = openapi_rules.EXAMPLES.get(name)
        path |= post(summary, body, record(**answer), status=status, example=example)
    return paths


def document() -> dict[str, Any]:
    """The whole description: what needs a session, and what a token opens as well."""
    paths = {
        path: {method: _secured(path, method, of) for method, of in verbs.items()}
        for path, verbs in (PATHS | openapi_data.PATHS | _rules()).items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Agent Desk", "version": "1", "description": openapi_data.ABOUT},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS | openapi_data.SCHEMAS,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "desk"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _secured(path: str, method: str, of: dict[str, Any]) -> dict[str, Any]:
    """An operation with who may ask it; a token needs the scope that is named."""
    ways: list[dict[str, list[str]]] = [{"session": []}]
    scope = openapi_data.SCOPES.get((method, path))
    if scope is not None:
        ways.append({"token": [scope]})
    return {"security": ways, **of}
