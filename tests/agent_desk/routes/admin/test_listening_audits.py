"""`/admin/listening-audits`: a week drawn, heard by two who do not see each other, and figures."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Recording
from agent_desk.models.listening_audits import (
    ListeningSample,
    ListeningScore,
    ListeningSetting,
    ListeningWeek,
)
from agent_desk.models.users import User
from agent_desk.services.listening_audits.drawing import draw, seed_of
from agent_desk.services.listening_audits.sheet import DEFAULTS
from agent_desk.store import audit
from tests.agent_desk.listening_rows import MONDAY, add_talks
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

PAGE = "/admin/listening-audits"
SAMPLE = re.compile(r'data-sample="(\d+)" data-kind="(\w+)"')


@pytest.fixture
def audited(sqlite_url: str, tmp_path: Path) -> Iterator[SmallDesk]:
    """operator1 has ten talks of last week, operator3 (of the second team) two."""
    desk = SmallDesk(sqlite_url, tmp_path)
    with desk.desk.database.write() as session:
        for username, count in (("operator1", 10), ("operator3", 2)):
            add_talks(session, desk.people.users[username], count)
    yield desk
    desk.stop()


def samples(desk: SmallDesk) -> list[ListeningSample]:
    with desk.desk.database.read() as session:
        order = (ListeningSample.operator_id, ListeningSample.place)
        return list(session.scalars(select(ListeningSample).order_by(*order)))


def all_by_two(desk: SmallDesk) -> None:
    """The house wants two listeners for every drawn call."""
    form = {"per_operator": "3", "second_percent": "100", "based_on": "1"}
    answer = signed_in(desk, "manager1").post(f"{PAGE}/settings", {**form, **criteria_form()})
    assert answer.status_code == 303


def criteria_form(*lines: tuple[str, str, str, str]) -> dict[str, list[str]]:
    rows = lines or [(e.code, e.label_ja, e.label_en, str(e.points)) for e in DEFAULTS]
    columns = dict(
        zip(
            ("code", "label_ja", "label_en", "points"),
            map(list, zip(*rows, strict=True)),
            strict=True,
        )
    )
    return {**columns, "knock_out": ["1", "5"]}


def sheet(**other: str) -> dict[str, str]:
    """Everything met, but for what is named."""
    return {f"level.{each.code}": other.get(each.code, "met") for each in DEFAULTS}


def heard(desk: SmallDesk, username: str, call_id: str) -> None:
    """They played the recording, as the trail tells."""
    with desk.desk.database.write() as session:
        audit.append(
            session,
            at=desk.clock.now(),
            actor=username,
            action="recording.listened",
            subject=f"call:{call_id}",
        )


def score(
    desk: SmallDesk, browser: Browser, username: str, sample: ListeningSample, **other: str
) -> int:
    heard(desk, username, sample.call_id)
    form = {**sheet(**other), "remark": f"{username}の所見"}
    return browser.post(f"{PAGE}/{sample.id}/score", form).status_code


def shown(browser: Browser, path: str = PAGE) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def the_report_says_the_same(audited: SmallDesk, lead: Browser) -> None:
    report = shown(lead, "/reports/scores?weeks=4")
    assert re.search(r'data-column="audit_mean"[^>]*>82.1<', report)
    assert re.search(r'data-column="audit_equal"[^>]*>90.5%<', report), "19 of 21 pairs"
    other = shown(signed_in(audited, "lead2"), "/reports/scores")
    assert 'data-column="audit_mean"' not in other, "nobody of their teams"
    assert "82.083" in lead.get("/reports/scores.csv?weeks=4").get_data(as_text=True)


def test_a48_a_week_is_drawn_heard_twice_and_comes_to_figures(audited: SmallDesk) -> None:
    all_by_two(audited)
    lead, manager = signed_in(audited, "lead1"), signed_in(audited, "manager1")
    page = shown(lead)
    drawn = [each for each in samples(audited) if each.operator_id == 1]
    assert [each.place for each in drawn] == [1, 2, 3]
    assert SAMPLE.findall(page) == [(str(each.id), "open") for each in drawn]
    first, second, third = drawn

    # who has not listened does not score, and who scores answers everything
    unheard = lead.post(f"{PAGE}/{first.id}/score", sheet())
    assert unheard.status_code == 409
    heard(audited, "lead1", first.call_id)
    lacking = lead.post(f"{PAGE}/{first.id}/score", {**sheet(), "level.manner": ""})
    assert lacking.status_code == 400
    assert 'aria-invalid="true"' in lacking.get_data(as_text=True)
    long = {**sheet(), "remark": "長" * 2001}
    assert lead.post(f"{PAGE}/{first.id}/score", long).status_code == 400

    # blind: until both are done neither sees the other's
    assert score(audited, lead, "lead1", first, manner="partly") == 303
    assert "lead1の所見" in shown(lead, f"{PAGE}/{first.id}")
    assert "lead1の所見" not in shown(manager, f"{PAGE}/{first.id}")
    assert 'class="listening-score"' not in shown(manager)
    assert score(audited, lead, "lead1", first) == 409  # the second is another person
    assert score(audited, manager, "manager1", first, identity="missed") == 303
    both = shown(lead, f"{PAGE}/{first.id}")
    assert "manager1の所見" in both
    assert both.count("data-differs") == 2  # manner and identity
    assert score(audited, signed_in(audited, "compliance1"), "compliance1", first) == 409

    for each in (second, third):
        assert score(audited, lead, "lead1", each) == 303
        assert score(audited, manager, "manager1", each) == 303
    figures = shown(lead, f"{PAGE}/results")
    # of 3 · 7 pairs 2 differ
    assert re.search(r'data-pairs="21".*?<td class="number">90%</td>', figures, re.DOTALL)
    # (92.5 and 0 → 46.3) and twice 100
    assert ">82.1<" in figures
    the_report_says_the_same(audited, lead)

    with audited.desk.database.read() as session:
        actions = list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))
        sealed = session.scalars(select(ListeningScore.remark_sealed)).all()
    told = [each for each in actions if each.startswith("listening.")]
    assert told == [
        *("listening.settings.set", "listening.week.drawn"),
        *["listening.scored"] * 6,
    ]
    assert all(each and "所見".encode() not in each for each in sealed)


def test_a_third_person_says_once_which_of_two_sheets_stands(audited: SmallDesk) -> None:
    all_by_two(audited)
    lead, manager = signed_in(audited, "lead1"), signed_in(audited, "manager1")
    compliance = signed_in(audited, "compliance1")
    shown(lead)
    first = samples(audited)[0]
    path = f"{PAGE}/{first.id}/decide"
    assert score(audited, lead, "lead1", first, manner="partly") == 303
    assert compliance.post(path, {"stands": "1", "decision": "早い"}).status_code == 409
    assert score(audited, manager, "manager1", first, identity="missed") == 303
    assert ">46.2<" in shown(lead, f"{PAGE}/results")
    assert manager.post(path, {"stands": "1", "decision": "聞き直した"}).status_code == 409
    assert lead.post(path, {"stands": "1", "decision": "聞き直した"}).status_code == 403
    assert compliance.post(path, {"stands": "1", "decision": " "}).status_code == 400
    assert compliance.post(path, {"stands": "3", "decision": "聞き直した"}).status_code == 409
    assert compliance.post(path, {"stands": "1", "decision": "聞き直した"}).status_code == 303
    assert compliance.post(path, {"stands": "2", "decision": "もう一度"}).status_code == 409
    page = shown(lead, f"{PAGE}/{first.id}")
    assert "1人目の採点を採用（compliance1）" in page
    assert "聞き直した" in page
    assert ">92.5<" in shown(lead, f"{PAGE}/results")


def test_nobody_chooses_the_draw_can_be_repeated_and_is_done_once(audited: SmallDesk) -> None:
    auditor = signed_in(audited, "auditor1")
    assert "まだ抽出されていません" in shown(auditor)  # who only reads draws nothing
    assert not samples(audited)
    shown(signed_in(audited, "lead2"))
    drawn = samples(audited)
    with audited.desk.database.read() as session:
        week = session.scalars(select(ListeningWeek)).one()
    assert week.seed == seed_of(audited.config.audit_key, MONDAY)
    assert (week.operators, week.candidates, week.by) == (2, 12, "lead2")
    for operator_id, count in ((1, 10), (audited.people.users["operator3"], 2)):
        calls = [f"c{operator_id}-{n}" for n in range(count)]
        mine = [each.call_id for each in drawn if each.operator_id == operator_id]
        assert mine == draw(week.seed, calls, 3)
    assert sum(each.second_wanted for each in drawn) == 1  # a fifth of five
    shown(signed_in(audited, "manager1"))
    assert [each.id for each in samples(audited)] == [each.id for each in drawn]
    assert week.seed in shown(auditor)


def test_what_can_no_longer_be_heard_gives_way_to_the_next(audited: SmallDesk) -> None:
    lead = signed_in(audited, "lead1")
    shown(lead)
    gone = samples(audited)[0]
    order = draw(seed_of(audited.config.audit_key, MONDAY), [f"c1-{n}" for n in range(10)], 10)
    with audited.desk.database.write() as session:
        row = update(Recording).where(Recording.call_id == gone.call_id)
        session.execute(row.values(state="deleted"))
        # the fourth in the order went too before it was ever drawn
        session.execute(delete(Recording).where(Recording.call_id == order[3]))
    page = shown(lead)
    assert "録音は削除されました" in page
    assert "1番の差し替え" in page
    mine = [each for each in samples(audited) if each.operator_id == 1]
    assert [(each.place, each.call_id) for each in mine] == [
        *((1, order[0]), (2, order[1]), (3, order[2]), (4, order[4])),
    ]
    assert mine[0].gone_reason == "deleted"
    assert (mine[3].replaces_id, mine[3].second_wanted) == (gone.id, gone.second_wanted)
    assert score(audited, lead, "lead1", mine[0]) == 409
    shown(lead)
    assert len(samples(audited)) == len(mine) + 2  # replaced once


def test_leads_audit_their_teams_and_never_their_own_talks(audited: SmallDesk) -> None:
    lead = signed_in(audited, "lead1")
    shown(lead)
    others = next(each for each in samples(audited) if each.operator_id != 1)
    assert lead.get(f"{PAGE}/{others.id}").status_code == 404
    assert score(audited, lead, "lead1", others) == 404
    with audited.desk.database.write() as session:
        own = update(ListeningSample).where(ListeningSample.operator_id == 1)
        session.execute(own.values(operator_id=audited.people.users["lead1"]))
        session.execute(update(User).where(User.username == "lead1").values(team_id=1))
    assert not SAMPLE.findall(shown(lead))
    assert score(audited, lead, "lead1", samples(audited)[-1]) == 404
    assert signed_in(audited, "operator1").get(PAGE).status_code == 403
    admin = signed_in(audited, "admin1")  # sets it up, hears nothing, scores nothing
    assert len(SAMPLE.findall(shown(admin))) == 5
    assert score(audited, admin, "admin1", others) == 403


def test_the_file_has_what_may_be_seen_and_is_noted(audited: SmallDesk) -> None:
    lead, manager = signed_in(audited, "lead1"), signed_in(audited, "manager1")
    path = f"{PAGE}.csv?week={MONDAY}"
    assert lead.get(path).status_code == 404  # not drawn yet
    shown(lead)
    rows = [each for each in samples(audited) if each.operator_id == 1]
    for each in rows:
        score(audited, lead, "lead1", each, forbidden_acts="missed")
    for browser, sheets in ((lead, 3), (manager, 3 - sum(each.second_wanted for each in rows))):
        answer = browser.get(path)
        text = answer.get_data(as_text=True)
        assert text.startswith("\ufeff")
        header, *lines = csv.reader(io.StringIO(text.lstrip("\ufeff")))
        assert header[:3] == ["週の初日", "チーム", "オペレーター"]
        assert len(lines) == 7 * sheets
        assert {(line[0], line[2], line[11], line[12]) for line in lines} == {
            (MONDAY.isoformat(), "operator1", "0.0", "1")
        }
    with audited.desk.database.read() as session:
        actions = session.scalars(select(AuditRow.action)).all()
    assert actions.count("listening.exported") == 2


def test_a_new_sheet_is_a_version_and_drawn_weeks_keep_theirs(audited: SmallDesk) -> None:
    lead, manager = signed_in(audited, "lead1"), signed_in(audited, "manager1")
    shown(lead)
    form = {"per_operator": "5", "second_percent": "50", "based_on": "1"}
    lines = criteria_form(("manner", "話し方", "", "40"), ("", "傾聴", "", "60"))
    assert lead.post(f"{PAGE}/settings", {**form, **lines}).status_code == 403
    for wrong in ({"per_operator": "0"}, {"second_percent": "101"}, {"per_operator": "many"}):
        refused = manager.post(f"{PAGE}/settings", {**form, **lines, **wrong})
        assert refused.status_code == 400, wrong
        assert "傾聴" in refused.get_data(as_text=True)
    assert manager.post(f"{PAGE}/settings", {**form, **lines}).status_code == 303
    assert manager.post(f"{PAGE}/settings", {**form, **lines}).status_code == 409
    with audited.desk.database.read() as session:
        made = session.get_one(ListeningSetting, 2)
    assert [(each["code"], each["knock_out"]) for each in made.criteria] == [
        *(("manner", False), ("v2_2", True)),
    ]
    first = samples(audited)[0]
    page = shown(lead, f"{PAGE}/{first.id}")
    assert page.count("<fieldset") == 7
    assert score(audited, lead, "lead1", first) == 303


def test_only_weeks_that_have_ended_can_be_opened(audited: SmallDesk) -> None:
    lead = signed_in(audited, "lead1")
    for week in ("soon", "2026-11-17", "2026-11-23", "2020-01-06"):
        assert lead.get(f"{PAGE}?week={week}").status_code == 404, week
    assert not samples(audited)


def test_a_week_without_recordings_stays_undrawn(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    assert "録音のある通話がありませんでした" in shown(lead)
    assert "採点の終わった通話がまだありません" in shown(lead, f"{PAGE}/results")
    for wrong in ("?show=best", "?after=1", "?after=x.1", f"?after={'9' * 40}.1"):
        assert lead.get(PAGE + wrong).status_code == 400, wrong
    assert lead.get(f"{PAGE}/results?weeks=99").status_code == 400
    assert lead.get(f"{PAGE}/results?after={'9' * 40}").status_code == 200
    with small_desk.desk.database.read() as session:
        assert not session.scalars(select(ListeningWeek)).all()
