"""`backup`, `restore` and `drain` on the command line: what they print, and their exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent_desk import cli_deploy
from agent_desk.cli import main
from agent_desk.store import system
from agent_desk.store.backups import postgresql_dump
from agent_desk.store.campaigns import campaigns
from agent_desk.store.unit_of_work import Database


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "data"))
    for name in ("SIP_TRUNK", "SIP_TRUNKS", "DESK_HOST", "DESK_CLOCK_START", "DESK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def test_a_backup_is_made_put_back_and_told_what_to_do_next(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    folder, again = str(tmp_path / "backup"), str(tmp_path / "again")
    assert main(["backup", folder]) == 0
    assert "keys are not in it" in capsys.readouterr().out
    assert main(["restore", folder, "--into", again]) == 1
    assert "keys are not in the backup" in capsys.readouterr().err
    keys = str(data_dir / "keys.json")
    assert main(["restore", folder, "--into", again, "--keys", keys]) == 0
    told = capsys.readouterr().out
    assert "audit: no violation" in told
    assert "restart every gateway" in told
    assert main(["restore", folder, "--into", again, "--keys", keys]) == 1
    assert "not empty" in capsys.readouterr().err
    assert main(["backup", folder]) == 1
    assert "there already" in capsys.readouterr().err


def test_what_another_tool_put_back_is_made_safe_to_start(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    database = Database(f"sqlite:///{data_dir / 'desk.db'}")
    with database.write() as session:
        product_id = campaigns.add_product(session, "光回線")
        campaigns.add_campaign(
            session,
            at=datetime(2026, 11, 24, 3, tzinfo=UTC),
            name="光回線のご案内",
            kind="sales",
            product_id=product_id,
            running="running",
        )
        before = system.desk_epoch(session)
    assert main(["settle"]) == 0
    told = capsys.readouterr().out
    assert "1 campaigns were stopped" in told and "audit: no violation" in told
    with database.read() as session:
        assert system.desk_epoch(session) > before + 1_000
    database.close()


class PretendDesk:
    """What the desk would answer, and what it was asked."""

    def __init__(self, *answers: tuple[int, int]) -> None:
        self.answers = list(answers)
        self.asked: list[bool] = []

    def tell(self, path: str, payload: Mapping[str, Any]) -> dict[str, int]:
        assert path == "/internal/drain"
        self.asked.append(payload["on"])
        unbridged, talks = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return {"unbridged": unbridged, "talks": talks}


def drained(monkeypatch: pytest.MonkeyPatch, desk: PretendDesk, *arguments: str) -> int:
    monkeypatch.setattr(cli_deploy, "DeskDoor", lambda *_, **__: desk)
    monkeypatch.setattr(cli_deploy, "LOOK_S", 0.0)
    return main(["drain", *arguments])


def test_drain_waits_until_nobody_is_between_ring_and_talk(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = PretendDesk((2, 5), (0, 6), (1, 6), (0, 6))
    assert drained(monkeypatch, desk) == 0
    assert desk.asked == [True] * 6, "three quiet looks in a row"
    assert "6 talks go on" in capsys.readouterr().out


def test_drain_waits_for_talks_when_it_is_told_to(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = PretendDesk((0, 2), (0, 1), (0, 0))
    assert drained(monkeypatch, desk, "--talks") == 0
    assert len(desk.asked) == 5


def test_a_desk_that_does_not_get_quiet_calls_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = PretendDesk((1, 0))
    assert drained(monkeypatch, desk, "--within", "0") == 1
    assert desk.asked[-1] is False
    assert "still on their way" in capsys.readouterr().err


def test_a_drain_is_taken_back(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = PretendDesk((0, 0))
    assert drained(monkeypatch, desk, "--resume") == 0
    assert desk.asked == [False]


def test_a_missing_tool_and_a_password_are_kept_from_command_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Done:
        returncode, stderr = 1, "refused"

    def run(arguments: list[str], **_: object) -> Done:
        seen.extend(arguments)
        passfile = arguments[1].rpartition("passfile=")[2].replace("%2F", "/")
        assert Path(passfile).read_text() == "*:*:*:*:se\\:cret\n"
        assert Path(passfile).stat().st_mode & 0o777 == 0o600
        return Done()

    monkeypatch.setattr(postgresql_dump.subprocess, "run", run)
    monkeypatch.setattr(postgresql_dump.shutil, "which", lambda tool: tool)
    with pytest.raises(postgresql_dump.ToolFailed, match="refused"):
        postgresql_dump.load("postgresql+psycopg2://desk:se%3Acret@db/desk", tmp_path / "dump")
    assert not [each for each in seen if "cret" in each]
    monkeypatch.setattr(postgresql_dump.shutil, "which", lambda tool: None)
    with pytest.raises(postgresql_dump.ToolFailed, match="postgresql-client"):
        postgresql_dump.load("postgresql://db/desk", tmp_path / "dump")
