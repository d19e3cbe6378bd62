"""The description of `/api/v1` in OpenAPI 3.1: data, no logic."""

from __future__ import annotations

import re
from typing import Any

from agent_desk.routes import openapi_rules

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
MAYBE_TEXT = {"type": ["string", "null"]}
MAYBE_WHOLE = {"type": ["integer", "null"]}
MAYBE_NUMBER = {"type": ["number", "null"]}
INSTANT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": sorted(fields)}


def _list(item: str) -> dict[str, Any]:
    return {"type": "array", "items": _schema(item)}


def _schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: dict[str, Any] = {
    "Problem": _object(
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        what_to_do=TEXT,
        error_id=TEXT,
        details={"type": "object"},
    ),
    "Me": _object(username=TEXT, name=TEXT, role=TEXT, locale=TEXT),
    "Campaign": _object(id=WHOLE, name=TEXT, kind=TEXT, mode=TEXT, ratio=NUMBER, running=TEXT),
    "List": _object(
        list_id=WHOLE,
        name=TEXT,
        product=TEXT,
        campaign_id=MAYBE_WHOLE,
        campaign=MAYBE_TEXT,
        ready=WHOLE,
        waiting=WHOLE,
        closed=WHOLE,
    ),
    "Import": _object(
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
    "Operator": _object(
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
    ),
    "Listening": _object(
        url=TEXT,
        expires_in_s=WHOLE,
        started_at=INSTANT,
        duration_ms=WHOLE,
        paused_ms=WHOLE,
        truncated={"type": "boolean"},
    ),
    "Call": _object(
        id=TEXT,
        inbound={"type": "boolean"},
        at=INSTANT,
        number=TEXT,
        campaign=TEXT,
        operator=TEXT,
        outcome=MAYBE_TEXT,
        outcome_label=TEXT,
        sip_code=MAYBE_WHOLE,
        talk_s=MAYBE_NUMBER,
        mos=MAYBE_NUMBER,
        worst_mos=MAYBE_NUMBER,
        faults={"type": "array", "items": _object(side=TEXT, what=TEXT, seconds=WHOLE)},
        recording=MAYBE_TEXT,
        verdict=MAYBE_TEXT,
        evidence=MAYBE_TEXT,
        charge_sen=MAYBE_WHOLE,
    ),
    "StrategyClass": _object(
        delinquency={"enum": ["d1_30", "d31_90", "d91"]},
        weekly_calls=WHOLE,
        ai_percent=WHOLE,
        human_percent=WHOLE,
    ),
    "PaymentRule": _object(on_time=WHOLE, fewer=WHOLE),
    "Strategy": _object(
        version=WHOLE,
        made_by=TEXT,
        made_at={"type": ["string", "null"], "format": "date-time"},
        classes=_list("StrategyClass"),
        payments=_list("PaymentRule"),
    ),
    "SipMessage": _object(at=INSTANT, sent={"type": "boolean"}, peer=TEXT, text=TEXT),
    "FunnelStep": _object(
        code=TEXT, label=TEXT, count=WHOLE, rate_prev=MAYBE_NUMBER, rate_first=MAYBE_NUMBER
    ),
}
UPLOAD = _object(
    file={"type": "string", "format": "binary"}, list=TEXT, campaign=TEXT, source=TEXT, basis=TEXT
)


def _answers(schema: dict[str, Any], status: str = "200") -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": _schema("Problem")}}
    return {
        status: {"description": "done", "content": {"application/json": {"schema": schema}}},
        "default": {"description": "refused", "content": problem},
    }


def _get(summary: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "parameters": list(parameters),
            "responses": _answers(schema),
        }
    }


def _asked(name: str, schema: dict[str, Any], *, place: str = "query", needed: bool) -> Any:
    return {"name": name, "in": place, "required": needed, "schema": schema}


PATHS: dict[str, Any] = {
    "/api/v1/openapi.json": {
        "get": {
            "summary": "This document",
            "security": [],
            "responses": _answers({"type": "object"}),
        }
    },
    "/api/v1/me": _get("Who is signed in", _schema("Me")),
    "/api/v1/campaigns": _get("Campaigns in scope", _object(campaigns=_list("Campaign"))),
    "/api/v1/lists": _get("Lists in scope, newest first", _object(lists=_list("List"))),
    "/api/v1/imports": {
        "post": {
            "summary": "Queue a file of customers for import",
            "parameters": [_asked("X-CSRFToken", TEXT, place="header", needed=True)],
            "requestBody": {
                "required": True,
                "content": {"multipart/form-data": {"schema": UPLOAD}},
            },
            "responses": _answers(_schema("Import"), "201"),
        }
    },
    "/api/v1/imports/{batch_id}": _get(
        "How far an import is",
        _schema("Import"),
        _asked("batch_id", WHOLE, place="path", needed=True),
    ),
    "/api/v1/recordings/{call_id}/url": {
        "post": {
            "summary": "A link to the recording of a call, for the asker and a minute",
            "parameters": [
                _asked("call_id", TEXT, place="path", needed=True),
                _asked("X-CSRFToken", TEXT, place="header", needed=True),
            ],
            "responses": _answers(_schema("Listening")),
        }
    },
    "/api/v1/recordings/play/{link}": {
        "get": {
            "summary": "The sound such a link leads to, as Ogg or WAV; ranges are answered",
            "parameters": [
                _asked("link", TEXT, place="path", needed=True),
                _asked("Range", TEXT, place="header", needed=False),
            ],
            "responses": {
                "200": {"description": "all of it"},
                "206": {"description": "the range asked for"},
                "default": _answers({})["default"],
            },
        }
    },
    "/api/v1/calls": _get(
        "The calls of a JST day in scope, newest first, by pages",
        _object(calls=_list("Call"), next_cursor=TEXT),
        _asked("day", DAY, needed=False),
        _asked("campaign", TEXT, needed=False),
        _asked("show", {"enum": ["all", "talked"]}, needed=False),
        _asked("cursor", TEXT, needed=False),
    ),
    "/api/v1/calls/{call_id}/ladder": _get(
        "The SIP messages of a call, without numbers or names",
        _object(messages=_list("SipMessage")),
        _asked("call_id", TEXT, place="path", needed=True),
    ),
    "/api/v1/strategy": {
        **_get("The strategy table in force", _schema("Strategy")),
        "post": {
            "summary": "Make the next version of the table that was read as version `base`",
            "parameters": [_asked("X-CSRFToken", TEXT, place="header", needed=True)],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": _object(
                            base=WHOLE,
                            classes=_list("StrategyClass"),
                            payments=_list("PaymentRule"),
                        )
                    }
                },
            },
            "responses": _answers(_schema("Strategy"), "201"),
        },
    },
    "/api/v1/strategy/versions": _get(
        "Every version of the strategy table, the newest first",
        _object(versions=_list("Strategy")),
    ),
    "/api/v1/reports/operators": _get(
        "Figures per operator and the funnel, JST days, both included",
        {
            "type": "object",
            "properties": {
                "from": DAY,
                "to": DAY,
                "as_of": INSTANT,
                "operators": _list("Operator"),
                "funnel": _list("FunnelStep"),
            },
            "required": ["as_of", "from", "funnel", "operators", "to"],
        },
        _asked("from", DAY, needed=True),
        _asked("to", DAY, needed=True),
        _asked("campaign", TEXT, needed=False),
    ),
}


def _rules() -> dict[str, Any]:
    """The paths of `openapi_rules.py`."""
    paths: dict[str, Any] = {}
    for name, (summary, answer) in openapi_rules.GETS.items():
        places = [
            _asked(each, WHOLE, place="path", needed=True) for each in re.findall(r"{(\w+)}", name)
        ]
        paths[f"/api/v1/{name}"] = _get(summary, _object(**answer), *places)
    for name, (summary, asked, answer) in openapi_rules.POSTS.items():
        body = {
            "type": "object",
            "properties": {field.rstrip("?"): schema for field, schema in asked.items()},
            "required": sorted(field for field in asked if not field.endswith("?")),
        }
        status = "202" if name in openapi_rules.ACCEPTED else "201"
        paths.setdefault(f"/api/v1/{name}", {})["post"] = {
            "summary": summary,
            "parameters": [_asked("X-CSRFToken", TEXT, place="header", needed=True)],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": _answers(_object(**answer), status),
        }
    return paths


def document() -> dict[str, Any]:
    """The whole description; every path needs a session unless it says otherwise."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Agent Desk", "version": "1"},
        "security": [{"session": []}],
        "paths": PATHS | _rules(),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "desk"}},
        },
    }
