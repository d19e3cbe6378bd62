"""Every string a person reads, by id and language.

One JSON file per language serves the templates, the sockets' error messages and the pages' own
scripts, so that a word is written once. Japanese is the language of last resort.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

LOCALES = ("ja", "en")
DEFAULT = "ja"
_FOLDER = Path(__file__).parent / "translations"


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """All strings of a language; Japanese for one that is not ours."""
    name = locale if locale in LOCALES else DEFAULT
    strings: dict[str, str] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return strings


def translate(string_id: str, *, locale: str, **values: Any) -> str:
    """The string with its placeholders filled; its id, and a log line, if there is none."""
    text = catalogue(locale).get(string_id) or catalogue(DEFAULT).get(string_id)
    if text is None:
        log.error("no string %s", string_id)
        return string_id
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def dated(day: date | str, *, locale: str) -> str:
    """A day as people of the language write it: 2026/11/30, in English 30/11/2026."""
    at = date.fromisoformat(day) if isinstance(day, str) else day
    parts = {"year": f"{at.year:04}", "month": f"{at.month:02}", "day": f"{at.day:02}"}
    return translate("format.date", locale=locale, **parts)
