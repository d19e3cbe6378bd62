"""A page of the campaign wizard, read into settings; what cannot be read is its field's fault."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from agent_desk.services.campaigns.settings import PAGES, Fault
from agent_desk.services.dialing.caller_ids import numbers_of

FLAGS = ("scheduled", "closed_on_holidays", "recording")
MINUTES = ("start_minute", "end_minute", "window_start_minute", "window_end_minute")
WHOLE = (
    "daily_cap",
    "ring_limit_s",
    "min_gap_minutes",
    "max_tries",
    "wrap_up_s",
    "wrap_up_extension_s",
    "wrap_up_extensions",
    "loud_dbfs",
)
IDS = ("lists", "teams", "weekdays")
DATES = ("first_on", "last_on")


def settings_from(
    page: str,
    form: MultiDict[str, str],
    *,
    current: Mapping[str, Any],
    offered: Mapping[str, Collection[int]],
) -> tuple[dict[str, Any], list[Fault]]:
    """The settings of one page. Of lists and teams only those `offered` can be chosen or left;
    others stay as they are."""
    read: dict[str, Any] = {}
    wrong: list[Fault] = []
    for name in PAGES[page]:
        try:
            read[name] = _value(name, form)
        except ValueError:
            wrong.append(Fault(name, "unreadable"))
    for name in ("lists", "teams"):
        if name in read:
            kept = set(current[name]) - set(offered[name])
            read[name] = sorted(kept | (set(read[name]) & set(offered[name])))
    tariff = read.get("tariff_id")
    if tariff not in (None, current["tariff_id"], *offered["tariff_id"]):
        wrong.append(Fault("tariff_id", "unreadable"))
    return read, wrong


def _value(name: str, form: MultiDict[str, str]) -> Any:
    text = form.get(name, "").strip()
    if name in FLAGS:
        return bool(text)
    if name in IDS:
        return sorted({int(each) for each in form.getlist(name)})
    if name in MINUTES:
        return _minute(text)
    if name in WHOLE:
        return int(text)
    if name in DATES:
        return date.fromisoformat(text).isoformat() if text else None
    if name == "tariff_id":
        return int(text) if text else None
    if name == "ratio":
        return float(text)
    if name == "abandon_target":
        return round(float(text) / 100, 6)
    if name == "caller_id":
        return ",".join(numbers_of(",".join(text.splitlines())))
    return text


def _minute(text: str) -> int | None:
    """Minutes from midnight of `HH:MM`."""
    if not text:
        return None
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)
