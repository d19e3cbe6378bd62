"""`/admin/audit`: every kind of row in words, filtered, page by page, and as a harmless file."""

from __future__ import annotations

import ast
import csv
import io
import re
from datetime import timedelta

from agent_desk.catalogue import LOCALES, catalogue
from agent_desk.routes.admin.audit import sentence
from agent_desk.services.campaigns.steering import RUNNING
from agent_desk.store import audit
from agent_desk.store.audit_trail import Wanted, page
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk
from tests.fakes.clock import NOON
from tests.house.sources import texts

# `action="user.login"` and what notes are called with: (session, "hold.put", …), _note(who, "a.b").
NOTED = re.compile(
    r'(?:\baction="|\b_?(?:note|audit|told|append)\w*\(\s*(?:[\w.]+,\s*)*")'
    r"([a-z_]+(?:\.[a-z_-]+)+)\""
)


def fill(desk: SmallDesk, count: int) -> None:
    with desk.desk.database.write() as session:
        for number in range(count):
            audit.append(
                session,
                at=NOON + timedelta(days=number // 40),
                actor="lead1" if number % 2 else "manager1",
                action="recording.listened",
                subject=f"call:{number}",
                details={"why": "=1+1", "codes": ["a", "b"]},
            )


def rows(text: str) -> int:
    return text.count('data-testid="audit-row"')


def test_every_row_there_can_be_has_its_words() -> None:
    actions = {
        action
        for source in texts()
        if source.path.startswith("agent_desk/") and source.path.endswith(".py")
        for action in NOTED.findall(source.text)
    }
    actions |= {f"campaign.{each}" for each in RUNNING}
    assert len(actions) > 40
    for locale in LOCALES:
        assert not sorted(each for each in actions if sentence(each, locale) == each)
    words = [text for key, text in catalogue("ja").items() if key.startswith("audit.")]
    assert len(words) == len(set(words)), "two kinds would look the same in the list of kinds"


def test_rows_are_shown_newest_first_page_by_page(small_desk: SmallDesk) -> None:
    fill(small_desk, 60)
    auditor = signed_in(small_desk, "auditor1")
    first = auditor.get("/admin/audit?action=recording.listened").get_data(as_text=True)
    assert rows(first) == 50
    assert first.index("通話 59") < first.index("通話 58")
    following = re.search(r'href="(/admin/audit\?before=[^"]+)"', first)
    assert following is not None
    second = auditor.get(following[1].replace("&amp;", "&")).get_data(as_text=True)
    assert rows(second) == 10
    assert "通話 0<" in second


def test_people_have_names_and_hashes_are_short_with_the_whole_on_demand(
    small_desk: SmallDesk,
) -> None:
    user_id, digest = small_desk.people.users["operator1"], "3f" * 32
    with small_desk.desk.database.write() as session:
        for subject in (f"user:{user_id}", f"number:{digest}"):
            details = {"key": digest, "rows": 12}
            audit.append(
                session,
                at=NOON,
                actor="lead1",
                action="number.barred",
                subject=subject,
                details=details,
            )
    page = signed_in(small_desk, "auditor1").get("/admin/audit?action=number.barred")
    text = page.get_data(as_text=True)
    names = {u.username: u.profile.name for u in small_desk.desk.people.administration.users()}
    assert f'title="lead1">{names["lead1"]}</td>' in text
    assert f"{names['operator1']}さん</a>" in text
    assert "電話番号 3f3f3f3f…</a>" in text
    assert "<summary>鍵：3f3f3f3f…、行数：12</summary>" in text
    assert f"<code>鍵：{digest}、行数：12</code>" in text, "and the whole of it when it is opened"


def test_what_a_row_says_is_in_words(small_desk: SmallDesk) -> None:
    said = {"role": "auditor", "team": None, "leads": [], "scopes": ["calls:read", "lists:write"]}
    told = {"reason": "hospital", "until": "2026-12-31T15:00:00+00:00", "full": True}
    with small_desk.desk.database.write() as session:
        for action, subject, details in (
            ("user.created", "access:role:auditor", said),
            ("hold.put", "hold:1", told),
            ("team.created", "team:4", {}),
            ("calls.listed", "report:calls", {"day": "2026-11-24", "secret_of_tomorrow": 7}),
        ):
            audit.append(
                session, at=NOON, actor="cli", action=action, subject=subject, details=details
            )
    auditor = signed_in(small_desk, "auditor1")
    text = auditor.get("/admin/audit?actor=cli").get_data(as_text=True)
    assert text.count("<td>コマンドライン</td>") == 4
    assert 'title="access:role:auditor">ログインの規則 監査</a>' in text
    assert ">権限：監査、許可する操作：通話履歴の閲覧・リストへの登録</td>" in text
    assert ">理由：入院、期限：2027/01/01 00:00、全項目の表示：はい</td>" in text
    assert 'title="team:4">チーム 4</a>' in text
    assert 'title="report:calls">一覧</a>' in text
    assert ">日付：2026/11/24、secret_of_tomorrow：7</td>" in text
    auditor.post("/language", {"locale": "en", "next": "/admin"})
    english = auditor.get("/admin/audit?subject=hold:1").get_data(as_text=True)
    assert ">reason: In hospital, until: 01/01/2027 00:00, in full: Yes</td>" in english


def test_every_detail_that_is_written_has_a_word() -> None:
    written = {
        key.value
        for source in texts()
        if source.path.startswith("agent_desk/") and source.path.endswith(".py")
        for call in ast.walk(ast.parse(source.text))
        if isinstance(call, ast.Call) and "audit" in ast.unparse(call.func)
        for argument in call.keywords
        if argument.arg == "details" and isinstance(argument.value, ast.Dict)
        for key in argument.value.keys
        if isinstance(key, ast.Constant)
    }
    assert len(written) > 20
    assert not {each for each in written if f"trail.key.{each}" not in catalogue("ja")}


def test_rows_are_found_by_time_person_and_subject(small_desk: SmallDesk) -> None:
    fill(small_desk, 100)
    auditor = signed_in(small_desk, "auditor1")

    def found(query: str) -> int:
        return rows(auditor.get(f"/admin/audit?{query}").get_data(as_text=True))

    assert found("subject=call:7") == 1
    assert found("subject=call:7&actor=manager1") == 0
    assert found("action=recording.listened&actor=lead1&from=2026-11-26") == 10
    assert found("action=recording.listened&to=2026-11-24&from=2026-11-24") == 40
    assert found("from=2027-01-01") == 0
    assert auditor.get("/admin/audit?from=soon").status_code == 200


def test_the_trail_is_read_along_an_index(small_desk: SmallDesk) -> None:
    """What is asked of millions of rows, page by page, sorts none of them."""
    fill(small_desk, 5)
    statements: list[str] = []
    with small_desk.desk.database.read() as session:
        for wanted in (Wanted(), Wanted(actor="lead1"), Wanted(subject="call:1")):
            page(session, wanted, before=None, limit=50)
        for column in ("actor", "action", "subject"):
            plan = session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN SELECT * FROM audit WHERE {column} = 'x'"
                " AND id < 100 ORDER BY id DESC LIMIT 50"
            )
            statements += [row[3] for row in plan]
    assert all("USING INDEX" in each for each in statements), statements
    assert not [each for each in statements if "TEMP B-TREE" in each]


def test_the_file_is_harmless_and_noted(small_desk: SmallDesk) -> None:
    fill(small_desk, 600)
    compliance = signed_in(small_desk, "compliance1")
    answer = compliance.get("/admin/audit.csv?action=recording.listened")
    cells = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(cells) == 601
    assert cells[1][4:] == ["call:599", "why==1+1, codes=a b"]
    assert not [cell for line in cells for cell in line if cell.startswith(("=", "+", "@"))]
    trail = compliance.get("/admin/audit?action=audit.exported").get_data(as_text=True)
    assert rows(trail) == 1
    assert "内容：録音を再生" in trail


def test_a_lead_and_a_manager_do_not_read_the_trail(small_desk: SmallDesk) -> None:
    for username in ("lead1", "manager1", "operator1"):
        assert signed_in(small_desk, username).get("/admin/audit").status_code == 403
