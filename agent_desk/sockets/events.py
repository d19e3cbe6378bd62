"""The wire between desk and pages: every event's name, who may send it, and what it carries.

Default deny: an event that is not listed here does not exist, a field that is not listed is
refused, and a role that is not listed is turned away. A house test walks this registry and checks
that each event has a handler and that the front end knows each name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

Kind = Literal["text", "flag", "whole", "number", "day", "instant", "parts", "codes"]

OPERATORS = frozenset({"operator"})
LEADS = frozenset({"lead", "manager", "admin"})
STEERERS = frozenset({"lead", "admin"})


class BadPayload(ValueError):
    """A field is missing, unknown, of the wrong kind or too long; says which."""


@dataclass(frozen=True)
class Field:
    """One field of a payload. `limit` is the longest text or the largest number allowed."""

    kind: Kind
    limit: int = 200
    optional: bool = False


@dataclass(frozen=True)
class PageEvent:
    """One event a page may send: who may, and with what."""

    roles: frozenset[str]
    fields: Mapping[str, Field]


CALL = {"call_id": Field("text", 64)}
FLAG = {"on": Field("flag")}
CAMPAIGN = {"campaign_id": Field("whole", 2**31)}
MESSAGE = {"message_id": Field("text", 40)}
SEAT_AND_NOTE = {"seat": Field("text", 64), "note": Field("text", 200, optional=True)}
ROOM = {
    "name": Field("text", 200),
    "rows": Field("whole", 1000),
    "columns": Field("whole", 1000),
}
# `known` is when the place was set that the page shows of this operator.
PLACED = {"seat": Field("text", 64), "known": Field("text", 64, optional=True)}

DESK_EVENTS: Mapping[str, PageEvent] = {
    "go_available": PageEvent(OPERATORS, {}),
    "go_away": PageEvent(OPERATORS, {"reason": Field("text", 40)}),
    "cancel_away": PageEvent(OPERATORS, {}),
    "hang_up": PageEvent(OPERATORS, {}),
    "hand_to_survey": PageEvent(OPERATORS, {}),
    "hold": PageEvent(OPERATORS, FLAG),
    "mute": PageEvent(OPERATORS, FLAG),
    "pause_recording": PageEvent(OPERATORS, FLAG),
    "send_digits": PageEvent(OPERATORS, {"digits": Field("text", 32)}),
    "find_colleagues": PageEvent(OPERATORS, {}),
    "call_number": PageEvent(OPERATORS, {"number": Field("text", 40), "blind": Field("flag")}),
    "call_colleague": PageEvent(
        OPERATORS, {"colleague": Field("text", 64), "blind": Field("flag")}
    ),
    "set_party_mode": PageEvent(OPERATORS, {"mode": Field("text", 20)}),
    "hand_over": PageEvent(OPERATORS, {}),
    "drop_party": PageEvent(OPERATORS, {}),
    "leave_message": PageEvent(OPERATORS, {}),
    "tick_statement": PageEvent(OPERATORS, {**CALL, "statement": Field("text", 40), **FLAG}),
    "extend_wrap_up": PageEvent(OPERATORS, {}),
    "next_customer": PageEvent(OPERATORS, {}),
    "place_previewed": PageEvent(OPERATORS, {}),
    "skip_previewed": PageEvent(OPERATORS, {"reason": Field("text", 40)}),
    "mark_status": PageEvent(OPERATORS, {**CALL, "code": Field("text", 40), **FLAG}),
    "check_identity": PageEvent(OPERATORS, {**CALL, "answer": Field("text", 100)}),
    "third_party": PageEvent(OPERATORS, CALL),
    "set_promise": PageEvent(
        OPERATORS,
        {
            **CALL,
            "due_on": Field("day"),
            "amount_yen": Field("whole", 999_999_999, optional=True),
            "method": Field("text", 40, optional=True),
            "parts": Field("parts", 36, optional=True),
        },
    ),
    "withdraw_promise": PageEvent(OPERATORS, CALL),
    "set_callback": PageEvent(
        OPERATORS, {**CALL, "due_at": Field("instant", optional=True), "own": Field("flag")}
    ),
    "note_objection": PageEvent(
        OPERATORS, {**CALL, "reason": Field("text", 40), "document": Field("text", 64)}
    ),
    "save_field": PageEvent(
        OPERATORS, {**CALL, "name": Field("text", 100), "value": Field("text", 500)}
    ),
    "draft_note": PageEvent(OPERATORS, {**CALL, "text": Field("text", 4000)}),
    "save_voice": PageEvent(OPERATORS, {**CALL, "text": Field("text", 1000)}),
    "save_result": PageEvent(
        OPERATORS,
        {**CALL, "note": Field("text", 4000), "counterpart": Field("text", 20, optional=True)},
    ),
    "find_callbacks": PageEvent(OPERATORS, {}),
    "check_dial": PageEvent(OPERATORS, {"wish": Field("text", 64)}),
    "dial_by_hand": PageEvent(OPERATORS, {"wish": Field("text", 64)}),
    "find_own_calls": PageEvent(OPERATORS, {}),
    "open_result": PageEvent(OPERATORS, CALL),
    "correct_result": PageEvent(
        OPERATORS,
        {
            **CALL,
            "based_on": Field("whole", 10_000),
            "codes": Field("codes", 30),
            "note": Field("text", 4000, optional=True),
            "counterpart": Field("text", 20, optional=True),
            "due_on": Field("day", optional=True),
            "amount_yen": Field("whole", 999_999_999, optional=True),
            "method": Field("text", 40, optional=True),
            "parts": Field("parts", 36, optional=True),
        },
    ),
    "enter_practice": PageEvent(OPERATORS, {}),
    "leave_practice": PageEvent(OPERATORS, {}),
    "raise_hand": PageEvent(OPERATORS, {"reason": Field("text", 20)}),
    "lower_hand": PageEvent(OPERATORS, {}),
    "acknowledge_message": PageEvent(OPERATORS, MESSAGE),
    "media_offer": PageEvent(OPERATORS, {"sdp": Field("text", 20_000)}),
    "device_test": PageEvent(OPERATORS, {"kind": Field("text", 10)}),
    "device_passed": PageEvent(OPERATORS, {"level_dbfs": Field("number", 100)}),
    "resync": PageEvent(OPERATORS, {}),
}

FLOOR_EVENTS: Mapping[str, PageEvent] = {
    "set_campaign_running": PageEvent(
        STEERERS,
        {
            **CAMPAIGN,
            "running": Field("text", 20),
            "in_flight": Field("text", 20, optional=True),
        },
    ),
    "stop_all": PageEvent(STEERERS, {"in_flight": Field("text", 20)}),
    "set_abandon_target": PageEvent(STEERERS, {**CAMPAIGN, "target": Field("number", 1)}),
    "set_screening": PageEvent(STEERERS, {**CAMPAIGN, "screening": Field("text", 20)}),
    "set_pacing": PageEvent(
        STEERERS,
        {
            **CAMPAIGN,
            "mode": Field("text", 20),
            "ratio": Field("number", 100),
        },
    ),
    # To a seat, a team or a campaign's seats; to none of them: to all in scope.
    "send_message": PageEvent(
        STEERERS,
        {
            "text": Field("text", 300),
            "seat": Field("text", 64, optional=True),
            "team_id": Field("whole", 2**31, optional=True),
            "campaign_id": Field("whole", 2**31, optional=True),
        },
    ),
    "remind_message": PageEvent(STEERERS, MESSAGE),
    "find_receipts": PageEvent(LEADS, MESSAGE),
    "pacing_trace": PageEvent(LEADS, {**CAMPAIGN, "since": Field("whole", 2**40)}),
    "acknowledge_alert": PageEvent(STEERERS, {"alert": Field("text", 120)}),
    "take_hand": PageEvent(STEERERS, {"seat": Field("text", 64)}),
    "supervision_offer": PageEvent(
        STEERERS, {"sdp": Field("text", 20_000), "seat": Field("text", 64)}
    ),
    "supervise": PageEvent(STEERERS, {"seat": Field("text", 64), "mode": Field("text", 20)}),
    "follow_seat": PageEvent(STEERERS, FLAG),
    "mute_supervisor": PageEvent(STEERERS, FLAG),
    "hold_taken": PageEvent(STEERERS, FLAG),
    "stop_supervising": PageEvent(STEERERS, {}),
    "order_seat": PageEvent(
        STEERERS,
        {
            **SEAT_AND_NOTE,
            "what": Field("text", 20),
            "when": Field("text", 20, optional=True),
            "reason": Field("text", 40, optional=True),
            "campaign_id": Field("whole", 2**31, optional=True),
            "further": Field("codes", 50, optional=True),
        },
    ),
    "set_skill": PageEvent(
        STEERERS, {"seat": Field("text", 64), "skill": Field("text", 40), "on": Field("flag")}
    ),
    "cancel_order": PageEvent(STEERERS, {"seat": Field("text", 64)}),
    "finish_wrap_up": PageEvent(STEERERS, SEAT_AND_NOTE),
    "make_room": PageEvent(STEERERS, ROOM),
    "change_room": PageEvent(STEERERS, {"room": Field("whole", 2**31), **ROOM}),
    "remove_room": PageEvent(STEERERS, {"room": Field("whole", 2**31)}),
    "place_seat": PageEvent(
        STEERERS,
        {
            **PLACED,
            "room": Field("whole", 2**31),
            "row": Field("whole", 1000),
            "column": Field("whole", 1000),
        },
    ),
    "unplace_seat": PageEvent(STEERERS, PLACED),
    "still_there": PageEvent(LEADS, {}),  # the acknowledgement is the answer
    "resync": PageEvent(LEADS, {}),
}

PULSE_EVENTS: Mapping[str, PageEvent] = {
    "pulse": PageEvent(
        OPERATORS,
        {
            "track_live": Field("flag"),
            "track_unmuted": Field("flag"),
            "hidden": Field("flag"),
            "loss": Field("number", 1, optional=True),
            "jitter_ms": Field("number", 100_000, optional=True),
            "rtt_ms": Field("number", 100_000, optional=True),
            "concealed": Field("number", 1, optional=True),
        },
    ),
}

SCREENS = frozenset({"wallboard"})  # the role of links: nobody's who logs in
WALLBOARD_EVENTS: Mapping[str, PageEvent] = {
    "still_there": PageEvent(SCREENS, {}),
    "resync": PageEvent(SCREENS, {}),
}

# What the desk sends, by namespace.
SENT: Mapping[str, frozenset[str]] = {
    "/desk": frozenset({"snapshot", "update", "notice", "taken_over"}),
    "/floor": frozenset({"snapshot", "update", "notice"}),
    "/pulse": frozenset(),
    "/wallboard": frozenset({"snapshot", "update"}),
}

ROLES_OF_NAMESPACE: Mapping[str, frozenset[str]] = {
    "/desk": OPERATORS,
    "/pulse": OPERATORS,
    "/floor": LEADS,
    "/wallboard": SCREENS,
}


def read_payload(event: PageEvent, data: object) -> dict[str, Any]:
    """The fields of a payload, checked and typed; `command_id` is read by the namespace."""
    if not isinstance(data, dict):
        raise BadPayload("an object is needed")
    given = {key: value for key, value in data.items() if key != "command_id"}
    unknown = set(given) - set(event.fields)
    if unknown:
        raise BadPayload(f"unknown field {sorted(map(str, unknown))[0]!r:.40}")
    return {name: _read(name, field, given.get(name)) for name, field in event.fields.items()}


def _read(name: str, field: Field, value: object) -> Any:
    if value is None:
        if field.optional:
            return None
        raise BadPayload(f"{name} is missing")
    match field.kind:
        case "text" if isinstance(value, str) and len(value) <= field.limit:
            return value
        case "flag" if isinstance(value, bool):
            return value
        case "whole" if _is_number(value, whole=True) and abs(value) <= field.limit:  # type: ignore[arg-type]
            return value
        case "number" if _is_number(value, whole=False) and abs(value) <= field.limit:  # type: ignore[arg-type]
            return float(value)  # type: ignore[arg-type]
        case "day" if isinstance(value, str):
            return _day(name, value)
        case "instant" if isinstance(value, str):
            return _instant(name, value)
        case "parts" | "codes" if isinstance(value, list) and len(value) <= field.limit:
            return _many(name, field.kind, value)
    raise BadPayload(f"{name} is not a {field.kind} within its limit")


def _many(name: str, kind: Kind, values: list[object]) -> Any:
    if kind == "parts":
        return tuple(_part(name, each) for each in values)
    return frozenset(_read(name, Field("text", 40), each) for each in values)


def _part(name: str, value: object) -> tuple[date, int]:
    """One part of a plan: its day and its yen."""
    if not isinstance(value, dict) or set(value) != {"due_on", "amount_yen"}:
        raise BadPayload(f"{name} has a part that is none")
    due_on = _read(name, Field("day"), value["due_on"])
    return due_on, _read(name, Field("whole", 999_999_999), value["amount_yen"])


def _is_number(value: object, *, whole: bool) -> bool:
    kinds = (int,) if whole else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and value == value


def _instant(name: str, value: str) -> datetime:
    problem = f"{name} is not an instant like 2026-11-30T10:00:00+09:00"
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise BadPayload(problem)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):  # a year beyond what can be turned into UTC
        raise BadPayload(problem) from None


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadPayload(f"{name} is not a date like 2026-11-30") from None
