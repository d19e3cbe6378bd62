"""The command line, against both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select, text

from agent_desk.cli import main
from agent_desk.models.customers import Customer
from agent_desk.store import schema
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lock import lock_data_directory
from agent_desk.store.people import accounts
from agent_desk.store.rules import do_not_call
from agent_desk.store.unit_of_work import Database
from tests.ports import free_tcp_port


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "data"))
    for name in ("SIP_TRUNK", "SIP_TRUNKS", "DESK_HOST", "DESK_CLOCK_START"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


@pytest.fixture
def url(empty_database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DESK_DATABASE_URL", empty_database_url)
    return empty_database_url


def test_prepare_makes_everything_and_says_when_business_starts(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[-1])["clock_start"]
    assert first.endswith("T10:00:00+09:00")
    assert main(["clock-start"]) == 0
    assert capsys.readouterr().out.strip() == first
    assert main(["audit"]) == 0
    assert main(["seed-demo"]) == 0
    assert "already" in capsys.readouterr().out


def test_migrate_goes_up_and_down(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert schema.head() in capsys.readouterr().out
    assert main(["migrate", "--down", "0003_calls"]) == 0
    assert "0003_calls" in capsys.readouterr().out
    assert main(["migrate"]) == 0


def test_whoever_writes_is_refused_while_a_desk_holds_the_directory(
    url: str, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    with lock_data_directory(data_dir):
        for command in (["migrate"], ["prepare"], ["seed-demo"]):
            assert main(command) == 1
            assert "in use by process" in capsys.readouterr().err
        assert main(["audit"]) == 0


def test_a_list_is_imported_into_a_campaign_and_refused_rows_are_written_out(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare"]) == 0
    file = tmp_path / "list.csv"
    file.write_text(
        "氏名,フリガナ,電話番号\n岡田 一,オカダハジメ,090-0555-0001\n岡田 二,オカダニ,110\n",
        "cp932",
    )
    arguments = ["import-list", str(file), "--campaign", "光回線のご案内", "--list", "新しいリスト"]
    assert main(arguments) == 0
    assert "1 added, 0 updated, 0 duplicates, 1 refused" in capsys.readouterr().out
    assert "岡田 二" in (tmp_path / "list.errors.csv").read_text("cp932")
    assert main(["import-list", str(file), "--campaign", "none", "--list", "x"]) == 1
    database = Database(url)
    with database.read() as session:
        assert session.scalar(select(Customer.source).order_by(Customer.id.desc())) == "import"
    database.close()


def test_audit_prints_each_violation_and_fails(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare"]) == 0
    database = Database(url)
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO seat_moves (seat_id, user_id, from_state, to_state, cause, at)"
                " VALUES ('operator1', 1, 'talking', 'wrap_up', 'x', 1)"
            )
        )
    database.close()
    assert main(["audit"]) == 1
    out = capsys.readouterr().out
    assert "I10: user 1 left talking after offline" in out and "seat_move:1" in out


def test_a_person_is_created_once(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    arguments = ["create-user", "lead2", "--name", "班長", "--role", "lead", "--team", "新班"]
    assert main([*arguments, "--password", "a long password"]) == 0
    assert main([*arguments, "--password", "a long password"]) == 1
    assert "user-exists" in capsys.readouterr().err
    assert main(["create-user", "x", "--name", "x", "--role", "lead", "--password", "short"]) == 1
    database = Database(url)
    with database.read() as session:
        row = accounts.by_username(session, "lead2")
        assert row is not None
        assert accounts.scope(session, row) == set(accounts.teams(session))
    database.close()


def test_from_nothing_to_a_campaign_with_a_list(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    script = tmp_path / "script.txt"
    script.write_text("お忙しいところ恐れ入ります。", "utf-8")
    arguments = ["create-campaign", "督促 春", "--product", "カード", "--team", "督促"]
    arguments += ["--kind", "collections", "--script", str(script)]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert "campaign-exists" in capsys.readouterr().err
    assert main(["create-campaign", "x", "--kind", "sales", "--ratio", "9"]) == 2
    dormant = ["create-campaign", "再開のご案内", "--product", "回線", "--team", "営業"]
    assert main([*dormant, "--kind", "dormant"]) == 0
    file = tmp_path / "list.csv"
    file.write_text("氏名,フリガナ,電話番号\n岡田 一,オカダハジメ,090-1234-5678\n", "utf-8")
    assert main(["import-list", str(file), "--campaign", "督促 春", "--list", "春"]) == 0
    database = Database(url)
    with database.read() as session:
        facts, sales = campaigns.all_facts(session)
        teams = accounts.teams(session)
    database.close()
    # Whoever is asked to buy can refuse (R38); nobody refuses a debt.
    [refused] = [s for s in sales.statuses if s.code == "refused"]
    assert (refused.label_ja, refused.hotkey) == ("拒否", "9")
    assert [(s.code, s.hotkey, s.needs_identity) for s in facts.statuses] == [
        ("contact", "1", False),
        ("valid", "2", False),
        ("payment_date", "3", True),
        ("wrong_number", "8", False),
    ]
    assert facts.script == "お忙しいところ恐れ入ります。"
    assert [teams[team_id] for team_id in facts.team_ids] == ["督促"]


def test_a_number_is_blocked_and_unblocked_without_a_desk(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    assert main(["block", "090-0555-0001", "--reason", "本人の申出"]) == 0
    database = Database(url)
    with database.read() as session:
        (row,) = do_not_call.standing(session, limit=10)
        assert row.reason == "本人の申出"
    assert main(["unblock", "090-0555-0001"]) == 0
    assert main(["unblock", "090-0555-0001"]) == 1
    assert "block-unknown" in capsys.readouterr().err
    with database.read() as session:
        assert do_not_call.standing(session, limit=10) == []
    database.close()


def test_behind_a_proxy_no_demo_account_is_made(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DESK_TRUSTED_PROXIES", "127.0.0.1")
    assert main(["prepare"]) == 0
    database = Database(url)
    with database.read() as session:
        assert accounts.by_username(session, "operator1") is None
    database.close()


def test_with_a_real_trunk_there_is_no_demo_and_no_shifted_clock(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIP_TRUNK", "192.0.2.1:5060")
    assert main(["prepare"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"clock_start": None}
    assert main(["seed-demo"]) == 1
    monkeypatch.delenv("SIP_TRUNK")
    assert main(["prepare"]) == 0
    monkeypatch.setenv("SIP_TRUNK", "192.0.2.1:5060")
    assert main(["prepare"]) == 1
    assert "demo" in capsys.readouterr().err


def test_without_tables_a_reading_command_says_what_to_do(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit"]) == 1
    assert "migrate" in capsys.readouterr().err


def test_wrong_settings_and_unknown_commands_are_told_apart(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nonsense"]) == 2
    monkeypatch.setenv("DESK_PORT", "many")
    assert main(["audit"]) == 1
    assert "DESK_PORT" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("locale", "command", "said"),
    [
        ("C.UTF-8", ["create-user", "a b", *["--name", "x", "--role", "lead"]], "letters a–z"),
        ("ja_JP.UTF-8", ["create-user", "a b", *["--name", "x", "--role", "lead"]], "半角の英数字"),
        (
            "C.UTF-8",
            ["withdraw-safe-harbour", "nowhere", "--by", "lead1"],
            "no campaign of that name",
        ),
    ],
)
def test_a_refusal_is_a_sentence_in_the_terminals_language(
    tmp_path: Path,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    locale: str,
    command: list[str],
    said: str,
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setenv("DESK_DATABASE_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    assert main(["migrate"]) == 0
    password = ["--password", "correct horse"] if command[0] == "create-user" else []
    assert main([*command, *password]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "{" not in told


def test_a_desk_that_is_just_starting_or_somewhere_else_is_said_to_be(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It holds its directory, and does not listen yet."""
    monkeypatch.setenv("LC_ALL", "C")
    port = str(free_tcp_port())
    monkeypatch.setenv("DESK_PORT", port)
    with lock_data_directory(data_dir):
        assert main(["block", "0312345678", "--reason", "wish"]) == 1
    told = capsys.readouterr().err
    assert "just starting" in told
    assert f"http://127.0.0.1:{port}: Connection refused" in told
    assert "DESK_PORT" in told
    assert "urlopen" not in told
