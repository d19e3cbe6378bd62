"""A part of a message that goes to many, turned into JSON for the first of them only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson


class EncodedOnce(Mapping[str, Any]):
    """Read like the mapping it was made of, which nobody may change any more."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self._value = value
        self._text: bytes | None = None

    def __getitem__(self, key: str) -> Any:
        return self._value[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def fragment(self) -> orjson.Fragment:
        """For the encoder, which takes it over as it is."""
        if self._text is None:
            self._text = orjson.dumps(self._value)
        return orjson.Fragment(self._text)


def encode(value: object) -> str:
    """JSON of a message, parts of which may have been encoded before."""
    return orjson.dumps(value, default=_fragment).decode()


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, EncodedOnce):
        return value.fragment()
    raise TypeError(f"{type(value).__name__} has no JSON")
