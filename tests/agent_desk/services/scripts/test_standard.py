"""The standard flow of collections: offered, in order, with the time of each step (A23)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agent_desk.models.campaigns import Campaign
from agent_desk.models.scripts import ScriptTick, ScriptVersion
from agent_desk.services.scripts.lint import lint, lint_for_third_party
from agent_desk.services.scripts.parsing import parse
from agent_desk.services.scripts.standard import standard_text
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk

IDENTIFY = "私、{担当姓}と申します。{顧客カナ}様でいらっしゃいますでしょうか。"
EXPLAIN = "お支払い期日を過ぎておりますご契約についてご連絡いたしました。"
ASK = "お支払いのご都合はいかがでしょうか。"
OFFER = "分割払いなどのご相談も承っております。"
STEPS = ("identification", "recording_notice", "explanation", "intent", "offer")


def test_a23_the_four_sentences_stand_in_order_and_break_no_rule() -> None:
    text = standard_text("collections", "customer")
    places = [text.index(sentence) for sentence in (IDENTIFY, EXPLAIN, ASK, OFFER)]
    assert places == sorted(places)
    script = parse(text)
    assert [step.after_identity for step in script.steps] == [False, True, True, True]
    assert tuple(each.code for each in script.statements) == STEPS
    found = lint(script, kind="collections")
    assert [(each.level, each.word) for each in found] == [("warning", "{会社名}")]
    others = parse(standard_text("collections", "third_party"))
    assert lint_for_third_party(others) == []
    assert standard_text("sales", "customer") == ""


def test_a23_it_is_offered_where_scripts_are_written_and_begins_a_new_campaign(
    small_desk: SmallDesk,
) -> None:
    admin = signed_in(small_desk, "admin1")
    scripts = "/admin/scripts?campaign=1"
    assert 'data-testid="script-standard"' in admin.get(scripts).get_data(as_text=True)
    loaded = admin.get(f"{scripts}&template=standard").get_data(as_text=True)
    assert all(sentence in loaded for sentence in (IDENTIFY, EXPLAIN, ASK, OFFER))
    with small_desk.desk.database.read() as session:
        assert session.scalars(select(ScriptVersion)).all() == [], "looked at, not saved"
    team = small_desk.people.centre.team_id
    wanted = {"purpose": "collections", "name": "督促", "product": "カード", "teams": str(team)}
    answer = admin.post("/admin/campaigns/new", wanted)
    assert answer.status_code == 303
    with small_desk.desk.database.read() as session:
        made = session.scalars(select(Campaign).where(Campaign.name == "督促")).one()
        [first] = session.scalars(select(ScriptVersion)).all()
    assert made.script == first.text == standard_text("collections", "customer")
    assert made.third_party_script == standard_text("collections", "third_party")
    assert (first.campaign_id, first.version, first.by) == (made.id, 1, "admin1")
    wizard = admin.get(f"/admin/campaigns/{made.id}/talk").get_data(as_text=True)
    assert 'data-testid="standard-flow"' in wizard
    sold = admin.get(f"/admin/scripts?campaign={small_desk.people.other_campaign_id}")
    assert "script-standard" not in sold.get_data(as_text=True)


def test_a23_the_flow_keeps_its_order_and_the_time_of_each_step(shift: Shift) -> None:
    desk = shift.desk
    form = {"do": "save", "audience": "customer", "based_on": "0"}
    text = standard_text("collections", "customer").replace("{会社名}", "みなとカード")
    assert signed_in(desk, "lead1").post("/admin/scripts/1", {**form, "text": text})
    call_id = shift.talk()
    told = shift.page.follow()["call"]["script"]
    assert [step["title"] for step in told["steps"]] == ["1 名乗りとご本人確認"]
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    told = shift.page.follow()["call"]["script"]
    assert [step["title"][0] for step in told["steps"]] == ["1", "2", "3", "4"]
    for place, statement in enumerate(STEPS):
        for later in STEPS[place + 1 :]:
            early = {"call_id": call_id, "statement": later, "on": True}
            assert shift.page.refused("tick_statement", **early) == "statement-too-early"
        desk.clock.advance(7)
        shift.page.do("tick_statement", call_id=call_id, statement=statement, on=True)
    with desk.desk.database.read() as session:
        rows = session.scalars(select(ScriptTick).order_by(ScriptTick.at)).all()
    assert tuple(row.statement for row in rows) == STEPS
    waits = [
        (after.at - before.at).total_seconds()
        for before, after in zip(rows, rows[1:], strict=False)
    ]
    assert waits == [pytest.approx(7, abs=0.1)] * 4
