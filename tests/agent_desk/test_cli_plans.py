"""`strategy` and `plan` on the command line, straight into the database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_desk.cli import main
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import small_centre
from tests.agent_desk.test_cli import data_dir

__all__ = ["data_dir"]  # a fixture


def test_the_table_is_shown_edited_and_set(
    database_url: str,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DESK_DATABASE_URL", database_url)
    assert main(["strategy", "show"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["version"] == 0
    table["classes"][0]["weekly_calls"] = 1
    file = tmp_path / "table.json"
    file.write_text(json.dumps(table), "utf-8")
    assert main(["strategy", "set", str(file)]) == 0
    assert "version 1" in capsys.readouterr().out
    assert main(["strategy", "set", str(file)]) == 1
    assert "strategy-changed" in capsys.readouterr().err
    file.write_text("no table", "utf-8")
    assert main(["strategy", "set", str(file)]) == 1
    capsys.readouterr()
    assert main(["strategy", "show", "--all"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [each["version"] for each in shown] == [1, 0]
    assert shown[0]["classes"][0]["weekly_calls"] == 1


def test_a_campaigns_plan_is_set_piece_by_piece(
    database_url: str,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DESK_DATABASE_URL", database_url)
    database = Database(database_url)
    with database.write() as session:
        small_centre(session)
    database.close()
    file = tmp_path / "retries.json"
    file.write_text('{"busy": [5, "next_day"]}', "utf-8")
    assert main(["plan", "retries", "spring", str(file)]) == 0
    assert main(["plan", "vip-operators", "spring", "operator1", "operator2"]) == 0
    assert main(["plan", "human-share", "spring", "on"]) == 0
    capsys.readouterr()
    assert main(["plan", "show", "spring"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "retry": {"busy": [5, "next_day"]},
        "vip_operators": ["operator1", "operator2"],
        "human_share_only": True,
    }
    assert main(["plan", "show", "none"]) == 1
