"""The command line helps in who is locked out, with the desk stopped and through a running one."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from agent_desk.cli import main
from agent_desk.desk import worker_key
from agent_desk.store.people import access, accounts, second_factors
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_rows import NOON
from tests.agent_desk.test_cli import data_dir

__all__ = ["data_dir"]  # a fixture


@pytest.fixture
def locked_out(sqlite_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """An administrator disabled, without their authenticator, shut out by a wrong network."""
    monkeypatch.setenv("DESK_DATABASE_URL", sqlite_url)
    database = Database(sqlite_url)
    with database.write() as session:
        user = accounts.add_user(
            session,
            username="boss",
            name="長",
            role="admin",
            team_id=None,
            password_hash="x",
            at=NOON,
        )
        second_factors.begin(session, user, b"sealed")
        second_factors.confirm(session, user, ["h"])
        accounts.set_enabled(session, user, False, at=NOON)
        value = {"code_needed": True, "networks": ["192.0.2.0/24"]}
        access.put(session, "role:admin", value, by="boss", at=NOON)
    return database


def test_a_locked_out_administrator_gets_in_again(
    locked_out: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ["enable", "boss"],
        ["remove-second-factor", "boss"],
        ["open-access", "admin"],
        ["reset-password", "boss"],
    ):
        assert main(["people", *words]) == 0, words
    assert "temporary password of boss: " in capsys.readouterr().out
    with locked_out.read() as session:
        boss = accounts.by_username(session, "boss")
        rules = access.every(session)["role:admin"]
    assert boss is not None
    assert (boss.enabled, boss.has_code, boss.password_temporary) == (True, False, True)
    assert rules == {"code_needed": True, "networks": []}
    assert main(["people", "enable", "nobody"]) == 1


def test_a_running_desk_is_asked(small_desk: SmallDesk) -> None:
    people = small_desk.desk.people
    people.access.set_role("admin", code_needed=False, networks="192.0.2.1", actor="x", own=None)
    key = {"Authorization": f"Bearer {worker_key(small_desk.config.secret_key)}"}
    client = small_desk.client()
    answer = client.post("/internal/people/open-access", json={"whom": "admin"}, headers=key)
    assert answer.get_json() == {"line": "admin: from every address"}
    assert people.access.rules.of("admin").networks == ()
    assert people.access.rules.of("lead").admits(str(ipaddress.IPv4Address("192.0.2.9")))
    assert client.post("/internal/people/dance", json={"whom": "x"}, headers=key).status_code == 404
    assert client.post("/internal/people/enable", json={}, headers=key).status_code == 400
    assert client.post("/internal/people/enable", json={"whom": "admin1"}).status_code == 403
