"""Who answers for what abandoned calls hear, and what nobody may have them hear."""

from __future__ import annotations

import wave
from array import array
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from agent_desk.cli import main
from agent_desk.dialer.commands import SetPacing
from agent_desk.dialer.ids import CampaignId
from agent_desk.models.audit import AuditRow
from agent_desk.models.predictive import SafeHarbour
from agent_desk.services.dialing.pacing import snapshot
from agent_desk.services.dialing.safe_harbours import (
    DEBT_WORDS,
    SHIPPED,
    SHIPPED_TEXT,
    Heard,
    check_text,
    examine,
)
from agent_desk.services.errors import ServiceError
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database
from softphone.audio.prompts import load_sounds
from tests.agent_desk.small_desk import HASHED, PASSWORD, SmallDesk
from tests.fakes.gateway import SAFE_HARBOUR

HEARD = Heard("ab" * 32, 8_000, 100)
TEXT = "改めてお電話いたします。"


def recording(directory: Path, *, lead_ms: int = 0, ms: int = 1_000) -> Path:
    """A tone after some silence, at 8 kHz."""
    samples = array("h", [0] * (8 * lead_ms) + [9_000, -9_000] * (4 * (ms - lead_ms)))
    with wave.open(str(directory / "own.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(samples.tobytes())
    return directory / "own.wav"


def refusal(file: Path) -> str:
    with pytest.raises(ServiceError) as refused:
        examine(file)
    return refused.value.error_id


def test_the_shipped_recording_may_be_approved_and_is_what_gateways_play() -> None:
    heard = examine(SHIPPED)
    assert heard.duration_ms <= 10_000
    assert heard.lead_ms <= 300
    assert heard.sha256 == load_sounds().safe_harbour.sha256
    assert check_text(SHIPPED_TEXT) == SHIPPED_TEXT
    assert SHIPPED_TEXT in (SHIPPED.parent / "CREDITS.md").read_text("utf-8")


def test_a_gateway_names_the_hash_of_an_installations_own_file(tmp_path: Path) -> None:
    file = recording(tmp_path).rename(tmp_path / "safe_harbour.wav")
    assert load_sounds(tmp_path).safe_harbour.sha256 == sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("lead_ms", "ms", "error_id"),
    [
        (320, 2_000, "safe-harbour-silence"),
        (2_000, 2_000, "safe-harbour-silence"),
        (0, 10_001, "safe-harbour-too-long"),
    ],
)
def test_a_recording_must_be_short_and_begin_at_once(
    tmp_path: Path, lead_ms: int, ms: int, error_id: str
) -> None:
    assert refusal(recording(tmp_path, lead_ms=lead_ms, ms=ms)) == error_id


def test_ten_seconds_and_a_breath_before_the_first_word_are_allowed(tmp_path: Path) -> None:
    heard = examine(recording(tmp_path, lead_ms=300, ms=10_000))
    assert (heard.duration_ms, heard.lead_ms) == (10_000, 300)


def test_what_is_no_sound_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    assert refusal(tmp_path / "x.wav") == "safe-harbour-unreadable"
    assert refusal(tmp_path / "missing.wav") == "safe-harbour-unreadable"


@pytest.mark.parametrize("word", DEBT_WORDS)
def test_no_word_of_a_debt_is_let_through(word: str) -> None:
    with pytest.raises(ServiceError) as refused:
        check_text(f"お電話ありがとうございます。{word}の件でお電話しました。")
    assert refused.value.error_id == "safe-harbour-debt-word"


@pytest.mark.parametrize(
    "text",
    ["お ヘ ン サ イ", "ご返・済", "ﾛｰﾝのご案内", "せいきゅう書", "Your LOAN", "re payments due"],
)
def test_writing_it_in_another_way_does_not_help(text: str) -> None:
    with pytest.raises(ServiceError, match="safe-harbour-debt-word"):
        check_text(text)


def test_innocent_words_are_let_through() -> None:
    assert check_text(" もちろん、however, 電波塔 tower からお電話しています。 ").startswith(
        "もちろん"
    )
    with pytest.raises(ServiceError, match="safe-harbour-text"):
        check_text("  ")


def test_an_approval_lets_the_campaign_dial_ahead_and_says_who(small_desk: SmallDesk) -> None:
    desk, campaign_id = small_desk.desk, CampaignId(small_desk.campaign_id)
    assert desk.commits.floor.campaigns[campaign_id].safe_harbour == SAFE_HARBOUR
    name = desk.book.get(campaign_id).name
    desk.safe_harbours.approve(name, HEARD, TEXT, actor="admin1", brought_by="lead1")
    assert desk.commits.floor.campaigns[campaign_id].safe_harbour == HEARD.sha256
    with desk.database.read() as session:
        newest = session.scalars(select(SafeHarbour).order_by(SafeHarbour.id.desc())).first()
        assert newest is not None
        assert (newest.approved_by, newest.text, newest.sha256) == ("admin1", TEXT, HEARD.sha256)
        assert newest.approved_at == small_desk.clock.now()
        noted = select(AuditRow.actor).where(AuditRow.action == "campaign.safe-harbour")
        assert session.scalars(noted).all() == ["admin1"]
        again = campaigns.on_floor(session, small_desk.clock.now())
        assert again[campaign_id].safe_harbour == HEARD.sha256


def test_an_approval_that_is_withdrawn_lets_nobody_dial_ahead_any_more(
    small_desk: SmallDesk,
) -> None:
    desk, campaign_id = small_desk.desk, CampaignId(small_desk.campaign_id)
    now = small_desk.clock.now()
    small_desk.gateway()
    assert snapshot(desk.commits.floor, campaign_id, now).safe_harbour
    desk.safe_harbours.withdraw(desk.book.get(campaign_id).name, actor="admin1")
    assert not snapshot(desk.commits.floor, campaign_id, now).safe_harbour
    assert desk.safe_harbours.approved(campaign_id) is None
    refused = desk.commits.submit(SetPacing(campaign_id, "ratio", 2.0))
    assert (refused.ok, refused.error_id) == (False, "no-safe-harbour")
    with desk.database.read() as session:
        noted = select(AuditRow.actor).where(AuditRow.action == "campaign.safe-harbour.withdrawn")
        assert session.scalars(noted).all() == ["admin1"]
        assert campaigns.on_floor(session, now)[campaign_id].safe_harbour == ""


def test_who_brought_a_recording_does_not_approve_it(small_desk: SmallDesk) -> None:
    desk = small_desk.desk
    name = desk.book.get(CampaignId(small_desk.campaign_id)).name
    with pytest.raises(ServiceError, match="message-own"):
        desk.safe_harbours.approve(name, HEARD, TEXT, actor="admin1", brought_by="admin1")


@pytest.mark.parametrize(
    ("campaign", "heard", "text", "error_id"),
    [
        ("nobody's", HEARD, TEXT, "not-in-scope"),
        (None, Heard("ab" * 32, 10_001, 0), TEXT, "safe-harbour-too-long"),
        (None, Heard("ab" * 32, 9_000, 301), TEXT, "safe-harbour-silence"),
        (None, Heard("xy" * 32, 9_000, 0), TEXT, "bad-payload"),
        (None, HEARD, "お支払いの件です。", "safe-harbour-debt-word"),
    ],
)
def test_the_desk_checks_by_itself_what_it_is_told(
    small_desk: SmallDesk, campaign: str | None, heard: Heard, text: str, error_id: str
) -> None:
    desk = small_desk.desk
    name = campaign or desk.book.get(CampaignId(small_desk.campaign_id)).name
    with pytest.raises(ServiceError) as refused:
        desk.safe_harbours.approve(name, heard, text, actor="admin1", brought_by="lead1")
    assert refused.value.error_id == error_id


def _add_people(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as session:
        for username, role in (("admin1", "admin"), ("lead1", "lead"), ("operator1", "operator")):
            accounts.add_user(
                session,
                username=username,
                name=username,
                role=role,
                team_id=None,
                password_hash=HASHED,
                at=datetime(2026, 4, 1, tzinfo=UTC),
            )
    database.close()


def approval(brought_by: str, by: str, password: str = PASSWORD) -> list[str]:
    both = ["--brought-by", brought_by, "--by", by, "--password", password]
    return ["approve-safe-harbour", "春", *both]


def test_the_command_line_approves_where_no_desk_runs(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DESK_DATABASE_URL", empty_database_url)
    assert main(["migrate"]) == 0
    made = ["create-campaign", "春", "--product", "p", "--team", "t", "--kind", "sales"]
    assert main(made) == 0
    approve = approval("lead1", "admin1")
    assert main(approve) == 1, "nobody of this name answers for it"
    _add_people(empty_database_url)
    assert main(approval("lead1", "operator1")) == 1, "nor somebody who is not in charge"
    assert main(approval("admin1", "admin1")) == 1, "nor one person alone"
    assert main(approval("lead1", "admin1", "guessed")) == 1, "nor somebody by another's name"
    assert main(approve) == 0
    own = str(recording(tmp_path))
    assert main([*approve, "--file", own]) == 1  # what is said?
    assert main([*approve, "--file", own, "--text", TEXT]) == 0
    assert main([*approve[:1], "夏", *approve[2:]]) == 1
    assert main(["withdraw-safe-harbour", "春", "--by", "lead1"]) == 0
    database = Database(empty_database_url)
    with database.read() as session:
        approved = session.scalars(select(SafeHarbour).order_by(SafeHarbour.id)).all()
        assert [row.sha256 for row in approved] == [
            examine(SHIPPED).sha256,
            examine(Path(own)).sha256,
            "",
        ]
    database.close()
