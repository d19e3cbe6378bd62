"""Rows of the audit trail in words: what a row is about, and what it says of it.

The trail itself holds ids and codes, for it must say the same in ten years; its file tells them as
they are. A code nobody has found words for stays as it is, rather than being left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from agent_desk.catalogue import catalogue, dated, translate
from agent_desk.dialer.business_time import JST

_LONG = re.compile(r"(?<![0-9a-zA-Z])(?=[0-9a-zA-Z-]*[0-9])[0-9a-zA-Z-]{20,}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# Where the words of a detail's values are, in this order.
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "action": ("audit.{code}",),
    "audience": ("script.audience.{code}",),
    "by": ("trail.by.{code}",),
    "factor": ("campaign.factor.{code}",),
    "kind": ("kind.{code}", "admin.message.kind.{code}"),
    "locale": ("trail.locale.{code}",),
    "mode": ("mode.{code}",),
    "mode_was": ("mode.{code}",),
    "reason": ("filter.hold.{code}", "help.reason.{code}", "block_basis.{code}", "away.{code}"),
    "role": ("role.{code}",),
    "running_was": ("running.{code}",),
    "scopes": ("admin.token.scope.{code}",),
    "screening": ("screening.{code}",),
    "screening_was": ("screening.{code}",),
    "state": ("identity.{code}",),
}


def shortened(text: str) -> str:
    """The same with hashes and long ids cut to their first eight characters."""
    return _LONG.sub(lambda found: f"{found[0][:8]}…", text)


def actor_in_words(actor: str, *, locale: str) -> str:
    """Who did it, where that is no person with a name."""
    return _word(actor, ("trail.actor.{code}",), locale) or actor


def subject_in_words(subject: str, *, locale: str) -> str:
    """What a row is about: `customer:12` is 顧客 12."""
    kind, _, which = subject.partition(":")
    key = f"trail.subject.{kind.replace('-', '_')}"
    if key not in catalogue(locale):
        return shortened(subject)
    word = translate(key, locale=locale)
    if kind == "report":
        return word
    of = which.removeprefix("role:")
    return f"{word} {_word(of, ('role.{code}',), locale) or shortened(of)}".rstrip()


def details_in_words(details: Mapping[str, Any], *, locale: str) -> str:
    """What a row says, with nothing of what it leaves open."""
    said = [
        (_key(key, locale), _value(key, value, locale))
        for key, value in details.items()
        if value not in (None, "", [], {})
    ]
    colon, comma = ("：", "、") if locale == "ja" else (": ", ", ")
    return comma.join(f"{key}{colon}{value}" for key, value in said)


def _key(key: str, locale: str) -> str:
    name = f"trail.key.{key}"
    return translate(name, locale=locale) if name in catalogue(locale) else key


def _value(key: str, value: object, locale: str) -> str:
    if isinstance(value, bool):
        return translate("campaign.value.yes" if value else "campaign.value.no", locale=locale)
    if isinstance(value, list):
        return ("・" if locale == "ja" else " ").join(_value(key, each, locale) for each in value)
    text = str(value)
    if _INSTANT.fullmatch(text):
        at = datetime.fromisoformat(text).astimezone(JST)
        return f"{dated(at, locale=locale)} {at:%H:%M}"
    if _DAY.fullmatch(text):
        return dated(date.fromisoformat(text), locale=locale)
    return _word(text, _FAMILIES.get(key, ()), locale) or text


def _word(code: str, families: Iterable[str], locale: str) -> str | None:
    """The first family's word for a code; names of strings have no dot of a code's own in them."""
    for family in families:
        for spelled in (code, code.replace(":", "_"), code.replace(".", ":")):
            key = family.format(code=spelled)
            if key in catalogue(locale):
                return translate(key, locale=locale)
    return None
