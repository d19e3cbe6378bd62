"""Sign-in, sessions that end from outside, locks, and who may see what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.users import User, UserSession
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.people.accounts import DEMO_ACCOUNTS, SESSION_LENGTH, AccountService
from agent_desk.services.people.booths import Booths
from agent_desk.services.people.second_factors import SecondFactors
from agent_desk.store.people import accounts as rows
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.running_desk import Running, running
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_rows import SEALER
from tests.builders import floor_of
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.hub import StillHub

PASSWORD = "correct horse"
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass
class Bench:
    """The service and what it told the sockets."""

    accounts: AccountService
    loop: Running
    hub: StillHub
    sessions_ended: list[str] = field(default_factory=list)
    users_ended: list[int] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)


def make(database: Database, clock: FakeClock, *, demo_allowed: bool = True) -> Bench:
    with database.write() as session:
        first, second = (rows.add_team(session, name) for name in ("first", "second"))
        ids = {
            username: rows.add_user(
                session,
                username=username,
                name=username,
                role=role,
                team_id=team,
                password_hash=HASHED,
                at=NOON,
            )
            for username, role, team in (
                ("sato", "operator", first),
                ("ito", "lead", first),
                ("mori", "manager", None),
                ("admin", "admin", None),
                ("operator1", "operator", first),
            )
        }
        rows.lead_team(session, ids["ito"], second)
    loop = running(floor_of(), database=database, clock=clock)
    hub = StillHub()
    bench = Bench(None, loop, hub, ids=ids)  # type: ignore[arg-type]
    access = AccessSettings(database=database, commits=loop.commits, clock=clock)
    bench.accounts = AccountService(
        database=database,
        commits=loop.commits,
        clock=clock,
        hub=hub,
        access=access,
        factors=SecondFactors(database=database, commits=loop.commits, sealer=SEALER, clock=clock),
        booths=Booths(database=database, commits=loop.commits, clock=clock, access=access),
        demo_allowed=demo_allowed,
        session_ended=bench.sessions_ended.append,
        user_ended=bench.users_ended.append,
    )
    return bench


@pytest.fixture
def bench(database: Database, clock: FakeClock) -> Iterator[Bench]:
    made = make(database, clock)
    yield made
    made.loop.stop()


def refused(bench: Bench, username: str, password: str) -> ServiceError:
    with pytest.raises(ServiceError) as error:
        bench.accounts.sign_in(username, password)
    return error.value


def test_the_right_password_opens_a_session(bench: Bench) -> None:
    token, who = bench.accounts.sign_in(" sato ", PASSWORD)
    assert (who.username, who.role) == ("sato", "operator")
    assert bench.accounts.person_of(token) == who
    again, _ = bench.accounts.sign_in("sato", PASSWORD)
    assert again != token


def test_the_database_holds_the_tokens_hash_only(bench: Bench, database: Database) -> None:
    token, who = bench.accounts.sign_in("sato", PASSWORD)
    with database.read() as session:
        (stored,) = session.scalars(select(UserSession.id))
    assert stored == who.session_id
    assert token not in stored
    assert bench.accounts.person_of(stored) is None, "the hash itself opens nothing"


def test_an_unknown_name_takes_the_work_of_a_known_one(bench: Bench) -> None:
    assert refused(bench, "nobody", PASSWORD).error_id == "login-failed"
    assert refused(bench, "sato", "wrong").error_id == "login-failed"
    assert bench.hub.off_hub_calls == 2, "a hash was verified both times, off the hub"


def test_a_session_ends_after_a_shift_of_real_time(bench: Bench, clock: FakeClock) -> None:
    token, _ = bench.accounts.sign_in("sato", PASSWORD)
    clock.advance((SESSION_LENGTH - timedelta(seconds=1)).total_seconds())
    assert bench.accounts.person_of(token) is not None
    clock.advance(1)
    assert bench.accounts.person_of(token) is None


def test_a_session_in_use_is_noted_once_a_minute(
    bench: Bench, clock: FakeClock, database: Database
) -> None:
    token, who = bench.accounts.sign_in("sato", PASSWORD)

    def seen() -> object:
        bench.loop.settle()
        with database.read() as session:
            found = session.get(UserSession, who.session_id)
            assert found is not None
            return found.seen_at

    begun = seen()
    clock.advance(30)
    bench.accounts.person_of(token)
    assert seen() == begun
    clock.advance(31)
    bench.accounts.person_of(token)
    assert seen() == clock.real_now()


def test_signing_out_ends_that_session_and_its_sockets_only(bench: Bench) -> None:
    first, who = bench.accounts.sign_in("sato", PASSWORD)
    second, _ = bench.accounts.sign_in("sato", PASSWORD)
    bench.accounts.sign_out(who.session_id)
    assert bench.accounts.person_of(first) is None
    assert bench.accounts.person_of(second) is not None
    assert bench.sessions_ended == [who.session_id]


def test_a_socket_finds_its_person_while_the_session_lives(bench: Bench) -> None:
    _, who = bench.accounts.sign_in("sato", PASSWORD)
    assert bench.accounts.person_by_id(who.user_id, who.session_id) == who
    assert bench.accounts.person_by_id(who.user_id + 1, who.session_id) is None
    bench.accounts.sign_out(who.session_id)
    assert bench.accounts.person_by_id(who.user_id, who.session_id) is None


# --- locks ------------------------------------------------------------------------------------


def test_a64_after_five_wrong_passwords_each_further_one_locks_for_longer(
    bench: Bench, clock: FakeClock
) -> None:
    for _ in range(4):
        assert refused(bench, "sato", "wrong").error_id == "login-failed"
    waits = []
    for _ in range(8):
        assert refused(bench, "sato", "wrong").error_id == "login-failed"
        locked = refused(bench, "sato", PASSWORD)
        assert locked.error_id == "login-locked"
        waits.append(int(locked.details["seconds"]) - 1)
        clock.advance(waits[-1] + 1)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    bench.accounts.sign_in("sato", PASSWORD)


def test_the_right_password_clears_the_count(bench: Bench) -> None:
    for _ in range(3):
        for _ in range(4):
            refused(bench, "sato", "wrong")
        bench.accounts.sign_in("sato", PASSWORD)


def test_an_outsider_cannot_end_an_open_session_by_guessing(bench: Bench) -> None:
    token, _ = bench.accounts.sign_in("sato", PASSWORD)
    for _ in range(5):
        refused(bench, "sato", "wrong")
    assert refused(bench, "sato", PASSWORD).error_id == "login-locked"
    assert bench.accounts.person_of(token) is not None


# --- the audit trail --------------------------------------------------------------------------


def audited(database: Database) -> list[tuple[str, str, str, dict[str, object]]]:
    query = select(AuditRow.actor, AuditRow.action, AuditRow.subject, AuditRow.details)
    with database.read() as session:
        return [tuple(row) for row in session.execute(query.order_by(AuditRow.id))]


def test_who_logs_in_and_out_is_noted_once_each(bench: Bench, database: Database) -> None:
    _, who = bench.accounts.sign_in("sato", PASSWORD)
    for _ in range(2):
        bench.accounts.sign_out(who.session_id)
    subject = f"user:{who.user_id}"
    assert audited(database) == [
        ("sato", "user.login", subject, {}),
        ("sato", "user.logout", subject, {"reason": "logout"}),
    ]


def test_a_refused_log_in_is_noted_without_what_a_stranger_typed(
    bench: Bench, database: Database
) -> None:
    refused(bench, "my-password-by-mistake", PASSWORD)
    for _ in range(6):
        refused(bench, "sato", "wrong")
    rows_written = audited(database)
    assert rows_written[0] == (
        "unknown",
        "user.login.refused",
        "user:unknown",
        {"reason": "password"},
    )
    assert {row[:3] for row in rows_written[1:]} == {
        ("sato", "user.login.refused", f"user:{bench.ids['sato']}")
    }
    reasons = [row[3]["reason"] for row in rows_written[1:]]
    assert reasons == ["password"] * 5 + ["locked"]
    assert "my-password" not in str(rows_written)


def test_guesses_made_at_once_are_all_counted(bench: Bench, database: Database) -> None:
    with database.read() as session:
        row = rows.by_username(session, "sato")
    for _ in range(5):
        bench.accounts._refuse(row, "password", count=True)
    assert refused(bench, "sato", PASSWORD).error_id == "login-locked"


# --- people -----------------------------------------------------------------------------------


def test_who_is_disabled_is_out_everywhere_at_once(bench: Bench, database: Database) -> None:
    tokens = [bench.accounts.sign_in("sato", PASSWORD)[0] for _ in range(2)]
    _, admin = bench.accounts.sign_in("admin", PASSWORD)

    bench.accounts.set_enabled(bench.ids["sato"], False, actor=admin)

    assert [bench.accounts.person_of(token) for token in tokens] == [None, None]
    assert bench.users_ended == [bench.ids["sato"]]
    assert refused(bench, "sato", PASSWORD).error_id == "login-failed"
    bench.accounts.set_enabled(bench.ids["sato"], True, actor=admin)
    bench.accounts.sign_in("sato", PASSWORD)
    assert bench.users_ended == [bench.ids["sato"]]
    with database.read() as session:
        query = select(AuditRow.actor, AuditRow.action, AuditRow.subject)
        query = query.where(AuditRow.action.in_(("user.disabled", "user.enabled")))
        found = session.execute(query.order_by(AuditRow.id)).all()
    subject = f"user:{bench.ids['sato']}"
    assert found == [
        ("admin", "user.disabled", subject),
        ("admin", "user.enabled", subject),
    ]


def test_a_person_disabled_behind_our_back_is_out_at_the_next_look(
    bench: Bench, database: Database
) -> None:
    token, _ = bench.accounts.sign_in("sato", PASSWORD)
    with database.write() as session:
        session.execute(update(User).where(User.username == "sato").values(enabled=False))
    assert bench.accounts.person_of(token) is None


def test_nobody_disables_themselves(bench: Bench) -> None:
    token, admin = bench.accounts.sign_in("admin", PASSWORD)
    with pytest.raises(ServiceError, match="not-yourself"):
        bench.accounts.set_enabled(admin.user_id, False, actor=admin)
    assert bench.accounts.person_of(token) is not None


def test_what_each_role_may_see(bench: Bench, database: Database) -> None:
    seen = {
        username: bench.accounts.sign_in(username, PASSWORD)[1].teams
        for username in ("sato", "ito", "mori", "admin")
    }
    with database.read() as session:
        first, second = rows.teams(session)
    assert seen == {
        "sato": frozenset({first}),
        "ito": frozenset({first, second}),
        "mori": None,
        "admin": None,
    }


def test_demo_accounts_open_nothing_where_others_can_reach_the_desk(
    database: Database, clock: FakeClock
) -> None:
    bench = make(database, clock, demo_allowed=False)
    assert "operator1" in DEMO_ACCOUNTS
    assert refused(bench, "operator1", PASSWORD).error_id == "demo-account"
    bench.accounts.sign_in("sato", PASSWORD)
    bench.loop.stop()


def test_behind_a_proxy_the_desk_can_be_reached_by_others(sqlite_url: str, tmp_path: Path) -> None:
    desk = SmallDesk(sqlite_url, tmp_path, settings={"DESK_TRUSTED_PROXIES": "127.0.0.1"})
    with pytest.raises(ServiceError, match="demo-account"):
        desk.desk.accounts.sign_in("operator1", PASSWORD)
    desk.stop()


def test_a_language_is_kept_with_the_person(bench: Bench) -> None:
    token, who = bench.accounts.sign_in("sato", PASSWORD)
    assert who.locale == "ja"
    bench.accounts.set_locale(who.user_id, "en")
    found = bench.accounts.person_of(token)
    assert found is not None
    assert found.locale == "en"
