"""Tokens and files of payments by command, with a running desk and without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from agent_desk.cli import main
from agent_desk.desk import worker_key
from agent_desk.models.customers import Debt
from agent_desk.models.tokens import ApiToken
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.test_cli import data_dir
from tests.agent_desk.test_cli_rules import centre, ran

__all__ = ["centre", "data_dir"]  # fixtures


def test_a_token_is_made_listed_and_ended(
    centre: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ran("tokens", "create", "CRM", "--scope", "lists:read", "--team", "first", "--days", "10")
    secret = capsys.readouterr().out.strip()
    assert secret.startswith("ad_")
    ran("tokens", "list")
    line = capsys.readouterr().out
    assert secret not in line
    assert line.startswith(f"1 valid {secret[:9]}… CRM lists:read ")
    ran("tokens", "revoke", "1")
    with centre.read() as session:
        row = session.scalars(select(ApiToken)).one()
        assert row.revoked_at is not None
        assert row.team_ids is not None
    assert main(["tokens", "revoke", "1"]) == 1
    assert "1" not in capsys.readouterr().out


def test_a_token_of_a_team_nobody_knows_or_without_an_end_is_not_made(centre: Database) -> None:
    for words in (("--team", "third"), ("--days", "1000")):
        assert main(["tokens", "create", "CRM", "--scope", "lists:read", *words]) == 1
    with centre.read() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_the_running_desk_makes_and_ends_tokens_for_the_command_line(
    small_desk: SmallDesk,
) -> None:
    key = {"Authorization": f"Bearer {worker_key(small_desk.config.secret_key)}"}
    client = small_desk.client()
    told = {"name": "CRM", "scopes": "lists:read", "teams": "first", "days": 5}
    made = client.post("/internal/tokens/make", json=told, headers=key).get_json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert client.get("/api/v1/lists", headers=headers).status_code == 200
    client.post("/internal/tokens/revoke", json={"id": made["id"]}, headers=key)
    assert client.get("/api/v1/lists", headers=headers).status_code == 401


def test_a_file_of_payments_is_entered_and_what_was_not_is_named(
    centre: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "payments.csv"
    file.write_text("customer,amount,date,payment_id\n#1,200,2026-11-24,P-1\n", encoding="utf-8")
    ran("record-payments", str(file), "--source", "bank")
    assert capsys.readouterr().out == "1 entered, 0 taken back, 0 known already, 0 refused\n"
    with file.open("a", encoding="utf-8") as more:
        more.write("#9,1,2026-11-24,P-2\n")
    assert main(["record-payments", str(file), "--source", "bank"]) == 1
    told = capsys.readouterr()
    assert told.out == "0 entered, 0 taken back, 1 known already, 1 refused\n"
    assert told.err == "row 3: customer-unknown\n"
    with centre.read() as session:
        assert session.scalars(select(Debt.amount_yen)).all() == [300]
