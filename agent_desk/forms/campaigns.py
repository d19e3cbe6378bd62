"""A page of the campaign wizard, read into settings; what cannot be read is its field's fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from agent_desk.services.campaigns.settings import MAY_BE_NONE, fields_of
from agent_desk.services.campaigns.shown_numbers import Fault
from agent_desk.services.dialing.caller_ids import numbers_of

FLAGS = (
    "scheduled",
    "closed_on_holidays",
    "recording",
    "reg_f",
    "identity_needed",
    "supervision_tone",
    "supervision_shown",
)
MINUTES = ("start_minute", "end_minute", "window_start_minute", "window_end_minute")
WHOLE = (
    "daily_cap",
    "ring_limit_s",
    "min_gap_minutes",
    "max_tries",
    "wrap_up_s",
    "wrap_up_extension_s",
    "wrap_up_extensions",
    "survey_share",
    "survey_wait_s",
    "loud_dbfs",
    "identity_tries",
    "promise_max_days",
    "cooling_off_days",
)
# Ids of what is chosen from a list, or nothing.
CHOSEN = ("tariff_id", "script_of", "third_party_script_of", "statuses_of")
IDS = ("lists", "teams", "weekdays")
DATES = ("first_on", "last_on")


def settings_from(
    page: str,
    form: MultiDict[str, str],
    *,
    kind: str,
    current: Mapping[str, Any],
    offered: Mapping[str, Collection[int] | Collection[str]],
) -> tuple[dict[str, Any], list[Fault]]:
    """The settings of one page. Of lists and teams only those `offered` can be chosen or left;
    others stay as they are. `offered` says what may be chosen, by field: ids, or codes."""
    read: dict[str, Any] = {}
    wrong: list[Fault] = []
    for name in fields_of(page, kind):
        try:
            read[name] = _value(name, form)
        except ValueError:
            wrong.append(Fault(name, "unreadable"))
    for name in ("lists", "teams"):
        if name in read:
            theirs = {int(each) for each in offered[name]}
            read[name] = sorted((set(current[name]) - theirs) | (set(read[name]) & theirs))
    if "skills" in read and not set(read["skills"]) <= {*offered["skills"], *current["skills"]}:
        wrong.append(Fault("skills", "unreadable"))
    for name in CHOSEN:
        if read.get(name) not in (None, current[name], *offered[name]):
            wrong.append(Fault(name, "unreadable"))
    return read, wrong


def _value(name: str, form: MultiDict[str, str]) -> Any:
    text = form.get(name, "").strip()
    if name in IDS:
        return sorted({int(each) for each in form.getlist(name)})
    if name in ("identity_factors", "skills"):
        return form.getlist(name)
    if name in (*MAY_BE_NONE, *CHOSEN):
        return int(text) if text else None
    return int(text) if name in WHOLE else _READ.get(name, str)(text)


def _of_area(line: str) -> list[str]:
    """An area and its number, with a space or a sign between them."""
    area, _, number = re.sub(r"[\s=:：＝,、\u3000]+", " ", line.strip()).partition(" ")
    return [area, number]


def _minute(text: str) -> int | None:
    """Minutes from midnight of `HH:MM`."""
    if not text:
        return None
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _date(text: str) -> str | None:
    return date.fromisoformat(text).isoformat() if text else None


def _share(text: str) -> float:
    """Of a percentage."""
    return round(float(text) / 100, 6)


def _numbers(text: str) -> str:
    return ",".join(numbers_of(",".join(text.splitlines())))


def _areas(text: str) -> list[list[str]]:
    return [_of_area(line) for line in text.splitlines() if line.strip()]


def _counts(text: str) -> list[int]:
    return sorted({int(each) for each in re.split(r"[\s,、，]+", text) if each})


# How the text of a field is read.
_READ: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(FLAGS, bool),
    **dict.fromkeys(MINUTES, _minute),
    **dict.fromkeys(DATES, _date),
    "ratio": float,
    "abandon_target": _share,
    "caller_id": _numbers,
    "local_caller_ids": _areas,
    "instalment_counts": _counts,
}
