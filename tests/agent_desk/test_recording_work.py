"""From a gateway's report to the deletion certificate: desk, worker and files together."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from agent_desk.desk import worker_key
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Call, DeletionCertificate, Recording
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Debt
from agent_desk.services.recordings.work import NotThere, RecordingWork
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store import audit
from softphone.protocol import (
    PauseRecording,
    PlaceCall,
    RecordingEnded,
    RecordingFailed,
    Refusal,
)
from softphone.recording_file import Reader
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.routes.test_recordings import ask, pitches
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.fakes.recordings import tone, write_recording

DAY = timedelta(days=1)


class ClientDoor(DeskDoor):
    """The write door of a desk in this process."""

    def __init__(self, desk: SmallDesk) -> None:
        super().__init__("http://127.0.0.1:9", secret_key="x" * 16, tls_cert=None)
        self.desk = desk

    def post(self, path: str, payload: Mapping[str, Any]) -> bytes:
        key = f"Bearer {worker_key(self.desk.config.secret_key)}"
        answer = self.desk.client().post(path, json=payload, headers={"Authorization": key})
        if answer.status_code != 200:
            raise DeskRefused(answer.get_json()["error"]["id"])
        return answer.data


class Bench:
    """An operator's shift, and the worker beside it."""

    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        self.desk = shift.desk
        self.config = shift.desk.config
        self.stopping = threading.Event()
        self.work = self.worker(*self.config.recording_keys)

    def worker(self, *keys: bytes, stopping: Callable[[], bool] | None = None) -> RecordingWork:
        return RecordingWork(
            database=self.desk.desk.database,
            door=ClientDoor(self.desk),
            directory=self.config.recording_dir,
            keys=keys,
            stopping=stopping or self.stopping.is_set,
        )

    def recorded(self, **fields: Any) -> RecordingEnded:
        """A call of operator1 that is over, and its file."""
        call_id = self.shift.talk()
        self.shift.end(call_id)
        sound = {"sent": tone(440, 1.7), "heard": tone(1000, 1.7), **fields}
        ended = write_recording(
            self.config.recording_dir,
            self.config.recording_keys[0],
            call_id,
            started_at=self.desk.clock.now(),
            **sound,
        )
        self.tell(ended)
        return ended

    def tell(self, *events: RecordingEnded | RecordingFailed) -> None:
        self.shift.gateway.tell(*events)
        self.desk.settle()

    def row(self, call_id: str) -> Recording:
        with self.desk.desk.database.read() as session:
            return session.get_one(Recording, call_id)

    def file(self, path: str | None) -> Path:
        assert path is not None
        return self.config.recording_dir / path

    def trail(self, call_id: str) -> list[str]:
        with self.desk.desk.database.read() as session:
            query = select(AuditRow.action).where(AuditRow.subject == f"call:{call_id}")
            return list(session.scalars(query.order_by(AuditRow.id)))

    def certificates(self) -> list[DeletionCertificate]:
        with self.desk.desk.database.read() as session:
            return list(session.scalars(select(DeletionCertificate)))

    def set(self, table: type[Any], external_id: str | None = None, **values: Any) -> None:
        change = update(table).values(**values)
        if external_id is not None:
            change = change.where(table.external_id == external_id)
        with self.desk.desk.database.write() as session:
            session.execute(change)

    @property
    def now(self) -> datetime:
        return self.desk.clock.now()


@pytest.fixture
def bench(shift: Shift) -> Bench:
    return Bench(shift)


@pytest.fixture
def each_bench(each_shift: Shift) -> Bench:
    return Bench(each_shift)


# --- what the gateway reports -------------------------------------------------------------------


def test_calls_of_a_recording_campaign_are_ordered_to_be_recorded(bench: Bench) -> None:
    call_id = bench.shift.talk()
    ordered = [c for c in bench.shift.gateway.commands if isinstance(c, PlaceCall)]
    assert [each.record for each in ordered] == [True]
    with bench.desk.desk.database.read() as session:
        assert session.get_one(Call, call_id).record


def test_calls_of_a_campaign_that_records_nothing_are_not(sqlite_url: str, tmp_path: Path) -> None:
    desk = SmallDesk(sqlite_url, tmp_path, recording=False)
    shift = Shift.begin(desk)
    call_id = shift.talk()
    assert [c.record for c in shift.gateway.commands if isinstance(c, PlaceCall)] == [False]
    assert shift.page.follow()["call"]["recording"] is None
    assert shift.page.refused("pause_recording", on=True) == "not-recorded"
    with desk.desk.database.read() as session:
        assert not session.get_one(Call, call_id).record
    desk.stop()


def test_a_report_that_comes_again_changes_nothing(each_bench: Bench) -> None:
    ended = each_bench.recorded()
    each_bench.work.verify_new()
    each_bench.tell(ended)
    row = each_bench.row(ended.call_id)
    assert (row.state, row.sha256, row.paused_ms) == ("verified", ended.sha256, 0)


def test_a_failure_is_kept_with_its_reason_and_what_is_there_can_still_be_heard(
    each_bench: Bench,
) -> None:
    call_id = each_bench.shift.talk()
    full = Refusal("disk_full", "there is no room for recordings")
    floor = each_bench.desk.page("lead1", "/floor")
    each_bench.tell(RecordingFailed(call_id, "2026/04/01/x.rec", full))
    floor.follow()
    assert floor.notices == ["recording-failed"]
    row = each_bench.row(call_id)
    assert (row.state, row.reason) == ("failed", "disk_full")
    each_bench.shift.end(call_id)
    config = each_bench.config
    part = write_recording(
        config.recording_dir,
        config.recording_keys[0],
        call_id,
        sent=tone(440, 1.0),
        heard=tone(1000, 1.0),
        closed=False,
    )
    each_bench.tell(part)
    row = each_bench.row(call_id)
    assert (row.state, row.reason, row.truncated) == ("sealed", "disk_full", True)
    assert ask(signed_in(each_bench.desk, "operator1"), call_id).status_code == 200


def test_a_failure_told_after_a_crash_leaves_the_first_reason(bench: Bench) -> None:
    call_id = bench.shift.talk()
    for reason in ("disk_full", "lost"):
        bench.tell(RecordingFailed(call_id, "", Refusal(reason, "")))
    assert bench.row(call_id).reason == "disk_full"


def test_news_of_a_call_nobody_knows_is_taken_and_forgotten(bench: Bench) -> None:
    seq = bench.shift.gateway.next_seq
    assert bench.shift.gateway.tell(RecordingFailed("f" * 32, "", Refusal("lost", ""))) == seq


# --- pausing ------------------------------------------------------------------------------------


def test_an_operator_pauses_and_the_page_the_gateway_and_the_rows_know(bench: Bench) -> None:
    page = bench.shift.page
    call_id = bench.shift.talk()
    assert page.follow()["call"]["recording"] == "on"
    page.do("pause_recording", on=True)
    assert page.follow()["call"]["recording"] == "paused"
    page.do("pause_recording", on=False)
    assert page.follow()["call"]["recording"] == "on"
    sent = [c for c in bench.shift.gateway.commands if isinstance(c, PauseRecording)]
    assert sent == [PauseRecording(call_id, on=True), PauseRecording(call_id, on=False)]
    assert bench.trail(call_id)[-2:] == ["recording.paused", "recording.resumed"]


def test_a_desk_started_again_knows_that_the_recording_is_paused(
    bench: Bench, sqlite_url: str, tmp_path: Path
) -> None:
    call_id = bench.shift.talk()
    bench.shift.page.do("pause_recording", on=True)
    bench.desk.stop()
    again = SmallDesk(sqlite_url, tmp_path, clock=bench.desk.clock)
    assert again.call(call_id).recording_paused
    again.stop()


# --- verifying ----------------------------------------------------------------------------------


def test_a_whole_file_is_verified_and_plays_as_opus(each_bench: Bench) -> None:
    ended = each_bench.recorded()
    assert each_bench.work.verify_new() == 1
    row = each_bench.row(ended.call_id)
    assert row.state == "verified"
    opus = each_bench.file(row.opus_path).read_bytes()
    assert b"OggS" not in opus
    assert b"OpusHead" not in opus
    assert len(opus) == row.opus_size_bytes
    opened = Reader(lambda at, n: opus[at : at + n], each_bench.config.recording_keys)
    assert opened.verify(len(opus)).octets > 0
    browser = signed_in(each_bench.desk, "operator1")
    told = ask(browser, ended.call_id).get_json()
    answer = browser.client.get(told["url"])
    assert answer.content_type == "audio/ogg; codecs=opus"
    assert pitches(answer.data) == pytest.approx([440, 1000], abs=3)
    assert each_bench.work.verify_new() == 0


def test_a_law_recordings_are_compressed_alike(bench: Bench) -> None:
    bench.recorded(sent=tone(440, 1.0, "PCMA"), heard=tone(1000, 1.0, "PCMA"), codec="PCMA")
    bench.work.verify_new()
    browser = signed_in(bench.desk, "operator1")
    with bench.desk.desk.database.read() as session:
        (call_id,) = session.scalars(select(Recording.call_id)).all()
    answer = browser.client.get(ask(browser, call_id).get_json()["url"])
    assert pitches(answer.data) == pytest.approx([440, 1000], abs=3)


def damage_octet(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-200] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    ("harm", "reason"),
    [(damage_octet, "other_hash"), (cut, "other_hash"), (Path.unlink, "missing")],
)
def test_a_damaged_file_is_told_and_kept(bench: Bench, harm: Any, reason: str) -> None:
    ended = bench.recorded()
    path = bench.file(ended.path)
    harm(path)
    left = path.exists()
    floor = bench.desk.page("lead1", "/floor")
    bench.work.verify_new()
    row = bench.row(ended.call_id)
    assert (row.state, row.reason) == ("damaged", reason)
    assert bench.trail(ended.call_id)[-1] == "recording.damaged"
    floor.follow()
    assert floor.notices == ["recording-damaged"]
    assert path.exists() == left


def test_a_file_put_in_the_place_of_another_is_noticed(bench: Bench) -> None:
    first = bench.recorded()
    config = bench.config
    other = write_recording(
        config.recording_dir, config.recording_keys[0], "other", sent=b"a" * 800, heard=b"b" * 800
    )
    bench.file(first.path).write_bytes(bench.file(other.path).read_bytes())
    bench.set(Recording, sha256=other.sha256)
    bench.work.verify_new()
    assert bench.row(first.call_id).reason == "other_call"


def test_a_volume_that_is_not_mounted_damages_nothing(bench: Bench) -> None:
    ended = bench.recorded()
    bench.config.recording_dir.rename(bench.config.recording_dir.with_name("elsewhere"))
    with pytest.raises(NotThere):
        bench.work.verify_new()
    assert bench.row(ended.call_id).state == "sealed"


def test_another_key_damages_nothing(bench: Bench) -> None:
    ended = bench.recorded()
    with pytest.raises(NotThere):
        bench.worker(bytes(32)).verify_new()
    assert bench.row(ended.call_id).state == "sealed"


def test_a_new_key_seals_and_the_old_one_opens(bench: Bench) -> None:
    ended = bench.recorded()
    (old,) = bench.config.recording_keys
    bench.worker(bytes(32), old).verify_new()
    opus = bench.file(bench.row(ended.call_id).opus_path).read_bytes()
    assert Reader(lambda at, n: opus[at : at + n], (bytes(32),)).verify(len(opus)).octets > 0


def opus_is_the_one_told(bench: Bench, ended: RecordingEnded) -> bool:
    row = bench.row(ended.call_id)
    opus = bench.file(row.opus_path).read_bytes()
    return row.state == "verified" and hashlib.sha256(opus).hexdigest() == row.opus_sha256


def test_a_second_worker_waits_for_the_first(bench: Bench) -> None:
    """Each would seal its own Opus, and the row would have the hash of the one that is gone."""
    ended = bench.recorded()
    second = bench.worker(*bench.config.recording_keys)
    did: list[int] = []

    def in_between() -> bool:
        did.append(second.verify_new() + second.delete_expired(bench.now))
        return False

    first = bench.worker(*bench.config.recording_keys, stopping=in_between)
    assert first.verify_new() == 1
    assert did == [0]
    assert opus_is_the_one_told(bench, ended)
    assert second.verify_new() == 0


def test_a_worker_that_ended_before_it_told_begins_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = bench.recorded()

    def away(self: object, path: str, payload: Mapping[str, Any]) -> bytes:
        raise DeskAway("killed")

    with monkeypatch.context() as killed:
        killed.setattr(ClientDoor, "post", away)
        with pytest.raises(DeskAway):
            bench.work.verify_new()
    assert bench.row(ended.call_id).state == "sealed"
    assert bench.worker(*bench.config.recording_keys).verify_new() == 1
    assert opus_is_the_one_told(bench, ended)


# --- deleting (R51) -----------------------------------------------------------------------------


def sold(bench: Bench) -> RecordingEnded:
    """A verified recording of a sales call."""
    ended = bench.recorded()
    bench.set(Campaign, kind="sales")
    bench.work.verify_new()
    return ended


def test_what_is_over_is_deleted_with_a_certificate_that_stays(each_bench: Bench) -> None:
    ended = sold(each_bench)
    opus = each_bench.row(ended.call_id)
    each_bench.desk.clock.advance((366 * DAY).total_seconds())
    assert each_bench.work.delete_expired(each_bench.now) == 1
    assert not each_bench.file(ended.path).exists()
    assert not each_bench.file(opus.opus_path).exists()
    (certificate,) = each_bench.certificates()
    assert certificate.call_id == ended.call_id
    assert (certificate.sha256, certificate.opus_sha256) == (ended.sha256, opus.opus_sha256)
    assert (certificate.rule, certificate.by) == ("R51 sales 1y from call", "worker")
    assert each_bench.row(ended.call_id).state == "deleted"
    assert each_bench.trail(ended.call_id)[-2:] == [
        "recording.deletion.begun",
        "recording.deleted",
    ]
    each_bench.desk.desk.routine.tick()
    with each_bench.desk.desk.database.write() as session:
        audit.seal(session, each_bench.config.audit_key, limit=500)
        assert audit.verify(session, each_bench.config.audit_key) is None
    assert each_bench.work.delete_expired(each_bench.now) == 0
    each_bench.tell(ended)
    assert each_bench.row(ended.call_id).state == "deleted"


def test_nothing_is_deleted_a_day_early(bench: Bench) -> None:
    ended = sold(bench)
    bench.desk.clock.advance((364 * DAY).total_seconds())
    assert bench.work.delete_expired(bench.now) == 0
    assert bench.file(ended.path).exists()


def test_the_desk_does_not_believe_a_worker_whose_clock_is_ahead(bench: Bench) -> None:
    ended = sold(bench)
    assert bench.work.delete_expired(bench.now + 400 * DAY) == 0
    assert bench.file(ended.path).exists()
    assert bench.row(ended.call_id).state == "verified"


def test_collections_are_kept_until_ten_years_after_the_debt(bench: Bench) -> None:
    ended = bench.recorded()
    bench.work.verify_new()
    with bench.desk.desk.database.write() as session:
        call = session.get_one(Call, ended.call_id)
        product_id = session.get_one(Campaign, call.campaign_id).product_id
        owed = {"customer_id": call.customer_id, "product_id": product_id, "amount_yen": 5000}
        for number in ("a", "b"):
            session.execute(insert(Debt).values(**owed, external_id=number, created_at=bench.now))
    bench.desk.clock.advance((5000 * DAY).total_seconds())
    bench.set(Debt, "a", closed_at=bench.now)
    assert bench.work.delete_expired(bench.now) == 0, "one debt is still open"
    bench.set(Debt, "b", closed_at=bench.now)
    bench.desk.clock.advance((3651 * DAY).total_seconds())
    assert bench.work.delete_expired(bench.now) == 0, "ten years are not over"
    bench.desk.clock.advance((2 * DAY).total_seconds())
    assert bench.work.delete_expired(bench.now) == 1


def test_a_deletion_that_was_interrupted_is_finished(bench: Bench) -> None:
    ended = sold(bench)
    bench.desk.clock.advance((366 * DAY).total_seconds())
    door = ClientDoor(bench.desk)
    door.post(f"/internal/recordings/{ended.call_id}/delete", {})
    bench.file(ended.path).unlink()
    assert ask(signed_in(bench.desk, "operator1"), ended.call_id).status_code == 410
    assert bench.work.delete_expired(bench.now) == 1
    assert len(bench.certificates()) == 1


def test_a_certificate_needs_the_deletion_to_be_agreed(bench: Bench) -> None:
    ended = sold(bench)
    door = ClientDoor(bench.desk)
    for verb in ("delete", "deleted"):
        with pytest.raises(DeskRefused) as refused:
            door.post(f"/internal/recordings/{ended.call_id}/{verb}", {})
        assert refused.value.error_id == "recording-kept"
    assert bench.certificates() == []


def test_an_archive_of_many_pages_is_gone_through(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_desk.services.recordings.work.PAGE", 1)
    sold(bench)
    call_id = bench.shift.page.follow()["call"]["id"]
    bench.shift.page.do("save_result", call_id=call_id, note="", counterpart="nobody")
    bench.shift.alive()
    bench.recorded()
    bench.work.verify_new()
    bench.desk.clock.advance((366 * DAY).total_seconds())
    assert bench.work.delete_expired(bench.now) == 2
