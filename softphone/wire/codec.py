"""Dataclass messages to JSON types and back, strictly: a wrong field is named, never guessed."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, TypeVar, Union

M = TypeVar("M")


class ProtocolError(ValueError):
    """A message that is not of this protocol; says which field of which message is wrong."""


def encode(message: object) -> dict[str, Any]:
    """Turn a message into JSON types; `type` names the class so that unions can be told apart."""
    if not is_dataclass(message) or isinstance(message, type):
        raise ProtocolError(f"{message!r} is not a message")
    values = {f.name: _encode(getattr(message, f.name)) for f in fields(message)}
    return {"type": type(message).__name__, **values}


def decode(expected: type[M], data: object) -> M:
    """Read a message of class `expected`; raises ProtocolError naming what is wrong."""
    value = _decode(expected, data, expected.__name__)
    return typing.cast(M, value)


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if is_dataclass(value):
        return encode(value)
    if isinstance(value, str) and not value.isascii():
        # What a trunk wrote may be no text; one message that cannot be sent holds up all others.
        return value.encode("utf-8", "replace").decode()
    return value


def _decode(hint: Any, data: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(typing.get_args(hint), data, where)
    if origin is tuple:
        if not isinstance(data, list):
            raise ProtocolError(f"{where}: a list is needed, not {type(data).__name__}")
        item = typing.get_args(hint)[0]
        return tuple(_decode(item, each, f"{where}[{n}]") for n, each in enumerate(data))
    if origin is Literal:
        if data not in typing.get_args(hint):
            raise ProtocolError(f"{where}: {data!r} is none of {typing.get_args(hint)}")
        return data
    if is_dataclass(hint):
        return _decode_message(typing.cast(type, hint), data, where)
    return _decode_scalar(hint, data, where)


def _decode_union(options: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and types.NoneType in options:
        return None
    if isinstance(data, dict):
        for option in options:
            if is_dataclass(option) and getattr(option, "__name__", "") == data.get("type"):
                return _decode(option, data, where)
        raise ProtocolError(f"{where}: unknown message {data.get('type')!r}")
    plain = [option for option in options if option is not types.NoneType]
    if len(plain) != 1:
        raise ProtocolError(f"{where}: {data!r} fits none of the possible messages")
    return _decode(plain[0], data, where)


def _decode_message(cls: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict) or data.get("type") != cls.__name__:
        raise ProtocolError(f"{where}: a {cls.__name__} is needed")
    hints, plain = _hints(cls), _plain(cls)
    if data.keys() - {"type"} != hints.keys():
        wrong = sorted(data.keys() - {"type"} ^ hints.keys())
        raise ProtocolError(f"{where}: wrong fields {wrong}")
    # A gateway tells of a thousand legs each second: what is what it should be is not looked at
    # twice, and no name is made for a place where nothing is wrong.
    return cls(
        **{
            name: value
            if type(value := data[name]) is plain.get(name)
            else _decode(hint, value, f"{where}.{name}")
            for name, hint in hints.items()
        }
    )


def _decode_scalar(hint: Any, data: Any, where: str) -> Any:
    if hint is datetime and isinstance(data, str):
        return _instant(data, where)
    if isinstance(hint, type) and issubclass(hint, StrEnum) and isinstance(data, str):
        try:
            return hint(data)
        except ValueError as unknown:
            raise ProtocolError(f"{where}: {unknown}") from None
    if hint is float and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if type(data) is hint:
        return data
    raise ProtocolError(f"{where}: {getattr(hint, '__name__', hint)} needed, not {data!r:.60}")


def _instant(text: str, where: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ProtocolError(f"{where}: {text!r:.40} is not an ISO instant") from None
    if instant.tzinfo is None:
        raise ProtocolError(f"{where}: {text!r:.40} has no offset from UTC")
    return instant.astimezone(UTC)


_HINTS: dict[type, dict[str, Any]] = {}
_PLAIN: dict[type, dict[str, type]] = {}
_JSON = (str, int, float, bool)


def _hints(cls: type) -> dict[str, Any]:
    """Field types of a message class; resolving them is slow, so they are kept."""
    if cls not in _HINTS:
        names = {f.name for f in fields(typing.cast(Any, cls))}
        _HINTS[cls] = {k: v for k, v in typing.get_type_hints(cls).items() if k in names}
    return _HINTS[cls]


def _plain(cls: type) -> dict[str, type]:
    """The fields that hold a JSON value as it is, and its type; where None will do as well, too."""
    if cls not in _PLAIN:
        _PLAIN[cls] = {
            name: kinds[0]
            for name, hint in _hints(cls).items()
            if len(kinds := [each for each in _options(hint) if each is not types.NoneType]) == 1
            and kinds[0] in _JSON
        }
    return _PLAIN[cls]


def _options(hint: Any) -> tuple[Any, ...]:
    is_union = typing.get_origin(hint) in (Union, types.UnionType)
    return typing.get_args(hint) if is_union else (hint,)
