"""What falls due becomes mails: to whom, how often, and what each try comes to."""

from __future__ import annotations

import csv
import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.services.errors import ServiceError
from agent_desk.services.mailing import tries
from agent_desk.services.mailing.tries import HELD, MOST_TRIES, PAUSES
from agent_desk.services.reports.making import Asked, Ground, Made
from agent_desk.store.people import accounts, users
from tests.agent_desk.post import DyingDoor, Killed, Post
from tests.agent_desk.report_maker import NearDoor
from tests.agent_desk.routes.browser import signed_in
from tests.fakes.mail_server import attachment

SIX_HOURS_S = 6 * 3600.0  # from 12:00, when tests begin, to 18:00
DAY_S = 24 * 3600.0


def states(post: Post, schedule_id: int) -> dict[str, tuple[str, str | None]]:
    """By recipient: the newest mail's state, and why."""
    found: dict[str, tuple[str, str | None]] = {}
    for row in post.rows(schedule_id):
        found.setdefault(row.recipient, (row.state, row.reason))
    return found


def runs(post: Post) -> list[tuple[str, str | None]]:
    """What the log of runs says of each try, the first first."""
    found = [each for each in post.desk.desk.reports.log.newest(None) if each.lane == "mail"]
    return [(each.state, each.error_id) for each in sorted(found, key=lambda each: each.id)]


def test_nothing_is_sent_before_it_is_due_and_then_once(each_post: Post) -> None:
    post = each_post
    schedule_id = post.schedule("manager1", "manager1", "lead1")
    assert post.deliver() == 0
    post.desk.clock.advance(SIX_HOURS_S - 1)
    assert post.deliver() == 0
    post.desk.clock.advance(1)
    assert post.deliver() == 2
    assert sorted(post.server.recipients) == ["lead1@example.jp", "manager1@example.jp"]
    assert states(post, schedule_id) == {"lead1": ("sent", None), "manager1": ("sent", None)}
    assert post.deliver() == 0
    post.desk.clock.advance(DAY_S)
    assert post.deliver() == 2
    ids = [mail["Message-ID"] for mail in post.server.mails]
    assert len(set(ids)) == 4 and all(each.endswith("@example.jp>") for each in ids)
    assert {row.message_id for row in post.rows(schedule_id)} == set(ids)


def test_of_what_was_missed_only_the_last_is_sent(post: Post) -> None:
    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(5 * DAY_S)  # to 12:00 of the 29th
    assert post.deliver() == 1
    [row] = post.rows(schedule_id)
    assert row.due_at.isoformat() == "2026-11-28T09:00:00+00:00"
    subject = str(post.server.mails[0]["Subject"])
    assert "2026/11/27" in subject, "the day before the one it was due on"


def test_a_file_in_cp932_keeps_zeros_and_tells_what_it_has_no_place_for(post: Post) -> None:
    post.schedule("manager1", "manager1", form="csv-cp932")
    post.desk.clock.advance(SIX_HOURS_S)
    assert post.deliver() == 1
    [mail] = post.server.mails
    name, data = attachment(mail)
    assert name == "日次実績_20261123_20261123.csv"
    assert list(csv.reader(data.decode("cp932").splitlines()))[1] == ["00123", "髙橋?"]
    body = mail.get_body(("plain",))
    assert body is not None and "1字を「?」" in body.get_content()


def test_a_server_that_puts_off_is_asked_again_with_growing_pauses(each_post: Post) -> None:
    post = each_post
    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(SIX_HOURS_S)
    post.server.answers = ["451 later"] * 2
    assert post.deliver() == 1
    [row] = post.rows(schedule_id)
    assert (row.state, row.reason, row.smtp_code, row.tries) == ("waiting", "put-off", 451, 1)
    for pause in PAUSES[:2]:
        post.desk.clock.advance(pause.total_seconds() - 1)
        assert post.deliver() == 0
        post.desk.clock.advance(1)
        assert post.deliver() == 1
    [row] = post.rows(schedule_id)
    assert (row.state, row.reason, row.smtp_code, row.tries) == ("sent", None, None, 3)
    assert [mail["Message-ID"] for mail in post.server.mails] == [row.message_id]


def test_what_a_server_refuses_for_good_is_not_tried_again(post: Post) -> None:
    schedule_id = post.schedule("manager1", "manager1", "lead1")
    post.desk.clock.advance(SIX_HOURS_S)
    post.server.answers = ["550 nobody here"]
    assert post.deliver() == 2
    assert sorted(states(post, schedule_id).values(), key=str) == [
        ("failed", "refused"),
        ("sent", None),
    ], "one that is refused does not hold up the other"
    post.desk.clock.advance(PAUSES[0].total_seconds())
    assert post.deliver() == 0


def test_a_server_that_is_never_there_is_given_up(post: Post) -> None:
    schedule_id = post.schedule("manager1", "manager1", often="monthly", day_of_month="24")
    post.desk.clock.advance(SIX_HOURS_S)
    post.server.port = 1  # nobody listens there
    tried = 0
    for pause in (*PAUSES, timedelta(days=1)):
        tried += post.deliver()
        post.desk.clock.advance(pause.total_seconds())
    assert tried == MOST_TRIES
    assert states(post, schedule_id) == {"manager1": ("failed", "unreachable")}


def test_who_is_killed_after_sending_sends_again_under_the_same_id(each_post: Post) -> None:
    post = each_post
    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(SIX_HOURS_S)
    with pytest.raises(Killed):
        post.deliver(door=DyingDoor)
    assert post.deliver() == 0
    assert states(post, schedule_id) == {"manager1": ("waiting", "interrupted")}
    post.desk.clock.advance(PAUSES[0].total_seconds())
    assert post.deliver() == 1
    first, second = post.server.mails
    assert first["Message-ID"] == second["Message-ID"]
    [row] = post.rows(schedule_id)
    assert (row.state, row.reason, row.tries) == ("sent", None, 2)
    assert runs(post) == [("failed", "interrupted"), ("done", None)]


def test_who_does_not_tell_for_long_is_taken_for_dead(each_post: Post) -> None:
    post = each_post
    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(SIX_HOURS_S)
    work = post.work(door=DyingDoor)
    with pytest.raises(Killed):
        work.step()
    work._untold = None  # its thread is gone, and another of the same process comes
    assert not work.step(), "nobody knows that it is dead"
    assert states(post, schedule_id) == {"manager1": ("waiting", None)}
    post.desk.clock.advance(HELD.total_seconds())
    assert not work.step()
    assert states(post, schedule_id) == {"manager1": ("waiting", "interrupted")}
    assert runs(post) == [("failed", "interrupted")]


def test_how_a_mail_ended_is_told_until_the_desk_has_heard_it(
    each_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = each_post
    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(SIX_HOURS_S)
    work = post.work(door=DyingDoor)
    with pytest.raises(Killed):
        work.step()
    monkeypatch.setattr(DyingDoor, "tell", NearDoor.tell)
    post.desk.desk.reports.mail._boot = ""  # the desk was started anew meanwhile
    assert not work.step()
    assert states(post, schedule_id) == {"manager1": ("sent", None)}
    assert len(post.server.mails) == 1


def test_what_kills_whoever_sends_it_is_given_up(post: Post) -> None:
    schedule_id = post.schedule("manager1", "manager1", often="monthly", day_of_month="24")
    post.desk.clock.advance(SIX_HOURS_S)
    for _ in range(MOST_TRIES):
        with pytest.raises(Killed):
            post.deliver(door=DyingDoor)
        assert post.deliver() == 0
        post.desk.clock.advance(PAUSES[-1].total_seconds())
    assert post.deliver() == 0
    assert states(post, schedule_id) == {"manager1": ("failed", tries.DIED)}


def test_what_is_told_of_an_older_try_changes_nothing(each_post: Post) -> None:
    post = each_post
    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(SIX_HOURS_S)
    post.server.answers = ["451 later"]
    post.deliver()
    post.desk.clock.advance(PAUSES[0].total_seconds())
    post.deliver()
    [row] = post.rows(schedule_id)
    door = post.work()._door
    door.tell(
        f"/internal/mail/{row.id}/ended",
        {"tries": 1, "kind": "operators", "result": "refused", "reason": "refused", "code": 550},
    )
    assert post.rows(schedule_id) == [row]
    assert row.state == "sent"


def test_who_may_not_see_it_any_more_gets_nothing_and_the_page_says_why(each_post: Post) -> None:
    post = each_post
    people = ("manager1", "lead1", "lead2", "compliance1", "auditor1")
    schedule_id = post.schedule("manager1", *people)
    desk = post.desk
    with desk.desk.database.write() as session:
        disabled, moved = desk.people.users["lead1"], desk.people.users["lead2"]
        accounts.set_enabled(session, disabled, False, at=desk.clock.now())
        team = accounts.add_team(session, "second")
        users.change(session, moved, name="lead2", role="operator", team_id=team)
    desk.clock.advance(SIX_HOURS_S)
    assert post.deliver() == 2
    assert states(post, schedule_id) == {
        "manager1": ("sent", None),
        "compliance1": ("sent", None),
        "lead1": ("skipped", "disabled"),
        "lead2": ("skipped", "no-role"),
        "auditor1": ("skipped", "no-address"),
    }
    html = signed_in(desk, "manager1").get(f"/reports/schedules/{schedule_id}").text
    for why in ("disabled", "no-role", "no-address"):
        assert f'data-state="skipped" data-reason="{why}"' in html


def test_of_somebody_who_has_left_nothing_is_sent_and_the_schedule_is_paused(post: Post) -> None:
    schedule_id = post.schedule("lead1", "lead1", "manager1")
    desk = post.desk
    with desk.desk.database.write() as session:
        accounts.set_enabled(session, desk.people.users["lead1"], False, at=desk.clock.now())
    desk.clock.advance(SIX_HOURS_S)
    assert post.deliver() == 0
    assert set(states(post, schedule_id).values()) == {("skipped", "owner-gone")}
    desk.clock.advance(DAY_S)
    post.deliver()
    assert len(post.rows(schedule_id)) == 2, "paused: no more of them"
    with desk.desk.database.read() as session:
        query = select(AuditRow.actor).where(AuditRow.action == "report_schedule.paused")
        assert session.scalars(query).all() == ["desk"]


def test_rights_are_looked_at_again_with_each_try(post: Post) -> None:
    schedule_id = post.schedule("manager1", "lead1")
    desk = post.desk
    desk.clock.advance(SIX_HOURS_S)
    post.server.answers = ["451 later"]
    assert post.deliver() == 1
    with desk.desk.database.write() as session:
        accounts.set_enabled(session, desk.people.users["lead1"], False, at=desk.clock.now())
    desk.clock.advance(PAUSES[0].total_seconds())
    assert post.deliver() == 0
    assert states(post, schedule_id) == {"lead1": ("skipped", "disabled")}


def test_a_mail_is_noted_before_it_leaves_and_says_whose_and_not_where_to(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    schedule_id = post.schedule("manager1", "lead1")
    desk = post.desk
    desk.clock.advance(SIX_HOURS_S)
    with pytest.raises(Killed):
        post.deliver(door=DyingDoor)
    assert post.deliver() == 0
    desk.clock.advance(PAUSES[0].total_seconds())
    post.server.answers = ["550 <lead1@example.jp>: no such mailbox"]
    post.deliver()
    desk.desk.reports.log.write()
    with desk.desk.database.read() as session:
        found = list(session.scalars(select(AuditRow).where(AuditRow.action.like("report%mail%"))))
        everything = list(session.scalars(select(AuditRow)))
    assert [each.details["tries"] for each in found] == [1, 2]
    assert found[0].details["report_schedule"] == schedule_id
    assert found[0].details["recipients"] == [desk.people.users["lead1"]]
    assert not any("@" in str(each.details) for each in everything)
    ours = [each.getMessage() for each in caplog.records if each.name != "mail.log"]  # the server's
    assert ours and not any("@example.jp" in each for each in ours)
    told = [each for each in desk.desk.reports.log.newest(None) if each.lane == "mail"]
    died, run = sorted(told, key=lambda each: each.id)
    assert (died.username, died.kind, died.error_id) == ("lead1", "operators", "interrupted")
    assert (run.username, run.kind, run.state, run.error_id) == (
        "lead1",
        "operators",
        "failed",
        "refused",
    )


def test_a_report_that_cannot_be_made_now_is_made_later_and_a_broken_one_is_given_up(
    post: Post,
) -> None:
    errors = ["report-unready", "bad-payload"]

    def maker(asked: Asked, ground: Ground) -> Made:
        raise ServiceError(errors.pop(0))

    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(SIX_HOURS_S)
    assert post.deliver(kinds={"operators": maker}) == 1
    assert states(post, schedule_id) == {"manager1": ("waiting", "report-unready")}
    post.desk.clock.advance(PAUSES[0].total_seconds())
    assert post.deliver(kinds={"operators": maker}) == 1
    assert states(post, schedule_id) == {"manager1": ("failed", "report-broken")}


def test_a_file_no_server_would_take_is_not_handed_in(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_desk.services.mailing.work.MOST_BYTES", 10)
    schedule_id = post.schedule("manager1", "manager1")
    post.desk.clock.advance(SIX_HOURS_S)
    post.deliver()
    assert states(post, schedule_id) == {"manager1": ("failed", "too-large")}
    assert post.server.mails == []
    left = [each.name for each in (post.desk.config.data_dir / "reports").glob("mail-*")]
    assert left == [], "the file is gone with its mail"
