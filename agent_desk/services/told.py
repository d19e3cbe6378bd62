"""A JSON object as somebody sent it, read field by field; what does not fit is bad-payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from agent_desk.dialer.business_time import at
from agent_desk.services.errors import ServiceError

LONGEST = 500
LARGEST = 2**53 - 1  # what every JSON reader keeps exact
DATE = len("2026-01-31")


def storable(text: str) -> bool:
    """Whether a database takes the text: no NUL, no half of a surrogate pair."""
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)


class Told:
    """Each reader raises ServiceError bad-payload with the field's name."""

    def __init__(self, told: object) -> None:
        if not isinstance(told, Mapping):
            raise ServiceError("bad-payload", reason="object")
        self._told: Mapping[str, Any] = told

    def text(self, name: str, default: str | None = None) -> str:
        """A text; needed unless there is a default."""
        value = self._told.get(name, default)
        if not isinstance(value, str) or len(value) > LONGEST or not storable(value):
            raise ServiceError("bad-payload", reason=name)
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number; needed unless there is a default."""
        value = self.maybe_whole(name)
        value = default if value is None else value
        if value is None:
            raise ServiceError("bad-payload", reason=name)
        return value

    def maybe_whole(self, name: str) -> int | None:
        """A whole number, or null."""
        value = self._told.get(name)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and abs(value) <= LARGEST):
            raise ServiceError("bad-payload", reason=name)
        return value

    def switch(self, name: str, default: bool | None = None) -> bool:
        """True or false; needed unless there is a default."""
        value = self._told.get(name, default)
        if not isinstance(value, bool):
            raise ServiceError("bad-payload", reason=name)
        return value

    def days(self, name: str) -> frozenset[int] | None:
        """Weekdays from 0, Monday, or null."""
        value = self._told.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(day, int) for day in value):
            raise ServiceError("bad-payload", reason=name)
        return frozenset(value)

    def day(self, name: str) -> date:
        """A date."""
        value = self.maybe_day(name)
        if value is None:
            raise ServiceError("bad-payload", reason=name)
        return value

    def maybe_day(self, name: str) -> date | None:
        """A date, or null."""
        text = self._told.get(name)
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except (TypeError, ValueError):
            raise ServiceError("bad-payload", reason=name) from None

    def end(self, name: str) -> datetime:
        """An instant with its offset, or a date: the end of that Japanese day."""
        value = self.maybe_end(name)
        if value is None:
            raise ServiceError("until-needed")
        return value

    def maybe_end(self, name: str) -> datetime | None:
        """The same, or null."""
        text = self._told.get(name)
        if text is None:
            return None
        try:
            if len(text) == DATE:
                return at(date.fromisoformat(text) + timedelta(days=1), 0)
            value = datetime.fromisoformat(text)
        except (TypeError, ValueError, OverflowError):
            raise ServiceError("bad-payload", reason=name) from None
        if value.tzinfo is None:
            raise ServiceError("bad-payload", reason=name)
        return value

    def rows(self, name: str, most: int, default: list[Any] | None = None) -> list[Told]:
        """A list of objects, `most` at most; needed unless there is a default."""
        value = self._told.get(name, default)
        if not isinstance(value, list) or len(value) > most:
            raise ServiceError("bad-payload", reason=name)
        return [Told(each) for each in value]

    def texts(self, name: str, most: int) -> dict[str, str]:
        """An object of texts, `most` of them at most; none when it is left out."""
        value = self._told.get(name, {})
        if not isinstance(value, dict) or len(value) > most:
            raise ServiceError("bad-payload", reason=name)
        inner = Told(value)
        for each in value:
            if len(each) > LONGEST or not storable(each):
                raise ServiceError("bad-payload", reason=name)
        return {each: inner.text(each) for each in value}

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the fields that were sent, as they were sent."""
        return {name: self._told[name] for name in names if name in self._told}
