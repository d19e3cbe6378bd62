"""The wire of version 1, message by message: what is recorded in the samples is what is spoken."""

from __future__ import annotations

import json
import typing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from softphone import protocol
from softphone.protocol import Command, Event, Message, ProtocolError, decode, encode

SAMPLES = Path(__file__).parents[1] / "fixtures" / "protocol" / "v1"
FILES = sorted(SAMPLES.glob("*.json"))
MESSAGES = {cls.__name__: cls for cls in typing.get_args(Message)}


def read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def sample(name: str) -> dict[str, Any]:
    return read(SAMPLES / f"{name}.json")


def expected_files() -> set[str]:
    plain = set(MESSAGES) - {"CommandEnvelope", "EventEnvelope"}
    commands = {f"CommandEnvelope.{cls.__name__}" for cls in typing.get_args(Command)}
    return plain | commands | {f"EventEnvelope.{c.__name__}" for c in typing.get_args(Event)}


def dictionaries(data: Any) -> list[dict[str, Any]]:
    """The message itself and every message inside it."""
    if isinstance(data, list):
        return [found for item in data for found in dictionaries(item)]
    if not isinstance(data, dict):
        return []
    return [data, *(found for value in data.values() for found in dictionaries(value))]


def test_the_samples_are_of_the_version_spoken() -> None:
    assert SAMPLES.name == f"v{protocol.VERSION}"


def test_every_message_command_and_event_has_a_sample() -> None:
    assert {path.stem for path in FILES} == expected_files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_survives_reading_and_writing(path: Path) -> None:
    data = read(path)
    message = decode(MESSAGES[data["type"]], data)
    assert encode(message) == data
    assert decode(type(message), encode(message)) == message


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_missing_or_unknown_field_is_refused_at_every_depth(path: Path) -> None:
    cls = MESSAGES[read(path)["type"]]
    for depth in range(len(dictionaries(read(path)))):
        whole = read(path)
        part = dictionaries(whole)[depth]
        part["surprise"] = 1
        with pytest.raises(ProtocolError, match="surprise"):
            decode(cls, whole)
        del part["surprise"]
        for name in [name for name in part if name != "type"]:
            kept = part.pop(name)
            with pytest.raises(ProtocolError, match=name):
                decode(cls, whole)
            part[name] = kept


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_value_of_the_wrong_kind_is_refused_and_named(path: Path) -> None:
    data = read(path)
    cls = MESSAGES[data["type"]]
    for field in fields(cls):
        wrong = {"surprise": 1}
        with pytest.raises(ProtocolError, match=field.name):
            decode(cls, {**data, field.name: wrong})


@pytest.mark.parametrize(
    ("name", "field", "value", "named"),
    [
        ("Hello", "version", True, "version"),
        ("Hello", "version", 1.0, "version"),
        ("Hello", "trunks", "practice", "trunks"),
        ("Welcome", "clock_offset_s", True, "clock_offset_s"),
        ("Welcome", "stopped_campaigns", ["4"], r"stopped_campaigns\[0\]"),
        ("Liveness", "at", "2026-04-01T10:00:00", "offset"),
        ("Liveness", "at", "yesterday", "ISO"),
        ("CommandReply", "answer_sdp", 5, "answer_sdp"),
        ("CommandReply", "refusal", {"type": "Welcome"}, "refusal"),
    ],
)
def test_values_that_only_look_right_are_refused(
    name: str, field: str, value: object, named: str
) -> None:
    with pytest.raises(ProtocolError, match=named):
        decode(MESSAGES[name], {**sample(name), field: value})


@pytest.mark.parametrize(
    ("name", "part", "field", "value"),
    [
        ("CommandEnvelope.PlaceCall", "command", "screening", "sometimes"),
        ("CommandEnvelope.TestSeat", "command", "kind", "scream"),
        ("CommandEnvelope.PlaceCall", "command", "type", "Dial"),
        ("EventEnvelope.CallEnded", "event", "by", "nobody"),
        ("EventEnvelope.CallEnded", "event", "type", "PlaceCall"),
    ],
)
def test_words_outside_the_vocabulary_are_refused(
    name: str, part: str, field: str, value: str
) -> None:
    data = sample(name)
    data[part][field] = value
    with pytest.raises(ProtocolError, match=value):
        decode(MESSAGES[data["type"]], data)


@pytest.mark.parametrize("data", [None, 1, "hello", [], {}, {"type": "Goodbye"}])
def test_what_is_no_message_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError):
        decode(protocol.Hello, data)


def test_only_messages_can_be_sent() -> None:
    for thing in (None, 5, "text", protocol.Hello):
        with pytest.raises(ProtocolError):
            encode(thing)


def test_whole_numbers_are_taken_for_fractions_but_not_the_other_way_round() -> None:
    welcome = decode(protocol.Welcome, {**sample("Welcome"), "clock_offset_s": 3600})
    assert welcome.clock_offset_s == 3600.0
    with pytest.raises(ProtocolError, match="acknowledged"):
        decode(protocol.Welcome, {**sample("Welcome"), "acknowledged": 1.5})
