"""The carrier's own account: order, instants, and counts that return to zero."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from softphone.practice_carrier.call_log import CallLog

START = datetime(2027, 1, 12, 1, 0, tzinfo=UTC)


def test_each_change_is_a_line_with_its_instant_and_the_counts(tmp_path: Path) -> None:
    instants = (START + timedelta(milliseconds=250 * n) for n in range(10))
    log = CallLog(tmp_path / "calls.jsonl", clock=lambda: next(instants))
    log.invite("a", number="09000009440")
    log.invite("b", number="09000009000")
    log.ringing("b", code=180)
    log.answer("a")
    log.end("a", by="caller", code=200)
    log.end("b", by="caller", code=487)
    log.close()
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert [(line["event"], line["call"]) for line in lines] == [
        ("invite", "a"),
        ("invite", "b"),
        ("ringing", "b"),
        ("answer", "a"),
        ("end", "a"),
        ("end", "b"),
    ]
    assert [line["live_calls"] for line in lines] == [1, 2, 2, 2, 1, 0]
    assert [line["answered"] for line in lines] == [0, 0, 0, 1, 0, 0]
    assert lines[0]["number"] == "09000009440"
    assert datetime.fromisoformat(lines[1]["at"]) == START + timedelta(milliseconds=250)


def test_a_call_ends_once(tmp_path: Path) -> None:
    log = CallLog(tmp_path / "calls.jsonl")
    log.invite("a")
    log.end("a")
    log.end("a")
    log.close()
    assert len((tmp_path / "calls.jsonl").read_text().splitlines()) == 2


def test_without_a_file_it_only_counts() -> None:
    log = CallLog()
    log.invite("a")
    log.answer("a")
    assert (log.live_calls, log.answered) == (1, 1)


def test_a_second_run_appends(tmp_path: Path) -> None:
    for _ in range(2):
        log = CallLog(tmp_path / "calls.jsonl")
        log.invite("a")
        log.close()
    assert len((tmp_path / "calls.jsonl").read_text().splitlines()) == 2
