"""Sessions end when they must, and scope is what a person's role and teams give."""

from __future__ import annotations

from sqlalchemy import update

from agent_desk.models.users import User
from agent_desk.store.people import accounts
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import at


def begin(story: Story, session_id: str = "s1") -> int:
    user_id = story.centre.users["operator1"]
    with story.database.write() as session:
        accounts.begin_session(session, session_id, user_id=user_id, at=at(), expires_at=at(100))
    return user_id


def live(story: Story, session_id: str = "s1", seconds: float = 1) -> bool:
    with story.database.read() as session:
        return accounts.live_session(session, session_id, at(seconds)) is not None


def test_a_session_lives_until_it_expires_or_ends(story: Story) -> None:
    begin(story)
    assert live(story) and not live(story, seconds=100) and not live(story, "other")
    with story.database.write() as session:
        accounts.end_session(session, "s1", at=at(5), reason="logout")
    assert not live(story)


def test_disabling_a_person_ends_every_session(story: Story) -> None:
    user_id = begin(story)
    begin(story, "s2")
    with story.database.write() as session:
        accounts.set_enabled(session, user_id, False, at=at(5))
    assert not live(story) and not live(story, "s2")
    with story.database.write() as session:
        accounts.set_enabled(session, user_id, True, at=at(6))
    assert not live(story)


def test_the_right_password_clears_the_count_of_wrong_ones(story: Story) -> None:
    user_id = story.centre.users["operator1"]
    with story.database.write() as session:
        assert [accounts.count_failure(session, user_id) for _ in range(5)] == [1, 2, 3, 4, 5]
        accounts.lock(session, user_id, until=at(60))
        row = accounts.by_username(session, "operator1")
        assert row is not None and (row.failed_logins, row.locked_until) == (5, at(60))
    begin(story)
    with story.database.read() as session:
        row = accounts.by_username(session, "operator1")
        assert row is not None and (row.failed_logins, row.locked_until) == (0, None)


def test_scope_is_the_own_team_the_led_teams_or_everything(story: Story) -> None:
    user_id = story.centre.users["operator1"]
    with story.database.write() as session:
        other = accounts.add_team(session, "second")
        accounts.lead_team(session, user_id, other)
        scopes = {}
        for role in ("operator", "lead", "manager", "admin"):
            session.execute(update(User).where(User.id == user_id).values(role=role))
            row = accounts.by_username(session, "operator1")
            assert row is not None
            scopes[role] = accounts.scope(session, row)
    own = story.centre.team_id
    assert scopes == {
        "operator": frozenset({own}),
        "lead": frozenset({own, other}),
        "manager": None,
        "admin": None,
    }
