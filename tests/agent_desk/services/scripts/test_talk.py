"""A script in a live call, and its versions: through the doors the pages use."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.audit import AuditRow
from agent_desk.models.scripts import ScriptTick
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.statuses import StatusWanted
from agent_desk.services.errors import ServiceError
from agent_desk.services.scripts.editing import Edited, ScriptEditing
from tests.agent_desk.small_desk import BORN, Shift

TEXT = """# 名乗り
[!] identification: 名乗った
-> ご本人: ご用件
# ご用件 !
[ ] recording_notice: 録音を伝えた
お支払いの件です。"""
LEAD = Actor("lead1", "lead")


def save(scripts: ScriptEditing, text: str, actor: Actor = LEAD, **given: Any) -> Edited:
    [(campaign_id, _), *_] = scripts.campaigns(None)
    based_on = scripts.open(campaign_id, teams=None).version
    given = {"based_on": based_on, "allowed": "", **given}
    return scripts.save(campaign_id, text, teams=None, actor=actor, **given)


@pytest.fixture
def scripted(shift: Shift) -> Shift:
    """The campaign has a script of two steps; the second is for after 本人確認."""
    save(shift.desk.desk.scripts, TEXT)
    return shift


def shown(shift: Shift) -> dict[str, Any]:
    found: dict[str, Any] = shift.page.follow()["call"]["script"]
    return found


def test_what_speaks_of_the_matter_is_sent_after_the_identity_check(scripted: Shift) -> None:
    call_id = scripted.talk()
    before = shown(scripted)
    assert [step["title"] for step in before["steps"]] == ["名乗り"]
    assert before["withheld"]
    scripted.page.do("check_identity", call_id=call_id, answer=BORN)
    after = shown(scripted)
    assert [step["title"] for step in after["steps"]] == ["名乗り", "ご用件"]
    assert not after["withheld"]


def test_r31_a_tick_is_kept_shown_and_audited_and_the_result_waits_for_it(scripted: Shift) -> None:
    call_id = scripted.talk()
    scripted.page.do("check_identity", call_id=call_id, answer=BORN)
    scripted.end(call_id)
    assert scripted.page.refused("save_result", call_id=call_id, note="") == "statements-missing"
    scripted.page.do("tick_statement", call_id=call_id, statement="identification", on=True)
    assert shown(scripted)["ticks"] == {"identification": True}
    scripted.page.do("save_result", call_id=call_id, note="")
    with scripted.desk.desk.database.read() as session:
        [tick] = session.scalars(select(ScriptTick)).all()
        actions = session.scalars(select(AuditRow.action)).all()
    assert (tick.statement, tick.ticked, tick.version) == ("identification", True, 1)
    assert tick.at == scripted.desk.clock.now(), "when the name was given"
    assert "script.ticked" in actions and "script.saved" in actions


def test_who_could_not_say_it_says_so_and_may_save(scripted: Shift) -> None:
    call_id = scripted.talk()
    scripted.page.do("check_identity", call_id=call_id, answer=BORN)
    scripted.page.do("tick_statement", call_id=call_id, statement="identification", on=False)
    scripted.end(call_id)
    scripted.page.do("save_result", call_id=call_id, note="")


def test_a_call_in_which_nobody_was_reached_waits_for_nothing(scripted: Shift) -> None:
    call_id = scripted.talk()
    scripted.end(call_id)
    scripted.page.do("save_result", call_id=call_id, note="", counterpart="nobody")


def test_a_statement_the_script_has_not_is_refused(scripted: Shift) -> None:
    call_id = scripted.talk()
    refused = scripted.page.refused
    assert refused("tick_statement", call_id=call_id, statement="x", on=True) == (
        "statement-unknown"
    )
    assert refused("tick_statement", call_id="f" * 32, statement="identification", on=True) == (
        "not-your-call"
    )


def test_versions_follow_each_other_and_none_is_lost(scripted: Shift) -> None:
    scripts = scripted.desk.desk.scripts
    second = save(scripts, TEXT + "\n失礼いたします。")
    assert second.version == 2
    assert [each.version for each in second.versions] == [2, 1]
    with pytest.raises(ServiceError, match="script-changed"):
        save(scripts, TEXT, based_on=1)


def test_r35_stops_a_save_unless_compliance_says_why_not(scripted: Shift) -> None:
    scripts = scripted.desk.desk.scripts
    bad = TEXT + "\n法的措置を取ります。"
    for actor, allowed in ((LEAD, ""), (LEAD, "顧問弁護士承認"), (Actor("admin1", "admin"), "")):
        with pytest.raises(ServiceError, match="script-refused"):
            save(scripts, bad, actor, allowed=allowed)
    saved = save(scripts, bad, Actor("admin1", "admin"), allowed="顧問弁護士承認")
    assert saved.versions[0].allowed == "顧問弁護士承認"
    assert [each["code"] for each in saved.versions[0].lint] == ["legal-action"]


def test_a_script_of_another_team_is_out_of_scope(scripted: Shift) -> None:
    scripts = scripted.desk.desk.scripts
    [(campaign_id, _), *_] = scripts.campaigns(None)
    with pytest.raises(ServiceError, match="not-in-scope"):
        scripts.open(campaign_id, teams=frozenset({999}))


# --- third parties -------------------------------------------------------------------------------

FOR_OTHERS = """# 名乗り
私は{担当姓}と申します。
[ ] identification: 名乗った
またおかけ直しいたします。"""


def save_for_others(shift: Shift, text: str, actor: Actor = LEAD) -> Edited:
    scripts = shift.desk.desk.scripts
    [(campaign_id, _), *_] = scripts.campaigns(None)
    based_on = scripts.open(campaign_id, teams=None, audience="third_party").version
    return scripts.save(
        campaign_id,
        text,
        based_on=based_on,
        allowed="",
        teams=None,
        actor=actor,
        audience="third_party",
    )


def test_r33_somebody_else_is_told_what_the_campaign_says_to_others_and_the_customer_the_rest(
    scripted: Shift,
) -> None:
    assert save_for_others(scripted, FOR_OTHERS).version == 1
    call_id = scripted.talk()
    assert shown(scripted)["audience"] == "customer"
    scripted.page.do("third_party", call_id=call_id)
    told = shown(scripted)
    assert told["audience"] == "third_party" and not told["withheld"]
    assert "お支払い" not in str(told)
    scripted.page.do("tick_statement", call_id=call_id, statement="identification", on=True)
    assert shown(scripted)["ticks"] == {"identification": True}, "who gave their name, and when"
    scripted.page.do("check_identity", call_id=call_id, answer=BORN)
    assert shown(scripted)["audience"] == "customer", "the person came to the telephone"


def test_without_one_of_its_own_a_campaign_shows_what_it_always_has(scripted: Shift) -> None:
    call_id = scripted.talk()
    scripted.page.do("third_party", call_id=call_id)
    assert shown(scripted)["audience"] == "customer"


@pytest.mark.parametrize(
    "text",
    [
        FOR_OTHERS.replace("[ ] identification: 名乗った", ""),
        FOR_OTHERS + "\n# ご用件 !\nお話があります。",
        FOR_OTHERS + "\nお支払いの件です。",
    ],
)
def test_r33_what_may_not_be_said_to_others_is_not_saved(scripted: Shift, text: str) -> None:
    with pytest.raises(ServiceError, match="script-refused"):
        save_for_others(scripted, text)


def test_the_versions_of_the_two_are_counted_apart(scripted: Shift) -> None:
    save_for_others(scripted, FOR_OTHERS)
    save_for_others(scripted, FOR_OTHERS + "\n失礼いたします。")
    [(campaign_id, _), *_] = scripted.desk.desk.scripts.campaigns(None)
    numbers = [
        [
            each.version
            for each in scripted.desk.desk.scripts.open(
                campaign_id, teams=None, audience=audience
            ).versions
        ]
        for audience in ("customer", "third_party")
    ]
    assert numbers == [[1], [2, 1]]


def test_r33_a_status_for_talks_with_others_waits_for_one(scripted: Shift) -> None:
    desk = scripted.desk.desk
    wanted = StatusWanted("family", "家族", "Family", "7", third_party=True)
    desk.statuses.put(CampaignId(scripted.desk.campaign_id), wanted, actor=LEAD, teams=None)
    call_id = scripted.talk()
    press = {"call_id": call_id, "code": "family", "on": True}
    assert scripted.page.refused("mark_status", **press) == "third-party-needed"
    scripted.page.do("third_party", call_id=call_id)
    scripted.page.do("mark_status", **press)
    assert scripted.page.follow()["call"]["codes"] == ["family"]
