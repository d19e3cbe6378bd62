"""Listening to recordings: scope, links that live a minute, ranges, and the trail."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import av
import numpy as np
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Call, Recording
from softphone.protocol import RecordingEnded
from softphone.recording_file import Reader
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import Shift
from tests.fakes.recordings import tone, write_recording

SENT, HEARD = tone(440, 2.2), tone(1000, 2.2)


def record(shift: Shift, call_id: str, **fields: Any) -> RecordingEnded:
    """The gateway has closed a file of this call."""
    config = shift.desk.config
    ended = write_recording(
        config.recording_dir, config.recording_keys[0], call_id, sent=SENT, heard=HEARD, **fields
    )
    shift.gateway.tell(ended)
    shift.desk.settle()
    return ended


@pytest.fixture
def call_id(shift: Shift) -> str:
    """A call of operator1 that is over and recorded."""
    call_id = shift.talk()
    shift.end(call_id)
    record(shift, call_id)
    return call_id


def ask(browser: Browser, call_id: str) -> TestResponse:
    headers = {"X-CSRFToken": browser.token("/desk"), "Accept": "application/json"}
    return browser.client.post(f"/api/v1/recordings/{call_id}/url", headers=headers)


def link(browser: Browser, call_id: str) -> str:
    answer = ask(browser, call_id)
    assert answer.status_code == 200, answer.get_json()
    return str(answer.get_json()["url"])


def trail(shift: Shift, call_id: str) -> list[tuple[str, str]]:
    with shift.desk.desk.database.read() as session:
        query = select(AuditRow.actor, AuditRow.action).where(AuditRow.subject == f"call:{call_id}")
        return [(row[0], row[1]) for row in session.execute(query)]


def pitches(data: bytes) -> list[float]:
    """The strongest frequency of each channel of a WAV or an Ogg file."""
    with av.open(io.BytesIO(data)) as container:
        rate = container.streams.audio[0].rate
        frames = [frame for frame in container.decode(audio=0)]
    found = []
    for channel in range(2):
        parts = []
        for frame in frames:
            samples = frame.to_ndarray()
            parts.append(samples[channel] if len(samples) == 2 else samples[0][channel::2])
        sound = np.concatenate(parts).astype(float)
        spectrum = np.abs(np.fft.rfft(sound))
        found.append(float(np.argmax(spectrum) * rate / len(sound)))
    return found


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["operator1", "lead1", "manager1"])
def test_who_may_listen_hears_both_sides(shift: Shift, call_id: str, username: str) -> None:
    browser = signed_in(shift.desk, username)
    answer = browser.client.get(link(browser, call_id))
    assert answer.status_code == 200
    assert answer.content_type == "audio/wav"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert pitches(answer.data) == pytest.approx([440, 1000], abs=2)
    assert (username, "recording.listened") in trail(shift, call_id)


@pytest.mark.parametrize("username", ["operator2", "operator3", "lead2"])
def test_nobody_hears_calls_outside_their_scope(shift: Shift, call_id: str, username: str) -> None:
    browser = signed_in(shift.desk, username)
    answer = ask(browser, call_id)
    assert answer.status_code == 404
    assert answer.get_json()["error_id"] == "recording-unknown"
    assert trail(shift, call_id) == []


def test_whoever_is_not_signed_in_or_only_administers_hears_nothing(
    shift: Shift, call_id: str
) -> None:
    theirs = link(signed_in(shift.desk, "operator1"), call_id)
    assert Browser(shift.desk).client.get(theirs).status_code == 401
    admin = signed_in(shift.desk, "admin1")
    token = admin.token("/admin")
    answer = admin.client.post(f"/api/v1/recordings/{call_id}/url", headers={"X-CSRFToken": token})
    assert answer.status_code == 403
    assert admin.client.get(theirs).status_code == 403


def test_an_unknown_call_and_one_out_of_scope_cannot_be_told_apart(
    shift: Shift, call_id: str
) -> None:
    browser = signed_in(shift.desk, "operator2")
    known, unknown = ask(browser, call_id), ask(browser, "f" * 32)
    assert known.status_code == unknown.status_code
    assert known.get_json() == unknown.get_json()


# --- the link -----------------------------------------------------------------------------------


def test_a_link_is_of_no_use_to_anybody_else(shift: Shift, call_id: str) -> None:
    theirs = link(signed_in(shift.desk, "operator1"), call_id)
    for username in ("operator2", "lead1", "manager1"):
        answer = signed_in(shift.desk, username).client.get(theirs)
        assert answer.status_code == 404
        assert answer.get_json()["error_id"] == "recording-link"


def test_a_link_ends_after_a_minute(shift: Shift, call_id: str) -> None:
    browser = signed_in(shift.desk, "operator1")
    theirs = link(browser, call_id)
    shift.desk.clock.advance(59)
    assert browser.client.get(theirs).status_code == 200
    shift.desk.clock.advance(2)
    assert browser.client.get(theirs).status_code == 404


def test_a_changed_link_opens_nothing(shift: Shift, call_id: str) -> None:
    browser = signed_in(shift.desk, "operator1")
    theirs = link(browser, call_id)
    head, tail = theirs.rsplit("/", 1)
    for place in range(0, len(tail), 5):
        changed = tail[:place] + ("A" if tail[place] != "A" else "B") + tail[place + 1 :]
        assert browser.client.get(f"{head}/{changed}").status_code == 404
    for guess in ("x", call_id, "a" * 200, "%00", "..%2f..%2fdesk.db"):
        assert browser.client.get(f"{head}/{guess}").status_code == 404


def test_the_link_tells_nothing_of_the_call(shift: Shift, call_id: str) -> None:
    theirs = link(signed_in(shift.desk, "operator1"), call_id)
    assert call_id not in theirs
    assert "operator1" not in theirs


def test_a_link_does_not_outlive_the_right(shift: Shift, call_id: str) -> None:
    """The scope is asked again when the link is used."""
    browser = signed_in(shift.desk, "operator1")
    theirs = link(browser, call_id)
    with shift.desk.desk.database.write() as session:
        session.get_one(Call, call_id).seat_user_id = shift.desk.people.users["operator2"]
    assert browser.client.get(theirs).status_code == 404


def test_without_the_form_token_no_link_is_made(shift: Shift, call_id: str) -> None:
    browser = signed_in(shift.desk, "operator1")
    assert browser.client.post(f"/api/v1/recordings/{call_id}/url").status_code == 400


# --- ranges -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-0", 0, 1), ("10-99", 10, 100), ("8000-24999", 8000, 25_000), ("100-", 100, None)],
)
def test_a_player_may_jump(
    shift: Shift, call_id: str, asked: str, start: int, end: int | None
) -> None:
    browser = signed_in(shift.desk, "operator1")
    theirs = link(browser, call_id)
    whole = browser.client.get(theirs).data
    part = browser.client.get(theirs, headers={"Range": f"bytes={asked}"})
    assert part.status_code == 206
    assert part.data == whole[start:end]
    last = len(whole) if end is None else end
    assert part.headers["Content-Range"] == f"bytes {start}-{last - 1}/{len(whole)}"


def test_a_range_beyond_the_end_is_refused(shift: Shift, call_id: str) -> None:
    browser = signed_in(shift.desk, "operator1")
    answer = browser.client.get(link(browser, call_id), headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416


# --- files that are not as they should be ---------------------------------------------------------


def test_a_call_cut_short_plays_as_far_as_it_goes(shift: Shift) -> None:
    call_id = shift.talk()
    shift.end(call_id)
    record(shift, call_id, closed=False)
    browser = signed_in(shift.desk, "operator1")
    told = ask(browser, call_id).get_json()
    assert told["truncated"] is True
    assert pitches(browser.client.get(told["url"]).data) == pytest.approx([440, 1000], abs=2)


@pytest.mark.parametrize("state", ["failed", "damaged", "deleting", "deleted"])
def test_what_cannot_be_played_says_so(shift: Shift, call_id: str, state: str) -> None:
    with shift.desk.desk.database.write() as session:
        session.get_one(Recording, call_id).state = state
    answer = ask(signed_in(shift.desk, "operator1"), call_id)
    assert answer.status_code == 410
    assert answer.get_json()["details"] == {"reason": state}


def test_a_file_that_is_gone_is_an_answer_not_a_crash(shift: Shift, call_id: str) -> None:
    browser = signed_in(shift.desk, "operator1")
    theirs = link(browser, call_id)
    (shift.desk.config.recording_dir / f"2026/04/01/{call_id}.rec").unlink()
    assert browser.client.get(theirs).status_code == 410


@pytest.mark.parametrize("path", ["../quick.db", "/etc/passwd", ""])
def test_no_path_leads_out_of_the_directory(shift: Shift, path: str) -> None:
    """Even if a gateway said so."""
    call_id = shift.talk()
    shift.end(call_id)
    directory = shift.desk.config.recording_dir
    ended = write_recording(directory, bytes(32), call_id, sent=b"", heard=b"")
    shift.gateway.tell(replace(ended, path=path))
    shift.desk.settle()
    browser = signed_in(shift.desk, "operator1")
    assert browser.client.get(link(browser, call_id)).status_code == 410


def test_a64_the_sealed_file_holds_nothing_that_sounds(shift: Shift, call_id: str) -> None:
    config = shift.desk.config
    data = (config.recording_dir / f"2026/04/01/{call_id}.rec").read_bytes()
    assert HEARD[:40] not in data
    opened = Reader(lambda at, length: data[at : at + length], config.recording_keys)
    assert opened.chunk(0)[4000:4040] == HEARD[:40]
