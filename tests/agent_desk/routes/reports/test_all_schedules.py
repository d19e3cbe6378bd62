"""Everybody's schedules: administrators see whose they are and what failed, and can end them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.store.people import users
from tests.agent_desk.post import Post
from tests.agent_desk.routes.browser import signed_in

ALL, LIST = "/reports/schedules/all", "/reports/schedules"
DAY_S = 24 * 3600.0


def trail(post: Post) -> list[tuple[str, str, dict[str, Any]]]:
    with post.desk.desk.database.read() as session:
        query = select(AuditRow.actor, AuditRow.action, AuditRow.details)
        ended = ("report_schedule.paused", "report_schedule.removed")
        query = query.where(AuditRow.action.in_(ended))
        return [(row[0], row[1], row[2]) for row in session.execute(query.order_by(AuditRow.id))]


def row_of(html: str, schedule_id: int) -> str:
    return html.split(f'data-testid="any-schedule" data-id="{schedule_id}"')[1].split("</tr>")[0]


def test_an_administrator_sees_whose_schedules_there_are_and_what_did_not_arrive(
    post: Post,
) -> None:
    desk = post.desk
    assert 'data-testid="all-schedules-empty"' in signed_in(desk, "admin1").get(ALL).text
    arrives = post.schedule("manager1", "manager1", time="09:00")
    fails = post.schedule("lead1", "lead1", time="09:00")
    with desk.desk.database.write() as session:
        users.set_mail(session, desk.people.users["lead1"], None)
    desk.clock.advance(DAY_S)
    post.deliver()
    html = signed_in(desk, "admin1").get(ALL).text
    names = {who: desk.person(who).name for who in ("manager1", "lead1")}
    good, bad = row_of(html, arrives), row_of(html, fails)
    assert names["manager1"] in good and 'data-state="sent"' in good
    assert good.split('data-part="failed">')[1].startswith("—")
    assert names["lead1"] in bad and 'data-state="skipped"' in bad.split('data-part="failed">')[1]
    assert "manager1@example.jp" not in html


def test_an_administrator_pauses_and_removes_and_is_in_the_trail(post: Post) -> None:
    desk = post.desk
    schedule_id = post.schedule("lead1", "lead1", time="09:00")
    admin = signed_in(desk, "admin1")
    assert admin.post(f"{ALL}/{schedule_id}/pause").headers["Location"] == ALL
    assert 'data-state="paused"' in signed_in(desk, "lead1").get(LIST).text
    desk.clock.advance(DAY_S)
    assert post.deliver() == 0
    admin = signed_in(desk, "admin1")
    assert admin.post(f"{ALL}/{schedule_id}/remove").status_code == 303
    assert 'data-testid="schedules-empty"' in signed_in(desk, "lead1").get(LIST).text
    for verb in ("pause", "remove"):
        assert admin.post(f"{ALL}/{schedule_id}/{verb}").status_code == 404
    assert trail(post) == [
        ("admin1", "report_schedule.paused", {"owner": "lead1"}),
        ("admin1", "report_schedule.removed", {"owner": "lead1"}),
    ]


def test_nobody_but_administrators_has_the_list(post: Post) -> None:
    schedule_id = post.schedule("lead1", "lead1")
    for who in ("lead1", "manager1", "auditor1", "compliance1", "operator1"):
        other = signed_in(post.desk, who)
        assert other.get(ALL).status_code == 403
        for verb in ("pause", "remove"):
            assert other.post(f"{ALL}/{schedule_id}/{verb}").status_code == 403, (who, verb)
    assert trail(post) == []
