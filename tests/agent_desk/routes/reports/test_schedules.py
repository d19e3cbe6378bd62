"""Reports by mail, set on the page: who may, what is refused, and what then arrives."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.report_schedules import ReportSchedule
from agent_desk.models.users import User
from agent_desk.services.reports.kinds import KINDS
from agent_desk.store.people import users
from tests.agent_desk.post import Post
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.services.reports.test_figures import worked
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.fakes.mail_server import FakeMailServer, attachment

LIST = "/reports/schedules"
INVALID = re.compile(r'<(?:input|select|fieldset)[^>]*aria-invalid="true"[^>]*>')
NAME = re.compile(r'name="(\w+)"')
DAY_S = 24 * 3600.0


def people_in(data: bytes) -> set[str]:
    """Whose line a file of the operators' report has, by username."""
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    return {cell for row in rows[1:] for cell in row} & {"operator1", "operator2", "operator3"}


def faulty(browser: Browser, path: str, form: dict[str, Any]) -> list[str]:
    """The fields a refused form marks."""
    answer = browser.post(path, form)
    assert answer.status_code == 400
    return [
        found[1] if (found := NAME.search(each)) else "" for each in INVALID.findall(answer.text)
    ]


def actions(desk: SmallDesk) -> list[str]:
    with desk.desk.database.read() as session:
        query = select(AuditRow.action).where(AuditRow.action.like("report_schedule.%"))
        return list(session.scalars(query.order_by(AuditRow.id)))


def test_a_schedule_set_on_the_page_arrives_as_a_mail_with_the_report(post: Post) -> None:
    desk = post.desk
    worked(Shift.begin(desk))
    manager = signed_in(desk, "manager1")
    saved_id = post.keep(manager, "営業の実績")
    assert f'href="{LIST}/new/{saved_id}"' in manager.get("/reports/saved").text
    page = manager.get(f"{LIST}/new/{saved_id}")
    assert page.status_code == 200 and "営業の実績" in page.text
    form = post.form("manager1", time="09:30")
    assert manager.post(f"{LIST}/new/{saved_id}", form).headers["Location"] == LIST
    assert 'data-name="営業の実績" data-state="active"' in manager.get(LIST).text

    desk.clock.advance(DAY_S)  # 12:00 of the next day
    assert post.deliver(kinds=KINDS) == 1

    [mail] = post.server.mails
    assert mail["To"] == "manager1@example.jp"
    assert mail["Subject"] == "[Agent Desk] 営業の実績（2026/11/24）"
    name, data = attachment(mail)
    assert name == "営業の実績_20261124_20261124.csv"
    again = signed_in(desk, "manager1")
    asked = again.get("/reports/operators.csv?from=2026-11-24&to=2026-11-24")
    assert data == asked.get_data(), "the file is the one the page gives"
    assert "operator1" in people_in(data)
    assert 'data-testid="mail-row" data-state="sent"' in again.get(f"{LIST}/1").text
    runs = again.get("/reports/runs").text
    assert 'data-kind="operators" data-state="done"' in runs


def test_each_recipient_gets_the_figures_of_their_own_teams(post: Post) -> None:
    desk = post.desk
    worked(Shift.begin(desk))
    post.schedule("manager1", "manager1", "lead1", "lead2", time="09:00")
    desk.clock.advance(DAY_S)
    assert post.deliver(kinds=KINDS) == 3
    got = {str(mail["To"]): people_in(attachment(mail)[1]) for mail in post.server.mails}
    assert "operator1" in got["manager1@example.jp"]
    assert "operator1" in got["lead1@example.jp"]
    assert "operator1" not in got["lead2@example.jp"], "another team's"
    html = signed_in(desk, "manager1").get(LIST).text
    assert 'data-state="sent">送信済み 3<' in html


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"often": "hourly"}, "often"),
        ({"often": "monthly", "day_of_month": "0"}, "day_of_month"),
        ({"often": "monthly", "day_of_month": ""}, "day_of_month"),
        ({"often": "weekly", "weekday": "7"}, "weekday"),
        ({"time": ""}, "time"),
        ({"time": "25:00"}, "time"),
        ({"form": "pdf"}, "form"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(post: Post, told: dict[str, str], field: str) -> None:
    manager = signed_in(post.desk, "manager1")
    path = f"{LIST}/new/{post.keep(manager)}"
    assert faulty(manager, path, post.form("manager1", **told)) == [field]
    assert 'data-testid="schedules-empty"' in manager.get(LIST).text


def test_nobody_and_whoever_one_may_not_choose_are_refused(post: Post) -> None:
    desk = post.desk
    manager, lead = signed_in(desk, "manager1"), signed_in(desk, "lead1")
    path = f"{LIST}/new/{post.keep(manager)}"
    assert manager.post(path, post.form()).status_code == 400
    assert manager.post(path, post.form("operator1")).status_code == 400, "no such page"
    own = f"{LIST}/new/{post.keep(lead)}"
    html = lead.get(own).text
    assert f'name="recipients" value="{desk.people.users["lead2"]}"' not in html
    assert lead.post(own, post.form("lead2")).status_code == 400, "another team's lead"
    assert lead.post(own, post.form("lead1", "manager1")).status_code == 303
    assert "1@example.jp" not in html, "addresses are for administrators"
    assert lead.post(path, post.form("lead1")).status_code == 404, "another's saved report"


def test_a_schedule_is_of_who_made_it_and_unknown_to_others(post: Post) -> None:
    desk = post.desk
    schedule_id = post.schedule("lead1", "lead1")
    for who in ("lead2", "manager1", "admin1"):
        other = signed_in(desk, who)
        assert 'data-testid="schedules-empty"' in other.get(LIST).text
        assert other.get(f"{LIST}/{schedule_id}").status_code == 404
        for verb in ("", "/pause", "/resume", "/remove", "/send"):
            assert other.post(f"{LIST}/{schedule_id}{verb}").status_code == 404, (who, verb)
    for who in ("operator1", "auditor1", "compliance1"):
        assert signed_in(desk, who).get(LIST).status_code == 403
    assert actions(desk) == ["report_schedule.made"]


def test_it_is_changed_paused_resumed_and_deleted(post: Post) -> None:
    desk = post.desk
    schedule_id = post.schedule("manager1", "manager1")
    manager, path = signed_in(desk, "manager1"), f"{LIST}/{schedule_id}"
    weekly = post.form("manager1", "lead1", often="weekly", weekday="3", form="xlsx")
    assert manager.post(path, {**weekly, "base": "1"}).status_code == 303
    assert "毎週 木曜日 18:00" in manager.get(LIST).text
    assert manager.post(path, {**weekly, "base": "1"}).status_code == 409, "changed meanwhile"
    assert manager.post(f"{path}/pause").status_code == 303
    desk.clock.advance(3 * DAY_S)
    assert post.deliver() == 0
    manager = signed_in(desk, "manager1")
    assert 'data-state="paused"' in manager.get(LIST).text
    assert manager.post(path, {**weekly, "base": "2"}).status_code == 303
    assert 'data-state="paused"' in manager.get(LIST).text, "it stays so when it is changed"
    assert manager.post(f"{path}/resume").status_code == 303
    assert post.deliver() == 0, "what lay between is not sent after"
    desk.clock.advance(7 * DAY_S)
    assert post.deliver() == 2
    manager = signed_in(desk, "manager1")
    row = desk.desk.reports.schedules.named(schedule_id, desk.person("manager1"))
    saved = f"/reports/saved/{row.saved_id}"
    assert manager.post(f"{saved}/remove").status_code == 409, "it is sent by mail"
    assert manager.post(f"{path}/remove").status_code == 303
    assert manager.get(path).status_code == 404
    assert manager.post(f"{saved}/remove").status_code == 303
    said = ["made", "changed", "paused", "changed", "resumed", "removed"]
    assert actions(desk) == [f"report_schedule.{each}" for each in said]


def test_send_now_to_me_is_one_mail_beside_the_rhythm(post: Post) -> None:
    desk = post.desk
    schedule_id = post.schedule("manager1", "lead1", period="today")
    manager = signed_in(desk, "manager1")
    assert manager.post(f"{LIST}/{schedule_id}/send").status_code == 303
    assert manager.post(f"{LIST}/{schedule_id}/send").status_code == 409, "one waits already"
    assert post.deliver() == 1
    assert post.server.recipients == ["manager1@example.jp"]
    assert "2026/11/24" in str(post.server.mails[0]["Subject"])
    desk.clock.advance(6 * 3600)
    assert post.deliver() == 1
    assert post.server.recipients[1:] == ["lead1@example.jp"], "the rhythm goes on"


def test_without_an_address_nothing_is_sent_now(post: Post) -> None:
    schedule_id = post.schedule("manager1", "lead1")
    with post.desk.desk.database.write() as session:
        users.set_mail(session, post.desk.people.users["manager1"], None)
    manager = signed_in(post.desk, "manager1")
    refused = manager.post(f"{LIST}/{schedule_id}/send")
    assert refused.status_code == 409 and "登録されていません" in refused.text
    assert 'data-testid="mail-not-set-up"' not in manager.get(LIST).text


def test_without_a_server_nothing_is_sent_and_the_page_says_so(small_desk: SmallDesk) -> None:
    without = Post(small_desk, FakeMailServer())
    schedule_id = without.schedule("manager1", "manager1")
    manager = signed_in(small_desk, "manager1")
    assert 'data-testid="mail-not-set-up"' in manager.get(LIST).text
    assert manager.post(f"{LIST}/{schedule_id}/send").status_code == 409
    small_desk.clock.advance(DAY_S)
    assert without.deliver() == 0
    assert without.rows(schedule_id) == [], "it falls due once there is a server"


def test_one_has_only_so_many(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_desk.services.mailing.schedules.MOST", 1)
    post.schedule("manager1", "manager1")
    manager = signed_in(post.desk, "manager1")
    path = f"{LIST}/new/{post.keep(manager, 'もう1つ')}"
    assert manager.post(path, post.form("manager1")).status_code == 409


def test_who_takes_over_a_saved_report_has_its_schedules_and_who_removes_it_ends_them(
    post: Post,
) -> None:
    desk, manager = post.desk, signed_in(post.desk, "manager1")
    post.address("lead1")
    first, second = (post.schedule("lead1", "lead1", time="09:00") for _ in range(2))
    row = {each.id: each for each in desk.desk.reports.schedules.mine(desk.person("lead1"))[0]}
    with desk.desk.database.write() as session:
        session.execute(update(User).where(User.username == "lead1").values(enabled=False))
    assert manager.get(f"{LIST}/{first}").status_code == 404, "it is somebody else's"
    assert manager.post(f"/reports/saved/{row[first].saved_id}/take-over").status_code == 303
    assert manager.get(f"{LIST}/{first}").status_code == 200
    assert manager.post(f"/reports/saved/{row[second].saved_id}/remove").status_code == 303
    rows, _ = desk.desk.reports.schedules.mine(desk.person("manager1"))
    assert [each.id for each in rows] == [first]
    with desk.desk.database.read() as session:
        assert session.scalars(select(ReportSchedule.id)).all() == [first]
