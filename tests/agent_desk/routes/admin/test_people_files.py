"""Users by the file, shifts by the form, and the pages about people as administrators see them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

RESULT = re.compile(r'href="(/admin/users/file/[^"]+)"')
KEPT = re.compile(r'name="kept" value="([^"]+)"')
FILE = (
    "username,name,role,team,leads\r\n"
    "hayashi,林 美咲,operator,first,\r\n"
    "lead1,新しい名前,lead,first,first;second\r\n"
    "hayashi,二度目,operator,first,\r\n"
    "=cmd|x,悪い人,operator,first,\r\n"
    "ueda,上田 亮,boss,first,\r\n"
    "mori,森 彩,オペレーター,third,\r\n"
)


def send(browser: Browser, path: str, text: str) -> str:
    answer = browser.post(
        path, {"file": (io.BytesIO(text.encode()), "file.csv")}, content_type="multipart/form-data"
    )
    return answer.get_data(as_text=True)


def do_it(browser: Browser, plan: str) -> str:
    kept = KEPT.search(plan)
    assert kept is not None
    return browser.post("/admin/users/file/take", {"kept": kept[1]}).get_data(as_text=True)


def test_a_file_is_shown_first_then_moves_promotes_and_keeps_out(small_desk: SmallDesk) -> None:
    admin, operator = signed_in(small_desk, "admin1"), signed_in(small_desk, "operator1")
    users = {u.username: u for u in small_desk.desk.people.administration.users()}
    one, two = users["operator1"].profile, users["operator2"].profile
    text = (
        "username,name,role,team,leads,state\r\n"
        f"operator1,{one.name},operator,{users['operator1'].team},,disabled\r\n"
        f"operator2,{two.name},lead,second,second,\r\n"
        f"operator3,{users['operator3'].profile.name},operator,second,,有効\r\n"
        "admin1,管理者,admin,,,無効\r\n"
        "lead1,x,lead,first,,gone\r\n"
    )
    plan = send(admin, "/admin/users/file", text)
    assert plan.count('data-testid="planned-row"') == 5
    assert "有効 → 無効" in plan and "オペレーター → " in plan and "変更なし" in plan
    assert operator.get("/desk").status_code == 200, "nothing is done yet"
    page = do_it(admin, plan)
    assert page.count('data-testid="row-refused"') == 2, "oneself, and a state there is not"
    after = {u.username: u for u in small_desk.desk.people.administration.users()}
    assert not after["operator1"].enabled
    assert operator.get("/desk").status_code == 302
    assert (after["operator2"].profile.role, after["operator2"].team) == ("lead", "second")
    assert after["operator3"] == users["operator3"]
    assert 'data-testid="refusal"' in do_it(admin, plan), "a file is taken once"
    with small_desk.desk.database.read() as session:
        actions = Counter(
            session.scalars(select(AuditRow.action).where(AuditRow.actor == "admin1"))
        )
    assert (actions["user.disabled"], actions["user.changed"]) == (1, 2)


def test_a_file_makes_and_changes_users_and_answers_each_row(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    plan = send(admin, "/admin/users/file", FILE)
    assert "hayashi" not in {u.username for u in small_desk.desk.people.administration.users()}
    page = do_it(admin, plan)
    assert page.count('data-testid="row-refused"') == 4
    link = RESULT.search(page)
    assert link is not None
    assert signed_in(small_desk, "admin1").get("/admin/users").status_code == 200
    data = admin.get(link[1]).get_data(as_text=True).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(data)))
    assert len(rows) == 7
    assert rows[0][5] == "状態"
    assert rows[4][0].startswith("'="), "no cell runs as a formula"
    password = rows[1][7]
    assert admin.get(link[1]).status_code == 404, "it is handed out once"
    assert Browser(small_desk).sign_in("hayashi", password).status_code == 303
    users = {each.username: each for each in small_desk.desk.people.administration.users()}
    assert (users["lead1"].profile.name, users["lead1"].leads) == (
        "新しい名前",
        ("first", "second"),
    )
    assert not {"ueda", "mori", "=cmd|x"} & set(users)


def test_a_file_that_is_none_is_refused_as_a_whole(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    before = len(small_desk.desk.people.administration.users())
    for text in ("", "name,role\r\nx,y\r\n", "\0\0\0", 'username,"name\r\n' * 3, "a\n" * 1200):
        assert 'data-testid="refusal"' in send(admin, "/admin/users/file", text)
    assert len(small_desk.desk.people.administration.users()) == before


def test_an_administrator_changes_a_person_and_the_tiles_know(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    user = small_desk.people.users["operator1"]
    page = small_desk.page("lead1", "/floor")
    form = {"name": "改名 済", "role": "operator", "team": str(page.who.team_id)}
    assert admin.post(f"/admin/users/{user}", form).location == "/admin/users"
    assert "改名 済" in admin.get("/admin/users?q=operator1").get_data(as_text=True)
    assert small_desk.desk.people.administration.user(user).profile.name == "改名 済"
    assert admin.post(f"/admin/users/{user}", {**form, "role": "boss"}).status_code == 400
    assert admin.get("/admin/users/9999").status_code == 404
    reset = admin.post(f"/admin/users/{user}/password").get_data(as_text=True)
    assert 'data-testid="temporary-password"' in reset


def test_an_administrator_makes_and_renames_teams(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    assert admin.post("/admin/teams", {"name": "third"}).status_code == 303
    assert admin.post("/admin/teams", {"name": "third"}).status_code == 409
    assert admin.post("/admin/teams", {"name": " "}).status_code == 400
    made = {each.name: each.id for each in small_desk.desk.people.administration.teams()}
    assert admin.post(f"/admin/teams/{made['third']}", {"name": "fourth"}).status_code == 303
    assert admin.post("/admin/teams/9999", {"name": "x"}).status_code == 404
    assert "fourth" in admin.get("/admin/teams").get_data(as_text=True)


def test_a_lead_sets_shifts_and_asks_for_a_correction_by_the_form(small_desk: SmallDesk) -> None:
    lead, admin = signed_in(small_desk, "lead1"), signed_in(small_desk, "admin1")
    user = small_desk.people.users["operator1"]
    path = f"/admin/shifts/{user}"
    week = {"tue-start": "9:00", "tue-end": "18:00", "tue-break": "60", "valid_from": "2026-11-24"}
    assert lead.post(path, week).status_code == 303
    assert lead.post(path, {**week, "tue-end": "8:00"}).status_code == 400
    assert lead.post(f"{path}/days", {"day": "2026-11-25", "kind": "off"}).status_code == 303
    assert lead.post(f"{path}/days", {"day": "2026-11-25", "kind": "changed"}).status_code == 400
    assert "9:00–18:00" in lead.get("/admin/shifts").get_data(as_text=True)
    asked = {"day": "2026-11-24", "kind": "work", "minutes": "10", "reason": "会議"}
    assert lead.post(f"{path}/corrections", asked).status_code == 303
    assert lead.post("/admin/corrections/1", {"decision": "approve"}).status_code == 409
    assert admin.post("/admin/corrections/1", {"decision": "approve"}).status_code == 303
    assert "承認済み" in admin.get("/admin/shifts").get_data(as_text=True)


def test_the_form_of_a_week_keeps_the_further_shifts_of_a_day(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    user = small_desk.people.users["operator1"]
    split = "username,weekday,start,end,break_minutes,valid_from\r\n" + "".join(
        f"operator1,tue,{start},{end},0,2026-11-24\r\n"
        for start, end in (("9:00", "12:00"), ("17:00", "20:00"))
    )
    send(admin, "/admin/shifts/file", split)
    assert "17:00–20:00" in admin.get("/admin/shifts").get_data(as_text=True)
    week = {"tue-start": "10:00", "tue-end": "12:00", "valid_from": "2026-11-24"}
    assert admin.post(f"/admin/shifts/{user}", week).status_code == 303
    shown = admin.get("/admin/shifts").get_data(as_text=True)
    assert "10:00–12:00" in shown and "17:00–20:00" in shown
